//! Name servers on loopback, honest and hostile.

use std::net::{Ipv4Addr, UdpSocket};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};

use super::records::{ADDRESSES_MAX, TARGETS_MAX};
use super::*;

/// A name server of these records. Counts what it is asked.
struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Server {
    /// `answer` makes the bytes that go back, of the question's.
    fn start(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = asked.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 2_048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                count.fetch_add(1, Ordering::Relaxed);
                let _ = socket.send_to(&answer(&buffer[..length]), from);
            }
        });
        Self { address, asked }
    }

    fn of(zone: Vec<(&'static str, u32, RData)>) -> Self {
        Self::start(move |question| {
            let asked = Message::from_vec(question).unwrap();
            let queries = asked.queries.clone();
            let mut message = asked.into_response();
            message.queries = queries;
            let query = message.queries[0].clone();
            let is_there = |(name, ..): &&(&str, u32, RData)| {
                Name::from_str(name).unwrap().eq_ignore_root(query.name())
            };
            let records = zone.iter().filter(is_there);
            let fits = records.filter(|(.., data)| data.record_type() == query.query_type());
            for (name, ttl, data) in fits {
                let name = Name::from_str(name).unwrap();
                message.add_answer(Record::from_rdata(name, *ttl, data.clone()));
            }
            if message.answers.is_empty() {
                message.metadata.response_code = ResponseCode::NXDomain;
            }
            message.to_vec().unwrap()
        })
    }

    fn resolver(&self) -> Resolver {
        Resolver::new(&[self.address], false).unwrap()
    }
}

fn a(last: u8) -> RData {
    RData::A(A(Ipv4Addr::new(192, 0, 2, last)))
}

fn srv(priority: u16, weight: u16, port: u16, target: &str) -> RData {
    RData::SRV(SRV::new(priority, weight, port, Name::from_str(target).unwrap()))
}

fn naptr(order: u16, service: &str, to: &str) -> RData {
    let bytes = |text: &str| text.as_bytes().to_vec().into_boxed_slice();
    let to = Name::from_str(to).unwrap();
    RData::NAPTR(NAPTR::new(order, 1, bytes("s"), bytes(service), Box::default(), to))
}

fn host(transport: Option<Transport>) -> Host {
    Host { name: "carrier.test".to_owned(), port: None, transport }
}

fn at(last: u8, port: u16) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, last), port).into()
}

#[tokio::test]
async fn a_domains_pointer_leads_to_its_targets_and_those_to_their_addresses() {
    let server = Server::of(vec![
        ("carrier.test.", 60, naptr(20, "SIP+D2U", "_sip._udp.carrier.test.")),
        ("carrier.test.", 60, naptr(10, "SIP+D2T", "_sip._tcp.carrier.test.")),
        ("_sip._udp.carrier.test.", 60, srv(1, 1, 5060, "wrong.carrier.test.")),
        ("_sip._tcp.carrier.test.", 300, srv(20, 5, 5070, "two.carrier.test.")),
        ("_sip._tcp.carrier.test.", 300, srv(10, 7, 5072, "one.carrier.test.")),
        ("one.carrier.test.", 90, a(1)),
        ("one.carrier.test.", 90, a(2)),
        ("two.carrier.test.", 900, a(3)),
    ]);
    let resolver = server.resolver();
    let located = resolver.locate(&host(None)).await.unwrap();
    assert_eq!(located.transport, Transport::Tcp);
    assert_eq!(located.kept, Duration::from_secs(90), "the shortest of them");
    let mut targets = located.targets;
    targets.sort_by_key(|target| target.priority);
    assert_eq!(targets[0].weight, 7);
    assert_eq!(targets[1].addresses, [at(3, 5070)]);
    targets[0].addresses.sort();
    assert_eq!(targets[0].addresses, [at(1, 5072), at(2, 5072)]);
    // Cached: asked again the name server hears nothing.
    let asked = server.asked.load(Ordering::Relaxed);
    resolver.locate(&host(None)).await.unwrap();
    assert_eq!(server.asked.load(Ordering::Relaxed), asked);
}

#[tokio::test]
async fn without_a_service_the_name_is_a_machines() {
    let server = Server::of(vec![("carrier.test.", 60, a(9))]);
    for (transport, port) in [(None, 5060), (Some(Transport::Tls), 5061)] {
        let located = server.resolver().locate(&host(transport)).await.unwrap();
        assert_eq!(located.targets[0].addresses, [at(9, port)]);
        assert_eq!(located.transport, transport.unwrap_or_default());
    }
    let machine = Host { port: Some(5090), ..host(None) };
    let located = server.resolver().locate(&machine).await.unwrap();
    assert_eq!(located.targets[0].addresses, [at(9, 5090)], "a port says so itself");
}

#[tokio::test]
async fn a_service_that_is_decidedly_not_there_is_not_looked_for_elsewhere() {
    let server = Server::of(vec![
        ("_sip._udp.carrier.test.", 60, srv(0, 0, 0, ".")),
        ("carrier.test.", 60, a(9)),
    ]);
    let fault = server.resolver().locate(&host(Some(Transport::Udp))).await.unwrap_err();
    assert!(matches!(fault, ResolveFault::NotOffered(_)), "{fault}");
}

#[tokio::test]
async fn targets_without_a_port_or_an_address_are_passed_over() {
    let server = Server::of(vec![
        ("_sip._udp.carrier.test.", 60, srv(1, 1, 0, "one.carrier.test.")),
        ("_sip._udp.carrier.test.", 60, srv(1, 1, 5060, "nowhere.carrier.test.")),
        ("_sip._udp.carrier.test.", 60, srv(2, 1, 5062, "one.carrier.test.")),
        ("one.carrier.test.", 60, a(1)),
    ]);
    let located = server.resolver().locate(&host(Some(Transport::Udp))).await.unwrap();
    assert_eq!(located.targets.len(), 1);
    assert_eq!(located.targets[0].addresses, [at(1, 5062)]);
}

#[tokio::test]
async fn few_addresses_of_many_are_taken_and_a_ttl_of_zero_is_no_storm() {
    let mut zone = vec![
        ("_sip._udp.carrier.test.", 0, srv(2, 1, 5060, "one.carrier.test.")),
        ("one.carrier.test.", 0, RData::A(A(Ipv4Addr::UNSPECIFIED))),
    ];
    zone.extend((1..=60).map(|last| ("one.carrier.test.", 0, a(last))));
    let server = Server::of(zone);
    let resolver = server.resolver();
    let udp = host(Some(Transport::Udp));
    let located = resolver.locate(&udp).await.unwrap();
    assert_eq!(located.targets.len(), 1);
    assert_eq!(located.targets[0].addresses.len(), ADDRESSES_MAX);
    assert!(located.kept >= KEPT_MIN);
    let asked = server.asked.load(Ordering::Relaxed);
    for _ in 0..100 {
        resolver.locate(&udp).await.unwrap();
    }
    assert_eq!(server.asked.load(Ordering::Relaxed), asked);
}

#[tokio::test]
async fn a_name_server_that_says_nothing_is_given_up_in_time() {
    let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let resolver = Resolver::new(&[silent.local_addr().unwrap()], false).unwrap();
    let began = crate::clock::now();
    assert!(resolver.locate(&host(Some(Transport::Udp))).await.is_err());
    let took = crate::clock::now().duration_since(began);
    assert!(took.as_secs() <= 11, "{took:#}");
}

#[tokio::test]
async fn hostile_answers_end_in_a_fault_or_an_address_and_never_in_a_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/dev");
    let mut files = Vec::new();
    for kind in ["dns-own", "dns-pjsip-seed"] {
        let Ok(found) = std::fs::read_dir(folder.join(kind)) else {
            return println!("skipped: no corpus of DNS answers");
        };
        files.extend(found.map(|entry| entry.unwrap().path()));
    }
    assert!(files.len() >= 10);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let server = Server::start(move |question| {
            // As an answer to the very question: its number, and else as it stands.
            let mut answer = bytes.clone();
            answer.iter_mut().zip(&question[..2]).for_each(|(to, from)| *to = *from);
            answer
        });
        let began = crate::clock::now();
        let udp = Host { name: "example.com".to_owned(), ..host(Some(Transport::Udp)) };
        let found = server.resolver().locate(&udp).await;
        let took = crate::clock::now().duration_since(began);
        assert!(took.as_secs() <= 11, "{}: {took:#}", file.display());
        let bounded = |located: &Located| located.targets.len() <= TARGETS_MAX;
        assert!(found.as_ref().map_or(true, bounded), "{}", file.display());
    }
}
