//! What was decided of a campaign, and why: the decisions of the last minutes.

use std::collections::VecDeque;
use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};

use super::Dialer;
use super::campaign::Standing;
use crate::domain::CampaignId;
use crate::pacing::{Explanation, Floor};

/// At most this many are kept of a campaign.
const DECISIONS_MAX: usize = 2_000;

/// And none for longer.
const KEPT: SignedDuration = SignedDuration::from_mins(10);

/// The same kind of decision, to do nothing, is told again after this.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// A decision about a campaign, with what it was made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecisionTaken {
    /// When.
    pub at: Timestamp,
    /// What the pacer saw.
    pub floor: Floor,
    /// Calls placed.
    pub placed: u32,
    /// Ringing calls that were given up.
    pub given_up: u32,
    pub(super) standing: Standing,
}

impl DecisionTaken {
    /// Calls that the pacer wanted.
    pub fn calls(&self) -> u32 {
        self.standing.calls()
    }

    /// The pacer's numbers; `None` when something else decided.
    pub fn explanation(&self) -> Option<Explanation> {
        match self.standing {
            Standing::Dialing { explanation, .. } => Some(explanation),
            Standing::BooksBehind
            | Standing::ClockMoved
            | Standing::Draining
            | Standing::LinesFail { .. }
            | Standing::NoAgent
            | Standing::NoLead { .. }
            | Standing::OffShift { .. }
            | Standing::Paused
            | Standing::Stopped => None,
        }
    }

    /// One sentence for people.
    pub fn sentence(&self) -> String {
        let mut sentence = self.standing.to_string();
        if self.placed > 0 && self.placed != self.calls() {
            let _ = write!(sentence, ", {} placed", self.placed);
        }
        if self.given_up > 0 {
            let _ = write!(sentence, ", {} that rang given up", self.given_up);
        }
        sentence
    }

    /// Whether it says something that the one before does not: an act, another kind of reason, or,
    /// now and then, other numbers.
    fn is_worth_telling_after(&self, before: &Self) -> bool {
        if self.placed > 0 || self.given_up > 0 {
            return true;
        }
        let kinds = |taken: &Self| {
            let explanation = taken.explanation();
            (
                std::mem::discriminant(&taken.standing),
                explanation.as_ref().map(std::mem::discriminant),
            )
        };
        kinds(self) != kinds(before)
            || self.standing != before.standing && self.at.duration_since(before.at) >= AGAIN
    }
}

/// The decisions of the last minutes, oldest first.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<DecisionTaken>);

impl History {
    pub(super) fn push(&mut self, taken: DecisionTaken) {
        if self.0.back().is_some_and(|before| !taken.is_worth_telling_after(before)) {
            return;
        }
        let old = |first: &DecisionTaken| taken.at.duration_since(first.at) > KEPT;
        while self.0.len() >= DECISIONS_MAX || self.0.front().is_some_and(old) {
            self.0.pop_front();
        }
        self.0.push_back(taken);
    }

    fn since(&self, since: Timestamp) -> Vec<DecisionTaken> {
        let from = self.0.partition_point(|taken| taken.at < since);
        self.0.range(from..).copied().collect()
    }
}

impl Dialer {
    /// The decisions about a campaign at `since` and later, oldest first: those that did something,
    /// and of the others one a second at most while only their numbers change. Ten minutes are
    /// kept, or the last 2,000. `None` when there is no such campaign.
    pub fn decisions(&self, campaign: CampaignId, since: Timestamp) -> Option<Vec<DecisionTaken>> {
        self.campaigns.get(&campaign).map(|run| run.history.since(since))
    }

    /// The campaign of that name.
    pub fn campaign_named(&self, name: &str) -> Option<CampaignId> {
        let named = self.campaigns.iter().find(|(_, run)| run.campaign.name == name);
        named.map(|(id, _)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialer::testing::at;

    fn dialing(s: i64, ready: u32, placed: u32) -> DecisionTaken {
        let explanation = Explanation::Progressive { guard: None, ready, in_progress: 0 };
        DecisionTaken {
            at: at(s),
            floor: Floor { ready, ..Floor::default() },
            placed,
            given_up: 0,
            standing: Standing::Dialing { calls: placed, explanation },
        }
    }

    fn other(s: i64, standing: Standing) -> DecisionTaken {
        DecisionTaken { standing, ..dialing(s, 0, 0) }
    }

    #[test]
    fn acts_and_changes_are_kept_and_repetitions_are_not() {
        let mut history = History::default();
        history.push(dialing(0, 1, 1));
        history.push(dialing(0, 1, 1));
        history.push(dialing(0, 0, 0));
        history.push(dialing(1, 0, 0));
        history.push(dialing(1, 0, 0));
        history.push(dialing(2, 1, 0));
        history.push(other(2, Standing::Paused));
        history.push(other(9, Standing::Paused));
        let kept = history.since(at(0));
        let seconds: Vec<i64> =
            kept.iter().map(|taken| taken.at.duration_since(at(0)).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 1, 2, 2]);
        assert_eq!(kept[4].sentence(), "the campaign is paused");
        assert_eq!(history.since(at(2)).len(), 2);
    }

    #[test]
    fn it_is_bounded_by_number_and_by_time() {
        let mut history = History::default();
        (0..5_000).for_each(|_| history.push(dialing(0, 1, 1)));
        assert_eq!(history.since(at(0)).len(), DECISIONS_MAX);
        history.push(dialing(601, 1, 1));
        assert_eq!(history.since(at(0)).len(), 1);
    }

    #[test]
    fn the_sentence_says_what_was_not_done() {
        let taken = DecisionTaken { placed: 1, given_up: 2, ..dialing(0, 3, 3) };
        let sentence = "3 agents ready, 0 calls on the way: dial 3, 1 placed, 2 that rang given up";
        assert_eq!(taken.sentence(), sentence);
    }
}
