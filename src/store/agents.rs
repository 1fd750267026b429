//! Agents: who they are, how their phones prove it, whose people they take.

use super::sql::{self, Connection};

use crate::domain::{AgentId, CampaignId};

use super::writer::Write;
use super::{Books, Store, StoreError};

/// What a registrar keeps of a phone's password: the two HA1s of digest (RFC 7616 §3.4.2) as lower
/// case hexadecimal, and the realm that is in them.
#[derive(Clone, Eq, PartialEq)]
pub struct PhoneSecret {
    /// The realm.
    pub realm: String,
    /// MD5 of `extension:realm:password`.
    pub ha1_md5: String,
    /// SHA-256 of the same.
    pub ha1_sha256: String,
}

impl std::fmt::Debug for PhoneSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An HA1 is as good as the password.
        f.debug_struct("PhoneSecret").field("realm", &self.realm).finish_non_exhaustive()
    }
}

/// An agent to be added.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// The user name of the phone, unique.
    pub extension: String,
    /// The name to show.
    pub name: String,
    /// How the phone proves itself.
    pub secret: PhoneSecret,
    /// Whose people they take.
    pub campaigns: Vec<CampaignId>,
}

/// An agent, as the books know them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Agent {
    /// Their number.
    pub id: AgentId,
    /// The user name of the phone.
    pub extension: String,
    /// The name to show.
    pub name: String,
    /// How the phone proves itself.
    pub secret: PhoneSecret,
    /// Whose people they take, in order of the campaigns' numbers.
    pub campaigns: Vec<CampaignId>,
}

struct Add(NewAgent);

impl Write for Add {
    type Answer = Option<AgentId>;

    async fn apply(&self, books: &mut Connection) -> Result<Option<AgentId>, StoreError> {
        let id: Option<i64> = sql::query_scalar(
            "INSERT INTO agents (extension, name, realm, ha1_md5, ha1_sha256)
             VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        )
        .bind(&self.0.extension)
        .bind(&self.0.name)
        .bind(&self.0.secret.realm)
        .bind(&self.0.secret.ha1_md5)
        .bind(&self.0.secret.ha1_sha256)
        .fetch_optional(&mut *books)
        .await?;
        if let Some(id) = id {
            join(books, AgentId(id), &self.0.campaigns).await?;
        }
        Ok(id.map(AgentId))
    }
}

struct SetCampaigns(AgentId, Vec<CampaignId>);

impl Write for SetCampaigns {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("DELETE FROM agent_campaigns WHERE agent = ?")
            .bind(self.0.0)
            .execute(&mut *books)
            .await?;
        join(books, self.0, &self.1).await
    }
}

struct SetSecret(AgentId, PhoneSecret);

impl Write for SetSecret {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("UPDATE agents SET realm = ?, ha1_md5 = ?, ha1_sha256 = ? WHERE id = ?")
            .bind(&self.1.realm)
            .bind(&self.1.ha1_md5)
            .bind(&self.1.ha1_sha256)
            .bind(self.0.0)
            .execute(books)
            .await?;
        Ok(())
    }
}

async fn join(
    books: &mut Connection,
    agent: AgentId,
    campaigns: &[CampaignId],
) -> Result<(), StoreError> {
    for campaign in campaigns {
        sql::query("INSERT INTO agent_campaigns VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(agent.0)
            .bind(campaign.0)
            .execute(&mut *books)
            .await?;
    }
    Ok(())
}

impl Store {
    /// Adds an agent.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the extension is; [`StoreError::Database`] besides.
    pub async fn agent_add(&self, agent: NewAgent) -> Result<AgentId, StoreError> {
        let what = format!("extension {}", agent.extension);
        self.writer.write(Add(agent)).await?.ok_or(StoreError::Taken { what })
    }

    /// Says anew whose people an agent takes.
    ///
    /// # Errors
    /// [`StoreError::Database`], also when one of them is not in the books.
    pub async fn agent_set_campaigns(
        &self,
        agent: AgentId,
        campaigns: Vec<CampaignId>,
    ) -> Result<(), StoreError> {
        self.writer.write(SetCampaigns(agent, campaigns)).await
    }

    /// Gives an agent's phone another password.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn agent_set_secret(
        &self,
        agent: AgentId,
        secret: PhoneSecret,
    ) -> Result<(), StoreError> {
        self.writer.write(SetSecret(agent, secret)).await
    }
}

impl Books {
    /// Every agent, by extension.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let rows: Vec<AgentRow> =
            sql::query_as(AGENTS).bind(None::<i64>).fetch_all(&self.pool).await?;
        rows.into_iter().map(AgentRow::read).collect()
    }

    /// One agent, by number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let row: Option<AgentRow> =
            sql::query_as(AGENTS).bind(id.0).fetch_optional(&self.pool).await?;
        row.map(AgentRow::read).transpose()
    }
}

const AGENTS: (&str, &str) = (
    "SELECT id, extension, name, realm, ha1_md5, ha1_sha256,
            (SELECT json_group_array(campaign) FROM agent_campaigns WHERE agent = id) AS campaigns
     FROM agents WHERE ?1 IS NULL OR id = ?1 ORDER BY extension",
    "SELECT id, extension, name, realm, ha1_md5, ha1_sha256,
            (SELECT coalesce(json_agg(campaign ORDER BY campaign), '[]')::text
             FROM agent_campaigns WHERE agent = id) AS campaigns
     FROM agents WHERE ?1 IS NULL OR id = ?1 ORDER BY extension",
);

#[derive(sqlx::FromRow)]
struct AgentRow {
    id: i64,
    extension: String,
    name: String,
    realm: String,
    ha1_md5: String,
    ha1_sha256: String,
    campaigns: String,
}

impl AgentRow {
    fn read(self) -> Result<Agent, StoreError> {
        let campaigns = serde_json::from_str(&self.campaigns)
            .map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let Self { id, extension, name, realm, ha1_md5, ha1_sha256, .. } = self;
        let secret = PhoneSecret { realm, ha1_md5, ha1_sha256 };
        Ok(Agent { id: AgentId(id), extension, name, secret, campaigns })
    }
}
