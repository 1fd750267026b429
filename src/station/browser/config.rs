//! The browsers' socket as meant, and why an offer is not taken.

use std::net::{IpAddr, SocketAddr};

use jiff::SignedDuration;

/// The socket of the phones in browsers.
#[derive(Clone, Debug)]
pub struct BrowserConfig {
    /// What the socket is bound to. Port 0: one that the system chooses.
    pub bind: SocketAddr,
    /// The address that browsers reach it by, where that is another (a NAT that keeps ports).
    pub outer: Option<IpAddr>,
    /// How long a leg is kept whose browser is gone.
    pub grace: SignedDuration,
}

impl BrowserConfig {
    /// Reached as it is bound; eight seconds for a page to be loaded again.
    pub fn new(bind: SocketAddr) -> Self {
        Self { bind, outer: None, grace: SignedDuration::from_secs(8) }
    }
}

/// Why an offer is not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OfferFault {
    /// More than, or less than, one line of audio.
    #[error("an offer has one media line, of audio")]
    NotOneAudio,
    /// No codec that we speak.
    #[error("the offer has neither Opus nor G.711")]
    NoCodec,
    /// It is no SDP, or lacks what WebRTC needs.
    #[error("the offer cannot be read: {0}")]
    Sdp(String),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}
