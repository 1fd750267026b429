//! Where the books are: in the data folder itself, or where its file says.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use super::sql::{Connection, Pool};
use super::{BOOKS_FILE, StoreError};

/// The file of a data folder that says where its books are when they are in PostgreSQL.
const PLACE_FILE: &str = "books.url";
/// Which runs had the data folder last, and in which database.
const RUN_FILE: &str = "books.run";
const READERS_MAX: u32 = 4;
/// How long a reader waits for a lock before it is told that the books are busy.
const BUSY_MAX: Duration = Duration::from_secs(5);
/// The writer's page cache in KiB; negative in the pragma's language.
const CACHE_KIB: &str = "-32768";
/// The page cache of each reader: a report that reads the whole file has it read by the system again.
const READER_CACHE_KIB: &str = "-4096";
/// A writer that stands still inside a transaction is put out after this, so that it holds up no other
/// dialer.
const IDLE_MAX: &str = "2000";

/// Where books are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In PostgreSQL, by its URL.
    Postgres(Box<PgConnectOptions>),
    /// In this file of SQLite's.
    Sqlite(PathBuf),
}

impl Place {
    /// Of a data folder.
    pub fn of(data: &Path) -> Result<Self, StoreError> {
        match std::fs::read_to_string(data.join(PLACE_FILE)) {
            Ok(url) => Self::postgres(url.trim()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(Self::Sqlite(data.join(BOOKS_FILE)))
            }
            Err(source) => Err(folder(data, source)),
        }
    }

    /// At `postgres://...`.
    pub fn postgres(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("outdial").options([
            ("idle_in_transaction_session_timeout", IDLE_MAX),
            ("synchronous_commit", "on"),
        ]);
        Ok(Self::Postgres(Box::new(options)))
    }

    /// Whether there could be books; a database is asked.
    pub fn is_there(&self) -> bool {
        match self {
            Self::Postgres(_) => true,
            Self::Sqlite(file) => file.is_file(),
        }
    }

    pub async fn connect(&self, create: bool) -> Result<Connection, StoreError> {
        Ok(match self {
            Self::Postgres(options) => {
                Connection::Postgres(PgConnection::connect_with(options).await?)
            }
            Self::Sqlite(file) => {
                let options = sqlite(file).create_if_missing(create);
                Connection::Sqlite(SqliteConnection::connect_with(&options).await?)
            }
        })
    }

    /// Connections that only read.
    pub async fn pool(&self) -> Result<Pool, StoreError> {
        Ok(match self {
            Self::Postgres(options) => {
                let options =
                    options.as_ref().clone().options([("default_transaction_read_only", "on")]);
                let pool = PgPoolOptions::new().max_connections(READERS_MAX);
                Pool::Postgres(pool.acquire_timeout(BUSY_MAX).connect_with(options).await?)
            }
            Self::Sqlite(file) => {
                let options =
                    sqlite(file).pragma("query_only", "on").pragma("cache_size", READER_CACHE_KIB);
                let pool = SqlitePoolOptions::new().max_connections(READERS_MAX);
                Pool::Sqlite(pool.connect_with(options).await?)
            }
        })
    }
}

fn sqlite(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_MAX)
        .foreign_keys(true)
        .pragma("cache_size", CACHE_KIB)
}

/// Whether a data folder has books, in itself or by its word.
pub fn has_books(data: &Path) -> bool {
    Place::of(data).is_ok_and(|place| place.is_there())
}

/// Says in a data folder that its books are in PostgreSQL, at `url`; makes the folder where it is
/// missing. Every command that is given the folder finds them there.
///
/// # Errors
/// [`StoreError::Taken`] when the folder has books of its own; [`StoreError::Database`] when the URL
/// is none; [`StoreError::Folder`] when it cannot be written.
pub fn keep_in(data: &Path, url: &str) -> Result<(), StoreError> {
    let (books, file) = (data.join(BOOKS_FILE), data.join(PLACE_FILE));
    if books.exists() {
        let what = format!("{} (outdial store move carries them over)", books.display());
        return Err(StoreError::Taken { what });
    }
    Place::postgres(url)?;
    let written = std::fs::create_dir_all(data).and_then(|()| write(&file, url));
    written.map_err(|source| folder(data, source))
}

/// The runs that had this data folder last, where its books are in a database: the last one, and those
/// after it whose opening a crash may have cut off.
pub(super) fn last_runs(data: &Path) -> Vec<i64> {
    let kept = read(data, PLACE_FILE).zip(read(data, RUN_FILE));
    let runs = kept.as_ref().and_then(|(url, kept)| kept.strip_suffix(url));
    runs.map(|runs| runs.split_whitespace().filter_map(|run| run.parse().ok()).collect())
        .unwrap_or_default()
}

/// This run is about to have the data folder: nobody knows yet whether its opening is committed.
pub(super) fn expect_run(data: &Path, run: i64) -> Result<(), StoreError> {
    let mut runs = last_runs(data);
    runs.push(run);
    write_runs(data, &runs)
}

/// This run has the data folder now.
pub(super) fn keep_run(data: &Path, run: i64) -> Result<(), StoreError> {
    write_runs(data, &[run])
}

fn write_runs(data: &Path, runs: &[i64]) -> Result<(), StoreError> {
    let Some(url) = read(data, PLACE_FILE) else { return Ok(()) };
    let runs: String = runs.iter().map(|run| format!("{run} ")).collect();
    write(&data.join(RUN_FILE), &format!("{runs}{url}")).map_err(|source| folder(data, source))
}

fn read(data: &Path, name: &str) -> Option<String> {
    Some(std::fs::read_to_string(data.join(name)).ok()?.trim().to_owned())
}

fn write(file: &Path, line: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    // A URL may hold a password.
    let mut file = options.create(true).write(true).truncate(true).mode(0o600).open(file)?;
    writeln!(file, "{line}")
}

fn folder(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::Folder { path: path.to_owned(), source: Arc::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_knows_its_last_run_and_those_that_a_crash_cut_off() {
        let folder = tempfile::TempDir::new().unwrap();
        let data = folder.path();
        assert!(last_runs(data).is_empty());
        keep_in(data, "postgres://outdial@127.0.0.1/one").unwrap();
        keep_run(data, 7).unwrap();
        assert_eq!(last_runs(data), [7]);
        expect_run(data, 8).unwrap();
        expect_run(data, 9).unwrap();
        assert_eq!(last_runs(data), [7, 8, 9], "whichever of them the database has");
        keep_run(data, 9).unwrap();
        assert_eq!(last_runs(data), [9]);
        keep_in(data, "postgres://outdial@127.0.0.1/two").unwrap();
        assert!(last_runs(data).is_empty(), "another database knows other runs");
    }
}
