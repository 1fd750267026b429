//! Recordings: stereo WAV, left what the leg says, right what it hears, written by a thread of
//! their own.
//!
//! A media thread never waits for the disk: when the recorder falls behind by more than its queue,
//! the recording is cut there and said so; the call goes on.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedSender;

use super::{LegId, LegStats, MediaEvent, MediaFact};
use crate::rtp::{FRAME, Frame};

/// Chunks that may wait for the disk: 64 MB at the worst, two seconds of 1,000 recordings.
const QUEUE: usize = 4096;
/// Frames of a chunk: half a second.
const CHUNK: usize = 25;
/// Chunks between two writings of the header: a crash loses no more than 2 s.
const CHUNKS_PER_FLUSH: u32 = 4;
/// What a thread has missed is silence in the recording, but no hour of it (10 s).
const SKIP_MAX: u64 = 500;
/// Ends of recordings that may wait for a disk that does not move.
const ENDS_MAX: usize = 10_000;
/// A file name longer than this is no name.
const NAME_MAX: usize = 200;

const SPEC: hound::WavSpec = hound::WavSpec {
    channels: 2,
    sample_rate: 8000,
    bits_per_sample: 16,
    sample_format: hound::SampleFormat::Int,
};

#[derive(Debug)]
enum Job {
    End { at: Timestamp, leg: LegId, stats: LegStats, file: String },
    Samples { leg: LegId, file: String, samples: Vec<i16> },
}

/// Whether this is the plain name of a file: recordings stay in their folder.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_MAX
        && !name.starts_with('.')
        && !name.contains(['/', '\\', '\0'])
}

/// The recording of one leg, on the media thread.
#[derive(Debug)]
pub(super) struct Recording {
    file: String,
    chunk: Vec<i16>,
    /// Samples of the present chunk. The first one is shorter, by the leg's number, so that
    /// recordings begun together do not come to the disk together for ever.
    length: usize,
    /// The queue was full once: nothing more is recorded, so that what is there has no hole.
    is_cut: bool,
}

impl Recording {
    pub(super) fn new(leg: LegId, file: String) -> Self {
        let length = 2 * FRAME * (1 + leg.0 as usize % CHUNK);
        Self { file, chunk: Vec::with_capacity(2 * FRAME * CHUNK), length, is_cut: false }
    }

    /// One frame of both sides.
    pub(super) fn take(&mut self, leg: LegId, left: &Frame, right: &Frame, recorder: &Recorder) {
        if self.is_cut {
            return;
        }
        self.chunk.extend(left.iter().zip(right).flat_map(|(left, right)| [*left, *right]));
        if self.chunk.len() >= self.length {
            self.length = 2 * FRAME * CHUNK;
            self.hand_over(leg, recorder);
        }
    }

    /// Silence for frames that were missed, so that both sides stay in time.
    pub(super) fn skip(&mut self, leg: LegId, frames: u64, recorder: &Recorder) {
        for _ in 0..frames.min(SKIP_MAX) {
            self.take(leg, &[0; FRAME], &[0; FRAME], recorder);
        }
    }

    fn hand_over(&mut self, leg: LegId, recorder: &Recorder) {
        if self.is_cut || self.chunk.is_empty() {
            return;
        }
        let empty = Vec::with_capacity(2 * FRAME * CHUNK);
        let samples = std::mem::replace(&mut self.chunk, empty);
        let job = Job::Samples { leg, file: self.file.clone(), samples };
        if recorder.jobs.try_send(job).is_err() {
            tracing::error!(file = self.file, "the disk is too slow: recording cut short");
            self.is_cut = true;
        }
    }
}

/// The way from a media thread to the recorder's.
#[derive(Debug)]
pub(super) struct Recorder {
    jobs: SyncSender<Job>,
    facts: UnboundedSender<MediaFact>,
    /// Ends that found no room in the queue.
    waiting: VecDeque<Job>,
}

impl Clone for Recorder {
    fn clone(&self) -> Self {
        let (jobs, facts) = (self.jobs.clone(), self.facts.clone());
        Self { jobs, facts, waiting: VecDeque::new() }
    }
}

impl Recorder {
    /// Starts the thread. It ends when the last of these is gone.
    pub(super) fn start(
        folder: PathBuf,
        facts: UnboundedSender<MediaFact>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = sync_channel(QUEUE);
        let told = facts.clone();
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || Files { folder, open: BTreeMap::new() }.run(&queue, &told))?;
        Ok((Self { jobs, facts, waiting: VecDeque::new() }, thread))
    }

    /// Tells that a leg is closed: at once, or by the recorder when its recording is on the disk.
    pub(super) fn end(
        &mut self,
        at: Timestamp,
        leg: LegId,
        stats: LegStats,
        recording: Option<Recording>,
    ) {
        let is_stuck = self.waiting.len() >= ENDS_MAX;
        let Some(mut recording) = recording.filter(|_| !is_stuck) else {
            let event = MediaEvent::Closed { stats, recording: None };
            // Nobody listens any more: the program ends.
            let _ = self.facts.send(MediaFact { at, leg, event });
            return;
        };
        recording.hand_over(leg, self);
        self.waiting.push_back(Job::End { at, leg, stats, file: recording.file });
        self.retry();
    }

    /// Whether nothing waits to be handed over.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Hands over what has found no room before.
    pub(super) fn retry(&mut self) {
        while let Some(job) = self.waiting.pop_front() {
            if let Err(TrySendError::Full(job)) = self.jobs.try_send(job) {
                return self.waiting.push_front(job);
            }
        }
    }

    /// Waits until everything is handed over; for the end of a media thread.
    pub(super) fn finish(self) {
        for job in self.waiting {
            let _ = self.jobs.send(job);
        }
    }
}

/// The files that are open, on the recorder's thread.
struct Files {
    folder: PathBuf,
    /// `None`: given up, the rest of it is dropped.
    open: BTreeMap<LegId, Option<Wav>>,
}

impl Files {
    fn run(mut self, queue: &Receiver<Job>, facts: &UnboundedSender<MediaFact>) {
        while let Ok(job) = queue.recv() {
            match job {
                Job::End { at, leg, stats, file } => {
                    let wav = self.open.remove(&leg).flatten();
                    let length = wav.and_then(|wav| noted(&file, wav.finish()));
                    let event =
                        MediaEvent::Closed { stats, recording: length.map(|it| (file, it)) };
                    let _ = facts.send(MediaFact { at, leg, event });
                }
                Job::Samples { leg, file, samples } => self.append(leg, &file, &samples),
            }
        }
    }

    fn append(&mut self, leg: LegId, file: &str, samples: &[i16]) {
        let folder = &self.folder;
        let open = self.open.entry(leg).or_insert_with(|| noted(file, Wav::create(folder, file)));
        if let Some(wav) = open
            && noted(file, wav.append(samples)).is_none()
        {
            *open = None;
        }
    }
}

struct Wav {
    writer: hound::WavWriter<BufWriter<File>>,
    chunks: u32,
}

impl Wav {
    /// A new file: one that is there is somebody's recording.
    fn create(folder: &Path, file: &str) -> Result<Self, hound::Error> {
        let file = BufWriter::new(File::create_new(folder.join(file))?);
        Ok(Self { writer: hound::WavWriter::new(file, SPEC)?, chunks: 0 })
    }

    fn append(&mut self, samples: &[i16]) -> Result<(), hound::Error> {
        let mut writer = self.writer.get_i16_writer(samples.len() as u32);
        samples.iter().for_each(|sample| writer.write_sample(*sample));
        writer.flush()?;
        self.chunks += 1;
        if self.chunks.is_multiple_of(CHUNKS_PER_FLUSH) { self.writer.flush() } else { Ok(()) }
    }

    fn finish(self) -> Result<SignedDuration, hound::Error> {
        let frames = i64::from(self.writer.duration());
        self.writer.finalize()?;
        Ok(SignedDuration::from_micros(frames * 125))
    }
}

fn noted<T>(file: &str, result: Result<T, hound::Error>) -> Option<T> {
    result.inspect_err(|error| tracing::error!(file, %error, "recording failed")).ok()
}
