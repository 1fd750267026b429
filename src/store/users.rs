//! Who may sign in: users, what they prove themselves with, and for how long a wrong proof locks.

use jiff::{SignedDuration, Timestamp};

use super::sql::{self, Connection};
use super::time::{micros, timestamp};
use super::writer::Write;
use super::{Books, Store, StoreError};
use crate::domain::{AgentId, Role};

/// Wrong proofs in a row that lock nothing yet.
const FREE_FAILURES: u32 = 4;
/// The first lock; each that follows is twice as long.
const LOCK_FIRST: SignedDuration = SignedDuration::from_secs(30);
/// The longest lock.
const LOCK_MAX: SignedDuration = SignedDuration::from_mins(15);

/// A user's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UserId(pub i64);

/// A user, as the books know them.
#[derive(Clone, Eq, PartialEq)]
pub struct User {
    /// Their number.
    pub id: UserId,
    /// The name they sign in with, unique whatever its case.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whose desk is theirs.
    pub agent: Option<AgentId>,
    /// Argon2id in PHC form; `None` until they have followed their link.
    pub password: Option<String>,
    /// The shared secret of their second factor (RFC 6238).
    pub totp: Option<Vec<u8>>,
    /// One that is offered and not yet confirmed.
    pub totp_offered: Option<Vec<u8>>,
    /// The last time step whose code was used: no code lets in twice (RFC 6238 §5.2).
    pub totp_step: i64,
    /// No proof is looked at before this.
    pub locked_until: Timestamp,
    /// They may not sign in.
    pub disabled: bool,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How long a user is locked out after so many wrong proofs in a row.
fn lock_after(failures: u32) -> SignedDuration {
    let Some(over) = failures.checked_sub(FREE_FAILURES + 1) else { return SignedDuration::ZERO };
    let doubled = LOCK_FIRST.checked_mul(1 << over.min(16)).unwrap_or(LOCK_MAX);
    doubled.min(LOCK_MAX)
}

/// One change of a user.
#[derive(Clone, Debug, PartialEq)]
pub enum UserChange {
    /// Whose desk is theirs.
    Agent(Option<AgentId>),
    /// They may not sign in, or may again.
    Disabled(bool),
    /// A proof was wrong, at this time.
    Failed(Timestamp),
    /// A new password. Every session ends.
    Password(String),
    /// Another role.
    Role(Role),
    /// A second factor, or none any more.
    Totp(Option<Vec<u8>>),
    /// A second factor to be confirmed.
    TotpOffered(Vec<u8>),
    /// Wrong proofs are forgotten.
    Unlocked,
}

impl UserChange {
    /// Whether sessions of before end with it.
    fn ends_sessions(&self) -> bool {
        match self {
            UserChange::Agent(_)
            | UserChange::Disabled(_)
            | UserChange::Password(_)
            | UserChange::Role(_) => true,
            UserChange::Failed(_)
            | UserChange::Totp(_)
            | UserChange::TotpOffered(_)
            | UserChange::Unlocked => false,
        }
    }
}

/// A user to be added, without a password.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The desk.
    pub agent: Option<AgentId>,
    /// When.
    pub at: Timestamp,
}

impl Write for NewUser {
    type Answer = Option<UserId>;

    async fn apply(&self, books: &mut Connection) -> Result<Option<UserId>, StoreError> {
        let id: Option<i64> = sql::query_scalar(
            "INSERT INTO users (name, role, agent, created_us) VALUES (?, ?, ?, ?)
             ON CONFLICT DO NOTHING RETURNING id",
        )
        .bind(&self.name)
        .bind(self.role.word())
        .bind(self.agent.map(|agent| agent.0))
        .bind(micros(self.at))
        .fetch_optional(books)
        .await?;
        Ok(id.map(UserId))
    }
}

struct Change(UserId, UserChange);

impl Write for Change {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        let Self(UserId(id), change) = self;
        let query = match change {
            UserChange::Agent(agent) => sql::query("UPDATE users SET agent = ?2 WHERE id = ?1")
                .bind(*id)
                .bind(agent.map(|agent| agent.0)),
            UserChange::Disabled(disabled) => {
                sql::query("UPDATE users SET disabled = ?2 WHERE id = ?1").bind(*id).bind(*disabled)
            }
            UserChange::Failed(at) => return failed(books, *id, *at).await,
            UserChange::Password(password) => sql::query(
                "UPDATE users SET password = ?2, failures = 0, locked_until_us = 0 WHERE id = ?1",
            )
            .bind(*id)
            .bind(password),
            UserChange::Role(role) => {
                sql::query("UPDATE users SET role = ?2 WHERE id = ?1").bind(*id).bind(role.word())
            }
            UserChange::Totp(secret) => sql::query(
                "UPDATE users SET totp = ?2, totp_offered = NULL, totp_step = 0 WHERE id = ?1",
            )
            .bind(*id)
            .bind(secret.as_deref()),
            UserChange::TotpOffered(secret) => {
                sql::query("UPDATE users SET totp_offered = ?2 WHERE id = ?1")
                    .bind(*id)
                    .bind(secret.as_slice())
            }
            UserChange::Unlocked => {
                sql::query("UPDATE users SET failures = 0, locked_until_us = 0 WHERE id = ?")
                    .bind(*id)
            }
        };
        query.execute(&mut *books).await?;
        if change.ends_sessions() {
            sql::query("DELETE FROM sessions WHERE user_id = ?").bind(*id).execute(books).await?;
        }
        Ok(())
    }
}

async fn failed(books: &mut Connection, id: i64, at: Timestamp) -> Result<(), StoreError> {
    let failures: i64 = sql::query_scalar(
        "UPDATE users SET failures = failures + 1 WHERE id = ? RETURNING failures",
    )
    .bind(id)
    .fetch_one(&mut *books)
    .await?;
    let until = at
        .checked_add(lock_after(u32::try_from(failures).unwrap_or(u32::MAX)))
        .unwrap_or(Timestamp::MAX);
    sql::query("UPDATE users SET locked_until_us = ?2 WHERE id = ?1")
        .bind(id)
        .bind(micros(until))
        .execute(books)
        .await?;
    Ok(())
}

struct UseCode(UserId, i64);

impl Write for UseCode {
    type Answer = bool;

    async fn apply(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let used = sql::query("UPDATE users SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2")
            .bind(self.0.0)
            .bind(self.1)
            .execute(books)
            .await?;
        Ok(used.rows_affected() > 0)
    }
}

struct Remove(UserId);

impl Write for Remove {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("DELETE FROM users WHERE id = ?").bind(self.0.0).execute(books).await?;
        Ok(())
    }
}

impl Store {
    /// Adds a user, who has no password yet.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the name is; [`StoreError::Database`] besides.
    pub async fn user_add(&self, user: NewUser) -> Result<UserId, StoreError> {
        let what = format!("the name {:?}", user.name);
        self.writer.write(user).await?.ok_or(StoreError::Taken { what })
    }

    /// Changes a user.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn user_change(&self, id: UserId, change: UserChange) -> Result<(), StoreError> {
        self.writer.write(Change(id, change)).await
    }

    /// Uses up the code of a time step. False when it, or a later one, has been used.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn user_use_code(&self, id: UserId, step: i64) -> Result<bool, StoreError> {
        self.writer.write(UseCode(id, step)).await
    }

    /// Removes a user, with sessions and links.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn user_remove(&self, id: UserId) -> Result<(), StoreError> {
        self.writer.write(Remove(id)).await
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct UserRow {
    id: i64,
    name: String,
    role: String,
    agent: Option<i64>,
    password: Option<String>,
    totp: Option<Vec<u8>>,
    totp_offered: Option<Vec<u8>>,
    totp_step: i64,
    locked_until_us: i64,
    disabled: i64,
}

impl UserRow {
    pub(super) fn read(self) -> Result<User, StoreError> {
        Ok(User {
            id: UserId(self.id),
            name: self.name,
            role: role(&self.role)?,
            agent: self.agent.map(AgentId),
            password: self.password,
            totp: self.totp,
            totp_offered: self.totp_offered,
            totp_step: self.totp_step,
            locked_until: timestamp(self.locked_until_us),
            disabled: self.disabled != 0,
        })
    }
}

/// A role as it is in the books.
pub(super) fn role(word: &str) -> Result<Role, StoreError> {
    word.parse().map_err(|_| StoreError::Unreadable("a role".to_owned()))
}

impl Books {
    /// Every user, by name.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows: Vec<UserRow> =
            sql::query_as("SELECT * FROM users ORDER BY name").fetch_all(&self.pool).await?;
        rows.into_iter().map(UserRow::read).collect()
    }

    /// The user of that name, whatever its case.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError> {
        let row: Option<UserRow> =
            sql::query_as("SELECT * FROM users WHERE lower(name) = lower(?)")
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        row.map(UserRow::read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_wrong_proof_locks_and_each_that_follows_twice_as_long() {
        let seconds: Vec<i64> = (4..=12).map(|failures| lock_after(failures).as_secs()).collect();
        assert_eq!(seconds, [0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(lock_after(u32::MAX), LOCK_MAX);
    }
}
