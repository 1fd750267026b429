//! The writer: all that wait are written and flushed together, then answered.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::{mpsc, oneshot};

use super::chain::{Entry, Last, Record};
use super::error::AuditFault;
use super::files::{FOLDER, HEAD, HEADS, KEEP_DAYS, append_to, day_files, day_of, path_of};
use super::head::Key;
use crate::clock;

/// Entries that may wait; a further one waits for its place.
const QUEUE_MAX: usize = 4_096;
/// Entries that one flush takes to the disk.
const GROUP_MAX: usize = 512;

struct Request {
    entry: Entry,
    reply: oneshot::Sender<Result<(), AuditFault>>,
}

/// The asking side. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Chain {
    queue: mpsc::Sender<Request>,
}

impl Chain {
    /// Opens the chain of a data folder, which must be this process's own, and goes on where it
    /// ended. A last line that was cut off by a crash was never answered, and is taken out. A day
    /// is kept for [`KEEP_DAYS`], or for `keep_days` where those are more.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub fn open(data: &Path, keep_days: i32, now: Timestamp) -> Result<Self, AuditFault> {
        let mut writer = Writer::open(data, keep_days, now)?;
        let (queue, mut requests) = mpsc::channel(QUEUE_MAX);
        let thread = thread::Builder::new().name("audit".to_owned());
        let run = move || {
            let mut group = Vec::with_capacity(GROUP_MAX);
            while requests.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
                writer.write_group(&mut group, clock::now());
            }
        };
        // It ends when the last clone of this value is gone; nobody needs to wait for it, since
        // what is answered is on the disk.
        thread.spawn(run).map_err(AuditFault::file(data))?;
        Ok(Self { queue })
    }

    /// Writes an entry; on the disk when this returns `Ok`.
    ///
    /// # Errors
    /// [`AuditFault`]: it is not written.
    pub async fn append(&self, entry: Entry) -> Result<(), AuditFault> {
        self.append_all(vec![entry]).await
    }

    /// Writes entries, in this order; all on the disk when this returns `Ok`.
    ///
    /// # Errors
    /// [`AuditFault`]: the last ones are not written, or none.
    pub async fn append_all(&self, entries: Vec<Entry>) -> Result<(), AuditFault> {
        let mut answers = Vec::with_capacity(entries.len());
        for entry in entries {
            let (reply, answer) = oneshot::channel();
            let request = Request { entry, reply };
            self.queue.send(request).await.map_err(|_| AuditFault::Closed)?;
            answers.push(answer);
        }
        for answer in answers {
            answer.await.map_err(|_| AuditFault::Closed)??;
        }
        Ok(())
    }
}

struct Writer {
    folder: PathBuf,
    key: Key,
    keep_days: i32,
    last: Last,
    day: Date,
    file: File,
    /// What of it is whole.
    bytes: u64,
}

impl Writer {
    fn open(data: &Path, keep_days: i32, now: Timestamp) -> Result<Self, AuditFault> {
        let keep_days = keep_days.max(KEEP_DAYS);
        let (folder, key) = (data.join(FOLDER), Key::load_or_create(data)?);
        let (day, path) = match day_files(data)?.pop() {
            Some(last) => last,
            None => (day_of(now), path_of(&folder, day_of(now))),
        };
        let file = append_to(&path).map_err(AuditFault::file(&path))?;
        let mut writer = Self { folder, key, keep_days, last: Last::none(), day, file, bytes: 0 };
        writer.resume(&path)?;
        Ok(writer)
    }

    /// Finds the last whole line.
    fn resume(&mut self, path: &Path) -> Result<(), AuditFault> {
        let fault = AuditFault::file(path);
        let read = || -> io::Result<(u64, Vec<u8>)> {
            let mut reader = BufReader::new(File::open(path)?);
            let (mut whole, mut last, mut line) = (0, Vec::new(), Vec::new());
            while reader.read_until(b'\n', &mut line)? > 0 {
                if line.ends_with(b"\n") {
                    whole += line.len() as u64;
                    last.clone_from(&line);
                }
                line.clear();
            }
            Ok((whole, last))
        };
        let (whole, last) = read().map_err(fault)?;
        self.bytes = whole;
        self.file.set_len(whole).map_err(AuditFault::file(path))?;
        if last.is_empty() {
            let before = super::files::heads(&self.folder)?.pop().and_then(|(_, head)| head);
            self.last = before.map_or(Last::none(), |head| Last { seq: head.seq, hash: head.hash });
            return Ok(());
        }
        let line = String::from_utf8_lossy(&last);
        let record = Record::read(line.trim_end_matches('\n'));
        self.last = record.map_err(|_| AuditFault::LastRecord(path.to_owned()))?.last();
        Ok(())
    }

    fn write_group(&mut self, group: &mut Vec<Request>, now: Timestamp) {
        let mut replies = Vec::with_capacity(group.len());
        let (mut text, mut last) = (String::new(), self.last.clone());
        let mut written = self.turn_to(day_of(now), now);
        for Request { entry, reply } in group.drain(..) {
            // A day's file has what was written on that day; `at` says when it happened.
            let (line, next) = entry.seal(&last);
            last = next;
            text.push_str(&line);
            text.push('\n');
            replies.push(reply);
        }
        if written.is_ok() {
            written = self.flush(&text, last, now);
        }
        if let Err(error) = &written {
            tracing::error!(%error, records = replies.len(), "evidence is not written");
        }
        for reply in replies {
            // Who does not wait does not want to know.
            let _ = reply.send(written.clone());
        }
    }

    fn flush(&mut self, text: &str, last: Last, now: Timestamp) -> Result<(), AuditFault> {
        let path = path_of(&self.folder, self.day);
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // What of it has come to the disk is taken back; it was never answered.
            let _ = self.file.set_len(self.bytes);
            let _ = self.file.seek(SeekFrom::End(0));
            return Err(AuditFault::file(path)(source));
        }
        self.bytes += text.len() as u64;
        self.last = last;
        let head = self.key.head(self.day, &self.last, now);
        // The records are on the disk. A head that is behind says no more than it did.
        if let Err(error) = self.put_head(&serde_json::to_string(&head).unwrap_or_default()) {
            tracing::error!(%error, "the head of the evidence is behind");
        }
        Ok(())
    }

    fn put_head(&self, text: &str) -> io::Result<()> {
        let part = self.folder.join("head.json.part");
        fs::write(&part, text)?;
        fs::rename(part, self.folder.join(HEAD))
    }

    /// A new day: the head of the last one is signed for good, and files that are old enough go.
    fn turn_to(&mut self, day: Date, now: Timestamp) -> Result<(), AuditFault> {
        if day <= self.day {
            return Ok(());
        }
        if self.bytes > 0 {
            let head = self.key.head(self.day, &self.last, now);
            tracing::info!(day = %head.day, seq = head.seq, hash = head.hash, "evidence of the day");
            let path = self.folder.join(HEADS);
            let line = serde_json::to_string(&head).unwrap_or_default() + "\n";
            append_to(&path)
                .and_then(|mut heads| heads.write_all(line.as_bytes()).and(heads.sync_all()))
                .map_err(AuditFault::file(&path))?;
        }
        let path = path_of(&self.folder, day);
        self.file = append_to(&path).map_err(AuditFault::file(&path))?;
        (self.day, self.bytes) = (day, 0);
        self.sweep(day);
        Ok(())
    }

    fn sweep(&self, today: Date) {
        let Some(data) = self.folder.parent() else { return };
        for (day, path) in day_files(data).unwrap_or_default() {
            let age = today.since(day).map_or(0, |age| age.get_days());
            if age > self.keep_days
                && let Err(error) = fs::remove_file(&path)
            {
                tracing::warn!(%error, path = %path.display(), "old evidence stays");
            }
        }
    }
}
