//! What the engine is started with, and why there may be none.

use std::io;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::SignedDuration;

/// What the engine is started with.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// The address that the ports are bound to and that goes into the SDP.
    pub ip: IpAddr,
    /// The ports: RTP on the even ones, RTCP on the next.
    pub ports: RangeInclusive<u16>,
    /// OS threads that send and receive; one carries hundreds of calls. At least one is started.
    pub threads: usize,
    /// A leg that hears no packet for so long is told of as [`super::MediaEvent::Silent`].
    pub silence_max: SignedDuration,
    /// The share of its time, 0 to 1, above which a thread is strained ([`super::Engine::strained`]).
    pub load_max: f64,
    /// The folder of the recordings; made when it is not there.
    pub recordings: PathBuf,
    /// For synchronisation sources and first numbers (RFC 3550 §8.1, §5.1): secret in production.
    pub seed: u64,
}

/// Why there is no leg, or no engine.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The engine has been shut down.
    #[error("the media engine is shut down")]
    Down,
    /// Every port pair is taken, or the system refuses sockets.
    #[error("none of the {pairs} pairs of media ports can be had: {reason}")]
    PortsTaken {
        /// How many there are.
        pairs: usize,
        /// Of the last one that was tried.
        reason: String,
    },
    /// The range has not even one pair.
    #[error("media ports {0} to {1}: at least one even port with the next one is needed")]
    Range(u16, u16),
    /// The recordings' folder cannot be made.
    #[error("the folder of recordings {folder}: {source}")]
    Recordings {
        /// Which.
        folder: String,
        /// Why.
        source: io::Error,
    },
    /// The thread, or its timer, could not be started.
    #[error("the media thread: {0}")]
    Thread(io::Error),
}
