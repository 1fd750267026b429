//! `campaigns/NAME.toml` to a campaign.

use std::path::PathBuf;

use jiff::SignedDuration;
use toml::Spanned;

use super::rehearsal::{self, Rehearsal};
use super::section::Section;
use super::spelling::nearest;
use super::{calendar, disposition, limits, pacing, recycling, screening, script};
use crate::compliance::{ListId, Rulebooks};
use crate::domain::{
    Calendar, CallerIdUse, Campaign, CampaignId, Country, Digit, LeadOrder, PhoneNumber, Purpose,
    SafeHarbour, Share, WaitFrom,
};

/// What a campaign may refer to.
pub(super) struct Known<'k> {
    /// Names of trunks; `None` when they are not known yet.
    pub trunks: Option<&'k [&'k str]>,
    pub rulebooks: &'k Rulebooks,
}

/// Reads a campaign; `None` when a value without a default could not be read, which is noted.
pub(super) fn read(
    name: &str,
    mut root: Section<'_>,
    known: &Known<'_>,
) -> Option<(Campaign, Option<Rehearsal>)> {
    let start = root.span().start..root.span().start;
    if !is_name(name) {
        let remedy = "name the file with a-z, 0-9, _ and -, at most 64";
        root.fault(start, format!("{name:?} is no name of a campaign"), remedy);
    }
    let country = country(&mut root);
    let (amd, amd_deadline, answers) = screening::read(root.section("amd"));
    let pacing = pacing::read(root.section("pacing"));
    // Who calls in waits for an agent; who is called does not.
    let wait_max = seconds(if pacing.is_inbound() { 120 } else { 2 });
    let campaign = Campaign {
        id: CampaignId(0),
        name: name.to_owned(),
        country: country.or_else(|| Country::new("US"))?,
        caller_ids: caller_ids(&mut root),
        caller_id_use: CallerIdUse {
            daily_max: root.integer("caller_id_daily_max", 1..=1_000_000_u32),
            local: root.boolean("caller_id_local").unwrap_or(CallerIdUse::default().local),
        },
        trunks: trunks(&mut root, known),
        rulebooks: rulebooks(&mut root, known),
        do_not_call: lists(&mut root),
        purpose: purpose(&mut root),
        pacing,
        abandonment_target: root
            .number("abandonment_target_percent", 0.0..=100.0)
            .and_then(|percent| Share::new(percent / 100.0))
            .or_else(|| Share::new(0.02))?,
        calendar: Calendar::default(),
        ring_max: root.duration("ring_s_max", 1.0, 1.0..=120.0).unwrap_or(seconds(25)),
        wait_from: WaitFrom::default(),
        wait_max: root.duration("wait_s_max", 1.0, 0.0..=3_600.0).unwrap_or(wait_max),
        amd,
        amd_deadline,
        answers,
        wrap_up_max: root.duration("wrap_up_s_max", 1.0, 0.0..=3_600.0).unwrap_or(seconds(30)),
        talk_max: root.duration("talk_s_max", 1.0, 10.0..=86_400.0).unwrap_or(seconds(7_200)),
        hold: wav(&mut root, "hold"),
        message: wav(&mut root, "message"),
        priority: root.integer("priority", 1..=9_u8).unwrap_or(5),
        safe_harbour: safe_harbour(root.section("safe_harbour")),
        recording: root.boolean("recording").unwrap_or(false),
        attempts_max: root.integer("attempts_max", 1..=100_u32).unwrap_or(8),
        recycling: recycling::read(root.section("recycling")),
        dispositions: disposition::read(root.sections("dispositions")),
        script: script::read(root.section("script")),
        order: order(&mut root),
    };
    let calendar = calendar::read(&mut root, &campaign);
    let wait_from = wait_from(&mut root, &campaign.rulebooks);
    let campaign = Campaign { calendar, wait_from, ..campaign };
    limits::check(&campaign, &root);
    let rehearsal = root.section("rehearsal").map(rehearsal::read);
    root.finish();
    Some((campaign, rehearsal))
}

/// Whether a campaign may be named so.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
    };
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn purpose(root: &mut Section<'_>) -> Purpose {
    let what = "\"debt\", \"informational\", \"sales\" or \"survey\"";
    root.read("purpose", what, Purpose::from_word).unwrap_or_default()
}

fn country(root: &mut Section<'_>) -> Option<Country> {
    if !root.has("country") {
        root.missing(
            "country",
            "\"US\", the country whose national format the leads' numbers are in",
        );
    }
    root.read("country", "a country of ISO 3166: \"US\", \"ES\"", Country::new)
}

fn caller_ids(root: &mut Section<'_>) -> Vec<PhoneNumber> {
    let example = "[\"+12015550100\"], the numbers that may be shown, the default first";
    if !root.has("caller_ids") {
        root.missing("caller_ids", example);
    }
    let Some(texts) = root.texts("caller_ids") else { return Vec::new() };
    let mut numbers = Vec::new();
    for text in &texts {
        match PhoneNumber::from_e164(text.get_ref()) {
            Some(number) if numbers.contains(&number) => {
                root.fault(text.span(), "the caller id stands twice", "take one of them out");
            }
            Some(number) => numbers.push(number),
            None => {
                let remedy = "write it in E.164: + and 4 to 15 digits, nothing between";
                root.fault(text.span(), "a caller id is no telephone number", remedy);
            }
        }
    }
    if texts.is_empty() {
        let remedy = format!("write caller_ids = {example}");
        root.fault(root.place_of("caller_ids"), "caller_ids is empty", remedy);
    }
    numbers
}

fn trunks(root: &mut Section<'_>, known: &Known<'_>) -> Vec<String> {
    names(root, "trunks", "[\"main\"], in order of preference", known.trunks)
}

fn rulebooks(root: &mut Section<'_>, known: &Known<'_>) -> Vec<String> {
    let example = "[\"us-tsr-tcpa\", \"house\"]: all of them must allow a call";
    let books: Vec<&str> = known.rulebooks.iter().map(|book| book.id.as_str()).collect();
    names(root, "rulebooks", example, Some(&books))
}

/// Do-not-call lists by their ids; whether they are loaded is the gate's question, each time.
fn lists(root: &mut Section<'_>) -> Vec<String> {
    let mut lists = Vec::new();
    for text in root.texts("do_not_call").unwrap_or_default() {
        if ListId::new(text.get_ref()).is_none() {
            let remedy = "an id is a-z, 0-9, _ and -, at most 64; \"internal\" holds always";
            root.fault(text.span(), "do_not_call has what is no id of a list", remedy);
        }
        lists.push(text.into_inner());
    }
    lists
}

/// A list that must be there and not be empty, of names that something has.
fn names(
    root: &mut Section<'_>,
    key: &'static str,
    example: &str,
    known: Option<&[&str]>,
) -> Vec<String> {
    if !root.has(key) {
        root.missing(key, example);
    }
    let Some(names) = root.texts(key) else { return Vec::new() };
    if names.is_empty() {
        root.fault(
            root.place_of(key),
            format!("{key} is empty"),
            format!("write {key} = {example}"),
        );
    }
    for name in &names {
        let written = name.get_ref().as_str();
        let Some(known) = known.filter(|known| !known.contains(&written)) else { continue };
        let remedy = match nearest(written, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are: {}", known.join(", ")),
        };
        root.fault(name.span(), format!("{key} has {written}, which is not there"), remedy);
    }
    names.into_iter().map(Spanned::into_inner).collect()
}

/// In the UK the person's time runs from the answer on.
fn wait_from(root: &mut Section<'_>, rulebooks: &[String]) -> WaitFrom {
    let from = |text: &str| match text {
        "answer" => Some(WaitFrom::Answer),
        "greeting_end" => Some(WaitFrom::GreetingEnd),
        _ => None,
    };
    let written = root.read("wait_from", "\"answer\" or \"greeting_end\"", from);
    let by_rulebook = if rulebooks.iter().any(|book| book == "uk") {
        WaitFrom::Answer
    } else {
        WaitFrom::GreetingEnd
    };
    written.unwrap_or(by_rulebook)
}

/// A WAV file that can be played to a call.
pub(super) fn wav(section: &mut Section<'_>, key: &'static str) -> Option<PathBuf> {
    let file = section.text(key)?;
    let path: PathBuf = section.folder().join(file.get_ref());
    if let Err(fault) = limits::is_playable(&path) {
        let remedy = "write a WAV file of 16 bits, mono, 8,000 Hz, relative to this file";
        section.fault(file.span(), format!("{}: {fault}", path.display()), remedy);
    }
    Some(path)
}

fn safe_harbour(section: Option<Section<'_>>) -> SafeHarbour {
    let Some(mut section) = section else { return SafeHarbour { message: None, opt_out: None } };
    let message = wav(&mut section, "message");
    let key = |text: &str| {
        let mut keys = text.chars();
        let key = keys.next().and_then(Digit::new);
        key.filter(|_| keys.next().is_none())
    };
    let opt_out = section.read("opt_out", "a key of the telephone: \"9\"", key);
    section.finish();
    SafeHarbour { message, opt_out }
}

fn order(root: &mut Section<'_>) -> LeadOrder {
    let order = |text: &str| match text {
        "new_first" => Some(LeadOrder::NewFirst),
        "oldest_due" => Some(LeadOrder::OldestDue),
        _ => None,
    };
    root.read("order", "\"new_first\" or \"oldest_due\"", order).unwrap_or_default()
}
