//! How many calls are in which state.

use serde::Serialize;

use crate::call::State;

/// Calls of a campaign by state.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct CallCounts {
    /// A person and an agent talk.
    pub bridged: u32,
    /// A machine's greeting is waited out.
    pub greeting: u32,
    /// A phone that answers for its owner is told who calls.
    pub identifying: u32,
    /// The bridge is ordered and not confirmed.
    pub joining: u32,
    /// The hang-up is ordered and not confirmed.
    pub leaving: u32,
    /// A person and an outside number talk, each a call.
    pub linked: u32,
    /// A message is heard: the safe-harbour message, a broadcast's, a machine's.
    pub messaging: u32,
    /// A person who has met an agent hears music.
    pub parked: u32,
    /// Not answered yet.
    pub ringing: u32,
    /// The detector listens.
    pub screening: u32,
    /// A person waits for an agent.
    pub waiting: u32,
}

impl CallCounts {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.bridged
            + self.greeting
            + self.identifying
            + self.joining
            + self.leaving
            + self.linked
            + self.messaging
            + self.parked
            + self.ringing
            + self.screening
            + self.waiting
    }

    pub(super) fn add(&mut self, state: &State) {
        if let Some(count) = self.of(state) {
            *count += 1;
        }
    }

    pub(super) fn remove(&mut self, state: &State) {
        if let Some(count) = self.of(state) {
            *count = count.saturating_sub(1);
        }
    }

    fn of(&mut self, state: &State) -> Option<&mut u32> {
        match state {
            State::Bridged { .. } => Some(&mut self.bridged),
            State::Ended { .. } => None,
            State::Greeting { .. } => Some(&mut self.greeting),
            State::Identifying { .. } => Some(&mut self.identifying),
            State::Joining { .. } => Some(&mut self.joining),
            State::Leaving { .. } => Some(&mut self.leaving),
            State::Linked { .. } => Some(&mut self.linked),
            State::Messaging { .. } => Some(&mut self.messaging),
            State::Parked { .. } => Some(&mut self.parked),
            State::Ringing { .. } => Some(&mut self.ringing),
            State::Screening { .. } => Some(&mut self.screening),
            State::Waiting(_) => Some(&mut self.waiting),
        }
    }
}
