//! A call record as the API tells it, in JSON and in CSV.

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dialer::LedgerEntry;
use crate::domain::{CallerCheck, Outcome, PhoneNumber, VerdictKind};
use crate::store::Call;

/// One call that is over.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CallBody {
    /// The call's number.
    pub call: i64,
    /// The campaign's name.
    pub campaign: String,
    /// The lead's number.
    pub lead: i64,
    /// The number called, E.164; of a call that came in, the caller's (`+999000000`: withheld).
    #[schema(value_type = String, example = "+12015550123")]
    pub number: PhoneNumber,
    /// The lead's first name.
    pub first_name: Option<String>,
    /// The lead's last name.
    pub last_name: Option<String>,
    /// The number shown, E.164; of a call that came in, the number that was called.
    #[schema(value_type = Option<String>, example = "+12015550100")]
    pub caller_id: Option<PhoneNumber>,
    /// The trunk.
    pub trunk: Option<String>,
    /// When the decision to dial was taken.
    pub began_at: Timestamp,
    /// The first sign of ringing.
    pub ringing_at: Option<Timestamp>,
    /// The answer.
    pub answered_at: Option<Timestamp>,
    /// When an agent was connected.
    pub bridged_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Timestamp,
    /// How it ended.
    #[schema(value_type = String, example = "talked")]
    pub outcome: Outcome,
    /// In the abandonment ledger: `abandoned`, `live` or `not_counted`.
    #[schema(value_type = String, example = "live")]
    pub ledger: LedgerEntry,
    /// What answered, as the detector heard it.
    #[schema(value_type = Option<String>, example = "human")]
    pub verdict: Option<VerdictKind>,
    /// How sure the detector was, 0 to 1.
    pub verdict_probability: Option<f64>,
    /// The agent's number.
    pub agent: Option<i64>,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// What the agent said of it.
    pub disposition: Option<String>,
    /// The agent's note.
    pub note: Option<String>,
    /// Whether it used up an attempt of the lead.
    pub counts: bool,
    /// True when the far end ended it.
    pub by_callee: bool,
    /// The final SIP status.
    pub sip_status: Option<u16>,
    /// The Q.850 cause.
    pub q850: Option<u8>,
    /// The SIP Call-ID.
    pub sip_call_id: Option<String>,
    /// Keys pressed by the called party.
    pub digits: String,
    /// The recording, relative to the data folder.
    pub recording: Option<String>,
    /// When the lead is due again; `null` when it is closed.
    pub lead_due_at: Option<Timestamp>,
    /// True when the person called in.
    pub inbound: bool,
    /// Of a call that came in, whether the caller may show the number: `passed_a`, `passed_b`, `passed_c`
    /// or `failed` by its signature (STIR), `carrier_passed` or `carrier_failed` by the carrier's word,
    /// `unchecked` when nobody can tell; `null` when nothing is said.
    #[schema(value_type = Option<String>, example = "passed_a")]
    pub caller_check: Option<CallerCheck>,
}

/// The calls as CSV (RFC 4180), with a header line when `header`.
///
/// # Errors
/// None in practice: the writer is memory.
pub fn csv(calls: impl Iterator<Item = CallBody>, header: bool) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    if header {
        writer.write_record(COLUMNS).map_err(io::Error::other)?;
    }
    for call in calls {
        writer.serialize(call.without_formulas()).map_err(io::Error::other)?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// The columns of the CSV form: the fields of [`CallBody`], in its order.
const COLUMNS: [&str; 31] = [
    "call",
    "campaign",
    "lead",
    "number",
    "first_name",
    "last_name",
    "caller_id",
    "trunk",
    "began_at",
    "ringing_at",
    "answered_at",
    "bridged_at",
    "ended_at",
    "outcome",
    "ledger",
    "verdict",
    "verdict_probability",
    "agent",
    "agent_name",
    "disposition",
    "note",
    "counts",
    "by_callee",
    "sip_status",
    "q850",
    "sip_call_id",
    "digits",
    "recording",
    "lead_due_at",
    "inbound",
    "caller_check",
];

impl CallBody {
    /// With an apostrophe before every text of foreign origin that a spreadsheet would take for a
    /// formula (OWASP, CSV injection).
    fn without_formulas(mut self) -> Self {
        let texts = [
            &mut self.first_name,
            &mut self.last_name,
            &mut self.agent_name,
            &mut self.disposition,
            &mut self.note,
            &mut self.sip_call_id,
        ];
        for text in texts.into_iter().flatten() {
            if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                text.insert(0, '\'');
            }
        }
        self
    }
}

impl From<Call> for CallBody {
    fn from(call: Call) -> Self {
        let record = call.record;
        Self {
            call: record.call.0,
            campaign: call.campaign_name,
            lead: record.lead.0,
            number: call.number,
            first_name: call.first_name,
            last_name: call.last_name,
            caller_id: call.caller_id,
            trunk: call.trunk,
            began_at: record.began_at,
            ringing_at: record.ringing_at,
            answered_at: record.answered_at,
            bridged_at: record.bridged_at,
            ended_at: record.ended_at,
            outcome: record.outcome,
            ledger: record.ledger,
            verdict: record.verdict.map(|verdict| verdict.kind),
            verdict_probability: record.verdict.map(|verdict| verdict.probability),
            agent: record.agent.map(|agent| agent.0),
            agent_name: call.agent_name,
            disposition: call.disposition.map(|disposition| disposition.0),
            note: call.note,
            counts: record.counts,
            by_callee: record.by_callee,
            sip_status: record.sip_status,
            q850: record.q850,
            sip_call_id: record.sip_call_id,
            digits: record.digits,
            recording: record.recording,
            lead_due_at: record.lead_due_at,
            inbound: call.inbound,
            caller_check: call.caller_check,
        }
    }
}
