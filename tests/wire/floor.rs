//! A dialer in this process with one campaign, and agents at simulated phones. The carrier is the test's.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use outdial::api::phone_secret;
use outdial::clock;
use outdial::config::Config;
use outdial::dialer::{AgentEvent, CampaignPhase, Command, Input};
use outdial::domain::{AgentId, TrunkId};
use outdial::rehearsal::carrier::{Answer, Carrier, CarrierConfig, Numbers, Ports};
use outdial::rehearsal::leads;
use outdial::rehearsal::phones::{Account, Phones, PhonesConfig};
use outdial::server::{LogInFault, Server, Settings};
use outdial::store::import::NewLead;
use outdial::store::{Books, NewAgent};
use outdial::trunk::TrunkConfig;

/// The embedded configuration with one trunk to `carrier`, and with these ports for its audio.
pub fn dialing(carrier: SocketAddr, folder: &Path, ports: RangeInclusive<u16>) -> Config {
    let mut config = Config::embedded(folder).unwrap();
    config.trunks = vec![TrunkConfig::new(TrunkId(0), "test-carrier", carrier)];
    config.media.ports = ports;
    config
}

/// A server whose first campaign has so many leads, numbered as [`leads::leads`] does.
pub async fn start(config: Config, count: usize) -> Server {
    let server = Server::start(Settings::of(config, 1)).await.unwrap();
    let made = leads::leads(1, count).into_iter().map(NewLead::from);
    let (store, campaign) = (server.handle().store(), server.handle().campaigns()[0].id);
    store.add_leads(campaign, "test", made.collect(), clock::now()).await.unwrap();
    server
}

/// A carrier at which a person answers every call, and talks about so long.
pub async fn persons(rtp_ports: RangeInclusive<u16>, talk_s: u32) -> Carrier {
    let talk = format!("person.talk_s = {{ median = {talk_s}.0 }}");
    let config = CarrierConfig {
        rtp_ports: Ports::new(*rtp_ports.start(), *rtp_ports.end()).unwrap(),
        numbers: Numbers::only(Answer::Person),
        ..CarrierConfig::from_toml(&talk).unwrap()
    };
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Carrier::start(config, any_port, 1).await.unwrap().0
}

/// Sets the campaign of that name to that phase.
pub async fn say(server: &Server, name: &str, phase: CampaignPhase) {
    let campaigns = server.handle().campaigns();
    let id = campaigns.iter().find(|campaign| campaign.name == name).unwrap().id;
    let command = Command::Phase(id, phase);
    server.handle().input_absorbed(Input::Command(command)).await;
}

/// Sets the first campaign going.
pub async fn dial(server: &Server) {
    say(server, &server.handle().campaigns()[0].name, CampaignPhase::Running).await;
}

/// What agents at simulated phones say, in turn, and where it is recorded what they hear; the phones' own
/// voices, and nowhere, when nothing is said.
#[derive(Default)]
pub struct Audio {
    pub voices: Vec<Arc<[i16]>>,
    pub recordings: Option<PathBuf>,
}

/// So many agents, logged in at phones of their own and ready.
pub async fn agents_are_ready(
    server: &Server,
    count: u32,
    rtp_ports: RangeInclusive<u16>,
) -> Phones {
    let (phones, agents) = phones(server, count, rtp_ports, Audio::default()).await;
    for agent in agents {
        is_ready(server, agent).await;
    }
    phones
}

/// The agent logs in as soon as the phone is registered, and is ready.
pub async fn is_ready(server: &Server, agent: AgentId) {
    let handle = server.handle();
    while let Err(fault) = handle.agent_log_in(agent, None).await {
        assert_eq!(fault, LogInFault::NotRegistered);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    handle.input_absorbed(Input::Agent(agent, AgentEvent::Ready)).await;
}

/// So many agents who are not logged in, and a phone for each.
pub async fn phones(
    server: &Server,
    count: u32,
    rtp_ports: RangeInclusive<u16>,
    audio: Audio,
) -> (Phones, Vec<AgentId>) {
    let handle = server.handle();
    let account =
        |nth: u32| Account { extension: nth.to_string(), password: "for this test".to_owned() };
    let accounts: Vec<Account> = (101..101 + count).map(account).collect();
    let mut agents = Vec::new();
    for account in &accounts {
        let new = NewAgent {
            extension: account.extension.clone(),
            name: "Ana".to_owned(),
            secret: phone_secret(&account.extension, handle.realm(), &account.password),
            campaigns: handle.campaigns().iter().map(|campaign| campaign.id).collect(),
        };
        agents.push(handle.agent_add(new).await.unwrap());
    }
    let registrar = server.station_address();
    let config = PhonesConfig {
        accounts,
        registrar,
        domain: registrar.to_string(),
        ip: registrar.ip(),
        rtp_ports: Ports::new(*rtp_ports.start(), *rtp_ports.end()).unwrap(),
        recordings: audio.recordings,
        seed: 1,
    };
    let (phones, _) = match audio.voices.is_empty() {
        true => Phones::start(config),
        false => Phones::start_with(config, audio.voices),
    }
    .unwrap();
    (phones, agents)
}

/// The recording of the first talk that was recorded.
pub async fn first_talk(folder: &Path) -> PathBuf {
    let books = Books::open(folder).await.unwrap();
    assert_eq!(books.invariants().await.unwrap(), []);
    let calls = books.calls(Default::default(), None, 100).await.unwrap();
    let recorded = calls.iter().filter(|call| call.record.recording.is_some());
    let first = recorded.min_by_key(|call| call.record.began_at).unwrap();
    let file = first.record.recording.as_deref().unwrap();
    folder.join("recordings").join(file.trim_start_matches("recordings/"))
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
