//! What the API and the demo hold of a running server.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use super::alarms::Alarm;
use super::evidence::Evidence;
use super::kept_settings;
use super::switchboard::{Order, Voice};
use crate::clock;
use crate::compliance::{Explanation, List, Rulebooks};
use crate::dialer::{AgentEvent, Command, DecisionTaken, Dialer, Input, Notice, View};
use crate::domain::{AgentId, CallId, Campaign, CampaignId, Digit, Lead, PhoneNumber};
use crate::media::Engine;
use crate::sip::Held;
use crate::station::{Browsers, Extension, Station};
use crate::store::{NewAgent, PhoneSecret, Store, StoreError};
use crate::trunk::{TrunkStatus, Trunks};

/// One fact on its way to the pump, with the time it happened.
#[derive(Debug)]
pub struct Fact {
    /// When it happened; stamped on arrival.
    pub at: Timestamp,
    /// What happened.
    pub input: Input,
    /// Answered once the dialer has taken it in and its decisions have left.
    pub absorbed: Option<oneshot::Sender<()>>,
}

impl Fact {
    /// A fact of this moment.
    pub fn now(input: Input) -> Self {
        Self { at: clock::now(), input, absorbed: None }
    }
}

/// A look at the dialer between two facts.
pub type Look = Box<dyn FnOnce(&Dialer) + Send>;

/// Why an agent could not log in.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LogInFault {
    /// Already there.
    #[error("the agent is logged in already")]
    AlreadyLoggedIn,
    /// The phone rang and was not answered, or refused.
    #[error("the agent's phone did not answer: {0}")]
    NoAnswer(String),
    /// No phone is registered for the agent's extension.
    #[error(
        "no phone is registered for this agent; register it with its extension and password, then log in"
    )]
    NotRegistered,
    /// No RTP port is left.
    #[error("no media port is free: {0}")]
    NoPort(String),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
    /// No such agent in the store.
    #[error("no such agent")]
    Unknown,
}

/// What calls hold.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Holding {
    /// Toward the carriers.
    pub sip: Held,
    /// Legs of audio, two ports each, of people and agents.
    pub media_legs: usize,
}

/// A running server, for everything that talks to it. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(super) facts: mpsc::Sender<Fact>,
    pub(super) looks: mpsc::Sender<Look>,
    pub(super) orders: mpsc::UnboundedSender<Order>,
    pub(super) view: watch::Receiver<Arc<View>>,
    pub(super) notices: broadcast::Sender<Arc<Notice>>,
    pub(super) realm: Arc<str>,
    pub(super) station: Station,
    pub(super) browsers: Browsers,
    pub(super) store: Store,
    pub(super) campaigns: Arc<watch::Sender<Arc<[Arc<Campaign>]>>>,
    pub(super) trunks: Option<Trunks>,
    pub(super) engine: Option<Engine>,
    pub(super) alarms: watch::Receiver<Arc<[Alarm]>>,
    pub(super) lists: Arc<Mutex<Vec<List>>>,
    pub(super) evidence: Evidence,
    pub(super) rulebooks: Rulebooks,
    pub(super) campaign_folder: Option<Arc<Path>>,
}

impl Handle {
    /// Tells the dialer; returns as soon as the fact is queued.
    pub async fn input(&self, input: Input) {
        // A closed queue means that the server has stopped: there is nobody left to tell.
        let _ = self.facts.send(Fact::now(input)).await;
    }

    /// Tells the dialer and waits until its decisions have left.
    pub async fn input_absorbed(&self, input: Input) {
        let (absorbed, done) = oneshot::channel();
        let fact = Fact { absorbed: Some(absorbed), ..Fact::now(input) };
        if self.facts.send(fact).await.is_ok() {
            let _ = done.await;
        }
    }

    /// The latest snapshot, at most a quarter of a second old.
    pub fn view(&self) -> Arc<View> {
        self.view.borrow().clone()
    }

    /// The decisions about a campaign at `since` and later; `None` when the dialer does not know
    /// it, or has stopped.
    pub async fn decisions(
        &self,
        campaign: CampaignId,
        since: Timestamp,
    ) -> Option<Vec<DecisionTaken>> {
        let (reply, answer) = oneshot::channel();
        let look = move |dialer: &Dialer| {
            // The asker may have gone.
            let _ = reply.send(dialer.decisions(campaign, since));
        };
        self.looks.send(Box::new(look)).await.ok()?;
        answer.await.ok().flatten()
    }

    /// What every rule would say of a call to the lead at that time; `None` when the dialer does not
    /// know its campaign, or has stopped.
    pub async fn explain(&self, lead: Lead, at: Timestamp) -> Option<Explanation> {
        let (reply, answer) = oneshot::channel();
        let look = move |dialer: &Dialer| {
            // The asker may have gone.
            let _ = reply.send(dialer.explain(&lead, at));
        };
        self.looks.send(Box::new(look)).await.ok()?;
        answer.await.ok().flatten()
    }

    /// Snapshots as they come.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.view.clone()
    }

    /// What agents and managers are told, from now on. A receiver that falls behind loses the
    /// oldest and is told how many.
    pub fn notices(&self) -> broadcast::Receiver<Arc<Notice>> {
        self.notices.subscribe()
    }

    /// The books.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Every campaign of the configuration, as it is now.
    pub fn campaigns(&self) -> Arc<[Arc<Campaign>]> {
        self.campaigns.borrow().clone()
    }

    /// Other settings for a campaign that is known, from now on and until the next start. The dialer
    /// has them when this returns.
    pub async fn campaign_change(&self, campaign: Campaign) {
        let campaign = Arc::new(campaign);
        let put = campaign.clone();
        self.campaigns.send_modify(|campaigns| {
            let put =
                |old: &Arc<Campaign>| if old.id == put.id { put.clone() } else { old.clone() };
            *campaigns = campaigns.iter().map(put).collect();
        });
        self.input_absorbed(Input::Command(Command::Campaign(campaign))).await;
    }

    /// The same, kept for the next start, as long as the campaign's file says what it says now.
    ///
    /// # Errors
    /// The disk's, with nothing changed.
    pub async fn campaign_change_kept(
        &self,
        present: Arc<Campaign>,
        changed: Campaign,
    ) -> std::io::Result<()> {
        let (data, to) = (self.store.folder().to_owned(), changed.clone());
        let kept = move || kept_settings::keep(&data, &present, &to);
        tokio::task::spawn_blocking(kept).await.map_err(std::io::Error::other)??;
        self.campaign_change(changed).await;
        Ok(())
    }

    /// Every rulebook that may be named.
    pub fn rulebooks(&self) -> &Rulebooks {
        &self.rulebooks
    }

    /// How the trunks are.
    pub fn trunks(&self) -> Vec<TrunkStatus> {
        self.trunks.as_ref().map(Trunks::status).unwrap_or_default()
    }

    /// How much is held of what calls need; all of it is given back.
    pub async fn held(&self) -> Holding {
        let sip = match &self.trunks {
            Some(trunks) => trunks.held().await,
            None => Held::default(),
        };
        Holding { sip, media_legs: self.engine.as_ref().map_or(0, Engine::legs) }
    }

    /// The alarms that hold.
    pub fn alarms(&self) -> watch::Receiver<Arc<[Alarm]>> {
        self.alarms.clone()
    }

    /// The realm in which agents' phones prove their passwords (RFC 7616 §3.3).
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// A new agent, whose phone may register when this returns.
    ///
    /// # Errors
    /// The store's: the extension is taken, or the books cannot be written.
    pub async fn agent_add(&self, agent: NewAgent) -> Result<AgentId, StoreError> {
        let id = self.store.agent_add(agent).await?;
        self.renew_extensions().await?;
        Ok(id)
    }

    /// Another password for an agent's phone, which may register with it when this returns.
    ///
    /// # Errors
    /// The store's, with nothing changed.
    pub async fn agent_set_secret(
        &self,
        agent: AgentId,
        secret: PhoneSecret,
    ) -> Result<(), StoreError> {
        self.store.agent_set_secret(agent, secret).await?;
        self.renew_extensions().await
    }

    /// Tells the station whose phones may register.
    pub(super) async fn renew_extensions(&self) -> Result<(), StoreError> {
        let agents = self.store.books().agents().await?;
        let extension = |agent: crate::store::Agent| Extension {
            agent: agent.id,
            name: agent.extension,
            md5: Some(agent.secret.ha1_md5),
            sha256: Some(agent.secret.ha1_sha256),
        };
        self.station.set_extensions(agents.into_iter().map(extension).collect());
        Ok(())
    }

    /// Rings the agent's phone, waits for its leg, and tells the dialer that the agent is there,
    /// paused. `campaigns`: those whose people the agent takes; `None` for all that the store has
    /// for the agent.
    ///
    /// # Errors
    /// [`LogInFault`], with the agent still logged out.
    pub async fn agent_log_in(
        &self,
        agent: AgentId,
        campaigns: Option<Vec<CampaignId>>,
    ) -> Result<(), LogInFault> {
        let known =
            self.store.books().agent(agent).await.ok().flatten().ok_or(LogInFault::Unknown)?;
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order::LogIn { agent, reply }).map_err(|_| LogInFault::Stopping)?;
        answer.await.map_err(|_| LogInFault::Stopping)??;
        let campaigns = campaigns.unwrap_or(known.campaigns);
        self.input_absorbed(Input::Agent(agent, AgentEvent::LogIn { name: known.name, campaigns }))
            .await;
        Ok(())
    }

    /// The phones in agents' browsers.
    pub fn browsers(&self) -> &Browsers {
        &self.browsers
    }

    /// Has the agent and the person hear this of each other; nothing when the call is over.
    pub fn agent_voice(&self, agent: AgentId, call: CallId, voice: Voice) {
        // A closed queue: the server stops, and the call with it.
        let _ = self.orders.send(Order::Voice { call, agent, voice });
    }

    /// Presses keys toward the person; nothing when the call is over.
    pub fn agent_press(&self, call: CallId, digits: Vec<Digit>) {
        let _ = self.orders.send(Order::Press { call, digits });
    }

    /// Ends the agent's call if there is one, and the phone's leg.
    pub async fn agent_log_out(&self, agent: AgentId) {
        self.input_absorbed(Input::Agent(agent, AgentEvent::LogOut)).await;
        let _ = self.orders.send(Order::LogOut { agent });
    }

    /// Puts a number on the do-not-call list: in the store first, then in the gate. When this
    /// returns, no INVITE to it can leave any more and a ringing call to it is being ended.
    ///
    /// # Errors
    /// The store's, with nothing changed.
    pub async fn do_not_call_add(
        &self,
        number: PhoneNumber,
        why: String,
        by: &str,
    ) -> Result<(), StoreError> {
        self.store
            .dnc_add(crate::store::DoNotCall {
                number,
                at: clock::now(),
                source: "api".into(),
                reason: Some(why),
                call: None,
            })
            .await?;
        self.input_absorbed(Input::Command(Command::DoNotCallAdd(number))).await;
        self.fence().await;
        self.tell_evidence(number, ("add", by)).await;
        Ok(())
    }

    /// The list has changed and holds, whether or not the evidence can be written.
    async fn tell_evidence(&self, number: PhoneNumber, change: (&str, &str)) {
        let written = self.evidence.do_not_call(&self.store, number, change, clock::now()).await;
        if let Err(error) = written {
            tracing::error!(%error, "a change of the do-not-call list is not in the evidence");
        }
    }

    /// What is written down of changes.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Returns when the line has carried out all that was decided before. An order to dial that was
    /// under way when a number was forbidden has then been followed by the order to hang up.
    pub(super) async fn fence(&self) {
        let (done, passed) = oneshot::channel();
        if self.orders.send(Order::Fence { done }).is_ok() {
            let _ = passed.await;
        }
    }

    /// Takes a number off the list.
    ///
    /// # Errors
    /// The store's, with nothing changed.
    pub async fn do_not_call_remove(
        &self,
        number: PhoneNumber,
        by: &str,
    ) -> Result<(), StoreError> {
        self.store.dnc_remove(number).await?;
        self.input_absorbed(Input::Command(Command::DoNotCallRemove(number))).await;
        self.tell_evidence(number, ("remove", by)).await;
        Ok(())
    }
}
