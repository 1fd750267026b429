//! The phones on loopback, against the registrar that agents' phones have.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::super::audio::Voice;
use super::*;
use crate::domain::{AgentId, CallId};
use crate::media::{Leg, MediaEvent, MediaFact, Repeat};
use crate::sip::digest::{Algorithm, ha1};
use crate::station::{Extension, Station, StationConfig, StationEvent, StationFact};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(10);
const REALM: &str = "outdial.test";

/// The dialer's side: registrar and media.
struct Office {
    station: Station,
    station_facts: mpsc::UnboundedReceiver<StationFact>,
    engine: Engine,
    media_facts: mpsc::UnboundedReceiver<MediaFact>,
}

impl Office {
    /// With so many agents: 1 with extension "101", and so on.
    fn open(agents: i64) -> Self {
        let any = SocketAddr::new(LOCALHOST, 0);
        let (station, station_facts) = Station::start(StationConfig::new(any, REALM, 1)).unwrap();
        let extension = |agent: i64| {
            let name = (100 + agent).to_string();
            let digest = |algorithm| Some(ha1(algorithm, &name, REALM, "secret"));
            Extension {
                agent: AgentId(agent),
                md5: digest(Algorithm::Md5),
                sha256: digest(Algorithm::Sha256),
                name,
            }
        };
        station.set_extensions((1..=agents).map(extension).collect());
        let (told, media_facts) = mpsc::unbounded_channel();
        let media = MediaConfig {
            ip: LOCALHOST,
            ports: 30_000..=30_999,
            threads: 1,
            silence_max: SILENCE_MAX,
            load_max: 1.0,
            recordings: std::env::temp_dir(),
            seed: 5,
        };
        let engine = Engine::start(media, told).unwrap();
        Self { station, station_facts, engine, media_facts }
    }

    fn phones(
        &self,
        agents: usize,
        password: &str,
    ) -> (Phones, mpsc::UnboundedReceiver<PhoneFact>) {
        let account = |agent: usize| Account {
            extension: (101 + agent).to_string(),
            password: password.to_owned(),
        };
        let config = PhonesConfig {
            accounts: (0..agents).map(account).collect(),
            registrar: self.station.local(),
            domain: REALM.to_owned(),
            ip: LOCALHOST,
            rtp_ports: Ports::new(31_000, 31_999).unwrap(),
            recordings: None,
            seed: 7,
        };
        Phones::start(config).unwrap()
    }

    /// The next fact that is not for the books.
    async fn next(&mut self) -> StationFact {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.station_facts.recv());
            let fact = next.await.unwrap().unwrap();
            if !matches!(fact.event, StationEvent::Dialog(_)) {
                return fact;
            }
        }
    }

    /// Calls agent 1's phone and connects its leg.
    async fn nail_up(&mut self) -> Leg {
        assert_eq!(self.next().await.event, StationEvent::Registered);
        let leg = self.engine.open().unwrap();
        self.station.call(AgentId(1), leg.local);
        let StationEvent::LegUp(target) = self.next().await.event else { panic!("no leg") };
        self.engine.connect(leg.id, target);
        leg
    }

    async fn hears(&mut self) {
        let heard = async {
            loop {
                if let MediaEvent::Heard = self.media_facts.recv().await.unwrap().event {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.expect("the agent said nothing");
    }
}

async fn until(facts: &mut mpsc::UnboundedReceiver<PhoneFact>, event: PhoneEvent) {
    let search = async { while facts.recv().await.unwrap().event != event {} };
    tokio::time::timeout(PATIENCE, search).await.expect("it never happened");
}

#[tokio::test]
async fn phones_register_with_their_passwords_and_answer() {
    let mut office = Office::open(3);
    let (phones, mut facts) = office.phones(3, "secret");
    for _ in 0..3 {
        assert_eq!(office.next().await.event, StationEvent::Registered);
    }
    let leg = office.engine.open().unwrap();
    office.station.call(AgentId(2), leg.local);
    let fact = office.next().await;
    assert_eq!(fact.agent, AgentId(2));
    assert!(matches!(fact.event, StationEvent::LegUp(_)), "{fact:?}");
    until(&mut facts, PhoneEvent::LegUp).await;
    let reports = phones.stop().await;
    assert_eq!(reports.iter().map(|report| report.legs).collect::<Vec<_>>(), [0, 1, 0]);
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_said() {
    let office = Office::open(1);
    let (_phones, mut facts) = office.phones(1, "guess");
    let fact = tokio::time::timeout(PATIENCE, facts.recv()).await.unwrap().unwrap();
    assert!(matches!(fact.event, PhoneEvent::RegistrationFailed(Some(_))), "{fact:?}");
}

#[tokio::test]
async fn the_agent_hears_the_person_and_speaks_while_talking() {
    let mut office = Office::open(1);
    let (phones, mut facts) = office.phones(1, "secret");
    let leg = office.nail_up().await;
    office.engine.play(leg.id, Voice::new(3).phrase(12).into(), Repeat::Forever);
    until(&mut facts, PhoneEvent::Heard).await;
    phones.follow(0, &AgentState::Talking { call: CallId(1) });
    office.hears().await;
    let report = phones.stop().await.remove(0);
    assert!(report.heard_at.is_some());
    assert!(report.audio.unwrap().audible > 0);
}

#[tokio::test]
async fn phones_that_stop_hang_up_and_unregister() {
    let mut office = Office::open(1);
    let (phones, _) = office.phones(1, "secret");
    office.nail_up().await;
    let stopped = tokio::spawn(phones.stop());
    let mut events = [office.next().await.event, office.next().await.event];
    events.sort_by_key(|event| matches!(event, StationEvent::Unregistered));
    assert!(matches!(events, [StationEvent::LegDown(_), StationEvent::Unregistered]));
    assert_eq!(stopped.await.unwrap()[0].legs, 1);
}
