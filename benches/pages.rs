//! What the floor's page costs a room of 500 agents and 2,000 calls: `cargo bench --bench pages`.
//!
//! The server is the real one, with its API: it dials, and a carrier of this process says 180 and no more,
//! so that 2,000 calls ring. The agents have no phones and take no calls; some of them go and come back all
//! the time. `web/tests/figures/floor.mjs` opens the page in Chromium and reads from `/proc` what the browser's
//! processes take, and this process with the page and without it. Skipped without Node and Chromium.

#![allow(clippy::unwrap_used)]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use outdial::api::{self, Access, Token, phone_secret};
use outdial::clock;
use outdial::config::Config;
use outdial::dialer::{AgentEvent, CampaignPhase, Command as Order, Input};
use outdial::domain::{AgentId, CampaignId, PacingMode, PauseReason, TrunkId};
use outdial::rehearsal::leads;
use outdial::server::{Handle, Server, Settings};
use outdial::store::NewAgent;
use outdial::store::import::NewLead;
use outdial::trunk::TrunkConfig;
use tokio::net::TcpListener;

const AGENTS: u32 = 500;
/// Of them, how many are away at a time.
const AWAY: usize = 50;
/// So many agents go, and as many come back, a second.
const TURNS_PER_SECOND: u64 = 10;
const CALLS: u32 = 2_000;
const LEADS: usize = 20_000;

fn main() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
    if !web.join("node_modules/playwright-core").is_dir() {
        println!("skipped: web/node_modules is not there (npm ci in web/)");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(&web));
}

async fn measure(web: &Path) {
    let data = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let socket = UdpSocket::bind(any_port).unwrap();
    let mut config = Config::embedded(data.path()).unwrap();
    let mut trunk = TrunkConfig::new(TrunkId(0), "test-carrier", socket.local_addr().unwrap());
    trunk.calls_per_second = 200.try_into().unwrap();
    trunk.channels_max = CALLS;
    std::thread::spawn(move || ring(&socket));
    config.trunks = vec![trunk];
    config.media.ports = 20_000..=29_999;
    let campaign = &mut config.campaigns[0].campaign;
    campaign.pacing = PacingMode::Ratio { calls_per_agent: 6.0 };
    campaign.ring_max = SignedDuration::from_secs(120);
    let server = Server::start(Settings::of(config, 1)).await.unwrap();
    let handle = server.handle().clone();
    let campaign = handle.campaigns()[0].id;
    let made = leads::leads(1, LEADS).into_iter().map(NewLead::from);
    handle.store().add_leads(campaign, "pages", made.collect(), clock::now()).await.unwrap();
    let agents = seat(&handle, campaign).await;
    for order in [Order::Phase(campaign, CampaignPhase::Running), Order::LeadsChanged(campaign)] {
        handle.input_absorbed(Input::Command(order)).await;
    }
    let turns = tokio::spawn(turn(handle.clone(), agents));
    let listener = TcpListener::bind(any_port).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (token, _) = Token::load_or_create(data.path()).unwrap();
    let secret = std::fs::read_to_string(data.path().join(Token::FILE)).unwrap();
    let access = Access { token, totp_required: false, hosts: Vec::new() };
    let router = api::router(handle.clone(), access);
    tokio::spawn(api::serve(listener, None, router, std::future::pending()));

    while server.calls_up() < CALLS {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut node = std::process::Command::new("node");
    node.arg("tests/figures/floor.mjs").current_dir(web);
    node.env("OUTDIAL_URL", &url).env("OUTDIAL_TOKEN", secret.trim());
    node.env("OUTDIAL_PID", std::process::id().to_string());
    match tokio::task::spawn_blocking(move || node.status()).await.unwrap() {
        Ok(status) => assert!(status.success(), "{status}"),
        Err(error) => println!("skipped: node: {error}"),
    }
    println!("at the end {} calls are up", server.calls_up());
    turns.abort();
    drop(handle);
    server.drain().await;
    server.hang_up_all().await;
    server.stop().await;
}

/// Agents without phones, all of them ready but those who are away.
async fn seat(handle: &Handle, campaign: CampaignId) -> Vec<AgentId> {
    let mut agents = Vec::new();
    for extension in (1_001..1_001 + AGENTS).map(|number| number.to_string()) {
        let secret = phone_secret(&extension, handle.realm(), "nobody has this phone");
        let name = format!("Agent {extension}");
        let new = NewAgent { extension, name: name.clone(), secret, campaigns: vec![campaign] };
        let agent = handle.agent_add(new).await.unwrap();
        let log_in = AgentEvent::LogIn { name, campaigns: vec![campaign] };
        handle.input(Input::Agent(agent, log_in)).await;
        if agents.len() >= AWAY {
            handle.input(Input::Agent(agent, AgentEvent::Ready)).await;
        }
        agents.push(agent);
    }
    agents
}

/// One agent after the other goes, and who has been away longest is back.
async fn turn(handle: Handle, agents: Vec<AgentId>) {
    let mut back = 0;
    let mut clock = tokio::time::interval(Duration::from_millis(1_000 / TURNS_PER_SECOND));
    loop {
        clock.tick().await;
        let goes = agents[(back + AWAY) % agents.len()];
        let pause = AgentEvent::Pause(PauseReason("break".to_owned()));
        handle.input(Input::Agent(goes, pause)).await;
        handle.input(Input::Agent(agents[back], AgentEvent::Ready)).await;
        back = (back + 1) % agents.len();
    }
}

/// A carrier at which every call rings until it is given up (RFC 3261 §9.2).
fn ring(socket: &UdpSocket) {
    let mut packet = vec![0; 65_536];
    let mut invites = std::collections::BTreeMap::new();
    while let Ok((length, from)) = socket.recv_from(&mut packet) {
        let request = String::from_utf8_lossy(&packet[..length]).into_owned();
        let Some(id) = request.lines().find(|line| line.starts_with("Call-ID:")) else { continue };
        let mut answers = Vec::new();
        match request.split(' ').next() {
            Some("INVITE") => {
                answers.push(response(&request, "180 Ringing"));
                invites.insert(id.to_owned(), request.clone());
            }
            Some("CANCEL") => {
                answers.push(response(&request, "200 OK"));
                let invite = invites.remove(id);
                answers.extend(invite.map(|invite| response(&invite, "487 Request Terminated")));
            }
            Some("OPTIONS") => answers.push(response(&request, "200 OK")),
            _ => {}
        }
        for answer in answers {
            socket.send_to(answer.as_bytes(), from).unwrap();
        }
    }
}

/// A response, with the headers that it copies (RFC 3261 §8.2.6.2).
fn response(request: &str, status: &str) -> String {
    let copied = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
    let mut response = format!("SIP/2.0 {status}\r\n");
    for line in request.lines().filter(|line| copied.iter().any(|name| line.starts_with(name))) {
        let tag = if line.starts_with("To:") { ";tag=carrier" } else { "" };
        response += &format!("{}{tag}\r\n", line.trim_end());
    }
    response + "Content-Length: 0\r\n\r\n"
}
