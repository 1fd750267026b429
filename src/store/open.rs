//! Opening the books: the lock, the schema, what is to be made good.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migrator};

use crate::crash::{self, Point};

use super::folder::{DataFolder, ImportLock};
use super::place::{self, Place};
use super::recovery::{InterruptedAfter, Recovery, recover};
use super::sql::{self, Connection};
use super::writer::{Ours, Writer};
use super::{Books, Store, StoreError, import, lease, moving};

static SCHEMA: Migrator = sqlx::migrate!("src/store/migrations");
static SCHEMA_POSTGRES: Migrator = sqlx::migrate!("src/store/migrations/postgres");

/// No lead can be claimed for it: there is no such run.
const NO_RUN: i64 = 0;

impl Store {
    /// Opens the books of a data folder, makes them where there are none, and makes good what a
    /// crash left open: [`InterruptedAfter::default`] says when interrupted leads are due.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has the folder, [`StoreError::NewerSchema`] when
    /// a newer version has written the books, [`StoreError::Folder`] and [`StoreError::Database`]
    /// when the disk or the database says no.
    pub async fn open(data: &Path, now: Timestamp) -> Result<(Self, Recovery), StoreError> {
        Self::open_with(data, &InterruptedAfter::default(), now).await
    }

    /// As [`open`](Self::open), to dial these campaigns, with their own times for interrupted leads.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`StoreError::Held`] when another dialer on the same database, which
    /// is alive, dials one of the campaigns.
    pub async fn open_with(
        data: &Path,
        after: &InterruptedAfter,
        now: Timestamp,
    ) -> Result<(Self, Recovery), StoreError> {
        let folder = DataFolder::take(data).await?;
        let place = Place::of(data)?;
        let mut connection = place.connect(true).await?;
        migrate(&mut connection).await?;
        let importing = ImportLock::take(data)?;
        if moving::is_arriving(&mut connection).await? {
            return Err(StoreError::Arriving);
        }
        lease::begin_opening(&mut connection).await?;
        // Who had the folder is gone: its lock was free.
        lease::fence(&mut connection, after.campaigns(), &place::last_runs(data), now).await?;
        let landed = match importing {
            Some(_) if lease::may_import(&mut connection).await? => {
                let landed = import::recover(&mut connection).await?;
                lease::has_imported(&mut connection).await?;
                landed
            }
            // It is alive, and goes on.
            Some(_) | None => 0,
        };
        let (run, recovery) = recover(&mut connection, after, now).await?;
        place::expect_run(data, run)?;
        crash::reached(Point::RecoveryWritten);
        sql::query("COMMIT").execute(&mut connection).await?;
        crash::reached(Point::RecoveryCommitted);
        place::keep_run(data, run)?;
        let books = Books { pool: place.pool().await? };
        let ours = Ours { folder: Some(folder), run: Some(run) };
        let writer = Writer::start(connection, place, ours);
        let store = Self { books, writer, run, folder: data.into(), beside: false };
        Ok((store, Recovery { landed, ..recovery }))
    }

    /// Opens the books to import leads and do-not-call numbers while a dialer may run on them. No
    /// call can begin by this value, and nothing is made good.
    ///
    /// # Errors
    /// As [`Books::open`].
    pub async fn beside(data: &Path) -> Result<Self, StoreError> {
        let books = Books::open(data).await?;
        let place = Place::of(data)?;
        let connection = place.connect(false).await?;
        let writer = Writer::start(connection, place, Ours { folder: None, run: None });
        Ok(Self { books, writer, run: NO_RUN, folder: data.into(), beside: true })
    }
}

impl Books {
    /// Opens the books of a data folder to read them, also while a server writes them.
    ///
    /// # Errors
    /// [`StoreError::NoBooks`] when there are none; [`StoreError::NewerSchema`] and
    /// [`StoreError::OlderSchema`] when this version cannot read them.
    pub async fn open(data: &Path) -> Result<Self, StoreError> {
        let place = Place::of(data)?;
        if !place.is_there() {
            return Err(StoreError::NoBooks(data.to_owned()));
        }
        let books = Self { pool: place.pool().await? };
        let known = sql::query_scalar((
            "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
            "SELECT count(*) FROM pg_class WHERE oid = to_regclass('_sqlx_migrations')",
        ));
        let known: i64 = known.fetch_one(&books.pool).await?;
        if known == 0 {
            return Err(StoreError::NoBooks(data.to_owned()));
        }
        let found: Option<i64> = sql::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&books.pool)
            .await?;
        let (found, known) = (found.unwrap_or(0), known_schema(&SCHEMA));
        match found.cmp(&known) {
            std::cmp::Ordering::Equal => Ok(books),
            std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
            std::cmp::Ordering::Less => Err(StoreError::OlderSchema { found, known }),
        }
    }
}

pub(super) async fn migrate(books: &mut Connection) -> Result<(), StoreError> {
    let migrated = match books {
        Connection::Postgres(books) => SCHEMA_POSTGRES.run(books).await,
        Connection::Sqlite(books) => SCHEMA.run(books).await,
    };
    migrated.map_err(|error| match error {
        MigrateError::VersionMissing(found) => {
            StoreError::NewerSchema { found, known: known_schema(&SCHEMA) }
        }
        other => StoreError::Migration(Arc::new(other)),
    })
}

/// The schema as it was in the first version that had this database.
#[cfg(test)]
pub(super) async fn migrate_to_oldest(books: &mut Connection) {
    let oldest = |schema: &Migrator| schema.iter().map(|it| it.version).min().unwrap_or(0);
    match books {
        Connection::Postgres(books) => {
            SCHEMA_POSTGRES.run_to(oldest(&SCHEMA_POSTGRES), books).await.unwrap();
        }
        Connection::Sqlite(books) => SCHEMA.run_to(oldest(&SCHEMA), books).await.unwrap(),
    }
}

fn known_schema(schema: &Migrator) -> i64 {
    schema.iter().map(|migration| migration.version).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_schema() {
        assert_eq!(known_schema(&SCHEMA), known_schema(&SCHEMA_POSTGRES));
    }
}
