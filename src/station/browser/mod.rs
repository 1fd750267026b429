//! Phones in browsers: WebRTC (RFC 8825) by str0m, one connection for each agent's page, all on one UDP
//! socket.
//!
//! ```text
//!   page ── offer, answer (the API) ──> Browsers ──> Task ──> Desk: seats, legs, graces
//!   page <── ICE-lite, DTLS, SRTP ───── one socket ──┘          └── Peer: one `str0m::Rtc`
//!   media leg <── RTP through a pipe (`transport::pipe`) ───────────┘
//! ```
//!
//! A leg outlives the connection that carries it: a page that is loaded again offers anew, and the
//! same leg goes on. `desk` and `peer` touch neither socket nor clock.

mod config;
mod desk;
mod echo;
mod handle;
mod peer;
mod seat;
mod task;
#[cfg(test)]
mod tests;

pub use config::{BrowserConfig, OfferFault};
pub use handle::Browsers;
