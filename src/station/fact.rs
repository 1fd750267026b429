//! What the agents' phones tell.

use jiff::Timestamp;

use crate::domain::{AgentId, MediaTarget};
use crate::sip::Kept;

/// A fact about one agent's phone, with the time the packet came.
#[derive(Clone, Debug, PartialEq)]
pub struct StationFact {
    /// When.
    pub at: Timestamp,
    /// Whose phone.
    pub agent: AgentId,
    /// What.
    pub event: StationEvent,
}

/// What happened at an agent's phone.
#[derive(Clone, Debug, PartialEq)]
pub enum StationEvent {
    /// The browser is gone and may come back: `Retarget` or `LegDown` follows.
    Away,
    /// What is to be written down so that another process could end the leg: before `LegUp`, and
    /// only of legs that we called.
    Dialog(Box<Kept>),
    /// The phone dials in to log in: open media and `accept` it, or
    /// `drop` it. `LegUp` or `LegDown` follows.
    IncomingLeg,
    /// The leg that was called, or had dialed in, is over or never came up. The last fact of a leg.
    LegDown(LegEnd),
    /// The phone has answered: the leg is up.
    LegUp(MediaTarget),
    /// The phone is there: its first registration, or a new contact.
    Registered,
    /// The phone has changed where or how audio flows (hold, resume).
    Retarget(MediaTarget),
    /// The phone is gone: it said so, or its registration ran out.
    Unregistered,
}

/// Why an agent's leg is down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LegEnd {
    /// We ended it.
    Dropped,
    /// The agent hung up.
    HungUp,
    /// The browser was gone, and did not come back in time.
    Lost,
    /// The phone is not registered.
    NotRegistered,
    /// The phone sent SDP that cannot be used.
    NoMedia,
    /// The phone did not answer: its final status, `None` when it said nothing at all.
    NotAnswered(Option<u16>),
}
