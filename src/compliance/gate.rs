//! The gate: may this number be called now? Whatever is missing is a no.

use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};

use super::books::Rulebooks;
use super::case::{Case, Lifts, Moment, Obstacle};
use super::dnc::{List, Lists};
use super::permit::{Permit, Refusal};
use super::place::Places;
use crate::domain::{Campaign, Lead, PhoneNumber};

/// A permit is good for this long, or to the end of the hours: the attempt is written to the store
/// in between, and nothing else.
const PERMIT_LIFE: SignedDuration = SignedDuration::from_secs(5);

/// What the configuration lacks is asked for again after this: often enough for whoever mends it,
/// and no lead is given up for it meanwhile.
const MENDED: SignedDuration = SignedDuration::from_hours(1);

/// Asks every rule of a campaign's rulebooks. One for the process; it keeps the do-not-call list
/// and reads nothing but its arguments.
#[derive(Clone, Debug)]
pub struct Gate {
    books: Rulebooks,
    places: &'static Places,
    lists: Lists,
}

impl Gate {
    /// A gate over these rulebooks and this internal do-not-call list.
    pub fn new(books: Rulebooks, do_not_call: impl IntoIterator<Item = PhoneNumber>) -> Self {
        let lists = do_not_call.into_iter().collect();
        Self { books, places: Places::embedded(), lists }
    }

    /// The do-not-call lists.
    pub fn lists(&self) -> &Lists {
        &self.lists
    }

    /// From now on this list holds, in the place of the one with its id, which is given back.
    pub fn put_list(&mut self, list: List) -> Option<List> {
        self.lists.put(list)
    }

    /// The list is no longer there. Campaigns that name it call nobody.
    pub fn drop_list(&mut self, id: &str) -> Option<List> {
        self.lists.drop_list(id)
    }

    /// For a dialer that is told a log without the lists: the list had this number then.
    pub fn assume_listed(&mut self, list: &str, number: PhoneNumber) {
        self.lists.assume(list, number);
    }

    /// From now on this number is refused.
    pub fn do_not_call_add(&mut self, number: PhoneNumber) {
        self.lists.add(number);
    }

    /// The number is no longer refused for having been on the list.
    pub fn do_not_call_remove(&mut self, number: PhoneNumber) {
        self.lists.remove(number);
    }

    /// Whether the number is refused for being on the internal list.
    pub fn is_on_do_not_call_list(&self, number: PhoneNumber) -> bool {
        self.lists.holds(number)
    }

    /// May the lead's number be called now, for this campaign?
    ///
    /// # Errors
    /// [`Refusal`], an answer and not a fault: the first rule that refuses, and the instant from
    /// which every rule allows it if nothing but time changes.
    pub fn check(
        &self,
        lead: &Lead,
        campaign: &Campaign,
        now: Timestamp,
    ) -> Result<Permit, Refusal> {
        let case = self.case(lead, campaign);
        let moment = case.moment(now);
        let first = case.first_obstacle(&moment);
        if let (None, Some(caller_id)) = (&first, campaign.caller_ids.first()) {
            let limit = now.checked_add(PERMIT_LIFE).unwrap_or(now);
            let expires_at = case.open_until(&moment, limit);
            return Ok(Permit::new(lead.id, campaign.id, lead.number, *caller_id, expires_at));
        }
        let first = first.unwrap_or(Obstacle::NO_CALLER_ID);
        Err(Refusal {
            rule: first.rule.to_owned(),
            sentence: first.sentence().into_owned(),
            ask_again_at: ask_again_at(&case, moment),
        })
    }

    /// The ids of every rule that refuses now, in the order in which they are asked; empty when the
    /// call is allowed. A number that cannot be dialed, or whose zone is not known, ends the list.
    pub fn refusals(&self, lead: &Lead, campaign: &Campaign, now: Timestamp) -> Vec<String> {
        let case = self.case(lead, campaign);
        let mut rules = Vec::new();
        let _ = case.each_obstacle(&case.moment(now), &mut |obstacle| {
            rules.push(obstacle.rule.to_owned());
            ControlFlow::Continue(())
        });
        rules
    }

    fn case<'a>(&'a self, lead: &'a Lead, campaign: &'a Campaign) -> Case<'a> {
        Case {
            lead,
            campaign,
            books: campaign.rulebooks.iter().map(|id| self.books.get(id)).collect(),
            place: self.places.place(lead, campaign),
            do_not_call: self.lists.hit(lead.number, &campaign.do_not_call).is_some(),
            lists: &self.lists,
        }
    }
}

/// The first instant at which no rule refuses, if nothing but time changes; `None` when there is
/// none. What the configuration lacks may be mended by the time that [`MENDED`] is over.
///
/// Each rule says until when it refuses at least, as long as the candidate zones stay what they
/// are; they may change when a clock does, so no step goes past that.
fn ask_again_at<'a>(case: &Case<'a>, moment: Moment<'a>) -> Option<Timestamp> {
    /// Where no instant is found in so many steps (hours that never meet), asking again at the
    /// last of them is days away and harmless.
    const STEPS_MAX: usize = 64;
    let mended = moment.at.checked_add(MENDED).unwrap_or(moment.at);
    let mut moment = moment;
    for _ in 0..STEPS_MAX {
        let at = moment.at;
        let until = refuses_until(case, &moment, mended)?;
        if until == at {
            break;
        }
        let change = case.place.next_change(at).unwrap_or(until);
        moment = case.moment(until.min(change));
    }
    Some(moment.at)
}

/// Until when some rule refuses at least; the moment itself when none does, `None` when one does
/// for good.
fn refuses_until(case: &Case<'_>, moment: &Moment<'_>, mended: Timestamp) -> Option<Timestamp> {
    let mut until = Some(moment.at);
    let _ = case.each_obstacle(moment, &mut |obstacle| {
        let lifts_at = match obstacle.lifts {
            Lifts::At(at) => Some(at),
            Lifts::Mended => Some(mended),
            Lifts::Never => None,
        };
        until = until.zip(lifts_at).map(|(one, other)| one.max(other));
        ControlFlow::Continue(())
    });
    until
}

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(super) mod tests;
#[cfg(test)]
mod vectors;
