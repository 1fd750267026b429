//! What an engine is told at its start, and what can go wrong.

use std::io;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::SignedDuration;

/// How an engine is set up.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// The address that sockets are bound to and that the SDP names.
    pub ip: IpAddr,
    /// The ports to use. A leg takes an even one for RTP and the next for RTCP (RFC 3550 §11).
    pub ports: RangeInclusive<u16>,
    /// OS threads, 1 to 64. One carries hundreds of calls.
    pub threads: usize,
    /// No RTP for so long is [`super::MediaEvent::Silent`].
    pub silence_max: SignedDuration,
    /// The folder of the recordings; made when it is not there.
    pub recordings: PathBuf,
    /// For SSRCs, first sequence numbers and timestamps (RFC 3550 §5.1 wants them random), and the
    /// order in which ports are taken.
    pub seed: u64,
}

/// Why the engine, or a leg, could not be had.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The address is not ours, or the system refuses sockets (too many open files).
    #[error("cannot bind an RTP socket to {ip}: {source}")]
    Bind {
        /// The configured address.
        ip: IpAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The engine has been shut down.
    #[error("the media engine is shut down")]
    Down,
    /// Every pair of ports is in use.
    #[error("all RTP ports are in use; the configured range holds {pairs} legs")]
    NoPort {
        /// How many legs the range holds.
        pairs: usize,
    },
    /// The range holds no even port with its successor.
    #[error("the RTP port range {first}-{last} holds no even port and the next one")]
    NoPortPair {
        /// The first port configured.
        first: u16,
        /// The last port configured.
        last: u16,
    },
    /// The folder cannot be made.
    #[error("cannot make the folder for recordings {folder}: {source}")]
    Recordings {
        /// The configured folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A thread or its timer could not be made.
    #[error("cannot start a media thread: {0}")]
    Thread(#[source] io::Error),
}
