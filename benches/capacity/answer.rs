//! A whole dialer, as it is shipped: from a callee's 200 to the first audio of a free agent, without
//! machine detection, by the times of the packets; and what a call costs it.

use std::net::{SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::SignedDuration;
use nix::sys::resource::UsageWho;
use outdial::clock;
use outdial::config::Config;
use outdial::dialer::{AgentEvent, CampaignPhase, Command as Order, Input, Notice};
use outdial::domain::{AgentId, AgentState, Amd, PacingMode, TrunkId};
use outdial::rehearsal::leads;
use outdial::server::{Handle, Server, Settings};
use outdial::sip::digest::{Algorithm, ha1};
use outdial::store::import::NewLead;
use outdial::store::{NewAgent, PhoneSecret};
use outdial::trunk::TrunkConfig;

use super::far_side::{FIRST_EXTENSION, password};
use super::{LOOPBACK, cpu, memory_kb, quantile};

/// Agents, who are ready again at once.
const AGENTS: u32 = 20;

pub fn run(calls: u64) {
    println!(
        "a whole dialer: {calls} calls of half a second to {AGENTS} agents, no machine detection"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(calls));
}

async fn measure(calls: u64) {
    let data = tempfile::tempdir().unwrap();
    let port = UdpSocket::bind((LOOPBACK, 0)).unwrap().local_addr().unwrap().port();
    let carrier = SocketAddr::from((LOOPBACK, port));
    let mut config = Config::embedded(data.path()).unwrap();
    let mut trunk = TrunkConfig::new(TrunkId(0), "test-carrier", carrier);
    trunk.calls_per_second = 1_000.try_into().unwrap();
    config.trunks = vec![trunk];
    for file in &mut config.campaigns {
        file.campaign.amd = Amd::Off;
        file.campaign.pacing = PacingMode::Progressive;
        file.campaign.recording = true;
    }
    let server = Server::start(Settings::of(config, 1)).await.unwrap();
    let handle = server.handle().clone();
    let far_side = Command::new(std::env::current_exe().unwrap())
        .args(["--far-side", &carrier.to_string(), &server.station_address().to_string()])
        .args([server.handle().realm(), &AGENTS.to_string(), &calls.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let far_side = tokio::task::spawn_blocking(move || far_side.wait_with_output());
    staff(&handle).await;
    let campaign = handle.campaigns()[0].id;
    // Some ring when the last that counts is over.
    let made = leads::leads(1, calls as usize + 2 * AGENTS as usize).into_iter().map(NewLead::from);
    handle.store().add_leads(campaign, "capacity", made.collect(), clock::now()).await.unwrap();
    let (before, began, began_kb) = (cpu(UsageWho::RUSAGE_SELF), clock::now(), memory_kb());
    let conduct = tokio::spawn(conduct(handle.clone()));
    for order in [Order::Phase(campaign, CampaignPhase::Running), Order::LeadsChanged(campaign)] {
        handle.input_absorbed(Input::Command(order)).await;
    }
    let output = far_side.await.unwrap().unwrap();
    let spent = cpu(UsageWho::RUSAGE_SELF) - before;
    let took_s = clock::now().duration_since(began).as_secs_f64();
    report(&String::from_utf8(output.stdout).unwrap());
    println!(
        "{:.1} calls a second; the dialer took {:.2} CPU-ms a call, everything included ({AGENTS} legs of \
         agents and recordings too), {:.1} % of a core; grown by {} kB",
        calls as f64 / took_s,
        spent / calls as f64,
        spent / (10.0 * took_s),
        memory_kb().saturating_sub(began_kb),
    );
    conduct.abort();
    drop(handle);
    server.stop().await;
}

/// Agents in the books and at their phones.
async fn staff(handle: &Handle) {
    let campaigns: Vec<_> = handle.campaigns().iter().map(|campaign| campaign.id).collect();
    for extension in (FIRST_EXTENSION..).take(AGENTS as usize).map(|number| number.to_string()) {
        let secret = |algorithm| ha1(algorithm, &extension, handle.realm(), &password(&extension));
        let secret = PhoneSecret {
            realm: handle.realm().to_owned(),
            ha1_md5: secret(Algorithm::Md5),
            ha1_sha256: secret(Algorithm::Sha256),
        };
        let (name, campaigns) = ("Agent".to_owned(), campaigns.clone());
        let new = NewAgent { extension, name, secret, campaigns };
        let agent = handle.agent_add(new).await.unwrap();
        let until = clock::now() + SignedDuration::from_secs(20);
        while let Err(fault) = handle.agent_log_in(agent, None).await {
            assert!(clock::now() < until, "{fault}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        ready(handle, agent).await;
    }
}

async fn ready(handle: &Handle, agent: AgentId) {
    handle.input(Input::Agent(agent, AgentEvent::Ready)).await;
}

/// Agents are ready again after each call.
async fn conduct(handle: Handle) {
    let mut notices = handle.notices();
    while let Ok(notice) = notices.recv().await {
        if let Notice::Agent { agent, state: AgentState::WrapUp { .. } } = notice.as_ref() {
            ready(&handle, *agent).await;
        }
    }
}

/// The far side's lines: `callee` or `agent`, and milliseconds.
fn report(lines: &str) {
    for (whose, what) in [
        ("callee", "from the 200 to the agent's audio at the callee"),
        ("agent", "from the 200 to the first sound at the agent"),
    ] {
        let of = lines.lines().filter_map(|line| line.strip_prefix(whose)?.trim().parse().ok());
        let mut times: Vec<f64> = of.collect();
        times.sort_by(f64::total_cmp);
        println!(
            "{what}: {} calls, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
            times.len(),
            quantile(&times, 0.5),
            quantile(&times, 0.95),
            quantile(&times, 0.99),
            quantile(&times, 1.0),
        );
    }
}
