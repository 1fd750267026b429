//! What legs are called and what is told about them.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Digit, Verdict};

/// One RTP stream in each direction: a person's or an agent's. Never used twice by an engine.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LegId(pub(super) u64);

impl std::fmt::Display for LegId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A leg that is open: its sockets are bound, and nothing is sent or accepted before it is
/// connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Leg {
    /// Its name in every command and fact.
    pub id: LegId,
    /// Where its RTP is received, for the SDP; RTCP is on the next port.
    pub local: SocketAddr,
}

/// How often a playback is heard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// Until stopped.
    Forever,
    /// To its end; [`MediaEvent::Played`] follows.
    Once,
}

/// Something that happened to a leg.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaFact {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub leg: LegId,
    /// What.
    pub event: MediaEvent,
}

/// What can happen to a leg.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaEvent {
    /// The last event of every leg: its sockets and its recording are closed.
    Closed {
        /// What came and went.
        stats: LegStats,
        /// File name and length, when it was recorded to the end or in part.
        recording: Option<(String, SignedDuration)>,
    },
    /// The far end pressed a key (RFC 4733): once a key press, however often it is sent.
    Digit(Digit),
    /// The first audible 20 ms since the leg was connected, or connected again.
    Heard,
    /// A playback that was to be heard once is over.
    Played,
    /// The recording has ended before the leg: the disk was full, slow or away. The call goes on.
    RecordingLost {
        /// The file, whole up to here if it could be made at all.
        file_name: String,
        /// Why, for people.
        reason: String,
    },
    /// The detector has decided; it is gone.
    Screened(Verdict),
    /// No RTP for the configured time, where the far end should send. Again when RTP came and
    /// ended once more.
    Silent,
}

/// What came and went on a leg, from open to close.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegStats {
    /// RTP packets taken from the far end.
    pub packets_in: u64,
    /// RTP packets sent to it.
    pub packets_out: u64,
    /// RTP packets that should have come and did not (RFC 3550 §A.3).
    pub lost: u64,
    /// RTP packets that came after their turn, or twice.
    pub late: u64,
    /// Packets from anybody but the far end: dropped.
    pub refused_strangers: u64,
    /// Packets from the far end that are no RTP, or of a kind not agreed: dropped.
    pub refused_malformed: u64,
    /// Interarrival jitter at the end (RFC 3550 §6.4.1).
    pub jitter: SignedDuration,
    /// Round trip to the far end, when its RTCP told (RFC 3550 §6.4.1).
    pub round_trip: Option<SignedDuration>,
    /// The share of our packets that the far end missed, in its last report: 0 to 1.
    pub far_end_lost: Option<f64>,
    /// The mean level of the audible frames in dBov (0 dB: a full-scale square wave); `None` when
    /// nothing was audible.
    pub level_dbov: Option<f64>,
    /// When the first audible frame came, since the leg was last connected.
    pub heard_at: Option<Timestamp>,
}
