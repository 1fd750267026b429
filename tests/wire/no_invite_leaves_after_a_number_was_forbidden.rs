//! The carrier is a bare socket. While the server dials, numbers are put on the do-not-call list;
//! once the list has answered, no INVITE to the number comes, and the call that rings is cancelled.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use outdial::clock;
use outdial::config::Config;
use outdial::dialer::{CampaignPhase, Command, Input};
use outdial::domain::{PhoneNumber, TrunkId};
use outdial::rehearsal::carrier::Ports;
use outdial::rehearsal::leads;
use outdial::server::{Server, Settings};
use outdial::store::import::NewLead;
use outdial::trunk::TrunkConfig;
use tokio::net::UdpSocket;

use super::the_attempt_is_on_disk_before_its_invite_leaves::{Request, an_agent_is_ready};

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
const CALLS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn test() {
    let folder = tempfile::tempdir().unwrap();
    let carrier = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let mut config = Config::embedded(folder.path()).unwrap();
    let address = carrier.local_addr().unwrap();
    config.trunks = vec![TrunkConfig::new(TrunkId(0), "test-carrier", address)];
    config.media.ports = 45_000..=45_199;
    let server = Server::start(Settings::of(config, 1)).await.unwrap();
    let handle = server.handle().clone();
    let campaign = handle.campaigns()[0].clone();
    let made = leads::leads(1, 2 * CALLS).into_iter().map(|lead| NewLead {
        number: lead.phone,
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: Default::default(),
    });
    let numbers: Vec<PhoneNumber> = leads::leads(1, 2 * CALLS).iter().map(|l| l.phone).collect();
    let new = made.collect();
    handle.store().add_leads(campaign.id, "test", new, clock::now()).await.unwrap();
    let _phones = an_agent_is_ready(&server, Ports::new(45_200, 45_299).unwrap()).await;
    let start = Command::Phase(campaign.id, CampaignPhase::Running);
    handle.input_absorbed(Input::Command(start)).await;

    // Every number is forbidden, one after the other, while others are being dialed: some before
    // their call, some as it is being written, some as it rings.
    let forbid = tokio::spawn(async move {
        let mut forbidden = BTreeMap::new();
        for number in numbers {
            tokio::time::sleep(Duration::from_millis(20)).await;
            handle.do_not_call_add(number, "a test".to_owned()).await.unwrap();
            forbidden.insert(number.digits() as i64, clock::now());
        }
        forbidden
    });
    let (mut invited, mut cancelled) = (Vec::new(), BTreeSet::new());
    let mut buffer = [0; 4096];
    while let Ok(come) =
        tokio::time::timeout(Duration::from_secs(3), carrier.recv_from(&mut buffer)).await
    {
        let (length, from) = come.unwrap();
        if let Some(invite) = Request::read("INVITE", &buffer[..length]) {
            invited.push((invite.number, clock::now()));
            carrier.send_to(invite.response("180 Ringing").as_bytes(), from).await.unwrap();
        }
        if let Some(cancel) = Request::read("CANCEL", &buffer[..length]) {
            cancelled.insert(cancel.number);
            carrier.send_to(cancel.response("200 OK").as_bytes(), from).await.unwrap();
            let terminated = cancel.response("487 Request Terminated");
            let terminated = terminated.replace("CANCEL\r\n", "INVITE\r\n");
            carrier.send_to(terminated.as_bytes(), from).await.unwrap();
        }
    }
    let forbidden = forbid.await.unwrap();
    assert!(!invited.is_empty(), "nobody was dialed at all");
    for (number, at) in &invited {
        let late = at.duration_since(forbidden[number]);
        // What waits in the socket was sent before.
        assert!(late.as_millis() < 5, "an INVITE came {late} after its number was forbidden");
        assert!(cancelled.contains(number), "a call to a forbidden number rings on");
    }
    println!("{} INVITEs, each before its number was forbidden, and cancelled", invited.len());
    server.stop().await;
}
