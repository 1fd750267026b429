//! What becomes of a call: drawn when it is dialed, known to the world and to nobody else.

use jiff::SignedDuration;

use super::callees::Callees;
use super::chance::{Chance, Spread};
use crate::domain::{Fault, Listening, Outcome, Verdict, VerdictKind};

/// So many draws above the ring time are enough; the next one counts as that long.
const DRAWS_MAX: u32 = 1_000;

/// What becomes of a call that is not given up before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fate {
    /// Until the 180; `None` when it never rings, or says so with the answer only.
    pub(super) rings_after: Option<SignedDuration>,
    /// From the INVITE on.
    pub(super) then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Then {
    Answers { after: SignedDuration, who: VerdictKind },
    Refuses { after: SignedDuration, outcome: Outcome, fault: Fault },
    RingsOn,
}

impl Callees {
    /// A call's fate when a person answers with the probability `person`; every end comes before
    /// `ring_max`, or not at all.
    pub(super) fn fate(&self, person: f64, ring_max: SignedDuration, chance: &mut Chance) -> Fate {
        let machines = self.machine + self.fax + self.screener;
        let others = machines + self.silent + self.busy + self.vacant + self.failed;
        // Where they do not all fit beside the people, the others make room together.
        let room = ((1.0 - person) / others.max(f64::MIN_POSITIVE)).min(1.0);
        let mut draw = chance.share();
        let mut falls = |share: f64| {
            draw -= share;
            draw < 0.0
        };
        let mut within = |spread: Spread| time_within(spread, ring_max, chance);
        let then = if falls(person) {
            self.answers(within(self.person_rings), VerdictKind::Human)
        } else if falls(self.machine * room) {
            self.answers(within(self.machine_rings), VerdictKind::Machine)
        } else if falls(self.fax * room) {
            self.answers(within(self.machine_rings), VerdictKind::Fax)
        } else if falls(self.screener * room) {
            self.answers(within(self.machine_rings), VerdictKind::Screener)
        } else if falls(self.silent * room) {
            self.answers(within(self.machine_rings), VerdictKind::Silence)
        } else if falls(self.busy * room) {
            refuses(within(self.busy_after), Outcome::Busy, Fault::Callee)
        } else if falls(self.vacant * room) {
            refuses(within(self.vacant_after), Outcome::InvalidNumber, Fault::Callee)
        } else if falls(self.failed * room) {
            refuses(within(self.busy_after), Outcome::Failed, Fault::Carrier)
        } else {
            Then::RingsOn
        };
        let rings = !matches!(then, Then::Refuses { .. }) && !self.post_dial.is_zero();
        Fate { rings_after: rings.then_some(self.post_dial), then }
    }

    fn answers(&self, after: SignedDuration, who: VerdictKind) -> Then {
        Then::Answers { after: self.post_dial + after, who }
    }

    /// The detector's word of who answered, and how long after the answer it comes. It is right
    /// here, where it has the time; who is undecided at its deadline is a person.
    pub(super) fn verdict(
        &self,
        who: VerdictKind,
        greeting: SignedDuration,
        listening: Listening,
        chance: &mut Chance,
    ) -> (SignedDuration, Verdict) {
        let Listening { limit, after_greeting, .. } = listening;
        let is_person = who == VerdictKind::Human;
        // Who speaks on has not ended the greeting: a machine is listened to until the limit.
        let until = if is_person { limit.min(greeting + after_greeting) } else { limit };
        let needed = chance.time(self.screening);
        let after = needed.min(until);
        let undecided = needed > until && who != VerdictKind::Silence;
        let kind = if undecided { VerdictKind::Human } else { who };
        let probability = if undecided { 0.5 } else { 0.95 };
        let at_ms = u32::try_from(after.as_millis()).unwrap_or(0);
        let greeting_ms = u32::try_from(greeting.as_millis()).unwrap_or(0);
        let heard = is_person && greeting_ms <= at_ms;
        let greeting_end_ms = heard.then_some(greeting_ms);
        (after, Verdict { kind, probability, at_ms, greeting_end_ms })
    }
}

fn refuses(after: SignedDuration, outcome: Outcome, fault: Fault) -> Then {
    Then::Refuses { after, outcome, fault }
}

fn time_within(spread: Spread, limit: SignedDuration, chance: &mut Chance) -> SignedDuration {
    let mut times = (0..DRAWS_MAX).map(|_| chance.time(spread));
    times.find(|time| *time < limit).unwrap_or(limit)
}
