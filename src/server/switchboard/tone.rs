//! What the network's tones mean for a call that has not been answered. A network that says by tones
//! in early media what it has no response for is believed as its response would be.

use crate::amd::{Progress, Signal, Special};
use crate::domain::{Fault, Outcome};

/// How a call ends of which this is heard before the answer, and whose fault that is; `None` when
/// it goes on.
pub(super) fn meaning(signal: Signal) -> Option<(Outcome, Fault)> {
    match signal {
        // As 486.
        Signal::Progress(Progress::Busy) => Some((Outcome::Busy, Fault::Callee)),
        // As 503, Q.850 causes 34 and 42.
        Signal::Progress(Progress::Reorder)
        | Signal::Special(Special::NoCircuit | Special::Reorder) => {
            Some((Outcome::Failed, Fault::Carrier))
        }
        // As 404, Q.850 causes 1 and 22.
        Signal::Progress(Progress::Unobtainable)
        | Signal::Special(Special::Intercept | Special::VacantCode) => {
            Some((Outcome::InvalidNumber, Fault::Callee))
        }
        // Nobody is reached, and only the announcement says why: the number is tried again, but
        // not for ever.
        Signal::Special(Special::IneffectiveOther | Special::Unspecified) => {
            Some((Outcome::Failed, Fault::Callee))
        }
        Signal::Beep
        | Signal::Data(_)
        | Signal::Progress(Progress::DialTone | Progress::Ringback) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vacant_number_is_the_callees_and_congestion_the_carriers() {
        let vacant = Some((Outcome::InvalidNumber, Fault::Callee));
        assert_eq!(meaning(Signal::Special(Special::VacantCode)), vacant);
        assert_eq!(meaning(Signal::Special(Special::Intercept)), vacant);
        let congestion = Some((Outcome::Failed, Fault::Carrier));
        assert_eq!(meaning(Signal::Progress(Progress::Reorder)), congestion);
        assert_eq!(meaning(Signal::Special(Special::NoCircuit)), congestion);
        let busy = Some((Outcome::Busy, Fault::Callee));
        assert_eq!(meaning(Signal::Progress(Progress::Busy)), busy);
    }

    #[test]
    fn while_it_rings_the_call_goes_on() {
        assert_eq!(meaning(Signal::Progress(Progress::Ringback)), None);
    }
}
