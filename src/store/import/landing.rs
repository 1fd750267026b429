//! Staging and landing.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::store::sql::{self, Connection};
use jiff::Timestamp;

use crate::domain::{CampaignId, PhoneNumber};
use crate::store::folder::ImportLock;
use crate::store::leads::json;
use crate::store::time::micros;
use crate::store::writer::Write;
use crate::store::{Books, DataFolder, Store, StoreError, lease};

use super::ready::{self, NewLead, ReadyLead};

/// Leads that land in one transaction while nothing else is written, and when a dialer's writes
/// wait meanwhile.
const LAND_ROWS: i64 = 100_000;
const LAND_ROWS_DIALING: i64 = 5_000;
/// The books are left alone for so long after each transaction when another process dials: as long
/// as SQLite sleeps at most before it looks again whether they are free.
const LEFT_ALONE: Duration = Duration::from_millis(100);

/// How many leads have landed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Landed {
    /// New leads.
    pub landed: u64,
    /// Numbers that the campaign has already; the lead there is left as it is.
    pub duplicates: u64,
}

/// A file on its way in; one at a time. Dropped without [`land`](Self::land) it stays on the
/// staging ground until the next import or the next start clears it: nothing has landed.
pub struct Staging {
    store: Store,
    import: i64,
    _one_at_a_time: ImportLock,
}

impl Store {
    /// Lets leads land in a campaign, all or none. For the few of a request; a file goes through
    /// [`stage_leads`](Self::stage_leads).
    ///
    /// # Errors
    /// [`StoreError::Database`], also when there is no such campaign; [`StoreError::Closed`].
    pub async fn add_leads(
        &self,
        campaign: CampaignId,
        source: &str,
        leads: Vec<NewLead>,
        now: Timestamp,
    ) -> Result<Landed, StoreError> {
        let (source, count) = (source.to_owned(), leads.len() as u64);
        let leads = leads.into_iter().map(ReadyLead::try_from).collect::<Result<_, _>>()?;
        let landed = self.writer.write(AddLeads { campaign, source, leads, now }).await?;
        Ok(Landed { landed, duplicates: count - landed })
    }

    /// Begins to take a file in.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while another file lands; [`StoreError::Database`] when there is no
    /// such campaign.
    pub async fn stage_leads(
        &self,
        campaign: CampaignId,
        source: &str,
        now: Timestamp,
    ) -> Result<Staging, StoreError> {
        let alone = ImportLock::take(&self.folder)?.ok_or(StoreError::Busy)?;
        let source = source.to_owned();
        let import = self.writer.write(Begin { campaign, source, now }).await?;
        let import = import.ok_or(StoreError::Busy)?;
        Ok(Staging { store: self.clone(), import, _one_at_a_time: alone })
    }
}

impl Staging {
    /// Stages leads, each number once.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]: the file cannot land any more.
    pub async fn stage(&self, leads: Vec<ReadyLead>) -> Result<(), StoreError> {
        self.store.writer.write(Stage { leads }).await?;
        self.leave_alone().await;
        Ok(())
    }

    /// Lets everything that is staged land. `progress` is told how many have so far.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]: when that is after the decision the rest
    /// lands at the next start.
    pub async fn land(self, mut progress: impl FnMut(u64)) -> Result<u64, StoreError> {
        self.store.writer.write(Decide(self.import)).await?;
        let mut landed = 0;
        while let Some(more) = self.store.writer.write(self.land_some()).await? {
            landed += more;
            progress(landed);
            self.leave_alone().await;
        }
        Ok(landed)
    }

    fn land_some(&self) -> LandSome {
        let dialing = DataFolder::is_taken(&self.store.folder);
        let rows = if dialing { LAND_ROWS_DIALING } else { LAND_ROWS };
        LandSome { import: self.import, rows }
    }

    async fn leave_alone(&self) {
        if self.store.beside && DataFolder::is_taken(&self.store.folder) {
            tokio::time::sleep(LEFT_ALONE).await;
        }
    }

    /// Takes it all back.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]: the next import or start takes it back.
    pub async fn abandon(self) -> Result<(), StoreError> {
        self.store.writer.write(Abandon).await
    }
}

struct AddLeads {
    campaign: CampaignId,
    source: String,
    leads: Vec<ReadyLead>,
    now: Timestamp,
}

impl Write for AddLeads {
    type Answer = u64;

    async fn apply(&self, books: &mut Connection) -> Result<u64, StoreError> {
        let landed = ready::insert(books, self.campaign, &self.leads, self.now).await?;
        sql::query(
            "INSERT INTO imports (campaign, source, began_us, landed, state)
             VALUES (?, ?, ?, ?, 'landed')",
        )
        .bind(self.campaign.0)
        .bind(&self.source)
        .bind(micros(self.now))
        .bind(landed as i64)
        .execute(books)
        .await?;
        Ok(landed)
    }
}

struct Begin {
    campaign: CampaignId,
    source: String,
    now: Timestamp,
}

impl Write for Begin {
    type Answer = Option<i64>;

    async fn apply(&self, books: &mut Connection) -> Result<Option<i64>, StoreError> {
        if !lease::may_import(books).await? {
            return Ok(None);
        }
        // What an import left that nobody waited for to the end.
        recover(books).await?;
        let id = sql::query_scalar(
            "INSERT INTO imports (campaign, source, began_us, state) VALUES (?, ?, ?, 'staging')
             RETURNING id",
        )
        .bind(self.campaign.0)
        .bind(&self.source)
        .bind(micros(self.now))
        .fetch_one(books)
        .await?;
        Ok(Some(id))
    }
}

struct Stage {
    leads: Vec<ReadyLead>,
}

impl Write for Stage {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        ready::stage(books, &self.leads).await
    }
}

struct Decide(i64);

impl Write for Decide {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("UPDATE imports SET state = 'landing' WHERE id = ? AND state = 'staging'")
            .bind(self.0)
            .execute(books)
            .await?;
        Ok(())
    }
}

struct LandSome {
    import: i64,
    rows: i64,
}

impl Write for LandSome {
    type Answer = Option<u64>;

    async fn apply(&self, books: &mut Connection) -> Result<Option<u64>, StoreError> {
        let landed = land_some(books, self.import, self.rows).await?;
        if landed.is_none() {
            lease::has_imported(books).await?;
        }
        Ok(landed)
    }
}

/// Lets the next rows land; `None` when the last one has, and the import with it.
async fn land_some(
    books: &mut Connection,
    import: i64,
    rows: i64,
) -> Result<Option<u64>, StoreError> {
    let last: Option<i64> = sql::query_scalar(
        "SELECT max(id) FROM (SELECT id FROM staged_leads ORDER BY id LIMIT ?) AS next",
    )
    .bind(rows)
    .fetch_one(&mut *books)
    .await?;
    let Some(last) = last else {
        sql::query("UPDATE imports SET state = 'landed' WHERE id = ?")
            .bind(import)
            .execute(books)
            .await?;
        return Ok(None);
    };
    let landed = sql::query(
        "INSERT INTO leads (campaign, number, first_name, last_name, state, zip, attributes, due_us)
         SELECT campaign, number, first_name, last_name, staged_leads.state, zip, attributes,
                began_us
         FROM staged_leads JOIN imports ON imports.id = ?
         WHERE staged_leads.id <= ? ORDER BY staged_leads.id
         ON CONFLICT DO NOTHING",
    )
    .bind(import)
    .bind(last)
    .execute(&mut *books)
    .await?
    .rows_affected();
    sql::query("DELETE FROM staged_leads WHERE id <= ?").bind(last).execute(&mut *books).await?;
    sql::query("UPDATE imports SET landed = landed + ? WHERE id = ?")
        .bind(landed as i64)
        .bind(import)
        .execute(books)
        .await?;
    Ok(Some(landed))
}

struct Abandon;

impl Write for Abandon {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        clear_staging(books).await?;
        lease::has_imported(books).await
    }
}

async fn clear_staging(books: &mut Connection) -> Result<(), StoreError> {
    let cleared = sql::query("DELETE FROM imports WHERE state = 'staging'")
        .execute(&mut *books)
        .await?
        .rows_affected();
    if cleared > 0 {
        sql::query("DELETE FROM staged_leads").execute(books).await?;
    }
    Ok(())
}

/// After a crash: a file that was decided lands, one that was not is gone. How many landed now.
pub(in crate::store) async fn recover(books: &mut Connection) -> Result<u64, StoreError> {
    clear_staging(books).await?;
    let import: Option<i64> = sql::query_scalar("SELECT id FROM imports WHERE state = 'landing'")
        .fetch_optional(&mut *books)
        .await?;
    let Some(import) = import else { return Ok(0) };
    let mut landed = 0;
    while let Some(more) = land_some(books, import, LAND_ROWS).await? {
        landed += more;
    }
    Ok(landed)
}

impl Books {
    /// Which of these numbers the campaign has already.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn numbers_taken(
        &self,
        campaign: CampaignId,
        numbers: &[PhoneNumber],
    ) -> Result<BTreeSet<PhoneNumber>, StoreError> {
        let wanted: Vec<u64> = numbers.iter().map(|number| number.digits()).collect();
        let rows: Vec<i64> = sql::query_scalar((
            "SELECT number FROM json_each(?) JOIN leads ON number = value WHERE campaign = ?",
            "SELECT number FROM json_array_elements_text(?::json) AS wanted (value)
             JOIN leads ON number = value::bigint WHERE campaign = ?",
        ))
        .bind(json(&wanted)?)
        .bind(campaign.0)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(crate::store::number).collect()
    }
}
