//! A network that is not good: it takes RTP from one port to another, loses some of it, lets some
//! wait, and sends nothing where nothing is said.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::clock;
use crate::domain::{Law, Share};
use crate::rtp::{Packet, g711, write_packet};

/// Packets that may be under way at once; more are lost.
const UNDER_WAY_MAX: usize = 256;
/// A frame is speech when it is so much louder than the line's noise.
const SPEECH_DB: f32 = 9.0;
/// The noise that is known follows a louder one by so much a frame.
const NOISE_RISE_DB: f32 = 0.1;
/// What follows speech is still sent for so many packets (200 ms), as voice activity detectors do.
const HANGOVER: u32 = 10;
/// Comfort noise is told again after so many packets that were not sent (RFC 3389 §5: when it has
/// changed; many gateways do it by time).
const NOISE_EVERY: u32 = 20;
/// The payload type of comfort noise (RFC 3551 table 4).
const COMFORT_NOISE: u8 = 13;

/// What becomes of a packet in which nobody speaks (discontinuous transmission).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Pauses {
    /// It is not sent; the level of the noise is, now and then (RFC 3389).
    ComfortNoise,
    /// It is not sent.
    Dropped,
    /// It is sent as every other.
    #[default]
    Sent,
}

/// What a network does to packets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Network {
    /// So many are lost, each by itself.
    pub loss: Share,
    /// Each waits up to so long; a later one may overtake it.
    pub jitter: SignedDuration,
    /// What is done with pauses.
    pub pauses: Pauses,
}

/// A path from one port to another. Dropped, it is gone.
#[derive(Debug)]
pub struct Path {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Path {
    /// A path toward `to`: what comes from `from` to [`Self::address`] goes there, as far as the
    /// network lets it. What comes back is dropped.
    ///
    /// # Errors
    /// No socket.
    pub async fn open(
        network: Network,
        ip: IpAddr,
        (from, to): (SocketAddr, SocketAddr),
        seed: u64,
    ) -> io::Result<Self> {
        let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).await?;
        let address = socket.local_addr()?;
        let sender = Sender::new(network, seed);
        Ok(Self { address, task: tokio::spawn(carry(socket, sender, from, to)) })
    }

    /// Where both ends send to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(socket: UdpSocket, mut sender: Sender, from: SocketAddr, to: SocketAddr) {
    let mut bytes = [0; 1_500];
    // The packet's number tells two of the same moment apart.
    let mut under_way: BTreeMap<(Timestamp, u64), Vec<u8>> = BTreeMap::new();
    let mut number = 0;
    loop {
        let next = under_way.keys().next().map(|(at, _)| *at);
        tokio::select! {
            received = socket.recv_from(&mut bytes) => {
                let Ok((length, source)) = received else { continue };
                if source != from || under_way.len() >= UNDER_WAY_MAX {
                    continue;
                }
                if let Some((wait, packet)) = sender.pass(&bytes[..length]) {
                    number += 1;
                    under_way.insert((clock::now() + wait, number), packet);
                }
            }
            () = clock::sleep_until(next) => {}
        }
        let now = clock::now();
        while let Some(entry) = under_way.first_entry().filter(|entry| entry.key().0 <= now) {
            // Lost, as any packet may be.
            let _ = socket.send_to(&entry.remove(), to).await;
        }
    }
}

/// Decides what becomes of each packet, and numbers those that are sent.
#[derive(Debug)]
struct Sender {
    network: Network,
    chance: Pcg64Mcg,
    /// In dBov.
    noise_db: Option<f32>,
    since_speech: u32,
    /// Packets that were not sent, for the pause.
    unsent: u16,
}

impl Sender {
    fn new(network: Network, seed: u64) -> Self {
        let chance = Pcg64Mcg::seed_from_u64(seed);
        Self { network, chance, noise_db: None, since_speech: 0, unsent: 0 }
    }

    /// What is sent of a packet, and how long it is under way; `None` when nothing arrives.
    fn pass(&mut self, bytes: &[u8]) -> Option<(SignedDuration, Vec<u8>)> {
        let packet = Packet::read(bytes)?;
        let paused = self.network.pauses != Pauses::Sent && self.is_pause(&packet);
        let first = self.since_speech == HANGOVER + 1;
        let noise = [self.noise_db.map_or(127, |db| -db.clamp(-127.0, 0.0) as u8)];
        let again = self.since_speech.saturating_sub(HANGOVER + 1).is_multiple_of(NOISE_EVERY);
        let tells_noise = self.network.pauses == Pauses::ComfortNoise && (first || again);
        let sent = match (paused, tells_noise) {
            (true, false) => {
                self.unsent = self.unsent.wrapping_add(1);
                return None;
            }
            (true, true) => Packet { payload_type: COMFORT_NOISE, payload: &noise, ..packet },
            (false, _) => packet,
        };
        let sequence = sent.sequence.wrapping_sub(self.unsent);
        let mut written = vec![0; bytes.len()];
        let length = write_packet(&Packet { sequence, ..sent }, &mut written)?;
        written.truncate(length);
        let is_lost = self.chance.random_bool(self.network.loss.get());
        let longest_us = self.network.jitter.as_micros().clamp(0, 1_000_000) as i64;
        let wait = SignedDuration::from_micros(self.chance.random_range(0..=longest_us));
        (!is_lost).then_some((wait, written))
    }

    fn is_pause(&mut self, packet: &Packet<'_>) -> bool {
        let law = if packet.payload_type == Law::A.payload_type() { Law::A } else { Law::Mu };
        let level_db = level_db(law, packet.payload);
        let noise_db = self.noise_db.unwrap_or(level_db);
        self.noise_db = Some(level_db.min(noise_db + NOISE_RISE_DB));
        let is_speech = level_db > noise_db + SPEECH_DB;
        self.since_speech = if is_speech { 0 } else { self.since_speech.saturating_add(1) };
        self.since_speech > HANGOVER
    }
}

/// The level of G.711 in dBov (RFC 3389 §3: against a square wave of full scale), -90 at least.
fn level_db(law: Law, payload: &[u8]) -> f32 {
    let power: f32 =
        payload.iter().map(|byte| f32::from(g711::decode(law, *byte)).powi(2)).sum::<f32>()
            / payload.len().max(1) as f32;
    10.0 * (power / 32_768.0_f32.powi(2)).max(1e-9).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(nth: u16, amplitude: i16) -> Vec<u8> {
        let payload: Vec<u8> = (0..160)
            .map(|n| if n % 2 == 0 { amplitude } else { -amplitude })
            .map(|sample| g711::encode(Law::Mu, sample))
            .collect();
        let packet = Packet {
            payload_type: 0,
            marker: false,
            sequence: nth,
            timestamp: u32::from(nth) * 160,
            ssrc: 1,
            payload: &payload,
        };
        let mut bytes = vec![0; 200];
        let length = write_packet(&packet, &mut bytes).unwrap();
        bytes.truncate(length);
        bytes
    }

    fn network(loss: f64, pauses: Pauses) -> Network {
        let jitter = SignedDuration::from_millis(30);
        Network { loss: Share::new(loss).unwrap(), jitter, pauses }
    }

    #[test]
    fn it_loses_as_many_as_it_is_told_to() {
        let mut sender = Sender::new(network(0.02, Pauses::Sent), 1);
        let lost = (0..10_000).filter(|nth| sender.pass(&packet(*nth, 4_000)).is_none()).count();
        assert!((150..=250).contains(&lost), "{lost} of 10,000");
    }

    #[test]
    fn a_pause_is_told_by_its_noise_and_numbers_have_no_gap() {
        let mut sender = Sender::new(network(0.0, Pauses::ComfortNoise), 1);
        // Noise, speech, noise for two seconds, speech.
        let amplitude = |nth| if (50..100).contains(&nth) || nth >= 200 { 4_000 } else { 40 };
        let sent: Vec<Vec<u8>> =
            (0..250).filter_map(|nth| Some(sender.pass(&packet(nth, amplitude(nth)))?.1)).collect();
        let sent: Vec<Packet<'_>> = sent.iter().map(|bytes| Packet::read(bytes).unwrap()).collect();
        assert!(sent.windows(2).all(|pair| pair[1].sequence == pair[0].sequence + 1));
        let (noise, speech): (Vec<Packet<'_>>, Vec<Packet<'_>>) =
            sent.iter().copied().partition(|it| it.payload_type == 13);
        assert!((110..=125).contains(&speech.len()), "{}", speech.len());
        assert!((5..=10).contains(&noise.len()), "{}", noise.len());
        // 40 of 32,768 are -58 dBov.
        assert!(noise.iter().all(|it| (56..=60).contains(&it.payload[0])), "{noise:?}");
    }
}
