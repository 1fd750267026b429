//! What two ends have agreed to send each other: the result of an SDP offer and its answer.

use std::net::{IpAddr, SocketAddr};

/// G.711's two laws (ITU-T G.711).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Law {
    /// PCMA, static payload type 8.
    A,
    /// PCMU, static payload type 0.
    Mu,
}

impl Law {
    /// The static RTP payload type (RFC 3551 table 4).
    pub fn payload_type(self) -> u8 {
        match self {
            Law::A => 8,
            Law::Mu => 0,
        }
    }
}

/// Who sends (RFC 3264 §6.1), seen from us.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Direction {
    /// Neither.
    Inactive,
    /// We only listen.
    ReceiveOnly,
    /// We only send.
    SendOnly,
    /// Both.
    #[default]
    SendReceive,
}

/// Where and how to send audio, and what to expect back. RTCP goes to the same address, next port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MediaTarget {
    /// The address of the SDP's `c=` and `m=` lines.
    pub address: SocketAddr,
    /// Another address whose packets are the far end's too: where an authenticated phone signals
    /// from, which behind a NAT is not what its SDP says. `None` for carriers.
    pub behind: Option<IpAddr>,
    /// The law to send in.
    pub law: Law,
    /// The payload type for it.
    pub payload_type: u8,
    /// The payload type of telephone-event/8000 (RFC 4733), when the far end takes it.
    pub telephone_event: Option<u8>,
    /// Who sends.
    pub direction: Direction,
    /// The keys, where both ends have agreed to SRTP.
    pub srtp: Option<Srtp>,
}

/// SRTP with AES in counter mode and HMAC-SHA1 (RFC 3711), as RFC 4568 §6.2 names its kinds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SrtpSuite {
    /// Tags of 80 bits.
    AesCm128HmacSha1_80,
    /// Tags of 32 bits in RTP, of 80 in RTCP.
    AesCm128HmacSha1_32,
}

/// A master key of 16 bytes and its salt of 14.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct SrtpKey(pub [u8; 30]);

/// What two ends have agreed: each has a key of its own for what it sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Srtp {
    /// Of both directions.
    pub suite: SrtpSuite,
    /// For what we send.
    pub ours: SrtpKey,
    /// For what they send.
    pub theirs: SrtpKey,
}

/// Never shows a key.
impl std::fmt::Debug for SrtpKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SrtpKey(..)")
    }
}
