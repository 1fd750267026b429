//! SDP offers and answers (RFC 3264, RFC 8866) for one stream of telephone audio: G.711 with
//! telephone-event (RFC 4733). Everything else is refused; input is taken as hostile.

use std::net::SocketAddr;

use crate::domain::{Law, MediaTarget};

/// Our end of the audio.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalMedia {
    /// Where we want to hear.
    pub address: SocketAddr,
    /// The laws that we speak, best first.
    pub laws: Vec<Law>,
}

/// Why a body cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SdpFault {
    /// The connection address is missing, no literal IP address, multicast or unspecified.
    #[error("no usable connection address (RFC 8866 §5.7)")]
    Address,
    /// The audio stream has none of our codecs.
    #[error("no codec in common (RFC 3264 §6.1)")]
    Codec,
    /// It is not SDP, or a line that matters is malformed.
    #[error("malformed at {0:?}= (RFC 8866 §5)")]
    Malformed(char),
    /// There is no RTP/AVP audio stream (T.38, video, SRTP).
    #[error("no RTP/AVP audio stream")]
    NoAudio,
    /// The far end has refused the audio stream (port 0).
    #[error("the audio stream is refused (RFC 3264 §6)")]
    Refused,
}

impl SdpFault {
    /// The response to an INVITE or UPDATE with such an offer (RFC 3261 §21.4.26).
    pub fn status(self) -> u16 {
        488
    }
}

/// An offer of one audio stream. `version` is the `o=` version: one more for each new offer or
/// answer of the same session (RFC 3264 §8).
pub fn offer(local: &LocalMedia, version: u64) -> String {
    let _ = (local, version);
    String::new()
}

/// What an answer to [`offer`] of `local` agrees to.
pub fn read_answer(answer: &str, local: &LocalMedia) -> Result<MediaTarget, SdpFault> {
    let _ = (answer, local);
    Err(SdpFault::NoAudio)
}

/// The answer to an offer, and what it agrees to.
pub fn answer(
    offer: &str,
    local: &LocalMedia,
    version: u64,
) -> Result<(String, MediaTarget), SdpFault> {
    let _ = (offer, local, version);
    Err(SdpFault::NoAudio)
}
