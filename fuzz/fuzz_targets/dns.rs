//! A name server's answer.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../bodies/mod.rs"]
mod bodies;

fuzz_target!(|bytes: &[u8]| bodies::dns::run(bytes));
