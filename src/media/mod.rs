//! RTP sockets: a few OS threads, each with many legs and one 20 ms timer. A leg is one RTP stream
//! in each direction; two legs are bridged, a prompt is played to one, what it says is screened and
//! recorded.
//!
//! ```text
//! Engine ── commands, bounded ──> Worker, one a thread ── frames, bounded ──> Writer (WAV)
//!                                     every 20 ms, for every leg:
//!                                     receive, listen, speak, record
//! facts <───────────────────────────────┴──────────────────────────────────────┘
//! ```

mod config;
mod engine;
mod fact;

pub use config::{MediaConfig, MediaError};
pub use engine::Engine;
pub use fact::{Leg, LegId, LegStats, MediaEvent, MediaFact, Repeat};
