//! Scenario files: the shipped ones, and what is wrong with others.

use super::*;
use crate::domain::{Amd, WaitFrom};

fn read_text_of(text: &str) -> Result<Scenario, String> {
    scenario(Path::new("mine.toml"), text).map_err(|faults| faults.to_string())
}

fn shipped() -> Vec<(String, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pacing");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let load = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, load_scenario(path).unwrap_or_else(|faults| panic!("{faults}")))
    };
    files.iter().map(load).collect()
}

fn predictive_s0() -> Scenario {
    let base = Scenario::s0(25);
    let campaign = predictive(&base);
    Scenario { campaign, ..base }
}

/// Limits that nothing made up runs into are as high as a campaign's file may write them.
fn without_limits(mut scenario: Scenario) -> Scenario {
    let base = Scenario::s0(25).campaign;
    scenario.campaign.amd = base.amd;
    scenario.campaign.answers = base.answers;
    scenario.campaign.wrap_up_max = base.wrap_up_max;
    scenario.campaign.talk_max = base.talk_max;
    scenario.campaign.safe_harbour = base.safe_harbour;
    scenario.campaign.order = base.order;
    scenario.campaign.calendar = base.calendar;
    scenario
}

#[test]
fn s0_as_written_is_s0_as_built_in() {
    let all = shipped();
    let (_, s0) = all.iter().find(|(name, _)| name == "s0").unwrap();
    assert_eq!(without_limits(s0.clone()), predictive_s0());
    assert_eq!(read_text_of("").unwrap(), predictive_s0());
}

#[test]
fn every_variation_differs_from_s0_and_from_the_others() {
    let all = shipped();
    assert_eq!(all.len(), 17, "one file a variation");
    for (place, (name, scenario)) in all.iter().enumerate() {
        for (other_name, other) in &all[place + 1..] {
            let same = without_limits(scenario.clone()) == without_limits(other.clone());
            assert!(!same, "{name} is {other_name}");
        }
    }
    let of = |name: &str| &all.iter().find(|(this, _)| this == name).unwrap().1;
    assert_eq!(of("uk-screening-0.5").campaign.wait_from, WaitFrom::Answer);
    assert_eq!(of("screening-3.0").callees.screening, Spread::of(3.0, 0.35));
    let limit = |scenario: &Scenario| scenario.campaign.amd;
    assert_eq!(limit(of("limit-1")), Amd::BeforeConnect { limit: SignedDuration::from_secs(10) });
    assert_eq!(of("limit-1").campaign.abandonment_target.get(), 0.01);
    assert_eq!(of("doubled-halved-halved").callees.drift.steps.len(), 3);
    assert_eq!(of("mixed-talks").callees.short_talks.unwrap().share, 0.4);
}

#[test]
fn a_slip_is_told_with_its_place_and_what_to_write() {
    let text = "agent = 5\n[callees]\ntalks_s = { mean = 60 }\nperson = 1.5\n\
                greeting_s = { sd = 1 }\n[desks]\nlunch = { from = 0.7 }\n\
                [callees.drift]\nsteps = [{ at = 3 }]\n[campaign.pacing]\nmode = \"fast\"\n";
    let faults = read_text_of(text).unwrap_err();
    for expected in [
        "mine.toml:1:1: the file knows no agent; did you mean agents?",
        "mine.toml:3:1: [callees] knows no talks_s; did you mean talk_s?",
        "mine.toml:4:10: person is 1.5; write a number from 0 to 1",
        "mine.toml:5:14: [callees.greeting_s] has no mean; write mean = a number of seconds",
        "mine.toml:7:18: from is 0.7, after to, 0.65",
        "no pacing is called fast",
        "[callees.drift.steps]] has no at_h",
    ] {
        assert!(faults.contains(expected), "{expected}\nin\n{faults}");
    }
}

#[test]
fn a_campaigns_table_has_a_campaigns_keys() {
    let text =
        "[campaign]\nring_s_max = 18\n[campaign.pacing]\nmode = \"ratio\"\ncalls_per_agent = 2\n";
    let campaign = read_text_of(text).unwrap().campaign;
    assert_eq!(campaign.pacing, PacingMode::Ratio { calls_per_agent: 2.0 });
    assert_eq!(campaign.ring_max, SignedDuration::from_secs(18));
    assert_eq!(campaign.abandonment_target.get(), 0.03);
    assert_eq!(campaign.rulebooks, ["made-up"], "the gate of a made-up world knows no other");
    let faults = read_text_of("[campaign]\nring_max = 18\n").unwrap_err();
    assert!(faults.contains("mine.toml:2:1: [campaign] knows no ring_max"), "{faults}");
}
