//! How much of its time a media thread needs, and whether that is too much for more calls: who is
//! heard already goes before who might be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::SignedDuration;

/// What a thread has for a tick.
const TICK: SignedDuration = SignedDuration::from_millis(20);
/// How much of the mean a tick is: what is old by half a second counts a third.
const WEIGHT: f64 = 0.04;
/// So far below the limit new calls are let in again.
const RELIEF: f64 = 0.15;

/// One thread's load.
#[derive(Debug)]
pub(super) struct Load {
    max: f64,
    /// The mean share of its time that it needs, 0 to 1.
    mean: f64,
    is_strained: bool,
    /// Threads that are strained, this one among them.
    strained: Arc<AtomicUsize>,
}

impl Load {
    pub(super) fn new(max: f64, strained: Arc<AtomicUsize>) -> Self {
        Self { max, mean: 0.0, is_strained: false, strained }
    }

    /// A tick is over that took so long. A thread that came late has had no time at all: others held
    /// the processor, or the tick before was too long.
    pub(super) fn note(&mut self, busy: SignedDuration, came_late: bool) {
        let share = if came_late { 1.0 } else { busy.as_secs_f64() / TICK.as_secs_f64() };
        self.mean += WEIGHT * (share.clamp(0.0, 1.0) - self.mean);
        if self.mean > self.max {
            self.set(true);
        } else if self.mean < self.max - RELIEF {
            self.set(false);
        }
    }

    /// Nothing is left to do.
    pub(super) fn rest(&mut self) {
        self.mean = 0.0;
        self.set(false);
    }

    fn set(&mut self, is_strained: bool) {
        if std::mem::replace(&mut self.is_strained, is_strained) == is_strained {
            return;
        }
        let load = (self.mean * 100.0).round();
        if is_strained {
            self.strained.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(load, "a media thread has no time for more calls");
        } else {
            self.strained.fetch_sub(1, Ordering::Relaxed);
            tracing::info!(load, "a media thread takes more calls again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(load: &mut Load, ticks: u32, busy_ms: i64, came_late: bool) -> usize {
        for _ in 0..ticks {
            load.note(SignedDuration::from_millis(busy_ms), came_late);
        }
        load.strained.load(Ordering::Relaxed)
    }

    #[test]
    fn a_thread_is_strained_by_a_lasting_load_and_not_by_one_long_tick() {
        let mut load = Load::new(0.8, Arc::default());
        assert_eq!(after(&mut load, 500, 14, false), 0, "70 percent");
        assert_eq!(after(&mut load, 1, 20, false), 0);
        assert_eq!(after(&mut load, 100, 19, false), 1, "95 percent");
        assert_eq!(after(&mut load, 25, 14, false), 1, "not let go at once");
        assert_eq!(after(&mut load, 200, 10, false), 0);
        assert_eq!(after(&mut load, 100, 1, true), 1, "others hold the processor");
        load.rest();
        assert_eq!(load.strained.load(Ordering::Relaxed), 0);
    }
}
