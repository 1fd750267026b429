//! What one machine carries, against SIPp on loopback.
//!
//! ```text
//! cargo bench --bench capacity                        all of it, about ten minutes
//! cargo bench --bench capacity -- calls 500 2000      signalling at these rates
//! cargo bench --bench capacity -- flood 60            own calls while a stranger floods, for so many seconds
//! cargo bench --bench capacity -- growth 100000       memory over so many calls
//! cargo bench --bench capacity -- answer 400          a whole dialer: answer to agent, CPU a call
//! ```
//!
//! `calls`, `flood` and `growth` drive the SIP engine on its socket, without dialer, media and books, as
//! SIPp's own UAC has none of them; `answer` is the dialer as it is shipped. What calls are carried
//! by (SIPp, the stranger, phones) is processes of their own, on the same processors. CPU is user
//! and system time of the measured process alone. How many bridges the media threads carry is said by
//! `cargo bench --bench media`.

#![allow(clippy::unwrap_used)]

mod answer;
mod engine;
mod far_side;
mod flood;
mod growth;
mod signalling;
mod sipp;

use std::net::Ipv4Addr;

use nix::sys::resource::{Usage, UsageWho, getrusage};

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let mode = arguments.first().map(String::as_str);
    let numbers: Vec<u64> =
        arguments.iter().skip(1).filter_map(|number| number.parse().ok()).collect();
    let first = |otherwise| numbers.first().copied().unwrap_or(otherwise);
    match mode {
        Some("--far-side") => far_side::run(&arguments[1..]),
        Some("--stranger") => flood::stranger(&arguments[1..]),
        Some("answer") => answer::run(first(400)),
        Some("calls") => signalling::run(if numbers.is_empty() { &RATES } else { &numbers }),
        Some("flood") => flood::run(first(60)),
        Some("growth") => growth::run(first(100_000)),
        _ => {
            signalling::run(&RATES);
            flood::run(60);
            growth::run(100_000);
            answer::run(400);
        }
    }
}

/// Calls a second.
const RATES: [u64; 5] = [250, 500, 1_000, 2_000, 4_000];

/// Milliseconds of CPU.
fn cpu(who: UsageWho) -> f64 {
    let usage: Usage = getrusage(who).unwrap();
    [usage.user_time(), usage.system_time()]
        .iter()
        .map(|time| time.tv_sec() as f64 * 1_000.0 + time.tv_usec() as f64 / 1_000.0)
        .sum()
}

/// What of this process is in memory, in kB.
fn memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// The value below which that share of them is.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
