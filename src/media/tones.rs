//! The tone by which an agent hears that a person is theirs.

use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock};

use crate::rtp::FRAME;

const RATE: f64 = 8000.0;

/// 160 ms of 880 Hz, soft at both ends, quiet enough to speak over.
pub static CONNECT: LazyLock<Arc<[i16]>> = LazyLock::new(|| beep(880.0, 8 * FRAME, 3000.0));

fn beep(hertz: f64, length: usize, peak: f64) -> Arc<[i16]> {
    let edge = 80.0;
    (0..length)
        .map(|index| {
            let (at, left) = (index as f64, (length - index) as f64);
            let shape = (at / edge).min(left / edge).min(1.0);
            (peak * shape * (TAU * hertz * at / RATE).sin()) as i16
        })
        .collect()
}
