//! A telephone number in the chain without being in it.

use sha2::{Digest, Sha256};

use crate::domain::PhoneNumber;

use super::{hex, unhex};

/// Chance of the operating system, one for each record.
pub type Salt = [u8; 16];

/// What the chain says of a number: SHA-256 over a salt and the number in E.164. Who has the salt
/// and the number can show that the record is about it; who has neither cannot find the number,
/// though there are few enough numbers to try them all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Commitment {
    /// Where it is of use: kept in the books until the number is erased.
    pub salt: Salt,
    /// What the chain has.
    pub hash: [u8; 32],
}

impl Commitment {
    /// To a number.
    pub fn to(number: PhoneNumber, salt: Salt) -> Self {
        let digest = Sha256::new().chain_update(salt).chain_update(number.to_e164());
        Self { salt, hash: digest.finalize().into() }
    }

    /// As it stands in a record.
    pub fn word(&self) -> String {
        hex(&self.hash)
    }

    /// The hash of a record's word.
    pub fn read(word: &str) -> Option<[u8; 32]> {
        unhex(word)
    }
}
