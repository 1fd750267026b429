//! Sessions of the pages, and the links that let in once.

use jiff::Timestamp;

use super::sql::{self, Connection};
use super::time::micros;
use super::users::{User, UserId, UserRow};
use super::writer::Write;
use super::{Books, Store, StoreError, TokenHash};

/// Sessions of one user; the oldest ends when there are more.
const SESSIONS_MAX: u32 = 16;

struct Open {
    sha256: TokenHash,
    user: UserId,
    now: Timestamp,
    expires_at: Timestamp,
}

impl Write for Open {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("DELETE FROM sessions WHERE expires_us <= ?")
            .bind(micros(self.now))
            .execute(&mut *books)
            .await?;
        sql::query("INSERT INTO sessions (sha256, user_id, expires_us) VALUES (?, ?, ?)")
            .bind(self.sha256.as_slice())
            .bind(self.user.0)
            .bind(micros(self.expires_at))
            .execute(&mut *books)
            .await?;
        sql::query(
            "DELETE FROM sessions WHERE user_id = ?1 AND sha256 NOT IN (
                SELECT sha256 FROM sessions WHERE user_id = ?1 ORDER BY expires_us DESC LIMIT ?2)",
        )
        .bind(self.user.0)
        .bind(SESSIONS_MAX)
        .execute(books)
        .await?;
        Ok(())
    }
}

struct Close(TokenHash);

impl Write for Close {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("DELETE FROM sessions WHERE sha256 = ?")
            .bind(self.0.as_slice())
            .execute(books)
            .await?;
        Ok(())
    }
}

struct Invite {
    sha256: TokenHash,
    user: Option<UserId>,
    expires_at: Timestamp,
}

impl Write for Invite {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        let user = self.user.map(|user| user.0);
        sql::query("DELETE FROM invitations WHERE user_id IS NOT DISTINCT FROM ?")
            .bind(user)
            .execute(&mut *books)
            .await?;
        sql::query("INSERT INTO invitations (sha256, user_id, expires_us) VALUES (?, ?, ?)")
            .bind(self.sha256.as_slice())
            .bind(user)
            .bind(micros(self.expires_at))
            .execute(books)
            .await?;
        Ok(())
    }
}

struct Redeem(TokenHash, Timestamp);

impl Write for Redeem {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let gone = sql::query("DELETE FROM invitations WHERE sha256 = ? AND expires_us > ?")
            .bind(self.0.as_slice())
            .bind(micros(self.1))
            .execute(books)
            .await?;
        Ok(gone.rows_affected() > 0)
    }
}

impl Store {
    /// A session begins.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn session_open(
        &self,
        sha256: TokenHash,
        user: UserId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(Open { sha256, user, now, expires_at }).await
    }

    /// A session ends.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn session_close(&self, sha256: TokenHash) -> Result<(), StoreError> {
        self.writer.write(Close(sha256)).await
    }

    /// A link for a user, or for the first administrator; one of before lets in no more.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn invite(
        &self,
        sha256: TokenHash,
        user: Option<UserId>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer.write(Invite { sha256, user, expires_at }).await
    }

    /// Uses a link up. False when it has been, or its time is over.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn redeem(&self, sha256: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.writer.write(Redeem(sha256, now)).await
    }
}

impl Books {
    /// Whose session it is, when it has not ended and its user may sign in.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn session(
        &self,
        sha256: TokenHash,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let row: Option<UserRow> = sql::query_as(
            "SELECT users.* FROM sessions JOIN users ON users.id = sessions.user_id
             WHERE sha256 = ? AND expires_us > ? AND disabled = 0",
        )
        .bind(sha256.as_slice())
        .bind(micros(now))
        .fetch_optional(&self.pool)
        .await?;
        row.map(UserRow::read).transpose()
    }

    /// For whom a link is: `Some(None)` is the first administrator; `None` when it lets nobody in.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn invitation(
        &self,
        sha256: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Option<User>>, StoreError> {
        let user: Option<(Option<i64>,)> =
            sql::query_as("SELECT user_id FROM invitations WHERE sha256 = ? AND expires_us > ?")
                .bind(sha256.as_slice())
                .bind(micros(now))
                .fetch_optional(&self.pool)
                .await?;
        let Some((user,)) = user else { return Ok(None) };
        let Some(user) = user else { return Ok(Some(None)) };
        let row: Option<UserRow> = sql::query_as("SELECT * FROM users WHERE id = ?")
            .bind(user)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(UserRow::read).transpose()?.map(Some))
    }
}
