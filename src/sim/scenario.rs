//! What a world is made of. The defaults are an ordinary telemarketing floor: one answer in five a
//! person's, talks of three minutes, half a minute after each.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Beside, Callees, Course, Desks, Lies, Roster};
use crate::domain::{
    Amd, AmdDeadline, AnswerRules, Calendar, Campaign, CampaignId, Country, Digit, Disposition,
    DispositionRule, Facts, LeadOrder, Outcome, PacingMode, PhoneNumber, Recycle, SafeHarbour,
    Share, WaitFrom,
};

/// The rulebook of made-up worlds: their numbers at any hour, one call an hour each.
pub(super) const RULEBOOK: &str = r#"
id = "made-up"
title = "Made-up worlds"
version = "2026-11-24"
min_tzdb = "2024a"
covers_numbers = ["+1212???????"]

[[rules]]
id = "made_up.interval"
kind = "interval"
basis = "policy"
citation = "the simulator"
status = "primary"
sentence = "The number was called less than an hour ago."
auditor = "An hour passes between two calls to a number."
interval_s = 3_600
not_counted = ["cancelled", "failed"]
"#;

/// A world: one campaign, its agents, and whom they call.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Where all chance comes from.
    pub seed: u64,
    /// When its first day begins.
    pub begins_at: Timestamp,
    /// How long a day is: agents come and go within it.
    pub shift: SignedDuration,
    /// How many days, 24 hours from start to start.
    pub days: u32,
    /// The campaign is paused this long before the end of a day.
    pub quiet: SignedDuration,
    /// Its campaign. The gate asks the rulebook `made-up`.
    pub campaign: Campaign,
    /// How many agents.
    pub agents: u32,
    /// How many leads, at most 7 million.
    pub leads: u32,
    /// Area codes of the leads, in turn. Without any they are New York's, and the gate has no
    /// rulebook but `made-up`; with some, those that are built in.
    pub area_codes: Vec<u16>,
    /// What each lead says for the law's sake.
    pub facts: Arc<Facts>,
    /// Who is called.
    pub callees: Callees,
    /// How agents behave.
    pub desks: Desks,
    /// Who is there when, a day each, in turn; without any it is drawn for every day.
    pub rosters: Vec<Roster>,
    /// How the share of people goes, a day each, in turn, on top of the drift.
    pub courses: Vec<Course>,
    /// How carriers and drivers lie.
    pub lies: Lies,
    /// Other campaigns and queues on the same floor. Without any there are 7 million leads, else 3.
    pub beside: Vec<Beside>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            seed: 1,
            begins_at: Timestamp::UNIX_EPOCH,
            shift: SignedDuration::from_hours(1),
            days: 1,
            quiet: SignedDuration::ZERO,
            campaign: campaign(),
            agents: 10,
            leads: 10_000,
            area_codes: Vec::new(),
            facts: Arc::default(),
            callees: Callees::default(),
            desks: Desks::default(),
            rosters: Vec::new(),
            courses: Vec::new(),
            lies: Lies::default(),
            beside: Vec::new(),
        }
    }
}

impl Scenario {
    /// The same world with a campaign's settings: how it dials, rings, screens and waits. Its
    /// numbers, its rulebook, its hours and what makes a lead due again stay those of the world.
    pub fn with_campaign(self, campaign: Campaign) -> Self {
        let campaign = Campaign {
            id: self.campaign.id,
            country: self.campaign.country,
            caller_ids: self.campaign.caller_ids,
            trunks: self.campaign.trunks,
            rulebooks: self.campaign.rulebooks,
            do_not_call: self.campaign.do_not_call,
            attempts_max: self.campaign.attempts_max,
            recycling: self.campaign.recycling,
            dispositions: self.campaign.dispositions,
            calendar: Calendar { windows: campaign.calendar.windows, ..self.campaign.calendar },
            ..campaign
        };
        Self { campaign, ..self }
    }

    /// The same world with days of this length, of which its pacer knows.
    pub fn lasting(mut self, shift: SignedDuration) -> Self {
        self.shift = shift;
        if let Some(hours) = &mut self.campaign.calendar.shift {
            let minutes = u16::try_from((shift.as_secs() + 59) / 60).unwrap_or(u16::MAX);
            hours.ends_min = hours.begins_min.saturating_add(minutes).min(24 * 60);
        }
        self
    }

    /// The roster of a day, when days are given.
    pub(super) fn roster(&self, day: u32) -> Option<&Roster> {
        self.rosters.get(day as usize % self.rosters.len().max(1))
    }

    /// The course of a day's answers, when days are given.
    pub(super) fn course(&self, day: u32) -> Option<&Course> {
        self.courses.get(day as usize % self.courses.len().max(1))
    }
}

pub(super) fn campaign() -> Campaign {
    let again = |outcome, minutes| {
        let after = SignedDuration::from_mins(minutes);
        (outcome, Recycle { after, attempts_max: 4 })
    };
    let disposition = |code: &str, days: Option<i64>, do_not_call| DispositionRule {
        code: Disposition(code.to_owned()),
        label: code.to_owned(),
        do_not_call,
        wrong_person: false,
        machine: code == "machine",
        recycle_after: days.map(|days| SignedDuration::from_hours(24 * days)),
        required: Default::default(),
    };
    Campaign {
        id: CampaignId(1),
        name: "made-up".to_owned(),
        country: Country::US,
        caller_ids: PhoneNumber::from_e164("+18005550199").into_iter().collect(),
        caller_id_use: Default::default(),
        trunks: Vec::new(),
        rulebooks: vec!["made-up".to_owned()],
        do_not_call: Vec::new(),
        purpose: Default::default(),
        pacing: PacingMode::Progressive,
        abandonment_target: Share::new(0.03).unwrap_or(Share::ZERO),
        calendar: Calendar::default(),
        ring_max: SignedDuration::from_secs(25),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        amd: Amd::BeforeConnect { limit: SignedDuration::from_secs(3) },
        amd_deadline: AmdDeadline::Legal,
        answers: AnswerRules::default(),
        wrap_up_max: SignedDuration::from_secs(60),
        talk_max: SignedDuration::from_hours(2),
        safe_harbour: SafeHarbour { message: None, opt_out: Digit::new('9') },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 6,
        recycling: [
            again(Outcome::AnsweringMachine, 90),
            again(Outcome::Busy, 65),
            again(Outcome::NoAnswer, 80),
        ]
        .into(),
        dispositions: vec![
            disposition("sale", None, false),
            disposition("callback", Some(1), false),
            disposition("do_not_call", None, true),
        ],
        script: Default::default(),
        order: LeadOrder::NewFirst,
    }
}
