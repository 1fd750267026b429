//! A SIP URI.
#![no_main]

use libfuzzer_sys::fuzz_target;
use outdial::sip::uri::Uri;

fuzz_target!(|text: &str| {
    if let Some(uri) = Uri::parse(text) {
        let _ = uri.param("transport");
    }
});
