//! The end of a machine's greeting, as a leg hears it: from then on the machine records.

use jiff::SignedDuration;

use crate::amd::{EndedBy, GreetingEnd};
use crate::domain::GreetingOver;
use crate::rtp::Frame;

/// A greeting that is listened to for its end.
#[derive(Clone, Debug)]
pub(super) struct Greeting(GreetingEnd);

impl Greeting {
    pub(super) fn new(limit: SignedDuration) -> Self {
        Self(GreetingEnd::new(limit))
    }

    /// Takes 20 ms; how it ended, once. Nothing where it has no end within its limit: the dialer
    /// has that limit, too.
    pub(super) fn hear(&mut self, said: &Frame) -> Option<GreetingOver> {
        match self.0.push(said)?.by {
            EndedBy::Beep(_) => Some(GreetingOver::Beep),
            EndedBy::Limit => None,
            EndedBy::Silence => Some(GreetingOver::Silence),
        }
    }
}
