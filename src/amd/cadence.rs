//! Cadences: what the bursts of a network's tone say, by the plans of [`PLANS`].

use super::frame::{FRAME_MS, Frame};
use super::heard::{ELEMENTS, Heard};
use super::plan::{PLANS, Plan};
use super::run::Run;
use super::signal::Progress;

/// Bursts kept; the longest cadence has four. With the one that goes on and the gaps they are less
/// than [`ELEMENTS`].
const BURSTS: usize = 5;
/// Every call-progress tone is within this (ITU-T E.180: 400 to 450 Hz; North America 350 to 620).
const BAND_HZ: std::ops::RangeInclusive<f32> = 330.0..=640.0;
/// Shorter is no burst.
const BURST_MS_MIN: u32 = 70;
/// A gap shorter than this is a lost packet.
const GAP_MS_MIN: u32 = 90;
/// A network's tones are pure, hold their pitch (in Hz a frame; a voice glides), and are alike.
const TONALITY_MIN: f32 = 0.88;
const GLIDE_HZ_MAX: f32 = 3.0;
const UNLIKE_DB_MAX: f32 = 7.0;
const UNLIKE_HZ_MAX: f32 = 18.0;
/// What a country counts for against a misfit.
const COMMON: f32 = 0.01;
/// What begins as early as this has begun before.
const CUT_MS: u32 = 90;
/// So much of other sounds than the tone ends it.
const DISTURBED_MS_MAX: u32 = 300;

/// A burst of tone.
#[derive(Clone, Copy, Debug)]
struct Burst {
    begun_ms: u32,
    ended_ms: u32,
    hz: f32,
    pair: Option<[f32; 2]>,
    level_db: f32,
}

impl Burst {
    fn of(run: &Run) -> Option<Self> {
        let burst = Self {
            begun_ms: run.begun_ms,
            ended_ms: run.ended_ms,
            hz: run.hz(),
            pair: run.pair(),
            level_db: run.level_db,
        };
        let is_one = run.ms() >= BURST_MS_MIN
            && run.tonality >= TONALITY_MIN
            && (run.pair().is_some() || run.drift_hz()[0].abs() <= GLIDE_HZ_MAX)
            && BAND_HZ.contains(&burst.hz);
        is_one.then_some(burst)
    }

    fn is_broken_off_before(&self, next: &Self) -> bool {
        next.begun_ms.saturating_sub(self.ended_ms) < GAP_MS_MIN
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.hz - other.hz).abs() <= UNLIKE_HZ_MAX
            && (self.level_db - other.level_db).abs() <= UNLIKE_DB_MAX
    }
}

/// Follows the bursts of a network's tone.
#[derive(Clone, Debug, Default)]
pub(super) struct Cadence {
    /// The calling code of the country whose networks are heard.
    code: Option<u16>,
    /// Oldest first.
    bursts: [Option<Burst>; BURSTS],
    disturbed_ms: u32,
    told: Option<Progress>,
}

impl Cadence {
    pub(super) fn at(code: Option<u16>) -> Self {
        Self { code, ..Self::default() }
    }

    /// Takes the next frame, the run that has ended with it and the one that goes on. Says what
    /// the bursts mean when that is known, and again when it changes.
    pub(super) fn push(
        &mut self,
        frame: &Frame,
        ended: Option<&Run>,
        current: Option<&Run>,
        now_ms: u32,
    ) -> Option<Progress> {
        if let Some(burst) = ended.and_then(Burst::of) {
            self.keep(burst);
        }
        let current = current.and_then(Burst::of);
        self.mind(frame, current.as_ref());
        // A tenth of a second is soon enough, but for an end.
        if ended.is_none() && !now_ms.is_multiple_of(100) {
            return None;
        }
        let progress = self.meaning(current.as_ref(), now_ms)?;
        (self.told.replace(progress) != Some(progress)).then_some(progress)
    }

    fn keep(&mut self, burst: Burst) {
        let last = self.bursts.iter_mut().rev().find_map(Option::as_mut);
        match last {
            Some(last) if last.is_like(&burst) && last.is_broken_off_before(&burst) => {
                last.ended_ms = burst.ended_ms;
                return;
            }
            Some(last) if last.is_like(&burst) => {}
            // Behind the tone, not of it.
            Some(last) if burst.level_db < last.level_db - UNLIKE_DB_MAX => return,
            Some(_) => self.bursts = [None; BURSTS],
            None => {}
        }
        match self.bursts.iter_mut().find(|it| it.is_none()) {
            Some(free) => *free = Some(burst),
            None => {
                self.bursts.rotate_left(1);
                self.bursts[BURSTS - 1] = Some(burst);
            }
        }
        self.disturbed_ms = 0;
    }

    /// Forgets the bursts when something else is heard in their gap.
    fn mind(&mut self, frame: &Frame, current: Option<&Burst>) {
        let Some(last) = self.bursts.iter().rev().find_map(Option::as_ref) else { return };
        if current.is_none() && frame.level_db > last.level_db - 8.0 {
            self.disturbed_ms += FRAME_MS;
            if self.disturbed_ms > DISTURBED_MS_MAX {
                self.bursts = [None; BURSTS];
                self.disturbed_ms = 0;
            }
        }
    }

    /// What was heard but for the oldest bursts, `but` of them.
    fn heard(&self, current: Option<&Burst>, but: usize, now_ms: u32) -> Option<Heard> {
        let last = self.bursts.iter().flatten().last();
        let current = current.filter(|burst| last.is_none_or(|last| last.is_like(burst)));
        let all = self.bursts.iter().flatten().skip(but).chain(current);
        let first = all.clone().next()?;
        let (mut ms, mut count, mut ended_ms) = ([0; ELEMENTS], 0, first.begun_ms);
        for burst in all {
            if count > 0 {
                ms[count] = burst.begun_ms.saturating_sub(ended_ms);
                count += 1;
            }
            ms[count] = burst.ended_ms.saturating_sub(burst.begun_ms);
            count += 1;
            ended_ms = burst.ended_ms;
        }
        if current.is_none() {
            ms[count] = now_ms.saturating_sub(ended_ms);
            count += 1;
        }
        let is_cut = first.begun_ms <= CUT_MS;
        Some(Heard { ms, count, is_cut, is_on: current.is_some() })
    }

    /// What all of it means, or what is left without the oldest bursts when that fits no plan:
    /// noise may have spoilt them.
    fn meaning(&self, current: Option<&Burst>, now_ms: u32) -> Option<Progress> {
        let newest = current.or(self.bursts.iter().flatten().last())?;
        let all = self.heard(current, 0, now_ms)?;
        let spoilt = 1..self.bursts.iter().flatten().count().saturating_sub(1);
        let rest = spoilt.filter_map(|but| self.heard(current, but, now_ms));
        let listed = std::iter::once(&all).cloned().chain(rest).find_map(|heard| {
            let (plan, is_sure) = self.best(&heard, newest)?;
            Some(heard.is_enough_for(plan, is_sure).then_some(plan.progress))
        });
        listed.unwrap_or_else(|| all.unlisted())
    }

    /// The plan that fits best, those of the country before all others; and whether all that fit
    /// say the same.
    fn best(&self, heard: &Heard, burst: &Burst) -> Option<(&'static Plan, bool)> {
        let sounding = |plan: &&Plan| plan.sounds_like(burst.hz, burst.pair);
        let fits = |plan: &'static Plan| heard.off(plan.cadence).map(|off| (plan, off));
        let at_home = |plan: &Plan| self.code.is_some_and(|code| plan.codes.contains(&code));
        let all = PLANS.iter().filter(sounding).filter_map(fits);
        let is_home = all.clone().any(|(plan, _)| at_home(plan));
        let (mut best, mut is_sure) = (None::<(&Plan, f32)>, true);
        for (plan, off) in all.filter(|(plan, _)| !is_home || at_home(plan)) {
            is_sure &= best.is_none_or(|(other, _)| other.progress == plan.progress);
            // Of two that fit alike, the one that more countries have.
            let off = off - COMMON * plan.codes.len() as f32;
            if best.is_none_or(|(_, least)| off < least) {
                best = Some((plan, off));
            }
        }
        best.map(|(plan, _)| (plan, is_sure))
    }
}
