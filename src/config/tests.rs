//! Whole configurations, right and wrong.

use std::fs;
use std::net::SocketAddr;

use super::*;
use crate::domain::{Amd, Codec, Outcome, PacingMode, WaitFrom};
use crate::trunk::{Asserted, SrtpUse};

mod api;

const CAMPAIGN: &str = r#"
country = "US"
caller_ids = ["+12015550199"]
trunks = ["main"]
rulebooks = ["us-tsr-tcpa", "house"]
"#;
const MAIN: &str = r#"
[sip]
trunk_bind = "192.0.2.10:5060"
agent_bind = "192.0.2.10:5070"
[trunks.main]
address = "192.0.2.1"
"#;

/// A folder with an outdial.toml, campaigns/spring.toml and what else is given.
struct Floor(tempfile::TempDir);

impl Floor {
    fn new(main: &str, campaign: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("campaigns")).unwrap();
        let floor = Self(folder);
        floor.write("outdial.toml", main);
        floor.write("campaigns/spring.toml", campaign);
        floor
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn load(&self) -> Result<Config, Faults> {
        load(&self.0.path().join("outdial.toml"))
    }

    /// Each fault as `file:line: message; remedy`, the file without its folder.
    fn faults(&self) -> Vec<String> {
        let faults = self.load().unwrap_err();
        let shown = |fault: &Fault| {
            let file = fault.file.file_name().unwrap().to_string_lossy().into_owned();
            let line = fault.place.map_or(0, |(line, _)| line);
            format!("{file}:{line}: {}; {}", fault.message, fault.remedy)
        };
        faults.iter().map(shown).collect()
    }
}

#[test]
fn the_example_is_valid_and_has_every_section() {
    let example = include_str!("../../outdial.example.toml");
    let floor = Floor::new(example, &CAMPAIGN.replace("main", "test-carrier"));
    let config = floor.load().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.trunks[0].name, "test-carrier");
    assert_eq!(config.api.listen, "127.0.0.1:8088".parse().unwrap());
    // Every line that is commented out as a default is valid too, where it stands alone.
    let uncommented: String = example
        .lines()
        .map(|line| {
            let is_setting = |rest: &&str| rest.contains(" = ") || rest.starts_with("[[");
            line.strip_prefix("# ").filter(is_setting).unwrap_or(line)
        })
        .filter(|line| !line.starts_with("rulebooks") && !line.contains("Copy it"))
        // These two want certificates that hold.
        .filter(|line| !line.starts_with("stir_"))
        .map(|line| format!("{line}\n"))
        .collect();
    floor.write("outdial.toml", &uncommented);
    floor.write("main.password", "secret\n");
    for file in ["ca.pem", "fullchain.pem", "outdial.pem", "outdial.key", "privkey.pem"] {
        floor.write(file, "");
    }
    let wav = concat!(env!("CARGO_MANIFEST_DIR"), "/campaigns/safe-harbour.wav");
    let queue = format!("message = {wav:?}\n[pacing]\nmode = \"inbound\"\n");
    floor.write("campaigns/help.toml", &(CAMPAIGN.replace("main", "test-carrier") + &queue));
    let config = floor.load().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.trunks[0].login.as_ref().unwrap().password, "secret");
}

#[test]
fn the_demo_that_is_built_in_is_valid() {
    let config = Config::embedded(Path::new("data")).unwrap_or_else(|faults| panic!("{faults}"));
    let demo = &config.campaigns[0].campaign;
    assert_eq!(
        (demo.name.as_str(), demo.rulebooks.as_slice()),
        ("demo", &["test-carrier".into()][..])
    );
    assert!(demo.recycling.contains_key(&Outcome::Busy));
    let rehearsal = config.campaigns[0].rehearsal.as_ref().unwrap();
    assert!(rehearsal.agents.talk_s.is_some());
    let carrier = rehearsal.carrier.rtp_ports.range();
    let ours = &config.media.ports;
    assert!(carrier.end() < ours.start() || ours.end() < carrier.start(), "they share no port");
}

#[test]
fn what_is_left_out_has_a_sane_default() {
    let config = Floor::new(MAIN, CAMPAIGN).load().unwrap();
    let spring = &config.campaigns[0].campaign;
    assert_eq!(spring.name, "spring");
    assert_eq!(spring.ring_max, SignedDuration::from_secs(25));
    assert_eq!(spring.wait_max, SignedDuration::from_secs(2));
    assert_eq!((spring.pacing, spring.amd), (PacingMode::Progressive, Amd::Off));
    assert_eq!(spring.abandonment_target.get(), 0.02);
    assert!(spring.recycling.contains_key(&Outcome::NoAnswer));
    assert!(spring.dispositions.iter().any(|rule| rule.do_not_call));
    assert_eq!(config.trunks[0].address, "192.0.2.1:5060".parse::<SocketAddr>().unwrap());
}

#[test]
fn a_trunk_may_be_known_by_a_name_that_is_not_looked_up_here() {
    let of = |address: &str| {
        let main = MAIN.replace("\"192.0.2.1\"", &format!("{address:?}"));
        assert_ne!(main, MAIN);
        Floor::new(&main, CAMPAIGN).load().map(|config| config.trunks[0].place())
    };
    for name in ["sip.carrier.invalid", "sip.carrier.invalid:5070"] {
        assert_eq!(of(name).unwrap(), name);
    }
    for wrong in ["192.0.2.300", "sip carrier", "sip.carrier.invalid:0", ".", "a..b"] {
        assert!(of(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_written_is_meant() {
    let campaign = format!(
        "ring_s_max = 18.5\nattempts_max = 3\norder = \"oldest_due\"\nrecording = true\n{CAMPAIGN}
        [pacing]\nmode = \"ratio\"\ncalls_per_agent = 1.5
        [amd]\nlisten_s_max = 2.5
        [recycling.busy]\nafter_min = 10\nattempts_max = 2
        [[dispositions]]\ncode = \"later\"\nlabel = \"Later\"\nafter_h = 2\n"
    );
    let main =
        format!("{MAIN}codecs = [\"PCMA\", \"opus\"]\ncalls_per_second = 5\nchannels_max = 30\n");
    let config = Floor::new(&main, &campaign).load().unwrap();
    let spring = &config.campaigns[0].campaign;
    assert_eq!(spring.ring_max, SignedDuration::from_millis(18_500));
    assert_eq!(spring.pacing, PacingMode::Ratio { calls_per_agent: 1.5 });
    assert_eq!(spring.amd, Amd::BeforeConnect { limit: SignedDuration::from_millis(2_500) });
    assert_eq!(spring.recycling.len(), 1, "one that says it says all of it");
    assert_eq!(spring.recycling[&Outcome::Busy].after, SignedDuration::from_mins(10));
    assert_eq!(spring.dispositions[0].recycle_after, Some(SignedDuration::from_hours(2)));
    assert_eq!(config.trunks[0].codecs, [Codec::PCMA, Codec::Opus]);
    assert_eq!((config.trunks[0].calls_per_second.get(), config.trunks[0].channels_max), (5, 30));
}

#[test]
fn every_fault_is_told_at_once_with_its_line_and_what_to_do() {
    let main = r#"
[sip]
trunk_bnd = "192.0.2.10:5060"
agent_bind = "0.0.0.0:5070"
[trunks.main]
address = 5060
channels_max = 0
[api]
listen = "localhost"
[telephony]
"#;
    let campaign = r#"
country = "Atlantis"
caller_ids = ["2015550199", "+12015550199"]
trunks = ["mian"]
rulebooks = ["us-tsr-tcpa"]
ring_s_max = 5
[pacing]
mode = "reckless"
[recycling.bussy]
after_min = 10
[[dispositions]]
label = "Sale"
"#;
    let expected = [
        "outdial.toml:2: [sip] has no trunk_bind; write trunk_bind = \"192.0.2.10:5060\"",
        "outdial.toml:3: [sip] knows no trunk_bnd; did you mean trunk_bind?",
        "outdial.toml:4: agent_bind is \"0.0.0.0:5070\"; write an address of this machine",
        "outdial.toml:6: address is a TOML integer; write a text in quotes",
        "outdial.toml:7: channels_max is 0; write a whole number from 1 to 20000",
        "outdial.toml:9: listen is \"localhost\"; write an address with its port",
        "outdial.toml:10: the file knows no telephony; it knows campaigns, rulebooks, store, trunks",
        "spring.toml:2: country is \"Atlantis\"; write a country of ISO 3166",
        "spring.toml:3: a caller id is no telephone number; write it in E.164",
        "spring.toml:4: trunks has mian, which is not there; did you mean main?",
        "spring.toml:6: ring_s_max is below 15 s (16 CFR 310.4(b)(4)(ii)); let it ring 15 s",
        "spring.toml:8: no pacing is called reckless; write broadcast, inbound, manual, predictive, preview",
        "spring.toml:9: no outcome is called bussy; did you mean busy?",
        "spring.toml:11: [[dispositions]] has no code; write code = \"sale\"",
    ];
    let faults = Floor::new(main, campaign).faults();
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.starts_with(expected), "\n{fault}\n{expected}");
    }
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
}

#[test]
fn broken_toml_does_not_hide_other_files() {
    let faults = Floor::new(&format!("{MAIN}channels_max = \n"), "country = \"US\"\n").faults();
    assert!(faults[0].starts_with("outdial.toml:7: "), "{faults:#?}");
    assert!(faults.iter().any(|fault| fault.starts_with("spring.toml:")), "{faults:#?}");
}

#[test]
fn a_file_that_is_not_there_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let faults = load(&folder.path().join("outdial.toml")).unwrap_err().to_string();
    assert!(faults.contains("there is no such file"), "{faults}");
    assert!(faults.contains("outdial.example.toml"), "{faults}");
}

#[test]
fn a_folder_of_campaigns_that_is_not_there_says_what_to_do() {
    let floor = Floor::new(&format!("campaigns = \"compaigns\"\n{MAIN}"), CAMPAIGN);
    let faults = floor.faults();
    assert!(faults[0].starts_with("outdial.toml:1: the folder"), "{faults:#?}");
}

#[test]
fn a_rulebook_of_one_s_own_is_read_with_all_its_faults() {
    let floor = Floor::new(&format!("rulebooks = \"rules\"\n{MAIN}"), CAMPAIGN);
    fs::create_dir(floor.0.path().join("rules")).unwrap();
    let rule = "kind = \"hours\"\nbasis = \"law\"\nstatus = \"memory\"\nsentence = \"..\"\nauditor = \"..\"\n";
    let book = format!(
        "id = \"atlantis\"\ntitle = \"Atlantis\"\nversion = \"1\"\nmin_tzdb = \"2025b\"
[[rules]]\nid = \"a\"\ncitation = \"Code 1\"\n{rule}days = {{ mon = \"9-17\" }}
[[rules]]\nid = \"b\"\n{rule}days = {{ mon = \"09:00-17:00\" }}\n"
    );
    floor.write("rules/atlantis.toml", &book);
    let faults = floor.faults();
    assert!(faults[0].starts_with("atlantis.toml:13: \"9-17\" is no window"), "{faults:#?}");
    assert!(faults[1].contains("missing field `citation`"), "{faults:#?}");
    assert_eq!(faults.len(), 2, "{faults:#?}");

    floor.write(
        "rules/atlantis.toml",
        &book
            .replace("9-17", "09:00-17:00")
            .replace("id = \"b\"", "id = \"b\"\ncitation = \"Code 2\""),
    );
    let config = floor.load().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.rulebooks.get("atlantis").unwrap().rules().len(), 2);
}

#[test]
fn the_api_answers_under_the_names_that_are_written_and_no_urls() {
    let named = |name: &str| format!("{MAIN}[api]\nhosts = [\"{name}\"]\n");
    let config = Floor::new(&named("Dialer.example.com"), CAMPAIGN).load().unwrap();
    assert_eq!(config.api.hosts, ["dialer.example.com"]);
    let faults = Floor::new(&named("https://dialer.example.com"), CAMPAIGN).faults();
    assert!(faults[0].contains("is no host name; write the name alone"), "{faults:#?}");
}

#[test]
fn a_password_never_shows() {
    let main = format!("{MAIN}username = \"ana\"\npassword = \"hunter2\"\n");
    let shown = format!("{:?}", Floor::new(&main, CAMPAIGN).load().unwrap());
    assert!(shown.contains("ana") && !shown.contains("hunter2"), "{shown}");
    let main = format!("{MAIN}password = [\"hunter2\"]\nusername = \"ana\"\n");
    let faults = Floor::new(&main, CAMPAIGN).faults().join("\n");
    assert!(!faults.contains("hunter2"), "{faults}");
}

#[test]
fn the_windows_of_abandonment_follow_from_the_rulebooks_and_may_be_written() {
    let windows = |campaign: &str| -> Vec<String> {
        let config = Floor::new(MAIN, campaign).load().unwrap_or_else(|faults| panic!("{faults}"));
        let windows = &config.campaigns[0].campaign.calendar.windows;
        let shown = windows
            .iter()
            .map(|window| format!("{} {:.1} %", window.span, window.limit.get() * 100.0));
        shown.collect()
    };
    assert_eq!(windows(CAMPAIGN), ["30 days 3.0 %", "day 3.0 %"]);
    let british = CAMPAIGN.replace("us-tsr-tcpa", "uk").replace("\"US\"", "\"GB\"");
    assert_eq!(windows(&british), ["day 3.0 %"]);
    let written = "[[abandonment]]\nwindow = \"month\"\nlimit_percent = 5\n\
                   [[abandonment]]\nwindow = \"10 days\"\nlimit_percent = 2.5\n";
    assert_eq!(windows(&format!("{CAMPAIGN}{written}")), ["month 5.0 %", "10 days 2.5 %"]);
    let too_much = "[[abandonment]]\nwindow = \"month\"\nlimit_percent = 3\n";
    let faults = Floor::new(MAIN, &format!("{CAMPAIGN}{too_much}")).faults();
    assert!(faults[0].contains("holds 3 % over 30 days (47 CFR 64.1200(a)(7))"), "{faults:#?}");
}

#[test]
fn the_uk_counts_from_the_answer_and_has_its_own_midnight() {
    let campaign = |text: &str| {
        let config = Floor::new(MAIN, text).load().unwrap_or_else(|faults| panic!("{faults}"));
        config.campaigns[0].campaign.clone()
    };
    let american = campaign(CAMPAIGN);
    assert_eq!(american.wait_from, WaitFrom::GreetingEnd);
    assert_eq!(american.calendar.zone, "UTC");
    let british = CAMPAIGN.replace("us-tsr-tcpa", "uk").replace("\"US\"", "\"GB\"");
    let british = campaign(&british);
    assert_eq!(british.wait_from, WaitFrom::Answer);
    assert_eq!(british.calendar.zone, "Europe/London");
    let written = format!("{CAMPAIGN}zone = \"America/Chicago\"\nwait_from = \"answer\"\n");
    let written = campaign(&written);
    assert_eq!(written.wait_from, WaitFrom::Answer);
    assert_eq!(written.calendar.zone, "America/Chicago");
}

#[test]
fn days_and_hours_that_cannot_be_say_why() {
    let wrong = "zone = \"America/Gotham\"\nstarts_on = \"yesterday\"\n[shift]\nbegins = \"17:00\"\n\
                 ends = \"9:00\"\nweekdays = [\"monday\"]\n[[abandonment]]\nwindow = \"week\"\n\
                 [amd]\ndeadline = \"soon\"\n";
    let faults = Floor::new(MAIN, &format!("{CAMPAIGN}{wrong}")).faults();
    for (fault, said) in faults.iter().zip([
        "zone is \"America/Gotham\"; write a zone of the IANA database",
        "starts_on is yesterday; write a day: 2026-11-24",
        "ends is \"9:00\"; write a time of the clock",
        "\"monday\" is no day; there are: mon, tue",
        "[[abandonment]] has no limit_percent; write limit_percent = 3",
        "window is \"week\"; write \"day\", \"month\", or so many days",
        "deadline is \"soon\"; write \"legal\" or \"none\"",
    ]) {
        assert!(fault.contains(said), "{said:?} is not {fault:?}");
    }
    let day = format!("{CAMPAIGN}starts_on = 2026-11-01\n");
    let config = Floor::new(MAIN, &day).load().unwrap_or_else(|faults| panic!("{faults}"));
    let starts_on = config.campaigns[0].campaign.calendar.starts_on;
    assert_eq!(starts_on.map(|day| day.to_string()).as_deref(), Some("2026-11-01"));
}

#[test]
fn what_is_no_fault_and_hardly_meant_is_advised() {
    let advice = |campaign: &str| {
        let config = Floor::new(MAIN, campaign).load().unwrap_or_else(|faults| panic!("{faults}"));
        config.advice().map(|advice| (advice.place, advice.to_string())).collect::<Vec<_>>()
    };
    let predictive = format!("{CAMPAIGN}[pacing]\nmode = \"predictive\"\n");
    let [(zone_at, zone), (shift_at, shift)] = &advice(&predictive)[..] else {
        panic!("{:?}", advice(&predictive))
    };
    assert_eq!((*zone_at, *shift_at), (Some((2, 11)), Some((6, 1))));
    assert!(zone.ends_with("; write zone = \"America/New_York\", or whichever is yours"), "{zone}");
    assert!(shift.contains("without a shift") && shift.contains("; write [shift]"), "{shift}");
    let meant = predictive.replace("country", "zone = \"America/New_York\"\ncountry")
        + "[shift]\nbegins = \"09:00\"\nends = \"17:00\"\n";
    assert_eq!(advice(&meant), []);
    assert_eq!(advice(&meant.replace("America/New_York", "UTC")), [], "UTC may be meant");
    let spain = CAMPAIGN.replace("US", "ES").replace("us-tsr-tcpa", "eu");
    assert_eq!(advice(&spain.replace("\"eu\", ", "")), [], "one zone, and no predictive pacing");
}

#[test]
fn a_number_leads_to_a_queue_that_is_there() {
    let wav = concat!(env!("CARGO_MANIFEST_DIR"), "/campaigns/safe-harbour.wav");
    let queue =
        format!("{CAMPAIGN}message = {wav:?}\nhold = {wav:?}\n[pacing]\nmode = \"inbound\"\n");
    let inbound = |number: &str, campaign: &str| {
        format!("[[inbound]]\nnumber = \"{number}\"\ncampaign = \"{campaign}\"\n")
    };
    let main = format!("{MAIN}calls_from = [\"198.51.100.0/28\"]\n");
    let floor = Floor::new(&(main.clone() + &inbound("+12015550100", "help")), CAMPAIGN);
    floor.write("campaigns/help.toml", &queue);
    let config = floor.load().unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.inbound.len(), 1);
    assert_eq!(config.inbound[0].campaign, "help");
    assert!(config.trunks[0].calls_from[0].contains("198.51.100.9".parse().unwrap()));
    assert!(config.campaigns[0].campaign.hold.is_some());
    assert!(!config.advice().any(|advice| advice.message.contains("nobody can call in")));

    floor.write("outdial.toml", MAIN);
    let config = floor.load().unwrap_or_else(|faults| panic!("{faults}"));
    assert!(config.advice().any(|advice| advice.message.contains("nobody can call in")));

    let wrong = [
        MAIN.replace("[trunks", "\n[trunks") + "calls_from = [\"198.51.100.1/28\"]\n",
        inbound("201 555 0100", "help"),
        inbound("+12015550100", "helf"),
        inbound("+12015550101", "spring"),
        inbound("+12015550101", "help"),
    ];
    floor.write("outdial.toml", &wrong.concat());
    let faults = floor.faults();
    let told = [
        "calls_from has \"198.51.100.1/28\"; an address is",
        "number is \"201 555 0100\"; write a number in E.164",
        "campaign helf is not there; did you mean help?",
        "campaign spring is no queue; write [pacing] mode = \"inbound\" in spring.toml",
        "the number stands twice; a number has one queue",
    ];
    for (fault, told) in faults.iter().zip(told) {
        assert!(fault.starts_with("outdial.toml:") && fault.contains(told), "{told} in {fault}");
    }
    assert_eq!(faults.len(), told.len(), "{faults:#?}");
}

#[test]
fn what_a_trunk_is_told_of_the_caller_and_its_keys_are_read() {
    let stir = "[trunks.main.stir]\nkey_file = \"shaken.pem\"\nattestation = \"D\"\n";
    let main =
        format!("{MAIN}srtp = \"required\"\nasserted_identity = \"off\"\nprivacy = true\n{stir}");
    let faults = Floor::new(&main, CAMPAIGN).faults().join("\n");
    for said in ["certificate_url", "origination_id", "shaken.pem cannot be read", "attestation"] {
        assert!(faults.contains(said), "{said}: {faults}");
    }
    let main = format!("{MAIN}srtp = \"required\"\nasserted_identity = \"off\"\nprivacy = true\n");
    let config = Floor::new(&main, CAMPAIGN).load().unwrap();
    let trunk = &config.trunks[0];
    assert_eq!((trunk.srtp, trunk.identity.asserted), (SrtpUse::Required, Asserted::Nobody));
    assert!(trunk.identity.is_private);
}
