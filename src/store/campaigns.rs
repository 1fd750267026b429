//! Campaigns: their numbers in the books, and whether they dial. What a campaign is stands in its
//! file, not here.

use super::sql::{self, Connection};

use crate::dialer::CampaignPhase;
use crate::domain::CampaignId;

use super::writer::Write;
use super::{Books, Store, StoreError};

/// A campaign, as the books know it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CampaignRow {
    /// Its number.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// What it was last told to do.
    pub phase: CampaignPhase,
}

struct Register(String);

impl Write for Register {
    type Answer = CampaignId;

    async fn apply(&self, books: &mut Connection) -> Result<CampaignId, StoreError> {
        sql::query("INSERT INTO campaigns (name) VALUES (?) ON CONFLICT DO NOTHING")
            .bind(&self.0)
            .execute(&mut *books)
            .await?;
        let id = sql::query_scalar("SELECT id FROM campaigns WHERE name = ?")
            .bind(&self.0)
            .fetch_one(books)
            .await?;
        Ok(CampaignId(id))
    }
}

struct SetPhase(CampaignId, CampaignPhase);

impl Write for SetPhase {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("UPDATE campaigns SET phase = ? WHERE id = ?")
            .bind(phase_word(self.1))
            .bind(self.0.0)
            .execute(books)
            .await?;
        Ok(())
    }
}

impl Store {
    /// The number of the campaign of that name, a new one (stopped) when it is not in the books.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn campaign_id(&self, name: &str) -> Result<CampaignId, StoreError> {
        self.writer.write(Register(name.to_owned())).await
    }

    /// Keeps what the campaign was told to do, for the next start.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn set_phase(
        &self,
        campaign: CampaignId,
        phase: CampaignPhase,
    ) -> Result<(), StoreError> {
        self.writer.write(SetPhase(campaign, phase)).await
    }
}

impl Books {
    /// Every campaign that has ever been in the books, by name.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn campaigns(&self) -> Result<Vec<CampaignRow>, StoreError> {
        let rows: Vec<(i64, String, String)> =
            sql::query_as("SELECT id, name, phase FROM campaigns ORDER BY name")
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter()
            .map(|(id, name, phase)| {
                Ok(CampaignRow { id: CampaignId(id), name, phase: phase_of(&phase)? })
            })
            .collect()
    }

    /// The campaign of that name, when it is in the books.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn campaign(&self, name: &str) -> Result<Option<CampaignId>, StoreError> {
        let id = sql::query_scalar("SELECT id FROM campaigns WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        Ok(id.map(CampaignId))
    }
}

fn phase_word(phase: CampaignPhase) -> &'static str {
    match phase {
        CampaignPhase::Paused => "paused",
        CampaignPhase::Running => "running",
        CampaignPhase::Stopped => "stopped",
    }
}

fn phase_of(word: &str) -> Result<CampaignPhase, StoreError> {
    match word {
        "paused" => Ok(CampaignPhase::Paused),
        "running" => Ok(CampaignPhase::Running),
        "stopped" => Ok(CampaignPhase::Stopped),
        _ => Err(StoreError::Unreadable(format!("campaign phase {word:?}"))),
    }
}
