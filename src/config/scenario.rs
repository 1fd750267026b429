//! A scenario file: a made-up floor for `outdial simulate`. Every key may be left out; what is not
//! written is that of the scenario that pacing is measured on.

use std::path::Path;

use jiff::SignedDuration;

use super::campaign::{self, Known};
use super::fault::{Faults, Source};
use super::files::{read_text, unreadable};
use super::section::{Ledger, Section};
use crate::compliance::Rulebooks;
use crate::domain::{Campaign, PacingMode};
use crate::sim::{Callees, Desks, Drift, Lunch, Scenario, ShortTalks, Spread, Step};

/// What a campaign of a made-up floor has when its table does not say: the keys that a real one
/// must write, and limits that nothing made up runs into.
const CAMPAIGN: &str = r#"
country = "US"
caller_ids = ["+18005550199"]
trunks = ["made-up"]
rulebooks = ["house"]
abandonment_target_percent = 3
wrap_up_s_max = 3600
talk_s_max = 21600
pacing = { mode = "predictive" }
amd = { mode = "before_connect", listen_s_max = 10, deadline = "none" }
"#;

/// Reads a scenario file.
///
/// # Errors
/// [`Faults`], every one of them.
pub fn load_scenario(path: &Path) -> Result<Scenario, Faults> {
    let text = read_text(path).map_err(|error| {
        let remedy = "benches/pacing/s0.toml shows what a scenario has";
        Faults::one(unreadable(path, &error, remedy))
    })?;
    scenario(path, &text)
}

/// Reads a scenario from its text.
///
/// # Errors
/// [`Faults`], every one of them.
pub fn scenario(path: &Path, text: &str) -> Result<Scenario, Faults> {
    let ledger = Ledger::new(Source { path, text });
    let scenario = read(ledger.root());
    match Faults::of(ledger.into_faults()) {
        Some(faults) => Err(faults),
        None => Ok(scenario),
    }
}

fn read(mut root: Section<'_>) -> Scenario {
    let agents = root.integer("agents", 1..=5_000_u32).unwrap_or(25);
    let base = Scenario::s0(agents);
    let campaign = campaign(root.section("campaign"), &base);
    let shift = root.duration("hours", 3_600.0, 0.1..=24.0).unwrap_or(base.shift);
    let mut scenario = base.with_campaign(campaign).lasting(shift);
    scenario.days = root.integer("days", 1..=366_u32).unwrap_or(scenario.days);
    let quiet = root.duration("quiet_s", 1.0, 0.0..=3_600.0);
    scenario.quiet = quiet.unwrap_or(scenario.quiet);
    scenario.leads = root.integer("leads", 1..=7_000_000_u32).unwrap_or(scenario.leads);
    if let Some(section) = root.section("callees") {
        callees(section, &mut scenario.callees);
    }
    if let Some(section) = root.section("desks") {
        desks(section, &mut scenario.desks);
    }
    root.finish();
    scenario
}

/// `[campaign]`, with the keys of a campaign's own file.
fn campaign(section: Option<Section<'_>>, base: &Scenario) -> Campaign {
    let Some(mut section) = section else { return predictive(base) };
    section.suppose(CAMPAIGN);
    let rulebooks = Rulebooks::embedded();
    let known = Known { trunks: None, rulebooks: &rulebooks };
    match campaign::read(&base.campaign.name, section, &known) {
        Some((campaign, _)) => campaign,
        None => predictive(base),
    }
}

fn predictive(base: &Scenario) -> Campaign {
    let pacing = PacingMode::Predictive { lines_per_agent_max: 3.0 };
    Campaign { pacing, ..base.campaign.clone() }
}

/// `[callees]`
fn callees(mut section: Section<'_>, callees: &mut Callees) {
    let shares: [(&'static str, &mut f64); 7] = [
        ("person", &mut callees.person),
        ("machine", &mut callees.machine),
        ("busy", &mut callees.busy),
        ("vacant", &mut callees.vacant),
        ("failed", &mut callees.failed),
        ("silent", &mut callees.silent),
        ("crossing", &mut callees.crossing),
    ];
    for (key, share) in shares {
        number(&mut section, key, 0.0..=1.0, share);
    }
    let times: [(&'static str, &mut Spread); 7] = [
        ("person_rings_s", &mut callees.person_rings),
        ("machine_rings_s", &mut callees.machine_rings),
        ("busy_after_s", &mut callees.busy_after),
        ("vacant_after_s", &mut callees.vacant_after),
        ("greeting_s", &mut callees.greeting),
        ("screening_s", &mut callees.screening),
        ("talk_s", &mut callees.talk),
    ];
    for (key, time) in times {
        if let Some(written) = spread(&mut section, key) {
            *time = written;
        }
    }
    let post_dial = section.duration("post_dial_s", 1.0, 0.0..=30.0);
    callees.post_dial = post_dial.unwrap_or(callees.post_dial);
    callees.patience = spread(&mut section, "patience_s").or(callees.patience);
    callees.short_talks = section.section("short_talks").and_then(short_talks);
    if let Some(written) = section.section("drift") {
        callees.drift = drift(written, &callees.drift);
    }
    section.finish();
}

/// `[callees.short_talks]`
fn short_talks(mut section: Section<'_>) -> Option<ShortTalks> {
    if !section.has("share") {
        section.missing("share", "0.4, of all talks");
    }
    if !section.has("talk_s") {
        section.missing("talk_s", "{ mean = 25, sd = 15 }");
    }
    let share = section.number("share", 0.0..=1.0);
    let talk = spread(&mut section, "talk_s");
    section.finish();
    Some(ShortTalks { share: share?, talk: talk? })
}

/// `[callees.drift]`
fn drift(mut section: Section<'_>, usual: &Drift) -> Drift {
    let mut drift = usual.clone();
    number(&mut section, "wave", 0.0..=1.0, &mut drift.wave);
    number(&mut section, "wander", 0.0..=2.0, &mut drift.wander);
    number(&mut section, "least", 0.0..=1.0, &mut drift.least);
    number(&mut section, "most", 0.0..=1.0, &mut drift.most);
    let wave_from = section.duration("wave_from_h", 3_600.0, -24.0..=24.0);
    drift.wave_from = wave_from.unwrap_or(drift.wave_from);
    let wave_period = section.duration("wave_period_h", 3_600.0, 0.1..=1_000.0);
    drift.wave_period = wave_period.unwrap_or(drift.wave_period);
    let wander_time = section.duration("wander_s", 1.0, 1.0..=86_400.0);
    drift.wander_time = wander_time.unwrap_or(drift.wander_time);
    if drift.least > drift.most {
        let message = format!("least is {}, above most, {}", drift.least, drift.most);
        section.fault(section.place_of("least"), message, "write the lesser one as least");
    }
    if let Some(steps) = section.sections("steps") {
        drift.steps = steps.into_iter().filter_map(step).collect();
    }
    section.finish();
    drift
}

fn step(mut section: Section<'_>) -> Option<Step> {
    for (key, example) in [("at_h", "3, from the start of the day"), ("factor", "1.4")] {
        if !section.has(key) {
            section.missing(key, example);
        }
    }
    let at = section.duration("at_h", 3_600.0, 0.0..=24.0);
    let jitter = section.duration("jitter_min", 60.0, 0.0..=600.0).unwrap_or(SignedDuration::ZERO);
    let factor = section.number("factor", 0.0..=100.0);
    section.finish();
    Some(Step { at: at?, jitter, factor: factor? })
}

/// `[desks]`
fn desks(mut section: Section<'_>, desks: &mut Desks) {
    number(&mut section, "talk_differs", 0.0..=2.0, &mut desks.talk_differs);
    number(&mut section, "wrap_up_differs", 0.0..=2.0, &mut desks.wrap_up_differs);
    number(&mut section, "pause", 0.0..=1.0, &mut desks.pause);
    number(&mut section, "walks_out", 0.0..=1.0, &mut desks.walks_out);
    number(&mut section, "vanish", 0.0..=1.0, &mut desks.vanish);
    number(&mut section, "bridge_fails", 0.0..=1.0, &mut desks.bridge_fails);
    desks.wrap_up = spread(&mut section, "wrap_up_s").unwrap_or(desks.wrap_up);
    desks.pause_time = spread(&mut section, "pause_s").unwrap_or(desks.pause_time);
    let stagger = section.duration("stagger_min", 60.0, 0.0..=600.0);
    desks.stagger = stagger.unwrap_or(desks.stagger);
    let settle = section.duration("settle_s", 1.0, 0.0..=3_600.0);
    desks.settle = settle.unwrap_or(desks.settle);
    if let Some((written, usual)) = section.section("lunch").zip(desks.lunch) {
        desks.lunch = lunch(written, usual);
    }
    section.finish();
}

/// `[desks.lunch]`; one of no minutes is none.
fn lunch(mut section: Section<'_>, usual: Lunch) -> Option<Lunch> {
    let mut lunch = usual;
    number(&mut section, "from", 0.0..=1.0, &mut lunch.from);
    number(&mut section, "to", 0.0..=1.0, &mut lunch.to);
    let length = section.duration("length_min", 60.0, 0.0..=600.0);
    lunch.length = length.unwrap_or(lunch.length);
    if lunch.from > lunch.to {
        let message = format!("from is {}, after to, {}", lunch.from, lunch.to);
        let remedy = "write shares of the day, the earlier one as from";
        section.fault(section.place_of("from"), message, remedy);
    }
    section.finish();
    (!lunch.length.is_zero()).then_some(lunch)
}

fn number(
    section: &mut Section<'_>,
    key: &'static str,
    range: std::ops::RangeInclusive<f64>,
    value: &mut f64,
) {
    if let Some(written) = section.number(key, range) {
        *value = written;
    }
}

/// `{ mean = 180, sd = 150 }`, in seconds.
fn spread(section: &mut Section<'_>, key: &'static str) -> Option<Spread> {
    let mut section = section.section(key)?;
    if !section.has("mean") {
        section.missing("mean", "a number of seconds");
    }
    let mean_s = section.number("mean", 0.0..=86_400.0);
    let sd_s = section.number("sd", 0.0..=86_400.0).unwrap_or(0.0);
    section.finish();
    Some(Spread::of(mean_s?, sd_s))
}

#[cfg(test)]
mod tests;
