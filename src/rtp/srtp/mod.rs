//! SRTP and SRTCP (RFC 3711) with AES in counter mode and HMAC-SHA1: what is sent is closed, what comes
//! is opened, and what was not closed with the far end's key is dropped without a word.
//!
//! The transform is written here over the primitives of `aes` and `ring`, since the crates that have it
//! whole allocate for each packet or bring libsrtp in C. Left out: key derivation at a rate (§4.3.1), MKI,
//! AES-f8, AES-GCM (RFC 7714), and keys by DTLS or ZRTP.

mod keys;
mod receiver;
mod sender;

pub use receiver::Receiver;
pub use sender::Sender;

/// The most that a packet grows by: an SRTCP index and a tag of 80 bits.
pub const GROWTH: usize = 14;

/// The tag of RTCP, whatever the suite (RFC 4568 §6.2.2).
const REPORT_TAG: usize = 10;
/// The bit of an SRTCP index which says that the packet is encrypted (RFC 3711 §3.4).
const ENCRYPTED: u32 = 1 << 31;
/// RTCP is encrypted from here on: its first header stays.
const REPORT_HEADER: usize = 8;

/// SSRC, sequence number, and where the payload begins (RFC 3550 §5.1, §5.3.1).
fn header(packet: &[u8]) -> Option<(u32, u16, usize)> {
    let fixed = packet.first_chunk::<12>()?;
    if fixed[0] >> 6 != 2 {
        return None;
    }
    let mut payload = 12 + 4 * usize::from(fixed[0] & 0x0f);
    if fixed[0] & 0x10 != 0 {
        let words = packet.get(payload + 2..payload + 4)?;
        payload += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    let ssrc = u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]);
    let sequence = u16::from_be_bytes([fixed[2], fixed[3]]);
    (payload <= packet.len()).then_some((ssrc, sequence, payload))
}

#[cfg(test)]
mod tests;
