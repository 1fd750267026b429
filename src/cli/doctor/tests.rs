//! What is found, and what is said of it.

use std::net::{IpAddr, UdpSocket};

use super::*;
use crate::config::Config;

#[test]
fn a_port_that_somebody_else_has_is_wrong_and_the_command_says_how_to_find_whose() {
    let folder = tempfile::TempDir::new().unwrap();
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut config = Config::embedded(&folder.path().join("data")).unwrap();
    config.sip.trunk_bind = taken.local_addr().unwrap();
    let findings = ports::look(&config);
    let found = findings.iter().find(|found| found.what == "SIP toward carriers").unwrap();
    assert_eq!(found.verdict, Verdict::Wrong);
    assert!(found.remedy.as_deref().is_some_and(|remedy| remedy.contains("ss -lpn")));
    config.sip.trunk_bind = "192.0.2.77:5060".parse().unwrap();
    let findings = ports::look(&config);
    assert!(findings[0].found.contains("no address of this machine"), "{}", findings[0]);
}

#[test]
fn addresses_that_only_neighbours_reach_are_inner() {
    for (ip, inner) in [
        ("10.1.2.3", true),
        ("100.64.0.1", true),
        ("100.128.0.1", false),
        ("172.31.255.1", true),
        ("203.0.113.9", false),
        ("fd00::1", true),
        ("2001:db8::1", false),
    ] {
        assert_eq!(ports::is_inner(ip.parse::<IpAddr>().unwrap()), inner, "{ip}");
    }
}

#[test]
fn the_dates_of_a_certificate_are_read() {
    // SEQUENCE { SEQUENCE { [0] version, serial, algorithm, issuer, validity { UTCTime, GeneralizedTime } } }
    let mut validity = vec![0x30, 32, 0x17, 13];
    validity.extend(b"491231235959Z");
    validity.extend([0x18, 15]);
    validity.extend(b"20510102030405Z");
    let mut body = vec![0xa0, 3, 2, 1, 2, 2, 1, 7, 0x30, 0, 0x30, 0];
    body.extend(&validity);
    let mut der = vec![0x30, 0x81, body.len() as u8 + 2, 0x30, body.len() as u8];
    der.extend(&body);
    let (from, until) = certificate::validity(&der).unwrap();
    assert_eq!(from.to_string(), "2049-12-31T23:59:59Z");
    assert_eq!(until.to_string(), "2051-01-02T03:04:05Z");
    assert!((0..der.len()).all(|end| certificate::validity(&der[..end]).is_none()));
}

#[tokio::test]
async fn a_trunk_that_is_silent_is_told_with_what_to_do() {
    let folder = tempfile::TempDir::new().unwrap();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut config = Config::embedded(&folder.path().join("data")).unwrap();
    let address = silent.local_addr().unwrap();
    let id = crate::domain::TrunkId(0);
    config.trunks.push(crate::trunk::TrunkConfig::new(id, "main", address));
    let findings = trunks::look(&config).await;
    assert_eq!(findings[0].verdict, Verdict::Look);
    assert!(findings[0].found.contains("does not answer OPTIONS"), "{}", findings[0]);
}
