//! What the network's tones mean for a call that has not been answered. A network that says by tones
//! in early media what it has no response for is believed as its response would be: the tones have
//! their rows in the outcome table.

use crate::amd::{Progress, Signal, Special};
use crate::domain::{Fault, Outcome};
use crate::trunk::{Outcomes, Tone, Word};

/// How a call ends of which this is heard before the answer, and whose fault that is; `None` when
/// it goes on.
pub(super) fn meaning(signal: Signal) -> Option<(Outcome, Fault)> {
    let tone = match signal {
        Signal::Progress(Progress::Busy) => Tone::Busy,
        Signal::Progress(Progress::Reorder) => Tone::Reorder,
        Signal::Progress(Progress::Unobtainable) => Tone::Unobtainable,
        Signal::Special(Special::IneffectiveOther) => Tone::IneffectiveOther,
        Signal::Special(Special::Intercept) => Tone::Intercept,
        Signal::Special(Special::NoCircuit) => Tone::NoCircuit,
        Signal::Special(Special::Reorder) => Tone::SpecialReorder,
        Signal::Special(Special::Unspecified) => Tone::Unspecified,
        Signal::Special(Special::VacantCode) => Tone::VacantCode,
        Signal::Beep
        | Signal::Data(_)
        | Signal::Progress(Progress::DialTone | Progress::Ringback) => return None,
    };
    let said = Outcomes::built_in().of(Word::Tone(tone))?;
    Some((said.outcome, said.fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vacant_number_is_the_callees_and_congestion_the_networks() {
        let vacant = Some((Outcome::InvalidNumber, Fault::Callee));
        assert_eq!(meaning(Signal::Special(Special::VacantCode)), vacant);
        assert_eq!(meaning(Signal::Special(Special::Intercept)), vacant);
        let congestion = Some((Outcome::Failed, Fault::Network));
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
