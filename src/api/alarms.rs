//! `/v1/alarms`: what a person must see to.

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Context;
use super::extract::Json;
use crate::server::{Alarm, AlarmKind};

/// What an alarm is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKindBody {
    /// A window of abandonment is above its limit, or will be.
    AbandonmentAtRisk,
    /// An agent is in a state that should have ended.
    AgentStuck,
    /// The books take no writes.
    BooksBehind,
    /// Little room is left on the disk.
    Disk,
    /// A campaign that dials has no leads for its agents.
    ListDry,
    /// Recordings cannot be written.
    Recording,
    /// A trunk takes no calls.
    TrunkDown,
}

/// One alarm that holds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct AlarmBody {
    /// What.
    pub kind: AlarmKindBody,
    /// Which: the name of a trunk, a campaign, an agent.
    #[schema(example = "main")]
    pub about: String,
    /// Since when.
    pub since: Timestamp,
    /// One sentence.
    pub sentence: String,
}

impl From<&Alarm> for AlarmBody {
    fn from(alarm: &Alarm) -> Self {
        let kind = match alarm.kind {
            AlarmKind::AbandonmentAtRisk => AlarmKindBody::AbandonmentAtRisk,
            AlarmKind::AgentStuck => AlarmKindBody::AgentStuck,
            AlarmKind::BooksBehind => AlarmKindBody::BooksBehind,
            AlarmKind::Disk => AlarmKindBody::Disk,
            AlarmKind::ListDry => AlarmKindBody::ListDry,
            AlarmKind::Recording => AlarmKindBody::Recording,
            AlarmKind::TrunkDown => AlarmKindBody::TrunkDown,
        };
        let Alarm { about, since, sentence, .. } = alarm.clone();
        Self { kind, about, since, sentence }
    }
}

/// Every alarm that holds now.
pub(super) fn bodies(alarms: &[Alarm]) -> Vec<AlarmBody> {
    alarms.iter().map(AlarmBody::from).collect()
}

/// Every alarm
///
/// Those that hold now. A socket of the room is told of each change.
#[utoipa::path(
    get, path = "/v1/alarms", tag = "floor", operation_id = "alarms",
    responses((status = 200, body = Vec<AlarmBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<AlarmBody>> {
    Json(bodies(&context.handle.alarms().borrow()))
}
