//! Call records, to be read and exported.

use jiff::Timestamp;

use crate::dialer::CallRecord;
use crate::domain::{AgentId, CallId, CallerCheck, CampaignId, Disposition, LeadId, PhoneNumber};

use super::leads::outcome;
use super::records::{ledger_of, screening_of, verdict_of};
use super::sql;
use super::time::{micros, timestamp};
use super::{Books, StoreError, number};

/// Which calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallFilter {
    /// Of this campaign only.
    pub campaign: Option<CampaignId>,
    /// Begun at or after this.
    pub since: Option<Timestamp>,
    /// Begun before this.
    pub until: Option<Timestamp>,
    /// To or from this number only.
    pub number: Option<PhoneNumber>,
}

/// A call that is over, with the names of what its record only numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The record.
    pub record: CallRecord,
    /// The person called in.
    pub inbound: bool,
    /// The person's number.
    pub number: PhoneNumber,
    /// The number shown to the person; of a call that came in, the one that the person called.
    pub caller_id: Option<PhoneNumber>,
    /// Whether the person who called in may show the number, where somebody says so.
    pub caller_check: Option<CallerCheck>,
    /// The trunk.
    pub trunk: Option<String>,
    /// The campaign's name.
    pub campaign_name: String,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// The lead's first name.
    pub first_name: Option<String>,
    /// The lead's last name.
    pub last_name: Option<String>,
    /// What the agent said of it.
    pub disposition: Option<Disposition>,
    /// The agent's note.
    pub note: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CallRow {
    call: i64,
    lead: i64,
    campaign: i64,
    number: i64,
    caller_id: Option<i64>,
    trunk: Option<String>,
    began_us: i64,
    ringing_us: Option<i64>,
    answered_us: Option<i64>,
    bridged_us: Option<i64>,
    ended_us: i64,
    agent: Option<i64>,
    outcome: String,
    ledger: String,
    counts: i64,
    by_callee: i64,
    verdict: Option<String>,
    verdict_probability: Option<f64>,
    verdict_at_ms: Option<i64>,
    greeting_end_ms: Option<i64>,
    screening: Option<String>,
    sip_status: Option<i64>,
    q850: Option<i64>,
    sip_call_id: Option<String>,
    digits: String,
    recording: Option<String>,
    disposition: Option<String>,
    note: Option<String>,
    lead_due_us: Option<i64>,
    campaign_name: String,
    agent_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    inbound: i64,
    caller_check: Option<String>,
}

/// A number that was written as this kind.
pub(super) fn narrow<T: TryFrom<i64>>(value: Option<i64>) -> Result<Option<T>, StoreError> {
    let unreadable = |_| StoreError::Unreadable(format!("the number {value:?}"));
    value.map(T::try_from).transpose().map_err(unreadable)
}

fn caller_check(word: Option<&str>) -> Result<Option<CallerCheck>, StoreError> {
    let unreadable = |word: &str| StoreError::Unreadable(format!("the check {word:?} of a caller"));
    word.map(|word| CallerCheck::parse(word).ok_or_else(|| unreadable(word))).transpose()
}

impl CallRow {
    fn read(self) -> Result<Call, StoreError> {
        let verdict = match (&self.verdict, self.verdict_probability, self.verdict_at_ms) {
            (Some(kind), Some(probability), Some(at_ms)) => {
                let (at_ms, end_ms) = (narrow(Some(at_ms))?, narrow(self.greeting_end_ms)?);
                Some(verdict_of(kind, probability, at_ms.unwrap_or_default(), end_ms)?)
            }
            _ => None,
        };
        let record = CallRecord {
            call: CallId(self.call),
            lead: LeadId(self.lead),
            campaign: CampaignId(self.campaign),
            began_at: timestamp(self.began_us),
            ringing_at: self.ringing_us.map(timestamp),
            answered_at: self.answered_us.map(timestamp),
            verdict,
            screening: screening_of(self.screening.as_deref())?,
            bridged_at: self.bridged_us.map(timestamp),
            ended_at: timestamp(self.ended_us),
            agent: self.agent.map(AgentId),
            outcome: outcome(&self.outcome)?,
            ledger: ledger_of(&self.ledger)?,
            counts: self.counts == 1,
            by_callee: self.by_callee == 1,
            sip_status: narrow(self.sip_status)?,
            q850: narrow(self.q850)?,
            sip_call_id: self.sip_call_id,
            trunk: self.trunk.clone(),
            digits: self.digits,
            recording: self.recording,
            lead_due_at: self.lead_due_us.map(timestamp),
        };
        Ok(Call {
            record,
            inbound: self.inbound == 1,
            number: number(self.number)?,
            caller_id: self.caller_id.map(number).transpose()?,
            caller_check: caller_check(self.caller_check.as_deref())?,
            trunk: self.trunk,
            campaign_name: self.campaign_name,
            agent_name: self.agent_name,
            first_name: self.first_name,
            last_name: self.last_name,
            disposition: self.disposition.map(Disposition),
            note: self.note,
        })
    }
}

impl Books {
    /// One call that is over.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn call(&self, call: CallId) -> Result<Option<Call>, StoreError> {
        let before = CallId(call.0.saturating_sub(1));
        let found = self.calls(CallFilter::default(), Some(before), 1).await?;
        Ok(found.into_iter().next().filter(|found| found.record.call == call))
    }

    /// A page of the calls that are over, in the order of their numbers: at most `count` after
    /// `after`. The next page begins after the last call of this one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn calls(
        &self,
        filter: CallFilter,
        after: Option<CallId>,
        count: u32,
    ) -> Result<Vec<Call>, StoreError> {
        let rows: Vec<CallRow> = sql::query_as(
            "SELECT attempts.*, campaigns.name AS campaign_name, agents.name AS agent_name,
                    leads.first_name, leads.last_name
             FROM attempts
             JOIN campaigns ON campaigns.id = attempts.campaign
             JOIN leads ON leads.id = attempts.lead
             LEFT JOIN agents ON agents.id = attempts.agent
             WHERE attempts.call > ?1 AND ended_us IS NOT NULL
               AND (?2 IS NULL OR attempts.campaign = ?2)
               AND (?3 IS NULL OR began_us >= ?3)
               AND (?4 IS NULL OR began_us < ?4)
               AND (?5 IS NULL OR attempts.number = ?5)
             ORDER BY attempts.call LIMIT ?6",
        )
        .bind(after.map_or(i64::MIN, |call| call.0))
        .bind(filter.campaign.map(|campaign| campaign.0))
        .bind(filter.since.map(micros))
        .bind(filter.until.map(micros))
        .bind(filter.number.map(|number| number.digits() as i64))
        .bind(count)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(CallRow::read).collect()
    }
}
