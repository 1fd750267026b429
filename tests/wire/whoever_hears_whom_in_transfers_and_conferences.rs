//! A person of the test carrier and two agents at SIP phones, each agent a tone. Asked first, three-way,
//! handed over, parked, taken up, handed on at once: the phones record what they hear, the server what the
//! person hears, and each moment has a window in which who may be heard is heard, and nobody else.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use outdial::dialer::{AgentEvent, CampaignPhase};
use outdial::domain::{AgentId, AgentState, Amd, CallId};
use outdial::server::{Handle, Whom};

use crate::floor::{self, Audio};
use crate::peers::channel;
use crate::tones::{judge, others, seconds, tone};

const ANA_HZ: f64 = 400.0;
const BO_HZ: f64 = 1_150.0;
/// How long each moment lasts.
const PHASE: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = floor::dialing(any_port, folder.path(), 47_000..=47_099);
    config.campaigns[0].campaign.amd = Amd::Off;
    config.campaigns[0].campaign.recording = true;
    config.campaigns[0].campaign.wrap_up_max = jiff::SignedDuration::from_secs(300);
    let carrier = floor::persons(47_100..=47_199, 120).await;
    config.trunks[0].address = carrier.address();
    let server = floor::start(config, 40).await;
    let heard = folder.path().join("heard");
    let audio = Audio { voices: vec![tone(ANA_HZ), tone(BO_HZ)], recordings: Some(heard.clone()) };
    let (phones, agents) = floor::phones(&server, 2, 47_200..=47_219, audio).await;
    let (ana, bo) = (agents[0], agents[1]);
    for phone in 0..2 {
        phones.follow(phone, &AgentState::Talking { call: CallId(1) });
    }
    floor::is_ready(&server, ana).await;
    floor::dial(&server).await;
    let handle = server.handle();
    let call = loop {
        if let AgentState::Talking { call } = state(handle, ana) {
            break call;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    // Nobody else is called: Bo is ready for Ana alone.
    floor::say(&server, &handle.campaigns()[0].name, CampaignPhase::Paused).await;
    floor::is_ready(&server, bo).await;
    println!("{call} is with Ana");
    let phase = || tokio::time::sleep(PHASE);

    phase().await; // Ana with the person: 4 s
    handle.agent_consult(ana, Whom::Agent(bo)).await.unwrap();
    phase().await; // Ana with Bo, music for the person: 4 s
    handle.agent_hand(ana, AgentEvent::Conference).await.unwrap();
    phase().await; // all three: 4 s
    handle.agent_hand(ana, AgentEvent::HandOver).await.unwrap();
    is(handle, bo, AgentState::Talking { call }).await;
    phase().await; // Bo with the person: 4 s
    handle.agent_hand(ana, AgentEvent::Ready).await.unwrap();
    handle.agent_hand(bo, AgentEvent::Park).await.unwrap();
    phase().await; // music for the person: 4 s
    handle.agent_hand(ana, AgentEvent::Retrieve { call }).await.unwrap();
    is(handle, ana, AgentState::Talking { call }).await;
    phase().await; // Ana with the person: 4 s
    handle.agent_hand(bo, AgentEvent::Ready).await.unwrap();
    handle.agent_transfer(ana, Whom::Agent(bo)).await.unwrap();
    is(handle, bo, AgentState::Talking { call }).await;
    phase().await; // Bo with the person: 4 s
    handle.agent_hand(ana, AgentEvent::Ready).await.unwrap();
    handle.agent_consult(bo, Whom::Agent(ana)).await.unwrap();
    phase().await; // Bo with Ana, music for the person: 4 s
    handle.agent_hand(bo, AgentEvent::Dismiss).await.unwrap();
    phase().await; // Bo with the person: 4 s

    println!("nine moments are over");
    server.drain().await;
    handle.agent_log_out(bo).await;
    handle.agent_log_out(ana).await;
    while server.calls_up() > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let reports = phones.stop().await;
    server.stop().await;
    carrier.stop().await;

    let left = |phone: usize| channel(&heard.join(reports[phone].recording.as_ref().unwrap()), 0);
    let (ana_heard, bo_heard) = (left(0), left(1));
    let person_heard = channel(&floor::first_talk(folder.path()).await, 1);
    let tones = [ANA_HZ, BO_HZ];
    let said = [
        ("the person", "Ana", seconds(ANA_HZ, &person_heard), 12.0),
        ("the person", "Bo", seconds(BO_HZ, &person_heard), 16.0),
        ("Ana", "Bo", seconds(BO_HZ, &ana_heard), 12.0),
        ("Bo", "Ana", seconds(ANA_HZ, &bo_heard), 12.0),
        ("Ana", "Ana", seconds(ANA_HZ, &ana_heard), 0.0),
        ("Bo", "Bo", seconds(BO_HZ, &bo_heard), 0.0),
        ("Ana", "the person", others(&tones, &ana_heard), 1.0),
        ("Bo", "the person", others(&tones, &bo_heard), 1.0),
        ("the person", "music", others(&tones, &person_heard), 6.0),
    ];
    judge(&said, 6, 1.75);
}

fn state(handle: &Handle, agent: AgentId) -> AgentState {
    let view = handle.view();
    let seen = view.agents.iter().find(|seen| seen.id == agent);
    seen.map_or(AgentState::LoggedOut, |seen| seen.state.clone())
}

/// Waits until the agent is in that state.
async fn is(handle: &Handle, agent: AgentId, wanted: AgentState) {
    let waited = async {
        while state(handle, agent) != wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(5), waited).await;
    assert!(in_time.is_ok(), "{agent} is {:?}, not {wanted:?}", state(handle, agent));
}
