//! The step: one fact in, people first, then new calls.

use jiff::Timestamp;

use super::{Dialer, Input};

impl Dialer {
    /// Takes one fact that happened at `now`, and decides. `now` never goes back: an earlier one
    /// counts as the latest seen.
    pub fn handle_input(&mut self, input: Input, now: Timestamp) {
        self.now = self.now.max(now);
        let _ = (input, self.seed, self.next_call, &self.gate);
    }
}
