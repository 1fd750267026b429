//! The world's loop: whatever comes first, the timeline or the dialer's own deadline, is a fact;
//! what the dialer decides is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::chance::Chance;
use super::desk::DeskAct;
use super::leads::Leads;
use super::lies::lateness;
use super::line::{Line, LineAct};
use super::scenario::{RULEBOOK, Scenario};
use super::timeline::Timeline;
use crate::call::CallEvent;
use crate::compliance::{Gate, Rulebook, Rulebooks};
use crate::dialer::{
    CampaignPhase, Command, Dialer, DialerConfig, Input, LedgerEntry, Notice, Output,
};
use crate::domain::{AgentId, CallId, CampaignId, Outcome, Verdict, VerdictKind, later};

/// The store's time for an answer.
const STORE_TIME: SignedDuration = SignedDuration::from_millis(15);

/// As many facts at one instant are a dialer that wakes itself for ever.
const FACTS_AT_ONCE_MAX: u32 = 1_000_000;

/// What will happen.
#[derive(Debug)]
pub(super) enum Happening {
    Desk(AgentId, DeskAct),
    Fetch(CampaignId, u32),
    Line(CallId, LineAct),
    /// Said to the dialer whether it is true or not.
    Said(Input),
}

/// A floor, its carriers and its callees, around one dialer.
#[derive(Debug)]
pub struct World {
    pub(super) scenario: Scenario,
    pub(super) chance: Chance,
    pub(super) timeline: Timeline<Happening>,
    pub(super) lines: BTreeMap<CallId, Line>,
    pub(super) leads: Leads,
    pub(super) present: BTreeSet<AgentId>,
    /// People who had no agent and on whom we hung up.
    pub(super) unserved: Vec<CallId>,
    pub(super) now: Timestamp,
    dialer: Dialer,
    outputs: Vec<Output>,
    facts: u64,
    facts_at_once: u32,
    tape: Option<Vec<(Timestamp, Input)>>,
}

impl World {
    /// A world at its first instant, the campaign running.
    pub fn new(scenario: Scenario) -> Self {
        let now = scenario.begins_at;
        let mut world = Self {
            chance: Chance::new(scenario.seed),
            timeline: Timeline::new(),
            lines: BTreeMap::new(),
            leads: Leads::new(scenario.campaign.id, scenario.leads, now),
            present: BTreeSet::new(),
            unserved: Vec::new(),
            now,
            dialer: Self::dialer_of(&scenario),
            outputs: Vec::new(),
            facts: 0,
            facts_at_once: 0,
            tape: None,
            scenario,
        };
        let campaign = world.scenario.campaign.clone();
        let id = campaign.id;
        world.say(now, Input::Command(Command::Campaign(Arc::new(campaign))));
        world.say(now, Input::Command(Command::Phase(id, CampaignPhase::Running)));
        world.plan_shift();
        world
    }

    /// The dialer that such a world starts with: for a replay of its facts.
    pub fn dialer_of(scenario: &Scenario) -> Dialer {
        let mut books = Rulebooks::default();
        if let Ok(book) = Rulebook::parse(RULEBOOK) {
            // The only one: its id cannot be taken.
            let _ = books.add(book);
        }
        let gate = Gate::new(books, []);
        Dialer::new(DialerConfig { first_call: CallId(1), seed: scenario.seed, gate })
    }

    /// Keeps every fact from now on.
    pub fn record(&mut self) {
        self.tape.get_or_insert_default();
    }

    /// The facts kept since [`record`](Self::record).
    pub fn take_record(&mut self) -> Vec<(Timestamp, Input)> {
        self.tape.take().unwrap_or_default()
    }

    /// Says something to the dialer at that time, true or not.
    pub fn say(&mut self, at: Timestamp, input: Input) {
        self.timeline.plan(at.max(self.now), Happening::Said(input));
    }

    /// One fact more: what the dialer decided then. `None` when nothing will happen any more.
    pub fn step(&mut self) -> Option<&[Output]> {
        loop {
            let wake_at = self.dialer.poll_timeout().map(|(at, _)| at);
            let next_at = self.timeline.next_at();
            let input = match (wake_at, next_at) {
                (Some(wake_at), next) if next.is_none_or(|next| wake_at <= next) => {
                    self.pass(wake_at);
                    Some(Input::Timeout)
                }
                _ => {
                    let (at, happening) = self.timeline.pop()?;
                    self.pass(at);
                    self.happen(happening)
                }
            };
            if let Some(input) = input {
                self.tell(input);
                return Some(&self.outputs);
            }
        }
    }

    /// Goes on to the end of the shift and until the last call is over, and returns what was broken.
    pub fn run(&mut self) -> Vec<String> {
        let last = later(later(self.ends_at(), self.scenario.desks.stagger), HANGOVER);
        while self.step().is_some() && self.now <= last && self.leads.faults.is_empty() {}
        self.faults()
    }

    /// When the agents begin to leave.
    pub fn ends_at(&self) -> Timestamp {
        later(self.scenario.begins_at, self.scenario.shift)
    }

    /// The time there.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The dialer under test.
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// Facts told so far.
    pub fn facts(&self) -> u64 {
        self.facts
    }

    /// Agents who are there, as the dialer has been told.
    pub fn present(&self) -> usize {
        self.present.len()
    }

    /// Leads that the store has handed out and that are not in a call, or in one.
    pub fn leads_out(&self) -> usize {
        self.leads.out()
    }

    /// How the calls that have ended were written down.
    pub fn outcomes(&self) -> BTreeMap<Outcome, u64> {
        let mut outcomes = BTreeMap::new();
        for record in self.leads.attempts.values().filter_map(|attempt| attempt.record.as_ref()) {
            *outcomes.entry(record.outcome).or_default() += 1;
        }
        outcomes
    }

    /// What was broken so far.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.leads.faults.clone();
        for (call, attempt) in &self.leads.attempts {
            let up = self.lines.contains_key(call);
            if attempt.answered && attempt.record.is_none() && !up {
                faults.push(format!("call {call} of {}: answered, no record", attempt.began_at));
            }
        }
        for call in &self.unserved {
            let record = self.leads.attempts.get(call).and_then(|attempt| attempt.record.as_ref());
            if record.is_some_and(|record| record.ledger != LedgerEntry::Abandoned) {
                faults.push(format!("call {call}: hung up on, and not in the ledger"));
            }
        }
        faults
    }

    fn pass(&mut self, until: Timestamp) {
        if until > self.now {
            self.now = until;
            self.facts_at_once = 0;
        }
        self.facts_at_once += 1;
        if self.facts_at_once == FACTS_AT_ONCE_MAX {
            self.leads.faults.push(format!("time stands still at {}", self.now));
        }
    }

    fn happen(&mut self, happening: Happening) -> Option<Input> {
        let now = self.now;
        match happening {
            Happening::Desk(agent, act) => self.desk_acts(agent, act),
            Happening::Fetch(campaign, count) => self.fetched(campaign, count),
            Happening::Line(call, act) => self.line_acts(call, act, now),
            Happening::Said(input) => Some(input),
        }
    }

    fn fetched(&mut self, campaign: CampaignId, count: u32) -> Option<Input> {
        let (leads, next_due) = self.leads.take(count, self.now);
        let answer = Input::Leads { campaign, leads, next_due };
        if self.chance.happens(self.scenario.lies.leads_again) {
            let at = later(self.now, lateness(&mut self.chance));
            self.say(at, answer.clone());
        }
        (!self.chance.happens(self.scenario.lies.leads_lost)).then_some(answer)
    }

    /// Tells the dialer one fact and does what it decides.
    fn tell(&mut self, input: Input) {
        self.facts += 1;
        self.lie_about(&input);
        if let Some(tape) = &mut self.tape {
            tape.push((self.now, input.clone()));
        }
        self.dialer.handle_input(input, self.now);
        self.outputs.clear();
        while let Some(output) = self.dialer.poll_output() {
            self.apply(&output);
            self.outputs.push(output);
        }
    }

    fn apply(&mut self, output: &Output) {
        let now = self.now;
        match output {
            Output::Bridge(call, agent) => self.join(*call, *agent, now),
            Output::FetchLeads { campaign, count } => {
                self.timeline.plan(later(now, STORE_TIME), Happening::Fetch(*campaign, *count));
            }
            Output::HangUp(call) => self.hang_up(*call, now),
            Output::Notify(Notice::Agent { agent, state }) => self.desk_hears(*agent, state, now),
            Output::Notify(Notice::Campaign { .. } | Notice::ScreenPop { .. }) => {}
            Output::Originate(call, permit) => {
                self.leads.begin(*call, permit.lead(), now);
                if permit.number(now).is_ok() {
                    self.dial(*call, now);
                }
            }
            Output::Play(call, _) => self.play(*call, now),
            Output::Record(record) => self.leads.write(record),
            Output::Screen(call, limit) => self.screen(*call, *limit, now),
            Output::Unbridge(call, _) => self.part(*call),
        }
    }

    fn lie_about(&mut self, input: &Input) {
        let lies = self.scenario.lies;
        let Input::Call(call, event) = input else { return };
        if self.chance.happens(lies.again) {
            let at = later(self.now, lateness(&mut self.chance));
            self.say(at, Input::Call(*call, event.clone()));
        }
        if self.chance.happens(lies.nonsense) {
            let other = CallId(call.0 - self.chance.one_of(50) as i64);
            let nonsense = self.nonsense();
            self.say(self.now, Input::Call(other, nonsense));
        }
    }

    fn nonsense(&mut self) -> CallEvent {
        let agent = AgentId(1 + self.chance.one_of(self.scenario.agents as usize) as i64);
        let verdict = |kind| Verdict { kind, probability: 1.0, at_ms: 0, greeting_end_ms: Some(9) };
        match self.chance.one_of(9) {
            0 => CallEvent::BridgeFailed { agent },
            1 => CallEvent::Bridged { agent },
            2 => CallEvent::EarlyMedia,
            3 => CallEvent::MediaTimeout,
            4 => CallEvent::Played,
            5 => CallEvent::Ringing,
            6 => CallEvent::Screened(verdict(VerdictKind::Human)),
            7 => CallEvent::Screened(verdict(VerdictKind::Machine)),
            _ => CallEvent::Answered,
        }
    }
}

/// After the shift the last talks, hang-ups and time-outs are let run.
const HANGOVER: SignedDuration = SignedDuration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rulebook_of_made_up_worlds_is_one() {
        assert!(Rulebook::parse(RULEBOOK).is_ok());
    }

    #[test]
    fn an_hour_of_an_ordinary_floor_has_talks_and_breaks_nothing() {
        let mut world = World::new(Scenario::default());
        assert_eq!(world.run(), Vec::<String>::new());
        let outcomes = world.outcomes();
        assert!(outcomes.get(&Outcome::Talked).is_some_and(|talks| *talks > 50), "{outcomes:?}");
    }
}
