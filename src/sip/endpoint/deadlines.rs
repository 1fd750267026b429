//! Every deadline of the endpoint in one ordered set: at most one for each transaction and dialog.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{ClientId, ServerId};
use crate::sip::event::DialogId;
use crate::sip::reason::Reason;

/// Whose deadline.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Wake {
    Client(ClientId),
    Dialog(DialogId),
    Server(ServerId),
}

/// The deadlines, earliest first.
#[derive(Debug, Default)]
pub struct Deadlines(BTreeSet<(Timestamp, Reason, Wake)>);

impl Deadlines {
    /// Moves the deadline of `wake` from `armed`, which its owner keeps, to `next`.
    pub fn set(
        &mut self,
        wake: Wake,
        armed: &mut Option<(Timestamp, Reason)>,
        next: Option<(Timestamp, Reason)>,
    ) {
        if *armed == next {
            return;
        }
        if let Some((at, reason)) = *armed {
            self.0.remove(&(at, reason, wake));
        }
        if let Some((at, reason)) = next {
            self.0.insert((at, reason, wake));
        }
        *armed = next;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The earliest.
    pub fn first(&self) -> Option<(Timestamp, Reason)> {
        self.0.first().map(|(at, reason, _)| (*at, *reason))
    }

    /// Takes out the earliest, if its time has come. Its owner no longer has it armed.
    pub fn pop(&mut self, now: Timestamp) -> Option<(Wake, Reason)> {
        let (at, reason, wake) = *self.0.first()?;
        if at > now {
            return None;
        }
        self.0.pop_first();
        Some((wake, reason))
    }
}
