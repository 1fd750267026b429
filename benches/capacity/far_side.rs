//! The other end of `answer`, a process of its own: a carrier whose callees answer at once, and agents'
//! phones. Each sends a byte of its own, over and over, by which the other knows whom it hears.

use std::collections::{BTreeMap, VecDeque};
use std::io::IoSliceMut;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nix::cmsg_space;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;
use outdial::clock;
use outdial::domain::Codec;
use outdial::sip::{Credentials, DialogId, EndpointConfig, Event, Register, sdp};
use outdial::transport::Udp;

use super::LOOPBACK;

pub const FIRST_EXTENSION: u32 = 101;
/// Callees hang up after so long.
const TALK: SignedDuration = SignedDuration::from_millis(500);
/// What agents say, loud in mu-law.
const AGENT: u8 = 0x90;
/// What the first callee says; each further stream's is the next.
const CALLEE: u8 = 0x08;
/// So many callees can be told apart.
const CALLEES_MAX: usize = 64;

pub fn password(extension: &str) -> String {
    format!("phone-of-{extension}")
}

/// Arguments: the carrier's address, the registrar's, its realm, agents, calls.
pub fn run(arguments: &[String]) {
    let [carrier, registrar, realm, agents, calls] = arguments else { return };
    let [carrier, registrar]: [SocketAddr; 2] = [carrier, registrar].map(|at| at.parse().unwrap());
    let [agents, calls]: [u32; 2] = [agents, calls].map(|count| count.parse().unwrap());
    let audio = Audio::default();
    let streams = audio.clone();
    std::thread::spawn(move || streams.run());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for extension in (FIRST_EXTENSION..).take(agents as usize) {
            tokio::spawn(phone(extension.to_string(), registrar, realm.clone(), audio.clone()));
        }
        answer_calls(carrier, calls as usize, audio).await;
    });
}

/// One stream of audio.
struct Stream {
    socket: UdpSocket,
    says: u8,
    to: Option<SocketAddr>,
    sent: u32,
    /// When the call was answered; of an agent, the last one that is known.
    answered: Option<Timestamp>,
    /// Since when the other side is heard; of an agent, whoever it is.
    heard: Option<Timestamp>,
    /// An agent's: whose call it is, once that can be heard.
    whose: Option<u8>,
}

/// Every stream, driven by one thread.
#[derive(Clone, Default)]
struct Audio(Arc<Mutex<Vec<Stream>>>);

impl Audio {
    /// A new stream, its name and its local address.
    fn open(&self, says: u8) -> (usize, SocketAddr) {
        let socket = UdpSocket::bind((LOOPBACK, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
        let local = socket.local_addr().unwrap();
        let mut streams = self.0.lock().unwrap();
        let (to, answered, heard, whose) = (None, None, None, None);
        streams.push(Stream { socket, says, to, sent: 0, answered, heard, whose });
        (streams.len() - 1, local)
    }

    fn with(&self, stream: usize, change: impl FnOnce(&mut Stream)) {
        change(&mut self.0.lock().unwrap()[stream]);
    }

    fn run(&self) {
        let mut due = clock::now();
        loop {
            let mut streams = self.0.lock().unwrap();
            for stream in streams.iter_mut() {
                stream.send();
                stream.hear();
            }
            print_agents(&mut streams);
            drop(streams);
            due += SignedDuration::from_millis(20);
            if let Ok(left) = Duration::try_from(due.duration_since(clock::now())) {
                std::thread::sleep(left);
            }
        }
    }
}

/// Agents who know by now whom they hear.
fn print_agents(streams: &mut [Stream]) {
    let answered: BTreeMap<u8, Timestamp> = streams
        .iter()
        .filter(|stream| stream.says != AGENT)
        .filter_map(|stream| Some((stream.says, stream.answered?)))
        .collect();
    for agent in streams.iter_mut().filter(|stream| stream.says == AGENT) {
        let Some((since, heard)) =
            agent.whose.take().and_then(|says| answered.get(&says)).zip(agent.heard)
        else {
            continue;
        };
        // Once a call: the sound goes on.
        if agent.answered.replace(*since) != Some(*since) {
            println!("agent {:.3}", heard.duration_since(*since).as_secs_f64() * 1e3);
        }
    }
}

impl Stream {
    fn send(&mut self) {
        let Some(to) = self.to else { return };
        let mut packet = [self.says; 172];
        packet[..2].copy_from_slice(&[0x80, 0]);
        packet[2..4].copy_from_slice(&(self.sent as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&self.sent.wrapping_mul(160).to_be_bytes());
        packet[8..12].copy_from_slice(&[7, 7, 7, 7]);
        self.sent += 1;
        let _ = self.socket.send_to(&packet, to);
    }

    /// Reads what has come, with the kernel's times.
    fn hear(&mut self) {
        let (mut bytes, mut control) = ([0; 400], cmsg_space!(TimeSpec));
        loop {
            let mut slices = [IoSliceMut::new(&mut bytes)];
            let descriptor = self.socket.as_raw_fd();
            let flags = MsgFlags::MSG_DONTWAIT;
            let Ok(message) =
                recvmsg::<SockaddrStorage>(descriptor, &mut slices, Some(&mut control), flags)
            else {
                return;
            };
            let arrived = message.cmsgs().unwrap().find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(time) => Some(time),
                _ => None,
            });
            let (arrived, length) = (arrived.unwrap(), message.bytes);
            let arrived = Timestamp::new(arrived.tv_sec(), arrived.tv_nsec() as i32).unwrap();
            self.take(&bytes[12.min(length)..length], arrived);
        }
    }

    fn take(&mut self, payload: &[u8], arrived: Timestamp) {
        let audible = payload.iter().filter(|byte| **byte & 0x7f < 0x60).count() > 40;
        if !audible {
            self.heard = None;
            return;
        }
        let is_first = self.heard.is_none();
        self.heard.get_or_insert(arrived);
        if self.says == AGENT {
            let first = payload[0];
            self.whose = payload.iter().all(|byte| *byte == first).then_some(first);
        } else if let Some(since) = self.answered.filter(|_| is_first) {
            println!("callee {:.3}", arrived.duration_since(since).as_secs_f64() * 1e3);
        }
    }
}

/// Registers, and answers whoever calls.
async fn phone(extension: String, registrar: SocketAddr, realm: String, audio: Audio) {
    let local = SocketAddr::from((LOOPBACK, 0));
    let mut udp = Udp::bind(local, EndpointConfig::new(local, extension.parse().unwrap())).unwrap();
    let credentials =
        Credentials { username: extension.clone(), password: password(&extension), realm: None };
    let register = Register {
        next_hop: registrar,
        aor: format!("sip:{extension}@{realm}"),
        expires_s: 3_600,
        credentials: Some(credentials),
    };
    udp.endpoint.register(register.clone(), clock::now());
    let (stream, local) = audio.open(AGENT);
    loop {
        for event in udp.next().await {
            match event {
                // The agent is not in the books yet.
                Event::Response { status, .. } if status != Some(200) => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    udp.endpoint.register(register.clone(), clock::now());
                }
                Event::Incoming { dialog, invite, .. } => {
                    let to = answer(&mut udp, dialog, invite.sdp.as_deref(), local);
                    audio.with(stream, |stream| stream.to = Some(to));
                }
                Event::Ended { .. } => audio.with(stream, |stream| stream.to = None),
                _ => {}
            }
        }
    }
}

/// Answers with audio at `local`, and says where ours is to go.
fn answer(udp: &mut Udp, dialog: DialogId, offer: Option<&str>, local: SocketAddr) -> SocketAddr {
    let media = sdp::LocalMedia { address: local, codecs: vec![Codec::PCMU], srtp: None };
    let (answer, target) = sdp::answer(offer.unwrap(), &media, 1).unwrap();
    udp.endpoint.answer(dialog, answer, clock::now());
    target.address
}

/// The carrier: every number answers, and hangs up after a while.
async fn answer_calls(address: SocketAddr, calls: usize, audio: Audio) {
    let mut udp = Udp::bind(address, EndpointConfig::new(address, 9)).unwrap();
    let streams: Vec<_> = (0..CALLEES_MAX).map(|place| audio.open(CALLEE + place as u8)).collect();
    let mut idle: VecDeque<usize> = (0..CALLEES_MAX).collect();
    let mut busy = BTreeMap::<DialogId, usize>::new();
    let mut up = VecDeque::<(Timestamp, DialogId)>::new();
    let mut over = 0;
    while over < calls {
        let due = up.front().map(|(at, _)| *at);
        let events = tokio::select! {
            events = udp.next() => events,
            () = clock::sleep_until(due) => Vec::new(),
        };
        for event in events {
            match event {
                Event::Incoming { dialog, invite, .. } => {
                    let place = idle.pop_front().unwrap();
                    busy.insert(dialog, place);
                    let (stream, local) = streams[place];
                    let to = answer(&mut udp, dialog, invite.sdp.as_deref(), local);
                    let now = clock::now();
                    audio.with(stream, |stream| {
                        (stream.to, stream.answered, stream.heard) = (Some(to), Some(now), None);
                    });
                    udp.flush();
                    up.push_back((now + TALK, dialog));
                }
                Event::Ended { dialog, .. } | Event::Failed { dialog, .. } => {
                    let Some(place) = busy.remove(&dialog) else { continue };
                    audio.with(streams[place].0, |stream| {
                        (stream.to, stream.answered) = (None, None);
                    });
                    idle.push_back(place);
                    over += 1;
                }
                _ => {}
            }
        }
        let now = clock::now();
        while let Some((_, dialog)) = up.pop_front_if(|(at, _)| *at <= now) {
            udp.endpoint.hang_up(dialog, now);
        }
        udp.flush();
    }
}
