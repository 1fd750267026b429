//! What screening a call costs: processor time for a frame of 20 ms, and memory.

use std::hint::black_box;

use jiff::SignedDuration;
use nix::time::{ClockId, clock_gettime};
use outdial::amd::Detector;

/// Frames of a call: 20 s.
const FRAMES: usize = 1_000;
/// Calls that are screened.
const CALLS: usize = 60;

fn main() {
    let mut each_us = Vec::with_capacity(CALLS);
    for call in 0..CALLS {
        let samples = talk(call as u32 + 1);
        // One that never stops listening: every frame costs what it costs before the verdict.
        let limit = SignedDuration::from_secs(60);
        let mut detector = Detector::new(limit).going_on(limit);
        let began_us = processor_us();
        for frame in samples.chunks(160) {
            black_box(detector.push(frame));
        }
        each_us.push((processor_us() - began_us) / FRAMES as f64);
    }
    each_us.sort_by(f64::total_cmp);
    let (median, worst) = (each_us[CALLS / 2], each_us[CALLS - 1]);
    println!(
        "a frame of 20 ms: median {median:.1} us of processor time, worst call {worst:.1} us (at most 10)"
    );
    println!("a call: {:.3} % of a core; app_amd with its channel: 0.09 %", median / 200.0);
    println!("a detector: {} bytes (at most 16384)", size_of::<Detector>());
}

/// Harmonics in syllables with pauses, over noise.
fn talk(seed: u32) -> Vec<i16> {
    let mut state = seed;
    let sample = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 16) as f32 / 65_536.0 - 0.5;
        let t = n as f32 / 8_000.0;
        let pitch = 110.0 + 40.0 * (t * 1.7 + seed as f32).sin();
        let buzz: f32 =
            (1..12).map(|k| (std::f32::consts::TAU * pitch * k as f32 * t).sin() / k as f32).sum();
        let loud =
            (t * 4.0 * std::f32::consts::PI).sin().max(0.0) * f32::from(u8::from(t % 3.0 < 2.2));
        (buzz * loud * 5_000.0 + noise * 200.0) as i16
    };
    (0..FRAMES * 160).map(sample).collect()
}

/// Microseconds that this process has been on a processor.
fn processor_us() -> f64 {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
        .map_or(0.0, |time| time.tv_sec() as f64 * 1e6 + time.tv_nsec() as f64 / 1e3)
}
