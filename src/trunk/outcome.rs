//! What a call's last SIP word means: a table of final responses (RFC 3261 §21 and its extensions)
//! and one of Q.850 causes (carried in a Reason header, RFC 3326), each row with its source.
//!
//! A cause that is in its table is believed before the status: gateways squeeze some 50 causes into
//! a dozen responses (RFC 3398 §8.2.6.1), so the cause says more. Causes that say nothing (16 normal
//! clearing, 31 normal, 127 interworking) or mean different things at different carriers (3 no route
//! to destination) are left out: there the status decides.

use crate::domain::{Fault, Outcome};

/// One row: what a final word means for a call that was never answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Meaning {
    /// How the call ended.
    pub outcome: Outcome,
    /// Whose fault it is. Only [`Fault::Callee`] uses up an attempt of the lead.
    pub fault: Fault,
    /// Where that is written.
    pub source: &'static str,
}

/// The last word on a call that was never answered, and what was known when it came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LastWord {
    /// The final response; `None` when none came in time (Timer B, or 64*T1 after a CANCEL).
    pub status: Option<u16>,
    /// The cause of its Reason header.
    pub q850: Option<u8>,
    /// A 180 or early media had come.
    pub rang: bool,
    /// We had asked for the end (CANCEL) before it came.
    pub hung_up: bool,
}

struct Row<K: 'static> {
    keys: &'static [K],
    meaning: Meaning,
}

const fn row<K>(
    keys: &'static [K],
    outcome: Outcome,
    fault: Fault,
    source: &'static str,
) -> Row<K> {
    Row { keys, meaning: Meaning { outcome, fault, source } }
}

/// Final responses. What is not here is the carrier's failure: nobody was reached.
#[rustfmt::skip]
const RESPONSES: &[Row<u16>] = &[
    row(&[404],      Outcome::InvalidNumber, Fault::Callee,  "RFC 3261 §21.4.5 Not Found"),
    row(&[410],      Outcome::InvalidNumber, Fault::Callee,  "RFC 3261 §21.4.10 Gone"),
    row(&[433],      Outcome::Declined,      Fault::Callee,  "RFC 5079 Anonymity Disallowed"),
    row(&[480],      Outcome::NoAnswer,      Fault::Callee,  "RFC 3261 §21.4.18 Temporarily Unavailable"),
    row(&[484],      Outcome::InvalidNumber, Fault::Callee,  "RFC 3261 §21.4.22 Address Incomplete"),
    row(&[485],      Outcome::InvalidNumber, Fault::Callee,  "RFC 3261 §21.4.23 Ambiguous"),
    row(&[486],      Outcome::Busy,          Fault::Callee,  "RFC 3261 §21.4.24 Busy Here"),
    row(&[487],      Outcome::NoAnswer,      Fault::Callee,  "RFC 3261 §21.4.25 Request Terminated, and not by us: the carrier's own ring time"),
    row(&[600],      Outcome::Busy,          Fault::Callee,  "RFC 3261 §21.6.1 Busy Everywhere"),
    row(&[603],      Outcome::Declined,      Fault::Callee,  "RFC 3261 §21.6.2 Decline"),
    row(&[604],      Outcome::InvalidNumber, Fault::Callee,  "RFC 3261 §21.6.3 Does Not Exist Anywhere"),
    row(&[607],      Outcome::Declined,      Fault::Callee,  "RFC 8197 Unwanted"),
    row(&[608],      Outcome::Declined,      Fault::Callee,  "RFC 8688 Rejected: by an analytics engine on the callee's behalf"),
];

/// Q.850 causes (ITU-T Q.850 (10/2018) §2.2), in the reading of RFC 3398 §8.2.6.1 where it has one.
#[rustfmt::skip]
const CAUSES: &[Row<u8>] = &[
    row(&[1],        Outcome::InvalidNumber, Fault::Callee,  "Q.850 §2.2.7.1 unallocated (unassigned) number"),
    row(&[2],        Outcome::Failed,        Fault::Carrier, "Q.850 §2.2.7.1 no route to specified transit network"),
    row(&[17],       Outcome::Busy,          Fault::Callee,  "Q.850 §2.2.7.1 user busy"),
    row(&[18, 19],   Outcome::NoAnswer,      Fault::Callee,  "Q.850 §2.2.7.1 no user responding, no answer from user (user alerted)"),
    row(&[20],       Outcome::NoAnswer,      Fault::Callee,  "Q.850 §2.2.7.1 subscriber absent"),
    row(&[21],       Outcome::Declined,      Fault::Callee,  "Q.850 §2.2.7.1 call rejected"),
    row(&[22],       Outcome::InvalidNumber, Fault::Callee,  "Q.850 §2.2.7.1 number changed"),
    row(&[27],       Outcome::Failed,        Fault::Carrier, "Q.850 §2.2.7.1 destination out of order"),
    row(&[28],       Outcome::InvalidNumber, Fault::Callee,  "Q.850 §2.2.7.1 invalid number format (address incomplete)"),
    row(&[34, 38],   Outcome::Failed,        Fault::Carrier, "Q.850 §2.2.7.2 no circuit available, network out of order"),
    row(&[41, 42, 43, 44, 47],
                     Outcome::Failed,        Fault::Carrier, "Q.850 §2.2.7.2 temporary failure, congestion, no resource"),
    row(&[58, 63, 65, 79, 88],
                     Outcome::Failed,        Fault::Carrier, "Q.850 §2.2.7.3-5 service or bearer not available, not implemented, incompatible"),
    row(&[102],      Outcome::Failed,        Fault::Carrier, "Q.850 §2.2.7.6 recovery on timer expiry"),
];

const CARRIER_FAILED: Meaning = Meaning {
    outcome: Outcome::Failed,
    fault: Fault::Carrier,
    source: "RFC 3261 §8.1.3.2 (an unknown final response is its class), §8.1.3.1 (none is a 408)",
};
const WE_CANCELLED: Meaning =
    Meaning { outcome: Outcome::Cancelled, fault: Fault::Us, source: "RFC 3261 §9.1" };
const RANG_OUT: Meaning =
    Meaning { outcome: Outcome::NoAnswer, fault: Fault::Callee, source: "RFC 3261 §13.3.1.1" };

fn find<K: PartialEq>(table: &[Row<K>], key: K) -> Option<Meaning> {
    table.iter().find(|row| row.keys.contains(&key)).map(|row| row.meaning)
}

impl LastWord {
    /// What it means.
    pub fn meaning(self) -> Meaning {
        match self.status {
            // The answer to our CANCEL (RFC 3261 §9.2).
            Some(487) if self.hung_up => WE_CANCELLED,
            // Credentials and redirects are between us and the carrier, whatever the Reason says:
            // no callee was asked. A 3xx is never followed (toll fraud by Contact).
            Some(300..=399 | 401 | 403 | 407) => CARRIER_FAILED,
            // Some carriers end a long ring with it (§21.4.9); without ringing it is a time-out.
            Some(408) if self.rang => self.ring_ran_out(),
            Some(status) => self
                .q850
                .and_then(|cause| find(CAUSES, cause))
                .or_else(|| find(RESPONSES, status))
                .unwrap_or(CARRIER_FAILED),
            None if self.rang => self.ring_ran_out(),
            None => CARRIER_FAILED,
        }
    }

    /// Whether another trunk may try: only where the carrier failed before anything rang. A callee,
    /// or a network that speaks for one, who has refused is never asked twice (RFC 3261 §16.7 step
    /// 5: a 6xx ends the search; for a dialer a 4xx from the far end does as well).
    pub fn may_fail_over(self) -> bool {
        let transient = matches!(self.status, None | Some(408 | 500..=599));
        transient && !self.rang && !self.hung_up && self.meaning().fault == Fault::Carrier
    }

    fn ring_ran_out(self) -> Meaning {
        if self.hung_up { WE_CANCELLED } else { RANG_OUT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(status: u16, q850: Option<u8>) -> LastWord {
        LastWord { status: Some(status), q850, rang: false, hung_up: false }
    }

    fn outcome(status: u16, q850: Option<u8>) -> Outcome {
        word(status, q850).meaning().outcome
    }

    #[test]
    fn no_response_and_no_cause_stands_in_two_rows() {
        let responses: Vec<u16> = RESPONSES.iter().flat_map(|row| row.keys).copied().collect();
        let causes: Vec<u8> = CAUSES.iter().flat_map(|row| row.keys).copied().collect();
        assert!(responses.is_sorted_by(|a, b| a < b), "{responses:?}");
        assert!(causes.is_sorted_by(|a, b| a < b), "{causes:?}");
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
            assert_eq!(word(status, Some(21)).meaning(), CARRIER_FAILED, "{status}");
        }
    }

    #[test]
    fn a_487_belongs_to_who_asked_for_it() {
        let cancelled = LastWord { hung_up: true, rang: true, ..word(487, None) };
        assert_eq!(cancelled.meaning(), WE_CANCELLED);
        assert_eq!(outcome(487, None), Outcome::NoAnswer);
    }

    #[test]
    fn only_a_carrier_that_failed_before_ringing_lets_another_try() {
        for status in [408, 500, 502, 503, 504] {
            assert!(word(status, None).may_fail_over(), "{status}");
        }
        assert!(LastWord { status: None, ..word(0, None) }.may_fail_over());
        for status in [302, 401, 403, 404, 480, 486, 487, 488, 600, 603, 604, 607, 608] {
            assert!(!word(status, None).may_fail_over(), "{status}");
        }
        assert!(!LastWord { rang: true, ..word(503, None) }.may_fail_over());
        assert!(!LastWord { hung_up: true, ..word(503, None) }.may_fail_over());
        assert!(!word(503, Some(17)).may_fail_over(), "the callee was reached");
    }

    #[test]
    fn silence_after_a_100_is_the_carriers_and_after_a_180_is_no_answer() {
        let silence = LastWord { status: None, q850: None, rang: false, hung_up: true };
        assert_eq!(silence.meaning(), CARRIER_FAILED);
        assert_eq!(LastWord { rang: true, ..silence }.meaning(), WE_CANCELLED);
        let own = LastWord { rang: true, hung_up: false, ..silence };
        assert_eq!(own.meaning().outcome, Outcome::NoAnswer);
    }
}
