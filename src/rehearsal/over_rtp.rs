//! Recordings played over RTP to a detector: what it says of them on a line, beside what it says of
//! the files.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::network::{Network, Path};
use crate::amd::Detector;
use crate::clock;
use crate::domain::{Codec, Direction, Law, MediaTarget, Verdict};
use crate::media::{
    Engine, Leg, LegId, LegStats, MediaConfig, MediaError, MediaEvent, MediaFact, Repeat,
};

/// So many recordings are played at once, unless the ports are fewer.
const AT_ONCE: usize = 100;
/// A verdict that has not come so long after the detector's limit does not come.
const GRACE: SignedDuration = SignedDuration::from_secs(3);

/// What came of one recording.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard {
    /// What the detector said; `None` when it said nothing in time.
    pub verdict: Option<Verdict>,
    /// What went over the leg.
    pub stats: LegStats,
}

/// Two engines on loopback: one plays, the other listens, each with half of the ports.
#[derive(Debug)]
pub struct Listening {
    players: Engine,
    listeners: Engine,
    facts: UnboundedReceiver<MediaFact>,
    at_once: usize,
}

/// A recording while it is played.
struct Playing {
    nth: usize,
    player: Leg,
    _path: Path,
}

impl Listening {
    /// Starts both on these ports, at least eight.
    ///
    /// # Errors
    /// [`MediaError`].
    pub fn start(ports: std::ops::RangeInclusive<u16>, seed: u64) -> Result<Self, MediaError> {
        let middle = (ports.start() / 2 + ports.end() / 2) & !1;
        let config = |ports, seed| MediaConfig {
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            ports,
            threads: 1,
            silence_max: SignedDuration::from_secs(3_600),
            load_max: 1.0,
            // Nothing is recorded.
            recordings: std::env::temp_dir(),
            seed,
        };
        let at_once = usize::from(middle - ports.start()) / 2;
        let (told, facts) = unbounded_channel();
        // What a player says of itself is of no interest.
        let players =
            Engine::start(config(*ports.start()..=middle - 1, seed), unbounded_channel().0)?;
        let listeners = Engine::start(config(middle..=*ports.end(), seed ^ 1), told)?;
        Ok(Self { players, listeners, facts, at_once: at_once.clamp(1, AT_ONCE) })
    }

    /// Plays each recording over the network to a detector of its own, which decides within `limit`.
    ///
    /// # Errors
    /// No socket.
    pub async fn hear(
        &mut self,
        recordings: &[Arc<[i16]>],
        (detector, limit): (&Detector, SignedDuration),
        network: Network,
        seed: u64,
    ) -> io::Result<Vec<Heard>> {
        let mut all = vec![Heard::default(); recordings.len()];
        for (batch, some) in recordings.chunks(self.at_once).enumerate() {
            let first = batch * self.at_once;
            let mut playing = BTreeMap::new();
            for (nth, recording) in some.iter().enumerate() {
                let nth = first + nth;
                let seed = seed.wrapping_add(nth as u64);
                let (leg, one) = self.play(nth, recording, detector, network, seed).await?;
                playing.insert(leg, one);
            }
            self.listen(playing, clock::now() + limit + GRACE, &mut all).await;
        }
        Ok(all)
    }

    async fn play(
        &self,
        nth: usize,
        recording: &Arc<[i16]>,
        detector: &Detector,
        network: Network,
        seed: u64,
    ) -> io::Result<(LegId, Playing)> {
        let open = |engine: &Engine| engine.open().map_err(io::Error::other);
        let (player, listener) = (open(&self.players)?, open(&self.listeners)?);
        let between = (player.local, listener.local);
        let path = Path::open(network, listener.local.ip(), between, seed).await?;
        self.listeners.connect(listener.id, target(path.address()));
        self.listeners.screen(listener.id, detector.clone());
        self.players.play(player.id, Arc::clone(recording), Repeat::Once);
        self.players.connect(player.id, target(path.address()));
        Ok((listener.id, Playing { nth, player, _path: path }))
    }

    /// Until each has its verdict, and each leg is closed.
    async fn listen(
        &mut self,
        mut playing: BTreeMap<LegId, Playing>,
        until: Timestamp,
        all: &mut [Heard],
    ) {
        let mut is_over = false;
        while !playing.is_empty() {
            let end = (!is_over).then_some(until);
            let fact = tokio::select! {
                Some(fact) = self.facts.recv() => fact,
                () = clock::sleep_until(end) => {
                    is_over = true;
                    playing.keys().for_each(|leg| self.listeners.close(*leg));
                    continue;
                }
            };
            match fact.event {
                MediaEvent::Screened(verdict) => {
                    if let Some(one) = playing.get(&fact.leg) {
                        all[one.nth].verdict = Some(verdict);
                        self.listeners.close(fact.leg);
                    }
                }
                MediaEvent::Closed { stats, .. } => {
                    if let Some(one) = playing.remove(&fact.leg) {
                        all[one.nth].stats = stats;
                        self.players.close(one.player.id);
                    }
                }
                MediaEvent::Digit(_)
                | MediaEvent::Features(_)
                | MediaEvent::GreetingOver(_)
                | MediaEvent::Heard
                | MediaEvent::Likely(_)
                | MediaEvent::Played
                | MediaEvent::Silent
                | MediaEvent::Tone(_) => {}
            }
        }
    }
}

fn target(address: SocketAddr) -> MediaTarget {
    MediaTarget {
        address,
        behind: None,
        codec: Codec::PCMU,
        payload_type: Law::Mu.payload_type(),
        telephone_event: None,
        direction: Direction::SendReceive,
        srtp: None,
    }
}
