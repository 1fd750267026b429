//! What happened, in order: a hash of it, and the lines for a person.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The trail of a run.
#[derive(Debug)]
pub(super) struct Trail {
    hash: Sha256,
    lines: Option<Vec<String>>,
}

impl Trail {
    pub(super) fn new(keep_lines: bool) -> Self {
        Self { hash: Sha256::new(), lines: keep_lines.then(Vec::new) }
    }

    /// One more thing.
    pub(super) fn note(&mut self, at: Timestamp, what: fmt::Arguments<'_>) {
        let line = format!("{at} {what}");
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        if let Some(lines) = &mut self.lines {
            lines.push(line);
        }
    }

    /// The bytes of a packet.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// The hash, in hexadecimal digits, and the lines.
    pub(super) fn close(self) -> (String, Vec<String>) {
        let hash = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (hash, self.lines.unwrap_or_default())
    }
}
