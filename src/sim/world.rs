//! The world's loop: whatever comes first, the timeline or the dialer's own deadline, is a fact;
//! what the dialer decides is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Beside;
use super::chance::Chance;
use super::day::Day;
use super::desk::{Desk, DeskAct};
use super::drift::Path;
use super::leads::Leads;
use super::lies::lateness;
use super::line::{Line, LineAct};
use super::measure::Measure;
use super::scenario::{RULEBOOK, Scenario};
use super::timeline::Timeline;
use crate::call::CallEvent;
use crate::compliance::{Gate, Rulebook, Rulebooks};
use crate::dialer::{CampaignPhase, Command, Dialer, DialerConfig, Input, Notice, Output, Record};
use crate::domain::{AgentId, CallId, CampaignId, Outcome, Slots, Verdict, VerdictKind, later};

/// The store's time for an answer.
const STORE_TIME: SignedDuration = SignedDuration::from_millis(15);

/// As many facts at one instant are a dialer that wakes itself for ever.
const FACTS_AT_ONCE_MAX: u32 = 1_000_000;

/// What will happen.
#[derive(Debug)]
pub(super) enum Happening {
    /// The first day is 0.
    DayBegins(u32),
    DayEnds,
    /// Somebody calls the queue of this place.
    Caller(usize),
    Desk(AgentId, DeskAct),
    Fetch(CampaignId, u32),
    Line(CallId, LineAct),
    /// Said to the dialer whether it is true or not.
    Said(Box<Input>),
}

/// A floor, its carriers and its callees, around one dialer.
#[derive(Debug)]
pub struct World {
    pub(super) scenario: Scenario,
    pub(super) chance: Chance,
    /// What is planned whatever the dialer does: another policy meets the same days.
    pub(super) plans: Chance,
    pub(super) path: Path,
    pub(super) measure: Measure,
    pub(super) desks: Vec<Desk>,
    pub(super) timeline: Timeline<Happening>,
    pub(super) lines: Slots<CallId, Line>,
    pub(super) leads: Leads,
    pub(super) present: BTreeSet<AgentId>,
    pub(super) now: Timestamp,
    pub(super) day_begins_at: Timestamp,
    /// People who have called in.
    pub(super) callers: i64,
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
        let mut plans = Chance::new(scenario.seed.wrapping_add(PLANS));
        let mut world = Self {
            chance: Chance::new(scenario.seed),
            path: path(&scenario, 0, now, &mut plans),
            plans,
            measure: Measure::new(scenario.agents, now),
            desks: Vec::new(),
            timeline: Timeline::default(),
            lines: Slots::default(),
            leads: Leads::new(scenario.campaign.id, scenario.leads, now)
                .living(&scenario.area_codes, &scenario.facts),
            present: BTreeSet::new(),
            now,
            day_begins_at: now,
            callers: 0,
            dialer: Self::dialer_of(&scenario),
            outputs: Vec::new(),
            facts: 0,
            facts_at_once: 0,
            tape: None,
            scenario,
        };
        let beside = world.scenario.beside.clone();
        for Beside { campaign, leads, .. } in &beside {
            world.leads.add_list(campaign.id, *leads, now);
        }
        let campaigns = beside.into_iter().map(|beside| beside.campaign);
        for campaign in std::iter::once(world.scenario.campaign.clone()).chain(campaigns) {
            let id = campaign.id;
            world.say(now, Input::Command(Command::Campaign(Arc::new(campaign))));
            world.say(now, Input::Command(Command::Phase(id, CampaignPhase::Running)));
        }
        world.plan_desks();
        world.begin_day(0);
        world
    }

    /// The dialer that such a world starts with: for a replay of its facts.
    pub fn dialer_of(scenario: &Scenario) -> Dialer {
        let rulebooks =
            if scenario.area_codes.is_empty() { Self::rulebooks() } else { Rulebooks::embedded() };
        let gate = Gate::new(rulebooks, []);
        Dialer::new(DialerConfig { first_call: CallId(1), seed: scenario.seed, gate })
    }

    /// The rulebook of made-up worlds.
    pub fn rulebooks() -> Rulebooks {
        let mut books = Rulebooks::default();
        if let Ok(book) = Rulebook::parse(RULEBOOK) {
            // The only one: its id cannot be taken.
            let _ = books.add(book);
        }
        books
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
        self.timeline.plan(at.max(self.now), Happening::Said(Box::new(input)));
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
        let last = later(self.ends_at(), HANGOVER);
        while self.step().is_some() && self.now <= last && self.leads.faults.is_empty() {}
        self.faults()
    }

    /// When the last agent leaves on the last day, or asks to.
    pub fn ends_at(&self) -> Timestamp {
        let nights = i64::from(self.scenario.days.max(1) - 1);
        let last_day = later(self.scenario.begins_at, DAY.saturating_mul(nights as i32));
        later(last_day, self.scenario.shift)
    }

    /// The days so far, the last one as it is.
    pub fn days(&self) -> &[Day] {
        self.measure.days()
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
        self.leads.outcomes.clone()
    }

    /// What was broken so far.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.leads.faults.clone();
        for (call, attempt) in self.leads.attempts.iter() {
            let up = self.lines.get(&call).is_some();
            if attempt.answered && !attempt.is_over && !up {
                faults.push(format!("call {call} of {}: answered, no record", attempt.began_at));
            }
        }
        faults
    }

    /// A day of agents and of callees is drawn, and the campaign runs.
    fn begin_day(&mut self, day: u32) {
        let now = self.now;
        self.day_begins_at = now;
        self.path = path(&self.scenario, day, now, &mut self.plans);
        (0..self.scenario.beside.len()).for_each(|place| self.plan_caller(place));
        self.measure.begin_day(now);
        self.plan_shift(day, now);
        if !self.scenario.quiet.is_zero() {
            let stops_at = later(later(now, self.scenario.shift), -self.scenario.quiet);
            self.timeline.plan(stops_at, Happening::DayEnds);
        }
        if day + 1 < self.scenario.days {
            self.timeline.plan(later(now, DAY), Happening::DayBegins(day + 1));
        }
    }

    /// Every campaign at once: queues, too, take nobody more at the end of a day.
    fn set_phase(&mut self, phase: CampaignPhase) {
        for id in self.campaign_ids() {
            self.say(self.now, Input::Command(Command::Phase(id, phase)));
        }
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
            Happening::DayBegins(day) => {
                self.begin_day(day);
                self.set_phase(CampaignPhase::Running);
                None
            }
            Happening::DayEnds => {
                self.set_phase(CampaignPhase::Paused);
                None
            }
            Happening::Caller(place) => self.calls_in(place),
            Happening::Desk(agent, act) => self.desk_acts(agent, act),
            Happening::Fetch(campaign, count) => self.fetched(campaign, count),
            Happening::Line(call, act) => self.line_acts(call, act, now),
            Happening::Said(input) => Some(*input),
        }
    }

    fn fetched(&mut self, campaign: CampaignId, count: u32) -> Option<Input> {
        let (leads, next_due) = self.leads.take(campaign, count, self.now);
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
            Output::AwaitGreetingEnd(call, _) => self.await_greeting_end(*call, now),
            Output::Bridge(call, agent) => self.join(*call, *agent, now),
            // The legs of a conversation are not played here.
            Output::Converse(_) => {}
            Output::FetchLeads { campaign, count } => {
                self.timeline.plan(later(now, STORE_TIME), Happening::Fetch(*campaign, *count));
            }
            Output::HangUp(call) => self.hang_up(*call, now),
            Output::Notify(Notice::Agent { agent, state }) => self.desk_hears(*agent, state, now),
            // Nobody reads the other notices here.
            Output::Notify(_) => {}
            Output::Originate(call, permit) => {
                self.leads.begin(*call, permit.lead(), now);
                if permit.number(now).is_ok() {
                    self.dial(*call, now);
                }
            }
            Output::Play(call, message) => self.play(*call, *message, now),
            Output::Record(record) => {
                if let Record::Ended(record) = record
                    && record.outcome == Outcome::Cancelled
                {
                    self.measure.today(|day| day.cancelled += 1);
                }
                self.leads.write(record);
            }
            Output::Screen(call, listening) => self.screen(*call, *listening, now),
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
            let no_person = |event: &CallEvent| match event {
                CallEvent::MediaTimeout => true,
                CallEvent::Screened(verdict) => verdict.kind != VerdictKind::Human,
                _ => false,
            };
            if no_person(&nonsense) {
                self.slander(other);
            }
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

/// The share of people who answer, over the day that begins.
fn path(scenario: &Scenario, day: u32, begins_at: Timestamp, plans: &mut Chance) -> Path {
    let Scenario { callees, shift, .. } = scenario;
    let path = Path::draw(callees.person, &callees.drift, begins_at, *shift, plans);
    match scenario.course(day) {
        Some(course) => path.along(course),
        None => path,
    }
}

/// From one day's start to the next.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Sets the seed of what is planned apart from that of what happens.
const PLANS: u64 = 0x9e37_79b9_7f4a_7c15;

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
