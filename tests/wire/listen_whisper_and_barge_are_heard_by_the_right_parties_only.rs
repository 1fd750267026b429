//! A person of the test carrier, an agent and a supervisor at SIP phones. The agent and the supervisor send
//! a tone each; the phones record what they hear, the server what the person hears.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use outdial::domain::{AgentState, Amd, CallId};
use outdial::server::{Attendance, Manner};

use crate::floor::{self, Audio};
use crate::peers::channel;
use crate::tones::{judge, others, seconds, tone};

const AGENT_HZ: f64 = 400.0;
const SUPERVISOR_HZ: f64 = 1_150.0;
const TONES: [f64; 2] = [AGENT_HZ, SUPERVISOR_HZ];
/// How long each manner lasts.
const PHASE: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = floor::dialing(any_port, folder.path(), 46_000..=46_099);
    config.campaigns[0].campaign.amd = Amd::Off;
    config.campaigns[0].campaign.recording = true;
    let carrier = floor::persons(46_100..=46_199, 60).await;
    config.trunks[0].address = carrier.address();
    let server = floor::start(config, 40).await;
    let heard = folder.path().join("heard");
    let audio = Audio {
        voices: vec![tone(AGENT_HZ), tone(SUPERVISOR_HZ)],
        recordings: Some(heard.clone()),
    };
    let (phones, agents) = floor::phones(&server, 2, 46_200..=46_219, audio).await;
    let (agent, supervisor) = (agents[0], agents[1]);
    for phone in 0..2 {
        phones.follow(phone, &AgentState::Talking { call: CallId(1) });
    }
    floor::is_ready(&server, agent).await;
    floor::dial(&server).await;
    let handle = server.handle();
    let talks = || {
        let view = handle.view();
        view.agents.iter().any(|seen| matches!(seen.state, AgentState::Talking { .. }))
    };
    while !talks() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(PHASE).await;
    for manner in [Manner::Listen, Manner::Whisper, Manner::Barge] {
        let attendance = Attendance { listener: supervisor, agent, manner };
        while let Err(fault) = handle.attend(attendance).await {
            println!("{fault}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(PHASE).await;
    }
    assert!(talks(), "the talk goes on all the time");
    assert!(handle.attend_no_more(supervisor).await);
    tokio::time::sleep(PHASE).await;
    assert!(handle.attendances().await.is_empty());
    server.drain().await;
    handle.agent_log_out(agent).await;
    while server.calls_up() > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let reports = phones.stop().await;
    server.stop().await;
    carrier.stop().await;

    let left = |phone: usize| channel(&heard.join(reports[phone].recording.as_ref().unwrap()), 0);
    let (agent_heard, supervisor_heard) = (left(0), left(1));
    let person_heard = channel(&floor::first_talk(folder.path()).await, 1);
    let said = [
        ("the agent", "the supervisor", seconds(SUPERVISOR_HZ, &agent_heard), 8.0),
        ("the person", "the supervisor", seconds(SUPERVISOR_HZ, &person_heard), 4.0),
        ("the supervisor", "the agent", seconds(AGENT_HZ, &supervisor_heard), 12.0),
        ("the supervisor", "the supervisor", seconds(SUPERVISOR_HZ, &supervisor_heard), 0.0),
        ("the agent", "the agent", seconds(AGENT_HZ, &agent_heard), 0.0),
        ("the person", "the agent", seconds(AGENT_HZ, &person_heard), 20.0),
        ("the agent", "the person", others(&TONES, &agent_heard), 1.0),
        ("the supervisor", "the person", others(&TONES, &supervisor_heard), 1.0),
    ];
    judge(&said, 6, 1.5);
}
