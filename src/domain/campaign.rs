//! A campaign as meant: what the configuration says, checked, with its units.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{
    Amd, AmdDeadline, AnswerRules, Baseline, Calendar, CampaignId, Country, Digit, Disposition,
    Outcome, PhoneNumber, Purpose, Script, Share,
};

/// A campaign: whom to call, how fast, under which rules, and what happens after.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Campaign {
    /// The store's number for it.
    pub id: CampaignId,
    /// The name on the command line and in the file name: `[a-z0-9_-]`, at most 64.
    pub name: String,
    /// The country whose national format the leads' numbers are in.
    pub country: Country,
    /// The numbers that may be shown to the called party; the first is the default.
    pub caller_ids: Vec<PhoneNumber>,
    /// Which of them is shown.
    #[serde(default)]
    pub caller_id_use: CallerIdUse,
    /// Trunks by name, in order of preference.
    pub trunks: Vec<String>,
    /// Rulebooks by id; all must allow a call.
    pub rulebooks: Vec<String>,
    /// Do-not-call lists by id that hold for it, besides those that hold for every campaign.
    #[serde(default)]
    pub do_not_call: Vec<String>,
    /// Why its people are called; a lead may say otherwise.
    #[serde(default)]
    pub purpose: Purpose,
    /// How many calls, how early.
    pub pacing: PacingMode,
    /// The abandonment rate that the pacer may use up, of calls answered by a person.
    pub abandonment_target: Share,
    /// Its days: the legal windows of abandonment, and the shift.
    pub calendar: Calendar,
    /// How long it rings before no-answer. The TSR asks for at least 15 s (16 CFR 310.4(b)(4)(ii)).
    pub ring_max: SignedDuration,
    /// How long a person may wait for an agent after the greeting (2 s in the US) before the
    /// safe-harbour message.
    pub wait_max: SignedDuration,
    /// From when that time runs.
    pub wait_from: WaitFrom,
    /// Whether and how long answers are screened.
    pub amd: Amd,
    /// Whether the law's clock cuts that short.
    pub amd_deadline: AmdDeadline,
    /// What is done with an answer that is no person's.
    #[serde(default)]
    pub answers: AnswerRules,
    /// Wrap-up ends after this even without a disposition.
    pub wrap_up_max: SignedDuration,
    /// No call is longer than this (a guard against a leg left off the hook).
    pub talk_max: SignedDuration,
    /// What an abandoned person hears.
    pub safe_harbour: SafeHarbour,
    /// What a caller hears who waits in a queue, over and over: a WAV file, mono, 8 kHz. `None`
    /// plays the ringing tone of the country.
    #[serde(default)]
    pub hold: Option<PathBuf>,
    /// What a broadcast plays to who answers, and a queue to who has waited in vain: a WAV file,
    /// mono, 8 kHz.
    pub message: Option<PathBuf>,
    /// The weight of its claim to agents whom it shares with other campaigns, 1 to 9.
    pub priority: u8,
    /// Record talks as WAV, customer left, agent right.
    pub recording: bool,
    /// At most this many attempts to a lead, over its whole life.
    pub attempts_max: u32,
    /// When an outcome makes the lead due again. An outcome that is not here closes the lead.
    pub recycling: Recycling,
    /// What an agent can say, in the order shown.
    pub dispositions: Vec<DispositionRule>,
    /// What agents read to people.
    #[serde(default)]
    pub script: Script,
    /// Which lead goes first.
    pub order: LeadOrder,
}

impl Campaign {
    /// Whether an agent who says so has met a machine.
    pub fn is_machine(&self, said: &Disposition) -> bool {
        self.dispositions.iter().any(|rule| rule.code == *said && rule.machine)
    }
}

/// Which of its numbers a campaign shows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallerIdUse {
    /// None is shown more often than this in 24 hours; `None` is without limit.
    pub daily_max: Option<u32>,
    /// The nearest to the called number is shown: same area code, same state or country.
    pub local: bool,
}

impl Default for CallerIdUse {
    fn default() -> Self {
        Self { daily_max: None, local: true }
    }
}

/// How the pacer decides how many calls to place.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PacingMode {
    /// Somebody else's method, to be measured against: in the simulator only.
    Baseline(Baseline),
    /// A steady number of calls, for no agent: who answers hears the campaign's message.
    Broadcast {
        /// Calls a minute, evenly spaced, 0.1 to 6,000.
        calls_per_minute: f64,
        /// Never more calls at once, 1 to 10,000.
        lines_max: u32,
    },
    /// Nobody is called: people call in, and wait for an agent.
    Inbound {
        /// When they are served, beside people who have been called.
        order: InboundOrder,
    },
    /// Agents choose whom to call, one by one: a number or a lead.
    Manual,
    /// Dials ahead of the agents from the measured answer rate and ring time; the abandonment
    /// rate is fed back.
    Predictive {
        /// Upper bound of calls in progress for each agent who is logged in.
        lines_per_agent_max: f64,
    },
    /// An agent is shown the next lead, and dials or skips it.
    Preview {
        /// How long they may look at it, 1 s to an hour; `None` for as long as they like.
        look_max: Option<SignedDuration>,
        /// What happens then.
        then: PreviewEnd,
        /// A lead that was skipped is offered again after this.
        skipped_after: SignedDuration,
    },
    /// One call for each ready agent.
    Progressive,
    /// This many calls for each ready agent (power dialing).
    Ratio {
        /// Calls for each ready agent, 1 to 10.
        calls_per_agent: f64,
    },
}

impl PacingMode {
    /// True when an agent decides on each call, and has it from the first ring on.
    pub fn is_by_hand(&self) -> bool {
        matches!(self, PacingMode::Manual | PacingMode::Preview { .. })
    }

    /// True when people call in.
    pub fn is_inbound(&self) -> bool {
        matches!(self, PacingMode::Inbound { .. })
    }

    /// True when it places calls by itself whose people want an agent.
    pub fn dials_for_agents(&self) -> bool {
        match self {
            PacingMode::Predictive { .. } | PacingMode::Progressive | PacingMode::Ratio { .. } => {
                true
            }
            PacingMode::Baseline(_)
            | PacingMode::Broadcast { .. }
            | PacingMode::Inbound { .. }
            | PacingMode::Manual
            | PacingMode::Preview { .. } => false,
        }
    }

    /// True when nobody who answers is for an agent.
    pub fn is_broadcast(&self) -> bool {
        matches!(self, PacingMode::Broadcast { .. })
    }
}

/// When people who call in are served, beside people who have been called and wait.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundOrder {
    /// Before everybody else, also before those whose legal time runs out.
    Always,
    /// Before everybody else but those whose legal time runs out.
    #[default]
    First,
    /// By the campaigns' weights, as everybody else.
    InTurn,
}

/// What happens to a lead that an agent has looked at for too long.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewEnd {
    /// It is dialed.
    #[default]
    Dial,
    /// It is skipped.
    Skip,
}

/// From when a person's wait for an agent runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitFrom {
    /// From the answer (UK: two seconds after the called party picks up or begins to speak, Ofcom's
    /// statement on persistent misuse, 2016).
    Answer,
    /// From the end of the person's greeting (US: 47 CFR 64.1200(a)(7), 16 CFR 310.4(b)(4)(ii)).
    #[default]
    GreetingEnd,
}

/// What an abandoned person hears, and the key that keeps them from being called again.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SafeHarbour {
    /// A WAV file, mono, 8 kHz; `None` plays the built-in tone message.
    pub message: Option<PathBuf>,
    /// The key that puts the number on the do-not-call list.
    pub opt_out: Option<Digit>,
}

/// When a lead is due again, by outcome.
pub type Recycling = BTreeMap<Outcome, Recycle>;

/// One rule of recycling.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Recycle {
    /// Due again this long after the end of the call.
    pub after: SignedDuration,
    /// At most this many attempts that ended so; then the lead is closed.
    pub attempts_max: u32,
}

/// One thing that an agent can say, and what follows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DispositionRule {
    /// The code in the books.
    pub code: Disposition,
    /// What the agent reads.
    pub label: String,
    /// Puts the number on the do-not-call list.
    pub do_not_call: bool,
    /// The number is not the person's: the call counts for nothing about their debt.
    #[serde(default)]
    pub wrong_person: bool,
    /// The agent met a machine, whatever the detector said.
    #[serde(default)]
    pub machine: bool,
    /// Due again after this; `None` closes the lead.
    pub recycle_after: Option<SignedDuration>,
    /// What must be said besides.
    #[serde(default)]
    pub required: Required,
}

/// What an agent must say with a disposition.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Required {
    /// When to call again.
    pub callback: bool,
    /// A note.
    pub note: bool,
}

/// Which lead goes first.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadOrder {
    /// Never called first, then the one that has been due longest.
    #[default]
    NewFirst,
    /// The one that has been due longest, whether called before or not.
    OldestDue,
}
