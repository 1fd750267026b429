//! Settings of a campaign that its rulebooks bind.

use std::path::Path;

use jiff::SignedDuration;

use super::section::Section;
use crate::domain::{AbandonmentWindow, Campaign, WindowSpan};

/// Faults for settings that do not fit together, or break a rulebook which the campaign names.
pub(super) fn check(campaign: &Campaign, root: &Section<'_>) {
    if campaign.message.is_none() && !root.has("message") {
        if campaign.pacing.is_broadcast() {
            root.missing("message", "\"message.wav\", what a broadcast plays to who answers");
        }
        if campaign.pacing.is_inbound() {
            let example = "\"sorry.wav\", what a caller hears who has waited wait_s_max";
            root.missing("message", example);
        }
    }
    if campaign.wait_max > SignedDuration::from_secs(60) && !campaign.pacing.is_inbound() {
        let message = "wait_s_max is above 60 s for people who are called";
        root.fault(root.place_of("wait_s_max"), message, "write 2, or what the law allows");
    }
    let names = |book: &str| campaign.rulebooks.iter().any(|id| id == book);
    if !names("us-tsr-tcpa") {
        return;
    }
    if campaign.pacing.is_broadcast() && campaign.safe_harbour.opt_out.is_none() {
        let message = "a broadcast without a key to opt out (47 CFR 64.1200(b)(3))";
        let remedy = "write [safe_harbour] opt_out = \"9\", and say so in the message";
        root.fault(root.place_of("pacing"), message, remedy);
    }
    if campaign.wait_max > SignedDuration::from_secs(2) && !campaign.pacing.is_inbound() {
        let message = "wait_s_max is above 2 s (47 CFR 64.1200(a)(7))";
        root.fault(root.place_of("wait_s_max"), message, "a person waits 2 s at most");
    }
    for Breach { key, message, remedy } in breaches(campaign) {
        root.fault(root.place_of(key), message, remedy);
    }
    let windows = &campaign.calendar.windows;
    if !windows.is_empty() && !windows.iter().any(holds_the_us_limit) {
        let message = "no window of [[abandonment]] holds 3 % over 30 days (47 CFR 64.1200(a)(7))";
        let remedy = "write window = \"30 days\" with limit_percent = 3 or less";
        root.fault(root.place_of("abandonment"), message, remedy);
    }
}

/// A setting that a rulebook of the campaign forbids.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Breach {
    /// Its key in the campaign's file.
    pub key: &'static str,
    /// What is wrong.
    pub message: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// What the campaign's rulebooks forbid of the settings that are changed as it runs, too.
pub fn breaches(campaign: &Campaign) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if !campaign.rulebooks.iter().any(|id| id == "us-tsr-tcpa") {
        return breaches;
    }
    if campaign.ring_max < SignedDuration::from_secs(15) {
        breaches.push(Breach {
            key: "ring_s_max",
            message: "ring_s_max is below 15 s (16 CFR 310.4(b)(4)(ii))",
            remedy: "let it ring 15 s or longer",
        });
    }
    if campaign.abandonment_target.get() > 0.03 {
        breaches.push(Breach {
            key: "abandonment_target_percent",
            message: "abandonment_target_percent is above 3 (16 CFR 310.4(b)(4)(i))",
            remedy: "write 3 or less",
        });
    }
    breaches
}

/// At most 3 % over each successive 30 days: held by windows that make up 30 days, too.
fn holds_the_us_limit(window: &AbandonmentWindow) -> bool {
    let makes_up_30_days = match window.span {
        WindowSpan::CalendarMonth => false,
        WindowSpan::Day => true,
        WindowSpan::Days(days) => 30 % days.max(1) == 0,
    };
    makes_up_30_days && window.limit.get() <= 0.03
}

/// Whether the file is a WAV that can be played to a call; the sentence says why not.
pub(super) fn is_playable(path: &Path) -> Result<(), String> {
    let spec = hound::WavReader::open(path).map_err(|error| error.to_string())?.spec();
    let right = spec.channels == 1
        && spec.sample_rate == 8_000
        && spec.bits_per_sample == 16
        && spec.sample_format == hound::SampleFormat::Int;
    if right {
        return Ok(());
    }
    let (channels, rate, bits) = (spec.channels, spec.sample_rate, spec.bits_per_sample);
    Err(format!("it has {channels} channels, {rate} Hz, {bits} bits"))
}
