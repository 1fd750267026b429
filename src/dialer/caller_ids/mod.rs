//! Which of a campaign's numbers is shown, and how each of them fares.
//!
//! A number that is shown too often, that fewer and fewer people answer, or that networks block, is
//! a number that rests. A block is never dodged: who was blocked is not called by another number,
//! and when half of a campaign's numbers are blocked the campaign calls nobody.

mod fare;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::call::EndCause;
use crate::compliance::{Nearness, Refusal};
use crate::domain::{Campaign, Fault, Outcome, PhoneNumber, later};
pub use fare::CallerIdHour;
use fare::Fare;
pub(super) use fare::is_significantly_lower;

/// How long a number rests after a block.
const BLOCKED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long a number rests that fewer people answer than its peers.
const UNANSWERED: SignedDuration = SignedDuration::from_hours(24);

/// Why a number is not shown.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RestReason {
    /// A network has blocked a call that showed it, or the callee wants no such calls (603+, 607,
    /// 608).
    Blocked,
    /// Significantly fewer calls that show it are answered than calls that show its peers.
    FewerAnswers,
}

/// A number that rests.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CallerIdRest {
    /// Why.
    pub reason: RestReason,
    /// Until when it is not shown.
    pub until: Timestamp,
}

/// How a number has fared before the process started.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CallerIdSoFar {
    /// Which.
    pub number: PhoneNumber,
    /// The hours of the last day in which it was shown.
    pub hours: Vec<CallerIdHour>,
    /// Whether it rests.
    pub rest: Option<CallerIdRest>,
}

/// How a caller id fares: the last 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CallerIdView {
    /// The number.
    pub number: PhoneNumber,
    /// Calls that showed it.
    pub attempts: u32,
    /// Of those that reached a phone, how many were answered.
    pub answered: u32,
    /// Calls that reached a phone.
    pub reached: u32,
    /// Answered, of those that reached a phone; `None` before the first.
    pub answer_rate: Option<f64>,
    /// The 95 % interval of that (Wilson, 1927).
    pub answer_rate_interval: Option<[f64; 2]>,
    /// Answered calls of six seconds or less.
    pub short_calls: u32,
    /// Blocks.
    pub blocks: u32,
    /// Why it is not shown now, if it is not.
    pub rests: Option<RestReason>,
    /// Until when.
    pub rests_until: Option<Timestamp>,
}

/// Every number that has been shown.
#[derive(Debug, Default)]
pub(super) struct CallerIds(BTreeMap<PhoneNumber, Fare>);

impl CallerIds {
    /// The number to show: of those that do not rest and have calls left today the nearest, and of
    /// several alike the one that was shown least.
    pub(super) fn choose(
        &mut self,
        campaign: &Campaign,
        callee: PhoneNumber,
        now: Timestamp,
    ) -> Result<Option<PhoneNumber>, Refusal> {
        let all = &campaign.caller_ids;
        if all.is_empty() {
            return Ok(None);
        }
        let resting = all.iter().filter_map(|number| Some((number, self.rest(*number, now)?)));
        let blocked: Vec<Timestamp> = resting
            .filter(|(_, rest)| rest.reason == RestReason::Blocked)
            .map(|(_, rest)| rest.until)
            .collect();
        if blocked.len() * 2 >= all.len() {
            return Err(refusal(
                "caller_id.blocked",
                "Networks block half of the campaign's caller ids or more.",
                blocked.into_iter().min(),
            ));
        }
        let rules = &campaign.caller_id_use;
        let mut free_at = None;
        let mut best = None;
        for (place, number) in all.iter().enumerate() {
            let fare = self.0.entry(*number).or_default();
            match fare.free_at(rules.daily_max, now) {
                Some(at) => free_at = Some(free_at.map_or(at, |known: Timestamp| known.min(at))),
                None => {
                    let nearness = match rules.local {
                        true => Nearness::of(*number, callee),
                        false => Nearness::Elsewhere,
                    };
                    let rank = (nearness, fare.attempts(now), place, *number);
                    best = Some(best.map_or(rank, |known| std::cmp::min(known, rank)));
                }
            }
        }
        match best {
            Some((.., number)) => Ok(Some(number)),
            None => Err(refusal(
                "caller_id.resting",
                "Every caller id of the campaign rests or has been shown often enough today.",
                free_at,
            )),
        }
    }

    /// Goes on from what the books hold, in the place of what was counted so far.
    pub(super) fn restore(&mut self, so_far: Vec<CallerIdSoFar>) {
        self.0 = so_far.into_iter().map(|past| (past.number, Fare::from(&past))).collect();
    }

    /// A call goes out that shows it.
    pub(super) fn show(&mut self, number: PhoneNumber, now: Timestamp) {
        self.0.entry(number).or_default().show(now);
    }

    /// A call that showed it is over; says when the number rests from now on.
    pub(super) fn hear(
        &mut self,
        number: PhoneNumber,
        peers: &[PhoneNumber],
        ended: Ended<'_>,
        now: Timestamp,
    ) -> Option<CallerIdRest> {
        let fare = self.0.entry(number).or_default();
        if ended.is_blocked() {
            fare.block(now);
            return self.put_to_rest(number, RestReason::Blocked, BLOCKED, now);
        }
        if !ended.has_reached() {
            return None;
        }
        fare.reach(ended.talked, now);
        let own = fare.sums(now);
        let others = peers.iter().filter(|peer| **peer != number);
        let others = others.filter_map(|peer| self.0.get(peer)).map(|fare| fare.sums(now));
        let others = others.fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1));
        if !is_significantly_lower(own, others) {
            return None;
        }
        self.put_to_rest(number, RestReason::FewerAnswers, UNANSWERED, now)
    }

    fn put_to_rest(
        &mut self,
        number: PhoneNumber,
        reason: RestReason,
        length: SignedDuration,
        now: Timestamp,
    ) -> Option<CallerIdRest> {
        let rest = CallerIdRest { reason, until: later(now, length) };
        let fare = self.0.entry(number).or_default();
        let news = fare.rest(now).is_none_or(|known| known.reason != reason);
        fare.put_to_rest(rest);
        news.then_some(rest)
    }

    fn rest(&self, number: PhoneNumber, now: Timestamp) -> Option<CallerIdRest> {
        self.0.get(&number)?.rest(now)
    }

    /// Of every number that was shown, by number.
    pub(super) fn view(&self, now: Timestamp) -> Vec<CallerIdView> {
        self.0.iter().map(|(number, fare)| fare.view(*number, now)).collect()
    }
}

/// How a call has ended, as far as its caller id is concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended<'a> {
    pub(super) outcome: Outcome,
    pub(super) cause: Option<&'a EndCause>,
    /// How long it was answered; `None` when it was not.
    pub(super) talked: Option<SignedDuration>,
}

impl Ended<'_> {
    fn is_blocked(&self) -> bool {
        let unwanted = self.cause.is_some_and(|cause| cause.sip_status == Some(607));
        self.outcome == Outcome::Blocked || unwanted
    }

    /// Whether a phone has rung or was busy: whoever it belongs to has seen the number or might
    /// have.
    fn has_reached(&self) -> bool {
        let of_callee = self.cause.is_some_and(|cause| cause.fault == Fault::Callee);
        self.talked.is_some() || of_callee && self.outcome != Outcome::InvalidNumber
    }
}

fn refusal(rule: &str, sentence: &str, ask_again_at: Option<Timestamp>) -> Refusal {
    Refusal { rule: rule.to_owned(), sentence: sentence.to_owned(), ask_again_at }
}

#[cfg(test)]
mod tests;
