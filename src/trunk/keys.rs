//! Keys for SRTP: one for each suite and each INVITE, of one secret that the owner has drawn.

use ring::hmac;

use super::config::SrtpUse;
use crate::domain::SrtpKey;
use crate::sip::sdp::LocalSrtp;

/// Makes keys that nobody without the secret can tell from chance: HMAC-SHA-256 of a counter.
pub(super) struct Keys {
    secret: hmac::Key,
    made: u64,
}

impl Keys {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self { secret: hmac::Key::new(hmac::HMAC_SHA256, secret), made: 0 }
    }

    /// What a trunk offers or takes, with new keys.
    pub(super) fn for_call(&mut self, srtp: SrtpUse) -> Option<Box<LocalSrtp>> {
        let required = match srtp {
            SrtpUse::Off => return None,
            SrtpUse::Optional => false,
            SrtpUse::Required => true,
        };
        Some(Box::new(LocalSrtp::new(required, [self.next(), self.next()])))
    }

    fn next(&mut self) -> SrtpKey {
        self.made += 1;
        let tag = hmac::sign(&self.secret, &self.made.to_be_bytes());
        let mut key = [0; 30];
        key.copy_from_slice(&tag.as_ref()[..30]);
        SrtpKey(key)
    }
}
