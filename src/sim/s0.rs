//! The scenario that pacing is measured on: a telemarketing floor whose answer rate drifts, jumps
//! and wanders while nobody lies and nothing breaks (S0).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::scenario::campaign;
use super::{Callees, Desks, Drift, Lies, Lunch, Scenario, Spread, Step};
use crate::domain::{Amd, AmdDeadline, AnswerRules, Calendar, Campaign, Recycling, Shift};

/// Monday 1970-01-05, 9 in the morning in New York: the whole day is one date there and in UTC.
const BEGINS_AT_S: i64 = 4 * 86_400 + 14 * 3_600;

/// The same hours, by UTC.
const SHIFT: Shift = Shift { begins_min: 14 * 60, ends_min: 22 * 60, weekdays: [true; 7] };

impl Scenario {
    /// The scenario that pacing is measured on, with so many agents: five days of eight hours.
    pub fn s0(agents: u32) -> Self {
        Self {
            seed: 1,
            begins_at: Timestamp::from_second(BEGINS_AT_S).unwrap_or(Timestamp::UNIX_EPOCH),
            shift: SignedDuration::from_hours(8),
            days: 5,
            quiet: SignedDuration::from_secs(30),
            campaign: measured_campaign(),
            agents,
            leads: 7_000_000,
            area_codes: Vec::new(),
            facts: Arc::default(),
            callees: callees(),
            desks: desks(),
            rosters: Vec::new(),
            courses: Vec::new(),
            lies: Lies::default(),
            beside: Vec::new(),
        }
    }
}

fn measured_campaign() -> Campaign {
    Campaign {
        // Nothing but the world ends a screening, a wrap-up or a talk.
        amd: Amd::BeforeConnect { limit: SignedDuration::from_secs(60) },
        amd_deadline: AmdDeadline::None,
        answers: AnswerRules::default(),
        calendar: Calendar { shift: Some(SHIFT), ..Calendar::default() },
        wrap_up_max: SignedDuration::from_hours(2),
        talk_max: SignedDuration::from_hours(6),
        // No lead is called twice.
        recycling: Recycling::new(),
        ..campaign()
    }
}

fn callees() -> Callees {
    let step = |hours, factor| Step {
        at: SignedDuration::from_hours(hours),
        jitter: SignedDuration::from_mins(20),
        factor,
    };
    Callees {
        drift: Drift {
            wave: 0.25,
            wave_from: SignedDuration::from_hours(1),
            wave_period: SignedDuration::from_hours(8),
            wander: 0.10,
            wander_time: SignedDuration::from_secs(900),
            steps: vec![step(3, 1.4), step(6, 0.7)],
            least: 0.01,
            most: 0.60,
        },
        failed: 0.0,
        silent: 0.0,
        post_dial: SignedDuration::ZERO,
        busy_after: Spread::of(2.5, 1.0),
        vacant_after: Spread::of(3.5, 2.0),
        patience: None,
        crossing: 0.0,
        ..Callees::default()
    }
}

fn desks() -> Desks {
    Desks {
        talk_differs: 0.15,
        wrap_up_differs: 0.25,
        lunch: Some(Lunch { length: SignedDuration::from_mins(30), from: 0.35, to: 0.65 }),
        stagger: SignedDuration::from_mins(10),
        settle: SignedDuration::ZERO,
        walks_out: 0.0,
        vanish: 0.0,
        bridge_fails: 0.0,
        ..Desks::default()
    }
}
