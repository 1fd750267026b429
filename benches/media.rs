//! How many bridges a media thread carries, and how evenly what it sends arrives.
//!
//! ```text
//! cargo bench --bench media                            100, 200 and 400 bridges, 10 s each
//! cargo bench --bench media -- 600 --threads 2         one number, two threads
//! cargo bench --bench media -- 200 --record            recorded too
//! cargo bench --bench media -- 200 --record --screen   and the detector listens to who answers: 4 s of
//!                                                      every 30 s of each bridge
//! ```
//!
//! Both ends of every bridge are sockets of one load thread in this process: each sends 20 ms of
//! mu-law every 20 ms, numbered in its payload, and notes by the kernel's time what it gets.
//! Decoding and encoding leave the number as it is, so that losses and the way through the bridge
//! are counted exactly. CPU is that of the engine's threads alone, as the scheduler accounts it.

#![allow(clippy::unwrap_used)]

use std::io::IoSliceMut;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nix::cmsg_space;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt,
};
use nix::sys::time::TimeSpec;
use outdial::amd::Detector;
use outdial::clock;
use outdial::domain::{Codec, Direction, MediaTarget};
use outdial::media::{Engine, MediaConfig, MediaEvent, Screening};

const TICK: SignedDuration = SignedDuration::from_millis(20);
/// Before anything is counted: bridges are made, the agents' tone is over.
const WARM_UP_TICKS: usize = 250;
const COUNTED_TICKS: usize = 500;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let threads = arguments.iter().position(|argument| argument == "--threads");
    let threads = threads.map_or(1, |at| arguments[at + 1].parse().unwrap());
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let how = How { threads, is_recorded: has("--record"), is_screened: has("--screen") };
    let first: Option<usize> = arguments.first().and_then(|count| count.parse().ok());
    println!(
        "two-leg G.711 bridges, {threads} media thread(s), recorded: {}, screened: {}",
        how.is_recorded, how.is_screened
    );
    println!(
        "bridges  % core  %/bridge us/packet | interarrival p50, p99, max | off grid p99 | \
         \u{20} through p50, p99 |   lost skipped concealed missed"
    );
    for count in first.map_or_else(|| vec![100, 200, 400], |count| vec![count]) {
        measure(count, how);
    }
}

/// What is done with each bridge.
#[derive(Clone, Copy)]
struct How {
    threads: usize,
    is_recorded: bool,
    is_screened: bool,
}

/// A new person is at the end of each bridge so often.
const TALK_TICKS: usize = 1_500;
/// So long the detector listens to each.
const SCREENING: SignedDuration = SignedDuration::from_secs(4);

fn measure(bridges: usize, How { threads, is_recorded, is_screened }: How) {
    let folder = std::env::temp_dir().join(format!("media-bench-{}", std::process::id()));
    let (facts, mut told) = tokio::sync::mpsc::unbounded_channel();
    let config = MediaConfig {
        ip: Ipv4Addr::LOCALHOST.into(),
        ports: 20_000..=(19_999 + 4 * bridges as u16),
        threads,
        silence_max: SignedDuration::from_secs(60),
        load_max: 1.0,
        recordings: folder.clone(),
        seed: 1,
    };
    let engine = Engine::start(config, facts).unwrap();
    let (mut far_ends, mut people) = (Vec::new(), Vec::new());
    for _ in 0..bridges {
        let legs = [engine.open().unwrap(), engine.open().unwrap()];
        for leg in &legs {
            let far_end = FarEnd::new(leg.local);
            engine.connect(leg.id, far_end.target());
            far_ends.push(far_end);
        }
        engine.bridge(legs[0].id, legs[1].id);
        people.push(legs[0].id);
        if is_recorded {
            engine.record(legs[0].id, format!("{}.wav", legs[0].id));
        }
    }
    let load = std::thread::spawn(move || run(far_ends));
    let pass = |first: usize, ticks: usize| {
        let mut due = clock::now();
        for tick in first..first + ticks {
            due += TICK;
            let turn = |count: usize| bridges * count / TALK_TICKS;
            if is_screened {
                for person in turn(tick)..turn(tick + 1) {
                    let detector = Screening::from(Detector::new(SCREENING)).going_on(SCREENING);
                    engine.screen(people[person % bridges], detector);
                }
            }
            if let Ok(left) = Duration::try_from(due.duration_since(clock::now())) {
                std::thread::sleep(left);
            }
        }
    };
    // Who was called in the last four seconds is still being screened.
    pass(0, WARM_UP_TICKS);
    let (before, missed) = (engine_cpu(), engine.missed_ticks());
    pass(WARM_UP_TICKS, COUNTED_TICKS);
    let (spent, missed) = (engine_cpu() - before, engine.missed_ticks() - missed);
    let far_ends = load.join().unwrap();
    engine.shutdown();
    let (mut lost, mut late) = (0, 0);
    while let Ok(fact) = told.try_recv() {
        if let MediaEvent::Closed { stats, .. } = fact.event {
            lost += stats.lost;
            late += stats.late;
        }
    }
    let _ = std::fs::remove_dir_all(folder);
    report(bridges, spent, missed, (lost, late), &far_ends);
}

fn report(
    bridges: usize,
    spent: Duration,
    missed: u64,
    (lost, late): (u64, u64),
    far_ends: &[FarEnd],
) {
    let counted = Duration::from_millis(20 * COUNTED_TICKS as u64);
    let percent = 100.0 * spent.as_secs_f64() / counted.as_secs_f64();
    let packets = (bridges * 4 * COUNTED_TICKS) as f64;
    let gathered = |what: fn(&FarEnd) -> &[f64]| {
        let mut all: Vec<f64> = far_ends.iter().flat_map(what).copied().collect();
        all.sort_by(f64::total_cmp);
        move |share: f64| all.get((all.len() as f64 * share) as usize).copied().unwrap_or(0.0)
    };
    let off_grid = {
        let mut all: Vec<f64> = far_ends.iter().flat_map(FarEnd::off_grid).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() * 99 / 100).copied().unwrap_or(0.0)
    };
    let (apart, through) = (gathered(|it| &it.apart_ms), gathered(|it| &it.through_ms));
    let (skipped, concealed) = far_ends
        .iter()
        .fold((0, 0), |sum, far_end| (sum.0 + far_end.skipped, sum.1 + far_end.concealed));
    println!(
        "{bridges:>7} {percent:>7.1} {:>9.3} {:>9.2} | {:>7.1} {:>7.1} {:>7.1} ms | \
         {off_grid:>9.1} ms | {:>7.1} {:>7.1} ms | \
         {lost:>6} {skipped:>7} {concealed:>9} {missed:>6}{}",
        percent / bridges as f64,
        spent.as_secs_f64() * 1e6 / packets,
        apart(0.5),
        apart(0.99),
        apart(0.999_999),
        through(0.5),
        through(0.99),
        if late == 0 { String::new() } else { format!(" ({late} late)") },
    );
}

/// One end of a bridge.
struct FarEnd {
    socket: UdpSocket,
    leg: SocketAddr,
    /// When each numbered packet was sent, the last 256 of them.
    sent: Vec<Timestamp>,
    last_arrival: Option<Timestamp>,
    last_number: Option<u32>,
    /// Every arrival that counts.
    arrivals: Vec<Timestamp>,
    apart_ms: Vec<f64>,
    through_ms: Vec<f64>,
    /// Numbers that never came: lost packets, and frames passed over to cut a delay.
    skipped: u64,
    concealed: u64,
}

impl FarEnd {
    fn new(leg: SocketAddr) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect(leg).unwrap();
        socket.set_nonblocking(true).unwrap();
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true).unwrap();
        Self {
            socket,
            leg,
            sent: vec![Timestamp::UNIX_EPOCH; 256],
            last_arrival: None,
            last_number: None,
            arrivals: Vec::with_capacity(COUNTED_TICKS),
            apart_ms: Vec::with_capacity(COUNTED_TICKS),
            through_ms: Vec::with_capacity(COUNTED_TICKS),
            skipped: 0,
            concealed: 0,
        }
    }

    fn target(&self) -> MediaTarget {
        MediaTarget {
            address: self.socket.local_addr().unwrap(),
            codec: Codec::PCMU,
            payload_type: 0,
            telephone_event: None,
            behind: None,
            direction: Direction::SendReceive,
            srtp: None,
        }
    }

    /// How far each arrival is from the 20 ms grid that fits them best, in milliseconds.
    fn off_grid(&self) -> Vec<f64> {
        let place = |at: &Timestamp| at.as_nanosecond().rem_euclid(20_000_000) as f64 / 1e6;
        // Places go round: they are counted from a third of a turn before the first.
        let turn = self.arrivals.first().map_or(0.0, place) - 7.0;
        let mut places: Vec<f64> =
            self.arrivals.iter().map(|at| (place(at) - turn).rem_euclid(20.0)).collect();
        places.sort_by(f64::total_cmp);
        let middle = places.get(places.len() / 2).copied().unwrap_or(0.0);
        places.into_iter().map(|place| (place - middle).abs()).collect()
    }

    fn send(&mut self, number: u32) {
        let mut packet = [0x95_u8; 172];
        packet[..2].copy_from_slice(&[0x80, 0]);
        packet[2..4].copy_from_slice(&(number as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&number.wrapping_mul(160).to_be_bytes());
        packet[8..12].copy_from_slice(&u32::from(self.leg.port()).to_be_bytes());
        for nibble in 0..8 {
            packet[12 + nibble] = 0x80 | (number >> (4 * nibble) & 0xf) as u8;
        }
        self.sent[number as usize % 256] = clock::now();
        let _ = self.socket.send(&packet);
    }
}

/// Sends and receives for every far end.
fn run(mut far_ends: Vec<FarEnd>) -> Vec<FarEnd> {
    let mut due = clock::now();
    for number in 0..(WARM_UP_TICKS + COUNTED_TICKS + 25) as u32 {
        far_ends.iter_mut().for_each(|far_end| far_end.send(number));
        let is_counted =
            (WARM_UP_TICKS..WARM_UP_TICKS + COUNTED_TICKS).contains(&(number as usize));
        for pair in far_ends.chunks_exact_mut(2) {
            let [one, other] = pair else { continue };
            receive(one, other, is_counted);
            receive(other, one, is_counted);
        }
        due += TICK;
        if let Ok(left) = Duration::try_from(due.duration_since(clock::now())) {
            std::thread::sleep(left);
        }
    }
    far_ends
}

fn receive(at: &mut FarEnd, from: &FarEnd, is_counted: bool) {
    let (mut bytes, mut control) = ([0; 400], cmsg_space!(TimeSpec));
    loop {
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let descriptor = at.socket.as_raw_fd();
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
        let arrived = arrived.unwrap();
        let arrived = Timestamp::new(arrived.tv_sec(), arrived.tv_nsec() as i32).unwrap();
        let before = at.last_arrival.replace(arrived);
        let digits = &bytes[12..20];
        let number = digits.iter().rev().fold(0, |sum, digit| sum << 4 | u32::from(digit & 0xf));
        let is_numbered = digits.iter().all(|digit| digit & 0xf0 == 0x80);
        let last = if is_numbered { at.last_number.replace(number) } else { None };
        if !is_counted {
            continue;
        }
        at.arrivals.push(arrived);
        if let Some(before) = before {
            at.apart_ms.push(arrived.duration_since(before).as_secs_f64() * 1e3);
        }
        if !is_numbered {
            at.concealed += 1;
            continue;
        }
        at.skipped +=
            u64::from(number.wrapping_sub(last.map_or(number, |last| last + 1)).min(1_000));
        let sent = from.sent[number as usize % 256];
        at.through_ms.push(arrived.duration_since(sent).as_secs_f64() * 1e3);
    }
}

/// The CPU time of the engine's threads, the recorder's too.
fn engine_cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let of_task = |path: std::path::PathBuf| {
        let name = std::fs::read_to_string(path.join("comm")).ok()?;
        let is_engine = name.starts_with("media-") || name.starts_with("recorder");
        let accounted = std::fs::read_to_string(path.join("schedstat")).ok()?;
        let spent = accounted.split(' ').next()?.parse().ok()?;
        is_engine.then_some(Duration::from_nanos(spent))
    };
    tasks.filter_map(|task| of_task(task.unwrap().path())).sum()
}
