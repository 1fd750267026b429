//! What a call's last word means: how it ended, whose fault that was, and whether another trunk may
//! try. The table is data (`outcomes.toml`, each row with its source); what is done with it is here.
//!
//! A cause that is in its table is believed before the status: gateways squeeze some 50 causes into
//! a dozen responses (RFC 3398 §8.2.6.1), so the cause says more. Causes that say nothing (16 normal
//! clearing, 31 normal, 127 interworking) or mean different things at different carriers (3 no route
//! to destination) defer: there the status decides. So does a Reason header with a SIP status in it:
//! it is what the far end had said before somebody in between made another response of it.

mod table;

pub use table::{Event, Meaning, Outcomes, Row, Tone, Word};

/// The last word on a call that was never answered, and what was known when it came.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LastWord {
    /// The final response; `None` when none came in time (Timer B, or 64*T1 after a CANCEL).
    pub status: Option<u16>,
    /// The cause of its Reason header.
    pub q850: Option<u8>,
    /// The SIP status of its Reason header.
    pub sip_cause: Option<u16>,
    /// A 603 that names the analytics which have blocked the call (ATIS-1000099).
    pub by_analytics: bool,
    /// The INVITE could not even be sent.
    pub unsent: bool,
    /// A 180 or early media had come.
    pub rang: bool,
    /// We had asked for the end (CANCEL) before it came.
    pub hung_up: bool,
}

impl LastWord {
    /// The word that decides.
    pub fn word(self, table: &Outcomes) -> Word {
        let Some(status) = self.status else {
            return Word::Event(match (self.rang, self.hung_up, self.unsent) {
                (true, true, _) => Event::Cancelled,
                (true, false, _) => Event::RingRanOut,
                (false, _, true) => Event::Unsent,
                (false, _, false) => Event::Silence,
            });
        };
        match status {
            // The answer to our CANCEL (RFC 3261 §9.2).
            487 if self.hung_up => Word::Event(Event::Cancelled),
            // Credentials and redirects are between us and the carrier, whatever the Reason says:
            // no callee was asked.
            300..=399 | 401 | 403 | 407 => Word::Status(status),
            // Some carriers end a long ring with it (§21.4.9); without ringing it is a time-out.
            408 if self.rang && self.hung_up => Word::Event(Event::Cancelled),
            408 if self.rang => Word::Event(Event::RingRanOut),
            603 if self.by_analytics => Word::NetworkBlocked,
            607 | 608 => Word::Status(status),
            _ => {
                let cause = self.q850.map(Word::Cause).filter(|word| table.of(*word).is_some());
                let told = self.sip_cause.filter(|told| (400..700).contains(told));
                let told = told.map(Word::Status).filter(|word| table.of(*word).is_some());
                cause.or(told).unwrap_or(Word::Status(status))
            }
        }
    }

    /// What it means; by the class of the response where it has no row (RFC 3261 §8.1.3.2).
    pub fn meaning(self, table: &Outcomes) -> Option<&Meaning> {
        match self.word(table) {
            Word::Status(status) => table.of_status(status),
            word => table.of(word),
        }
    }

    /// Whether another trunk may try: only where the carrier or the network beyond it failed before
    /// anything rang, and said so by a 408, a 5xx or nothing at all. A callee, or a network that
    /// speaks for one, who has refused is never asked twice (RFC 3261 §16.7 step 5: a 6xx ends the
    /// search; for a dialer a 4xx from the far end does as well).
    pub fn may_fail_over(self, table: &Outcomes) -> bool {
        let transient = matches!(self.status, None | Some(408 | 430 | 500..=599));
        let next = self.meaning(table).is_some_and(|meaning| meaning.next_trunk);
        transient && next && !self.rang && !self.hung_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fault, Outcome};

    fn word(status: u16, q850: Option<u8>) -> LastWord {
        LastWord { status: Some(status), q850, ..LastWord::default() }
    }

    fn meaning(word: LastWord) -> Meaning {
        word.meaning(Outcomes::built_in()).unwrap().clone()
    }

    fn may_fail_over(word: LastWord) -> bool {
        word.may_fail_over(Outcomes::built_in())
    }

    fn outcome(status: u16, q850: Option<u8>) -> Outcome {
        meaning(word(status, q850)).outcome
    }

    #[test]
    fn a_vacant_number_is_known_by_its_status_or_its_cause() {
        for status in [404, 410, 484, 604] {
            assert_eq!(outcome(status, None), Outcome::InvalidNumber, "{status}");
        }
        for cause in [1, 22, 28] {
            assert_eq!(outcome(503, Some(cause)), Outcome::InvalidNumber, "cause {cause}");
        }
    }

    #[test]
    fn the_cause_says_more_than_the_status_unless_it_says_nothing() {
        assert_eq!(outcome(480, Some(17)), Outcome::Busy);
        assert_eq!(outcome(486, Some(16)), Outcome::Busy);
        assert_eq!(outcome(404, Some(3)), Outcome::InvalidNumber);
        assert_eq!(outcome(603, Some(127)), Outcome::Declined);
    }

    #[test]
    fn refused_credentials_are_the_carriers_fault_whatever_the_cause() {
        for status in [302, 401, 403, 407] {
            let said = meaning(word(status, Some(21)));
            assert_eq!((said.outcome, said.fault), (Outcome::Failed, Fault::Carrier), "{status}");
        }
    }

    #[test]
    fn a_487_belongs_to_who_asked_for_it() {
        let cancelled = LastWord { hung_up: true, rang: true, ..word(487, None) };
        assert_eq!(meaning(cancelled).outcome, Outcome::Cancelled);
        assert_eq!(outcome(487, None), Outcome::NoAnswer);
    }

    #[test]
    fn only_a_carrier_that_failed_before_ringing_lets_another_try() {
        for status in [408, 500, 502, 503, 504] {
            assert!(may_fail_over(word(status, None)), "{status}");
        }
        assert!(may_fail_over(LastWord::default()));
        for status in [302, 401, 403, 404, 480, 486, 487, 488, 600, 603, 604, 607, 608] {
            assert!(!may_fail_over(word(status, None)), "{status}");
        }
        assert!(!may_fail_over(LastWord { rang: true, ..word(503, None) }));
        assert!(!may_fail_over(LastWord { hung_up: true, ..word(503, None) }));
        assert!(!may_fail_over(word(503, Some(17))), "the callee was reached");
        assert!(!may_fail_over(word(480, Some(34))), "a 4xx that a gateway made of congestion");
    }

    #[test]
    fn silence_after_a_100_is_the_carriers_and_after_a_180_is_no_answer() {
        let silence = LastWord { hung_up: true, ..LastWord::default() };
        assert_eq!(meaning(silence).fault, Fault::Carrier);
        assert_eq!(meaning(LastWord { rang: true, ..silence }).outcome, Outcome::Cancelled);
        let own = LastWord { rang: true, hung_up: false, ..silence };
        assert_eq!(meaning(own).outcome, Outcome::NoAnswer);
    }

    #[test]
    fn a_block_by_the_network_is_not_a_persons_no() {
        let blocked = LastWord { by_analytics: true, ..word(603, Some(21)) };
        let said = meaning(blocked);
        assert_eq!((said.outcome, said.fault), (Outcome::Blocked, Fault::Network));
        assert!(!may_fail_over(blocked), "a block is not dodged by another trunk");
        assert_eq!(outcome(603, Some(21)), Outcome::Declined);
        assert_eq!(outcome(608, Some(21)), Outcome::Blocked);
        assert_eq!(meaning(word(607, None)).fault, Fault::Callee);
    }

    #[test]
    fn what_the_far_end_had_said_is_believed_before_what_was_made_of_it() {
        let told = LastWord { sip_cause: Some(486), ..word(500, None) };
        assert_eq!(meaning(told).outcome, Outcome::Busy);
        assert!(!may_fail_over(told));
        let nonsense = LastWord { sip_cause: Some(200), ..word(404, None) };
        assert_eq!(meaning(nonsense).outcome, Outcome::InvalidNumber);
    }
}
