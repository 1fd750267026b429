//! Simulated agents on a real server, for trials: hired in the books, at phones of their own on
//! loopback, with the campaign's habits.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::Fault;
use super::demo::agent;
use crate::api::{make_password, phone_secret};
use crate::domain::{AgentId, CampaignId};
use crate::rehearsal::audio;
use crate::rehearsal::carrier::Ports;
use crate::rehearsal::phones::{Account, Phones, PhonesConfig};
use crate::rehearsal::script::AgentHabits;
use crate::server::Handle;
use crate::store::NewAgent;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Apart from the server's own.
const PHONE_PORTS: (u16, u16) = (30_000, 31_999);
/// What talks of agents in a hurry take.
pub(super) const BRISK_TALK_S: f64 = 3.0;
/// The first agent's extension; the others follow.
const FIRST_EXTENSION: u32 = 9_001;

/// Simulated agents at work. Dropped, they are gone.
pub(super) struct Staff {
    _phones: Arc<Phones>,
    _at_work: JoinSet<()>,
}

impl Staff {
    /// Hires `count` agents for the first campaign, or finds those of an earlier start, and sets
    /// them to work. They speak a tone of 1004 Hz, by which a carrier can tell an agent from
    /// silence.
    pub async fn start(
        handle: &Handle,
        registrar: SocketAddr,
        count: u32,
        talk_s: f64,
        seed: u64,
    ) -> Result<Self, Fault> {
        let campaign = handle.campaigns().first().cloned();
        let campaign = campaign.ok_or_else(|| Fault::failed("there is no campaign to work for"))?;
        let mut hired = Vec::new();
        for extension in (FIRST_EXTENSION..).take(count as usize) {
            hired.push(hire(handle, campaign.id, &extension.to_string()).await?);
        }
        let (first, last) = PHONE_PORTS;
        let config = PhonesConfig {
            accounts: hired.iter().map(|(_, account)| account.clone()).collect(),
            registrar,
            domain: registrar.to_string(),
            ip: LOOPBACK,
            rtp_ports: Ports::new(first, last).map_err(Fault::failed)?,
            recordings: None,
            seed,
        };
        let (phones, _) = Phones::start_with(config, vec![audio::test_tone().into()])?;
        let phones = Arc::new(phones);
        let mut at_work = JoinSet::new();
        let codes = campaign.dispositions.iter().map(|rule| rule.code.clone());
        let dispositions: Vec<_> = codes.collect();
        for (place, (id, account)) in hired.into_iter().enumerate() {
            let name = format!("Agent {}", account.extension);
            let mut habits = AgentHabits::brisk(name, campaign.id, dispositions.clone());
            habits.talk = habits.talk.times(talk_s / BRISK_TALK_S);
            at_work.spawn(agent::work(handle.clone(), id, habits, phones.clone(), place, seed));
        }
        Ok(Self { _phones: phones, _at_work: at_work })
    }
}

async fn hire(
    handle: &Handle,
    campaign: CampaignId,
    extension: &str,
) -> Result<(AgentId, Account), Fault> {
    let password = make_password()?;
    let secret = phone_secret(extension, handle.realm(), &password);
    let account = Account { extension: extension.to_owned(), password };
    let known = handle.store().books().agents().await?;
    let id = match known.into_iter().find(|agent| agent.extension == extension) {
        Some(agent) => {
            handle.agent_set_secret(agent.id, secret).await?;
            agent.id
        }
        None => {
            let name = format!("Agent {extension}");
            let campaigns = vec![campaign];
            let extension = extension.to_owned();
            handle.agent_add(NewAgent { extension, name, secret, campaigns }).await?
        }
    };
    Ok((id, account))
}
