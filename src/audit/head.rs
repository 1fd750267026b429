//! The last record of a day, signed.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::chain::Last;
use super::error::AuditFault;
use super::{hex, unhex};

/// The signing key of a data folder.
pub struct Key(SigningKey);

/// A signed place in the chain.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Head {
    /// The day, in UTC.
    pub day: Date,
    /// Its last record so far.
    pub seq: u64,
    /// That record's hash.
    pub hash: String,
    /// When it was signed.
    pub at: Timestamp,
    /// By this key (Ed25519), hexadecimal.
    pub public_key: String,
    /// The signature over the other fields, hexadecimal.
    pub signature: String,
}

impl Key {
    /// The file inside the data folder.
    pub const FILE: &'static str = "audit.key";

    /// The key of a data folder, made where there is none.
    ///
    /// # Errors
    /// [`AuditFault`] when it cannot be read or made.
    pub fn load_or_create(data: &Path) -> Result<Self, AuditFault> {
        let path = data.join(Self::FILE);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let seed = unhex(text.trim()).ok_or(AuditFault::Key(path))?;
                Ok(Self(SigningKey::from_bytes(&seed)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Self::create(&path).map_err(AuditFault::file(path))
            }
            Err(error) => Err(AuditFault::file(path)(error)),
        }
    }

    fn create(path: &Path) -> io::Result<Self> {
        let mut seed = [0; 32];
        fs::File::open("/dev/urandom")?.read_exact(&mut seed)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(hex(&seed).as_bytes())?;
        file.sync_all()?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// What others verify by.
    pub fn public(&self) -> String {
        hex(self.0.verifying_key().as_bytes())
    }

    /// Signs any text.
    pub fn sign(&self, text: &str) -> String {
        hex(&self.0.sign(text.as_bytes()).to_bytes())
    }

    pub(super) fn head(&self, day: Date, last: &Last, at: Timestamp) -> Head {
        let (seq, hash, public_key) = (last.seq, last.hash.clone(), self.public());
        let signature = self.sign(&signed(day, seq, &hash, at));
        Head { day, seq, hash, at, public_key, signature }
    }
}

fn signed(day: Date, seq: u64, hash: &str, at: Timestamp) -> String {
    format!("outdial audit head\n{day}\n{seq}\n{hash}\n{at}\n")
}

impl Head {
    /// Whether the key that it names has signed it.
    pub fn is_signed(&self) -> bool {
        let text = signed(self.day, self.seq, &self.hash, self.at);
        is_signed(&self.public_key, &self.signature, &text)
    }
}

fn is_signed(public_key: &str, signature: &str, text: &str) -> bool {
    let key = unhex(public_key).and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let signature = unhex(signature).map(|signature| Signature::from_bytes(&signature));
    key.zip(signature)
        .is_some_and(|(key, signed)| key.verify_strict(text.as_bytes(), &signed).is_ok())
}
