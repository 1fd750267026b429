//! From the pump to the writer: a queue with a limit, and a thread behind it.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;

use super::FOLDER;
use super::line::{Header, Line, Told};
use super::parts::{Limits, run_name};
use super::write::Writer;
use crate::clock;
use crate::dialer::{Decided, Input, Listed};

/// Facts that may wait for the disk: seconds of a large floor.
const QUEUE: usize = 16_384;

/// A fact on its way to the writer, and how many before it found the queue full.
struct Entry {
    told: Told,
    missing: u64,
}

/// The pump's end of the log.
#[derive(Debug)]
pub struct Recorder {
    entries: SyncSender<Entry>,
    missing: u64,
}

/// A log that is being written.
#[derive(Debug)]
pub struct EventLog(JoinHandle<()>);

impl EventLog {
    /// Begins the log of a run in a data folder.
    ///
    /// # Errors
    /// When the file cannot be made, or the system gives no thread.
    pub fn begin(data: &Path, limits: Limits, header: Header) -> io::Result<(Self, Recorder)> {
        let (run, at) = (run_name(header.at), header.at);
        let mut writer = Writer::new(&data.join(FOLDER), run, limits, Line::Begin(header));
        writer.begin(at)?;
        let (entries, queue) = sync_channel(QUEUE);
        let thread = thread::Builder::new().name("event-log".to_owned());
        let thread = thread.spawn(move || run_writer(writer, &queue))?;
        Ok((Self(thread), Recorder { entries, missing: 0 }))
    }

    /// Waits until everything is written; the recorder must be gone.
    pub fn close(self) {
        if self.0.join().is_err() {
            tracing::error!("the writer of the event log panicked");
        }
    }
}

impl Recorder {
    /// Takes a fact and what it led to. Never waits: when the writer is too far behind, the fact is
    /// missing from the log.
    pub fn record(&mut self, at: Timestamp, input: Input, listed: Listed, decided: &Decided) {
        let told = Told {
            at,
            input,
            listed,
            decisions: decided.count(),
            digest: decided.digest(),
            decided: decided.words().to_owned(),
        };
        match self.entries.try_send(Entry { told, missing: self.missing }) {
            Ok(()) => self.missing = 0,
            Err(_) => self.missing += 1,
        }
    }
}

/// Writes until the recorder is gone. What is written reaches the operating system whenever the
/// queue is empty.
fn run_writer(mut writer: Writer, entries: &Receiver<Entry>) {
    loop {
        let entry = match entries.try_recv() {
            Ok(entry) => entry,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                writer.flush();
                let Ok(entry) = entries.recv() else { break };
                entry
            }
        };
        writer.fact(&Line::Fact(Box::new(entry.told)), entry.missing, clock::now());
    }
    writer.end(clock::now());
}
