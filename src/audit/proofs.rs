//! The documents that consents and business relationships rest on, kept under their SHA-256.
//!
//! A lead's `law.consent.proof` or `law.ebr.proof` that says `sha256:HEX` means the document of that
//! hash; every dial decision has the word among its inputs, so the chain holds the document too.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::AuditFault;
use super::files::FOLDER;
use super::sha256;
use super::verify::Broken;

/// The folder inside the one of the evidence.
pub const PROOFS: &str = "proofs";

/// What a proof is named by.
const BY: &str = "sha256:";

/// Digits of a hash.
const DIGITS: usize = 64;

/// The folder of a data folder's proofs.
pub fn proofs_folder(data: &Path) -> PathBuf {
    data.join(FOLDER).join(PROOFS)
}

/// Keeps a document: its hash. One that is there already is left as it is.
///
/// # Errors
/// When it cannot be written.
pub fn keep_proof(data: &Path, bytes: &[u8]) -> Result<String, AuditFault> {
    keep_under_hash(&proofs_folder(data), bytes)
}

/// Keeps a file in the folder under its SHA-256, which is the answer; one that is there already is
/// left as it is.
///
/// # Errors
/// When it cannot be written.
pub fn keep_under_hash(folder: &Path, bytes: &[u8]) -> Result<String, AuditFault> {
    let hash = sha256(bytes);
    let path = folder.join(&hash);
    if !path.exists() {
        write(folder, &path, bytes).map_err(AuditFault::file(&path))?;
    }
    Ok(hash)
}

/// Whole or not at all, and on the disk.
fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let part = path.with_extension("part");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    File::open(folder)?.sync_all()
}

/// The hashes of the proofs that a record of a dial decision rests on.
pub fn proofs_of(body: &Value) -> BTreeSet<String> {
    let proofs = body["inputs"]["lead"]["proofs"].as_object();
    let texts = proofs.into_iter().flat_map(|proofs| proofs.values()).filter_map(Value::as_str);
    texts.flat_map(named).collect()
}

/// The hashes that a text names.
fn named(text: &str) -> Vec<String> {
    let hash = |after: &str| {
        let digits: String = after.chars().take_while(char::is_ascii_hexdigit).collect();
        (digits.len() == DIGITS).then(|| digits.to_ascii_lowercase())
    };
    text.split(BY).skip(1).filter_map(hash).collect()
}

/// Documents that are not what their names say.
pub(super) fn changed(data: &Path) -> Result<Vec<Broken>, AuditFault> {
    let folder = proofs_folder(data);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(AuditFault::file(&folder))?,
    };
    let mut changed = Vec::new();
    for entry in entries {
        let file = entry.map_err(AuditFault::file(&folder))?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.len() != DIGITS {
            continue;
        }
        if sha256(&fs::read(&file).map_err(AuditFault::file(&file))?) != name {
            let what = "the document is not the one that was kept".to_owned();
            changed.push(Broken { file, line: 0, what });
        }
    }
    changed.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_under_its_hash_and_a_change_is_found() {
        let data = tempfile::tempdir().unwrap();
        let hash = keep_proof(data.path(), b"I agree. Jane").unwrap();
        assert_eq!(keep_proof(data.path(), b"I agree. Jane").unwrap(), hash);
        assert_eq!(changed(data.path()).unwrap(), []);
        let file = proofs_folder(data.path()).join(&hash);
        assert_eq!(fs::read(&file).unwrap(), b"I agree. Jane");
        fs::write(&file, b"I agree. John").unwrap();
        assert_eq!(changed(data.path()).unwrap().len(), 1);
    }

    #[test]
    fn a_decision_names_the_documents_it_rests_on() {
        let (one, other) = ("a".repeat(64), "B".repeat(64));
        let body = serde_json::json!({ "inputs": { "lead": { "proofs": {
            "consent": format!("web form, sha256:{one} of 2026-01-02"),
            "ebr": format!("sha256:{other}"),
            "none": "sha256:4f... and in the safe",
        } } } });
        assert_eq!(proofs_of(&body), BTreeSet::from([one, other.to_ascii_lowercase()]));
        assert!(proofs_of(&serde_json::json!({ "call": 1 })).is_empty());
    }
}
