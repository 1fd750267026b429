//! Own calls while a stranger sends ten thousand messages a second to our port.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::SignedDuration;
use outdial::clock;

use super::engine::{Caller, on_one_thread};
use super::memory_kb;
use super::sipp::{self, Uas};

/// Own calls a second.
const RATE: u64 = 200;
/// The stranger's messages a second, in bursts of ten milliseconds.
const MESSAGES: u64 = 10_000;
const BURST: SignedDuration = SignedDuration::from_millis(10);

pub fn run(seconds: u64) {
    if !sipp::is_installed() {
        return;
    }
    println!(
        "{RATE} own calls a second, and {MESSAGES} messages a second of a stranger, {seconds} s"
    );
    for flooded in [false, true] {
        let uas = Uas::start();
        let calls = RATE * seconds;
        let (mut most_kb, before_kb) = (0, memory_kb());
        let (mut sent, began) = (String::new(), clock::now());
        let fared = on_one_thread(async {
            let caller = Caller::new(uas.address, RATE, calls);
            let stranger = flooded.then(|| {
                let port = caller.udp.local_addr().unwrap().port();
                Command::new(std::env::current_exe().unwrap())
                    .args(["--stranger", &port.to_string(), &seconds.to_string()])
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            });
            let fared = caller.run(|over| {
                if over % RATE == 0 {
                    most_kb = most_kb.max(memory_kb());
                }
            });
            let fared = fared.await;
            if let Some(stranger) = stranger {
                let output = stranger.wait_with_output().unwrap().stdout;
                sent = String::from_utf8(output).unwrap().trim().to_owned();
            }
            fared
        });
        let took_s = clock::now().duration_since(began).as_secs_f64();
        let set_up = 100.0 * (calls - fared.failed) as f64 / calls as f64;
        println!(
            "{}: {set_up:.2} % of {calls} calls set up, {} sent again, {:.1} % of a core, grown by {} kB",
            if flooded { sent.as_str() } else { "alone" },
            uas.again(),
            fared.cpu_ms * calls as f64 / (10.0 * took_s),
            most_kb.saturating_sub(before_kb),
        );
    }
}

/// The stranger, a process of its own at another address: requests of every kind that never stop
/// being new, and noise.
pub fn stranger(arguments: &[String]) {
    let numbers: Vec<u64> = arguments.iter().map(|number| number.parse().unwrap()).collect();
    let [port, seconds] = numbers[..] else { return };
    let socket = UdpSocket::bind("127.0.0.66:0").unwrap();
    let own = socket.local_addr().unwrap();
    socket.connect(SocketAddr::from(([127, 0, 0, 1], port as u16))).unwrap();
    socket.set_nonblocking(true).unwrap();
    let (mut due, mut sent, mut answers, mut buffer) = (clock::now(), 0_u64, 0_u64, [0; 2_048]);
    let ends = due + SignedDuration::from_secs(seconds as i64);
    while due < ends {
        for _ in 0..MESSAGES / 100 {
            if socket.send(&message(sent, own)).is_ok() {
                sent += 1;
            }
        }
        while socket.recv(&mut buffer).is_ok() {
            answers += 1;
        }
        due += BURST;
        if let Ok(left) = Duration::try_from(due.duration_since(clock::now())) {
            std::thread::sleep(left);
        }
    }
    println!("{sent} messages of a stranger, {answers} answered");
}

fn message(number: u64, own: SocketAddr) -> Vec<u8> {
    let method = ["INVITE", "OPTIONS", "REGISTER", "BYE", "ACK", "CANCEL", ""][number as usize % 7];
    if method.is_empty() {
        return number.to_be_bytes().repeat(60);
    }
    format!(
        "{method} sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{number}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:x@{own}>;tag={number}\r\nTo: <sip:100@127.0.0.1>\r\n\
         Call-ID: {number}@{own}\r\nCSeq: 1 {method}\r\nContact: <sip:x@{own}>\r\n\
         User-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}
