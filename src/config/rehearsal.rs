//! `[rehearsal]` of a campaign: the made-up world that a demo calls.

use serde::Deserialize;

use super::section::Section;
use crate::rehearsal::DrawnTime;
use crate::rehearsal::carrier::CarrierConfig;

/// The made-up carrier and agents of a demo.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rehearsal {
    /// `[rehearsal.carrier]`, the same keys as the file of `outdial carrier`.
    pub carrier: CarrierConfig,
    /// `[rehearsal.agents]`
    pub agents: AgentTimes,
}

/// How long a simulated agent takes for what; a time that is left out is the brisk agent's own.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct AgentTimes {
    /// From the first word to hanging up.
    pub talk_s: Option<DrawnTime>,
    /// From the end of the call to the disposition.
    pub wrap_up_s: Option<DrawnTime>,
}

pub(super) fn read(mut section: Section<'_>) -> Rehearsal {
    let rehearsal = Rehearsal {
        carrier: section.value("carrier").unwrap_or_default(),
        agents: section.value("agents").unwrap_or_default(),
    };
    section.finish();
    rehearsal
}
