//! `--policy`: how many calls, decided by whom.

use std::str::FromStr;

use crate::domain::{Baseline, PacingMode, Vicidial};
use crate::sim::Scenario;

/// A way of deciding how many calls to place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Policy {
    /// Somebody else's method, to be measured against.
    Baseline(Baseline),
    /// Predictive, with the campaign's bound of lines where it has one.
    Predictive,
    /// One call for each ready agent.
    Progressive,
    /// So many calls for each ready agent.
    Ratio(f64),
}

/// Lines for each agent where the campaign names no bound.
const LINES: f64 = 3.0;

/// What baselines are called on the command line.
const BASELINES: [(&str, Baseline); 3] = [
    ("erlang", Baseline::ErlangLoss { scale: 1.0 }),
    ("event-replay", Baseline::EventReplay { scale: 1.0 }),
    ("vicidial", Baseline::Vicidial(Vicidial::SHIPPED)),
];

impl Policy {
    /// What it is called on the command line and in the table.
    pub fn name(self) -> String {
        match self {
            Policy::Baseline(baseline) => {
                let same = |known: &Baseline| known.name() == baseline.name();
                let named = BASELINES.iter().find(|(_, known)| same(known));
                named.map_or_else(|| baseline.name(), |(name, _)| name).to_owned()
            }
            Policy::Predictive => "predictive".to_owned(),
            Policy::Progressive => "progressive".to_owned(),
            Policy::Ratio(calls) => format!("ratio={calls}"),
        }
    }

    /// The policy of a campaign as it is configured.
    pub fn of(pacing: PacingMode) -> String {
        match pacing {
            PacingMode::Baseline(baseline) => Policy::Baseline(baseline).name(),
            PacingMode::Broadcast { .. } => "broadcast".to_owned(),
            PacingMode::Inbound { .. } => "inbound".to_owned(),
            PacingMode::Manual => "manual".to_owned(),
            PacingMode::Preview { .. } => "preview".to_owned(),
            PacingMode::Predictive { .. } => Policy::Predictive.name(),
            PacingMode::Progressive => Policy::Progressive.name(),
            PacingMode::Ratio { calls_per_agent } => Policy::Ratio(calls_per_agent).name(),
        }
    }

    /// The pacing of a world's campaign under this policy.
    pub fn pacing(self, world: &Scenario) -> PacingMode {
        let campaign = &world.campaign;
        match self {
            Policy::Baseline(baseline) => PacingMode::Baseline(baseline),
            Policy::Predictive if matches!(campaign.pacing, PacingMode::Predictive { .. }) => {
                campaign.pacing
            }
            Policy::Predictive => PacingMode::Predictive { lines_per_agent_max: LINES },
            Policy::Progressive => PacingMode::Progressive,
            Policy::Ratio(calls_per_agent) => PacingMode::Ratio { calls_per_agent },
        }
    }
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, baseline)) = BASELINES.iter().find(|(name, _)| *name == text) {
            return Ok(Policy::Baseline(*baseline));
        }
        match text {
            "predictive" => Ok(Policy::Predictive),
            "progressive" => Ok(Policy::Progressive),
            _ => match text.strip_prefix("ratio=").map(str::parse::<f64>) {
                Some(Ok(calls)) if (1.0..=10.0).contains(&calls) => Ok(Policy::Ratio(calls)),
                Some(_) => Err("a ratio is 1 to 10 calls for each agent: ratio=1.8".to_owned()),
                None => {
                    let known =
                        "predictive, progressive, ratio=1.8, vicidial, event-replay, erlang";
                    Err(format!("there are {known}"))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_as_it_is_shown() {
        let texts =
            ["predictive", "progressive", "ratio=1.8", "vicidial", "event-replay", "erlang"];
        for text in texts {
            assert_eq!(text.parse::<Policy>().map(Policy::name), Ok(text.to_owned()));
        }
        for wrong in ["ratio", "ratio=", "ratio=0.5", "ratio=NaN", "erratic"] {
            assert!(wrong.parse::<Policy>().is_err(), "{wrong}");
        }
    }
}
