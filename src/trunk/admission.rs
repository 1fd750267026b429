//! Beyond the capacity that is configured or measured no call goes out and none comes in: those that are
//! up go before those that might be.

use std::sync::atomic::Ordering;

use super::desk::Desk;
use super::line::Line;

impl Desk {
    /// The media threads have no time for another call.
    pub(super) fn is_strained(&self) -> bool {
        self.strained.as_ref().is_some_and(|threads| threads.load(Ordering::Relaxed) > 0)
    }

    /// Whether all trunks together have no channel left.
    pub(super) fn is_full(&self) -> bool {
        self.whole.is_full(self.lines.values().map(Line::channels).sum())
    }
}
