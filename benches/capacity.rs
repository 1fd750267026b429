//! What one machine carries, against SIPp on loopback.
//!
//! ```text
//! cargo bench --bench capacity                     calls a second and bridges, a minute or two
//! cargo bench --bench capacity -- 500 2000         signalling at these rates only
//! cargo bench --bench capacity -- --bridges 400    bridges only
//! ```
//!
//! Signalling: INVITE, 180, 200, ACK, 1.5 s, BYE toward SIPp's own UAS, once by this engine and
//! once by SIPp's own UAC at the same rate in the same run. Media: two-leg G.711 bridges, with the
//! far ends in a process of their own. CPU is user and system time of the measured process alone.

#![allow(clippy::unwrap_used)]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use outdial::clock;
use outdial::domain::{Direction, Law, MediaTarget};
use outdial::media::{Engine, MediaConfig, MediaEvent};
use outdial::sip::{DialogId, EndpointConfig, Event, Invite, sdp};
use outdial::transport::Udp;

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// How long each call is up.
const HOLD: SignedDuration = SignedDuration::from_millis(1500);
/// How long a rate is kept up.
const SECONDS: u64 = 8;
const TICK: Duration = Duration::from_millis(20);

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("--far-ends") => far_ends(&arguments[1..]),
        Some("--bridges") => bridges(arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(300)),
        _ => {
            let rates: Vec<u64> = arguments.iter().filter_map(|rate| rate.parse().ok()).collect();
            let all = rates.is_empty();
            signalling(if all { &[250, 500, 1000, 2000] } else { &rates });
            if all {
                bridges(300);
            }
        }
    }
}

fn signalling(rates: &[u64]) {
    if Command::new("sipp").arg("-v").output().is_err() {
        println!("skipped: sipp is not installed (scripts/install-peers)");
        return;
    }
    println!("signalling toward SIPp's UAS, {SECONDS} s at each rate, calls of {HOLD:#}");
    println!(
        "{:>8} {:>8} {:>8} {:>12} {:>8} {:>12} {:>7}",
        "calls/s", "calls", "failed", "CPU-ms/call", "failed", "CPU-ms/call", "ratio"
    );
    println!("{:>17} {:>8} {:>12} {:>8} {:>12}", "", "outdial", "outdial", "SIPp", "SIPp");
    for &rate in rates {
        let calls = rate * SECONDS;
        let (failed, ours) = with_uas(|uas| our_calls(uas, rate, calls));
        let (their_failed, theirs) = with_uas(|uas| their_calls(uas, rate, calls));
        let ratio = ours / theirs;
        println!(
            "{rate:>8} {calls:>8} {failed:>8} {ours:>12.3} {their_failed:>8} {theirs:>12.3} {ratio:>7.2}"
        );
    }
}

/// A fresh UAS for each measurement.
fn with_uas<T>(measure: impl FnOnce(SocketAddr) -> T) -> T {
    let port = UdpSocket::bind((LOOPBACK, 0)).unwrap().local_addr().unwrap().port();
    let mut uas = Command::new("sipp")
        .args(["-sn", "uas", "-i", "127.0.0.1", "-nostdin", "-rtp_echo", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let measured = measure(SocketAddr::from((LOOPBACK, port)));
    let _ = uas.kill();
    let _ = uas.wait();
    measured
}

/// Failed calls and CPU-ms a call of our own engine.
fn our_calls(uas: SocketAddr, rate: u64, calls: u64) -> (u64, f64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let before = cpu(UsageWho::RUSAGE_SELF);
        let mut endpoint = EndpointConfig::new(SocketAddr::from((LOOPBACK, 0)), 1);
        endpoint.dialogs_max = 100_000;
        let mut udp = Udp::bind(SocketAddr::from((LOOPBACK, 0)), endpoint).unwrap();
        let began = clock::now();
        let (mut placed, mut over, mut failed) = (0, 0, 0);
        let mut up: std::collections::VecDeque<(Timestamp, DialogId)> = Default::default();
        let limit = began + SignedDuration::from_secs(SECONDS as i64 + 40);
        while over < calls && clock::now() < limit {
            let now = clock::now();
            let due = now.duration_since(began).as_millis() as u64 * rate / 1000;
            while placed < calls.min(due) {
                udp.endpoint.invite(invite(uas, placed), now);
                placed += 1;
            }
            while up.front().is_some_and(|(at, _)| *at <= now) {
                let (_, dialog) = up.pop_front().unwrap();
                udp.endpoint.hang_up(dialog, now);
            }
            udp.flush();
            let Ok(events) = tokio::time::timeout(Duration::from_millis(2), udp.next()).await
            else {
                continue;
            };
            for event in events {
                match event {
                    Event::Answered { dialog, .. } => up.push_back((clock::now() + HOLD, dialog)),
                    Event::Ended { by_remote, .. } => {
                        over += 1;
                        failed += u64::from(by_remote);
                    }
                    Event::Failed { .. } => {
                        over += 1;
                        failed += 1;
                    }
                    _ => {}
                }
            }
        }
        let spent = cpu(UsageWho::RUSAGE_SELF) - before;
        (failed + (calls - over), spent / calls as f64)
    })
}

fn invite(uas: SocketAddr, number: u64) -> Invite {
    let local = sdp::LocalMedia {
        address: SocketAddr::from((LOOPBACK, 40_000)),
        laws: vec![Law::Mu, Law::A],
        srtp: None,
    };
    Invite {
        next_hop: uas,
        request_uri: format!("sip:+1201555{:04}@{uas}", number % 10_000),
        from: "<sip:+18005550199@127.0.0.1>".to_owned(),
        to: format!("<sip:+1201555{:04}@{uas}>", number % 10_000),
        sdp: sdp::offer(&local, 1),
        headers: Vec::new(),
        credentials: None,
    }
}

/// Failed calls and CPU-ms a call of SIPp's own UAC.
fn their_calls(uas: SocketAddr, rate: u64, calls: u64) -> (u64, f64) {
    let before = cpu(UsageWho::RUSAGE_CHILDREN);
    let folder = std::env::temp_dir().join(format!("capacity-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let status = Command::new("sipp")
        .current_dir(&folder)
        .args(["-sn", "uac", "-i", "127.0.0.1", "-nostdin", "-trace_stat", "-stf", "uac.csv"])
        .args(["-d", &HOLD.as_millis().to_string(), "-r", &rate.to_string()])
        .args(["-m", &calls.to_string(), "-l", "100000", "-fd", "1", "-timeout", "60s"])
        .arg(uas.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let spent = cpu(UsageWho::RUSAGE_CHILDREN) - before;
    let text = std::fs::read_to_string(folder.join("uac.csv")).unwrap_or_default();
    let failed = last_of(&text, "FailedCall(C)").unwrap_or(u64::from(!status.success()));
    let _ = std::fs::remove_dir_all(&folder);
    (failed, spent / calls as f64)
}

/// The last value of a column in SIPp's statistics.
fn last_of(statistics: &str, column: &str) -> Option<u64> {
    let mut lines = statistics.lines();
    let place = lines.next()?.split(';').position(|name| name == column)?;
    lines.next_back()?.split(';').nth(place)?.parse().ok()
}

/// Milliseconds of CPU.
fn cpu(who: UsageWho) -> f64 {
    let usage: Usage = getrusage(who).unwrap();
    [usage.user_time(), usage.system_time()]
        .iter()
        .map(|time| time.tv_sec() as f64 * 1000.0 + time.tv_usec() as f64 / 1000.0)
        .sum()
}

fn bridges(count: usize) {
    println!("media: {count} bridges of two G.711 legs for {SECONDS} s, recorded and not");
    for recorded in [false, true] {
        let folder = std::env::temp_dir().join(format!("bridges-{}", std::process::id()));
        let (facts, mut told) = tokio::sync::mpsc::unbounded_channel();
        let config = MediaConfig {
            ip: LOOPBACK.into(),
            ports: 44_000..=(44_000 + 4 * count as u16),
            threads: 1,
            silence_max: SignedDuration::from_secs(60),
            load_max: 1.0,
            recordings: folder.clone(),
            seed: 1,
        };
        let engine = Engine::start(config, facts).unwrap();
        let legs: Vec<_> = (0..2 * count).map(|_| engine.open().unwrap()).collect();
        let first_far_end = 52_000;
        for (place, leg) in legs.iter().enumerate() {
            engine.connect(leg.id, target(first_far_end + place as u16));
        }
        let mut far: Child = Command::new(std::env::current_exe().unwrap())
            .args(["--far-ends", &first_far_end.to_string(), "44000", &(2 * count).to_string()])
            .spawn()
            .unwrap();
        for pair in legs.chunks_exact(2) {
            engine.bridge(pair[0].id, pair[1].id);
            if recorded {
                engine.record(pair[0].id, format!("{}.wav", pair[0].id));
            }
        }
        std::thread::sleep(Duration::from_secs(1));
        let before = cpu(UsageWho::RUSAGE_SELF);
        std::thread::sleep(Duration::from_secs(SECONDS));
        let spent = cpu(UsageWho::RUSAGE_SELF) - before;
        let _ = far.kill();
        let _ = far.wait();
        for leg in &legs {
            engine.close(leg.id);
        }
        engine.shutdown();
        let (mut lost, mut late, mut received) = (0, 0, 0);
        while let Some(fact) = told.blocking_recv() {
            if let MediaEvent::Closed { stats, .. } = fact.event {
                lost += stats.lost;
                late += stats.late;
                received += stats.received;
            }
        }
        let _ = std::fs::remove_dir_all(&folder);
        let percent = spent / (SECONDS as f64 * 1000.0) * 100.0;
        println!(
            "{}: {percent:.1} % of a core, {:.3} % a bridge; {received} packets in, {lost} lost, {late} late",
            if recorded { "recorded    " } else { "not recorded" },
            percent / count as f64,
        );
    }
}

fn target(port: u16) -> MediaTarget {
    MediaTarget {
        behind: None,
        address: SocketAddr::from((LOOPBACK, port)),
        law: Law::Mu,
        payload_type: 0,
        telephone_event: Some(101),
        direction: Direction::SendReceive,
        srtp: None,
    }
}

/// The far ends, a process of their own: each sends 20 ms of noise every 20 ms and reads what comes.
fn far_ends(arguments: &[String]) {
    let numbers: Vec<u16> = arguments.iter().map(|number| number.parse().unwrap()).collect();
    let [first, first_leg, count] = numbers[..] else { return };
    let sockets: Vec<UdpSocket> = (0..count)
        .map(|place| {
            let socket = UdpSocket::bind((LOOPBACK, first + place)).unwrap();
            socket.connect((LOOPBACK, first_leg + 2 * place)).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        })
        .collect();
    let mut due = clock::now();
    let mut packet = [0x55_u8; 172];
    packet[..2].copy_from_slice(&[0x80, 0]);
    packet[8..12].copy_from_slice(&[0, 0, 0, 9]);
    let mut buffer = [0; 400];
    // Ends with its parent's kill, or by itself.
    for tick in 0..(SECONDS + 5) * 50 {
        packet[2..4].copy_from_slice(&(tick as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&(tick as u32 * 160).to_be_bytes());
        for socket in &sockets {
            let _ = socket.send(&packet);
            while socket.recv(&mut buffer).is_ok() {}
        }
        due += SignedDuration::try_from(TICK).unwrap();
        if let Ok(left) = Duration::try_from(due.duration_since(clock::now())) {
            std::thread::sleep(left);
        }
    }
}
