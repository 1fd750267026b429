//! `/v1/campaigns/{name}/agent-waits`: the clock of the two seconds.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::campaigns::named;
use super::extract::{Json, Path, Query};
use super::{Context, Problem};
use crate::clock;
use crate::store::AgentWaits;

/// Without a beginning: the last 30 days.
const USUAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// In time is whoever waited no longer.
const IN_TIME_MS: u64 = 2_000;

/// The ends of the classes; the last class has no end.
const CLASSES_MS: [u64; 12] =
    [250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000, 2_500, 3_000, 5_000, 10_000];

/// Which calls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// How long people waited for an agent: from the end of their greeting, as the audio had it, to the
/// moment at which the agent was on the line.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct AgentWaitsBody {
    /// People who answered.
    pub people: u64,
    /// Who of them had an agent.
    pub with_agent: u64,
    /// Who of these had one within two seconds.
    pub in_time: u64,
    /// Of how many of these the greeting was heard to end; of the others the clock runs from the
    /// detector's word, or without one from the answer.
    pub greeting_heard: u64,
    /// People who hung up before an agent was due.
    pub hung_up: u64,
    /// People who had no agent.
    pub alone: u64,
    /// The wait that half of those with an agent did not exceed; `null` of nobody.
    pub median_ms: Option<u64>,
    /// The same, of nine in ten.
    pub p90_ms: Option<u64>,
    /// Of 99 in a hundred.
    pub p99_ms: Option<u64>,
    /// The longest.
    pub longest_ms: Option<u64>,
    /// Those with an agent, by how long they waited.
    pub classes: Vec<WaitClassBody>,
}

/// People who waited about as long.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct WaitClassBody {
    /// No longer than this, and longer than the class before; `null`: longer than all.
    pub up_to_ms: Option<u64>,
    /// How many.
    pub people: u64,
}

impl From<&AgentWaits> for AgentWaitsBody {
    fn from(waits: &AgentWaits) -> Self {
        let with_agent = waits.waits_ms.len() as u64;
        let ends = CLASSES_MS.iter().map(|end| (Some(*end), waits.within(*end)));
        let mut before = 0;
        let classes = ends.chain([(None, with_agent)]).map(|(up_to_ms, within)| {
            let people = within - std::mem::replace(&mut before, within);
            WaitClassBody { up_to_ms, people }
        });
        Self {
            people: with_agent + waits.hung_up + waits.alone,
            with_agent,
            in_time: waits.within(IN_TIME_MS),
            greeting_heard: waits.greeting_heard,
            hung_up: waits.hung_up,
            alone: waits.alone,
            median_ms: waits.quantile_ms(0.5),
            p90_ms: waits.quantile_ms(0.9),
            p99_ms: waits.quantile_ms(0.99),
            longest_ms: waits.quantile_ms(1.0),
            classes: classes.collect(),
        }
    }
}

/// How long people waited for an agent
///
/// The clock of the two seconds: for each person who answered, from the end of the greeting, as the
/// audio had it, to the agent; from the answer where the campaign counts so. Machines and people who called in are not among them.
#[utoipa::path(
    get, path = "/v1/campaigns/{name}/agent-waits", tag = "campaigns",
    operation_id = "campaign_agent_waits",
    params(
        ("name" = String, Path, description = "The campaign's name"),
        ("since" = Option<String>, Query, description = "Answered at or after this; the last 30 days when absent"),
        ("until" = Option<String>, Query, description = "Answered before this; now when absent"),
    ),
    responses(
        (status = 200, body = AgentWaitsBody),
        (status = 404, description = "No such campaign", body = Problem),
    ),
)]
pub(super) async fn of_campaign(
    State(context): State<Context>,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<AgentWaitsBody>, Problem> {
    let campaigns = context.handle.campaigns();
    let campaign = named(&campaigns, &name)?;
    let until = which.until.unwrap_or_else(clock::now);
    let since = which.since.unwrap_or_else(|| until.checked_sub(USUAL).unwrap_or(Timestamp::MIN));
    let waits = context
        .handle
        .store()
        .books()
        .agent_waits(campaign.id, campaign.wait_from, since, until)
        .await?;
    Ok(Json(AgentWaitsBody::from(&waits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_with_an_agent_is_in_one_class() {
        let waits_ms = vec![0, 250, 251, 2_000, 2_001, 60_000];
        let waits = AgentWaits { waits_ms, greeting_heard: 5, hung_up: 1, alone: 2 };
        let body = AgentWaitsBody::from(&waits);
        assert_eq!((body.people, body.with_agent, body.in_time), (9, 6, 4));
        let taken: Vec<_> = body.classes.iter().filter(|class| class.people > 0).collect();
        let seen: Vec<_> = taken.iter().map(|class| (class.up_to_ms, class.people)).collect();
        let last = (None, 1);
        assert_eq!(
            seen,
            [(Some(250), 2), (Some(500), 1), (Some(2_000), 1), (Some(2_500), 1), last]
        );
        assert_eq!(body.longest_ms, Some(60_000));
    }
}
