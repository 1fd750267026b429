//! What agents say of the detector's words: who was sent to them as a person and was a machine, and
//! who was called a machine, sent to them all the same, and was a person. A detector whose words are
//! contradicted more than they used to be hears other calls than it was fitted to: an alarm.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::caller_ids::is_significantly_lower;
use super::{Dialer, Notice};
use crate::compliance::Answer;
use crate::domain::{CampaignId, Disposition, Misjudged, VerdictKind};

/// The words that are compared with all that came before.
const RECENT: usize = 100;
/// The alarm is over when the recent share is no higher than this many times the one before.
const CALM: f64 = 1.2;

/// Agents' words of one campaign, since the start of the process.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// Said of and contradicted, of all but the recent ones.
    before: (u32, u32),
    recent: VecDeque<bool>,
    drifts: bool,
    /// Of those who were called machines and sent to agents all the same: over 30 days, where the
    /// books have them.
    misjudged: Misjudged,
    /// People among the machines who are still to be counted: less than one.
    owed: f64,
    /// Kept from agents while there were too few samples to tell; counted once there are enough.
    untold: u64,
}

/// How agents have found the detector's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct DetectorView {
    /// Words of the detector that agents have said something of.
    pub judged: u32,
    /// Of these, contradicted.
    pub contradicted: u32,
    /// The last of them, at most 100.
    pub recent: u32,
    /// Of these, contradicted.
    pub recent_contradicted: u32,
    /// Contradicted significantly more than before: an alarm.
    pub drifts: bool,
}

impl Words {
    /// Takes what the books have of the samples.
    pub(super) fn restore(&mut self, misjudged: Misjudged) {
        self.misjudged = misjudged;
        self.untold = if misjudged.is_told() { 0 } else { misjudged.kept };
    }

    /// One more was called a machine and kept from agents: how many more people are among them, by
    /// the samples.
    fn keep(&mut self) -> u64 {
        self.untold += 1;
        let Some(share) = self.misjudged.share().filter(|_| self.misjudged.is_told()) else {
            return 0;
        };
        self.owed += share.share * std::mem::take(&mut self.untold) as f64;
        let people = self.owed.floor();
        self.owed -= people;
        people as u64
    }

    /// An agent has said whether the detector was right. True when the alarm begins.
    fn hear(&mut self, contradicted: bool) -> bool {
        self.recent.push_back(contradicted);
        if self.recent.len() > RECENT
            && let Some(old) = self.recent.pop_front()
        {
            self.before = (self.before.0 + 1, self.before.1 + u32::from(old));
        }
        let view = self.view();
        let before = (self.before.0, self.before.0 - self.before.1);
        let recent = (view.recent, view.recent - view.recent_contradicted);
        let share = |(of, right): (u32, u32)| f64::from(of - right) / f64::from(of.max(1));
        let was = self.drifts;
        self.drifts =
            is_significantly_lower(recent, before) || was && share(recent) > CALM * share(before);
        self.drifts && !was
    }

    pub(super) fn view(&self) -> DetectorView {
        let recent_contradicted = self.recent.iter().filter(|it| **it).count() as u32;
        let recent = self.recent.len() as u32;
        DetectorView {
            judged: self.before.0 + recent,
            contradicted: self.before.1 + recent_contradicted,
            recent,
            recent_contradicted,
            drifts: self.drifts,
        }
    }
}

/// A word of the detector that an agent may contradict.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Heard {
    pub(super) kind: VerdictKind,
    /// Called a machine and sent to an agent all the same.
    pub(super) sampled: bool,
}

impl Dialer {
    /// A call that was called a machine, and kept from agents, is over: of so many one was a person,
    /// who counts as abandoned where the campaign counts them. Nobody knows which.
    pub(super) fn keep_from_agents(&mut self, campaign: CampaignId, answered_at: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&campaign) else { return };
        if !run.campaign.answers.counts_misjudged {
            return;
        }
        let people = run.words.keep();
        for _ in 0..people {
            run.tally.add(Answer::Abandoned, answered_at);
        }
        if people > 0 {
            run.tell_windows();
        }
    }

    /// What the agent's disposition says of the detector's word.
    pub(super) fn hear_word(
        &mut self,
        campaign: CampaignId,
        heard: Option<Heard>,
        said: &Disposition,
    ) {
        let Some(run) = self.campaigns.get_mut(&campaign) else { return };
        let Some(Heard { kind, sampled }) = heard else { return };
        let met_machine = run.campaign.is_machine(said);
        let contradicted = match (kind, sampled) {
            (VerdictKind::Human, _) => met_machine,
            (_, true) => !met_machine,
            // Taken back, or left to the agent who was told.
            (_, false) => return,
        };
        if sampled {
            run.words.misjudged.sampled += 1;
            run.words.misjudged.people += u64::from(contradicted);
        }
        if run.words.hear(contradicted) {
            let view = run.words.view();
            self.notify(Notice::DetectorDrifts { campaign, view });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many words, of which every `nth` is contradicted; whether an alarm began.
    fn hear(words: &mut Words, count: u32, nth: u32) -> bool {
        let mut alarm = false;
        for word in 1..=count {
            alarm |= words.hear(word.is_multiple_of(nth));
        }
        alarm
    }

    #[test]
    fn words_that_are_contradicted_more_than_before_are_an_alarm_once_and_until_it_is_over() {
        let mut words = Words::default();
        assert!(!hear(&mut words, 600, 25), "four percent, as ever");
        assert!(hear(&mut words, 100, 4), "a quarter of the last hundred");
        assert!(words.view().drifts);
        assert!(!hear(&mut words, 50, 4), "told once");
        hear(&mut words, 300, 25);
        assert!(!words.view().drifts, "{:?}", words.view());
    }

    #[test]
    fn of_those_kept_from_agents_as_many_are_people_as_among_the_samples() {
        let kept = |sampled, people| {
            let mut words = Words::default();
            words.restore(Misjudged { kept: 0, sampled, people });
            (0..1_000).map(|_| words.keep()).sum::<u64>()
        };
        assert!((49..=50).contains(&kept(100, 5)), "{}", kept(100, 5));
        assert_eq!(kept(10, 5), 0, "too few samples");
        let mut words = Words::default();
        words.restore(Misjudged { kept: 99, sampled: 19, people: 1 });
        assert_eq!(words.keep(), 0, "a hundred wait to be told");
        words.misjudged.sampled += 1;
        assert_eq!(words.keep(), 5, "one in twenty of them and of this one");
        assert_eq!((0..20).map(|_| words.keep()).sum::<u64>(), 1, "and of those who come after");
    }

    #[test]
    fn chance_is_no_alarm() {
        let mut words = Words::default();
        assert!(!hear(&mut words, 500, 20));
        assert!(!hear(&mut words, 100, 12), "eight of a hundred after five");
    }
}
