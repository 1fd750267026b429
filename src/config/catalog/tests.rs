//! The catalog says what is read: no key more, no key less, the same ranges and defaults.

use std::path::Path;

use super::*;
use crate::compliance::Rulebooks;
use crate::config::campaign::Known;
use crate::config::files::read_campaign;
use crate::domain::Campaign;

const LEAST: &str = "country = \"US\"\ncaller_ids = [\"+12015550199\"]\ntrunks = [\"main\"]\n\
                     rulebooks = [\"house\"]\n";

/// A table's first lines, without which nothing else may stand in it.
fn required(table: &Table) -> &'static str {
    match table.name {
        "[[abandonment]]" => "window = \"day\"\nlimit_percent = 3\n",
        "[[dispositions]]" => "code = \"sale\"\n",
        "[recycling.OUTCOME]" => "after_s = 60\n",
        "[shift]" => "begins = \"09:00\"\nends = \"17:00\"\n",
        _ => "",
    }
}

/// The other lines that these need beside them.
fn company(beside: &str) -> &'static str {
    match beside {
        "mode = \"broadcast\"" => "calls_per_minute = 60\nlines_max = 30\n",
        "mode = \"preview\"" => "look_s_max = 30\n",
        "machine = \"leave_message\"" => "machine_message = \"campaigns/safe-harbour.wav\"\n",
        "screener = \"identify\"" | "screener = \"reserve_agent\"" => {
            "identification = \"campaigns/safe-harbour.wav\"\n"
        }
        _ => "",
    }
}

/// A campaign with these lines in a table, without those that say the same key.
fn with(table: &Table, beside: &str, lines: &str) -> Result<Campaign, Vec<String>> {
    let key = lines.split(" = ").next().unwrap_or_default();
    let says = |line: &&str| {
        let said = line.split(" = ").next().unwrap_or_default();
        said != key && !(said.starts_with("after_") && key.starts_with("after_"))
    };
    let others: String = required(table)
        .lines()
        .chain(company(beside).lines())
        .chain(company(lines).lines())
        .filter(says)
        .map(|line| format!("{line}\n"))
        .collect();
    let name = table.name.replace("OUTCOME", "busy");
    let plays = |lines: &str| lines.contains("\"broadcast\"") || lines.contains("\"inbound\"");
    let message = match plays(beside) || plays(lines) {
        true => "message = \"campaigns/safe-harbour.wav\"\n",
        false => "",
    };
    let text = format!("{LEAST}{message}{name}\n{others}{beside}\n{lines}\n");
    let (rulebooks, mut faults) = (Rulebooks::embedded(), Vec::new());
    let known = Known { trunks: None, rulebooks: &rulebooks };
    let file = read_campaign(Path::new("spring.toml"), &text, &known, &mut faults);
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    file.filter(|_| faults.is_empty()).map(|file| file.campaign).ok_or(faults)
}

#[test]
fn every_key_that_is_read_stands_in_the_catalog() {
    for table in SECTIONS {
        let mut read: Vec<String> = Vec::new();
        let besides = table.settings.iter().map(|setting| setting.beside);
        for beside in besides {
            let faults = with(table, beside, "zzzzzzzzzz = 1").unwrap_err();
            let fault = faults.iter().find(|fault| fault.contains("zzzzzzzzzz")).unwrap();
            let (_, known) = fault.split_once("; it knows ").unwrap();
            read.extend(known.split(", ").map(str::to_owned));
        }
        let is_table = |key: &String| {
            SECTIONS.iter().any(|other| {
                other.name.trim_matches(['[', ']']).split('.').next() == Some(key.as_str())
            })
        };
        if table.name.is_empty() {
            read.retain(|key| !is_table(key) && key != "rehearsal");
        }
        read.sort_unstable();
        read.dedup();
        let mut written: Vec<&str> = table.settings.iter().map(|setting| setting.key).collect();
        written.sort_unstable();
        assert_eq!(read, written, "{}: src/config/catalog/entries.rs is behind", table.name);
    }
}

#[test]
fn ranges_words_and_defaults_are_those_that_are_read() {
    for table in SECTIONS {
        for setting in table.settings {
            let Setting { key, values, default, beside, .. } = setting;
            let write = |value: &str| with(table, beside, &format!("{key} = {value}"));
            if let Default::Value(value) = default {
                let written = write(value).unwrap_or_else(|faults| panic!("{faults:#?}"));
                let left_out = with(table, beside, "").unwrap();
                assert_eq!(written, left_out, "{} {key}", table.name);
            }
            match values {
                Values::Number { least, most, .. } => {
                    for inside in [least, most] {
                        assert!(write(&inside.to_string()).is_ok(), "{key} = {inside}");
                    }
                    for outside in [least - 1.0, most + 1.0] {
                        assert!(write(&outside.to_string()).is_err(), "{key} = {outside}");
                    }
                }
                Values::OneOf(words) => {
                    for word in *words {
                        assert!(write(&format!("\"{word}\"")).is_ok(), "{key} = {word}");
                    }
                    assert!(write("\"something else\"").is_err(), "{key}");
                }
                Values::YesOrNo => {
                    assert!(write("true").is_ok() && write("false").is_ok(), "{key}");
                    assert!(write("\"yes\"").is_err(), "{key}");
                }
                Values::Other(_) => assert!(write("1979").is_err(), "{key}"),
            }
        }
    }
}

#[test]
fn the_page_is_what_the_catalog_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    let remedy = "outdial check --settings > docs/settings.md";
    assert!(page == settings(), "docs/settings.md is behind: {remedy}");
}
