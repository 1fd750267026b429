//! What becomes of a call: drawn when it is dialed, known to the world and to nobody else.

use jiff::SignedDuration;

use super::chance::Chance;
use super::scenario::Callees;
use crate::domain::{Fault, Outcome, Verdict, VerdictKind};

/// From the INVITE to the 180.
const POST_DIAL: SignedDuration = SignedDuration::from_millis(400);

/// What becomes of a call that is not given up before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fate {
    /// Until the 180; `None` when it never rings.
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
    pub(super) fn fate(&self, chance: &mut Chance) -> Fate {
        let mut draw = chance.share();
        let mut falls = |share: f64| {
            draw -= share;
            draw < 0.0
        };
        let then = if falls(self.person) {
            answers(chance.time(self.person_rings), VerdictKind::Human)
        } else if falls(self.machine) {
            answers(chance.time(self.machine_rings), VerdictKind::Machine)
        } else if falls(self.silent) {
            answers(chance.time(self.machine_rings), VerdictKind::Silence)
        } else {
            let after = chance.time(self.refused_after);
            let refuses = |outcome, fault| Then::Refuses { after, outcome, fault };
            if falls(self.busy) {
                refuses(Outcome::Busy, Fault::Callee)
            } else if falls(self.vacant) {
                refuses(Outcome::InvalidNumber, Fault::Callee)
            } else if falls(self.failed) {
                refuses(Outcome::Failed, Fault::Carrier)
            } else {
                Then::RingsOn
            }
        };
        let rings = !matches!(then, Then::Refuses { .. });
        Fate { rings_after: rings.then_some(POST_DIAL), then }
    }

    /// The detector's word of who answered, and how long after the answer it comes. It is right
    /// here; one that errs is another room's matter.
    pub(super) fn verdict(
        &self,
        who: VerdictKind,
        limit: SignedDuration,
        chance: &mut Chance,
    ) -> (SignedDuration, Verdict) {
        let after = chance.time(self.screening).min(limit);
        let at_ms = u32::try_from(after.as_millis()).unwrap_or(0);
        let greeting_ms = u32::try_from(chance.time(self.greeting).as_millis()).unwrap_or(0);
        let heard = who == VerdictKind::Human && greeting_ms <= at_ms;
        let greeting_end_ms = heard.then_some(greeting_ms);
        (after, Verdict { kind: who, probability: 0.95, at_ms, greeting_end_ms })
    }
}

fn answers(after: SignedDuration, who: VerdictKind) -> Then {
    Then::Answers { after: POST_DIAL + after, who }
}
