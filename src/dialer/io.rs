//! What goes into the dialer and what comes out. SIP bytes and audio never do.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::call::CallEvent;
use crate::compliance::{List, ListId, Permit};
use crate::domain::{
    AgentId, AgentState, CallId, Campaign, CampaignId, Disposition, Lead, LeadId, Listening,
    Outcome, PauseReason, PhoneNumber, ScreeningNotes, Verdict,
};
use crate::pacing::Learned;

use super::caller_ids::{CallerIdRest, CallerIdSoFar};
use super::{Conversation, Destination, LedgerSoFar, Notice};

/// A fact. The time it happened comes beside it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// An agent did something.
    Agent(AgentId, AgentEvent),
    /// Something happened to a call.
    Call(CallId, CallEvent),
    /// A manager, the configuration or the store says something.
    Command(Command),
    /// Somebody has called in, and has been answered: the person waits for an agent of the lead's
    /// campaign, which is a queue. Ended by [`Output::HangUp`] at once when nobody is served there.
    /// Answered by a record at the call's end, as every call is.
    Inbound {
        /// The call: a number of the driver's own, of which none is ever ordered.
        call: CallId,
        /// The caller, as a lead of the queue.
        lead: Box<Lead>,
    },
    /// The answer to [`Output::FetchLeads`]: at most as many as were asked for, best first. Empty
    /// when none is due; `next_due` says when one will be.
    Leads {
        /// Whose.
        campaign: CampaignId,
        /// Best first.
        leads: Vec<Lead>,
        /// When the next lead that is not among them is due; `None` when no lead is left.
        next_due: Option<Timestamp>,
    },
    /// A deadline of `poll_timeout` has come.
    Timeout,
}

/// What an agent did.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEvent {
    /// All three talk: the person, the agent and whom the agent has consulted.
    Conference,
    /// Keeps the person apart, who hears music, and asks somebody else.
    Consult {
        /// Whom.
        with: Destination,
    },
    /// Calls a lead of the agent's own choice: one of a campaign that is dialed by hand.
    DialLead {
        /// The lead, claimed by this run.
        lead: Box<Lead>,
        /// It was closed before: it is again when it may not be called.
        was_closed: bool,
    },
    /// Calls the lead that was offered.
    DialOffered,
    /// Says what became of the call in wrap-up (or still talking: kept until it ends). Ends wrap-up.
    Disposition {
        /// The call.
        call: CallId,
        /// One of the campaign's codes.
        disposition: Disposition,
        /// Free text, at most 2,000 characters.
        note: Option<String>,
        /// When to call again, when the agent agreed on a time.
        callback_at: Option<Timestamp>,
    },
    /// Whom the agent has consulted leaves; the person is back.
    Dismiss,
    /// Leaves the person with whom the agent has consulted; wrap-up follows.
    HandOver,
    /// Ends the present call; wrap-up follows. One that still rings is given up.
    HangUp,
    /// Leaves the line, which is left the campaign's message for machines; wrap-up follows.
    LeaveMessage,
    /// The phone's leg is up (nailed up) and the agent is at the desk, paused.
    LogIn {
        /// The name to show.
        name: String,
        /// The campaigns whose people this agent takes.
        campaigns: Vec<CampaignId>,
    },
    /// Leaves. A call in progress is ended by this.
    LogOut,
    /// The phone's leg is down: as `LogOut`, and the person on the line goes to another agent or
    /// hears the safe-harbour message.
    LegLost,
    /// The person hears music until an agent takes the call up again; wrap-up follows.
    Park,
    /// No more calls after this one.
    Pause(PauseReason),
    /// Takes calls. Ends wrap-up.
    Ready,
    /// Takes a parked call up.
    Retrieve {
        /// The call.
        call: CallId,
    },
    /// Does not call the lead that was offered.
    SkipOffered {
        /// Why, at most 64 characters.
        reason: String,
    },
    /// Hands the person on: to a colleague at once, to an outside number when it has answered.
    Transfer {
        /// To whom.
        to: Destination,
    },
}

/// What a manager, the configuration or the store tells the dialer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// What a campaign's pacer has learned on earlier days; before its first call.
    Believe(CampaignId, Box<Learned>),
    /// The books take no writes (`true`), or take them again: nobody is dialed in between, and live
    /// calls go on.
    BooksBehind(bool),
    /// How caller ids have fared before, from the books, at the start.
    CallerIds(Vec<CallerIdSoFar>),
    /// A campaign is there, or is there with other settings. It is stopped until started.
    Campaign(Arc<Campaign>),
    /// The wall clock was moved (`true`), or is back: nobody is dialed at an hour that nobody knows.
    ClockMoved(bool),
    /// From now on this number is never dialed; a call that rings there is ended.
    DoNotCallAdd(PhoneNumber),
    /// From now on this list holds, in the place of the one with its id; a call that rings to a
    /// number that it forbids is ended. A log has its header alone.
    DoNotCallList(Box<List>),
    /// The list is no longer there. Campaigns that name it call nobody.
    DoNotCallListDrop(ListId),
    /// The number may be dialed again.
    DoNotCallRemove(PhoneNumber),
    /// Stops dialing everywhere and lets live calls end.
    Drain,
    /// Ends every call now.
    HangUpAll,
    /// Sets a campaign going, at rest, or ends it.
    Phase(CampaignId, CampaignPhase),
    /// What the books hold of a campaign's abandonment ledger, at the start.
    Ledger(CampaignId, LedgerSoFar),
    /// More leads may be there (an import, a disposition): ask the store again.
    LeadsChanged(CampaignId),
}

/// Whether a campaign dials.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignPhase {
    /// Does not dial; live calls go on; the hopper keeps its leads.
    Paused,
    /// Dials.
    Running,
    /// Does not dial; live calls go on; the hopper gives its leads back.
    Stopped,
}

/// A decision.
#[derive(Debug)]
pub enum Output {
    /// Wait for the end of the machine's greeting, at most this long. Answered by `GreetingOver`.
    AwaitGreetingEnd(CallId, SignedDuration),
    /// Join the call's leg with the agent's. Answered by `Bridged` or `BridgeFailed`.
    Bridge(CallId, AgentId),
    /// These talk with each other around a call.
    Converse(Conversation),
    /// Ask the store for due leads. Answered by [`Input::Leads`].
    FetchLeads {
        /// Whose.
        campaign: CampaignId,
        /// At most this many.
        count: u32,
    },
    /// End the call: CANCEL, BYE, or nothing sent at all when the INVITE has not left. Answered by
    /// `Ended`.
    HangUp(CallId),
    /// Tell people.
    Notify(Notice),
    /// Write the attempt, then dial. Answered by `Ended` at last, whatever happens.
    Originate(CallId, Permit),
    /// Play to the called party. Answered by `Played`.
    Play(CallId, Message),
    /// Write down.
    Record(Record),
    /// Start the detector on the call; answered by `Screened` within the limits, and again where it
    /// comes to another kind afterwards.
    Screen(CallId, Listening),
    /// Detach the agent's leg from the call (the agent hears silence), before `HangUp`.
    Unbridge(CallId, AgentId),
}

/// What a called party hears.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Message {
    /// The campaign's own message: what a broadcast says, or what a caller hears who has waited in
    /// vain.
    Campaign,
    /// Who calls, for a phone that answers for its owner.
    Identification,
    /// The campaign's safe-harbour message (16 CFR 310.4(b)(4)(iii)).
    SafeHarbour,
    /// What a machine is left.
    Voicemail,
}

/// What goes into the books. In order; nothing here may be lost while the process lives.
#[derive(Clone, Debug)]
pub enum Record {
    /// An agent does something else: what the agent's time went into.
    Agent {
        /// Who.
        agent: AgentId,
        /// What they do now.
        state: AgentState,
        /// Since when.
        at: Timestamp,
    },
    /// At the 200: counts as abandoned until cleared, so that a crash never undercounts.
    Answered {
        /// The call.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// An agent hears the person: the ledger's entry is cleared.
    Bridged {
        /// The call.
        call: CallId,
        /// Who.
        agent: AgentId,
        /// When.
        at: Timestamp,
    },
    /// A caller id is not shown for a while.
    CallerIdRests {
        /// Which.
        number: PhoneNumber,
        /// Why, and until when.
        rest: CallerIdRest,
        /// When.
        at: Timestamp,
    },
    /// The agent's word, possibly after `Ended`.
    Disposition {
        /// The call.
        call: CallId,
        /// The code.
        disposition: Disposition,
        /// Free text.
        note: Option<String>,
        /// When the lead is due again; `None` closes it.
        due_at: Option<Timestamp>,
        /// The number goes on the do-not-call list.
        do_not_call: bool,
        /// The number is not the person's.
        wrong_person: bool,
    },
    /// A number for the do-not-call list (a key pressed in a message).
    DoNotCall {
        /// The number.
        number: PhoneNumber,
        /// The call in which it was asked for.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// The one record of a call, complete.
    Ended(Box<CallRecord>),
    /// What a campaign's pacer has learned, for the next start; once a day, and at the end.
    Learned {
        /// Whose.
        campaign: CampaignId,
        /// In the place of what was kept before.
        learned: Box<Learned>,
        /// When.
        at: Timestamp,
    },
    /// A lead goes back without having been dialed.
    Released {
        /// The lead.
        lead: LeadId,
        /// Not before this; `None`: unchanged.
        due_at: Option<Timestamp>,
        /// The rule that refused it, when one did.
        rule: Option<String>,
    },
}

/// The record of one call (a CDR): written once, at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// The lead.
    pub lead: LeadId,
    /// The campaign.
    pub campaign: CampaignId,
    /// When the decision to dial was taken.
    pub began_at: Timestamp,
    /// The first 180 or early media.
    pub ringing_at: Option<Timestamp>,
    /// The 200.
    pub answered_at: Option<Timestamp>,
    /// The detector's first word.
    pub verdict: Option<Verdict>,
    /// What else is known of the screening.
    pub screening: ScreeningNotes,
    /// When the agent's leg was joined.
    pub bridged_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Timestamp,
    /// The agent who talked, or whose own call it was.
    pub agent: Option<AgentId>,
    /// How it ended.
    pub outcome: Outcome,
    /// In the ledger, at the end.
    pub ledger: LedgerEntry,
    /// Whether it used up an attempt of the lead (a trunk's fault does not).
    pub counts: bool,
    /// True when the far end ended it.
    pub by_callee: bool,
    /// The final SIP status.
    pub sip_status: Option<u16>,
    /// The Q.850 cause.
    pub q850: Option<u8>,
    /// The SIP Call-ID.
    pub sip_call_id: Option<String>,
    /// The trunk by name; `None` when no INVITE has left.
    pub trunk: Option<String>,
    /// Keys pressed by the called party, in order.
    pub digits: String,
    /// The recording, relative to the data folder.
    pub recording: Option<String>,
    /// When the lead is due again by the recycling rules; `None` closes it. A disposition that
    /// comes later has the last word.
    pub lead_due_at: Option<Timestamp>,
}

/// What a call is in the abandonment ledger.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerEntry {
    /// Answered by a person, no agent in time.
    Abandoned,
    /// Answered by a person who had an agent in time (or left before one was due).
    Live,
    /// Not answered by a person, or not for an agent: not in the denominator.
    NotCounted,
}

/// Why the dialer wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Reason {
    /// The bridge is late.
    BridgeLimit,
    /// The machine's greeting has no end.
    GreetingLimit,
    /// The line has not said that the call it was told to end is over.
    HangUpLimit,
    /// The pacer wants another look.
    Pacing,
    /// A message must be over by now.
    PlayLimit,
    /// A lead is due, or a refused one may be asked for again.
    LeadDue,
    /// A lead has been looked at for long enough.
    PreviewLimit,
    /// It has rung long enough.
    RingTimeout,
    /// Nobody comes to the phone that a screener has answered.
    ScreenerLimit,
    /// The detector is late.
    ScreeningLimit,
    /// A person has been parked long enough.
    ParkLimit,
    /// The longest talk.
    TalkLimit,
    /// A person has waited as long as the law allows.
    WaitLimit,
    /// The store has not answered.
    FetchRetry,
    /// Wrap-up is over.
    WrapUp,
}

/// Why a campaign dials or does not: a sentence for people, from the last decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// The sentence.
    pub sentence: String,
    /// Calls wanted by the last decision.
    pub calls: u32,
    /// When it was taken.
    #[serde(serialize_with = "timestamp")]
    pub at: Timestamp,
}

fn timestamp<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}
