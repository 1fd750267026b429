//! The detector's deadline. A person must have an agent within the campaign's time from the end of
//! the greeting (47 CFR 64.1200(a)(7)) or from the answer (UK), and what the detector takes of that
//! time is lost to everybody: screening that ends too late is an abandonment that no pacing mends.
//! So the detector is told, call by call, until when its word can still be of use; who is undecided
//! by then is a person.
//!
//! While somebody still speaks the greeting is not over, and the clock from its end does not run: a
//! machine may be listened to for the campaign's whole time.

use jiff::SignedDuration;

use super::lag::Lag;
use crate::domain::{AmdDeadline, Campaign, Listening, Share, Verdict, WaitFrom};

/// How late a word may come after the audio that it speaks of, before it is measured: the first
/// packets' way, a frame, a buffer.
const LATENESS_MS: i64 = 150;

/// How long it takes to join two legs, before it is measured.
const JOIN_MS: i64 = 100;

/// So many must have been seen to be believed.
const LEAST: f32 = 200.0;

/// The share of calls whose delays the margin covers.
const COVERED: f64 = 0.995;

/// Less time than this is none: a detector hears something of every call.
const SHORTEST: SignedDuration = SignedDuration::from_millis(200);

/// How long the detector may listen.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadline {
    limit: Option<SignedDuration>,
    is_legal: bool,
    on: SignedDuration,
    likely: Option<Share>,
    wait_max: SignedDuration,
    wait_from: WaitFrom,
    lateness: Lag,
    joining: Lag,
}

impl Deadline {
    /// The deadline of a campaign, nothing measured.
    pub fn new(campaign: &Campaign) -> Self {
        let mut deadline = Self {
            limit: None,
            is_legal: true,
            on: SignedDuration::ZERO,
            likely: None,
            wait_max: SignedDuration::ZERO,
            wait_from: WaitFrom::default(),
            lateness: Lag::default(),
            joining: Lag::default(),
        };
        deadline.configure(campaign);
        deadline
    }

    /// Other settings; what is measured stays.
    pub fn configure(&mut self, campaign: &Campaign) {
        self.limit = campaign.amd.limit();
        // Who is connected at the answer waits for nobody's word.
        self.is_legal = campaign.amd.is_first() && campaign.amd_deadline == AmdDeadline::Legal;
        self.on = campaign.answers.listens_on;
        self.likely = campaign.answers.likely_person.filter(|_| campaign.amd.is_first());
        (self.wait_max, self.wait_from) = (campaign.wait_max, campaign.wait_from);
    }

    /// The detector's word came so long after the answer.
    pub fn heard(&mut self, after: SignedDuration, verdict: &Verdict) {
        self.lateness.add(after.as_millis() - i128::from(verdict.at_ms));
    }

    /// It took so long to join a person's leg with an agent's.
    pub fn joined(&mut self, took: SignedDuration) {
        self.joining.add(took.as_millis());
    }

    /// How long the detector may listen to the next call; `None` when there is none.
    pub fn listening(&self) -> Option<Listening> {
        let Self { on, likely, .. } = *self;
        let limit = self.limit?;
        if !self.is_legal {
            return Some(Listening { limit, after_greeting: limit, on, likely });
        }
        let left = (self.wait_max - self.margin()).max(SHORTEST);
        let after_greeting = limit.min(left);
        let limit = match self.wait_from {
            WaitFrom::Answer => after_greeting,
            WaitFrom::GreetingEnd => limit,
        };
        Some(Listening { limit, after_greeting, on, likely })
    }

    /// What the word takes to arrive, and the legs to be joined.
    fn margin(&self) -> SignedDuration {
        let lateness = self.lateness.within_ms(COVERED, LEAST).unwrap_or(LATENESS_MS);
        let joining = self.joining.within_ms(COVERED, LEAST).unwrap_or(JOIN_MS);
        SignedDuration::from_millis(lateness + joining)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Amd, PacingMode, VerdictKind};
    use crate::pacing::testing::campaign;

    fn ms(ms: i64) -> SignedDuration {
        SignedDuration::from_millis(ms)
    }

    fn listening(limit_ms: i64, after_ms: i64) -> Listening {
        let (limit, after_greeting) = (ms(limit_ms), ms(after_ms));
        Listening { limit, after_greeting, on: ms(10_000), likely: None }
    }

    fn with(wait_from: WaitFrom, limit: SignedDuration) -> Deadline {
        let amd = Amd::BeforeConnect { limit };
        Deadline::new(&Campaign { wait_from, amd, ..campaign(PacingMode::Progressive) })
    }

    #[test]
    fn two_seconds_after_the_greeting_leave_the_detector_what_the_bridge_does_not_need() {
        let heard = with(WaitFrom::GreetingEnd, ms(6_000)).listening();
        let wanted = listening(6_000, 1_750);
        assert_eq!(heard, Some(wanted), "who speaks on may be listened to");
    }

    #[test]
    fn two_seconds_after_the_answer_are_the_whole_time() {
        let heard = with(WaitFrom::Answer, ms(3_000)).listening();
        assert_eq!(heard, Some(listening(1_750, 1_750)));
        let shorter = with(WaitFrom::Answer, ms(800)).listening();
        assert_eq!(shorter, Some(listening(800, 800)));
    }

    #[test]
    fn a_slow_line_takes_its_part_of_the_time_and_a_fast_one_gives_it_back() {
        let word = |at_ms| Verdict {
            kind: VerdictKind::Human,
            probability: 0.9,
            at_ms,
            greeting_end_ms: None,
        };
        let after = |lateness: i64, joining: i64| {
            let mut deadline = with(WaitFrom::Answer, ms(3_000));
            for _ in 0..200 {
                deadline.heard(ms(1_000 + lateness), &word(1_000));
                deadline.joined(ms(joining));
            }
            deadline.listening().unwrap().limit
        };
        assert_eq!(after(390, 90), ms(1_500));
        assert_eq!(after(0, 5), ms(1_960));
    }

    #[test]
    fn without_a_deadline_the_detector_has_the_campaign_s_time() {
        let amd_deadline = AmdDeadline::None;
        let campaign = Campaign { amd_deadline, ..campaign(PacingMode::Progressive) };
        let whole = listening(3_000, 3_000);
        assert_eq!(Deadline::new(&campaign).listening(), Some(whole));
        let off = Campaign { amd: Amd::Off, ..campaign };
        assert_eq!(Deadline::new(&off).listening(), None);
    }
}
