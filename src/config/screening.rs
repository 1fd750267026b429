//! `[amd]`: who picked up, and what is done with an answer that is no person's.

use jiff::SignedDuration;
use toml::Spanned;

use super::campaign::wav;
use super::section::Section;
use crate::domain::{Amd, AmdDeadline, AnswerRules, MachineRule, ScreenerRule, Share, TakeBack};

/// What an agent loses who is connected to a machine, in seconds, and what is lost when a person
/// hears nobody until the detector is sure, in seconds of an agent.
const COSTS_S: (f64, f64) = (6.0, 4.0);

/// A campaign without the table screens nobody.
pub(super) fn read(section: Option<Section<'_>>) -> (Amd, AmdDeadline, AnswerRules) {
    let Some(mut section) = section else {
        return (Amd::Off, AmdDeadline::Legal, AnswerRules::default());
    };
    let amd = mode(&mut section);
    let deadline = |text: &str| match text {
        "legal" => Some(AmdDeadline::Legal),
        "none" => Some(AmdDeadline::None),
        _ => None,
    };
    let what = "\"legal\" or \"none\"";
    let deadline = section.read("deadline", what, deadline).unwrap_or_default();
    let answers = answers(&mut section);
    section.finish();
    (amd, deadline, answers)
}

fn mode(section: &mut Section<'_>) -> Amd {
    let mode = section.text("mode");
    let limit = section.duration("listen_s_max", 1.0, 0.5..=10.0);
    let limit = limit.unwrap_or(SignedDuration::from_secs(3));
    match mode.as_ref().map(|mode| mode.get_ref().as_str()) {
        Some("alongside") => Amd::Alongside { limit },
        Some("before_connect") | None => Amd::BeforeConnect { limit },
        Some("fax_only") => Amd::FaxOnly { limit },
        Some("off") => Amd::Off,
        Some(other) => {
            let span = mode.as_ref().map_or(section.span(), Spanned::span);
            let remedy = "write before_connect, alongside, fax_only or off";
            section.fault(span, format!("no amd is called {other}"), remedy);
            Amd::Off
        }
    }
}

fn answers(section: &mut Section<'_>) -> AnswerRules {
    let otherwise = AnswerRules::default();
    let seconds = |section: &mut Section<'_>, key, range, otherwise| {
        section.duration(key, 1.0, range).unwrap_or(otherwise)
    };
    AnswerRules {
        machine: machine(section),
        machine_message: wav(section, "machine_message"),
        greeting_max: seconds(section, "greeting_s_max", 1.0..=180.0, otherwise.greeting_max),
        screener: screener(section),
        identification: wav(section, "identification"),
        screener_max: seconds(section, "screener_s_max", 1.0..=120.0, otherwise.screener_max),
        take_back: take_back(section),
        listens_on: seconds(section, "listen_on_s", 0.0..=60.0, otherwise.listens_on),
        likely_person: likely_person(section),
        sampled: percent(section, "sample_machines_percent").unwrap_or(Share::ZERO),
        counts_misjudged: section.boolean("count_misjudged").unwrap_or(true),
        person_bias: section.number("person_bias", -5.0..=5.0).unwrap_or(0.0),
        keep_audio: section
            .duration("keep_audio_days", 86_400.0, 0.0..=3_650.0)
            .filter(SignedDuration::is_positive),
    }
}

fn percent(section: &mut Section<'_>, key: &'static str) -> Option<Share> {
    section.number(key, 0.0..=100.0).and_then(|percent| Share::new(percent / 100.0))
}

/// Connecting somebody undecided costs an agent's time where it is a machine, and holding them costs
/// patience where it is a person: from the probability on at which both weigh the same, they are
/// connected.
fn likely_person(section: &mut Section<'_>) -> Option<Share> {
    let wanted = section.boolean("connect_likely").unwrap_or(true);
    let machine_s = section.number("machine_costs_s", 0.1..=600.0).unwrap_or(COSTS_S.0);
    let silence_s = section.number("silence_costs_s", 0.1..=600.0).unwrap_or(COSTS_S.1);
    Share::new(machine_s / (machine_s + silence_s)).filter(|_| wanted)
}

fn machine(section: &mut Section<'_>) -> MachineRule {
    let rule = |text: &str| match text {
        "hang_up" => Some(MachineRule::HangUp),
        "leave_message" => Some(MachineRule::LeaveMessage),
        _ => None,
    };
    let rule = section.read("machine", "\"hang_up\" or \"leave_message\"", rule);
    let rule = rule.unwrap_or_default();
    if rule == MachineRule::LeaveMessage && !section.has("machine_message") {
        section.missing("machine_message", "\"voicemail.wav\", what a machine is left");
    }
    rule
}

fn screener(section: &mut Section<'_>) -> ScreenerRule {
    let rule = |text: &str| match text {
        "identify" => Some(ScreenerRule::Identify),
        "no_answer" => Some(ScreenerRule::NoAnswer),
        "reserve_agent" => Some(ScreenerRule::ReserveAgent),
        _ => None,
    };
    let what = "\"no_answer\", \"identify\" or \"reserve_agent\"";
    let rule = section.read("screener", what, rule).unwrap_or_default();
    if rule != ScreenerRule::NoAnswer && !section.has("identification") {
        section.missing("identification", "\"who-calls.wav\", what a screener is told");
    }
    rule
}

fn take_back(section: &mut Section<'_>) -> TakeBack {
    let rule = |text: &str| match text {
        "keep" => Some(TakeBack::Keep),
        "ready" => Some(TakeBack::Ready),
        "wrap_up" => Some(TakeBack::WrapUp),
        _ => None,
    };
    let what = "\"ready\", \"wrap_up\" or \"keep\"";
    section.read("take_back", what, rule).unwrap_or_default()
}
