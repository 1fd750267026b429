//! The evidence: why each call was placed, by which rules and lists, and who changed what, in a
//! chain that shows whether anything was taken out, put in, moved or changed.
//!
//! - One JSON object a line in `audit/YYYY-MM-DD.jsonl` of the data folder (days of UTC), keys in
//!   order and no blanks. Each has the hash of the one before it, and its own: SHA-256 over the
//!   line without `hash`.
//! - The last record of each day is signed (Ed25519) in `audit/heads.jsonl`, and the last of all,
//!   after each group of writes, in `audit/head.json`: what is cut off at the end is missed too.
//!   The key is made at the first start, `audit.key`, for its owner only.
//! - What is answered is on the disk. Who waits meanwhile is written by the same flush.
//! - No telephone number is in it: a record has SHA-256 over a salt and the number, and the salt is
//!   in the books. When the salt is erased, the chain still holds, and nobody finds the number.
//!
//! Whoever has the folder and the key can write another chain. Keep the heads elsewhere too: each
//! day's is one line of the log.

mod chain;
mod commitment;
mod error;
mod files;
mod head;
mod proofs;
#[cfg(test)]
mod tests;
mod verify;
mod write;

pub use chain::{Entry, Record};
pub use commitment::{Commitment, Salt};
pub use error::AuditFault;
pub use files::{FOLDER, KEEP_DAYS, day_files, read_day};
pub use head::{Head, Key};
pub use proofs::{PROOFS, keep_proof, keep_under_hash, proofs_folder, proofs_of};
pub use verify::{Broken, Verified, verify};
pub use write::Chain;

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
