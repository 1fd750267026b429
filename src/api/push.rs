//! What a WebSocket is sent: the shapes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alarms::AlarmBody;
use super::caller_ids::RestReasonBody;
use super::campaigns::PhaseBody;
use super::floor::{AgentOnFloor, Floor, StateBody};
use crate::dialer::Party;
use crate::domain::{CallId, Campaign, Lead, Places, VerdictKind};

/// One message of a WebSocket. The first is a snapshot with `seq` 0; each that follows has the
/// next number, so that a gap shows.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Push {
    /// The number of this message on this socket.
    pub seq: u64,
    /// When it was sent.
    pub at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub event: PushEvent,
}

/// What a message says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum PushEvent {
    /// An agent's state has changed.
    Agent {
        /// The agent's number.
        agent: i64,
        /// Into what.
        #[serde(flatten)]
        state: StateBody,
    },
    /// First message of an agent's socket.
    AgentSnapshot {
        /// The agent's number.
        agent: i64,
        /// What the agent does now.
        #[serde(flatten)]
        state: StateBody,
        /// Since when, and for whom; `null` while logged out.
        desk: Option<AgentOnFloor>,
        /// The person of the present call: a page that was loaded again shows them again.
        pop: Option<Box<ScreenPop>>,
    },
    /// An alarm: a number that campaigns show is not shown for a while.
    CallerIdRests {
        /// In E.164.
        number: String,
        /// Why.
        reason: RestReasonBody,
        /// Until when.
        until: Timestamp,
    },
    /// Every alarm that holds, after each change; first after the snapshot. Only without an agent.
    Alarms {
        /// The alarms.
        alarms: Vec<AlarmBody>,
    },
    /// A campaign's phase has changed.
    Campaign {
        /// Its name.
        name: String,
        /// Into what.
        phase: PhaseBody,
    },
    /// Who is with the agent and the person, besides.
    Company {
        /// The agent's number.
        agent: i64,
        /// The person's call.
        call: i64,
        /// Who; `null` when they are alone.
        with: Option<CompanyBody>,
        /// The person hears them too.
        together: bool,
    },
    /// The agent's call is no person's.
    Detected {
        /// The agent's number.
        agent: i64,
        /// The call.
        call: i64,
        /// What it is: `machine`, `fax`, and so on.
        #[schema(value_type = String, example = "machine")]
        kind: VerdictKind,
        /// True when the call was taken from the agent, false when the campaign leaves it there.
        taken_back: bool,
    },
    /// A call that the agent wanted to make may not be made.
    DialRefused {
        /// The agent's number.
        agent: i64,
        /// The lead's number.
        lead: i64,
        /// The rule.
        rule: String,
        /// One sentence for people.
        sentence: String,
    },
    /// The room again: at most four a second, and only without an agent.
    Floor {
        /// The room.
        floor: Floor,
    },
    /// First message of a socket without an agent.
    FloorSnapshot {
        /// The room.
        floor: Floor,
    },
    /// What the agent wanted to do with the person cannot be done.
    HandingRefused {
        /// The agent's number.
        agent: i64,
        /// One sentence for people.
        sentence: String,
    },
    /// This lead is offered to this agent: dial or skip.
    Preview(Box<Preview>),
    /// The screen pop: this person is being connected to this agent.
    ScreenPop(Box<ScreenPop>),
}

/// Whoever an agent has brought to a person's call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyBody {
    /// A colleague, by number.
    Agent(i64),
    /// An outside number, by its call.
    Call(i64),
}

impl From<Party> for CompanyBody {
    fn from(party: Party) -> Self {
        match party {
            Party::Agent(agent) => Self::Agent(agent.0),
            Party::Call(call) => Self::Call(call.0),
        }
    }
}

/// A person on the line, for the agent who takes them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ScreenPop {
    /// The agent's number.
    pub agent: i64,
    /// The call.
    pub call: i64,
    /// The campaign's name.
    pub campaign: String,
    /// The person.
    pub lead: LeadBody,
    /// What the agent may say of the call, in the order to show.
    pub dispositions: Vec<DispositionChoice>,
    /// What must be said to the person first, with the person's own words in it.
    #[serde(default)]
    pub read_first: Option<String>,
    /// What else is read to the person.
    #[serde(default)]
    pub script: Option<String>,
}

/// A lead that is offered to an agent.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct Preview {
    /// The agent's number.
    pub agent: i64,
    /// The campaign's name.
    pub campaign: String,
    /// The person.
    pub lead: LeadBody,
    /// When it is dialed or skipped without the agent's word; `null` when never, or not known.
    pub until: Option<Timestamp>,
}

impl Preview {
    pub(super) fn of(
        agent: i64,
        lead: &Lead,
        until: Option<Timestamp>,
        campaigns: &[Arc<Campaign>],
    ) -> Self {
        let campaign = campaigns.iter().find(|campaign| campaign.id == lead.campaign);
        let campaign = campaign.map(|campaign| campaign.name.clone()).unwrap_or_default();
        Self { agent, campaign, lead: LeadBody::of(lead, None), until }
    }
}

/// A lead, as an agent sees it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct LeadBody {
    /// The lead's number.
    pub id: i64,
    /// The number that was called.
    #[schema(example = "+12015550123")]
    pub phone: String,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// ZIP or postal code.
    pub zip: Option<String>,
    /// Every other column of the imported file.
    pub attributes: BTreeMap<String, String>,
    /// Recent attempts to this number before this one.
    pub attempts: usize,
}

/// One thing that an agent may say of a call.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct DispositionChoice {
    /// What to send.
    #[schema(example = "sale")]
    pub code: String,
    /// What to show.
    #[schema(example = "Sale")]
    pub label: String,
    /// Whether it puts the number on the do-not-call list.
    pub do_not_call: bool,
    /// Whether a time to call again must be said with it.
    #[serde(default)]
    pub requires_callback: bool,
    /// Whether a note must be said with it.
    #[serde(default)]
    pub requires_note: bool,
}

impl ScreenPop {
    /// `agent` by number and name.
    pub(super) fn of(
        (agent, name): (i64, &str),
        call: CallId,
        lead: &Lead,
        campaigns: &[Arc<Campaign>],
    ) -> Self {
        let campaign = campaigns.iter().find(|campaign| campaign.id == lead.campaign);
        let fill = |text: &Option<String>| {
            let places = Places { lead, agent: name, campaign: &campaign?.name };
            text.as_deref().map(|text| places.fill(text))
        };
        let choices = campaign.map(|campaign| campaign.dispositions.as_slice()).unwrap_or_default();
        Self {
            agent,
            call: call.0,
            campaign: campaign.map(|campaign| campaign.name.clone()).unwrap_or_default(),
            lead: LeadBody::of(lead, Some(call)),
            dispositions: choices
                .iter()
                .map(|rule| DispositionChoice {
                    code: rule.code.0.clone(),
                    label: rule.label.clone(),
                    do_not_call: rule.do_not_call,
                    requires_callback: rule.required.callback,
                    requires_note: rule.required.note,
                })
                .collect(),
            read_first: campaign.and_then(|campaign| fill(&campaign.script.read_first)),
            script: campaign.and_then(|campaign| fill(&campaign.script.text)),
        }
    }
}

impl LeadBody {
    fn of(lead: &Lead, present: Option<CallId>) -> Self {
        Self {
            id: lead.id.0,
            phone: lead.number.to_e164(),
            first_name: lead.first_name.clone(),
            last_name: lead.last_name.clone(),
            state: lead.state.clone(),
            zip: lead.zip.clone(),
            attributes: lead.attributes.clone(),
            attempts: lead.attempts().filter(|attempt| Some(attempt.call) != present).count(),
        }
    }
}
