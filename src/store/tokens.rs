//! API tokens: what each may do; only their SHA-256 is kept.

use super::sql::{self, Connection};
use jiff::Timestamp;

use super::time::{micros, timestamp};
use super::writer::Write;
use super::{Books, Store, StoreError, users};
use crate::domain::Role;

/// The SHA-256 of a token. Tokens are long and random, so a fast hash without salt is enough.
pub type TokenHash = [u8; 32];

/// A token, as the books know it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenRow {
    /// Its hash.
    pub sha256: TokenHash,
    /// What it is for, unique.
    pub label: String,
    /// What it may do at most.
    pub role: Role,
    /// It may look, and change nothing.
    pub read_only: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` is never.
    pub expires_at: Option<Timestamp>,
}

struct Add(TokenRow);

impl Write for Add {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let added = sql::query(
            "INSERT INTO api_tokens (sha256, label, role, read_only, created_us, expires_us)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6
             WHERE NOT EXISTS (SELECT 1 FROM api_tokens WHERE label = ?2)",
        )
        .bind(self.0.sha256.as_slice())
        .bind(&self.0.label)
        .bind(self.0.role.word())
        .bind(self.0.read_only)
        .bind(micros(self.0.created_at))
        .bind(self.0.expires_at.map(micros))
        .execute(books)
        .await?;
        Ok(added.rows_affected() > 0)
    }
}

struct Revoke(String);

impl Write for Revoke {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let gone = sql::query("DELETE FROM api_tokens WHERE label = ?")
            .bind(&self.0)
            .execute(books)
            .await?;
        Ok(gone.rows_affected() > 0)
    }
}

impl Store {
    /// Lets the token in from now on.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its label is another's; [`StoreError::Database`] besides.
    pub async fn token_add(&self, token: TokenRow) -> Result<(), StoreError> {
        let what = format!("the label {:?}", token.label);
        match self.writer.write(Add(token)).await? {
            true => Ok(()),
            false => Err(StoreError::Taken { what }),
        }
    }

    /// Lets the token of this label in no more. True when it was let in before.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn token_revoke(&self, label: String) -> Result<bool, StoreError> {
        self.writer.write(Revoke(label)).await
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    sha256: Vec<u8>,
    label: String,
    role: String,
    read_only: i64,
    created_us: i64,
    expires_us: Option<i64>,
}

impl Row {
    fn read(self) -> Result<TokenRow, StoreError> {
        let sha256 = self.sha256.try_into();
        Ok(TokenRow {
            sha256: sha256.map_err(|_| StoreError::Unreadable("a token's hash".to_owned()))?,
            label: self.label,
            role: users::role(&self.role)?,
            read_only: self.read_only != 0,
            created_at: timestamp(self.created_us),
            expires_at: self.expires_us.map(timestamp),
        })
    }
}

const TOKENS: &str = "SELECT sha256, label, role, read_only, created_us, expires_us
     FROM api_tokens WHERE ?1 IS NULL OR sha256 = ?1 ORDER BY created_us, label";

impl Books {
    /// Every token, oldest first; those that have ended, too.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        let rows: Vec<Row> =
            sql::query_as(TOKENS).bind(None::<&[u8]>).fetch_all(&self.pool).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The token of this hash, when it has not ended.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn token(
        &self,
        sha256: TokenHash,
        now: Timestamp,
    ) -> Result<Option<TokenRow>, StoreError> {
        let row: Option<Row> =
            sql::query_as(TOKENS).bind(sha256.as_slice()).fetch_optional(&self.pool).await?;
        let token = row.map(Row::read).transpose()?;
        Ok(token.filter(|token| token.expires_at.is_none_or(|end| now < end)))
    }
}
