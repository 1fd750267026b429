//! RTP, RTCP and RFC 4733.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outdial::rtp::{Packet, dtmf, rtcp};

fuzz_target!(|bytes: &[u8]| {
    let _ = Packet::read(bytes);
    let _ = rtcp::read(bytes, 1);
    let mut ear = dtmf::Listener::default();
    let _ = ear.hear(true, 0, bytes);
});
