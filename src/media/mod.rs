//! RTP sockets: a few threads, each with many legs and one 20 ms timer for all of them.
//!
//! The owner opens a leg, tells it where the far end is, and then what to do with the audio:
//! bridge, confer, play, screen, record. What the audio brings comes back as [`MediaFact`]s.
//!
//! ```text
//! Engine ── commands, bounded ──> Worker, one a thread ── seconds, bounded ──> recorder (WAV)
//!   ^                                 every 20 ms, every leg:                    │
//!   └── facts <────────────────────── receive, listen, cross over, speak ────────┘
//! ```
//!
//! Nothing is allocated for a packet, and no call waits for the disk.

mod batch;
mod catch_up;
mod conference;
mod config;
mod engine;
mod fact;
mod far_end;
mod first_words;
mod grid;
mod leg;
mod load;
mod playback;
mod ports;
mod recorder;
pub mod tones;
mod wire;
mod worker;

#[cfg(test)]
mod tests;

pub use config::{MediaConfig, MediaError};
pub use engine::Engine;
pub use fact::{Hears, Leg, LegId, LegStats, MediaEvent, MediaFact, Repeat};
pub use leg::Screening;
