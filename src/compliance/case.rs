//! One call that is asked for: everything that is known of it. What is not there is not known.

use super::attempt::Attempt;
use super::local::tzdb_version;
use super::tally::WindowCount;
use crate::domain::{Campaign, DialType, Facts, Lead, LineType, PhoneNumber, Purpose};

/// Countries whose leads have US or Canadian states and ZIP codes; elsewhere a column of that name
/// means something else.
const AMERICAN: [&str; 7] = ["AS", "CA", "GU", "MP", "PR", "US", "VI"];

/// One call that is asked for.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Whom to call.
    pub number: PhoneNumber,
    /// Whether state and ZIP code are those of the United States and Canada.
    pub is_american: bool,
    /// State or province of the address.
    pub state: Option<&'a str>,
    /// ZIP code of the address.
    pub zip: Option<&'a str>,
    /// What the lead says for the law's sake.
    pub facts: &'a Facts,
    /// Why the person is called.
    pub purpose: Purpose,
    /// What line it is.
    pub line: LineType,
    /// How the call is made.
    pub dial: DialType,
    /// Earlier calls to the number and of it. Those that are not before the instant are not counted.
    pub attempts: Vec<Attempt>,
    /// The number that is shown.
    pub caller_id: CallerId,
    /// Rulebooks by id; all must allow.
    pub rulebooks: &'a [String],
    /// Do-not-call lists by id that hold for the campaign.
    pub do_not_call: &'a [String],
    /// What the floor says.
    pub circumstances: Circumstances<'a>,
    /// The version of the time-zone database.
    pub tzdb: &'a str,
}

/// The number that is shown to the called party.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CallerId {
    /// There is none.
    Missing,
    /// Nobody has said: a rule that asks for one refuses, and nothing else does.
    NotSaid,
    /// One of which the number is not known.
    Sent,
    /// This one.
    Shown(PhoneNumber),
}

/// What the floor knows of a call that is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// An agent is held for this very call.
    pub agent_reserved: bool,
    /// The campaign's abandonment so far.
    pub abandonment: Abandonment<'a>,
    /// The number of its pool that the call would show; `None` for the campaign's first.
    pub caller_id: Option<PhoneNumber>,
}

/// The campaign's abandonment so far.
#[derive(Clone, Copy, Debug, Default)]
pub enum Abandonment<'a> {
    /// These counts, whatever the window.
    Counted {
        /// Who had no agent in time.
        abandoned: u64,
        /// Who answered.
        people: u64,
    },
    /// Nothing is counted here: the pacer holds the limit by itself.
    #[default]
    NotSaid,
    /// The windows that run.
    Windows(&'a [WindowCount]),
}

impl<'a> Case<'a> {
    /// A lead of a campaign, about to be dialed.
    pub fn of_lead(
        lead: &'a Lead,
        campaign: &'a Campaign,
        circumstances: Circumstances<'a>,
    ) -> Self {
        let facts = &*lead.facts;
        let by_campaign =
            if campaign.pacing.is_broadcast() { DialType::Prerecorded } else { DialType::Agent };
        let dial = facts.dial.unwrap_or(by_campaign);
        let caller_id = circumstances.caller_id.or_else(|| campaign.caller_ids.first().copied());
        Self {
            number: lead.number,
            is_american: AMERICAN.contains(&campaign.country.as_str()),
            state: lead.state.as_deref(),
            zip: lead.zip.as_deref(),
            facts,
            purpose: facts.purpose.unwrap_or(campaign.purpose),
            line: facts.line.unwrap_or_default(),
            dial,
            attempts: lead.history.iter().map(|past| Attempt::of_books(past, dial)).collect(),
            caller_id: caller_id.map_or(CallerId::Missing, CallerId::Shown),
            rulebooks: &campaign.rulebooks,
            do_not_call: &campaign.do_not_call,
            circumstances,
            tzdb: tzdb_version(),
        }
    }
}
