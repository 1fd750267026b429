//! A window of the abandonment ledger, as it is told.

use jiff::Timestamp;
use prometheus::{GaugeVec, Opts, Registry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dialer::WindowView;

/// A window in which abandonment is held under a limit: used, left, and how likely it is to end
/// above.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct WindowBody {
    /// `day`, `month`, or so many successive days from the campaign's start.
    #[schema(example = "30 days")]
    pub window: String,
    /// Its first instant.
    pub begins_at: Timestamp,
    /// The first instant that is no longer in it.
    pub ends_at: Timestamp,
    /// The share of the people that may be abandoned.
    pub limit: f64,
    /// People who answered.
    pub people: u64,
    /// Who of them had no agent in time.
    pub abandoned: u64,
    /// Abandoned, of the people; `null` before the first.
    pub rate: Option<f64>,
    /// People who may be abandoned now before the rate is above the limit.
    pub left: u64,
    /// People who will still answer, when they come as they have come in this window's shifts;
    /// `null` before the first.
    pub still_expected: Option<f64>,
    /// The probability that it ends above its limit when people go on being abandoned as they were;
    /// `null` before the first. The pacer steers against it.
    pub overrun: Option<f64>,
}

impl WindowBody {
    pub(super) fn of(seen: &WindowView) -> Self {
        Self {
            window: seen.window.clone(),
            begins_at: seen.begins_at,
            ends_at: seen.ends_at,
            limit: seen.limit,
            people: seen.people,
            abandoned: seen.abandoned,
            rate: seen.rate,
            left: seen.left,
            still_expected: seen.still_expected,
            overrun: seen.overrun,
        }
    }
}

/// The figures of the windows for Prometheus, by campaign and window.
pub(super) struct WindowFamilies {
    abandoned: GaugeVec,
    left: GaugeVec,
    limit: GaugeVec,
    overrun: GaugeVec,
    people: GaugeVec,
}

impl WindowFamilies {
    pub(super) fn register(registry: &Registry) -> prometheus::Result<Self> {
        let family = |name: &str, help: &str| {
            let name = format!("outdial_abandonment_window_{name}");
            let family = GaugeVec::new(Opts::new(name, help), &["campaign", "window"])?;
            registry.register(Box::new(family.clone()))?;
            Ok::<_, prometheus::Error>(family)
        };
        Ok(Self {
            abandoned: family("abandoned", "People without an agent in time, in this window.")?,
            left: family("left", "People who may be abandoned now within the limit.")?,
            limit: family("limit_ratio", "The share of the people that may be abandoned.")?,
            overrun: family("overrun_probability", "That it ends above its limit as it goes.")?,
            people: family("people", "People who answered, in this window.")?,
        })
    }

    pub(super) fn fill(&self, campaign: &str, windows: &[WindowView]) {
        for window in windows {
            let labels = [campaign, window.window.as_str()];
            self.abandoned.with_label_values(&labels).set(window.abandoned as f64);
            self.left.with_label_values(&labels).set(window.left as f64);
            self.limit.with_label_values(&labels).set(window.limit);
            self.people.with_label_values(&labels).set(window.people as f64);
            if let Some(overrun) = window.overrun {
                self.overrun.with_label_values(&labels).set(overrun);
            }
        }
    }
}
