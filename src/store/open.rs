//! Opening the books: the lock, the schema, what is to be made good.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};

use crate::crash::{self, Point};

use super::folder::{BOOKS_FILE, DataFolder, ImportLock};
use super::recovery::{InterruptedAfter, Recovery, recover};
use super::writer::Writer;
use super::{Books, Store, StoreError, import};

static SCHEMA: Migrator = sqlx::migrate!("src/store/migrations");

/// No lead can be claimed for it: there is no such run.
const NO_RUN: i64 = 0;
const READERS_MAX: u32 = 4;
/// How long a reader waits for a lock before it is told that the books are busy.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// The writer's page cache in KiB; negative in the pragma's language.
const CACHE_KIB: &str = "-32768";

impl Store {
    /// Opens the books of a data folder, makes them where there are none, and makes good what a
    /// crash left open: [`InterruptedAfter::default`] says when interrupted leads are due.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has the folder, [`StoreError::NewerSchema`] when
    /// a newer version has written the books, [`StoreError::Folder`] and [`StoreError::Database`]
    /// when the disk says no.
    pub async fn open(data: &Path, now: Timestamp) -> Result<(Self, Recovery), StoreError> {
        Self::open_with(data, &InterruptedAfter::default(), now).await
    }

    /// As [`open`](Self::open), with the campaigns' own times for interrupted leads.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(
        data: &Path,
        after: &InterruptedAfter,
        now: Timestamp,
    ) -> Result<(Self, Recovery), StoreError> {
        let folder = DataFolder::take(data).await?;
        let mut connection =
            SqliteConnection::connect_with(&options(&folder.books()).create_if_missing(true))
                .await?;
        migrate(&mut connection).await?;
        let importing = ImportLock::take(data)?;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
        let landed = match importing {
            Some(_) => import::recover(&mut connection).await?,
            // It is alive, and goes on.
            None => 0,
        };
        let (run, recovery) = recover(&mut connection, after, now).await?;
        crash::reached(Point::RecoveryWritten);
        sqlx::query("COMMIT").execute(&mut connection).await?;
        crash::reached(Point::RecoveryCommitted);
        let books = Books::connect(&folder.books()).await?;
        let writer = Writer::start(connection, Some(folder));
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
        let connection = SqliteConnection::connect_with(&options(&data.join(BOOKS_FILE))).await?;
        let writer = Writer::start(connection, None);
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
        let file = data.join(BOOKS_FILE);
        if !file.is_file() {
            return Err(StoreError::NoBooks(data.to_owned()));
        }
        let books = Self::connect(&file).await?;
        let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&books.pool)
            .await?;
        let (found, known) = (found.unwrap_or(0), known_schema());
        match found.cmp(&known) {
            std::cmp::Ordering::Equal => Ok(books),
            std::cmp::Ordering::Greater => Err(StoreError::NewerSchema { found, known }),
            std::cmp::Ordering::Less => Err(StoreError::OlderSchema { found, known }),
        }
    }

    async fn connect(file: &Path) -> Result<Self, StoreError> {
        let options = options(file).pragma("query_only", "on");
        let pool =
            SqlitePoolOptions::new().max_connections(READERS_MAX).connect_with(options).await?;
        Ok(Self { pool })
    }
}

pub(super) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_MAX)
        .foreign_keys(true)
        .pragma("cache_size", CACHE_KIB)
}

pub(super) async fn migrate(books: &mut SqliteConnection) -> Result<(), StoreError> {
    SCHEMA.run(books).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) => {
            StoreError::NewerSchema { found, known: known_schema() }
        }
        other => StoreError::Migration(Arc::new(other)),
    })
}

fn known_schema() -> i64 {
    SCHEMA.iter().map(|migration| migration.version).max().unwrap_or(0)
}
