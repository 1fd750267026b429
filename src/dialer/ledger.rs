//! The abandonment ledger of a campaign: its legal windows while the process runs, and its shift.
//! The store hands over what was counted before; the pacer holds every window under its limit.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::campaign::CampaignRun;
use super::{Dialer, Record};
use crate::compliance::{Answer, OnShift, Tally, WindowCount};
use crate::domain::{CallId, CampaignId, Misjudged, later};
use crate::pacing::{Observation, Window, WindowStanding, overrun};

/// How often what the pacer has learned is kept, besides at the end.
const KEEP_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// What the books hold of a campaign's abandonment ledger.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct LedgerSoFar {
    /// When its first call ever began.
    pub first_call_at: Option<Timestamp>,
    /// The windows that run, with what they have counted.
    pub windows: Vec<WindowCount>,
    /// What agents said of those who were called machines.
    #[serde(default)]
    pub misjudged: Misjudged,
}

/// A window of the abandonment ledger, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowView {
    /// `day`, `month`, `30 days`.
    pub window: String,
    /// Its first instant.
    pub begins_at: Timestamp,
    /// The first instant that is no longer in it.
    pub ends_at: Timestamp,
    /// The share of the people that may be abandoned, 0 to 1.
    pub limit: f64,
    /// People who answered.
    pub people: u64,
    /// Who of them had no agent in time.
    pub abandoned: u64,
    /// Abandoned, of the people; `None` before the first.
    pub rate: Option<f64>,
    /// People who may be abandoned now, one after the other, before the rate is above the limit.
    pub left: u64,
    /// People who will still answer, when they come as they have come in this window's shifts;
    /// `None` before the first.
    pub still_expected: Option<f64>,
    /// The probability that the window ends above its limit when people go on being abandoned as
    /// they were; `None` before the first. The pacer steers against it.
    pub overrun: Option<f64>,
}

impl Dialer {
    /// Counts a person of a call, once: in the totals, the windows, and with the pacer.
    pub(super) fn count_person(&mut self, call: CallId, answer: Answer, now: Timestamp) {
        let Some(call) = self.calls.get(&call) else { return };
        let (id, answered_at) = (call.campaign, call.answered_at.unwrap_or(now));
        if call.is_inbound {
            return self.count_caller(id, answer == Answer::Abandoned);
        }
        self.count_answer(id, answer, answered_at, now);
    }

    /// Counts a person who has called in: no law does, so that no window and no pacer hears of it.
    pub(super) fn count_caller(&mut self, id: CampaignId, abandoned: bool) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        run.totals.people += 1;
        run.totals.abandoned += u64::from(abandoned);
    }

    /// The same as [`count_person`](Self::count_person), of a call that is out of the books.
    pub(super) fn count_answer(
        &mut self,
        id: CampaignId,
        answer: Answer,
        answered_at: Timestamp,
        now: Timestamp,
    ) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        let abandoned = answer == Answer::Abandoned;
        run.totals.people += 1;
        run.totals.abandoned += u64::from(abandoned);
        run.renew_calendar(now);
        let in_all = run.tally.add(answer, answered_at);
        run.pacer.observe(Observation::Judged { abandoned }, now);
        if !in_all {
            // The pacer has counted the person in every window.
            run.tell_windows();
        }
    }

    /// What the pacer has learned goes into the books, when it has learned anything.
    pub(super) fn keep_learned(&mut self, campaign: CampaignId, now: Timestamp) {
        let Some(run) = self.campaigns.get(&campaign) else { return };
        if run.totals.ended > 0 {
            let learned = Box::new(run.pacer.learned());
            self.record(Record::Learned { campaign, learned, at: now });
        }
    }

    /// The same, once a day: what a crash forgets is a day's.
    pub(super) fn keep_daily(&mut self, campaign: CampaignId, now: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&campaign) else { return };
        if now >= later(run.kept_at, KEEP_EVERY) {
            run.kept_at = now;
            self.keep_learned(campaign, now);
        }
    }

    /// What the books hold of the windows that run now.
    pub(super) fn restore_ledger(&mut self, id: CampaignId, so_far: &LedgerSoFar, now: Timestamp) {
        let Some(run) = self.campaigns.get_mut(&id) else { return };
        run.tally = Tally::new(&run.campaign, so_far.first_call_at, now);
        run.tally.restore(&so_far.windows);
        run.words.restore(so_far.misjudged);
        run.tell_windows();
        self.touch(id);
    }
}

impl CampaignRun {
    /// Begins the windows and the shift that are due.
    pub(super) fn renew_calendar(&mut self, now: Timestamp) -> OnShift {
        if self.tally.roll(now) {
            self.tell_windows();
        }
        let shift = self.roster.at(now);
        if self.shift.replace(shift) != Some(shift) {
            self.pacer.set_staffed_until(match shift {
                OnShift::Always | OnShift::Off { .. } => None,
                OnShift::On { ends_at } => Some(ends_at),
            });
        }
        shift
    }

    /// Gives the pacer the windows as they stand; from there on it counts by itself.
    pub(super) fn tell_windows(&mut self) {
        let window = |count: &WindowCount| Window {
            limit: count.window.limit.get(),
            people: count.people,
            abandoned: count.abandoned,
            ends_at: Some(count.ends_at),
        };
        let windows: Vec<Window> = self.tally.windows().iter().map(window).collect();
        self.pacer.set_windows(&windows);
    }

    /// The windows for people, as they stand at that time.
    pub(super) fn windows(&self, at: Timestamp) -> Vec<WindowView> {
        let mut tally = self.tally.clone();
        tally.roll(at);
        tally.windows().iter().map(|window| self.window_view(window, at)).collect()
    }

    fn window_view(&self, count: &WindowCount, at: Timestamp) -> WindowView {
        let WindowCount { window, begins_at, ends_at, people, abandoned } = *count;
        let target = self.campaign.abandonment_target.get();
        let still_expected = (people > 0).then(|| {
            let shift_s = |from, to| self.roster.staffed(from, to).as_secs_f64();
            let (before_s, after_s) = (shift_s(begins_at, at), shift_s(at, ends_at));
            people as f64 * after_s / before_s.max(1.0)
        });
        let limit = window.limit.get();
        WindowView {
            window: window.span.to_string(),
            begins_at,
            ends_at,
            limit,
            people,
            abandoned,
            rate: count.rate(),
            left: count.left(),
            still_expected,
            overrun: still_expected.map(|still_expected| {
                overrun(&WindowStanding { limit, people, abandoned, still_expected }, target)
            }),
        }
    }
}
