//! The carrier is a bare socket: in the instant an INVITE comes, the books on the disk are asked
//! whether they know of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use outdial::api::phone_secret;
use outdial::clock;
use outdial::config::Config;
use outdial::dialer::{AgentEvent, CampaignPhase, Command, Input};
use outdial::domain::{CallId, TrunkId};
use outdial::rehearsal::carrier::Ports;
use outdial::rehearsal::leads;
use outdial::rehearsal::phones::{Account, Phones, PhonesConfig};
use outdial::server::{LogInFault, Server, Settings};
use outdial::store::import::NewLead;
use outdial::store::{BOOKS_FILE, NewAgent};
use outdial::trunk::TrunkConfig;
use sqlx::Connection;
use tokio::net::UdpSocket;

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
const CALLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let carrier = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let mut config = Config::embedded(folder.path()).unwrap();
    let address = carrier.local_addr().unwrap();
    config.trunks = vec![TrunkConfig::new(TrunkId(0), "test-carrier", address)];
    config.media.ports = 44_000..=44_199;
    let server = Server::start(Settings::of(config, 1)).await.unwrap();
    let campaign = server.handle().campaigns()[0].clone();
    let made = leads::leads(1, 2 * CALLS).into_iter().map(|lead| NewLead {
        number: lead.phone,
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: Default::default(),
    });
    let store = server.handle().store();
    store.add_leads(campaign.id, "test", made.collect(), clock::now()).await.unwrap();
    let _phones = an_agent_is_ready(&server, Ports::new(44_200, 44_299).unwrap()).await;
    let start = Command::Phase(campaign.id, CampaignPhase::Running);
    server.handle().input_absorbed(Input::Command(start)).await;

    let books = format!("sqlite://{}?mode=ro", folder.path().join(BOOKS_FILE).display());
    let mut books = sqlx::SqliteConnection::connect(&books).await.unwrap();
    let (mut seen, mut buffer) = (std::collections::BTreeSet::new(), [0; 4096]);
    while seen.len() < CALLS {
        let come = tokio::time::timeout(Duration::from_secs(20), carrier.recv_from(&mut buffer));
        let (length, from) = come.await.expect("no INVITE came").unwrap();
        let Some(invite) = Request::read("INVITE", &buffer[..length]) else { continue };
        let known: Option<(i64, Option<i64>)> = sqlx::query_as(
            "SELECT call, ended_us FROM attempts WHERE number = ? ORDER BY call DESC",
        )
        .bind(invite.number)
        .fetch_optional(&mut books)
        .await
        .unwrap();
        let (call, ended) = known.expect("an INVITE without an attempt on the disk");
        assert_eq!(ended, None, "the attempt is open");
        seen.insert(CallId(call));
        carrier.send_to(invite.response("486 Busy Here").as_bytes(), from).await.unwrap();
    }
    server.stop().await;
}

pub(super) async fn an_agent_is_ready(server: &Server, rtp_ports: Ports) -> Phones {
    let handle = server.handle();
    let account = Account { extension: "101".to_owned(), password: "for this test".to_owned() };
    let new = NewAgent {
        extension: account.extension.clone(),
        name: "Ana".to_owned(),
        secret: phone_secret(&account.extension, handle.realm(), &account.password),
        campaigns: handle.campaigns().iter().map(|campaign| campaign.id).collect(),
    };
    let agent = handle.agent_add(new).await.unwrap();
    let registrar: SocketAddr = server.station_address();
    let config = PhonesConfig {
        accounts: vec![account],
        registrar,
        domain: registrar.to_string(),
        ip: LOOPBACK.into(),
        rtp_ports,
        recordings: None,
        seed: 1,
    };
    let (phones, _) = Phones::start(config).unwrap();
    while let Err(fault) = handle.agent_log_in(agent, None).await {
        assert_eq!(fault, LogInFault::NotRegistered);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    handle.input_absorbed(Input::Agent(agent, AgentEvent::Ready)).await;
    phones
}

/// What is needed of a request to a telephone number.
pub struct Request {
    pub number: i64,
    text: String,
}

impl Request {
    /// `None` when it is another request.
    pub fn read(method: &str, bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let rest = text.strip_prefix(method)?.strip_prefix(" sip:+")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Some(Self { number: digits.parse().ok()?, text })
    }

    /// A response, with the headers that it copies (RFC 3261 §8.2.6.2).
    pub fn response(&self, status: &str) -> String {
        let copied = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
        let lines =
            self.text.lines().filter(|line| copied.iter().any(|name| line.starts_with(name)));
        let mut response = format!("SIP/2.0 {status}\r\n");
        for line in lines {
            let tag =
                if line.starts_with("To:") && !line.contains(";tag=") { ";tag=test" } else { "" };
            response += &format!("{}{tag}\r\n", line.trim_end());
        }
        response + "Content-Length: 0\r\n\r\n"
    }
}
