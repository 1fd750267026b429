//! Whether who calls may show the number: what signatures and carriers say of it (STIR).

use serde::{Deserialize, Serialize};

/// What is known of a caller's number. A call of which nobody says anything has none.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallerCheck {
    /// The carrier has checked, and it does not hold (`verstat`, 3GPP TS 24.229 §7.2A.20).
    CarrierFailed,
    /// The carrier has checked, and it holds.
    CarrierPassed,
    /// Signed, and the signature is wrong, old, of nobody trusted, or of another call (RFC 8224 §6.2).
    Failed,
    /// Verified here: the signer knows the caller, who may use the number (RFC 8588 §4).
    PassedA,
    /// Verified here: the signer knows the caller.
    PassedB,
    /// Verified here: the signer knows no more than where the call came in.
    PassedC,
    /// Signed by a certificate that is not kept here, or in a way that is not read.
    Unchecked,
}

impl CallerCheck {
    /// Its word in the books and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CarrierFailed => "carrier_failed",
            Self::CarrierPassed => "carrier_passed",
            Self::Failed => "failed",
            Self::PassedA => "passed_a",
            Self::PassedB => "passed_b",
            Self::PassedC => "passed_c",
            Self::Unchecked => "unchecked",
        }
    }

    /// What its word stands for.
    pub fn parse(text: &str) -> Option<Self> {
        const ALL: [CallerCheck; 7] = [
            CallerCheck::CarrierFailed,
            CallerCheck::CarrierPassed,
            CallerCheck::Failed,
            CallerCheck::PassedA,
            CallerCheck::PassedB,
            CallerCheck::PassedC,
            CallerCheck::Unchecked,
        ];
        ALL.into_iter().find(|check| check.as_str() == text)
    }
}
