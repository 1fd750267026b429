//! `[pacing]`: how a campaign dials.

use jiff::SignedDuration;
use toml::Spanned;

use super::section::Section;
use crate::domain::{InboundOrder, PacingMode, PreviewEnd};

pub(super) fn read(section: Option<Section<'_>>) -> PacingMode {
    let Some(mut section) = section else { return PacingMode::Progressive };
    let mode = section.text("mode");
    let pacing = match mode.as_ref().map(|mode| mode.get_ref().as_str()) {
        Some("broadcast") => broadcast(&mut section),
        Some("inbound") => PacingMode::Inbound {
            order: section
                .read("inbound", "\"first\", \"in_turn\" or \"always\"", order)
                .unwrap_or_default(),
        },
        Some("manual") => PacingMode::Manual,
        Some("predictive") => {
            let lines = section.number("lines_per_agent_max", 1.0..=10.0);
            PacingMode::Predictive { lines_per_agent_max: lines.unwrap_or(3.0) }
        }
        Some("preview") => preview(&mut section),
        Some("ratio") => {
            let calls = section.number("calls_per_agent", 1.0..=10.0);
            PacingMode::Ratio { calls_per_agent: calls.unwrap_or(1.0) }
        }
        Some("progressive") | None => PacingMode::Progressive,
        Some(other) => {
            let span = mode.as_ref().map_or(section.span(), Spanned::span);
            let remedy =
                "write broadcast, inbound, manual, predictive, preview, progressive or ratio";
            section.fault(span, format!("no pacing is called {other}"), remedy);
            return PacingMode::Progressive;
        }
    };
    section.finish();
    pacing
}

fn order(text: &str) -> Option<InboundOrder> {
    match text {
        "always" => Some(InboundOrder::Always),
        "first" => Some(InboundOrder::First),
        "in_turn" => Some(InboundOrder::InTurn),
        _ => None,
    }
}

/// Both numbers are the floor's to know: neither has a default.
fn broadcast(section: &mut Section<'_>) -> PacingMode {
    if !section.has("calls_per_minute") {
        section.missing("calls_per_minute", "60, the calls of a minute, evenly spaced");
    }
    if !section.has("lines_max") {
        section.missing("lines_max", "30, the most calls at once");
    }
    PacingMode::Broadcast {
        calls_per_minute: section.number("calls_per_minute", 0.1..=6_000.0).unwrap_or(1.0),
        lines_max: section.integer("lines_max", 1..=10_000_u32).unwrap_or(1),
    }
}

fn preview(section: &mut Section<'_>) -> PacingMode {
    let end = |text: &str| match text {
        "dial" => Some(PreviewEnd::Dial),
        "skip" => Some(PreviewEnd::Skip),
        _ => None,
    };
    let hour = SignedDuration::from_hours(1);
    let look_max = section.duration("look_s_max", 1.0, 1.0..=3_600.0);
    if section.has("then") && look_max.is_none() {
        let remedy = "write look_s_max = 30, the seconds after which it happens, or take then out";
        section.fault(
            section.span(),
            "then says what happens after look_s_max, which is not there",
            remedy,
        );
    }
    PacingMode::Preview {
        look_max,
        then: section.read("then", "\"dial\" or \"skip\"", end).unwrap_or_default(),
        skipped_after: section.duration("skipped_after_min", 60.0, 1.0..=525_600.0).unwrap_or(hour),
    }
}
