//! A name server's answer.

use std::time::Duration;

use outdial::transport::Records;

pub fn run(bytes: &[u8]) {
    let Ok(records) = Records::read(bytes) else { return };
    assert!(records.addresses.len() <= 8 && records.services.len() <= 16);
    assert!(records.kept >= Duration::from_secs(30), "asked again in a storm");
    let offers = records.offers.unwrap_or_default();
    assert!(offers.len() <= 16 && offers.iter().all(|offer| offer.port != 0));
}
