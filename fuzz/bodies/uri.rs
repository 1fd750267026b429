//! A SIP URI.

use outdial::sip::uri::Uri;

pub fn run(text: &str) {
    if let Some(uri) = Uri::parse(text) {
        let _ = uri.param("transport");
    }
}
