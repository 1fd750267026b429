//! What the pacers have learned, kept from one run to the next. It is advice: what cannot be read
//! is left aside with a warning, and the campaign begins without.

use super::sql::{self, Connection};
use jiff::Timestamp;

use crate::domain::CampaignId;
use crate::pacing::Learned;

use super::time::micros;
use super::{Books, StoreError};

/// Counts up whenever what is learned means something else.
const VERSION: i64 = 1;

/// Keeps it in the place of what was kept before.
pub(super) async fn keep(
    books: &mut Connection,
    campaign: CampaignId,
    learned: &Learned,
    at: Timestamp,
) -> Result<(), StoreError> {
    let text = match serde_json::to_string(learned) {
        Ok(text) => text,
        Err(error) => {
            tracing::warn!(%campaign, %error, "what the pacer has learned cannot be kept");
            return Ok(());
        }
    };
    sql::query(
        "INSERT INTO learned (campaign, version, at_us, learned) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (campaign) DO UPDATE SET version = ?2, at_us = ?3, learned = ?4",
    )
    .bind(campaign.0)
    .bind(VERSION)
    .bind(micros(at))
    .bind(text)
    .execute(books)
    .await?;
    Ok(())
}

impl Books {
    /// What the campaign's pacer had learned when it was last kept; `None` when nothing was, or
    /// when it cannot be read any more.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn learned(&self, campaign: CampaignId) -> Result<Option<Learned>, StoreError> {
        let kept: Option<(i64, String)> =
            sql::query_as("SELECT version, learned FROM learned WHERE campaign = ?")
                .bind(campaign.0)
                .fetch_optional(&self.pool)
                .await?;
        let Some((version, text)) = kept else { return Ok(None) };
        if version != VERSION {
            tracing::warn!(%campaign, version, "what the pacer had learned is of another version");
            return Ok(None);
        }
        Ok(serde_json::from_str(&text)
            .inspect_err(|error| {
                tracing::warn!(%campaign, %error, "what the pacer had learned cannot be read");
            })
            .ok())
    }
}
