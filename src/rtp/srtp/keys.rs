//! Session keys, and what is done with them.

use std::fmt;

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use ring::hmac;

use super::REPORT_TAG;
use crate::domain::{SrtpKey, SrtpSuite};

/// Of one direction, of RTP or of RTCP.
pub(super) struct Keys {
    cipher: Aes128,
    salt: [u8; 14],
    authentication: hmac::Key,
    tag: usize,
}

impl Keys {
    /// For RTP.
    pub(super) fn of_packets(master: &SrtpKey, suite: SrtpSuite) -> Self {
        let tag = match suite {
            SrtpSuite::AesCm128HmacSha1_32 => 4,
            SrtpSuite::AesCm128HmacSha1_80 => 10,
        };
        Self::derive(master, 0, tag)
    }

    /// For RTCP.
    pub(super) fn of_reports(master: &SrtpKey) -> Self {
        Self::derive(master, 3, REPORT_TAG)
    }

    /// RFC 3711 §4.3.1, with a key derivation rate of 0: labels for the cipher, the tags and the salt
    /// follow one another.
    fn derive(master: &SrtpKey, label: u8, tag: usize) -> Self {
        let cipher = Aes128::new(&session::<16>(master, label).into());
        let authentication = session::<20>(master, label + 1);
        Self {
            cipher,
            salt: session(master, label + 2),
            authentication: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &authentication),
            tag,
        }
    }

    /// Encrypts or decrypts, which is the same (§4.1.1).
    pub(super) fn apply(&self, ssrc: u32, index: u64, bytes: &mut [u8]) {
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&self.salt);
        let (ssrc, index) = (ssrc.to_be_bytes(), index.to_be_bytes());
        counter[4..8].iter_mut().zip(ssrc).for_each(|(byte, ssrc)| *byte ^= ssrc);
        counter[8..14].iter_mut().zip(&index[2..]).for_each(|(byte, index)| *byte ^= index);
        stream(&self.cipher, counter, bytes);
    }

    /// How long a tag is.
    pub(super) fn tag(&self) -> usize {
        self.tag
    }

    /// The tag over these bytes and what follows them (§4.2), as long as HMAC-SHA1 makes it.
    pub(super) fn sign(&self, bytes: &[u8], and: &[u8]) -> hmac::Tag {
        let mut signing = hmac::Context::with_key(&self.authentication);
        signing.update(bytes);
        signing.update(and);
        signing.sign()
    }

    /// Whether `tag` is theirs. Takes as long whichever byte differs.
    pub(super) fn verify(&self, bytes: &[u8], and: &[u8], tag: &[u8]) -> bool {
        let signed = self.sign(bytes, and);
        let pairs = signed.as_ref().iter().zip(tag);
        tag.len() == self.tag && pairs.fold(0, |differ, (ours, tag)| differ | (ours ^ tag)) == 0
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("tag", &self.tag).finish_non_exhaustive()
    }
}

/// A session key (§4.3.3): the key stream of the master key, begun at the salt with the label in it.
fn session<const LENGTH: usize>(master: &SrtpKey, label: u8) -> [u8; LENGTH] {
    let (mut key, mut counter) = ([0; 16], [0; 16]);
    key.copy_from_slice(&master.0[..16]);
    counter[..14].copy_from_slice(&master.0[16..]);
    counter[7] ^= label;
    let mut session = [0; LENGTH];
    stream(&Aes128::new(&key.into()), counter, &mut session);
    session
}

/// Lays the key stream over `bytes`; the last 16 bits of the counter number its blocks.
fn stream(cipher: &Aes128, mut counter: [u8; 16], bytes: &mut [u8]) {
    for (number, bytes) in bytes.chunks_mut(16).enumerate() {
        // No datagram has more than 2^16 blocks.
        counter[14..].copy_from_slice(&(number as u16).to_be_bytes());
        let mut block = Array::from(counter);
        cipher.encrypt_block(&mut block);
        bytes.iter_mut().zip(block).for_each(|(byte, key)| *byte ^= key);
    }
}
