//! RTP, RTCP and RFC 4733, plain and as SRTP, from a far end that is believed: what is played of it, and
//! whether it is a key.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../bodies/mod.rs"]
mod bodies;

fuzz_target!(|packets: Vec<&[u8]>| bodies::rtp::run(&packets));
