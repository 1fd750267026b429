//! API tokens: only their SHA-256 is kept.

use super::sql::{self, Connection};
use jiff::Timestamp;

use super::time::{micros, timestamp};
use super::writer::Write;
use super::{Books, Store, StoreError};

/// The SHA-256 of a token. Tokens are long and random, so a fast hash without salt is enough.
pub type TokenHash = [u8; 32];

/// A token, as the books know it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenRow {
    /// Its hash.
    pub sha256: TokenHash,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
}

struct Add(TokenRow);

impl Write for Add {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query(
            "INSERT INTO api_tokens (sha256, label, created_us) VALUES (?, ?, ?)
             ON CONFLICT (sha256) DO UPDATE SET label = excluded.label",
        )
        .bind(self.0.sha256.as_slice())
        .bind(&self.0.label)
        .bind(micros(self.0.created_at))
        .execute(books)
        .await?;
        Ok(())
    }
}

struct Revoke(TokenHash);

impl Write for Revoke {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let gone = sql::query("DELETE FROM api_tokens WHERE sha256 = ?")
            .bind(self.0.as_slice())
            .execute(books)
            .await?;
        Ok(gone.rows_affected() > 0)
    }
}

impl Store {
    /// Lets the token in from now on.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn token_add(&self, token: TokenRow) -> Result<(), StoreError> {
        self.writer.write(Add(token)).await
    }

    /// Lets the token in no more. True when it was let in before.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn token_revoke(&self, sha256: TokenHash) -> Result<bool, StoreError> {
        self.writer.write(Revoke(sha256)).await
    }
}

impl Books {
    /// Every token that is let in, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        let rows: Vec<(Vec<u8>, String, i64)> =
            sql::query_as("SELECT sha256, label, created_us FROM api_tokens ORDER BY created_us")
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter()
            .map(|(sha256, label, created_us)| {
                let sha256 = sha256
                    .try_into()
                    .map_err(|_| StoreError::Unreadable("a token's hash".to_owned()))?;
                Ok(TokenRow { sha256, label, created_at: timestamp(created_us) })
            })
            .collect()
    }
}
