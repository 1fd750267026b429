//! The loop: whatever comes next happens, each step of a process is counted, and chance is the seed's.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::books::{Books, Fenced, Request};
use super::carrier::{ADDRESS, Carrier, CarrierAct};
use super::plan::{self, Disturbance, Outage, Plan, Rates};
use super::process::{Asked, Item, Process};
use super::setting::{self, LEADS};
use super::trail::Trail;
use super::witness::Witness;
use super::{Report, judge, network};
use crate::compliance::Rulebooks;
use crate::dialer::{Command, Input};
use crate::domain::{Campaign, later};
use crate::server::promises::COMMIT_AGE_MAX;
use crate::sim::{Chance, Timeline};

/// How often a process looks at the age of its last commit, as the server has it.
const LOOK_EVERY: SignedDuration = SignedDuration::from_millis(50);
/// A process that has not shown life for so long has lost its lease.
const LEASE: SignedDuration = SignedDuration::from_secs(5);
/// More happenings than that are a world that goes round in circles.
const HAPPENINGS_MAX: u64 = 3_000_000;

/// What will happen.
#[derive(Debug)]
pub(super) enum Happening {
    Carrier(CarrierAct),
    Disturb(Disturbance),
    Look(u32),
    /// A step of a process.
    Op(u32, Item),
    /// A packet arrives.
    Packet {
        from: SocketAddr,
        to: SocketAddr,
        bytes: Bytes,
    },
    /// A process starts there.
    Start(SocketAddr),
    /// A request of a process comes to its turn in the books.
    Store(u32, Asked, Request),
    Thaw(u32),
    /// Another process takes over, if the lease has run out.
    TakeOver,
}

/// A dialer, its books, its carrier, its agents, and everything that goes wrong.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) chance: Chance,
    pub(super) rates: Rates,
    pub(super) now: Timestamp,
    pub(super) timeline: Timeline<Happening>,
    pub(super) books: Books,
    /// The books are busy until then: requests keep their order.
    books_free_at: Timestamp,
    outage: Option<(Outage, Timestamp)>,
    pub(super) witness: Witness,
    pub(super) trail: Trail,
    pub(super) carrier: Carrier,
    pub(super) processes: BTreeMap<u32, Process>,
    /// The one that was started last, while it is there.
    pub(super) current: Option<u32>,
    pub(super) started: u32,
    /// Of every process that has ever been: its token, and its clock against the right one.
    pub(super) runs: BTreeMap<u32, (i64, SignedDuration)>,
    /// The wall clock, against the right one.
    pub(super) wall_off: SignedDuration,
    storm: bool,
    operations: u64,
    kills: u32,
    pub(super) campaign: Arc<Campaign>,
    pub(super) rulebooks: Rulebooks,
    pub(super) ends_at: Timestamp,
}

/// Runs a plan to its end, and judges.
pub fn run(plan: &Plan) -> Report {
    let mut world = World::new(plan.clone());
    world.go();
    let violations = judge::judge(&world.books, &world.witness, setting::terms());
    let seen = || world.witness.calls.values();
    let invites = seen().filter(|seen| seen.invite_at.is_some()).count();
    let answers = seen().filter(|seen| seen.answer.is_some()).count();
    let unknown = seen().filter(|seen| seen.unknown).count();
    let (operations, kills) = (world.operations, world.kills);
    let (hash, lines) = world.trail.close();
    Report { hash, operations, kills, invites, answers, unknown, violations, lines }
}

impl World {
    fn new(plan: Plan) -> Self {
        let mut chance = Chance::new(plan.seed);
        let rates = if plan.faults { Rates::of(&mut chance) } else { Rates::NONE };
        let now = setting::begins_at();
        let mut books = Books::new((1..=LEADS).filter_map(setting::number), now);
        books.bug = plan.bug;
        let mut world = Self {
            rates,
            now,
            timeline: Timeline::default(),
            books,
            books_free_at: now,
            outage: None,
            witness: Witness::default(),
            trail: Trail::new(plan.keep_lines),
            carrier: Carrier::new(plan.seed ^ 0xca11),
            processes: BTreeMap::new(),
            current: None,
            started: 0,
            runs: BTreeMap::new(),
            wall_off: SignedDuration::ZERO,
            storm: false,
            operations: 0,
            kills: 0,
            campaign: Arc::new(setting::campaign(plan.seed)),
            rulebooks: setting::rulebooks(),
            ends_at: later(now, plan::BEFORE_NINE + plan::AFTER_NINE),
            plan,
            chance,
        };
        world.timeline.plan(now, Happening::Start(setting::ADDRESS));
        let mut planned = plan::requests(&mut world.chance, now, LEADS);
        if world.plan.faults {
            planned.extend(plan::disturbances(&mut world.chance, now));
        }
        for (at, disturbance) in planned {
            world.timeline.plan(at, Happening::Disturb(disturbance));
        }
        world
    }

    fn go(&mut self) {
        let last = later(self.ends_at, plan::HANGOVER);
        for _ in 0..HAPPENINGS_MAX {
            let wake =
                self.processes.iter().filter_map(|(id, process)| Some((process.wakes_at()?, *id)));
            let wake = wake.min();
            let next_at = self.timeline.next_at();
            match wake {
                Some((at, id)) if next_at.is_none_or(|next| at <= next) => {
                    self.now = self.now.max(at);
                    if self.counts("a deadline", id) {
                        self.wake(id);
                    }
                }
                _ => {
                    let Some((at, happening)) = self.timeline.pop() else { return };
                    self.now = self.now.max(at);
                    self.happen(happening);
                }
            }
            if self.now > last || (self.now > self.ends_at && self.is_at_rest()) {
                return;
            }
        }
        self.trail.note(self.now, format_args!("the world goes round in circles"));
    }

    fn is_at_rest(&self) -> bool {
        self.witness.live() == 0 && self.books.are_at_rest() && self.current.is_some()
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Carrier(act) => self.carrier_acts(act),
            Happening::Disturb(disturbance) => self.disturb(disturbance),
            Happening::Look(id) => self.look(id),
            Happening::Op(id, item) => self.operate(id, item),
            Happening::Packet { from, to, bytes } => self.arrive(from, to, bytes),
            Happening::Start(address) => self.start_at(address),
            Happening::Store(id, asked, request) => self.apply(id, asked, request),
            Happening::Thaw(id) => self.thaw(id),
            Happening::TakeOver => self.take_over(),
        }
    }

    /// Counts a step, and kills the process before it when that is planned. Whether it goes on.
    fn counts(&mut self, what: &str, id: u32) -> bool {
        self.operations += 1;
        self.trail.note(self.now, format_args!("{} p{id} {what}", self.operations));
        if self.plan.kill_at == Some(self.operations) {
            self.kill();
        }
        self.processes.contains_key(&id)
    }

    fn operate(&mut self, id: u32, item: Item) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        // A first packet of audio is with the system when its process is stopped.
        if process.frozen && !matches!(item, Item::Audio(_)) {
            return process.backlog.push_back(item);
        }
        let what = match &item {
            Item::Packet(..) => "a packet".to_owned(),
            other => format!("{other:?}"),
        };
        if self.counts(what.split(['{', '(']).take(3).collect::<Vec<_>>().join(" ").trim(), id) {
            self.step(id, item);
        }
    }

    /// A packet on its way: lost, doubled or late by the seed.
    pub(super) fn send(&mut self, from: SocketAddr, to: SocketAddr, bytes: Bytes) {
        self.trail.bytes(&bytes);
        for at in network::arrivals(&mut self.chance, self.rates, self.storm, self.now) {
            self.timeline.plan(at, Happening::Packet { from, to, bytes: bytes.clone() });
        }
    }

    fn arrive(&mut self, from: SocketAddr, to: SocketAddr, bytes: Bytes) {
        if to == ADDRESS {
            return self.carrier_hears(from, &bytes);
        }
        let there = self.processes.iter().find(|(_, process)| process.address == to);
        let Some(id) = there.map(|(id, _)| *id) else { return };
        self.operate(id, Item::Packet(from, bytes));
    }

    /// A process asks the books; what it asked before comes first.
    pub(super) fn ask(&mut self, id: u32, asked: Asked, request: Request) {
        let slow = matches!(self.outage, Some((Outage::Slow, until)) if self.now < until);
        let most_us = if slow { 2_000_000 } else { 3_500 };
        let takes = SignedDuration::from_micros(300 + self.chance.one_of(most_us) as i64);
        self.books_free_at = later(self.now, takes).max(self.books_free_at);
        self.timeline.plan(self.books_free_at, Happening::Store(id, asked, request));
    }

    fn apply(&mut self, id: u32, asked: Asked, request: Request) {
        match self.outage {
            Some((Outage::Locked, until)) if self.now < until => {
                return self.timeline.plan(until, Happening::Store(id, asked, request));
            }
            Some((Outage::Down, until)) if self.now < until => return self.answer(id, asked, None),
            Some(_) | None => {}
        }
        let alive = self.processes.contains_key(&id)
            && self.counts(&format!("the books apply {asked:?}"), id);
        // What was on its way when its process was killed may still come.
        if !alive && !self.chance.happens(self.rates.outlives) {
            return;
        }
        let Some((run, off)) = self.runs.get(&id).copied() else { return };
        if self.chance.happens(self.rates.fails_before) {
            return self.answer(id, asked, None);
        }
        match self.books.apply(run, &request, self.now, self.now + off) {
            Err(Fenced) => {
                self.trail.note(self.now, format_args!("p{id} has lost the books"));
                self.timeline.plan(self.now, Happening::Op(id, Item::Fenced));
            }
            Ok(answer) => {
                self.note_answer(id, &answer);
                let heard = !self.chance.happens(self.rates.fails_after);
                let again = !matches!(asked, Asked::Claim(_)) && self.chance.happens(0.5);
                if !heard && again {
                    // As the writer does with a group whose commit it has not heard of.
                    let again_at = self.now + SignedDuration::from_millis(1);
                    return self.timeline.plan(again_at, Happening::Store(id, asked, request));
                }
                self.answer(id, asked, heard.then_some(answer));
            }
        }
    }

    fn note_answer(&mut self, id: u32, answer: &super::books::Answer) {
        if let super::books::Answer::Claimed(_, leads, _) = answer {
            let ids: Vec<i64> = leads.iter().map(|lead| lead.id.0).collect();
            self.trail.note(self.now, format_args!("p{id} claims {ids:?}"));
        }
    }

    fn answer(&mut self, id: u32, asked: Asked, answer: Option<super::books::Answer>) {
        let at = self.now + SignedDuration::from_micros(50 + self.chance.one_of(300) as i64);
        self.timeline.plan(at, Happening::Op(id, Item::Answer(asked, answer)));
    }

    fn look(&mut self, id: u32) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        self.timeline.plan(self.now + LOOK_EVERY, Happening::Look(id));
        if process.frozen {
            return;
        }
        let age = process.pulse.age(self.now + process.off);
        let moved = (self.wall_off - process.off).abs();
        if let Some(command) = process.watch.look(age, moved) {
            self.trail.note(self.now, format_args!("p{id} {command:?}"));
            self.fact(id, Input::Command(command));
        }
    }

    fn disturb(&mut self, disturbance: Disturbance) {
        self.trail.note(self.now, format_args!("{disturbance:?}"));
        match disturbance {
            Disturbance::ClockIsRight => {
                self.wall_off = SignedDuration::ZERO;
                self.follow_the_wall_clock();
            }
            Disturbance::ClockMoves(seconds) => {
                self.wall_off = SignedDuration::from_secs(seconds);
                self.follow_the_wall_clock();
            }
            Disturbance::DoNotCall(lead) => {
                let (Some(id), Some(number)) = (self.current, setting::number(lead)) else {
                    return;
                };
                self.ask(id, Asked::DoNotCall, Request::DoNotCall(number));
            }
            Disturbance::Freeze { length, standby } => self.freeze(length, standby),
            Disturbance::Kill => self.kill(),
            Disturbance::Outage(outage, length) => {
                self.outage = Some((outage, later(self.now, length)));
            }
            Disturbance::Storm(storm) => self.storm = storm,
            Disturbance::Vanish(agent) => {
                let Some(id) = self.current else { return };
                let vanish = Item::Desk(agent, super::floor::DeskAct::Vanish);
                self.timeline.plan(self.now, Happening::Op(id, vanish));
            }
        }
    }

    fn freeze(&mut self, length: SignedDuration, standby: bool) {
        let Some(id) = self.current else { return };
        let Some(process) = self.processes.get_mut(&id).filter(|process| !process.frozen) else {
            return;
        };
        process.frozen = true;
        self.timeline.plan(later(self.now, length), Happening::Thaw(id));
        if standby {
            self.timeline.plan(later(self.now, LEASE), Happening::TakeOver);
        }
    }

    fn take_over(&mut self) {
        let frozen = self.current.filter(|id| self.processes.get(id).is_some_and(|p| p.frozen));
        let down =
            matches!(self.outage, Some((Outage::Down | Outage::Locked, until)) if self.now < until);
        let lapsed = self.now.duration_since(self.books.alive_at) >= LEASE;
        if frozen.is_none() {
            return;
        }
        if down || !lapsed {
            return self.timeline.plan(later(self.now, COMMIT_AGE_MAX), Happening::TakeOver);
        }
        self.start(setting::STANDBY);
    }

    fn thaw(&mut self, id: u32) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        process.frozen = false;
        let backlog = std::mem::take(&mut process.backlog);
        for item in backlog {
            self.timeline.plan(self.now, Happening::Op(id, item));
        }
    }

    /// As `kill -9` does.
    fn kill(&mut self) {
        let Some(id) = self.current.take() else { return };
        let Some(process) = self.processes.remove(&id) else { return };
        self.kills += 1;
        // Between a packet and its row lie some milliseconds: docs/durability.md says so.
        for (call_id, seen) in &mut self.witness.calls {
            let up = seen.process == id && seen.ack_left && seen.over_at.is_none();
            seen.unknown |= up && !self.books.known_up.contains(call_id);
        }
        self.trail.note(self.now, format_args!("p{id} is killed"));
        let after = SignedDuration::from_millis(200 + self.chance.one_of(900) as i64);
        self.timeline.plan(later(self.now, after), Happening::Start(process.address));
    }

    /// A process that has lost its books ends its calls and then itself: who has them goes on.
    pub(super) fn leave(&mut self, id: u32) {
        let Some(process) = self.processes.get_mut(&id) else { return };
        process.fenced = true;
        self.drive(id, |trunks, now| trunks.hang_up_all(now));
        if self.current == Some(id) {
            self.current = None;
            let at = later(self.now, COMMIT_AGE_MAX);
            self.timeline.plan(at, Happening::Start(setting::ADDRESS));
        }
    }

    fn start_at(&mut self, address: SocketAddr) {
        let down =
            matches!(self.outage, Some((Outage::Down | Outage::Locked, until)) if self.now < until);
        if down {
            let again = later(self.now, SignedDuration::from_millis(300));
            return self.timeline.plan(again, Happening::Start(address));
        }
        self.start(address);
    }

    /// Tells the process that starts how things stand.
    pub(super) fn introduce(&mut self, id: u32) {
        use crate::dialer::CampaignPhase;
        let campaign = self.campaign.clone();
        let phase = Command::Phase(campaign.id, CampaignPhase::Running);
        self.fact(id, Input::Command(Command::Campaign(campaign)));
        self.fact(id, Input::Command(phase));
        self.timeline.plan(self.now, Happening::Op(id, Item::Beat));
        self.timeline.plan(later(self.now, LOOK_EVERY), Happening::Look(id));
        self.agents_come(id);
        let end = |command| Happening::Op(id, Item::Fact(Input::Command(command)));
        self.timeline.plan(self.ends_at.max(self.now), end(Command::Drain));
        let at = later(self.ends_at, SignedDuration::from_secs(20)).max(self.now);
        self.timeline.plan(at, end(Command::HangUpAll));
    }
}
