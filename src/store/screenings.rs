//! What the detector said of calls and what became of them: audio that is kept for a while, and the
//! calls of which agents have said what they met.

use std::fs;
use std::io;

use jiff::Timestamp;

use crate::domain::{CallId, Campaign, CampaignId, Disposition, Misjudged, Verdict};

use super::calls::narrow;
use super::records::{screening_of, verdict_of};
use super::sql::{self, Connection};
use super::time::micros;
use super::writer::Write;
use super::{Books, Store, StoreError};

/// The folder of the recordings, and of what detectors heard, in the data folder.
pub const RECORDINGS: &str = "recordings";

/// The calls whose files are gone.
struct Forget(Vec<CallId>);

impl Write for Forget {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        for call in &self.0 {
            sql::query((
                "UPDATE attempts SET screening = json_remove(screening, '$.audio') WHERE call = ?",
                "UPDATE attempts SET screening = (screening::jsonb - 'audio')::text WHERE call = ?",
            ))
            .bind(call.0)
            .execute(&mut *books)
            .await?;
        }
        Ok(())
    }
}

/// A call that an agent had and has said something of.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    /// Which.
    pub call: CallId,
    /// The detector's first word.
    pub verdict: Verdict,
    /// Sent to the agent although it was called a machine.
    pub sampled: bool,
    /// What the agent said.
    pub disposition: Disposition,
    /// The file with what the detector heard, in [`RECORDINGS`].
    pub audio: Option<String>,
}

impl Store {
    /// Removes the audio of calls of the campaign that began before then, and says of how many.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]; [`StoreError::Folder`] when a file cannot be
    /// removed.
    pub async fn remove_screenings(
        &self,
        campaign: CampaignId,
        before: Timestamp,
    ) -> Result<usize, StoreError> {
        let kept: Vec<(i64, String)> = sql::query_as((
            "SELECT call, json_extract(screening, '$.audio') FROM attempts INDEXED BY attempts_audio
             WHERE campaign = ? AND began_us < ? AND ended_us IS NOT NULL
               AND json_extract(screening, '$.audio') IS NOT NULL",
            "SELECT call, screening::json ->> 'audio' FROM attempts
             WHERE campaign = ? AND began_us < ? AND ended_us IS NOT NULL
               AND screening::json ->> 'audio' IS NOT NULL",
        ))
        .bind(campaign.0)
        .bind(micros(before))
        .fetch_all(&self.books.pool)
        .await?;
        let mut gone = Vec::with_capacity(kept.len());
        for (call, file) in kept {
            self.remove_recording(&file)?;
            gone.push(CallId(call));
        }
        let count = gone.len();
        if count > 0 {
            self.writer.write(Forget(gone)).await?;
        }
        Ok(count)
    }

    /// Removes a file of the folder of the recordings; one that is not there is removed.
    pub(super) fn remove_recording(&self, file: &str) -> Result<(), StoreError> {
        let path = self.folder.join(RECORDINGS).join(file);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::Folder { path, source: source.into() })
            }
            _ => Ok(()),
        }
    }
}

#[derive(sqlx::FromRow)]
struct MetRow {
    call: i64,
    verdict: String,
    verdict_probability: f64,
    verdict_at_ms: i64,
    greeting_end_ms: Option<i64>,
    screening: Option<String>,
    disposition: String,
}

impl MetRow {
    fn read(self) -> Result<Met, StoreError> {
        let Self { verdict, verdict_probability, verdict_at_ms, greeting_end_ms, .. } = &self;
        let at_ms = narrow(Some(*verdict_at_ms))?.unwrap_or_default();
        let end_ms = narrow(*greeting_end_ms)?;
        let notes = screening_of(self.screening.as_deref())?;
        Ok(Met {
            call: CallId(self.call),
            verdict: verdict_of(verdict, *verdict_probability, at_ms, end_ms)?,
            sampled: notes.sampled,
            disposition: Disposition(self.disposition),
            audio: notes.audio,
        })
    }
}

impl Books {
    /// The calls of a campaign since then that a detector has heard and an agent has said something
    /// of, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Unreadable`].
    pub async fn met(
        &self,
        campaign: CampaignId,
        since: Timestamp,
    ) -> Result<Vec<Met>, StoreError> {
        let rows: Vec<MetRow> = sql::query_as(
            "SELECT call, verdict, verdict_probability, verdict_at_ms, greeting_end_ms, screening,
                    disposition
             FROM attempts
             WHERE campaign = ? AND began_us >= ? AND ended_us IS NOT NULL AND inbound = 0
               AND verdict IS NOT NULL AND disposition IS NOT NULL AND bridged_us IS NOT NULL
             ORDER BY call",
        )
        .bind(campaign.0)
        .bind(micros(since))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(MetRow::read).collect()
    }

    /// How many of those who were called machines since then, and kept from agents, were people, by
    /// what agents said of the samples.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Unreadable`].
    pub async fn misjudged(
        &self,
        campaign: &Campaign,
        since: Timestamp,
    ) -> Result<Misjudged, StoreError> {
        let mut misjudged = Misjudged {
            kept: self.kept_from_agents(campaign.id, since).await?,
            ..Misjudged::default()
        };
        let met = self.met(campaign.id, since).await?;
        for met in met.iter().filter(|met| met.sampled && met.verdict.kind.is_recorded()) {
            misjudged.sampled += 1;
            misjudged.people += u64::from(!campaign.is_machine(&met.disposition));
        }
        Ok(misjudged)
    }

    /// How many calls of a campaign since then were called machines, or another recording, and kept
    /// from agents.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn kept_from_agents(
        &self,
        campaign: CampaignId,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let count: i64 = sql::query_scalar(
            "SELECT count(*) FROM attempts
             WHERE campaign = ? AND began_us >= ? AND bridged_us IS NULL AND inbound = 0
               AND outcome IN ('announcement', 'answering_machine', 'message_left', 'screener')",
        )
        .bind(campaign.0)
        .bind(micros(since))
        .fetch_one(&self.pool)
        .await?;
        Ok(count as u64)
    }
}
