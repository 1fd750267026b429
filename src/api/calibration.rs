//! How the pacer's forecasts have come true, as it is told.

use prometheus::{GaugeVec, Opts, Registry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::pacing::{CalibrationFigures, Foretold, Reliability, Verdict};

/// The pacer's forecasts, 20 s ahead, against what came. They are made while a campaign dials
/// ahead of its agents; the last 20 or so are remembered, half forgotten ones by half.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct CalibrationBody {
    /// People who answered.
    pub people: ReliabilityBody,
    /// Agents who became ready.
    pub agents: ReliabilityBody,
    /// The mean chance of finding no agent that was foretold for the last people; `null` before the
    /// first.
    pub abandonment_foretold: Option<f64>,
    /// The share of them that found none.
    pub abandonment_actual: Option<f64>,
    /// Mean square of foretold minus actual (Brier score): 0 is perfect.
    pub abandonment_brier: Option<f64>,
    /// The score of a forecast that always says the measured share.
    pub abandonment_brier_of_share: Option<f64>,
    /// What is foretold wrongly, `people` or `agents`; `null` while the forecasts fit. Until they
    /// fit again one call goes to each ready agent.
    pub off: Option<String>,
}

/// How well one kind of number is foretold.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct ReliabilityBody {
    /// Forecasts that are remembered.
    pub forecasts: f64,
    /// How many were expected.
    pub expected: f64,
    /// How many there were.
    pub actual: f64,
    /// Actual by expected; `null` when nothing was expected.
    pub ratio: Option<f64>,
    /// The lower end of its 95 % interval.
    pub ratio_low: Option<f64>,
    /// The upper end.
    pub ratio_high: Option<f64>,
    /// How far off, in standard deviations; positive when there were more than expected.
    pub deviations: f64,
}

impl CalibrationBody {
    /// `None` before the first forecast.
    pub(super) fn of(figures: &CalibrationFigures) -> Option<Self> {
        (figures.people.forecasts > 0.0).then(|| Self {
            people: ReliabilityBody::of(figures.people),
            agents: ReliabilityBody::of(figures.freed),
            abandonment_foretold: figures.abandonment_foretold,
            abandonment_actual: figures.abandonment_actual,
            abandonment_brier: figures.abandonment_brier,
            abandonment_brier_of_share: figures.abandonment_brier_of_share,
            off: off(figures.verdict).map(str::to_owned),
        })
    }
}

impl ReliabilityBody {
    fn of(reliability: Reliability) -> Self {
        let Reliability { forecasts, expected, actual, ratio, ratio_low, ratio_high, deviations } =
            reliability;
        Self { forecasts, expected, actual, ratio, ratio_low, ratio_high, deviations }
    }
}

fn off(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Calibrated => None,
        Verdict::Off { what: Foretold::Freed, .. } => Some("agents"),
        Verdict::Off { what: Foretold::People, .. } => Some("people"),
    }
}

/// The figures for Prometheus.
pub(super) struct CalibrationFamilies {
    abandonment: GaugeVec,
    brier: GaugeVec,
    deviations: GaugeVec,
    off: GaugeVec,
    ratio: GaugeVec,
}

impl CalibrationFamilies {
    pub(super) fn register(registry: &Registry) -> prometheus::Result<Self> {
        let family = |name: &str, help: &str, labels: &[&str]| {
            let family =
                GaugeVec::new(Opts::new(format!("outdial_forecast_{name}"), help), labels)?;
            registry.register(Box::new(family.clone()))?;
            Ok::<_, prometheus::Error>(family)
        };
        let by_kind = ["campaign", "of"];
        Ok(Self {
            abandonment: family(
                "abandonment_ratio",
                "Of the last people, the share that found no agent, foretold and actual.",
                &by_kind,
            )?,
            brier: family(
                "abandonment_brier_score",
                "Brier score of the forecasts, and of the measured share.",
                &by_kind,
            )?,
            deviations: family(
                "deviations",
                "Actual minus expected, in standard deviations.",
                &by_kind,
            )?,
            off: family("off", "1 while the forecasts cannot be dialed by.", &["campaign"])?,
            ratio: family("ratio", "Actual by expected, of the last forecasts.", &by_kind)?,
        })
    }

    pub(super) fn fill(&self, campaign: &str, figures: &CalibrationFigures) {
        if figures.people.forecasts <= 0.0 {
            return;
        }
        for (of, reliability) in [("people", figures.people), ("agents", figures.freed)] {
            let labels = [campaign, of];
            self.deviations.with_label_values(&labels).set(reliability.deviations);
            if let Some(ratio) = reliability.ratio {
                self.ratio.with_label_values(&labels).set(ratio);
            }
        }
        let set = |family: &GaugeVec, of: &str, value: Option<f64>| {
            if let Some(value) = value {
                family.with_label_values(&[campaign, of]).set(value);
            }
        };
        set(&self.abandonment, "foretold", figures.abandonment_foretold);
        set(&self.abandonment, "actual", figures.abandonment_actual);
        set(&self.brier, "forecast", figures.abandonment_brier);
        set(&self.brier, "share", figures.abandonment_brier_of_share);
        let is_off = off(figures.verdict).is_some();
        self.off.with_label_values(&[campaign]).set(f64::from(u8::from(is_off)));
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::pacing::{Calibration, Expected, Forecast};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).unwrap()
    }

    /// One person a window is foretold, and so many come.
    fn figures(people: u32) -> CalibrationFigures {
        let mut calibration = Calibration::default();
        let expected = Expected { mean: 1.0, variance: 1.0 };
        let forecast = Forecast {
            people: expected,
            people_within_s: 20.0,
            freed: Expected::default(),
            freed_within_s: 20.0,
        };
        for window in 0..60 {
            calibration.forecast(forecast, at(21 * window));
            (0..people).for_each(|_| calibration.person(at(21 * window - 9), at(21 * window + 9)));
        }
        calibration.figures()
    }

    #[test]
    fn forecasts_that_are_off_are_told_and_none_are_not() {
        assert_eq!(CalibrationBody::of(&Calibration::default().figures()), None);
        let fits = CalibrationBody::of(&figures(1)).unwrap();
        assert_eq!((fits.people.ratio, fits.off), (Some(1.0), None));
        let off = CalibrationBody::of(&figures(4)).unwrap();
        assert_eq!(off.off.as_deref(), Some("people"));
        let registry = Registry::new();
        CalibrationFamilies::register(&registry).unwrap().fill("spring", &figures(4));
        let mut text = Vec::new();
        let encoder = prometheus::TextEncoder::new();
        prometheus::Encoder::encode(&encoder, &registry.gather(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("outdial_forecast_off{campaign=\"spring\"} 1"), "{text}");
        let ratio = "outdial_forecast_ratio{campaign=\"spring\",of=\"people\"} 4";
        assert!(text.contains(ratio), "{text}");
    }
}
