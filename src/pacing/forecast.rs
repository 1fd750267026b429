//! Who will be on the line and who will be free, over the next half minute: kept up with every step
//! of a call or an agent, and made anew each half second as they all grow older.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::grid::{Grid, Load, MOMENTS};
use super::observation::{Activity, Stage};
use super::ring::Ring;
use super::staff::Staff;
use crate::domain::{AgentId, CallId, Outcome, Slots};

/// Ages are looked at this often.
pub const TICK_S: f64 = 0.5;

/// The same while nobody dials by them: enough to learn.
const TICK_S_LEARNING: f64 = 5.0;

/// What is learned is put to use this often, and this often while nobody dials by it.
const REFRESH_S: f64 = 20.0;
const REFRESH_S_LEARNING: f64 = 300.0;

/// Nothing for so long: another day.
const NIGHT_S: f64 = 2.0 * 3_600.0;

/// The calls and agents of a campaign, and what is expected of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    pub(super) ring: Ring,
    pub(super) staff: Staff,
    ringing: Slots<CallId, Ringing>,
    screening: BTreeMap<CallId, Screening>,
    waiting: BTreeSet<CallId>,
    agents: BTreeMap<AgentId, Present>,
    from_ringing: Load,
    from_screening: Load,
    freed: Load,
    ticked_s: f64,
    refreshed_s: f64,
    over: f64,
    /// Nobody dials by it: when agents will be free is not asked.
    learns_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ringing {
    began_s: f64,
    ready: Grid,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Screening {
    /// The age at which it was answered.
    answered_s: f64,
    since_s: f64,
    ready: Grid,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Present {
    activity: Activity,
    since_s: f64,
    leaving: bool,
    pace: f64,
    free: Option<Grid>,
}

/// Seconds since the epoch, to the millisecond.
pub fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1_000.0
}

impl Forecast {
    /// An empty floor.
    pub fn new(ring: Ring, staff: Staff) -> Self {
        Self {
            ring,
            staff,
            ringing: Slots::default(),
            screening: BTreeMap::new(),
            waiting: BTreeSet::new(),
            agents: BTreeMap::new(),
            from_ringing: Load::default(),
            from_screening: Load::default(),
            freed: Load::default(),
            ticked_s: f64::NEG_INFINITY,
            refreshed_s: f64::NEG_INFINITY,
            over: 0.0,
            learns_only: false,
        }
    }

    /// Whether somebody dials by it from now on.
    pub fn dial_by(&mut self, yes: bool) {
        if std::mem::replace(&mut self.learns_only, !yes) == yes {
            self.refreshed_s = f64::NEG_INFINITY;
        }
    }

    /// People who are expected to ask for an agent: those of calls on their way, as uncertain as the
    /// answer rate.
    pub fn arrivals(&self) -> Load {
        let mut arrivals = self.from_ringing;
        arrivals.doubt(self.ring.variation());
        arrivals.and(&self.from_screening)
    }

    /// Agents who are expected to become free.
    pub fn freed(&self) -> &Load {
        &self.freed
    }

    /// Calls that ring, the oldest first, with their ages in seconds.
    pub fn ringing(&self) -> impl Iterator<Item = (CallId, f64)> {
        let now_s = self.ticked_s;
        self.ringing.iter().map(move |(id, call)| (id, (now_s - call.began_s).max(0.0)))
    }

    /// What a call that rings adds.
    pub fn ready(&self, call: CallId) -> Option<&Grid> {
        self.ringing.get(&call).map(|call| &call.ready)
    }

    /// Until the next look at all ages. Seconds since the epoch.
    pub fn next_tick_s(&self) -> f64 {
        self.ticked_s + if self.learns_only { TICK_S_LEARNING } else { TICK_S }
    }

    /// An agent does something else.
    pub fn agent(&mut self, id: AgentId, activity: Activity, leaving: bool, now_s: f64) {
        let before = self.agents.get(&id).copied();
        if let Some(before) = before {
            self.lasted(before, now_s);
            if let Some(free) = before.free {
                self.freed.remove(&free);
            }
            if before.activity != activity {
                self.ended(id, before, activity, now_s);
            }
        }
        if activity == Activity::Away {
            self.agents.remove(&id);
            return;
        }
        let same = before.filter(|before| before.activity == activity);
        let since_s = same.map_or(now_s, |same| same.since_s);
        let pace = match activity {
            Activity::Talking => self.staff.talk_pace(id),
            Activity::WrapUp => self.staff.wrap_up_pace(id),
            Activity::Away | Activity::Paused | Activity::Ready => 1.0,
        };
        let mut present = Present { activity, since_s, leaving, pace, free: None };
        self.expect(&mut present, now_s);
        self.agents.insert(id, present);
    }

    /// A call is somewhere else.
    pub fn call(&mut self, id: CallId, stage: Stage, now_s: f64) {
        match stage {
            Stage::Ringing => {
                let ready = *self.ring.ready(0.0);
                self.from_ringing.add(&ready);
                self.ringing.insert(id, Ringing { began_s: now_s, ready });
            }
            Stage::Screening => {
                if let Some(answered_s) = self.stop_ringing(id, now_s) {
                    let ready = match self.learns_only {
                        true => [0.0; MOMENTS],
                        false => self.ring.heard(answered_s, 0.0),
                    };
                    self.from_screening.add(&ready);
                    self.screening.insert(id, Screening { answered_s, since_s: now_s, ready });
                }
            }
            Stage::Waiting => {
                self.found_person(id, now_s);
                self.waiting.insert(id);
            }
            Stage::Connected => {
                self.found_person(id, now_s);
                self.waiting.remove(&id);
            }
            Stage::Over(outcome) => self.over(id, outcome, now_s),
        }
    }

    /// All are older: each half second. `wait_s`: how long a person may wait.
    pub fn tick(&mut self, wait_s: f64, now_s: f64) {
        if now_s < self.next_tick_s() {
            return;
        }
        self.grow_older(now_s);
        if now_s - self.ticked_s > NIGHT_S {
            self.ring.widen();
        }
        self.ring.settle(!self.learns_only);
        let refresh_s = if self.learns_only { REFRESH_S_LEARNING } else { REFRESH_S };
        if now_s - self.refreshed_s >= refresh_s {
            self.ring.refresh(std::mem::take(&mut self.over));
            if !self.learns_only {
                self.staff.refresh(wait_s);
            }
            self.refreshed_s = now_s;
        }
        self.ticked_s = now_s;
        self.expect_anew(now_s);
    }

    fn grow_older(&mut self, now_s: f64) {
        for call in self.ringing.values() {
            let from_s = call.began_s.max(self.ticked_s);
            self.ring.rang(from_s - call.began_s, now_s - call.began_s);
        }
        let agents = std::mem::take(&mut self.agents);
        for present in agents.values() {
            self.lasted(*present, now_s);
        }
        self.agents = agents;
    }

    fn expect_anew(&mut self, now_s: f64) {
        self.from_ringing = Load::default();
        for call in self.ringing.values_mut() {
            call.ready = *self.ring.ready(now_s - call.began_s);
            self.from_ringing.add(&call.ready);
        }
        self.from_screening = Load::default();
        for call in self.screening.values_mut() {
            call.ready = self.ring.heard(call.answered_s, now_s - call.since_s);
            self.from_screening.add(&call.ready);
        }
        self.freed = Load::default();
        let mut agents = std::mem::take(&mut self.agents);
        for present in agents.values_mut() {
            self.expect(present, now_s);
        }
        self.agents = agents;
    }

    /// When this agent will be free.
    fn expect(&mut self, present: &mut Present, now_s: f64) {
        let age_s = now_s - present.since_s;
        present.free = match present.activity {
            _ if present.leaving || self.learns_only => None,
            Activity::Talking => Some(self.staff.after_talk(present.pace, age_s)),
            Activity::WrapUp => Some(self.staff.after_wrap_up(present.pace, age_s)),
            Activity::Away | Activity::Paused | Activity::Ready => None,
        };
        if let Some(free) = &present.free {
            self.freed.add(free);
        }
    }

    /// The time since it was last counted.
    fn lasted(&mut self, present: Present, now_s: f64) {
        let from_s = present.since_s.max(self.ticked_s);
        let (age_s, s) = (now_s - present.since_s, now_s - from_s);
        match present.activity {
            Activity::Talking => self.staff.talks(age_s, s),
            Activity::WrapUp => self.staff.wraps_up(present.pace, age_s, s),
            Activity::Away | Activity::Paused | Activity::Ready => {}
        }
    }

    fn ended(&mut self, id: AgentId, before: Present, next: Activity, now_s: f64) {
        let age_s = now_s - before.since_s;
        match before.activity {
            Activity::Talking => self.staff.talk_ended(id, age_s),
            Activity::WrapUp => {
                // Who had asked for the pause beforehand is not counted as expected back either.
                let pause = next != Activity::Ready && !before.leaving;
                self.staff.wrap_up_ended(id, age_s, pause);
            }
            Activity::Away | Activity::Paused | Activity::Ready => {}
        }
    }

    /// How old the call was that stops to ring.
    fn stop_ringing(&mut self, id: CallId, now_s: f64) -> Option<f64> {
        let call = self.ringing.remove(&id)?;
        self.from_ringing.remove(&call.ready);
        let from_s = call.began_s.max(self.ticked_s);
        let age_s = now_s - call.began_s;
        self.ring.rang(from_s - call.began_s, age_s);
        self.over += 1.0;
        Some(age_s)
    }

    fn stop_screening(&mut self, id: CallId) -> Option<Screening> {
        let call = self.screening.remove(&id)?;
        self.from_screening.remove(&call.ready);
        Some(call)
    }

    fn found_person(&mut self, id: CallId, now_s: f64) {
        if let Some(call) = self.stop_screening(id) {
            self.ring.person(call.answered_s, now_s - call.since_s);
        } else if let Some(age_s) = self.stop_ringing(id, now_s) {
            self.ring.person(age_s, 0.0);
        }
    }

    fn over(&mut self, id: CallId, outcome: Outcome, now_s: f64) {
        self.waiting.remove(&id);
        if let Some(call) = self.stop_screening(id) {
            self.ring.machine(call.answered_s, now_s - call.since_s);
        } else if let Some(age_s) = self.stop_ringing(id, now_s) {
            match outcome {
                Outcome::Cancelled | Outcome::Failed | Outcome::Interrupted => {}
                Outcome::Abandoned
                | Outcome::Announcement
                | Outcome::AnsweringMachine
                | Outcome::Blocked
                | Outcome::Busy
                | Outcome::Declined
                | Outcome::FalseAnswer
                | Outcome::Fax
                | Outcome::HungUp
                | Outcome::InvalidNumber
                | Outcome::MessageLeft
                | Outcome::Messaged
                | Outcome::NoAnswer
                | Outcome::Screener
                | Outcome::Silence
                | Outcome::Talked => self.ring.nobody(age_s),
            }
        }
    }
}
