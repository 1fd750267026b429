//! The owner's end of the media threads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use jiff::SignedDuration;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use tokio::sync::mpsc::UnboundedSender;

use super::conference::{Arrangement, Conferences};
use super::first_words::FirstWords;
use super::grid::Grid;
use super::leg::{MediaLeg, Screening};
use super::load::Load;
use super::ports::Ports;
use super::recorder::{self, Recorder};
use super::wire::Wire;
use super::worker::{Command, Order, Worker};
use super::{Hears, Leg, LegId, MediaConfig, MediaError, MediaFact, Repeat};
use crate::amd::EarlyMedia;
use crate::clock;
use crate::domain::{Digit, MediaTarget};
use crate::transport::pipe::PipeEnd;

/// Commands that may wait for a worker's next tick; an owner that asks for more waits with them.
const COMMANDS: usize = 16_384;

/// The media engine. Cheap to clone; its threads end, with every leg closed, by
/// [`Engine::shutdown`] or when the last clone is gone.
///
/// What is asked of a leg that is closed, or was never opened, is ignored.
#[derive(Clone, Debug)]
pub struct Engine(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    ports: Ports,
    workers: Vec<SyncSender<Command>>,
    desk: Mutex<Desk>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    missed: Arc<AtomicU64>,
    strained: Arc<AtomicUsize>,
}

/// Which leg is whose. Commands are sent under its lock, so that they arrive in the order in which
/// legs move.
#[derive(Debug)]
struct Desk {
    homes: BTreeMap<LegId, usize>,
    first_words: BTreeMap<LegId, FirstWords>,
    /// Legs of each worker.
    loads: Vec<usize>,
    next: u64,
    /// Bridges and conferences so far.
    arranged: Arrangement,
    chance: Pcg64Mcg,
    is_down: bool,
}

impl Engine {
    /// Starts the media threads and the recorder. `facts` hears of every leg.
    ///
    /// # Errors
    /// [`MediaError`]: a port range without a pair, a folder that cannot be made, no thread.
    pub fn start(
        config: MediaConfig,
        facts: UnboundedSender<MediaFact>,
    ) -> Result<Self, MediaError> {
        let ports = Ports::new(config.ip, &config.ports)?;
        std::fs::create_dir_all(&config.recordings).map_err(|source| MediaError::Recordings {
            folder: config.recordings.display().to_string(),
            source,
        })?;
        let (recorder, thread) =
            Recorder::start(config.recordings, facts.clone()).map_err(MediaError::Thread)?;
        let (workers, queues): (Vec<_>, Vec<_>) =
            (0..config.threads.max(1)).map(|_| sync_channel(COMMANDS)).unzip();
        let desk = Desk {
            homes: BTreeMap::new(),
            first_words: BTreeMap::new(),
            loads: vec![0; workers.len()],
            next: 1,
            arranged: Arrangement::default(),
            chance: Pcg64Mcg::seed_from_u64(config.seed),
            is_down: false,
        };
        let engine = Shared {
            ports,
            workers,
            desk: Mutex::new(desk),
            threads: Mutex::new(vec![thread]),
            missed: Arc::default(),
            strained: Arc::default(),
        };
        for (number, commands) in queues.into_iter().enumerate() {
            let worker = Worker {
                commands,
                workers: engine.workers.clone(),
                facts: facts.clone(),
                silence_max: config.silence_max,
                recorder: recorder.clone(),
                grid: Grid::new().map_err(MediaError::Thread)?,
                missed: engine.missed.clone(),
                load: Load::new(config.load_max, engine.strained.clone()),
                legs: BTreeMap::new(),
                bridges: BTreeMap::new(),
                conferences: Conferences::default(),
                early: Vec::new(),
                leaving: Vec::new(),
            };
            let thread = std::thread::Builder::new()
                .name(format!("media-{number}"))
                .spawn(move || worker.run())
                .map_err(MediaError::Thread)?;
            lock(&engine.threads).push(thread);
        }
        Ok(Self(Arc::new(engine)))
    }

    /// A new leg with its ports. It sends and accepts nothing before it is connected.
    ///
    /// # Errors
    /// [`MediaError::PortsTaken`], and [`MediaError::Down`] after a shutdown.
    pub fn open(&self) -> Result<Leg, MediaError> {
        self.adopt(Wire::Sockets(self.0.ports.lend()?))
    }

    /// A new leg without ports, whose packets go through a pipe. It is connected to
    /// [`pipe::FAR_END`](crate::transport::pipe::FAR_END), and sends and accepts nothing before.
    ///
    /// # Errors
    /// [`MediaError::Down`] after a shutdown.
    pub fn open_on(&self, pipe: PipeEnd) -> Result<Leg, MediaError> {
        self.adopt(Wire::Pipe(pipe))
    }

    fn adopt(&self, wire: Wire) -> Result<Leg, MediaError> {
        let local = wire.local();
        let mut desk = lock(&self.0.desk);
        if desk.is_down {
            return Err(MediaError::Down);
        }
        let id = LegId(desk.next);
        desk.next += 1;
        let leg = MediaLeg::new(id, wire, desk.chance.next_u64(), clock::now());
        let worker = desk.idlest();
        desk.settle(id, worker);
        self.send(worker, Command::Adopt(Box::new(leg)));
        Ok(Leg { id, local })
    }

    /// The far end is at `target`: send there, and listen to nobody else. Again after each SDP.
    /// From here on the leg sends without a pause, silence when there is nothing else, as far as
    /// the direction lets it.
    pub fn connect(&self, leg: LegId, target: MediaTarget) {
        self.order(leg, Order::Connect(target));
    }

    /// Each hears the other. The agent hears a short tone first, laid over the person's voice.
    /// Both leave the bridges in which they were.
    pub fn bridge(&self, person: LegId, agent: LegId) {
        let mut desk = lock(&self.0.desk);
        let (Some(from), Some(to)) = (desk.home(agent), desk.home(person)) else { return };
        if from != to {
            desk.settle(agent, to);
            self.send(from, Command::Order(agent, Order::HandOver(to)));
        }
        let arrangement = desk.arrange();
        self.send(to, Command::Order(agent, Order::Bridge { person, arrangement }));
    }

    /// Each of the listeners hears from now on these speakers, all of them at once, and nobody else: who
    /// hears whom is said in one direction. No leg hears itself. Who is named leaves the bridge in
    /// which it was, and goes where `anchor` is.
    pub fn confer(&self, anchor: LegId, hearing: Vec<Hears>) {
        let mut desk = lock(&self.0.desk);
        let Some(to) = desk.home(anchor) else { return };
        let named = hearing.iter().flat_map(|it| [it.listener, it.speaker]);
        for leg in named.collect::<BTreeSet<_>>() {
            if let Some(from) = desk.home(leg).filter(|from| *from != to) {
                desk.settle(leg, to);
                self.send(from, Command::Order(leg, Order::HandOver(to)));
            }
        }
        let arrangement = desk.arrange();
        self.send(to, Command::Order(anchor, Order::Confer { hearing, arrangement }));
    }

    /// A short tone over what the leg hears.
    pub fn chime(&self, leg: LegId) {
        self.order(leg, Order::Chime);
    }

    /// Takes the leg from who is bridged with it, and out of every conference. It hears silence, and who was
    /// bridged with it.
    pub fn unbridge(&self, leg: LegId) {
        let mut desk = lock(&self.0.desk);
        let Some(worker) = desk.home(leg) else { return };
        let arrangement = desk.arrange();
        self.send(worker, Command::Order(leg, Order::Unbridge { arrangement }));
    }

    /// Plays 8 kHz samples to the far end, in place of what is bridged and of what was played
    /// before. It begins when the leg is connected.
    pub fn play(&self, leg: LegId, samples: Arc<[i16]>, repeat: Repeat) {
        self.order(leg, Order::Play(samples, repeat));
    }

    /// Stops what is played. No `Played` follows.
    pub fn stop(&self, leg: LegId) {
        self.order(leg, Order::Stop);
    }

    /// Lets a detector listen to what the far end says from now on.
    pub fn screen(&self, leg: LegId, screening: impl Into<Screening>) {
        self.order(leg, Order::Screen(Box::new(screening.into())));
    }

    /// Listens for the end of a machine's greeting, at most this long; [`MediaEvent::GreetingOver`]
    /// follows, unless the greeting is longer.
    ///
    /// [`MediaEvent::GreetingOver`]: super::MediaEvent::GreetingOver
    pub fn await_greeting_end(&self, leg: LegId, limit: SignedDuration) {
        self.order(leg, Order::AwaitGreetingEnd(limit));
    }

    /// Keeps the first ten seconds of what the far end says from now on, as long as the leg is up.
    pub fn keep_first_words(&self, leg: LegId) {
        let words = FirstWords::default();
        let mut desk = lock(&self.0.desk);
        let Some(worker) = desk.home(leg) else { return };
        desk.first_words.insert(leg, words.clone());
        self.send(worker, Command::Order(leg, Order::KeepFirstWords(words)));
    }

    /// What is kept of them so far, 8 kHz; `None` of a leg that is closed or keeps none.
    pub fn first_words(&self, leg: LegId) -> Option<Vec<i16>> {
        let words = lock(&self.0.desk).first_words.get(&leg).cloned();
        words.map(|words| words.samples())
    }

    /// Lets it listen for the network's tones in what the far end says from now on, before the
    /// answer; `None`: no longer.
    pub fn hear_tones(&self, leg: LegId, ear: Option<EarlyMedia>) {
        self.order(leg, Order::HearTones(ear.map(Box::new)));
    }

    /// Records from now on, until the leg is closed, into `file` in the recordings' folder: left
    /// what the far end says, right what it hears. A name that is more than a name is refused, and
    /// no file that is there is written over: nothing is recorded then, and the log says so.
    pub fn record(&self, leg: LegId, file: String) {
        if !recorder::is_plain_name(&file) {
            return tracing::error!(%leg, "a recording's name is no path: not recorded");
        }
        self.order(leg, Order::Record(file));
    }

    /// Presses a key: by RFC 4733, or in the band when the far end takes no telephone events.
    pub fn send_digit(&self, leg: LegId, digit: Digit) {
        self.order(leg, Order::SendDigit(digit));
    }

    /// Ends the leg. `Closed` follows, once its recording is on the disk.
    pub fn close(&self, leg: LegId) {
        let mut desk = lock(&self.0.desk);
        desk.first_words.remove(&leg);
        if let Some(worker) = desk.forget(leg) {
            self.send(worker, Command::Order(leg, Order::Close));
        }
    }

    /// How many legs are open.
    pub fn legs(&self) -> usize {
        lock(&self.0.desk).homes.len()
    }

    /// How many 20 ms ticks the threads have been late for, since the start: the machine has more
    /// to do than it can.
    pub fn missed_ticks(&self) -> u64 {
        self.0.missed.load(Ordering::Relaxed)
    }

    /// How many threads have no time for more calls; it changes by itself. Legs that are up, and those
    /// that are opened all the same, go on.
    pub fn strained(&self) -> Arc<AtomicUsize> {
        self.0.strained.clone()
    }

    /// Closes every leg, and waits until the threads have ended and the recordings are on the disk.
    pub fn shutdown(&self) {
        self.0.end();
        for thread in std::mem::take(&mut *lock(&self.0.threads)) {
            // A thread that has panicked is a bug that it has told itself.
            let _ = thread.join();
        }
    }

    fn order(&self, leg: LegId, order: Order) {
        let desk = lock(&self.0.desk);
        if let Some(worker) = desk.home(leg) {
            self.send(worker, Command::Order(leg, order));
        }
    }

    fn send(&self, worker: usize, command: Command) {
        // A worker only ends after the desk is down.
        let _ = self.0.workers[worker].send(command);
    }
}

impl Desk {
    fn home(&self, leg: LegId) -> Option<usize> {
        self.homes.get(&leg).copied()
    }

    fn arrange(&mut self) -> Arrangement {
        self.arranged = self.arranged.next();
        self.arranged
    }

    fn idlest(&self) -> usize {
        let loads = self.loads.iter().enumerate();
        loads.min_by_key(|(_, load)| **load).map_or(0, |(worker, _)| worker)
    }

    fn settle(&mut self, leg: LegId, worker: usize) {
        self.forget(leg);
        self.homes.insert(leg, worker);
        self.loads[worker] += 1;
    }

    fn forget(&mut self, leg: LegId) -> Option<usize> {
        let worker = self.homes.remove(&leg)?;
        self.loads[worker] -= 1;
        Some(worker)
    }
}

impl Shared {
    /// Tells every worker to end; nothing is sent to them after that.
    fn end(&self) {
        let mut desk = lock(&self.desk);
        if !std::mem::replace(&mut desk.is_down, true) {
            desk.homes.clear();
            for worker in &self.workers {
                let _ = worker.send(Command::Shutdown);
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.end();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
