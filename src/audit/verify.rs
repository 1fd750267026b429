//! Is the chain whole?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use super::chain::{Last, Record};
use super::error::AuditFault;
use super::files::{FOLDER, HEAD, HEADS, day_files, head, heads, read_day};
use super::head::Head;
use super::proofs;

/// What a look at the chain has found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verified {
    /// Records read.
    pub records: u64,
    /// Days that have a file.
    pub days: u64,
    /// The first record's number: more than 1 when the oldest days were kept long enough.
    pub first_seq: u64,
    /// The last record's number.
    pub last_seq: u64,
    /// Its hash, to be compared with one that was kept elsewhere.
    pub last_hash: String,
    /// The keys that have signed heads.
    pub public_keys: Vec<String>,
    /// Records after the last signed head: those of a crash, or of this moment.
    pub unsigned: u64,
    /// What does not hold.
    pub broken: Vec<Broken>,
}

/// A place where the chain does not hold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Broken {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 for the file itself.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

struct Walk {
    verified: Verified,
    last: Option<Last>,
    /// The signed head of the chain, and the hash that its record has.
    head: Option<Head>,
    head_seen: Option<String>,
}

/// Reads the whole chain of a data folder. Every record that was taken out, put in, moved or
/// changed breaks a hash, a number or a signed head, and is named with file and line; so is every
/// kept document that was changed.
///
/// # Errors
/// When a file cannot be read.
pub fn verify(data: &Path) -> Result<Verified, AuditFault> {
    let folder = data.join(FOLDER);
    let mut walk =
        Walk { verified: Verified::default(), last: None, head: head(&folder), head_seen: None };
    let signed = walk.signed_days(&folder)?;
    let days = day_files(data)?;
    if let Some((first, _)) = days.first() {
        walk.last = signed.range(..*first).next_back().map(|(_, head)| last_of(head));
        for day in signed.range(first..).map(|(day, _)| *day) {
            if !days.iter().any(|(there, _)| *there == day) {
                walk.broken(&folder.join(format!("{day}.jsonl")), 0, "the day's file is gone");
            }
        }
    }
    walk.verified.days = days.len() as u64;
    let newest = days.last().map(|(day, _)| *day);
    for (day, path) in &days {
        read_day(path, |line, _, record| walk.step(path, line, record))?;
        match signed.get(day) {
            Some(head) if walk.last != Some(last_of(head)) => {
                let what = format!("its signed head is record {} of another hash", head.seq);
                walk.broken(path, 0, what);
            }
            None if Some(*day) != newest => walk.broken(path, 0, "the day has no signed head"),
            Some(_) | None => {}
        }
    }
    walk.end(&folder);
    walk.verified.broken.extend(proofs::changed(data)?);
    Ok(walk.verified)
}

fn last_of(head: &Head) -> Last {
    Last { seq: head.seq, hash: head.hash.clone() }
}

impl Walk {
    fn broken(&mut self, file: &Path, line: u64, what: impl Into<String>) {
        self.verified.broken.push(Broken { file: file.to_owned(), line, what: what.into() });
    }

    /// The signed heads of days that are over.
    fn signed_days(&mut self, folder: &Path) -> Result<BTreeMap<Date, Head>, AuditFault> {
        let (mut signed, path) = (BTreeMap::<Date, Head>::new(), folder.join(HEADS));
        for (line, head) in heads(folder)? {
            let Some(head) = head.filter(Head::is_signed) else {
                self.broken(&path, line, "the head is not signed by its key");
                continue;
            };
            self.trust(&path, line, &head);
            let before = signed.last_key_value();
            let again = |known: &Head| known.day == head.day && last_of(known) == last_of(&head);
            if before.is_some_and(|(day, known)| *day >= head.day && !again(known)) {
                self.broken(&path, line, "the head is out of order");
            }
            signed.insert(head.day, head);
        }
        Ok(signed)
    }

    fn trust(&mut self, path: &Path, line: u64, head: &Head) {
        if !self.verified.public_keys.contains(&head.public_key) {
            if !self.verified.public_keys.is_empty() {
                self.broken(path, line, "the head is signed by another key than those before");
            }
            self.verified.public_keys.push(head.public_key.clone());
        }
    }

    fn step(&mut self, path: &Path, line: u64, record: Result<Record, &'static str>) {
        let record = match record {
            Ok(record) => record,
            Err(what) => {
                self.broken(path, line, what);
                // Its place is taken, by whatever it was.
                if let Some(last) = &mut self.last {
                    *last = Last { seq: last.seq + 1, hash: String::new() };
                }
                return;
            }
        };
        self.verified.records += 1;
        if self.verified.first_seq == 0 {
            self.verified.first_seq = record.seq;
        }
        let last = self.last.clone().unwrap_or_else(Last::none);
        let known = !last.hash.is_empty();
        if record.seq > last.seq + 1 {
            let missing = record.seq - last.seq - 1;
            self.broken(path, line, format!("{missing} records are missing before it"));
        } else if record.seq <= last.seq {
            self.broken(path, line, "the record is out of order, or was put in");
        } else if known && record.prev != last.hash {
            self.broken(path, line, "the record before it is not the one that it followed");
        }
        if self.head.as_ref().is_some_and(|head| head.seq == record.seq) {
            self.head_seen = Some(record.hash.clone());
        }
        self.last = Some(record.last());
    }

    fn end(&mut self, folder: &Path) {
        let last = self.last.clone().unwrap_or_else(Last::none);
        let path = folder.join(HEAD);
        match self.head.take() {
            None if self.verified.records > 0 => self.broken(&path, 0, "the signed head is gone"),
            Some(head) if !head.is_signed() => {
                self.broken(&path, 1, "the head is not signed by its key");
            }
            Some(head) => {
                self.trust(&path, 1, &head);
                match self.head_seen.take() {
                    None => {
                        let what =
                            format!("the chain's end is gone: record {} was there", head.seq);
                        self.broken(&path, 1, what);
                    }
                    Some(hash) if hash != head.hash => {
                        self.broken(&path, 1, format!("record {} was another one", head.seq));
                    }
                    Some(_) => self.verified.unsigned = last.seq.saturating_sub(head.seq),
                }
            }
            None => {}
        }
        (self.verified.last_seq, self.verified.last_hash) = (last.seq, last.hash);
    }
}
