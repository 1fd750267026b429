//! Bytes to audio and back: RTP and RTCP (RFC 3550), G.711, G.722 and Opus, telephone
//! events (RFC 4733) and keys in the band, comfort noise (RFC 3389), and a playout buffer. Pure: sockets are `media`'s.

mod codec;
mod comfort_noise;
pub mod dtmf;
pub mod g711;
mod g722;
pub mod in_band;
mod packet;
mod playout;
pub mod rtcp;
mod sequence;
mod source;
pub mod srtp;

#[cfg(test)]
mod corpus;

pub use codec::{Decoder, Encoder, SAMPLES_MAX};
pub use comfort_noise::ComfortNoise;
pub use packet::{Packet, write_packet};
pub use playout::Playout;
pub use sequence::Reception;
pub use source::{Admission, Source};

/// Samples of a 20 ms frame at 8 kHz.
pub const FRAME: usize = 160;

/// A 20 ms frame of 8 kHz linear PCM.
pub type Frame = [i16; FRAME];
