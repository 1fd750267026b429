//! The test carrier calls in while it is called, and SIPp does, too: agents have both.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command as Program;
use std::time::Duration;

use jiff::SignedDuration;
use outdial::config::{CampaignFile, InboundNumber};
use outdial::dialer::CampaignPhase;
use outdial::domain::{
    AgentState, CallId, Campaign, InboundOrder, Outcome, PacingMode, PhoneNumber,
};
use outdial::rehearsal::carrier::{CallEnd, CallIn, Carrier, CarrierConfig, Ending, Ports};
use outdial::store::{Books, Call};
use tokio::sync::mpsc::UnboundedReceiver;

use super::peers::{Peer, have};
use crate::floor;

const AGENTS: u32 = 7;
const OURS: &str = "+12015550100";

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = floor::dialing(any_port, folder.path(), 45_000..=45_199);
    let made_up = config.campaigns[0].rehearsal.clone().map(|rehearsal| rehearsal.carrier).unwrap();
    let made_up = CarrierConfig { rtp_ports: Ports::new(45_200, 45_499).unwrap(), ..made_up };
    let (carrier, mut ends) = Carrier::start(made_up, any_port, 1).await.unwrap();
    config.trunks[0].address = carrier.address();
    config.campaigns.push(queue(&config.campaigns[0].campaign));
    config.inbound = vec![InboundNumber { number: number(OURS), campaign: "help".to_owned() }];
    let server = floor::start(config, 60).await;
    let phones = floor::agents_are_ready(&server, AGENTS, 45_500..=45_599).await;
    // They say something all the time; who is not talking with them does not hear it.
    for (phone, call) in (0..AGENTS as usize).zip(1..) {
        phones.follow(phone, &AgentState::Talking { call: CallId(call) });
    }
    floor::dial(&server).await;

    let to = server.trunk_address();
    let call = |number: PhoneNumber, caller: Option<&str>| {
        let caller = caller.and_then(PhoneNumber::from_e164);
        carrier.call_in(CallIn { to, number, caller, stays: SignedDuration::from_secs(8) });
    };
    call(number(OURS), None);
    assert_eq!(callers_end(&mut ends).await.ending, Ending::Refused(480), "the queue rests");
    call(number("+12015550199"), None);
    assert_eq!(callers_end(&mut ends).await.ending, Ending::Refused(404), "no number of ours");
    floor::say(&server, "help", CampaignPhase::Running).await;
    for caller in [Some("+12015550177"), Some("+12015550178"), None, None] {
        call(number(OURS), caller);
    }
    let mut sipp = sipp_calls_in(folder.path(), to);
    for _ in 0..4 {
        let end = callers_end(&mut ends).await;
        assert!(end.heard_at.is_some(), "music or an agent: {end:?}");
        assert_eq!(end.ending, Ending::CallerHungUp);
    }
    while let Some(peer) = &mut sipp {
        match peer.child.try_wait().unwrap() {
            Some(status) => assert!(status.success(), "{}", peer.said()),
            None => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        }
        break;
    }
    server.drain().await;
    while server.calls_up() > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let status = &server.trunks().status()[0];
    assert_eq!((status.channels, status.came_in), (0, 5 + u64::from(sipp.is_some())));
    server.stop().await;
    assert_eq!(carrier.stop().await.called_in, 6);

    let books = Books::open(folder.path()).await.unwrap();
    assert_eq!(books.invariants().await.unwrap(), []);
    let calls = books.calls(Default::default(), None, 1_000).await.unwrap();
    let (inbound, outbound): (Vec<Call>, Vec<Call>) = calls.into_iter().partition(|c| c.inbound);
    let talked =
        |calls: &[Call]| calls.iter().filter(|call| call.record.outcome == Outcome::Talked).count();
    println!(
        "{} of {} called in, {} of {} called: talked",
        talked(&inbound),
        inbound.len(),
        talked(&outbound),
        outbound.len()
    );
    let mut outcomes = BTreeMap::new();
    for call in &outbound {
        *outcomes.entry(call.record.outcome).or_insert(0) += 1;
    }
    println!("those who were called: {outcomes:?}");
    assert_eq!(inbound.len(), 4 + usize::from(sipp.is_some()));
    assert_eq!(talked(&inbound), inbound.len());
    assert!(talked(&outbound) >= 2, "those who are called are served, too");
    for call in &inbound {
        assert_eq!(call.caller_id, Some(number(OURS)));
        assert!(call.record.recording.is_some() && call.record.sip_call_id.is_some());
        assert_eq!(call.trunk.as_deref(), Some("test-carrier"));
    }
    let known = inbound.iter().filter(|call| call.number != PhoneNumber::WITHHELD).count();
    assert_eq!(known, 2);
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

/// A queue beside that campaign.
fn queue(campaign: &Campaign) -> CampaignFile {
    let message = concat!(env!("CARGO_MANIFEST_DIR"), "/campaigns/safe-harbour.wav");
    let campaign = Campaign {
        name: "help".to_owned(),
        pacing: PacingMode::Inbound { order: InboundOrder::First },
        wait_max: SignedDuration::from_secs(60),
        message: Some(message.into()),
        ..campaign.clone()
    };
    CampaignFile { path: "help.toml".into(), campaign, rehearsal: None, advice: Vec::new() }
}

/// The next end of a call that came in.
async fn callers_end(ends: &mut UnboundedReceiver<CallEnd>) -> CallEnd {
    let next = async {
        loop {
            let end = ends.recv().await.unwrap();
            if end.called_in {
                return end;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), next).await.expect("the call does not end")
}

/// SIPp calls once, stays for twenty seconds, and hangs up.
fn sipp_calls_in(folder: &std::path::Path, to: SocketAddr) -> Option<Peer> {
    if !have(&["sipp"]) {
        return None;
    }
    let mut command = Program::new("sipp");
    command.current_dir(folder).args(["-sn", "uac", "-s", OURS, "-i", "127.0.0.1", "-m", "1"]);
    command.args(["-d", "20000", "-nostdin", "-timeout", "60s", "-timeout_error"]);
    command.arg(to.to_string());
    Some(Peer::start(&mut command, folder.join("sipp.log")))
}
