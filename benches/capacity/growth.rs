//! Memory over many calls: what a call leaves behind is nothing.

use super::engine::{Caller, HOLD, on_one_thread};
use super::memory_kb;
use super::sipp::{self, Uas};

/// Calls a second.
const RATE: u64 = 1_000;
/// So many calls are over before memory counts: those that are up at once, and half a minute of
/// transactions that only wait for late copies.
const WARM_UP: u64 = 40 * RATE;

pub fn run(calls: u64) {
    if !sipp::is_installed() {
        return;
    }
    let calls = calls.max(WARM_UP + RATE);
    println!("memory over {calls} calls of {HOLD:#} at {RATE} a second");
    let uas = Uas::start();
    let began_kb = memory_kb();
    let mut seen = Vec::new();
    let fared = on_one_thread(async {
        let every = calls / 10;
        Caller::new(uas.address, RATE, calls)
            .run(|over| {
                if over / every > seen.len() as u64 {
                    seen.push((over, memory_kb()));
                    println!("{over:>8} calls over: {} kB", memory_kb());
                }
            })
            .await
    });
    let full_kb = seen.iter().find(|(over, _)| *over >= WARM_UP).map_or(0, |(_, kb)| *kb);
    let growth_kb = memory_kb().saturating_sub(full_kb);
    println!(
        "{} failed; grown by {growth_kb} kB since {WARM_UP} calls were over; {:.2} kB for each call of \
         the last 32 s",
        fared.failed,
        full_kb.saturating_sub(began_kb) as f64 / (32 * RATE) as f64,
    );
}
