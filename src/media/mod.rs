//! RTP sockets: one thread with every socket, one 20 ms timer for all of them.
//!
//! The owner opens a leg, tells it where the far end is, and then what to do with the audio:
//! bridge, play, screen, record. What the audio brings comes back as [`MediaFact`]s.

mod engine;
mod leg;
mod ports;
mod recorder;
pub mod tones;
mod worker;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{Digit, Verdict};

pub use engine::Engine;

/// One leg of audio: an RTP port and the RTCP port after it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LegId(u64);

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

/// What the engine is started with.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// The address that the ports are bound to and that goes into the SDP.
    pub ip: IpAddr,
    /// The ports: RTP on the even ones, RTCP on the next.
    pub ports: RangeInclusive<u16>,
    /// A leg that hears no packet for so long is told of as [`MediaEvent::Silent`].
    pub silence_max: SignedDuration,
    /// The folder of the recordings; made when it is not there.
    pub recordings: PathBuf,
    /// For synchronisation sources and first numbers (RFC 3550 §8.1, §5.1): secret in production.
    pub seed: u64,
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
        /// File name and length, when it was recorded.
        recording: Option<(String, SignedDuration)>,
    },
    /// The far end pressed a key.
    Digit(Digit),
    /// The first audible frame since the leg was connected to this far end.
    Heard,
    /// What was played is over.
    Played,
    /// The detector has decided.
    Screened(Verdict),
    /// No packet came for [`MediaConfig::silence_max`]. Told once, and again after packets came.
    Silent,
}

/// What went over a leg.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LegStats {
    /// Packets sent.
    pub sent: u64,
    /// Packets taken.
    pub received: u64,
    /// Packets that never came (RFC 3550 §A.3).
    pub lost: u64,
    /// Packets too late to be played whole.
    pub late: u64,
    /// Packets that were refused: strangers, unknown payload types, no RTP at all.
    pub refused: u64,
    /// Frames that were louder than a whisper (-50 dBm0).
    pub audible: u64,
    /// Interarrival jitter at the end, in samples of 125 µs.
    pub jitter: u32,
    /// The last share of our packets that the far end said it lost, in 256ths.
    pub far_lost: Option<u8>,
    /// The last round trip, in 1/65536 s.
    pub round_trip: Option<u32>,
}

/// How often something is played.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// Until it is stopped.
    Forever,
    /// To its end; [`MediaEvent::Played`] follows.
    Once,
}

/// Why there is no leg, or no engine.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Every port pair is taken.
    #[error("all {0} pairs of media ports are taken")]
    PortsTaken(usize),
    /// The range has not even one pair.
    #[error("media ports {0} to {1}: at least one even port with the next one is needed")]
    Range(u16, u16),
    /// The recordings' folder cannot be made.
    #[error("the folder of recordings {folder}: {source}")]
    Recordings {
        /// Which.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
    /// The thread could not be started.
    #[error("the media thread: {0}")]
    Thread(std::io::Error),
}
