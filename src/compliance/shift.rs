//! When the agents of a campaign are there, in instants: a plan of the house, no rule of law.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::local::Zone;
use crate::domain::{Calendar, Shift};

const ZERO: SignedDuration = SignedDuration::ZERO;

/// Longer stretches are not looked through: no window has more days.
const DAYS_MAX: usize = 400;

/// Whether a shift goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnShift {
    /// No hours are planned: at any time.
    Always,
    /// Not now.
    Off {
        /// When the next begins; `None` when none does.
        begins_at: Option<Timestamp>,
    },
    /// Now.
    On {
        /// The first instant after it.
        ends_at: Timestamp,
    },
}

/// The shifts of a campaign.
#[derive(Clone, Debug)]
pub struct Roster {
    zone: Zone,
    shift: Option<Shift>,
    /// What holds, and until when it does.
    known: Option<(Timestamp, OnShift)>,
}

impl Roster {
    /// The shifts of a calendar.
    pub fn new(calendar: &Calendar) -> Self {
        Self { zone: Zone::new_or_utc(&calendar.zone), shift: calendar.shift, known: None }
    }

    /// Whether a shift goes on. `now` does not go back from one question to the next.
    pub fn at(&mut self, now: Timestamp) -> OnShift {
        match self.known {
            Some((until, known)) if now < until => known,
            _ => {
                let found = self.find(now);
                let until = match found {
                    OnShift::Always | OnShift::Off { begins_at: None } => Timestamp::MAX,
                    OnShift::Off { begins_at: Some(at) } => at,
                    OnShift::On { ends_at } => ends_at,
                };
                self.known = Some((until, found));
                found
            }
        }
    }

    /// How much of the time from one instant to another is inside shifts.
    pub fn staffed(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        let Some(shift) = self.shift else { return to.duration_since(from).max(ZERO) };
        let (first, last) = (self.zone.date(from), self.zone.date(to));
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok())
            .take_while(|day| *day <= last)
            .take(DAYS_MAX);
        let hours = days
            .filter(|day| shift.weekdays[weekday(*day)])
            .filter_map(|day| self.hours(day, &shift));
        hours
            .map(|(begins_at, ends_at)| {
                ends_at.min(to).duration_since(begins_at.max(from)).max(ZERO)
            })
            .sum()
    }

    /// What the clock of the roster shows.
    pub fn face(&self, at: Timestamp) -> DateTime {
        self.zone.face(at)
    }

    fn find(&self, now: Timestamp) -> OnShift {
        let Some(shift) = self.shift else { return OnShift::Always };
        let today = self.zone.date(now);
        // Eight days, so that the shift of this weekday that is over is found again a week later.
        let days = std::iter::successors(Some(today), |day| day.tomorrow().ok()).take(8);
        for day in days.filter(|day| shift.weekdays[weekday(*day)]) {
            let Some((begins_at, ends_at)) = self.hours(day, &shift) else { continue };
            if now < begins_at {
                return OnShift::Off { begins_at: Some(begins_at) };
            }
            if now < ends_at {
                return OnShift::On { ends_at };
            }
        }
        OnShift::Off { begins_at: None }
    }

    fn hours(&self, day: Date, shift: &Shift) -> Option<(Timestamp, Timestamp)> {
        let at = |minutes: u16| {
            let (hour, minute) = (minutes / 60, minutes % 60);
            match hour {
                24.. => self.zone.midnight(day.tomorrow().ok()?),
                _ => self.zone.instant(day.at(hour as i8, minute as i8, 0, 0)),
            }
        };
        Some((at(shift.begins_min)?, at(shift.ends_min)?))
    }
}

/// 0 for Monday to 6 for Sunday.
fn weekday(day: Date) -> usize {
    usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn roster(begins_min: u16, ends_min: u16) -> Roster {
        let weekdays = [true, true, true, true, true, false, false];
        let shift = Some(Shift { begins_min, ends_min, weekdays });
        let zone = "Europe/Madrid".to_owned();
        Roster::new(&Calendar { zone, shift, ..Calendar::default() })
    }

    #[test]
    fn a_shift_begins_and_ends_on_the_local_clock() {
        let mut roster = roster(9 * 60, 17 * 60);
        // Tuesday; Madrid is an hour ahead of UTC.
        let (begins_at, ends_at) = (at("2026-11-24T08:00:00Z"), at("2026-11-24T16:00:00Z"));
        let off = |begins_at| OnShift::Off { begins_at: Some(begins_at) };
        assert_eq!(roster.at(at("2026-11-24T07:59:59Z")), off(begins_at));
        assert_eq!(roster.at(begins_at), OnShift::On { ends_at });
        assert_eq!(roster.at(at("2026-11-24T15:59:59Z")), OnShift::On { ends_at });
        assert_eq!(roster.at(ends_at), off(at("2026-11-25T08:00:00Z")));
    }

    #[test]
    fn after_friday_comes_monday() {
        let friday_evening = at("2026-11-27T16:00:00Z");
        let monday = OnShift::Off { begins_at: Some(at("2026-11-30T08:00:00Z")) };
        assert_eq!(roster(9 * 60, 17 * 60).at(friday_evening), monday);
    }

    #[test]
    fn the_time_inside_shifts_leaves_out_nights_and_weekends() {
        let (friday_noon, tuesday_noon) = (at("2026-11-27T11:00:00Z"), at("2026-12-01T11:00:00Z"));
        let roster = roster(9 * 60, 17 * 60);
        assert_eq!(roster.staffed(friday_noon, tuesday_noon).as_hours(), 5 + 8 + 3);
        assert_eq!(roster.staffed(tuesday_noon, friday_noon).as_hours(), 0);
    }

    #[test]
    fn a_shift_may_last_to_midnight_and_hours_may_be_left_open() {
        let ends_at = at("2026-11-24T23:00:00Z");
        assert_eq!(roster(0, 1_440).at(at("2026-11-24T12:00:00Z")), OnShift::On { ends_at });
        let mut always = Roster::new(&Calendar::default());
        assert_eq!(always.at(ends_at), OnShift::Always);
    }
}
