//! The trunk is known by name: a name server on loopback says that it has two addresses. Nothing
//! answers at the first; every call is taken at the second, and none is lost.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::time::Duration;

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::rdata::{A, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};
use jiff::SignedDuration;
use outdial::domain::Outcome;
use outdial::rehearsal::carrier::{Answer, Carrier, CarrierConfig, Ending, Numbers, Ports};
use outdial::sip::Transport;
use outdial::store::{Books, CallFilter};
use outdial::transport::Host;
use outdial::trunk::{TrunkConfig, TrunkHealth};

use crate::floor;

const CALLS: usize = 6;
const SERVICE: &str = "_sip._udp.carrier.test.";
const MACHINE: &str = "sbc.carrier.test.";

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let busy = CarrierConfig {
        numbers: Numbers::only(Answer::Busy),
        rtp_ports: Ports::new(43_800, 43_899).unwrap(),
        ..CarrierConfig::default()
    };
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (carrier, mut ends) = Carrier::start(busy, anywhere, 1).await.unwrap();
    let dead = UdpSocket::bind(anywhere).unwrap();
    let places = [(10, dead.local_addr().unwrap()), (20, carrier.address())];
    let mut config = floor::dialing(TrunkConfig::NOWHERE, folder.path(), 43_600..=43_799);
    config.sip.name_servers = vec![name_server(places)];
    let name = "carrier.test".to_owned();
    config.trunks[0].host = Some(Host { name, port: None, transport: Some(Transport::Udp) });
    let server = floor::start(config, CALLS).await;
    server.trunks().located(SignedDuration::from_secs(5)).await;
    let _phones = floor::agents_are_ready(&server, 1, 43_900..=43_999).await;
    floor::dial(&server).await;

    for _ in 0..CALLS {
        let end = tokio::time::timeout(Duration::from_secs(30), ends.recv());
        let end = end.await.expect("a call did not come").unwrap();
        assert_eq!(end.ending, Ending::Refused(486));
    }
    let status = server.trunks().status().remove(0);
    assert_eq!(status.health, TrunkHealth::Up, "an address failed, the trunk did not");
    // A busy number may be called again by now.
    server.drain().await;
    while server.calls_up() > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.stop().await;
    assert!(methods_at(&dead).iter().any(|method| method == "INVITE"), "the first goes first");

    let books = Books::open(folder.path()).await.unwrap();
    assert_eq!(books.invariants().await.unwrap(), []);
    let calls = books.calls(CallFilter::default(), None, 100).await.unwrap();
    let busy = calls.iter().filter(|call| call.record.sip_status == Some(486)).count();
    assert!(busy >= CALLS, "{calls:?}");
    let by_trunk = calls.iter().filter(|call| call.record.outcome == Outcome::Failed).count();
    assert_eq!(by_trunk, 0, "no call failed by the trunk: {calls:?}");
}

/// Answers for the carrier's domain: a service with these priorities and addresses.
fn name_server(places: [(u16, SocketAddr); 2]) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 2_048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let asked = Message::from_vec(&buffer[..length]).unwrap();
            let queries = asked.queries.clone();
            let mut message = asked.into_response();
            message.queries = queries;
            let asks = |name: &str, data: &RData| {
                let query = &message.queries[0];
                query.name() == &Name::from_str(name).unwrap()
                    && query.query_type() == data.record_type()
            };
            let service = places.iter().map(|(priority, place)| {
                let machine = Name::from_str(MACHINE).unwrap();
                (SERVICE, RData::SRV(SRV::new(*priority, 0, place.port(), machine)))
            });
            let machine = (MACHINE, RData::A(A(Ipv4Addr::LOCALHOST)));
            let found: Vec<_> =
                service.chain([machine]).filter(|(name, data)| asks(name, data)).collect();
            for (name, data) in found {
                message.add_answer(Record::from_rdata(Name::from_str(name).unwrap(), 60, data));
            }
            let _ = socket.send_to(&message.to_vec().unwrap(), from);
        }
    });
    address
}

/// The methods of the requests that came to a socket which never answers.
fn methods_at(socket: &UdpSocket) -> Vec<String> {
    socket.set_nonblocking(true).unwrap();
    let (mut methods, mut buffer) = (Vec::new(), [0; 4_096]);
    while let Ok(length) = socket.recv(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        methods.extend(text.split(' ').next().map(str::to_owned));
    }
    methods
}
