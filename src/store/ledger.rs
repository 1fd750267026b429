//! The abandonment ledger: of the calls that a person answered, how many had an agent in time.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::domain::{CampaignId, Share};

use super::sql;
use super::time::{micros, timestamp};
use super::{Books, StoreError};

const DAY_US: i64 = 86_400_000_000;

/// No call rings longer before it is answered; the index is by the beginning.
const RING_US_MAX: i64 = 600_000_000;

/// Entries in the ledger.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Serialize)]
pub struct LedgerCounts {
    /// Answered by a person, no agent in time; calls that are answered and wait are among them.
    pub abandoned: u64,
    /// Answered by a person who had an agent in time.
    pub live: u64,
}

impl LedgerCounts {
    /// The abandonment rate: abandoned of all (16 CFR 310.4(b)(4)(i)); `None` without an entry.
    pub fn rate(&self) -> Option<Share> {
        let all = self.abandoned + self.live;
        if all == 0 { None } else { Share::new(self.abandoned as f64 / all as f64) }
    }
}

/// The entries of one day.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
pub struct LedgerDay {
    /// The day, in UTC, in which the calls began.
    pub day: Date,
    /// Its entries.
    pub counts: LedgerCounts,
}

impl Books {
    /// The entries of a campaign, of calls that began in `since..until`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ledger(
        &self,
        campaign: CampaignId,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<LedgerCounts, StoreError> {
        let (abandoned, live): (i64, i64) = sql::query_as(
            "SELECT count(*) FILTER (WHERE ledger = 'abandoned'),
                    count(*) FILTER (WHERE ledger = 'live')
             FROM attempts
             WHERE campaign = ? AND began_us >= ? AND began_us < ? AND ledger <> 'not_counted'",
        )
        .bind(campaign.0)
        .bind(micros(since))
        .bind(micros(until))
        .fetch_one(&self.pool)
        .await?;
        Ok(LedgerCounts { abandoned: abandoned as u64, live: live as u64 })
    }

    /// The entries of a campaign, of calls that were answered from `since` on: the window in which
    /// a call counts. An answer whose time a crash has kept from the books counts from the call's
    /// beginning. `hang_ups`: people who left before an agent was due are among the live.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ledger_of_window(
        &self,
        campaign: CampaignId,
        since: Timestamp,
        hang_ups: bool,
    ) -> Result<LedgerCounts, StoreError> {
        let (abandoned, live): (i64, i64) = sql::query_as(
            "SELECT count(*) FILTER (WHERE ledger = 'abandoned'),
                    count(*) FILTER (WHERE ledger = 'live'
                                     AND (?3 = 1 OR outcome IS DISTINCT FROM 'hung_up'))
             FROM attempts
             WHERE campaign = ?1 AND began_us >= ?2 - ?4 AND ledger <> 'not_counted'
               AND coalesce(answered_us, began_us) >= ?2",
        )
        .bind(campaign.0)
        .bind(micros(since))
        .bind(hang_ups)
        .bind(RING_US_MAX)
        .fetch_one(&self.pool)
        .await?;
        Ok(LedgerCounts { abandoned: abandoned as u64, live: live as u64 })
    }

    /// When the first call that a campaign has placed began.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn first_call(&self, campaign: CampaignId) -> Result<Option<Timestamp>, StoreError> {
        let began_us: Option<i64> = sql::query_scalar(
            "SELECT min(began_us) FROM attempts WHERE campaign = ? AND inbound = 0",
        )
        .bind(campaign.0)
        .fetch_one(&self.pool)
        .await?;
        Ok(began_us.map(timestamp))
    }

    /// The entries of a campaign by day (UTC), oldest first; days without an entry are left out.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ledger_days(
        &self,
        campaign: CampaignId,
        since: Timestamp,
    ) -> Result<Vec<LedgerDay>, StoreError> {
        let rows: Vec<(i64, i64, i64)> = sql::query_as(
            "SELECT began_us / ?1, count(*) FILTER (WHERE ledger = 'abandoned'),
                    count(*) FILTER (WHERE ledger = 'live')
             FROM attempts
             WHERE campaign = ?2 AND began_us >= ?3 AND ledger <> 'not_counted'
             GROUP BY 1 ORDER BY 1",
        )
        .bind(DAY_US)
        .bind(campaign.0)
        .bind(micros(since))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(day, abandoned, live)| LedgerDay {
                day: Offset::UTC.to_datetime(timestamp(day * DAY_US)).date(),
                counts: LedgerCounts { abandoned: abandoned as u64, live: live as u64 },
            })
            .collect())
    }
}
