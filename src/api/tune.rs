//! `/v1/campaigns/{name}/tune`: what other settings would do, by the simulator on the campaign's own
//! past.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::campaigns::named;
use super::extract::{Json, Path};
use super::{Context, Problem};
use crate::clock;
use crate::domain::{PacingMode, Share};
use crate::server::past_of;
use crate::sim::{Day, Fitted, Scenario, study};

/// One at a time: each takes a core.
static SEAT: Semaphore = Semaphore::const_new(1);

/// Targets of the curve, percent.
const TARGETS: [f64; 7] = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0];
/// Each is run so often, by other chance.
const SEEDS: u64 = 3;
/// Days of the past that a world is made of, when nothing is said.
const DAYS: u32 = 1;
/// Agent-hours of all runs together: some seconds.
const AGENT_HOURS_MAX: f64 = 20_000.0;

/// What is to be other than it was; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TuneBody {
    /// How many agents, 1 to 500.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 500)]
    pub agents: Option<u32>,
    /// How long a phone rings, 5 to 120 seconds.
    #[serde(default)]
    #[schema(minimum = 5, maximum = 120)]
    pub ring_s_max: Option<f64>,
    /// The abandonment target of the chosen point, percent, 0 to 10.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10)]
    pub target_percent: Option<f64>,
    /// So many days of the books, up to now: 1 to 7.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 7)]
    pub days: Option<u32>,
}

/// What the simulator says.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TuneReport {
    /// The first moment of the past that it is made of.
    pub begins_at: Timestamp,
    /// The last.
    pub ends_at: Timestamp,
    /// Agents at most at a time, then.
    pub agents: u32,
    /// Calls that a person answered, percent.
    pub people_percent: f64,
    /// The mean talk, seconds.
    pub talk_mean_s: f64,
    /// What really happened.
    pub happened: TunePoint,
    /// The settings of now, simulated: how far it is from what happened is how far to trust it.
    pub present: TunePoint,
    /// What was asked for, simulated.
    pub asked: TunePoint,
    /// The same with each of several targets, ascending.
    pub curve: Vec<TunePoint>,
}

/// A point of the curve.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct TunePoint {
    /// The abandonment target, percent.
    pub target_percent: f64,
    /// Abandoned of the people who answered, percent.
    pub abandonment_percent: f64,
    /// Minutes of talk in an hour of one agent who does not pause.
    pub talk_min_per_agent_hour: f64,
}

impl TunePoint {
    fn of(days: &[Day], target: Share) -> Self {
        let sum = |of: &dyn Fn(&Day) -> f64| days.iter().map(of).sum::<f64>();
        let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
        let abandoned = sum(&|day| day.people.abandoned as f64);
        let answered = sum(&|day| day.people.answered as f64);
        let talk_s = sum(&|day| day.talk_s);
        let there_s = sum(&|day| day.talk_s + day.wrap_up_s + day.idle_s);
        Self {
            target_percent: 100.0 * target.get(),
            abandonment_percent: 100.0 * share(abandoned, answered),
            talk_min_per_agent_hour: 60.0 * share(talk_s, there_s),
        }
    }
}

/// Try settings out
///
/// Made-up days on the same dialer, with callees, agents and hours as the books have them. Nobody is
/// dialed and nothing is changed; it takes some seconds of one core.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/tune", tag = "campaigns", operation_id = "campaign_tune",
    params(("name" = String, Path, description = "The campaign's name")),
    request_body = TuneBody,
    responses(
        (status = 200, body = TuneReport),
        (status = 404, body = Problem),
        (status = 409, description = "The books say too little, or it is not predictive", body = Problem),
        (status = 422, body = Problem),
        (status = 503, description = "Another is under way", body = Problem),
    ),
)]
pub(super) async fn tune(
    State(context): State<Context>,
    Path(name): Path<String>,
    Json(body): Json<TuneBody>,
) -> Result<Json<TuneReport>, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    if !matches!(campaign.pacing, PacingMode::Predictive { .. }) {
        return Err(Problem::conflict("a target steers only a campaign that dials predictively"));
    }
    let within = |range: std::ops::RangeInclusive<f64>, value: Option<f64>| {
        value.is_none_or(|value| range.contains(&value))
    };
    if !within(1.0..=500.0, body.agents.map(f64::from))
        || !within(5.0..=120.0, body.ring_s_max)
        || !within(0.0..=10.0, body.target_percent)
        || !within(1.0..=7.0, body.days.map(f64::from))
    {
        return Err(Problem::unprocessable(
            "agents is 1 to 500, ring_s_max 5 to 120, target_percent 0 to 10, days 1 to 7",
        ));
    }
    let _seat = SEAT.try_acquire().map_err(|_| {
        Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, "another is under way; try again")
    })?;
    let until = clock::now();
    let hours = SignedDuration::from_hours(24 * i64::from(body.days.unwrap_or(DAYS)));
    let since = until.checked_sub(hours).unwrap_or(Timestamp::MIN);
    let past = past_of(context.handle.store().books(), campaign.id, since, until).await?;
    let fitted = past.fit(crate::domain::Campaign::clone(&campaign));
    let fitted = fitted.map_err(|few| Problem::conflict(few.to_string()))?;
    affordable(&fitted.scenario)?;
    let report = tokio::task::spawn_blocking(move || report(&fitted, &body)).await;
    report.map(Json).map_err(|_| {
        let why = "the simulator broke off";
        Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, why)
    })
}

/// Refuses what would take long.
fn affordable(scenario: &Scenario) -> Result<(), Problem> {
    let hours = f64::from(scenario.agents) * scenario.shift.as_secs_f64() / 3_600.0;
    let all = hours * f64::from(scenario.days) * SEEDS as f64 * (TARGETS.len() + 2) as f64;
    match all <= AGENT_HOURS_MAX {
        true => Ok(()),
        false => Err(Problem::conflict(
            "that is much for a page: ask for fewer days, or run outdial simulate --from-log",
        )),
    }
}

fn report(fitted: &Fitted, body: &TuneBody) -> TuneReport {
    let present = &fitted.scenario;
    let now = present.campaign.abandonment_target;
    let mut asked = present.clone();
    if let Some(agents) = body.agents {
        asked.agents = agents;
        asked.rosters = asked.rosters.iter().map(|roster| roster.of(agents)).collect();
    }
    if let Some(seconds) = body.ring_s_max {
        asked = asked.with_ring(SignedDuration::from_secs_f64(seconds));
    }
    let chosen = body.target_percent.and_then(|percent| Share::new(percent / 100.0)).unwrap_or(now);
    let curve = TARGETS.into_iter().filter_map(|percent| Share::new(percent / 100.0));
    TuneReport {
        begins_at: fitted.begins_at,
        ends_at: fitted.ends_at,
        agents: present.agents,
        people_percent: 100.0 * fitted.people.get(),
        talk_mean_s: present.callees.talk.mean_s,
        happened: TunePoint::of(&fitted.actual, now),
        present: point(present, now),
        asked: point(&asked, chosen),
        curve: curve.map(|target| point(&asked, target)).collect(),
    }
}

/// What a target comes to.
fn point(scenario: &Scenario, target: Share) -> TunePoint {
    let mut scenario = scenario.clone();
    scenario.campaign.abandonment_target = target;
    let days: Vec<Day> =
        (1..=SEEDS).flat_map(|seed| study(&scenario, seed, scenario.days)).collect();
    TunePoint::of(&days, target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_target_lets_agents_talk_more_and_more_people_wait() {
        let mut scenario = Scenario::s0(10);
        scenario.campaign.pacing = PacingMode::Predictive { lines_per_agent_max: 3.0 };
        // The first hour is careful whatever the target.
        scenario.shift = SignedDuration::from_hours(4);
        let at = |percent: f64| point(&scenario, Share::new(percent / 100.0).unwrap());
        let (careful, bold) = (at(0.1), at(5.0));
        assert!(bold.talk_min_per_agent_hour > careful.talk_min_per_agent_hour, "{bold:?}");
        assert!(bold.abandonment_percent > careful.abandonment_percent, "{careful:?}");
    }
}
