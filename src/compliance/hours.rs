//! Calling hours: windows by weekday on the local clock, half-open. 16 CFR 310.4(c) and 47 CFR
//! 64.1200(c)(1) say "before 8 a.m. or after 9 p.m."; 21:00:00 itself is refused (as 12 CFR 1006,
//! comment 6(b)(1)(i)-1 reads the same words).

use super::local::{DAY_S, Local, weekday};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The windows of a week.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Week {
    /// Monday first; each day's windows in order, in seconds of the day, apart from each other.
    days: [Vec<(i64, i64)>; 7],
}

/// Why a text is not calling hours.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HoursFault {
    /// A day that no calendar has.
    #[error("{0:?} is no day: mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri")]
    Day(String),
    /// A day that stands twice.
    #[error("{0} stands twice")]
    DayTwice(&'static str),
    /// Windows that overlap or are not in order.
    #[error("the windows of {0:?} overlap or are not in order")]
    Order(String),
    /// No window as expected.
    #[error("{0:?} is no window: 08:00-21:00 is one, and so is 10:00-13:00, 14:00-20:00")]
    Window(String),
}

impl Week {
    /// Reads days (`mon-fri`, `sat`) with their windows (`08:00-21:00`, several apart by commas). A
    /// day that is not named is closed.
    ///
    /// # Errors
    /// [`HoursFault`] at the first text that cannot be read.
    pub fn parse<'a>(
        days: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, HoursFault> {
        let mut week = Self::default();
        let mut seen = [false; 7];
        for (names, text) in days {
            let windows = parse_windows(text)?;
            for day in parse_days(names)? {
                if std::mem::replace(&mut seen[day], true) {
                    return Err(HoursFault::DayTwice(WEEKDAYS[day]));
                }
                week.days[day].clone_from(&windows);
            }
        }
        Ok(week)
    }

    /// Every day whole but those that are named.
    ///
    /// # Errors
    /// [`HoursFault::Day`] at a name that is no day.
    pub fn without<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, HoursFault> {
        let mut days = std::array::from_fn(|_| vec![(0, DAY_S)]);
        for name in names {
            for day in parse_days(name)? {
                days[day].clear();
            }
        }
        Ok(Self { days })
    }

    /// Whether no window is in it.
    pub fn is_closed(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }

    pub(super) fn is_open(&self, local: Local) -> bool {
        self.days[local.weekday()]
            .iter()
            .any(|(opens, closes)| (*opens..*closes).contains(&local.second))
    }

    /// The first reading from `reading` on at which it is open; `None` when it never opens.
    pub(super) fn next_open(&self, reading: i64) -> Option<i64> {
        let today = reading.div_euclid(DAY_S);
        (today..=today + 7).find_map(|day| {
            let windows = &self.days[weekday(day)];
            let open = windows.iter().find(|(_, closes)| day * DAY_S + closes > reading)?;
            Some(reading.max(day * DAY_S + open.0))
        })
    }

    /// The first reading from `reading` on at which it is closed; `None` when it never closes.
    pub(super) fn next_closed(&self, reading: i64) -> Option<i64> {
        let mut reading = reading;
        for _ in 0..=7 * self.days.iter().map(Vec::len).max().unwrap_or(0) {
            let local = Local::from_seconds(reading);
            let window = self.days[local.weekday()]
                .iter()
                .find(|(opens, closes)| (*opens..*closes).contains(&local.second));
            let Some((_, closes)) = window else { return Some(reading) };
            reading = local.day * DAY_S + closes;
        }
        None
    }
}

fn parse_days(names: &str) -> Result<Vec<usize>, HoursFault> {
    let day = |name: &str| {
        WEEKDAYS
            .iter()
            .position(|known| *known == name.trim())
            .ok_or_else(|| HoursFault::Day(name.to_owned()))
    };
    let Some((first, last)) = names.split_once('-') else { return Ok(vec![day(names)?]) };
    let (first, last) = (day(first)?, day(last)?);
    if first > last {
        return Err(HoursFault::Day(names.to_owned()));
    }
    Ok((first..=last).collect())
}

fn parse_windows(text: &str) -> Result<Vec<(i64, i64)>, HoursFault> {
    let fault = || HoursFault::Window(text.to_owned());
    let mut windows: Vec<(i64, i64)> = Vec::new();
    for part in text.split(',') {
        let (opens, closes) = part.trim().split_once('-').ok_or_else(fault)?;
        let window =
            parse_time(opens).zip(parse_time(closes)).filter(|(a, b)| a < b).ok_or_else(fault)?;
        if windows.last().is_some_and(|before| before.1 > window.0) {
            return Err(HoursFault::Order(text.to_owned()));
        }
        windows.push(window);
    }
    Ok(windows)
}

/// `HH:MM` to seconds of the day; `24:00` is the end of it.
fn parse_time(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    let within = minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0));
    within.then(|| i64::from(hours) * 3_600 + i64::from(minutes) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(days: &[(&str, &str)]) -> Week {
        Week::parse(days.iter().copied()).unwrap()
    }

    /// Monday 1970-01-05 00:00 on the face of the clock.
    const MONDAY: i64 = 4 * DAY_S;
    const HOUR: i64 = 3_600;

    #[test]
    fn a_window_holds_its_first_second_and_not_its_last() {
        let week = week(&[("mon-sun", "08:00-21:00")]);
        for (second, open) in
            [(8 * HOUR - 1, false), (8 * HOUR, true), (21 * HOUR - 1, true), (21 * HOUR, false)]
        {
            assert_eq!(week.is_open(Local::from_seconds(MONDAY + second)), open, "{second}");
        }
    }

    #[test]
    fn the_next_opening_steps_over_lunch_the_night_and_the_weekend() {
        let week = week(&[("mon-fri", "10:00-13:00, 14:00-20:00")]);
        assert_eq!(week.next_open(MONDAY + 13 * HOUR), Some(MONDAY + 14 * HOUR));
        assert_eq!(week.next_open(MONDAY + 15 * HOUR), Some(MONDAY + 15 * HOUR));
        assert_eq!(
            week.next_open(MONDAY + 4 * DAY_S + 20 * HOUR),
            Some(MONDAY + 7 * DAY_S + 10 * HOUR)
        );
        assert_eq!(Week::default().next_open(MONDAY), None);
    }

    #[test]
    fn midnight_between_two_open_days_does_not_close() {
        let always = week(&[("mon-sun", "00:00-24:00")]);
        assert_eq!(always.next_closed(MONDAY), None);
        let week = week(&[("mon", "12:00-24:00"), ("tue", "00:00-01:00")]);
        assert_eq!(week.next_closed(MONDAY + 13 * HOUR), Some(MONDAY + DAY_S + HOUR));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let parse = |day, text| Week::parse([(day, text)]);
        assert!(matches!(parse("someday", "08:00-21:00"), Err(HoursFault::Day(_))));
        assert!(matches!(parse("sun-mon", "08:00-21:00"), Err(HoursFault::Day(_))));
        assert!(matches!(parse("mon", "21:00-08:00"), Err(HoursFault::Window(_))));
        assert!(matches!(parse("mon", "8-21"), Err(HoursFault::Window(_))));
        assert!(matches!(parse("mon", "08:00-12:00, 11:00-13:00"), Err(HoursFault::Order(_))));
        let twice = Week::parse([("mon-fri", "08:00-21:00"), ("fri", "08:00-20:00")]);
        assert_eq!(twice, Err(HoursFault::DayTwice("fri")));
    }
}
