//! `/v1/trunks`: how the trunks are.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Context;
use super::extract::Json;
use crate::trunk::{TrunkHealth, TrunkStatus};

/// Whether a trunk takes calls, and if not, why.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrunkHealthBody {
    /// It has refused our user name and password.
    CredentialsRefused,
    /// It asked for rest, or failed to answer.
    Resting,
    /// One call tries whether it works again.
    Trying,
    /// The last OPTIONS was not answered.
    Unreachable,
    /// It takes calls.
    Up,
}

/// A trunk.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct TrunkBody {
    /// Its name.
    #[schema(example = "main")]
    pub name: String,
    /// Whether it takes calls.
    pub health: TrunkHealthBody,
    /// Until when it is left alone, where it is.
    pub until: Option<Timestamp>,
    /// Calls on it now.
    pub channels: u32,
    /// Calls that have come in by it since the start.
    pub came_in: u64,
    /// INVITEs sent for new calls since the start.
    pub invites: u64,
    /// Calls that failed by its fault since the start.
    pub failures: u64,
}

impl From<TrunkStatus> for TrunkBody {
    fn from(status: TrunkStatus) -> Self {
        let (health, until) = match status.health {
            TrunkHealth::CredentialsRefused { until } => {
                (TrunkHealthBody::CredentialsRefused, Some(until))
            }
            TrunkHealth::Resting { until } => (TrunkHealthBody::Resting, Some(until)),
            TrunkHealth::Trying => (TrunkHealthBody::Trying, None),
            TrunkHealth::Unreachable => (TrunkHealthBody::Unreachable, None),
            TrunkHealth::Up => (TrunkHealthBody::Up, None),
        };
        let TrunkStatus { name, channels, came_in, invites, failures, .. } = status;
        Self { name, health, until, channels, came_in, invites, failures }
    }
}

/// Every trunk
#[utoipa::path(
    get, path = "/v1/trunks", tag = "campaigns", operation_id = "trunks",
    responses((status = 200, body = Vec<TrunkBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<TrunkBody>> {
    Json(context.handle.trunks().into_iter().map(TrunkBody::from).collect())
}
