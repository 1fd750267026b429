//! A file of leads.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../bodies/mod.rs"]
mod bodies;

fuzz_target!(|input: (bool, &[u8])| bodies::leads::run(input.0, input.1));
