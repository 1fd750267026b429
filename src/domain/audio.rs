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

/// How audio is coded.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Codec {
    /// ITU-T G.711.
    G711(Law),
    /// ITU-T G.722 at 64 kbit/s.
    G722,
    /// RFC 6716, in RTP as RFC 7587 says.
    Opus,
}

impl Codec {
    /// G.711's A-law.
    pub const PCMA: Self = Self::G711(Law::A);
    /// G.711's mu-law.
    pub const PCMU: Self = Self::G711(Law::Mu);
    /// What everybody understands.
    pub const LAWS: [Self; 2] = [Self::PCMU, Self::PCMA];

    /// The codec of that name in SDP, in either case.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::PCMA, Self::PCMU, Self::G722, Self::Opus];
        all.into_iter().find(|codec| codec.name().eq_ignore_ascii_case(name))
    }

    /// Its name in SDP (RFC 3551 table 4, RFC 7587 §7).
    pub fn name(self) -> &'static str {
        match self {
            Self::G711(Law::A) => "PCMA",
            Self::G711(Law::Mu) => "PCMU",
            Self::G722 => "G722",
            Self::Opus => "opus",
        }
    }

    /// The payload type in our offers: the static one (RFC 3551 table 4), where it has one.
    pub fn payload_type(self) -> u8 {
        match self {
            Self::G711(law) => law.payload_type(),
            Self::G722 => 9,
            Self::Opus => 111,
        }
    }

    /// By how much its RTP clock runs faster than 8 kHz (RFC 7587 §4.1; G.722's does not, RFC 3551
    /// §4.5.2).
    pub fn ticks(self) -> u32 {
        match self {
            Self::G711(_) | Self::G722 => 1,
            Self::Opus => 6,
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
    /// What to send in.
    pub codec: Codec,
    /// The payload type for it.
    pub payload_type: u8,
    /// The payload type of telephone-event (RFC 4733), when the far end takes it.
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
