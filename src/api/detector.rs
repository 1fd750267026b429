//! What agents say of the detector, as it is told.

use prometheus::{GaugeVec, IntGaugeVec, Opts, Registry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dialer::DetectorView;
use crate::domain::Misjudged;

/// How agents have found the detector's words: who came as a person and was a machine, and who was
/// called a machine, was sent to them all the same, and was a person. Since the server started.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct DetectorBody {
    /// Words that agents have said something of.
    pub judged: u32,
    /// Of these, contradicted.
    pub contradicted: u32,
    /// The last of them, at most 100.
    pub recent: u32,
    /// Of these, contradicted.
    pub recent_contradicted: u32,
    /// Contradicted significantly more than before: the detector hears other calls than it was fitted
    /// to.
    pub drifts: bool,
}

/// How many of those who were called machines, and kept from agents, were people: from the samples
/// that were sent to agents (`sample_machines_percent`), over the last 30 days.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize, ToSchema)]
pub struct MisjudgedBody {
    /// Called machines and kept from agents.
    pub kept: u64,
    /// Called machines and sent to agents, who have said what they met.
    pub sampled: u64,
    /// Of these, people.
    pub people: u64,
    /// The share of people among those who are called machines; `null` without a sample.
    pub share: Option<f64>,
    /// The lower end of its 95 % interval.
    pub share_low: Option<f64>,
    /// The upper end.
    pub share_high: Option<f64>,
    /// So many people were kept from agents, by that share.
    pub people_kept: Option<f64>,
}

impl DetectorBody {
    /// `None` before the first.
    pub(super) fn of(view: &DetectorView) -> Option<Self> {
        let DetectorView { judged, contradicted, recent, recent_contradicted, drifts } = *view;
        let body = Self { judged, contradicted, recent, recent_contradicted, drifts };
        (judged > 0).then_some(body)
    }
}

impl From<Misjudged> for MisjudgedBody {
    fn from(misjudged: Misjudged) -> Self {
        let (share, people_kept) = (misjudged.share(), misjudged.people_kept());
        let Misjudged { kept, sampled, people } = misjudged;
        Self {
            kept,
            sampled,
            people,
            share: share.map(|share| share.share),
            share_low: share.map(|share| share.low),
            share_high: share.map(|share| share.high),
            people_kept: people_kept.map(|[estimate, _, _]| estimate),
        }
    }
}

/// The same for Prometheus.
pub(super) struct DetectorFamilies {
    contradicted: GaugeVec,
    drifts: IntGaugeVec,
}

impl DetectorFamilies {
    pub(super) fn register(registry: &Registry) -> prometheus::Result<Self> {
        let name = |name, help: &str| Opts::new(format!("outdial_detector_{name}"), help);
        let contradicted = GaugeVec::new(
            name("contradicted_ratio", "Of the detector's words, those that agents contradict."),
            &["campaign", "of"],
        )?;
        let drifts = IntGaugeVec::new(
            name("drifts", "1 while agents contradict the detector more than they used to."),
            &["campaign"],
        )?;
        registry.register(Box::new(contradicted.clone()))?;
        registry.register(Box::new(drifts.clone()))?;
        Ok(Self { contradicted, drifts })
    }

    pub(super) fn fill(&self, campaign: &str, view: &DetectorView) {
        let ratio = |part: u32, whole: u32| f64::from(part) / f64::from(whole);
        for (of, part, whole) in [
            ("all", view.contradicted, view.judged),
            ("recent", view.recent_contradicted, view.recent),
        ] {
            if whole > 0 {
                self.contradicted.with_label_values(&[campaign, of]).set(ratio(part, whole));
            }
        }
        self.drifts.with_label_values(&[campaign]).set(view.drifts.into());
    }
}
