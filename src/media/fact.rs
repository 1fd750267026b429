//! What legs are called and what is told of them.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use crate::amd::Signal;
use crate::domain::{Digit, Feature, GreetingOver, Verdict};

/// One leg of audio: an RTP port and the RTCP port after it. An engine uses no name twice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LegId(pub(super) u64);

impl std::fmt::Display for LegId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A leg that has been opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Leg {
    /// Its name.
    pub id: LegId,
    /// Where it wants its RTP: for the SDP.
    pub local: SocketAddr,
}

/// One direction of a conference: what one leg says, another one hears.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hears {
    /// Who hears.
    pub listener: LegId,
    /// Who is heard.
    pub speaker: LegId,
}

/// How often something is played.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// Until it is stopped.
    Forever,
    /// To its end; [`MediaEvent::Played`] follows.
    Once,
}

/// A fact about one leg, with the time it happened.
#[derive(Clone, Debug)]
pub struct MediaFact {
    /// When.
    pub at: Timestamp,
    /// Which leg.
    pub leg: LegId,
    /// What.
    pub event: MediaEvent,
}

/// What the audio of a leg brings.
#[derive(Clone, Debug)]
pub enum MediaEvent {
    /// The leg is closed and its recording is on the disk; the last fact of a leg.
    Closed {
        /// What went over it.
        stats: LegStats,
        /// File name and length, when it was recorded. Shorter than the leg when the disk was full
        /// or slow; the log says so.
        recording: Option<(String, SignedDuration)>,
    },
    /// The far end pressed a key.
    Digit(Digit),
    /// What the detector's word is made of; comes before it.
    Features(Vec<Feature>),
    /// The machine's greeting, whose end was waited for, is over.
    GreetingOver(GreetingOver),
    /// The first audible frame since the leg was connected, or connected again.
    Heard,
    /// The detector has not decided; a person has become as likely as was asked for, or no longer is.
    Likely(Verdict),
    /// What was played is over.
    Played,
    /// The detector has decided; once more when it has come to another kind.
    Screened(Verdict),
    /// No packet came for [`super::MediaConfig::silence_max`], from a far end that should send.
    /// Told once, and again after packets came.
    Silent,
    /// The network's tones say this: before the answer, or after it, where it comes after the
    /// detector's word.
    Tone(Signal),
}

/// What went over a leg.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LegStats {
    /// Packets sent.
    pub sent: u64,
    /// Packets taken from the far end.
    pub received: u64,
    /// Packets that never came (RFC 3550 §A.3).
    pub lost: u64,
    /// Packets that came after their turn.
    pub late: u64,
    /// Packets of the far end that were dropped: no RTP, of a payload type that was not agreed, not
    /// yet believed, or, where SRTP was agreed, without their tag.
    pub refused: u64,
    /// Packets of anybody else: dropped.
    pub strangers: u64,
    /// Frames that were louder than a whisper (-50 dBov).
    pub audible: u64,
    /// The root mean square of these frames, in units of a 16-bit sample.
    pub rms: u16,
    /// When the first of them came, since the leg was last connected.
    pub heard_at: Option<Timestamp>,
    /// Interarrival jitter at the end, in samples of 125 µs (RFC 3550 §6.4.1).
    pub jitter: u32,
    /// The last share of our packets that the far end said it lost, in 256ths.
    pub far_lost: Option<u8>,
    /// The last round trip, in 1/65536 s.
    pub round_trip: Option<u32>,
}
