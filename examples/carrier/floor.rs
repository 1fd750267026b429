//! One fresh dialer: real trunk, media, dialer and books, and one agent at a simulated phone.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use outdial::clock;
use outdial::compliance::Rulebooks;
use outdial::dialer::{AgentEvent, CampaignPhase, Command, Input, Notice};
use outdial::domain::{
    AgentId, AgentState, Amd, Campaign, CampaignId, Country, Digit, LeadOrder, PhoneNumber,
    SafeHarbour, Share, TrunkId,
};
use outdial::media::MediaConfig;
use outdial::rehearsal::carrier::Ports;
use outdial::rehearsal::phones::{Account, Phones, PhonesConfig};
use outdial::server::{Handle, Server, Settings};
use outdial::sip::digest::{Algorithm, ha1};
use outdial::station::{BrowserConfig, StationConfig};
use outdial::store::import::NewLead;
use outdial::store::{Call, CallFilter, NewAgent, PhoneSecret};
use outdial::trunk::{Login, TrunkConfig, TrunkStatus, TrunksConfig};
use tokio::task::JoinHandle;

use crate::Fault;
use crate::cases::Setup;

/// Of the phones.
pub const REALM: &str = "carrier.test";
const EXTENSION: &str = "101";
const PASSWORD: &str = "phone-of-101";

/// What the books and the trunks say when a scenario is over.
pub struct Evidence {
    /// Every call, in order.
    pub calls: Vec<Call>,
    /// Every trunk, the carrier's first.
    pub trunks: Vec<TrunkStatus>,
    /// What touched the second trunk, or the tripwire of the scenarios.
    pub touched: Option<String>,
    /// The scenario's settings.
    pub setup: Setup,
}

/// A dialer that runs.
pub struct Floor {
    server: Server,
    phones: Phones,
    agent: AgentId,
    campaign: CampaignId,
    conduct: JoinHandle<()>,
}

impl Floor {
    /// Starts a dialer whose trunk is the carrier's, and whose second trunk is `decoy`.
    pub async fn open(
        setup: &Setup,
        carrier: TrunkConfig,
        decoy: SocketAddr,
        data: &Path,
    ) -> Result<Self, Fault> {
        let server = Server::start(settings(setup, carrier, decoy, data)).await?;
        let handle = server.handle().clone();
        let campaign = handle.campaigns().first().ok_or("no campaign")?.id;
        let secret = |algorithm| ha1(algorithm, EXTENSION, REALM, PASSWORD);
        let agent = NewAgent {
            extension: EXTENSION.to_owned(),
            name: "Agent".to_owned(),
            secret: PhoneSecret {
                realm: REALM.to_owned(),
                ha1_md5: secret(Algorithm::Md5),
                ha1_sha256: secret(Algorithm::Sha256),
            },
            campaigns: vec![campaign],
        };
        let agent = handle.agent_add(agent).await?;
        let account = Account { extension: EXTENSION.to_owned(), password: PASSWORD.to_owned() };
        let (phones, _) = Phones::start(PhonesConfig {
            accounts: vec![account],
            registrar: server.station_address(),
            domain: REALM.to_owned(),
            ip: Ipv4Addr::LOCALHOST.into(),
            rtp_ports: Ports::new(30_000, 30_099)?,
            recordings: None,
            seed: 1,
        })?;
        log_in(&handle, agent).await?;
        let conduct = tokio::spawn(conduct(handle, agent, setup.talk));
        Ok(Self { server, phones, agent, campaign, conduct })
    }

    /// Its SIP ports: the trunks' and the phones'.
    pub fn ports(&self) -> [SocketAddr; 2] {
        [self.server.trunk_address(), self.server.station_address()]
    }

    /// Brings the leads and sets the campaign going.
    pub async fn dial(&self, setup: &Setup) -> Result<(), Fault> {
        let handle = self.server.handle();
        let leads = (0..setup.leads).map(lead).collect::<Option<Vec<_>>>().ok_or("a number")?;
        handle.store().add_leads(self.campaign, "scenario", leads, clock::now()).await?;
        let phase = Command::Phase(self.campaign, CampaignPhase::Running);
        handle.input_absorbed(Input::Command(phase)).await;
        handle.input_absorbed(Input::Command(Command::LeadsChanged(self.campaign))).await;
        Ok(())
    }

    /// Dials no more, waits until no call is up, at most `limit`, then collects what the books say
    /// and stops.
    pub async fn close(self, setup: Setup, limit: SignedDuration) -> Result<Evidence, Fault> {
        let handle = self.server.handle().clone();
        let phase = Command::Phase(self.campaign, CampaignPhase::Stopped);
        handle.input_absorbed(Input::Command(phase)).await;
        let deadline = clock::now() + limit;
        while self.server.calls_up() > 0 && clock::now() < deadline {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (books, trunks) = (handle.store().books(), self.server.trunks().status());
        let calls = books.calls(CallFilter::default(), None, 10_000).await?;
        self.conduct.abort();
        handle.agent_log_out(self.agent).await;
        self.phones.stop().await;
        drop(handle);
        self.server.stop().await;
        Ok(Evidence { calls, trunks, touched: None, setup })
    }
}

/// The trunk to a carrier that may ask who we are.
pub fn trunk(carrier: SocketAddr) -> TrunkConfig {
    let login = Login {
        username: "dialer".to_owned(),
        password: "s3cret".to_owned(),
        realm: Some("carrier.example".to_owned()),
    };
    TrunkConfig { login: Some(login), ..TrunkConfig::new(TrunkId(0), "carrier", carrier) }
}

/// A dialer with one campaign.
pub fn settings(setup: &Setup, carrier: TrunkConfig, decoy: SocketAddr, data: &Path) -> Settings {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let decoy = TrunkConfig::new(TrunkId(1), "decoy", decoy);
    Settings {
        data: data.to_owned(),
        trunks: TrunksConfig { trunks: vec![carrier, decoy], ..TrunksConfig::new(anywhere, 1) },
        station: StationConfig::new(anywhere, REALM, 2),
        browsers: BrowserConfig::new(anywhere),
        media: MediaConfig {
            ip: Ipv4Addr::LOCALHOST.into(),
            ports: 30_100..=30_499,
            threads: 1,
            silence_max: SignedDuration::from_secs(5),
            load_max: 0.95,
            recordings: data.join("recordings"),
            seed: 3,
        },
        campaigns: campaign(setup).into_iter().collect(),
        campaign_folder: None,
        inbound: Vec::new(),
        rulebooks: Rulebooks::embedded(),
        webhook: None,
        collector: None,
        event_log: None,
        seed: 4,
    }
}

fn campaign(setup: &Setup) -> Option<Campaign> {
    let trunks = ["carrier", "decoy"].map(str::to_owned);
    Some(Campaign {
        id: CampaignId(0),
        name: "scenario".to_owned(),
        country: Country::new("US")?,
        caller_ids: vec![PhoneNumber::from_e164("+12015550199")?],
        caller_id_use: Default::default(),
        trunks: trunks.into_iter().take(if setup.second_trunk { 2 } else { 1 }).collect(),
        rulebooks: vec!["test-carrier".to_owned()],
        purpose: Default::default(),
        do_not_call: Vec::new(),
        pacing: setup.pacing,
        abandonment_target: Share::new(0.03)?,
        calendar: Default::default(),
        ring_max: setup.ring_max,
        wait_max: SignedDuration::from_secs(2),
        wait_from: outdial::domain::WaitFrom::GreetingEnd,
        amd: setup.amd.map_or(Amd::Off, |limit| Amd::BeforeConnect { limit }),
        amd_deadline: Default::default(),
        answers: Default::default(),
        wrap_up_max: SignedDuration::from_secs(1),
        talk_max: SignedDuration::from_secs(120),
        safe_harbour: SafeHarbour { message: None, opt_out: Digit::new('9') },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 10,
        recycling: setup.recycling.iter().copied().collect::<BTreeMap<_, _>>(),
        dispositions: Vec::new(),
        script: Default::default(),
        order: LeadOrder::NewFirst,
    })
}

/// Fictional numbers (ATIS-0300115).
pub fn lead(index: u32) -> Option<NewLead> {
    let number = format!("+1{}55501{:02}", 201 + 100 * (index / 100), index % 100);
    Some(NewLead {
        number: PhoneNumber::from_e164(&number)?,
        first_name: None,
        last_name: None,
        state: None,
        zip: None,
        attributes: BTreeMap::new(),
    })
}

/// Logs in as soon as the phone has registered.
async fn log_in(handle: &Handle, agent: AgentId) -> Result<(), Fault> {
    let mut left = 50;
    loop {
        match handle.agent_log_in(agent, None).await {
            Ok(()) => break,
            Err(fault) if left == 0 => return Err(fault.into()),
            Err(_) => left -= 1,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    handle.input_absorbed(Input::Agent(agent, AgentEvent::Ready)).await;
    Ok(())
}

/// What the agent does: hangs up after `talk`, and is ready again after each call.
async fn conduct(handle: Handle, agent: AgentId, talk: Option<SignedDuration>) {
    let mut notices = handle.notices();
    while let Ok(notice) = notices.recv().await {
        let Notice::Agent { agent: who, state } = notice.as_ref() else { continue };
        match state {
            AgentState::Talking { .. } if *who == agent => {
                let Some(talk) = talk.and_then(|talk| talk.try_into().ok()) else { continue };
                let handle = handle.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(talk).await;
                    handle.input(Input::Agent(agent, AgentEvent::HangUp)).await;
                });
            }
            AgentState::WrapUp { .. } if *who == agent => {
                handle.input(Input::Agent(agent, AgentEvent::Ready)).await;
            }
            AgentState::LoggedOut
            | AgentState::Paused { .. }
            | AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::Talking { .. }
            | AgentState::Previewing { .. }
            | AgentState::WrapUp { .. } => {}
        }
    }
}
