//! The owner's end of the media thread.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rand::{Rng, SeedableRng};
use tokio::sync::mpsc::UnboundedSender;

use super::leg::MediaLeg;
use super::ports::{Pair, Ports};
use super::recorder::Writer;
use super::worker::{Command, Worker};
use super::{Leg, LegId, MediaConfig, MediaError, MediaFact, Repeat};
use crate::amd::Detector;
use crate::clock;
use crate::domain::{Digit, MediaTarget};

/// Commands that may wait for the next tick; an owner that asks for more waits with them.
const COMMANDS: usize = 65_536;

/// The ports, shared by those who lend and the thread that gives back.
#[derive(Clone, Debug)]
pub(super) struct SharedPorts(Arc<Mutex<Ports>>);

impl SharedPorts {
    fn lend(&self) -> Result<(u16, Pair), MediaError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lend()
    }

    pub(super) fn give_back(&self, port: u16) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).give_back(port);
    }
}

/// The media engine. Cheap to clone; the thread ends, with every leg closed, when the last clone
/// is gone.
#[derive(Clone, Debug)]
pub struct Engine {
    commands: SyncSender<Command>,
    ip: IpAddr,
    next: Arc<AtomicU64>,
    ports: SharedPorts,
    seed: u64,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Engine {
    /// Starts the media thread and the recorder. `facts` hears of every leg.
    ///
    /// # Errors
    /// [`MediaError`]: a port range without a pair, a folder that cannot be made, no thread.
    pub fn start(
        config: MediaConfig,
        facts: UnboundedSender<MediaFact>,
    ) -> Result<Self, MediaError> {
        let ports = Ports::new(config.ip, &config.ports)?;
        let ports = SharedPorts(Arc::new(Mutex::new(ports)));
        std::fs::create_dir_all(&config.recordings).map_err(|source| MediaError::Recordings {
            folder: config.recordings.display().to_string(),
            source,
        })?;
        let (writer, recorder) =
            Writer::start(config.recordings, facts.clone()).map_err(MediaError::Thread)?;
        let (commands, queue) = sync_channel(COMMANDS);
        let worker = Worker {
            commands: queue,
            facts,
            ports: ports.clone(),
            silence_max: config.silence_max,
            writer,
            legs: BTreeMap::new(),
        };
        let media = std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || worker.run())
            .map_err(MediaError::Thread)?;
        Ok(Self {
            commands,
            ip: config.ip,
            next: Arc::new(AtomicU64::new(1)),
            ports,
            seed: config.seed,
            threads: Arc::new(Mutex::new(vec![media, recorder])),
        })
    }

    /// A new leg with its ports.
    ///
    /// # Errors
    /// [`MediaError::PortsTaken`].
    pub fn open(&self) -> Result<Leg, MediaError> {
        let (port, sockets) = self.ports.lend()?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let chance =
            rand_pcg::Pcg64Mcg::seed_from_u64(self.seed ^ number.rotate_left(32)).next_u64();
        let id = LegId(number);
        let leg = MediaLeg::new(id, port, sockets, chance, clock::now());
        self.tell(Command::Open(Box::new(leg)));
        Ok(Leg { id, local: SocketAddr::new(self.ip, port) })
    }

    /// The far end is at `target`: send there, and listen to nobody else. Again after each SDP.
    pub fn connect(&self, leg: LegId, target: MediaTarget) {
        self.tell(Command::Connect { leg, target });
    }

    /// Each hears the other. The agent's leg is `seat`: it hears a short tone first, laid over the
    /// person's voice.
    pub fn bridge(&self, call: LegId, seat: LegId) {
        self.tell(Command::Bridge { call, seat });
    }

    /// Takes the leg and the one it is bridged with apart; both hear silence.
    pub fn unbridge(&self, leg: LegId) {
        self.tell(Command::Unbridge { leg });
    }

    /// Plays 8 kHz samples to the far end, in place of what is bridged.
    pub fn play(&self, leg: LegId, samples: Arc<[i16]>, repeat: Repeat) {
        self.tell(Command::Play { leg, samples, repeat });
    }

    /// Stops what is played. No `Played` follows.
    pub fn stop(&self, leg: LegId) {
        self.tell(Command::Stop { leg });
    }

    /// Lets the detector listen to what the far end says from now on.
    pub fn screen(&self, leg: LegId, detector: Detector) {
        self.tell(Command::Screen { leg, detector: Box::new(detector) });
    }

    /// Records from now on into `file` in the recordings' folder: left what the far end says,
    /// right what it hears. A name that is more than a name is refused.
    pub fn record(&self, leg: LegId, file: String) {
        if file.contains(['/', '\\', '\0']) || file.starts_with('.') {
            return tracing::error!(%leg, "a recording's name is no path: not recorded");
        }
        self.tell(Command::Record { leg, file });
    }

    /// Presses a key (RFC 4733), when the far end takes telephone events.
    pub fn send_digit(&self, leg: LegId, digit: Digit) {
        self.tell(Command::SendDigit { leg, digit });
    }

    /// Ends the leg. `Closed` follows, once its recording is on the disk.
    pub fn close(&self, leg: LegId) {
        self.tell(Command::Close { leg });
    }

    /// Lets go of the engine and, when this was its last clone, waits until its threads have ended.
    pub fn shutdown(self) {
        let Self { commands, threads, .. } = self;
        drop(commands);
        if let Some(threads) = Arc::into_inner(threads) {
            for thread in threads.into_inner().unwrap_or_else(PoisonError::into_inner) {
                let _ = thread.join();
            }
        }
    }

    fn tell(&self, command: Command) {
        // The thread only ends when this sender is gone.
        let _ = self.commands.send(command);
    }
}
