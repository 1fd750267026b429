//! The carrier, the dialer and the agent's phone have IPv6 addresses alone: SIP, its SDP and RTP.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use jiff::SignedDuration;
use outdial::domain::{AgentState, CallId, Outcome};
use outdial::rehearsal::carrier::{Answer, Carrier, CarrierConfig, Numbers, Ports};
use outdial::store::Books;

use crate::floor;

const LOUD: u16 = 500;

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let anywhere = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
    if let Err(error) = std::net::UdpSocket::bind(anywhere) {
        println!("skipped: no IPv6 on this machine: {error}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let person = CarrierConfig {
        numbers: Numbers::only(Answer::Person),
        rtp_ports: Ports::new(46_200, 46_299).unwrap(),
        ..CarrierConfig::default()
    };
    let (carrier, mut ends) = Carrier::start(person, anywhere, 1).await.unwrap();
    let mut config = floor::dialing(carrier.address(), folder.path(), 46_000..=46_199);
    (config.sip.trunk_bind, config.sip.agent_bind) = (anywhere, anywhere);
    config.media.ip = anywhere.ip();
    config.campaigns[0].campaign.ring_max = SignedDuration::from_secs(60);
    let server = floor::start(config, 1).await;
    assert!(server.trunk_address().is_ipv6() && server.station_address().is_ipv6());
    let phones = floor::agents_are_ready(&server, 1, 46_300..=46_399).await;
    phones.follow(0, &AgentState::Talking { call: CallId(1) });
    floor::dial(&server).await;

    let end = tokio::time::timeout(Duration::from_secs(60), ends.recv());
    let end = end.await.expect("no call came to an end").unwrap();
    assert!(end.heard_at.is_some(), "the person hears the agent: {end:?}");
    server.drain().await;
    while server.calls_up() > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;

    let books = Books::open(folder.path()).await.unwrap();
    assert_eq!(books.invariants().await.unwrap(), []);
    let calls = books.calls(Default::default(), None, 10).await.unwrap();
    let record = &calls[0].record;
    assert_eq!(record.outcome, Outcome::Talked, "{record:?}");
    let file = folder.path().join("recordings").join(record.recording.as_ref().unwrap());
    let samples: Vec<i16> =
        hound::WavReader::open(file).unwrap().samples().collect::<Result<_, _>>().unwrap();
    // What the person said, and what the person heard.
    for (channel, who) in ["the person", "the agent"].iter().enumerate() {
        let loudest = samples.iter().skip(channel).step_by(2).map(|it| it.unsigned_abs()).max();
        assert!(loudest.unwrap_or(0) > LOUD, "{who} is not heard: {loudest:?}");
    }
}
