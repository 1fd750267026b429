//! One campaign while the process runs: its settings, its leads, its calls by state, and why it
//! dials or does not.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::breaker::Breaker;
use super::history::History;
use super::hopper::Hopper;
use super::words::Words;
use super::{CallCounts, CampaignPhase, Reason, Totals};
use crate::call::Terms;
use crate::compliance::{OnShift, Roster, Tally};
use crate::domain::{CallId, Campaign, Slots};
use crate::pacing::{Deadline, Decision, Explanation, Pacer};

/// One campaign while the process runs.
#[derive(Debug)]
pub(super) struct CampaignRun {
    pub(super) campaign: Arc<Campaign>,
    pub(super) terms: Terms,
    pub(super) phase: CampaignPhase,
    pub(super) pacer: Pacer,
    pub(super) deadline: Deadline,
    pub(super) tally: Tally,
    pub(super) roster: Roster,
    /// When what the pacer has learned was last kept.
    pub(super) kept_at: Timestamp,
    /// What the pacer knows of the shift.
    pub(super) shift: Option<OnShift>,
    pub(super) hopper: Hopper,
    pub(super) breaker: Breaker,
    /// What agents say of the detector's words.
    pub(super) words: Words,
    pub(super) census: CallCounts,
    /// Calls not answered yet, with the time of their order: the oldest has the lowest number.
    pub(super) ringing: Slots<CallId, Timestamp>,
    pub(super) totals: Totals,
    /// Until when `totals.agent_s` is counted.
    pub(super) counted_until: Timestamp,
    pub(super) standing: Option<(Timestamp, Standing)>,
    pub(super) history: History,
    /// The last call that it placed.
    pub(super) last_call: CallId,
    wakes: [Option<Timestamp>; 3],
}

/// What a campaign may be woken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wake {
    FetchRetry,
    LeadDue,
    Pacing,
}

impl Wake {
    pub(super) fn reason(self) -> Reason {
        match self {
            Wake::FetchRetry => Reason::FetchRetry,
            Wake::LeadDue => Reason::LeadDue,
            Wake::Pacing => Reason::Pacing,
        }
    }
}

/// Whether a campaign dials, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    /// What is dialed now could not be written down.
    BooksBehind,
    /// Nobody knows the hour.
    ClockMoved,
    /// The pacer was asked.
    Dialing {
        calls: u32,
        explanation: Explanation,
    },
    Draining,
    /// The last calls failed, one after the other.
    LinesFail {
        faults: u32,
    },
    NoAgent,
    /// The pacer wanted this many more calls than there were leads.
    NoLead {
        calls: u32,
        next_due: Option<Timestamp>,
        asking: bool,
    },
    /// Outside the hours in which agents are planned to be there.
    OffShift {
        /// When the next shift begins, on the campaign's clock.
        begins_at: Option<DateTime>,
    },
    Paused,
    Stopped,
}

impl Standing {
    pub(super) fn of(decision: Decision) -> Self {
        Standing::Dialing { calls: decision.calls, explanation: decision.explanation }
    }

    /// Calls wanted.
    pub(super) fn calls(&self) -> u32 {
        match *self {
            Standing::Dialing { calls, .. } | Standing::NoLead { calls, .. } => calls,
            Standing::BooksBehind
            | Standing::ClockMoved
            | Standing::Draining
            | Standing::LinesFail { .. }
            | Standing::NoAgent
            | Standing::OffShift { .. }
            | Standing::Paused
            | Standing::Stopped => 0,
        }
    }

    /// Whether people should be told that `before` is over. A fetch on its way is not a standstill.
    pub(super) fn is_news(&self, before: &Self) -> bool {
        let dials = |standing: &Self| {
            matches!(standing, Standing::Dialing { .. } | Standing::NoLead { asking: true, .. })
        };
        let same_kind = std::mem::discriminant(self) == std::mem::discriminant(before);
        !(same_kind || (dials(self) && dials(before)))
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Dialing { calls: 0, explanation } => write!(f, "{explanation}: dial none"),
            Standing::Dialing { calls, explanation } => write!(f, "{explanation}: dial {calls}"),
            Standing::BooksBehind => f.write_str("the books are behind"),
            Standing::ClockMoved => f.write_str("the clock was moved"),
            Standing::Draining => f.write_str("the dialer is shutting down"),
            Standing::LinesFail { faults } => {
                write!(f, "the last {faults} calls failed before they rang: trying one at a time")
            }
            Standing::NoAgent => f.write_str("no agent is ready or on a call"),
            Standing::NoLead { asking: true, .. } => f.write_str("leads are being fetched"),
            Standing::NoLead { next_due: Some(at), .. } => {
                write!(f, "no lead is due before {at}")
            }
            Standing::NoLead { next_due: None, .. } => f.write_str("no lead is left"),
            Standing::OffShift { begins_at: Some(at) } => {
                write!(f, "the shift is over until {}", at.strftime("%a %H:%M"))
            }
            Standing::OffShift { begins_at: None } => f.write_str("no shift is planned"),
            Standing::Paused => f.write_str("the campaign is paused"),
            Standing::Stopped => f.write_str("the campaign is stopped"),
        }
    }
}

impl CampaignRun {
    pub(super) fn new(campaign: Arc<Campaign>, now: Timestamp) -> Self {
        let mut run = Self {
            terms: Terms::of(&campaign),
            phase: CampaignPhase::Stopped,
            pacer: Pacer::new(&campaign),
            deadline: Deadline::new(&campaign),
            tally: Tally::new(&campaign, None, now),
            roster: Roster::new(&campaign.calendar),
            shift: None,
            kept_at: now,
            hopper: Hopper::default(),
            breaker: Breaker::default(),
            words: Words::default(),
            census: CallCounts::default(),
            ringing: Slots::default(),
            totals: Totals::default(),
            counted_until: now,
            standing: None,
            history: History::default(),
            last_call: CallId(i64::MIN),
            wakes: [None; 3],
            campaign,
        };
        run.tell_windows();
        run
    }

    /// Other settings; what is measured, counted and in progress stays.
    pub(super) fn configure(&mut self, campaign: Arc<Campaign>, now: Timestamp) {
        self.terms = Terms::of(&campaign);
        self.pacer.configure(&campaign);
        self.deadline.configure(&campaign);
        self.tally.configure(&campaign, now);
        self.roster = Roster::new(&campaign.calendar);
        self.tell_windows();
        self.campaign = campaign;
    }

    /// Sets when it is woken for this; returns when it was to be.
    pub(super) fn set_wake(&mut self, wake: Wake, at: Option<Timestamp>) -> Option<Timestamp> {
        std::mem::replace(&mut self.wakes[wake as usize], at)
    }

    pub(super) fn wakes(&self) -> usize {
        self.wakes.iter().flatten().count()
    }

    /// Counts the seconds that its agents have been logged in.
    pub(super) fn count_agents(&mut self, logged_in: u32, now: Timestamp) {
        self.totals.agent_s = self.agent_s(logged_in, now);
        self.counted_until = now;
    }

    /// Those seconds until `now`, `logged_in` having been there since the last count.
    pub(super) fn agent_s(&self, logged_in: u32, now: Timestamp) -> f64 {
        let since = now.duration_since(self.counted_until).as_secs_f64().max(0.0);
        self.totals.agent_s + since * f64::from(logged_in)
    }
}
