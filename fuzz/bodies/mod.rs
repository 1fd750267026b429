//! What each target does with its input, for the fuzzer here and for the smoke test of the crate.

// What cannot be set up is a failed run.
#![allow(clippy::unwrap_used)]

pub mod challenge;
pub mod config;
pub mod dns;
pub mod leads;
pub mod rtp;
pub mod sdp;
pub mod sip;
pub mod sip_call_up;
pub mod uri;
