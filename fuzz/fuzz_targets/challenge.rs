//! A challenge to a call with credentials.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../bodies/mod.rs"]
mod bodies;

fuzz_target!(|challenge: &str| bodies::challenge::run(challenge));
