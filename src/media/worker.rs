//! The media thread: every 20 ms, every leg.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedSender;

use super::engine::SharedPorts;
use super::leg::MediaLeg;
use super::recorder::{Recording, Writer};
use super::{LegId, MediaEvent, MediaFact, Repeat, tones};
use crate::amd::Detector;
use crate::clock;
use crate::domain::{Digit, MediaTarget};
use crate::rtp::Frame;

const TICK: SignedDuration = SignedDuration::from_millis(20);
/// The largest packet that is looked at whole.
const BUFFER: usize = 2048;
/// A thread that has slept through so much does not send it all at once.
const CATCH_UP_MAX: SignedDuration = SignedDuration::from_millis(200);

/// What the owner wants.
#[derive(Debug)]
pub(super) enum Command {
    Bridge { call: LegId, seat: LegId },
    Close { leg: LegId },
    Connect { leg: LegId, target: MediaTarget },
    Open(Box<MediaLeg>),
    Play { leg: LegId, samples: Arc<[i16]>, repeat: Repeat },
    Record { leg: LegId, file: String },
    Screen { leg: LegId, detector: Box<Detector> },
    SendDigit { leg: LegId, digit: Digit },
    Stop { leg: LegId },
    Unbridge { leg: LegId },
}

pub(super) struct Worker {
    pub commands: Receiver<Command>,
    pub facts: UnboundedSender<MediaFact>,
    pub ports: SharedPorts,
    pub silence_max: SignedDuration,
    pub writer: Writer,
    pub legs: BTreeMap<LegId, MediaLeg>,
}

impl Worker {
    /// Ticks until every [`Engine`](super::Engine) is gone, then closes what is open.
    pub(super) fn run(mut self) {
        let mut due = clock::now();
        let mut buffer = vec![0; BUFFER];
        loop {
            let now = clock::now();
            if !self.obey(now) {
                break;
            }
            self.tick(now, &mut buffer);
            due += TICK;
            let now = clock::now();
            if now.duration_since(due) > CATCH_UP_MAX {
                due = now;
            }
            if let Ok(left) = std::time::Duration::try_from(due.duration_since(now)) {
                std::thread::sleep(left);
            }
        }
        let now = clock::now();
        for id in self.legs.keys().copied().collect::<Vec<_>>() {
            self.close(id, now);
        }
    }

    /// Carries out what was asked since the last tick; false when nobody can ask any more.
    fn obey(&mut self, now: Timestamp) -> bool {
        loop {
            match self.commands.try_recv() {
                Ok(command) => self.carry_out(command, now),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn carry_out(&mut self, command: Command, now: Timestamp) {
        match command {
            Command::Bridge { call, seat } => self.bridge(call, seat),
            Command::Close { leg } => self.close(leg, now),
            Command::Connect { leg, target } => self.with(leg, |leg| leg.connect(target, now)),
            Command::Open(leg) => {
                self.legs.insert(leg.id, *leg);
            }
            Command::Play { leg, samples, repeat } => {
                self.with(leg, |leg| leg.play(samples, repeat));
            }
            Command::Record { leg, file } => {
                self.with(leg, |leg| leg.recording = Some(Recording::new(file)));
            }
            Command::Screen { leg, detector } => {
                self.with(leg, |leg| leg.screening = Some(*detector));
            }
            Command::SendDigit { leg, digit } => self.with(leg, |leg| leg.press(digit)),
            Command::Stop { leg } => self.with(leg, MediaLeg::stop),
            Command::Unbridge { leg } => self.unbridge(leg),
        }
    }

    fn with(&mut self, leg: LegId, what: impl FnOnce(&mut MediaLeg)) {
        if let Some(leg) = self.legs.get_mut(&leg) {
            what(leg);
        }
    }

    fn bridge(&mut self, call: LegId, seat: LegId) {
        if call == seat || !self.legs.contains_key(&call) || !self.legs.contains_key(&seat) {
            return;
        }
        self.unbridge(call);
        self.unbridge(seat);
        self.with(call, |leg| leg.bridged = Some(seat));
        self.with(seat, |leg| {
            leg.bridged = Some(call);
            leg.over = Some((tones::CONNECT.clone(), 0));
        });
    }

    fn unbridge(&mut self, leg: LegId) {
        let other = self.legs.get_mut(&leg).and_then(|leg| leg.bridged.take());
        if let Some(other) = other {
            self.with(other, |leg| leg.bridged = None);
        }
    }

    fn close(&mut self, id: LegId, now: Timestamp) {
        self.unbridge(id);
        let Some(mut leg) = self.legs.remove(&id) else { return };
        let (port, stats, recording) = (leg.port, leg.stats(), leg.recording.take());
        // The sockets close before the ports are lent again.
        drop(leg);
        self.ports.give_back(port);
        self.writer.close(now, id, stats, recording);
    }

    fn tick(&mut self, now: Timestamp, buffer: &mut [u8]) {
        for (id, leg) in &mut self.legs {
            let tell = |event| drop(self.facts.send(MediaFact { at: now, leg: *id, event }));
            leg.receive(now, buffer, tell);
            if leg.fell_silent(self.silence_max, now) {
                tell(MediaEvent::Silent);
            }
        }
        let crossed: BTreeMap<LegId, Frame> = self
            .legs
            .iter()
            .filter_map(|(id, leg)| Some((*id, self.legs.get(&leg.bridged?)?.heard)))
            .collect();
        for (id, leg) in &mut self.legs {
            let (sent, played) = leg.send(crossed.get(id), now);
            if played {
                let event = MediaEvent::Played;
                let _ = self.facts.send(MediaFact { at: now, leg: *id, event });
            }
            let heard = leg.heard;
            if let Some(recording) = &mut leg.recording {
                recording.take(*id, &heard, &sent, &self.writer);
            }
        }
    }
}
