//! outdial: a predictive outbound dialer.
//!
//! A dialer is a function from facts to decisions. Nothing in between touches the world.
//!
//! | floor | rooms | may import |
//! |---|---|---|
//! | 0 words | `domain` | nothing of ours |
//! | 1 engines | `compliance` `pacing` `acd` `call` `amd` `rtp` `sip` | floor 0, never each other |
//! | 2 the dialer | `dialer` | floors 0 and 1 |
//! | 3 worlds | `clock` `crash` `transport`; `sim` `trunk` `station` `media` `store` `audit` | below, `clock`, `crash`, `transport`, never each other |
//! | 4 the shell | `config` `api` `faults` `rehearsal` `server` `cli` | everything |

// floor 0
pub mod domain;
// floor 1
pub mod acd;
pub mod amd;
pub mod call;
pub mod compliance;
pub mod pacing;
pub mod rtp;
pub mod sip;
// floor 2
pub mod dialer;
// floor 3
pub mod audit;
pub mod clock;
pub mod crash;
pub mod media;
pub mod sim;
pub mod station;
pub mod store;
pub mod transport;
pub mod trunk;
// floor 4
pub mod api;
pub mod cli;
pub mod config;
pub mod faults;
pub mod rehearsal;
pub mod server;
