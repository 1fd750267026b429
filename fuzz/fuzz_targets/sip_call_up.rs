//! Datagrams from a carrier that is being called: the names of the dialog are put in for marks, so
//! that what is made up belongs to the call.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../bodies/mod.rs"]
mod bodies;

fuzz_target!(|texts: (&str, &str)| bodies::sip_call_up::run([texts.0, texts.1]));
