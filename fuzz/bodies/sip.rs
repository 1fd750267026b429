//! A datagram from a stranger.

use jiff::Timestamp;
use outdial::sip::{Endpoint, EndpointConfig, Input};

pub fn run(bytes: &[u8]) {
    let here = ([192, 0, 2, 1], 5060).into();
    let config = EndpointConfig { registrar: true, ..EndpointConfig::new(here, 1) };
    let mut endpoint = Endpoint::new(config);
    let from = ([198, 51, 100, 9], 5060).into();
    endpoint.handle_input(Input::Datagram { from, bytes }, Timestamp::UNIX_EPOCH);
    while endpoint.poll_output().is_some() {}
    while let Some((at, _)) = endpoint.poll_timeout() {
        endpoint.handle_input(Input::Timeout, at);
        while endpoint.poll_output().is_some() {}
    }
}
