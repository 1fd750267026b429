//! An answer to our offer, and an offer.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../bodies/mod.rs"]
mod bodies;

fuzz_target!(|text: &str| bodies::sdp::run(text));
