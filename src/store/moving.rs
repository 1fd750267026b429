//! Books carried over from one database to another, whole: a whole installation, or a copy of it.
//!
//! Table after table goes over in the order of its key, some rows a transaction, so that a move that
//! was cut off goes on where it was. Until its end the target says that it is arriving, and no dialer
//! opens it.

use std::path::Path;
use std::sync::Arc;

use super::folder::{BOOKS_FILE, DataFolder};
use super::open::migrate;
use super::place::{Place, keep_in};
use super::sql::{self, Connection, Rows, Value};
use super::{StoreError, lease};

/// Rows of one transaction.
const ROWS: i64 = 2_000;

/// A table, its key, and how many columns that is.
struct Table {
    name: &'static str,
    key: &'static str,
    width: usize,
    /// Its key is given by the database.
    numbered: bool,
}

const fn numbered(name: &'static str) -> Table {
    Table { name, key: "id", width: 1, numbered: true }
}

const fn keyed(name: &'static str, key: &'static str, width: usize) -> Table {
    Table { name, key, width, numbered: false }
}

/// What refers to something comes after it.
const TABLES: [Table; 19] = [
    numbered("runs"),
    numbered("campaigns"),
    numbered("imports"),
    numbered("staged_leads"),
    numbered("leads"),
    keyed("attempts", "call", 1),
    keyed("do_not_call", "number", 1),
    numbered("agents"),
    keyed("agent_campaigns", "agent, campaign", 2),
    keyed("api_tokens", "sha256", 1),
    numbered("agent_states"),
    keyed("learned", "campaign", 1),
    keyed("dialogs", "kind, id", 2),
    keyed("commitments", "hash", 1),
    numbered("erasures"),
    keyed("caller_id_rests", "number, at_us", 2),
    numbered("users"),
    keyed("sessions", "sha256", 1),
    keyed("invitations", "sha256", 1),
];

/// A data folder, or a database by its URL.
#[derive(Clone, Copy, Debug)]
pub enum Installation<'a> {
    /// The books of a data folder.
    Folder(&'a Path),
    /// `postgres://...`
    Postgres(&'a str),
}

impl<'a> Installation<'a> {
    /// What is written on a command line.
    pub fn of(written: &'a str) -> Self {
        if written.starts_with("postgres://") || written.starts_with("postgresql://") {
            Self::Postgres(written)
        } else {
            Self::Folder(Path::new(written))
        }
    }

    fn place(self) -> Result<Place, StoreError> {
        match self {
            Self::Folder(data) => Place::of(data),
            Self::Postgres(url) => Place::postgres(url),
        }
    }
}

/// Moves the books, and goes on with a move that was cut off. No dialer may run on either. A data
/// folder that the books leave for a database says from then on that they are there; the file that
/// they were in is kept, under another name.
///
/// # Errors
/// [`StoreError::NoBooks`]; [`StoreError::InUse`] and [`StoreError::Held`] when a dialer runs on them;
/// [`StoreError::Taken`] when the target has books already.
pub async fn move_books(
    from: Installation<'_>,
    to: Installation<'_>,
    mut progress: impl FnMut(&str, u64),
) -> Result<u64, StoreError> {
    let mut locks = Vec::new();
    for installation in [from, to] {
        if let Installation::Folder(data) = installation {
            locks.push(DataFolder::take(data).await?);
        }
    }
    let source = from.place()?;
    if let (Installation::Folder(data), false) = (from, source.is_there()) {
        return Err(StoreError::NoBooks(data.to_owned()));
    }
    let (mut source, mut target) = (source.connect(false).await?, to.place()?.connect(true).await?);
    migrate(&mut source).await?;
    ask_for_rest(&mut source).await?;
    migrate(&mut target).await?;
    let moved = carry(&mut source, &mut target, &mut progress).await?;
    source.close().await?;
    target.close().await?;
    if let (Installation::Folder(data), Installation::Postgres(url)) = (from, to) {
        let books = data.join(BOOKS_FILE);
        let away = books.with_extension("moved");
        let fault = |source| StoreError::Folder { path: books.clone(), source: Arc::new(source) };
        if books.exists() {
            std::fs::rename(&books, away).map_err(fault)?;
        }
        keep_in(data, url)?;
    }
    Ok(moved)
}

/// Copies the books of a place to a new file of SQLite's, of one moment, also beside a dialer.
pub(super) async fn copy_out(place: &Place, file: &Path) -> Result<(), StoreError> {
    let mut source = place.connect(false).await?;
    let mut target = Place::Sqlite(file.to_owned()).connect(true).await?;
    migrate(&mut target).await?;
    sql::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut source).await?;
    carry(&mut source, &mut target, &mut |_, _| ()).await?;
    sql::query("ROLLBACK").execute(&mut source).await?;
    source.close().await?;
    Ok(target.close().await?)
}

/// No dialer is alive on them.
async fn ask_for_rest(books: &mut Connection) -> Result<(), StoreError> {
    lease::begin_opening(books).await?;
    lease::fence(books, std::iter::empty(), &[], crate::clock::now()).await?;
    let alive: Option<String> = sql::query_scalar(
        "SELECT name FROM campaigns JOIN runs ON runs.id = held_by WHERE fenced_us IS NULL LIMIT 1",
    )
    .fetch_optional(&mut *books)
    .await?;
    sql::query("COMMIT").execute(books).await?;
    alive.map_or(Ok(()), |campaign| Err(StoreError::Held { campaign }))
}

async fn carry(
    source: &mut Connection,
    target: &mut Connection,
    progress: &mut impl FnMut(&str, u64),
) -> Result<u64, StoreError> {
    if !is_arriving(target).await? {
        let runs: i64 =
            sql::query_scalar("SELECT count(*) FROM runs").fetch_one(&mut *target).await?;
        if runs > 0 {
            return Err(StoreError::Taken { what: "the target: it has books, and".to_owned() });
        }
        sql::query("CREATE TABLE arriving (since_us BIGINT)").execute(&mut *target).await?;
    }
    let mut moved = 0;
    for table in &TABLES {
        let rows = table.carry(source, target).await?;
        progress(table.name, rows);
        moved += rows;
    }
    sql::query("DROP TABLE arriving").execute(target).await?;
    Ok(moved)
}

/// Whether a move into these books has not come to its end.
pub(super) async fn is_arriving(books: &mut Connection) -> Result<bool, StoreError> {
    let found: i64 = sql::query_scalar((
        "SELECT count(*) FROM sqlite_schema WHERE name = 'arriving'",
        "SELECT count(*) FROM pg_class WHERE oid = to_regclass('arriving')",
    ))
    .fetch_one(books)
    .await?;
    Ok(found > 0)
}

impl Table {
    async fn carry(
        &self,
        source: &mut Connection,
        target: &mut Connection,
    ) -> Result<u64, StoreError> {
        let Self { name, key, width, .. } = self;
        let descending = key.replace(',', " DESC,");
        let last = format!("SELECT {key} FROM {name} ORDER BY {descending} DESC LIMIT 1");
        let mut last = sql::query(last).fetch_values(&mut *target).await?.1.pop();
        let marks = vec!["?"; *width].join(", ");
        let mut moved = 0;
        loop {
            let after = last.as_ref().map(|_| format!("WHERE ({key}) > ({marks})"));
            let after = after.unwrap_or_default();
            let rows = format!("SELECT * FROM {name} {after} ORDER BY {key} LIMIT {ROWS}");
            let rows = last.take().into_iter().flatten().fold(sql::query(rows), sql::Query::bind);
            let (columns, rows) = rows.fetch_values(&mut *source).await?;
            if rows.is_empty() {
                break;
            }
            moved += rows.len() as u64;
            last = key_of(&columns, key, rows.last());
            write(target, name, &columns, rows).await?;
        }
        if self.numbered && matches!(target, Connection::Postgres(_)) {
            let next = format!(
                "SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 0) + 1, false)
                 FROM {name}"
            );
            sql::query(next).execute(target).await?;
        }
        Ok(moved)
    }
}

fn key_of(columns: &[String], key: &str, row: Option<&Vec<Value>>) -> Option<Vec<Value>> {
    let place = |part: &str| columns.iter().position(|column| column == part);
    let row = row?;
    key.split(", ").map(|part| Some(row[place(part)?].clone())).collect()
}

/// As many rows in one statement as both databases bind.
const BOUND_MAX: usize = 30_000;

async fn write(
    target: &mut Connection,
    table: &str,
    columns: &[String],
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    sql::query("BEGIN").execute(&mut *target).await?;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let head = format!("INSERT INTO {table} ({})", columns.join(", "));
        let mut insert = Rows::into(&head, columns.len());
        rows.by_ref().take(BOUND_MAX / columns.len()).for_each(|row| insert.push(row));
        insert.ending("").execute(&mut *target).await?;
    }
    sql::query("COMMIT").execute(target).await?;
    Ok(())
}
