//! What must hold in the books at rest (no call up, no server dialing). The same rules are judged
//! from outside, against the wire.

use crate::domain::{CallId, CampaignId, LeadId};

use super::sql;
use super::{Books, StoreError};

/// An invariant that does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Broken {
    /// An attempt that is over began before its lead was due again, or while another was up.
    #[error("lead {lead} was dialed again by call {call} inside its window")]
    DialedTwice {
        /// The later call.
        call: CallId,
        /// The lead.
        lead: LeadId,
    },
    /// Its number of attempts is not the number of its attempts.
    #[error("lead {lead} counts {counted} attempts, the books have {found}")]
    AttemptsMiscounted {
        /// The lead.
        lead: LeadId,
        /// What it says.
        counted: i64,
        /// What there is.
        found: i64,
    },
    /// A campaign has not as many leads as have landed in it.
    #[error("campaign {campaign} took in {landed} leads and has {found}")]
    LeadsLost {
        /// The campaign.
        campaign: CampaignId,
        /// What came in.
        landed: i64,
        /// What there is.
        found: i64,
    },
    /// A lead is still in the hands of a dialer.
    #[error("lead {0} is stuck: claimed, and in no call")]
    LeadStuck(LeadId),
    /// An answer is in the books and not in the ledger, or the other way round.
    #[error("call {0}: its ledger entry does not fit its answer")]
    LedgerUnfit(CallId),
    /// An attempt has no record of its end.
    #[error("call {0} has no record")]
    NoRecord(CallId),
}

impl Books {
    /// Every invariant that does not hold, at most 100 of each kind.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn invariants(&self) -> Result<Vec<Broken>, StoreError> {
        let mut broken = self.leads_lost().await?;
        broken.extend(self.leads_stuck().await?);
        broken.extend(self.no_record().await?);
        broken.extend(self.miscounted().await?);
        broken.extend(self.dialed_twice().await?);
        broken.extend(self.ledger_unfit().await?);
        Ok(broken)
    }

    async fn leads_lost(&self) -> Result<Vec<Broken>, StoreError> {
        let rows: Vec<(i64, i64, i64)> = sql::query_as(
            "SELECT * FROM
                (SELECT id,
                    (SELECT CAST(coalesce(sum(landed), 0) AS BIGINT)
                     FROM imports WHERE campaign = campaigns.id) AS landed,
                    (SELECT count(*) FROM leads
                     WHERE campaign = campaigns.id AND origin = 'import') AS found
                 FROM campaigns) AS counted
             WHERE landed <> found LIMIT 100",
        )
        .fetch_all(&self.pool)
        .await?;
        let lost = |(campaign, landed, found)| Broken::LeadsLost {
            campaign: CampaignId(campaign),
            landed,
            found,
        };
        Ok(rows.into_iter().map(lost).collect())
    }

    async fn leads_stuck(&self) -> Result<Vec<Broken>, StoreError> {
        let rows: Vec<i64> = sql::query_scalar(
            "SELECT id FROM leads WHERE claimed_by IS NOT NULL AND NOT EXISTS
                (SELECT 1 FROM attempts WHERE lead = leads.id AND ended_us IS NULL
                                 AND inbound = 0) LIMIT 100",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|lead| Broken::LeadStuck(LeadId(lead))).collect())
    }

    async fn no_record(&self) -> Result<Vec<Broken>, StoreError> {
        let rows: Vec<i64> =
            sql::query_scalar("SELECT call FROM attempts WHERE ended_us IS NULL LIMIT 100")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(|call| Broken::NoRecord(CallId(call))).collect())
    }

    async fn miscounted(&self) -> Result<Vec<Broken>, StoreError> {
        let rows: Vec<(i64, i64, i64)> = sql::query_as(
            "SELECT * FROM
                (SELECT id, attempts AS counted,
                    (SELECT count(*) FROM attempts WHERE lead = leads.id AND inbound = 0) AS found
                 FROM leads) AS each_lead
             WHERE counted <> found LIMIT 100",
        )
        .fetch_all(&self.pool)
        .await?;
        let miscounted = |(lead, counted, found)| Broken::AttemptsMiscounted {
            lead: LeadId(lead),
            counted,
            found,
        };
        Ok(rows.into_iter().map(miscounted).collect())
    }

    async fn dialed_twice(&self) -> Result<Vec<Broken>, StoreError> {
        let rows: Vec<(i64, i64)> = sql::query_as(
            "SELECT call, lead FROM
                (SELECT call, lead, began_us, row_number() OVER each AS place,
                    lag(ended_us) OVER each AS ended, lag(lead_due_us) OVER each AS due
                 FROM attempts WHERE inbound = 0 WINDOW each AS (PARTITION BY lead ORDER BY began_us, call)) AS calls
             WHERE place > 1 AND (ended IS NULL OR due IS NULL OR began_us < ended OR began_us < due)
             LIMIT 100",
        )
        .fetch_all(&self.pool)
        .await?;
        let twice = |(call, lead)| Broken::DialedTwice { call: CallId(call), lead: LeadId(lead) };
        Ok(rows.into_iter().map(twice).collect())
    }

    async fn ledger_unfit(&self) -> Result<Vec<Broken>, StoreError> {
        let rows: Vec<i64> = sql::query_scalar((
            "SELECT call FROM attempts
             WHERE CASE inbound
                WHEN 1 THEN ledger <> 'not_counted'
                ELSE (ledger <> 'not_counted' AND answered_us IS NULL AND outcome <> 'interrupted')
                  OR (ledger = 'not_counted' AND bridged_us IS NOT NULL
                      AND json_extract(screening, '$.taken_back_at') IS NULL)
                  OR (outcome = 'abandoned' AND ledger <> 'abandoned') END LIMIT 100",
            "SELECT call FROM attempts
             WHERE CASE inbound
                WHEN 1 THEN ledger <> 'not_counted'
                ELSE (ledger <> 'not_counted' AND answered_us IS NULL AND outcome <> 'interrupted')
                  OR (ledger = 'not_counted' AND bridged_us IS NOT NULL
                      AND (screening::json ->> 'taken_back_at') IS NULL)
                  OR (outcome = 'abandoned' AND ledger <> 'abandoned') END LIMIT 100",
        ))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|call| Broken::LedgerUnfit(CallId(call))).collect())
    }
}
