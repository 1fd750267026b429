//! The gate: may this number be called now? Whatever is missing is a no.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::books::Rulebooks;
use super::case::{CallerId, Case, Circumstances};
use super::dnc::{List, Lists};
use super::evaluation::{Clock, Evaluation, Lifts, Ruling};
use super::holidays::Holidays;
use super::inputs::Inputs;
use super::local::tzdb_version;
use super::permit::{Permit, Refusal};
use super::place::Places;
use super::scene::{Asked, Moment, Scene};
use crate::domain::{Campaign, Lead, PhoneNumber};

/// A permit is good for this long, or to the end of the hours: the attempt is written to the store
/// in between, and nothing else.
const PERMIT_LIFE: SignedDuration = SignedDuration::from_secs(5);

/// What a setting or a list lacks is asked for again after this: often enough for whoever mends
/// it, and no lead is given up for it meanwhile.
const MENDED: SignedDuration = SignedDuration::from_hours(1);

/// What the floor may allow at any moment is asked for again after this.
const PRESENTLY: SignedDuration = SignedDuration::from_mins(1);

/// Asks every rule of a campaign's rulebooks. One for the process; it keeps the do-not-call list
/// and reads nothing but its arguments.
#[derive(Clone, Debug)]
pub struct Gate {
    books: Rulebooks,
    places: &'static Places,
    holidays: &'static Holidays,
    lists: Lists,
}

impl Gate {
    /// A gate over these rulebooks and this internal do-not-call list.
    pub fn new(books: Rulebooks, do_not_call: impl IntoIterator<Item = PhoneNumber>) -> Self {
        let lists = do_not_call.into_iter().collect();
        let (places, holidays) = (Places::embedded(), Holidays::embedded());
        Self { books, places, holidays, lists }
    }

    /// The same over other tables, which stay for good.
    #[cfg(test)]
    pub(super) fn over(self, places: Option<Places>, holidays: Option<Holidays>) -> Self {
        let places = places.map_or(self.places, |places| Box::leak(Box::new(places)));
        let holidays = holidays.map_or(self.holidays, |holidays| Box::leak(Box::new(holidays)));
        Self { places, holidays, ..self }
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

    /// For a dialer that is told a log without the lists: a newer copy of the list is there.
    pub fn assume_renewed(&mut self, list: &str) {
        self.lists.assume_renewed(list);
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

    /// May the lead's number be called now, for this campaign, as the floor stands?
    ///
    /// # Errors
    /// [`Refusal`], an answer and not a fault: the first rule that refuses, and the instant from
    /// which every rule allows it if nothing but time changes.
    pub fn check(
        &self,
        lead: &Lead,
        campaign: &Campaign,
        circumstances: Circumstances<'_>,
        now: Timestamp,
    ) -> Result<Permit, Refusal> {
        let case = Case::of_lead(lead, campaign, circumstances);
        let scene = self.scene(&case);
        let moment = scene.moment(now);
        let evaluation = evaluate(&scene, &moment);
        let Some(first) = evaluation.refusals().next() else {
            if let CallerId::Shown(caller_id) = case.caller_id {
                let limit = now.checked_add(PERMIT_LIFE).unwrap_or(now);
                let expires_at = scene.open_until(&moment, limit);
                let who = (lead.id, campaign.id);
                let found = (evaluation, Inputs::of(&case, lead, self.lists.dates()));
                return Ok(Permit::new(who, lead.number, caller_id, expires_at, found));
            }
            let none = super::evaluation::BuiltIn::CallerIdMissing;
            let (rule, sentence) = (none.id().to_owned(), none.sentence().to_owned());
            return Err(Refusal { rule, sentence, ask_again_at: now.checked_add(MENDED).ok() });
        };
        Err(Refusal {
            rule: evaluation.id(first).to_owned(),
            sentence: evaluation.sentence(first).into_owned(),
            ask_again_at: ask_again_at(&scene, moment),
        })
    }

    /// Every rule's answer to a case at that instant.
    pub fn evaluate(&self, case: &Case<'_>, now: Timestamp) -> Evaluation {
        let scene = self.scene(case);
        evaluate(&scene, &scene.moment(now))
    }

    /// The first instant at which no rule refuses a case, if nothing but time changes; an hour
    /// later where something is to be mended, `None` when there is none.
    pub fn ask_again_at(&self, case: &Case<'_>, now: Timestamp) -> Option<Timestamp> {
        let scene = self.scene(case);
        ask_again_at(&scene, scene.moment(now))
    }

    /// The rulebooks that it asks.
    pub fn rulebooks(&self) -> &Rulebooks {
        &self.books
    }

    fn scene<'a>(&'a self, case: &'a Case<'a>) -> Scene<'a> {
        let place = self.places.place(case);
        let books = case.rulebooks.iter().map(|id| self.books.shared(id));
        Scene {
            case,
            books: books.map(|book| Some(Asked::of(book?, &place))).collect(),
            place,
            holidays: self.holidays,
            lists: &self.lists,
            is_listed: self.lists.hit(case.number, case.do_not_call).is_some(),
        }
    }
}

fn evaluate<'a>(scene: &Scene<'a>, moment: &Moment<'a>) -> Evaluation {
    let mut findings = Vec::with_capacity(32);
    let _ = scene.each_finding(moment, &mut |finding| {
        findings.push(finding);
        ControlFlow::Continue(())
    });
    let clock =
        |(zone, local): &(&super::local::Zone, _)| Clock { zone: zone.name(), local: *local };
    Evaluation {
        at: moment.at,
        rulebooks: scene.books.iter().flatten().map(|asked| Arc::clone(asked.book)).collect(),
        tzdb: tzdb_version(),
        clocks: moment.zones.iter().map(clock).collect(),
        findings,
    }
}

/// The first instant at which no rule refuses, if nothing but time changes; `None` when there is
/// none. What is missing may be mended by the time that [`MENDED`] is over.
///
/// Each rule says until when it refuses at least, as long as the candidate zones stay what they
/// are; they may change when a clock does, so no step goes past that.
fn ask_again_at<'a>(scene: &Scene<'a>, moment: Moment<'a>) -> Option<Timestamp> {
    /// Where no instant is found in so many steps (hours that never meet), asking again at the
    /// last of them is days away and harmless.
    const STEPS_MAX: usize = 64;
    let after = |wait| moment.at.checked_add(wait).unwrap_or(moment.at);
    let (mended, presently) = (after(MENDED), after(PRESENTLY));
    let mut moment = moment;
    for _ in 0..STEPS_MAX {
        let at = moment.at;
        let until = refuses_until(scene, &moment, mended, presently)?;
        if until <= at {
            break;
        }
        let change = scene.place.next_change(at).unwrap_or(until);
        moment = scene.moment(until.min(change));
    }
    Some(moment.at)
}

/// Until when some rule refuses at least; the moment itself when none does, `None` when one does
/// for good.
fn refuses_until<'a>(
    scene: &Scene<'a>,
    moment: &Moment<'a>,
    mended: Timestamp,
    presently: Timestamp,
) -> Option<Timestamp> {
    let mut until = Some(moment.at);
    let _ = scene.each_finding(moment, &mut |finding| {
        if let Ruling::Refuses(lifts) = finding.ruling {
            let lifts_at = match lifts {
                Lifts::At(at) => Some(at),
                Lifts::Mended => Some(mended),
                Lifts::Never => None,
                Lifts::Presently => Some(presently),
            };
            until = until.zip(lifts_at).map(|(one, other)| one.max(other));
        }
        ControlFlow::Continue(())
    });
    until
}

#[cfg(test)]
mod debts;
#[cfg(test)]
mod order;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(super) mod tests;
