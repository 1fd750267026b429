//! What exempts a call from a rule.

use crate::domain::ConsentKind;

/// What exempts a call from a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Exemption {
    /// An agent is held for this very call, so that nobody is left alone.
    AgentReserved,
    /// The person has consented, in one of these ways.
    Consent {
        /// Which.
        kinds: Vec<ConsentKind>,
        /// Also to calls outside the lawful hours.
        off_hours: bool,
    },
    /// The call rests on a legitimate interest, and the last dealing is no older.
    LegitimateInterest {
        /// In calendar months, the last day included.
        months: i32,
    },
    /// The lead carries the mark.
    Mark(String),
    /// A debtor's own consent, given less than so many calendar days ago, the day of it the first;
    /// the next conversation ends it (12 CFR 1006.14(b)(3)(i)).
    PriorConsent {
        /// How many.
        days: i64,
    },
    /// An established business relationship; a request not to be called ends it.
    Relationship {
        /// Calendar months after a purchase, the last day included.
        transaction_months: i32,
        /// The same, after an inquiry or an application.
        inquiry_months: i32,
    },
}

impl Exemption {
    /// What it is, in words for people.
    pub fn words(&self) -> String {
        match self {
            Exemption::AgentReserved => "an agent is held for this call".to_owned(),
            Exemption::Consent { off_hours: true, .. } => {
                "the person has consented to calls outside the hours".to_owned()
            }
            Exemption::Consent { .. } => "the person has consented".to_owned(),
            Exemption::LegitimateInterest { months } => {
                format!("a legitimate interest, with a dealing in the last {months} months")
            }
            Exemption::Mark(mark) => format!("the lead is marked {mark:?}"),
            Exemption::PriorConsent { days } => {
                format!("the debtor's own consent of the last {days} days")
            }
            Exemption::Relationship { transaction_months, inquiry_months } => format!(
                "a business relationship ({transaction_months} months after a purchase, \
                 {inquiry_months} after an inquiry)"
            ),
        }
    }
}
