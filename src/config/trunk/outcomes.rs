//! `[[trunks.NAME.outcomes]]`: what a word means from this trunk, where it means something else than
//! from everybody.

use toml::Spanned;

use super::super::section::Section;
use super::super::spelling::nearest;
use crate::domain::{Fault, Outcome};
use crate::trunk::{Outcomes, Word};

const FAULTS: [(&str, Fault); 4] = [
    ("callee", Fault::Callee),
    ("carrier", Fault::Carrier),
    ("network", Fault::Network),
    ("us", Fault::Us),
];

/// The built-in table with what the trunk says.
pub(super) fn read(sections: Vec<Section<'_>>) -> Outcomes {
    let mut table = Outcomes::built_in().clone();
    for mut section in sections {
        let word = word(&mut section);
        for (key, example) in [("outcome", "\"no_answer\""), ("fault", "\"callee\"")] {
            if !section.has(key) {
                section.missing(key, example);
            }
        }
        let outcome = section.text("outcome").and_then(|text| outcome(&section, &text));
        let fault = section.text("fault").and_then(|text| {
            let known = FAULTS.iter().find(|(word, _)| word == text.get_ref());
            if known.is_none() {
                let message = format!("no fault is called {}", text.get_ref());
                section.fault(text.span(), message, "write callee, carrier, network or us");
            }
            known.map(|(_, fault)| *fault)
        });
        section.finish();
        if let (Some(word), Some(outcome), Some(fault)) = (word, outcome, fault) {
            table.say(word, outcome, fault);
        }
    }
    table
}

/// `status = 503` or `q850 = 34`, one of them.
fn word(section: &mut Section<'_>) -> Option<Word> {
    match (section.has("status"), section.has("q850")) {
        (false, false) => section.missing("status", "503, or q850 = 34"),
        (true, true) => {
            section.fault(section.span(), "both status and q850", "write a table for each");
        }
        (true, false) | (false, true) => {}
    }
    let status = section.integer("status", 300..=699_u16).map(Word::Status);
    let cause = section.integer("q850", 1..=127_u8).map(Word::Cause);
    status.or(cause)
}

/// An outcome that a call without an answer may have.
fn outcome(section: &Section<'_>, text: &Spanned<String>) -> Option<Outcome> {
    const UNANSWERED: [Outcome; 6] = [
        Outcome::Blocked,
        Outcome::Busy,
        Outcome::Declined,
        Outcome::Failed,
        Outcome::InvalidNumber,
        Outcome::NoAnswer,
    ];
    let found = UNANSWERED.into_iter().find(|outcome| outcome.as_str() == text.get_ref());
    if found.is_none() {
        let known = UNANSWERED.map(Outcome::as_str);
        let remedy = match nearest(text.get_ref(), known) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}", known.join(", ")),
        };
        let message = format!("no call that is not answered ends as {}", text.get_ref());
        section.fault(text.span(), message, remedy);
    }
    found
}
