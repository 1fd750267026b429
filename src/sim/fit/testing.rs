//! Records for this room's tests.

use jiff::{SignedDuration, Timestamp};

use crate::dialer::{CallRecord, LedgerEntry};
use crate::domain::{AgentId, CallId, CampaignId, LeadId, Outcome, later};

/// So many seconds after the start.
pub fn at(s: f64) -> Timestamp {
    later(Timestamp::UNIX_EPOCH, SignedDuration::from_secs_f64(s))
}

/// The `n`-th call, that began at `began` and rang so long; a talk lasts three minutes.
pub fn record(n: u32, began: u32, rang_s: f64, outcome: Outcome) -> CallRecord {
    let talked = outcome == Outcome::Talked;
    let answered_at = talked.then(|| at(f64::from(began) + rang_s));
    let talk_s = if talked { 180.0 } else { 0.0 };
    CallRecord {
        call: CallId(i64::from(n)),
        lead: LeadId(i64::from(n)),
        campaign: CampaignId(1),
        began_at: at(f64::from(began)),
        ringing_at: None,
        answered_at,
        verdict: None,
        screening: Default::default(),
        bridged_at: answered_at,
        ended_at: at(f64::from(began) + rang_s + talk_s),
        agent: talked.then_some(AgentId(1)),
        outcome,
        ledger: if talked { LedgerEntry::Live } else { LedgerEntry::NotCounted },
        counts: true,
        by_callee: false,
        sip_status: None,
        q850: None,
        sip_call_id: None,
        trunk: None,
        digits: String::new(),
        recording: None,
        lead_due_at: None,
    }
}
