//! The demo's floor: carrier, server, phones and agents, set up, watched and taken down.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use super::agent;
use super::summary::Summary;
use super::tally::{self, Seen};
use crate::api::{make_password, phone_secret};
use crate::cli::Fault;
use crate::cli::front::Front;
use crate::clock;
use crate::config::{AgentTimes, Config};
use crate::dialer::{CampaignPhase, Command, Input, View};
use crate::domain::{AgentId, Campaign, CampaignId, TrunkId};
use crate::rehearsal::carrier::{CallEnd, Carrier, Ports};
use crate::rehearsal::leads::{self, MadeUpLead};
use crate::rehearsal::phones::{Account, Phones, PhonesConfig};
use crate::rehearsal::script::AgentHabits;
use crate::server::{Handle, Server, Settings};
use crate::store::NewAgent;
use crate::store::import::NewLead;
use crate::trunk::TrunkConfig;

/// A lead that is due later than this is not waited for.
const HORIZON: SignedDuration = SignedDuration::from_secs(60);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Apart from the server's and the carrier's (campaigns/demo.toml).
const PHONE_PORTS: (u16, u16) = (30_000, 31_999);
/// The first agent's extension; the others follow.
const FIRST_EXTENSION: u32 = 101;

/// The name of the seat that is left for a visitor.
pub(super) const FREE_SEAT: &str = "Free seat";

/// A floor at work.
pub(super) struct Floor {
    agents: JoinSet<()>,
    agents_count: u32,
    began_at: Timestamp,
    campaign: CampaignId,
    carrier: Carrier,
    carrier_told: UnboundedReceiver<CallEnd>,
    data: PathBuf,
    front: Front,
    leads: u64,
    phones: Arc<Phones>,
    seed: u64,
    server: Server,
}

/// The folder to work in: the one asked for, which must hold no books yet, or a new one.
pub(super) fn fresh_folder(asked: Option<PathBuf>) -> Result<PathBuf, Fault> {
    let has_books = |folder: &Path| folder.join(crate::store::BOOKS_FILE).exists();
    match asked {
        Some(folder) if has_books(&folder) => Err(Fault::Usage(format!(
            "{} holds books already; a demo starts with none: say another --data, or none",
            folder.display()
        ))),
        Some(folder) => Ok(folder),
        None => (1..)
            .map(|number| PathBuf::from(format!("outdial-demo-{number}")))
            .find(|folder| !folder.exists())
            .ok_or_else(|| Fault::failed("no name is left for a new folder")),
    }
}

impl Floor {
    /// Sets everything up and starts the campaign.
    pub async fn open(
        data: &Path,
        leads: u32,
        agents: u32,
        free_seat: bool,
        seed: u64,
    ) -> Result<Self, Fault> {
        let mut config =
            Config::embedded(data).map_err(|faults| Fault::failed(faults.to_string()))?;
        let world = config.campaigns.first().and_then(|file| file.rehearsal.clone());
        let world = world.unwrap_or_default();
        let any_port = SocketAddr::new(LOOPBACK, 0);
        let (carrier, carrier_told) = Carrier::start(world.carrier, any_port, seed).await?;
        let trunk = TrunkConfig::new(TrunkId(0), "test-carrier", carrier.address());
        config.trunks = vec![trunk];
        let listen = config.api.listen;
        let server = Server::start(Settings::of(config, seed)).await?;
        let handle = server.handle().clone();
        let campaign = handle.campaigns().first().cloned();
        let campaign = campaign.ok_or_else(|| Fault::failed("the demo has no campaign"))?;
        let front = Front::open(handle.clone(), listen, data).await?;

        let made = leads::leads(seed, leads as usize).into_iter().map(new_lead).collect();
        let landed = handle.store().add_leads(campaign.id, "demo", made, clock::now()).await?;
        let mut accounts = hire(&handle, campaign.id, agents).await?;
        if free_seat {
            let extension = FIRST_EXTENSION + agents;
            accounts.push(seat(&handle, campaign.id, FREE_SEAT.to_owned(), extension).await?);
        }
        let (first, last) = PHONE_PORTS;
        let phone_ports = Ports::new(first, last).map_err(Fault::failed)?;
        let (phones, _) = Phones::start(PhonesConfig {
            accounts: accounts.iter().map(|(_, account)| account.clone()).collect(),
            registrar: server.station_address(),
            domain: server.station_address().to_string(),
            ip: LOOPBACK,
            rtp_ports: phone_ports,
            recordings: None,
            seed,
        })?;
        let phones = Arc::new(phones);
        let mut at_work = JoinSet::new();
        // Nobody works at the free seat, which is the last.
        for (place, (id, account)) in accounts.into_iter().take(agents as usize).enumerate() {
            let habits = habits(&campaign, &world.agents, format!("Agent {}", account.extension));
            at_work.spawn(agent::work(handle.clone(), id, habits, phones.clone(), place, seed));
        }
        let start = Command::Phase(campaign.id, CampaignPhase::Running);
        handle.input_absorbed(Input::Command(start)).await;
        handle.store().set_phase(campaign.id, CampaignPhase::Running).await?;
        Ok(Self {
            agents: at_work,
            agents_count: agents,
            began_at: clock::now(),
            campaign: campaign.id,
            carrier,
            carrier_told,
            data: data.to_owned(),
            front,
            leads: landed.landed,
            phones,
            seed,
            server,
        })
    }

    /// Where the API listens.
    pub fn url(&self) -> &str {
        &self.front.url
    }

    /// The link that lets the visitor in.
    pub fn set_up_link(&self) -> Option<&str> {
        self.front.set_up_link.as_deref()
    }

    /// The latest snapshot.
    pub fn view(&self) -> Arc<View> {
        self.server.handle().view()
    }

    /// Leads that are still to be called within the horizon, or are being called.
    pub async fn leads_open(&self) -> Result<u64, Fault> {
        let books = self.server.handle().store().books();
        let counts = books.lead_counts(self.campaign, clock::now() + HORIZON).await?;
        Ok(counts.new + counts.due + counts.claimed)
    }

    /// No lead to call, no call up, no wrap-up.
    pub fn is_done(&self, leads_open: u64) -> bool {
        let view = self.view();
        let Some(campaign) = view.campaigns.first() else { return true };
        let busy = campaign.agents.reserved + campaign.agents.talking + campaign.agents.wrap_up;
        leads_open == 0 && campaign.calls.total() == 0 && busy == 0
    }

    /// Takes everything down, in the order in which nothing is lost, and reads the books.
    pub async fn close(mut self) -> Result<Summary, Fault> {
        let ended_at = clock::now();
        let talk_s_per_agent_hour =
            self.view().campaigns.first().and_then(|campaign| campaign.talk_s_per_agent_hour);
        self.server.drain().await;
        self.server.hang_up_all().await;
        self.agents.shutdown().await;
        self.front.close().await;
        self.server.stop().await;
        if let Some(phones) = Arc::into_inner(self.phones) {
            phones.stop().await;
        }
        self.carrier.stop().await;
        let mut seen = Seen::default();
        while let Ok(call) = self.carrier_told.try_recv() {
            seen.add(&call);
        }
        let summary = Summary {
            seconds: ended_at.duration_since(self.began_at).as_secs_f64(),
            seed: self.seed,
            agents: self.agents_count,
            leads: self.leads,
            talk_s_per_agent_hour,
            ..Summary::default()
        };
        let summary = tally::read(&self.data, &seen, summary).await?;
        let data = self.data;
        tokio::task::spawn_blocking(move || tally::replay(&data, summary)).await?
    }
}

fn new_lead(lead: MadeUpLead) -> NewLead {
    let attributes = [("source".to_owned(), "demo".to_owned())].into();
    NewLead { attributes, ..lead.into() }
}

/// Agents in the books, each with a phone's account.
async fn hire(
    handle: &Handle,
    campaign: CampaignId,
    count: u32,
) -> Result<Vec<(AgentId, Account)>, Fault> {
    let mut hired = Vec::new();
    for extension in (FIRST_EXTENSION..).take(count as usize) {
        hired.push(seat(handle, campaign, format!("Agent {extension}"), extension).await?);
    }
    Ok(hired)
}

/// An agent in the books, with a phone's account.
async fn seat(
    handle: &Handle,
    campaign: CampaignId,
    name: String,
    extension: u32,
) -> Result<(AgentId, Account), Fault> {
    let (extension, password) = (extension.to_string(), make_password()?);
    let secret = phone_secret(&extension, handle.realm(), &password);
    let campaigns = vec![campaign];
    let agent = NewAgent { name, secret, extension: extension.clone(), campaigns };
    Ok((handle.agent_add(agent).await?, Account { extension, password }))
}

fn habits(campaign: &Campaign, times: &AgentTimes, name: String) -> AgentHabits {
    let dispositions = campaign.dispositions.iter().map(|rule| rule.code.clone()).collect();
    let brisk = AgentHabits::brisk(name, campaign.id, dispositions);
    AgentHabits {
        talk: times.talk_s.unwrap_or(brisk.talk),
        wrap_up: times.wrap_up_s.unwrap_or(brisk.wrap_up),
        ..brisk
    }
}
