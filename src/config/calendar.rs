//! The days of a campaign: `zone`, `starts_on`, `[[abandonment]]`, `[shift]`.

use std::ops::Range;

use toml::Spanned;

use super::section::Section;
use crate::compliance::{is_zone, zone_of};
use crate::domain::{
    AbandonmentWindow, Calendar, Campaign, Country, PacingMode, Share, Shift, WindowSpan,
};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads them. What is left out follows from the campaign's country and rulebooks.
pub(super) fn read(root: &mut Section<'_>, campaign: &Campaign) -> Calendar {
    let starts_on = root.date("starts_on");
    let has_zone = root.has("zone");
    let zone = zone(root, campaign.country);
    let has_shift = root.has("shift");
    let windows = windows(root.sections("abandonment"), campaign);
    let shift = root.section("shift").and_then(shift);
    if !has_shift && matches!(campaign.pacing, PacingMode::Predictive { .. }) {
        let message = "predictive without a shift counts on nobody who has not answered yet, and \
                       its agents talk three to four points less";
        let remedy = "write [shift] with begins and ends, the hours in which you dial";
        root.advise(root.place_of("pacing"), message, remedy);
    }
    if !has_zone && zone == "UTC" && (!windows.is_empty() || shift.is_some()) {
        let country = campaign.country;
        let message = format!("its days begin at midnight UTC, since {country} has several zones");
        let remedy = "write zone = \"America/New_York\", or whichever is yours";
        root.advise(root.place_of("country"), message, remedy);
    }
    Calendar { zone, starts_on, windows, shift }
}

fn zone(root: &mut Section<'_>, country: Country) -> String {
    let what = "a zone of the IANA database: \"America/New_York\", \"Europe/London\", \"UTC\"";
    let known = |text: &str| is_zone(text).then(|| text.to_owned());
    let written = root.read("zone", what, known);
    written.unwrap_or_else(|| zone_of(country).unwrap_or("UTC").to_owned())
}

fn windows(sections: Option<Vec<Section<'_>>>, campaign: &Campaign) -> Vec<AbandonmentWindow> {
    let Some(sections) = sections else { return of_rulebooks(campaign) };
    let mut windows: Vec<AbandonmentWindow> = Vec::new();
    for mut section in sections {
        let span = span(&mut section);
        if !section.has("limit_percent") {
            section.missing("limit_percent", "3, of the people who answer");
        }
        let limit = section.number("limit_percent", 0.0..=100.0);
        let counts_hang_ups = section.boolean("hang_ups_count").unwrap_or(true);
        let limit = limit.and_then(|percent| Share::new(percent / 100.0));
        if let Some((span, limit)) = span.zip(limit) {
            if windows.iter().any(|window| window.span == span) {
                let message = format!("the window {span} stands twice");
                section.fault(section.span(), message, "take one of them out");
            }
            windows.push(AbandonmentWindow { span, limit, counts_hang_ups });
        }
        section.finish();
    }
    windows
}

fn span(section: &mut Section<'_>) -> Option<WindowSpan> {
    let what = "\"day\", \"month\", or so many days: \"30 days\"";
    if !section.has("window") {
        section.missing("window", what);
    }
    section.read("window", what, WindowSpan::from_words)
}

/// The windows of the law where the campaign's rulebooks are; the day is kept beside the longer
/// ones, so that no day spends what the month needs.
fn of_rulebooks(campaign: &Campaign) -> Vec<AbandonmentWindow> {
    let at_most = |span, percent: f64| {
        let limit = Share::new(percent / 100.0)?;
        Some(AbandonmentWindow { span, limit, counts_hang_ups: true })
    };
    let names = |book: &str| campaign.rulebooks.iter().any(|id| id == book);
    let windows = if names("us-tsr-tcpa") {
        // 47 CFR 64.1200(a)(7), 16 CFR 310.4(b)(4)(i); the day is policy.
        [at_most(WindowSpan::Days(30), 3.0), at_most(WindowSpan::Day, 3.0)]
    } else if names("uk") {
        // Ofcom's former 3 % over 24 hours; no safe harbour since 2017, and kept as policy.
        [at_most(WindowSpan::Day, 3.0), None]
    } else if campaign.country.as_str() == "CA" {
        // CRTC Unsolicited Telecommunications Rules, part IV: 5 % of a calendar month.
        [at_most(WindowSpan::CalendarMonth, 5.0), None]
    } else {
        [None, None]
    };
    windows.into_iter().flatten().collect()
}

fn shift(mut section: Section<'_>) -> Option<Shift> {
    let what = "a time of the clock: \"09:00\"";
    for key in ["begins", "ends"] {
        if !section.has(key) {
            section.missing(key, what);
        }
    }
    let begins_min = section.read("begins", what, minutes);
    let ends_min = section.read("ends", what, minutes);
    let weekdays = section.texts("weekdays");
    let weekdays = weekdays.map_or([true; 7], |days| weekdays_of(&section, &days));
    let ends_at = section.place_of("ends");
    let (begins_min, ends_min) = begins_min.zip(ends_min)?;
    if ends_min <= begins_min {
        let remedy = "write an end that is later on the same day, 24:00 at most";
        section.fault(ends_at, "the shift ends before it begins", remedy);
        return None;
    }
    section.finish();
    Some(Shift { begins_min, ends_min, weekdays })
}

fn weekdays_of(section: &Section<'_>, days: &[Spanned<String>]) -> [bool; 7] {
    let remedy = format!("there are: {}", WEEKDAYS.join(", "));
    let mut weekdays = [false; 7];
    for day in days {
        match WEEKDAYS.iter().position(|known| known == day.get_ref()) {
            Some(known) => weekdays[known] = true,
            None => {
                let span: Range<usize> = day.span();
                section.fault(span, format!("{:?} is no day", day.get_ref()), remedy.as_str());
            }
        }
    }
    weekdays
}

/// `HH:MM`, `24:00` at the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let time = hours * 60 + minutes;
    (minutes < 60 && time <= 1_440).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_on_the_clock() {
        assert_eq!(minutes("09:30"), Some(570));
        assert_eq!(minutes("24:00"), Some(1_440));
        for wrong in ["24:01", "9:30", "09:60", "09", "+9:30"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }
}
