//! Recordings: stereo WAV, customer left, agent right, written by a thread of their own.
//!
//! The media thread never waits for the disk: when the writer falls behind by more than its queue,
//! the recording is cut there and said so; the call goes on.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedSender;

use super::{LegId, LegStats, MediaEvent, MediaFact};
use crate::rtp::{FRAME, Frame};

/// Chunks of a second that may wait for the disk: about 130 MB at the worst.
const QUEUE: usize = 4096;
/// Frames of a chunk: one second.
const CHUNK: usize = 50;

const SPEC: hound::WavSpec = hound::WavSpec {
    channels: 2,
    sample_rate: 8000,
    bits_per_sample: 16,
    sample_format: hound::SampleFormat::Int,
};

enum Job {
    Samples { leg: LegId, file: String, samples: Vec<i16> },
    Close { at: Timestamp, leg: LegId, stats: LegStats, file: Option<String> },
}

/// The recording of one leg, on the media thread.
#[derive(Debug)]
pub(super) struct Recording {
    file: String,
    chunk: Vec<i16>,
    /// The queue was full once: nothing more is recorded, so that what is there has no hole.
    cut: bool,
}

impl Recording {
    pub(super) fn new(file: String) -> Self {
        Self { file, chunk: Vec::with_capacity(2 * FRAME * CHUNK), cut: false }
    }

    /// One frame of both sides.
    pub(super) fn take(&mut self, leg: LegId, left: &Frame, right: &Frame, writer: &Writer) {
        if self.cut {
            return;
        }
        for (left, right) in left.iter().zip(right) {
            self.chunk.extend([*left, *right]);
        }
        if self.chunk.len() >= 2 * FRAME * CHUNK {
            self.hand_over(leg, writer);
        }
    }

    fn hand_over(&mut self, leg: LegId, writer: &Writer) {
        let empty = Vec::with_capacity(self.chunk.capacity());
        let samples = std::mem::replace(&mut self.chunk, empty);
        let job = Job::Samples { leg, file: self.file.clone(), samples };
        if let Err(TrySendError::Full(_)) = writer.jobs.try_send(job) {
            tracing::error!(file = self.file, "the disk is too slow: recording cut short");
            self.cut = true;
        }
    }
}

/// The way to the writer thread.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    jobs: SyncSender<Job>,
}

impl Writer {
    /// Starts the thread. It tells of each closed leg, with its recording complete.
    pub(super) fn start(
        folder: PathBuf,
        facts: UnboundedSender<MediaFact>,
    ) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let (jobs, queue) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write(&folder, &queue, &facts))?;
        Ok((Self { jobs }, thread))
    }

    /// Closes a leg's recording, if there is one, and tells that the leg is closed.
    pub(super) fn close(
        &self,
        at: Timestamp,
        leg: LegId,
        stats: LegStats,
        recording: Option<Recording>,
    ) {
        let file = recording.map(|mut recording| {
            if !recording.cut && !recording.chunk.is_empty() {
                recording.hand_over(leg, self);
            }
            recording.file
        });
        // Waits when the queue is full: a leg's last fact is never lost. The writer always drains.
        let _ = self.jobs.send(Job::Close { at, leg, stats, file });
    }
}

type Open = hound::WavWriter<BufWriter<File>>;

fn write(folder: &Path, queue: &Receiver<Job>, facts: &UnboundedSender<MediaFact>) {
    let mut open: std::collections::BTreeMap<LegId, Option<Open>> = Default::default();
    while let Ok(job) = queue.recv() {
        match job {
            Job::Samples { leg, file, samples } => {
                let writer = open.entry(leg).or_insert_with(|| {
                    noted(&file, hound::WavWriter::create(folder.join(&file), SPEC))
                });
                let failed = writer
                    .as_mut()
                    .is_some_and(|writer| noted(&file, append(writer, &samples)).is_none());
                if failed {
                    *writer = None;
                }
            }
            Job::Close { at, leg, stats, file } => {
                let recording = file.and_then(|file| {
                    let writer = open.remove(&leg).flatten()?;
                    let frames = i64::from(writer.duration());
                    noted(&file, writer.finalize())?;
                    Some((file, SignedDuration::from_micros(frames * 125)))
                });
                let event = MediaEvent::Closed { stats, recording };
                let _ = facts.send(MediaFact { at, leg, event });
            }
        }
    }
}

fn append(writer: &mut Open, samples: &[i16]) -> Result<(), hound::Error> {
    for sample in samples {
        writer.write_sample(*sample)?;
    }
    // The header is right after each second: a crash loses no more.
    writer.flush()
}

fn noted<T>(file: &str, result: Result<T, hound::Error>) -> Option<T> {
    result.inspect_err(|error| tracing::error!(file, %error, "recording failed")).ok()
}
