//! Calls a second, once by this engine and once by SIPp's own UAC, toward SIPp's UAS in the same run.

use super::engine::{Caller, HOLD, on_one_thread};
use super::sipp::{self, Fared, Uas};

/// How long a rate is kept up.
const SECONDS: u64 = 8;

pub fn run(rates: &[u64]) {
    if !sipp::is_installed() {
        return;
    }
    println!("signalling toward SIPp's UAS, {SECONDS} s at each rate, calls of {HOLD:#}");
    println!(
        "{:>8} {:>8} | {:>8} {:>6} {:>12} | {:>8} {:>6} {:>12} | {:>6}",
        "calls/s",
        "calls",
        "failed",
        "again",
        "CPU-ms/call",
        "failed",
        "again",
        "CPU-ms/call",
        "ratio"
    );
    println!("{:>17} | {:>28} | {:>28} |", "", "outdial", "SIPp");
    for &rate in rates {
        let calls = rate * SECONDS;
        let ours = ours(rate, calls);
        let theirs = {
            let uas = Uas::start();
            sipp::uac(uas.address, rate, calls, HOLD.as_millis() as i64)
        };
        println!(
            "{rate:>8} {calls:>8} | {:>8} {:>6} {:>12.3} | {:>8} {:>6} {:>12.3} | {:>6.2}",
            ours.failed,
            ours.again,
            ours.cpu_ms,
            theirs.failed,
            theirs.again,
            theirs.cpu_ms,
            ours.cpu_ms / theirs.cpu_ms,
        );
    }
}

fn ours(rate: u64, calls: u64) -> Fared {
    let uas = Uas::start();
    let fared = on_one_thread(async { Caller::new(uas.address, rate, calls).run(|_| {}).await });
    Fared { again: uas.again(), ..fared }
}
