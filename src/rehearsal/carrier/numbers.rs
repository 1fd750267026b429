//! What the called numbers are, and how many are what.

use serde::Deserialize;

/// Shares of the called numbers; they add up to 1.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "WrittenNumbers")]
pub struct Numbers {
    shares: [f64; Answer::ALL.len()],
}

/// What a called number turns out to be.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Answer {
    /// 486, Q.850 cause 17.
    Busy,
    /// 603, Q.850 cause 21.
    Declined,
    /// 503, Q.850 cause 34: the carrier has no circuit.
    Failed,
    /// Answers with CED.
    Fax,
    /// Answers with a greeting and a beep, and records.
    Machine,
    /// Rings until the caller gives up.
    NoAnswer,
    /// Answers, says hello, and waits.
    Person,
    /// Answers and says nothing.
    Silence,
    /// Special information tones and an announcement in early media, then 404, Q.850 cause 1.
    Vacant,
}

impl Default for Numbers {
    fn default() -> Self {
        // In the order of `Answer::ALL`.
        Self { shares: [0.06, 0.02, 0.02, 0.02, 0.26, 0.24, 0.32, 0.01, 0.05] }
    }
}

impl Numbers {
    /// Every number is the same.
    pub fn only(answer: Answer) -> Self {
        let mut shares = [0.0; Answer::ALL.len()];
        shares[answer as usize] = 1.0;
        Self { shares }
    }

    /// The share of one kind, 0 to 1.
    pub fn share(&self, answer: Answer) -> f64 {
        self.shares[answer as usize]
    }

    /// What the number at `place` (0 to 1) of all numbers is.
    pub(super) fn at(&self, place: f64) -> Answer {
        let mut end = 0.0;
        let reached = |answer: &Answer| {
            end += self.share(*answer);
            place < end
        };
        // Shares that add up to a hair below 1 leave no place for nobody.
        Answer::ALL.into_iter().find(reached).unwrap_or(Answer::NoAnswer)
    }
}

impl Answer {
    /// Every kind, in order.
    pub const ALL: [Answer; 9] = [
        Answer::Busy,
        Answer::Declined,
        Answer::Failed,
        Answer::Fax,
        Answer::Machine,
        Answer::NoAnswer,
        Answer::Person,
        Answer::Silence,
        Answer::Vacant,
    ];

    /// The word in the file and in the output.
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Busy => "busy",
            Answer::Declined => "declined",
            Answer::Failed => "failed",
            Answer::Fax => "fax",
            Answer::Machine => "machine",
            Answer::NoAnswer => "no_answer",
            Answer::Person => "person",
            Answer::Silence => "silence",
            Answer::Vacant => "vacant",
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenNumbers {
    busy: f64,
    declined: f64,
    failed: f64,
    fax: f64,
    machine: f64,
    no_answer: f64,
    person: f64,
    silence: f64,
    vacant: f64,
}

impl TryFrom<WrittenNumbers> for Numbers {
    type Error = String;

    fn try_from(written: WrittenNumbers) -> Result<Self, String> {
        let shares = Answer::ALL.map(|answer| match answer {
            Answer::Busy => written.busy,
            Answer::Declined => written.declined,
            Answer::Failed => written.failed,
            Answer::Fax => written.fax,
            Answer::Machine => written.machine,
            Answer::NoAnswer => written.no_answer,
            Answer::Person => written.person,
            Answer::Silence => written.silence,
            Answer::Vacant => written.vacant,
        });
        for answer in Answer::ALL {
            let share = shares[answer as usize];
            if !(0.0..=1.0).contains(&share) {
                return Err(format!("{answer} must be a share between 0 and 1, not {share}"));
            }
        }
        let sum: f64 = shares.iter().sum();
        if (sum - 1.0).abs() > 1e-6 {
            return Err(format!("the shares must add up to 1, these add up to {sum:.4}"));
        }
        Ok(Self { shares })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_share_of_the_numbers() {
        let numbers = Numbers::default();
        for answer in Answer::ALL {
            let hits = (0..10_000).filter(|n| numbers.at(f64::from(*n) / 1e4) == answer).count();
            assert!((hits as f64 / 1e4 - numbers.share(answer)).abs() < 1e-3, "{answer}");
            assert_eq!(Numbers::only(answer).at(0.999), answer);
        }
        assert_eq!(numbers.at(1.0), Answer::NoAnswer);
    }
}
