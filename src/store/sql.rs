//! One language for two databases: a statement, what is bound to it, and where it runs.
//!
//! Statements are written once, in what SQLite and PostgreSQL both understand, with `?` or `?1` for
//! what is bound; where the two differ both texts stand side by side. Every column is one of four
//! kinds in both (64-bit integer, double, text, bytes; a flag is the integer 0 or 1), so that a row
//! reads the same wherever it comes from.

use std::marker::PhantomData;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, FromRow, PgConnection, PgPool, SqliteConnection,
    SqlitePool, TypeInfo as _,
};

/// A connection to the books.
#[derive(Debug)]
pub(super) enum Connection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Connection {
    pub async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(connection) => connection.close().await,
        }
    }
}

/// Connections that read.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Pool {
    pub async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite(pool) => pool.close().await,
        }
    }
}

/// Where a statement runs.
pub(super) enum On<'a> {
    Postgres(&'a mut PgConnection),
    PostgresPool(&'a PgPool),
    Sqlite(&'a mut SqliteConnection),
    SqlitePool(&'a SqlitePool),
}

impl<'a> From<&'a mut Connection> for On<'a> {
    fn from(connection: &'a mut Connection) -> Self {
        match connection {
            Connection::Postgres(connection) => Self::Postgres(connection),
            Connection::Sqlite(connection) => Self::Sqlite(connection),
        }
    }
}

impl<'a> From<&'a Pool> for On<'a> {
    fn from(pool: &'a Pool) -> Self {
        match pool {
            Pool::Postgres(pool) => Self::PostgresPool(pool),
            Pool::Sqlite(pool) => Self::SqlitePool(pool),
        }
    }
}

/// A statement's words.
#[derive(Clone, Debug)]
pub(super) enum Words {
    /// The same for both.
    Both(&'static str),
    /// SQLite's, and PostgreSQL's.
    Each(&'static str, &'static str),
    /// Put together for this one time.
    Made(String),
}

impl From<&'static str> for Words {
    fn from(both: &'static str) -> Self {
        Self::Both(both)
    }
}

impl From<(&'static str, &'static str)> for Words {
    fn from((sqlite, postgres): (&'static str, &'static str)) -> Self {
        Self::Each(sqlite, postgres)
    }
}

impl From<String> for Words {
    fn from(made: String) -> Self {
        Self::Made(made)
    }
}

impl Words {
    fn sqlite(self) -> AssertSqlSafe<String> {
        AssertSqlSafe(match self {
            Self::Both(words) | Self::Each(words, _) => words.to_owned(),
            Self::Made(words) => words,
        })
    }

    fn postgres(self) -> AssertSqlSafe<String> {
        AssertSqlSafe(match self {
            Self::Both(words) | Self::Each(_, words) => numbered(words),
            Self::Made(words) => numbered(&words),
        })
    }
}

/// `?` and `?1` as PostgreSQL writes them.
fn numbered(words: &str) -> String {
    let mut said = String::with_capacity(words.len() + 8);
    let mut last = 0;
    let mut chars = words.chars().peekable();
    while let Some(char) = chars.next() {
        said.push(if char == '?' { '$' } else { char });
        if char == '?' && !chars.peek().is_some_and(char::is_ascii_digit) {
            last += 1;
            said.push_str(&last.to_string());
        }
    }
    said
}

/// Something that is bound to a statement, or read without knowing what it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Blob(Option<Vec<u8>>),
    Integer(Option<i64>),
    Real(Option<f64>),
    Text(Option<String>),
}

macro_rules! bound {
    ($($kind:ident: $($from:ty)|+, $value:ident => $to:expr;)+) => {$($(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$kind(Some($to))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                Self::$kind(value.map(|$value| $to))
            }
        }
    )+)+};
}

bound! {
    Blob: &[u8], value => value.to_vec();
    Integer: bool | u8 | u16 | u32, value => i64::from(value);
    Integer: i64, value => value;
    Real: f64, value => value;
    Text: &str | &String, value => value.to_owned();
    Text: String, value => value;
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

/// What can be read from a row of either.
pub(super) trait Row:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A statement with what is bound to it; its rows are read as `T`.
#[must_use]
pub(super) struct Query<T> {
    words: Words,
    bound: Vec<Value>,
    rows: PhantomData<fn() -> T>,
}

/// A statement that changes something.
pub(super) fn query(words: impl Into<Words>) -> Query<()> {
    query_as(words)
}

/// A statement whose rows are read as `T`.
pub(super) fn query_as<T>(words: impl Into<Words>) -> Query<T> {
    Query { words: words.into(), bound: Vec::new(), rows: PhantomData }
}

/// A statement whose rows have one column.
pub(super) fn query_scalar<T>(words: impl Into<Words>) -> Scalar<T> {
    Scalar(query_as(words))
}

/// Gives the statement to whichever it is for, with all that is bound.
macro_rules! run {
    ($query:expr, $on:expr, $make:path, $method:ident) => {{
        let Query { words, bound, .. } = $query;
        match $on.into() {
            On::Postgres(on) => bind!($make(words.postgres()), bound).$method(on).await,
            On::PostgresPool(on) => bind!($make(words.postgres()), bound).$method(on).await,
            On::Sqlite(on) => bind!($make(words.sqlite()), bound).$method(on).await,
            On::SqlitePool(on) => bind!($make(words.sqlite()), bound).$method(on).await,
        }
    }};
}

macro_rules! bind {
    ($query:expr, $bound:expr) => {{
        let mut query = $query;
        for value in $bound {
            query = match value {
                Value::Blob(value) => query.bind(value),
                Value::Integer(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
            };
        }
        query
    }};
}

/// What a statement did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done(u64);

impl Done {
    pub fn rows_affected(self) -> u64 {
        self.0
    }
}

impl<T> Query<T> {
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.bound.push(value.into());
        self
    }

    pub async fn execute(self, on: impl Into<On<'_>>) -> Result<Done, sqlx::Error> {
        let Query { words, bound, .. } = self;
        Ok(Done(match on.into() {
            On::Postgres(on) => {
                bind!(sqlx::query(words.postgres()), bound).execute(on).await?.rows_affected()
            }
            On::PostgresPool(on) => {
                bind!(sqlx::query(words.postgres()), bound).execute(on).await?.rows_affected()
            }
            On::Sqlite(on) => {
                bind!(sqlx::query(words.sqlite()), bound).execute(on).await?.rows_affected()
            }
            On::SqlitePool(on) => {
                bind!(sqlx::query(words.sqlite()), bound).execute(on).await?.rows_affected()
            }
        }))
    }
}

impl Query<()> {
    /// The names of the columns, and every row without knowing what it is.
    pub async fn fetch_values(
        self,
        on: &mut Connection,
    ) -> Result<(Vec<String>, Vec<Vec<Value>>), sqlx::Error> {
        let Query { words, bound, .. } = self;
        match on {
            Connection::Postgres(on) => {
                read(&bind!(sqlx::query(words.postgres()), bound).fetch_all(on).await?)
            }
            Connection::Sqlite(on) => {
                read(&bind!(sqlx::query(words.sqlite()), bound).fetch_all(on).await?)
            }
        }
    }
}

fn read<R: sqlx::Row>(rows: &[R]) -> Result<(Vec<String>, Vec<Vec<Value>>), sqlx::Error>
where
    usize: sqlx::ColumnIndex<R>,
    for<'r> Option<i64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    for<'r> Option<f64>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    for<'r> Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    for<'r> Option<Vec<u8>>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    let names = rows.first().map(|row| row.columns().iter().map(|c| c.name().to_owned()).collect());
    let value = |row: &R, place: usize| {
        Ok(match row.columns()[place].type_info().name() {
            "BLOB" | "BYTEA" => Value::Blob(row.try_get(place)?),
            "DOUBLE" | "FLOAT8" | "REAL" => Value::Real(row.try_get(place)?),
            "TEXT" => Value::Text(row.try_get(place)?),
            _ => Value::Integer(row.try_get(place)?),
        })
    };
    let values = |row| (0..R::len(row)).map(|place| value(row, place)).collect();
    Ok((names.unwrap_or_default(), rows.iter().map(values).collect::<Result<_, sqlx::Error>>()?))
}

impl<T: Row> Query<T> {
    pub async fn fetch_all(self, on: impl Into<On<'_>>) -> Result<Vec<T>, sqlx::Error> {
        run!(self, on, sqlx::query_as, fetch_all)
    }

    pub async fn fetch_one(self, on: impl Into<On<'_>>) -> Result<T, sqlx::Error> {
        run!(self, on, sqlx::query_as, fetch_one)
    }

    pub async fn fetch_optional(self, on: impl Into<On<'_>>) -> Result<Option<T>, sqlx::Error> {
        run!(self, on, sqlx::query_as, fetch_optional)
    }
}

/// A statement whose rows have one column.
#[must_use]
pub(super) struct Scalar<T>(Query<(T,)>);

impl<T> Scalar<T>
where
    (T,): Row,
{
    pub fn bind(self, value: impl Into<Value>) -> Self {
        Self(self.0.bind(value))
    }

    pub async fn fetch_all(self, on: impl Into<On<'_>>) -> Result<Vec<T>, sqlx::Error> {
        Ok(self.0.fetch_all(on).await?.into_iter().map(|(value,)| value).collect())
    }

    pub async fn fetch_one(self, on: impl Into<On<'_>>) -> Result<T, sqlx::Error> {
        Ok(self.0.fetch_one(on).await?.0)
    }

    pub async fn fetch_optional(self, on: impl Into<On<'_>>) -> Result<Option<T>, sqlx::Error> {
        Ok(self.0.fetch_optional(on).await?.map(|(value,)| value))
    }
}

/// `INSERT INTO ... VALUES` of many rows in one statement.
pub(super) struct Rows {
    query: Query<()>,
    words: String,
    columns: usize,
}

impl Rows {
    /// `head` is the statement up to its columns, of which there are so many.
    pub fn into(head: &str, columns: usize) -> Self {
        Self { query: query(""), words: format!("{head} VALUES "), columns }
    }

    /// One more row.
    pub fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        let comma = if self.query.bound.is_empty() { "(" } else { ", (" };
        self.words.push_str(comma);
        self.words.push_str(&vec!["?"; self.columns].join(", "));
        self.words.push(')');
        self.query.bound.extend(row);
    }

    /// The statement, with this at its end.
    pub fn ending(self, tail: &str) -> Query<()> {
        Query { words: Words::Made(self.words + tail), ..self.query }
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn what_is_bound_is_numbered_as_postgres_has_it() {
        assert_eq!(numbered("a = ? AND b IN (?, ?)"), "a = $1 AND b IN ($2, $3)");
        assert_eq!(
            numbered("a = ?2 AND (?1 IS NULL OR b = ?12)"),
            "a = $2 AND ($1 IS NULL OR b = $12)"
        );
    }
}
