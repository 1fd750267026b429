//! A media thread: every 20 ms, every leg.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError};

use jiff::SignedDuration;
use tokio::sync::mpsc::UnboundedSender;

use super::batch::Batch;
use super::conference::{Arrangement, Conferences};
use super::first_words::FirstWords;
use super::grid::Grid;
use super::leg::{MediaLeg, Screening};
use super::load::Load;
use super::recorder::Recorder;
use super::{Hears, LegId, MediaFact, Repeat, tones};
use crate::amd::EarlyMedia;
use crate::clock;
use crate::domain::{Digit, MediaTarget};

/// Lines of the grid that a late thread makes up for; what it missed beyond is not sent at all
/// (100 ms).
const CATCH_UP_MAX: u64 = 5;
/// RTCP is looked for every so many ticks (0.5 s), not at every leg in the same one.
const REPORTS_EVERY: u64 = 25;

/// What a worker is told.
#[derive(Debug)]
pub(super) enum Command {
    /// A leg is this worker's: new, or another worker's until now.
    Adopt(Box<MediaLeg>),
    /// For a leg that is this worker's, or on its way to it.
    Order(LegId, Order),
    /// Close every leg and end.
    Shutdown,
}

/// What a leg is told.
#[derive(Debug)]
pub(super) enum Order {
    AwaitGreetingEnd(SignedDuration),
    /// Join this agent's leg with that person's.
    Bridge {
        person: LegId,
        arrangement: Arrangement,
    },
    /// A short tone over what it hears.
    Chime,
    Close,
    /// These hear these.
    Confer {
        hearing: Vec<Hears>,
        arrangement: Arrangement,
    },
    Connect(MediaTarget),
    /// Go to the worker of this number.
    HandOver(usize),
    /// Listen for the network's tones, or no longer.
    HearTones(Option<Box<EarlyMedia>>),
    KeepFirstWords(FirstWords),
    Play(Arc<[i16]>, Repeat),
    Record(String),
    Screen(Box<Screening>),
    SendDigit(Digit),
    Stop,
    Unbridge {
        arrangement: Arrangement,
    },
}

/// A media thread's state.
pub(super) struct Worker {
    pub commands: Receiver<Command>,
    /// Every worker's commands, this one's too.
    pub workers: Vec<SyncSender<Command>>,
    pub facts: UnboundedSender<MediaFact>,
    pub silence_max: SignedDuration,
    pub recorder: Recorder,
    pub grid: Grid,
    /// Lines of the grid that no worker was there for.
    pub missed: Arc<AtomicU64>,
    pub load: Load,
    pub legs: BTreeMap<LegId, MediaLeg>,
    /// Who hears whom, in both directions.
    pub bridges: BTreeMap<LegId, LegId>,
    /// Who hears whom, where it is not two that hear each other.
    pub conferences: Conferences,
    /// Orders for legs that are on their way here.
    pub early: Vec<(LegId, Order)>,
    /// Legs for workers whose queue was full.
    pub leaving: Vec<(usize, Box<MediaLeg>)>,
}

impl Worker {
    /// Ticks until it is told to end, then closes what is open.
    pub(super) fn run(mut self) {
        let mut batch = Batch::new();
        let mut ticks = 0;
        self.start_grid();
        loop {
            if self.is_idle() && !self.rest() {
                break;
            }
            let passed = self.grid.wait();
            let began = clock::now();
            // What was asked until now holds for this tick.
            if !self.obey() {
                break;
            }
            self.missed.fetch_add(passed - 1, Ordering::Relaxed);
            for _ in 0..passed.min(CATCH_UP_MAX) {
                self.tick(&mut batch, ticks);
                ticks += 1;
            }
            if passed > CATCH_UP_MAX {
                let recorder = &self.recorder;
                self.legs.values_mut().for_each(|leg| leg.skip(passed - CATCH_UP_MAX, recorder));
            }
            self.recorder.retry();
            for (worker, leg) in std::mem::take(&mut self.leaving) {
                self.send_over(worker, leg);
            }
            self.load.note(clock::now().duration_since(began), passed > 1);
        }
        for id in self.legs.keys().copied().collect::<Vec<_>>() {
            self.close(id);
        }
        self.recorder.finish();
    }

    fn is_idle(&self) -> bool {
        self.legs.is_empty() && self.leaving.is_empty() && self.recorder.is_idle()
    }

    /// Sleeps until there is a leg; false when none will come.
    fn rest(&mut self) -> bool {
        self.load.rest();
        while self.legs.is_empty() {
            match self.commands.recv() {
                Ok(Command::Shutdown) | Err(_) => return false,
                Ok(command) => self.carry_out(command),
            }
        }
        self.start_grid();
        true
    }

    fn start_grid(&self) {
        if let Err(error) = self.grid.restart() {
            tracing::error!(%error, "the media timer cannot be set");
        }
    }

    /// Carries out what was asked since the last tick; false when it is the end.
    fn obey(&mut self) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(Command::Shutdown) | Err(TryRecvError::Disconnected) => return false,
                Ok(command) => self.carry_out(command),
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Adopt(leg) => self.adopt(*leg),
            Command::Order(id, order) if self.legs.contains_key(&id) => self.order(id, order),
            // The engine names no leg that is closed: this one is on its way.
            Command::Order(id, order) => self.early.push((id, order)),
            Command::Shutdown => {}
        }
    }

    fn adopt(&mut self, leg: MediaLeg) {
        let id = leg.id;
        self.legs.insert(id, leg);
        let early = std::mem::take(&mut self.early);
        for (leg, order) in early {
            self.carry_out(Command::Order(leg, order));
        }
    }

    fn order(&mut self, id: LegId, order: Order) {
        match order {
            Order::Bridge { person, arrangement } => return self.bridge(person, id, arrangement),
            Order::Close => return self.close(id),
            Order::Confer { hearing, arrangement } => return self.confer(hearing, arrangement),
            Order::HandOver(worker) => return self.hand_over(id, worker),
            Order::Unbridge { arrangement } => {
                if self.conferences.is_news(id, arrangement) {
                    self.unbridge(id);
                }
                return;
            }
            Order::AwaitGreetingEnd(_)
            | Order::Chime
            | Order::Connect(_)
            | Order::HearTones(_)
            | Order::KeepFirstWords(_)
            | Order::Play(..)
            | Order::Record(_)
            | Order::Screen(_)
            | Order::SendDigit(_)
            | Order::Stop => {}
        }
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match order {
            Order::Bridge { .. }
            | Order::Close
            | Order::Confer { .. }
            | Order::HandOver(_)
            | Order::Unbridge { .. } => {}
            Order::Chime => leg.lay_over(tones::CONNECT.clone()),
            Order::AwaitGreetingEnd(limit) => leg.await_greeting_end(limit),
            Order::KeepFirstWords(words) => leg.keep_first_words(words),
            Order::Connect(media) => leg.connect(media, clock::now()),
            Order::HearTones(ear) => leg.hear_tones(ear),
            Order::Play(samples, repeat) => leg.play(samples, repeat),
            Order::Record(file) => leg.record(file),
            Order::Screen(screening) => leg.screen(screening),
            Order::SendDigit(digit) => leg.press(digit),
            Order::Stop => leg.stop(),
        }
    }

    fn bridge(&mut self, person: LegId, agent: LegId, arrangement: Arrangement) {
        // The person's leg has gone to another worker since, to another agent: that bridge counts.
        if person == agent || !self.legs.contains_key(&person) {
            return;
        }
        // Either has been arranged otherwise while the agent's leg was on its way here.
        let (persons, agents) = (
            self.conferences.is_news(person, arrangement),
            self.conferences.is_news(agent, arrangement),
        );
        if !(persons && agents) {
            return;
        }
        self.unbridge(person);
        self.unbridge(agent);
        self.bridges.insert(person, agent);
        self.bridges.insert(agent, person);
        let words = self.legs.get_mut(&person).and_then(MediaLeg::take_first_words);
        if let Some(agent) = self.legs.get_mut(&agent) {
            agent.lay_over(tones::CONNECT.clone());
            if let Some(words) = words {
                agent.catch_up(words);
            }
        }
    }

    /// Legs that are on their way here are heard, and hear, as soon as they are there.
    fn confer(&mut self, mut hearing: Vec<Hears>, arrangement: Arrangement) {
        let conferences = &mut self.conferences;
        let named =
            hearing.iter().flat_map(|it| [it.listener, it.speaker]).collect::<BTreeSet<_>>();
        let news: BTreeSet<LegId> =
            named.into_iter().filter(|leg| conferences.is_news(*leg, arrangement)).collect();
        hearing.retain(|it| news.contains(&it.listener) && news.contains(&it.speaker));
        for Hears { listener, speaker } in &hearing {
            self.part(*listener);
            self.part(*speaker);
        }
        self.conferences.set(&hearing);
    }

    fn unbridge(&mut self, id: LegId) {
        self.conferences.leave(id);
        self.part(id);
    }

    fn part(&mut self, id: LegId) {
        if let Some(other) = self.bridges.remove(&id) {
            self.bridges.remove(&other);
            for leg in [id, other] {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.be_present();
                }
            }
        }
    }

    fn hand_over(&mut self, id: LegId, worker: usize) {
        self.unbridge(id);
        self.conferences.forget(id);
        if let Some(leg) = self.legs.remove(&id) {
            self.send_over(worker, Box::new(leg));
        }
    }

    fn send_over(&mut self, worker: usize, leg: Box<MediaLeg>) {
        let Some(commands) = self.workers.get(worker) else { return };
        match commands.try_send(Command::Adopt(leg)) {
            Err(TrySendError::Full(Command::Adopt(leg))) => self.leaving.push((worker, leg)),
            // The other worker has ended, as this one is about to.
            Err(TrySendError::Disconnected(Command::Adopt(leg))) => self.end(*leg),
            Ok(()) | Err(_) => {}
        }
    }

    fn close(&mut self, id: LegId) {
        self.unbridge(id);
        self.conferences.forget(id);
        if let Some(leg) = self.legs.remove(&id) {
            self.end(leg);
        }
    }

    fn end(&mut self, leg: MediaLeg) {
        let (id, now) = (leg.id, clock::now());
        let (stats, recording) = leg.close(now);
        self.recorder.end(now, id, stats, recording);
    }

    fn tick(&mut self, batch: &mut Batch, tick: u64) {
        let now = clock::now();
        let facts = &self.facts;
        // Nobody listens any more: the program ends.
        let tell = |leg, event| drop(facts.send(MediaFact { at: now, leg, event }));
        for (id, leg) in &mut self.legs {
            leg.receive(batch, now, |event| tell(*id, event));
            if (tick + id.0).is_multiple_of(REPORTS_EVERY) {
                leg.receive_reports(batch, now);
            }
            leg.listen(self.silence_max, now, |event| tell(*id, event));
        }
        for (from, to) in &self.bridges {
            let said = self.legs.get(from).map(|leg| leg.said);
            if let Some(leg) = self.legs.get_mut(to) {
                leg.from_peer = said;
            }
        }
        self.conferences.pass_on(&mut self.legs);
        for (id, leg) in &mut self.legs {
            leg.speak(now, |event| tell(*id, event));
            leg.keep(&self.recorder);
        }
    }
}
