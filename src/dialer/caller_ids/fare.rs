//! One caller id's last 24 hours, in hours.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{CallerIdRest, CallerIdSoFar, CallerIdView};
use crate::domain::{PhoneNumber, Proportion};

const HOUR_S: i64 = 3_600;
const HOURS: usize = 24;

/// An answered call of six seconds or less is a short one.
const SHORT: SignedDuration = SignedDuration::from_secs(6);

/// No rate is judged before so many calls of the number, and of its peers, have reached a phone.
const REACHED_MIN: u32 = 100;

/// How far below its peers' a number's answer rate must be, in standard errors of the difference.
/// It is looked at after every call, so it is stricter than one look would ask for.
const ERRORS_MIN: f64 = 4.0;

/// What came of a caller id in one hour.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallerIdHour {
    /// Hours since 1970.
    pub hour: i64,
    /// Calls that showed it.
    pub attempts: u32,
    /// Calls that reached a phone, since it last rested.
    pub reached: u32,
    /// Of these, how many were answered.
    pub answered: u32,
    /// Answered calls of six seconds or less.
    pub short: u32,
    /// Blocks.
    pub blocks: u32,
}

/// One caller id's last 24 hours, and its rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Fare {
    hours: [CallerIdHour; HOURS],
    rest: Option<CallerIdRest>,
}

impl From<&CallerIdSoFar> for Fare {
    fn from(past: &CallerIdSoFar) -> Self {
        let mut fare = Self { rest: past.rest, ..Self::default() };
        for hour in &past.hours {
            let slot = &mut fare.hours[hour.hour.rem_euclid(HOURS as i64) as usize];
            if slot.hour <= hour.hour {
                *slot = *hour;
            }
        }
        fare
    }
}

impl Fare {
    fn hour(&mut self, now: Timestamp) -> &mut CallerIdHour {
        let hour = now.as_second().div_euclid(HOUR_S);
        let slot = &mut self.hours[hour.rem_euclid(HOURS as i64) as usize];
        if slot.hour != hour {
            *slot = CallerIdHour { hour, ..CallerIdHour::default() };
        }
        slot
    }

    fn last(&self, now: Timestamp) -> impl Iterator<Item = &CallerIdHour> {
        let first = now.as_second().div_euclid(HOUR_S) - HOURS as i64 + 1;
        self.hours.iter().filter(move |hour| hour.hour >= first)
    }

    pub(super) fn show(&mut self, now: Timestamp) {
        self.hour(now).attempts += 1;
    }

    pub(super) fn block(&mut self, now: Timestamp) {
        self.hour(now).blocks += 1;
    }

    /// A phone was reached; `talked` when it was answered.
    pub(super) fn reach(&mut self, talked: Option<SignedDuration>, now: Timestamp) {
        let hour = self.hour(now);
        hour.reached += 1;
        hour.answered += u32::from(talked.is_some());
        hour.short += u32::from(talked.is_some_and(|talked| talked <= SHORT));
    }

    pub(super) fn attempts(&self, now: Timestamp) -> u32 {
        self.last(now).map(|hour| hour.attempts).sum()
    }

    /// Reached and answered.
    pub(super) fn sums(&self, now: Timestamp) -> (u32, u32) {
        self.last(now).fold((0, 0), |sum, hour| (sum.0 + hour.reached, sum.1 + hour.answered))
    }

    /// When it may be shown again; `None` when it may be now.
    pub(super) fn free_at(&self, daily_max: Option<u32>, now: Timestamp) -> Option<Timestamp> {
        let rest = self.rest(now).map(|rest| rest.until);
        let is_spent = daily_max.is_some_and(|max| self.attempts(now) >= max);
        let oldest = || self.last(now).filter(|hour| hour.attempts > 0).map(|hour| hour.hour).min();
        // The oldest hour with a call in it is forgotten a day after it began.
        let spent = is_spent
            .then(oldest)
            .flatten()
            .and_then(|hour| Timestamp::from_second((hour + HOURS as i64) * HOUR_S).ok());
        rest.max(spent)
    }

    /// Its rest, while it lasts.
    pub(super) fn rest(&self, now: Timestamp) -> Option<CallerIdRest> {
        self.rest.filter(|rest| rest.until > now)
    }

    /// It rests, and what was counted is forgotten but for its calls: it begins anew.
    pub(super) fn put_to_rest(&mut self, rest: CallerIdRest) {
        if self.rest.is_none_or(|known| known.until < rest.until) {
            self.rest = Some(rest);
        }
        for hour in &mut self.hours {
            (hour.reached, hour.answered) = (0, 0);
        }
    }

    pub(super) fn view(&self, number: PhoneNumber, now: Timestamp) -> CallerIdView {
        let (reached, answered) = self.sums(now);
        let rest = self.rest(now);
        CallerIdView {
            number,
            attempts: self.attempts(now),
            answered,
            reached,
            answer_rate: (reached > 0).then(|| f64::from(answered) / f64::from(reached)),
            answer_rate_interval: Proportion::of(answered.into(), reached.into())
                .map(|rate| [rate.low, rate.high]),
            short_calls: self.last(now).map(|hour| hour.short).sum(),
            blocks: self.last(now).map(|hour| hour.blocks).sum(),
            rests: rest.map(|rest| rest.reason),
            rests_until: rest.map(|rest| rest.until),
        }
    }
}

/// Whether a number is answered less than its peers, and not by chance: reached and answered of
/// each, compared as two shares (the pooled two-sample test).
pub(in crate::dialer) fn is_significantly_lower(own: (u32, u32), peers: (u32, u32)) -> bool {
    if own.0 < REACHED_MIN || peers.0 < REACHED_MIN {
        return false;
    }
    let (n, m) = (f64::from(own.0), f64::from(peers.0));
    let (a, b) = (f64::from(own.1) / n, f64::from(peers.1) / m);
    let pooled = f64::from(own.1 + peers.1) / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    b - a > ERRORS_MIN * error && error > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_rate_counts_only_when_it_is_not_chance() {
        assert!(!is_significantly_lower((99, 0), (1_000, 500)), "too few calls");
        assert!(!is_significantly_lower((200, 50), (200, 60)), "25 against 30 percent of 200");
        assert!(is_significantly_lower((200, 20), (1_000, 300)), "10 against 30 percent");
        assert!(!is_significantly_lower((200, 200), (1_000, 300)), "higher is no reason");
    }
}
