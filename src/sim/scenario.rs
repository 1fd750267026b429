//! What a world is made of. The defaults are an ordinary telemarketing floor: one answer in five a
//! person's, talks of three minutes, half a minute after each.

use jiff::{SignedDuration, Timestamp};

use super::{Lies, Spread};
use crate::domain::{
    Amd, Campaign, CampaignId, Country, Digit, Disposition, DispositionRule, LeadOrder, Outcome,
    PacingMode, PhoneNumber, Recycle, SafeHarbour, Share, WaitFrom,
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
interval_s = 3_600
not_counted = ["cancelled", "failed"]
"#;

/// A world: one campaign, its agents, and whom they call.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Where all chance comes from.
    pub seed: u64,
    /// When it begins.
    pub begins_at: Timestamp,
    /// How long its agents stay.
    pub shift: SignedDuration,
    /// Its campaign. The gate asks the rulebook `made-up`.
    pub campaign: Campaign,
    /// How many agents.
    pub agents: u32,
    /// How many leads, at most 7 million.
    pub leads: u32,
    /// Who is called.
    pub callees: Callees,
    /// How agents behave.
    pub desks: Desks,
    /// How carriers and drivers lie.
    pub lies: Lies,
}

/// Who is called: shares of all calls (the rest is not answered), and times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Callees {
    /// A person answers.
    pub person: f64,
    /// A machine answers.
    pub machine: f64,
    /// 486.
    pub busy: f64,
    /// 404 after a tone.
    pub vacant: f64,
    /// The carrier fails.
    pub failed: f64,
    /// Answered, and nothing is heard.
    pub silent: f64,
    /// Until a person answers.
    pub person_rings: Spread,
    /// Until a machine answers.
    pub machine_rings: Spread,
    /// Until the carrier says busy, vacant or failed.
    pub refused_after: Spread,
    /// The person's first words.
    pub greeting: Spread,
    /// From the answer to the detector's word.
    pub screening: Spread,
    /// How long a person waits for somebody to speak.
    pub patience: Spread,
    /// The talk with an agent.
    pub talk: Spread,
    /// How often somebody answers just as the call is given up.
    pub crossing: f64,
}

/// How agents behave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Desks {
    /// After a call, until the disposition.
    pub wrap_up: Spread,
    /// How often a pause follows a wrap-up.
    pub pause: f64,
    /// How long it is.
    pub pause_time: Spread,
    /// They log in and out evenly over this time.
    pub stagger: SignedDuration,
    /// How often a phone dies during a talk, to come back after a pause.
    pub vanish: f64,
    /// How often a bridge fails.
    pub bridge_fails: f64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            seed: 1,
            begins_at: Timestamp::UNIX_EPOCH,
            shift: SignedDuration::from_hours(1),
            campaign: campaign(),
            agents: 10,
            leads: 10_000,
            callees: Callees::default(),
            desks: Desks::default(),
            lies: Lies::default(),
        }
    }
}

impl Default for Callees {
    fn default() -> Self {
        Self {
            person: 0.20,
            machine: 0.35,
            busy: 0.05,
            vacant: 0.08,
            failed: 0.005,
            silent: 0.005,
            person_rings: Spread::of(12.0, 5.0),
            machine_rings: Spread::of(18.0, 4.0),
            refused_after: Spread::of(3.0, 1.5),
            greeting: Spread::of(1.0, 0.35),
            screening: Spread::of(1.3, 0.35),
            patience: Spread::of(6.0, 3.0),
            talk: Spread::of(180.0, 150.0),
            crossing: 0.01,
        }
    }
}

impl Default for Desks {
    fn default() -> Self {
        Self {
            wrap_up: Spread::of(25.0, 15.0),
            pause: 0.03,
            pause_time: Spread::of(300.0, 200.0),
            stagger: SignedDuration::from_secs(60),
            vanish: 0.002,
            bridge_fails: 0.002,
        }
    }
}

fn campaign() -> Campaign {
    let again = |outcome, minutes| {
        let after = SignedDuration::from_mins(minutes);
        (outcome, Recycle { after, attempts_max: 4 })
    };
    let disposition = |code: &str, days: Option<i64>, do_not_call| DispositionRule {
        code: Disposition(code.to_owned()),
        label: code.to_owned(),
        do_not_call,
        recycle_after: days.map(|days| SignedDuration::from_hours(24 * days)),
    };
    Campaign {
        id: CampaignId(1),
        name: "made-up".to_owned(),
        country: Country::US,
        caller_ids: PhoneNumber::from_e164("+18005550199").into_iter().collect(),
        trunks: Vec::new(),
        rulebooks: vec!["made-up".to_owned()],
        pacing: PacingMode::Progressive,
        abandonment_target: Share::new(0.03).unwrap_or(Share::ZERO),
        ring_max: SignedDuration::from_secs(25),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        amd: Amd::BeforeConnect { limit: SignedDuration::from_secs(3) },
        wrap_up_max: SignedDuration::from_secs(60),
        talk_max: SignedDuration::from_hours(2),
        safe_harbour: SafeHarbour { message: None, opt_out: Digit::new('9') },
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
        order: LeadOrder::NewFirst,
    }
}
