//! From settings to a running floor, and back to rest.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::alarms;
use super::announcement::AnnouncementFault;
use super::beat;
use super::books;
use super::campaign_lines::{directory, lines};
use super::dial::{self, CallIds};
use super::event_log::{EventLog, Header};
use super::evidence::Evidence;
use super::first_words;
use super::handle::Handle;
use super::kept_settings;
use super::ledger;
use super::lists;
use super::outbox::Outboxes;
use super::promises::{COMMIT_AGE_MAX, Watch};
use super::pump;
use super::reception;
use super::settings::{self, Settings};
use super::strays;
use super::switchboard::{Inlets, Order, Outlets, Switchboard};
use super::traces::Traces;
use super::turn;
use crate::audit::{AuditFault, Chain};
use crate::clock;
use crate::compliance::Gate;
use crate::dialer::{CampaignPhase, Command, Dialer, DialerConfig, Input};
use crate::domain::CampaignId;
use crate::media::{Engine, MediaError};
use crate::station::{Browsers, Station, StationError};
use crate::store::lists::ListFault;
use crate::store::{Recovery, StoreError};
use crate::trunk::{TrunkError, Trunks, TrunksConfig};

/// Facts that may wait for the pump; who tells more waits.
const FACTS: usize = 65_536;
/// Looks at the dialer that may wait.
const LOOKS: usize = 16;
/// Notices that a slow listener may be behind.
const NOTICES: usize = 4096;
/// How long the legs have to come down at the end.
const LEGS_DOWN_MAX: SignedDuration = SignedDuration::from_secs(5);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// A message cannot be played.
    #[error(transparent)]
    Announcement(#[from] AnnouncementFault),
    /// Nothing to make keys of.
    #[error("the operating system has no randomness to give: {0}")]
    Chance(std::io::Error),
    /// The event log.
    #[error("the event log cannot be written: {0}")]
    EventLog(#[from] std::io::Error),
    /// The evidence.
    #[error(transparent)]
    Evidence(#[from] AuditFault),
    /// A do-not-call list is there and cannot be read.
    #[error("{0}; nobody is called without it: build it again, or take the file away")]
    List(#[from] ListFault),
    /// The media engine.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// A broadcast or a queue that says nothing.
    #[error("campaign {0} has no message, and plays one")]
    NoMessage(String),
    /// A campaign names a trunk that is not there.
    #[error("campaign {campaign} names trunk {trunk:?}, and there is no such trunk")]
    NoTrunk {
        /// Whose.
        campaign: String,
        /// Which.
        trunk: String,
    },
    /// The station's socket.
    #[error(transparent)]
    Station(#[from] StationError),
    /// The books.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// OpenTelemetry's collector.
    #[error("[traces] collector: {0}")]
    Traces(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The trunks' socket.
    #[error(transparent)]
    Trunk(#[from] TrunkError),
}

/// A running server: the handle for everybody, and what only its owner may do.
pub struct Server {
    handle: Handle,
    /// What the books had to make good at the start.
    pub recovery: Recovery,
    books: JoinHandle<()>,
    engine: Engine,
    event_log: Option<EventLog>,
    line: JoinHandle<()>,
    station: Station,
    stop: CancellationToken,
    taken_over: CancellationToken,
    traces: Option<Traces>,
    trunks: Trunks,
}

impl Server {
    /// Opens the books, binds the sockets and sets everything going. Campaigns come up as they
    /// were: those that dialed dial again.
    ///
    /// # Errors
    /// [`StartFault`]; nothing is left running.
    pub async fn start(settings: Settings) -> Result<Self, StartFault> {
        let Settings {
            data,
            trunks,
            station,
            browsers,
            media,
            mut campaigns,
            campaign_folder,
            inbound,
            rulebooks,
            event_log,
            webhook,
            collector,
            seed,
        } = settings;
        kept_settings::apply(&data, &mut campaigns);
        let sip_seed = trunks.seed;
        let (store, recovery) = turn::open(&data, &campaigns).await?;
        let (campaigns, phases) = turn::number(&store, campaigns).await?;
        let by_campaign = lines(&campaigns, &trunks)?;
        let directory = directory(&inbound, &by_campaign);
        let trunks = TrunksConfig { directory, first_inbound: recovery.first_inbound, ..trunks };

        let (media_facts, media_told) = mpsc::unbounded_channel();
        let engine = Engine::start(media, media_facts)?;
        let books_pulse = Some(store.pulse().clone());
        let srtp_secret = settings::secret().map_err(StartFault::Chance)?;
        let trunks = TrunksConfig {
            books_pulse,
            books_age_max: COMMIT_AGE_MAX,
            strained: Some(engine.strained()),
            srtp_secret,
            ..trunks
        };
        let (trunks, trunk_told) = Trunks::start(trunks)?;
        let realm = station.realm.as_str().into();
        let (station, station_told) = Station::start(station)?;
        let (browsers, browsers_told) = Browsers::start(browsers)?;
        strays::end(&store, &trunks, &station).await?;

        let (facts, facts_told) = mpsc::channel(FACTS);
        let (looks, looks_told) = mpsc::channel(LOOKS);
        let (orders, orders_told) = mpsc::unbounded_channel();
        let (dials, dials_told) = mpsc::unbounded_channel();
        let (entries, entries_told) = mpsc::unbounded_channel();
        let (reception, arrivals) = mpsc::unbounded_channel();
        let (notices, _) = broadcast::channel(NOTICES);

        let do_not_call = store.books().dnc_numbers().await?;
        let lists = lists::open_all(&data).await?;
        let header = Header::new(clock::now(), recovery.first_call, seed, &do_not_call, &rulebooks)
            .with_lists(&lists);
        let event_log =
            event_log.map(|limits| EventLog::begin(&data, limits, header)).transpose()?;
        let (event_log, recorder) = event_log.unzip();
        let known_rulebooks = rulebooks.clone();
        let mut gate = Gate::new(rulebooks, do_not_call);
        for list in &lists {
            gate.put_list(list.clone());
        }
        let dialer = Dialer::new(DialerConfig { first_call: recovery.first_call, seed, gate });
        let (view, views) = watch::channel(Arc::new(dialer.view(clock::now())));
        let switchboard = Switchboard::new(
            engine.clone(),
            trunks.clone(),
            (station.clone(), browsers.clone()),
            store.clone(),
            by_campaign,
            Outlets { books: entries.clone(), facts: facts.clone(), reception },
            views.clone(),
        );
        let inlets = Inlets {
            orders: orders_told,
            trunk: trunk_told,
            station: station_told,
            browsers: browsers_told,
            media: media_told,
        };
        let line = tokio::spawn(switchboard.run(inlets));
        let call_ids = CallIds { seed: sip_seed };
        tokio::spawn(reception::run(arrivals, store.clone(), orders.clone()));
        let evidence =
            Evidence::of(Chain::open(&data, known_rulebooks.evidence_days(), clock::now())?);
        evidence.started(&data, &known_rulebooks, &campaigns, &lists, clock::now()).await?;
        let dialing =
            dial::run(dials_told, store.clone(), call_ids, evidence.clone(), orders.clone());
        tokio::spawn(dialing);
        let known = campaigns.iter().map(|campaign| (campaign.id, campaign.clone())).collect();
        let traces = collector.map(|url| Traces::start(&url, &campaigns)).transpose()?;
        let books = tokio::spawn(books::run(
            entries_told,
            store.clone(),
            evidence.clone(),
            traces.clone(),
            known,
            facts.clone(),
        ));
        let outboxes = Outboxes {
            line: orders.clone(),
            dial: dials,
            books: entries,
            notices: notices.clone(),
        };
        let stop = CancellationToken::new();
        let seen = Watch::started(recovery.last_alive_at, clock::now());
        let taken_over = CancellationToken::new();
        let ends = beat::Ends { stop: stop.clone(), taken_over: taken_over.clone() };
        tokio::spawn(beat::run(store.clone(), seen, facts.clone(), ends));
        tokio::spawn(pump::run(
            dialer,
            facts_told,
            looks_told,
            outboxes,
            view,
            recorder,
            stop.clone(),
        ));

        let (known_campaigns, campaigns_told) = watch::channel(Arc::from(campaigns));
        let (alarms_found, alarms_told) = watch::channel(Arc::from([]));
        let watched =
            alarms::Watched { trunks: trunks.clone(), campaigns: campaigns_told, data, webhook };
        tokio::spawn(alarms::run(watched, views.clone(), alarms_found, stop.clone()));

        let handle = Handle {
            facts,
            looks,
            orders,
            view: views,
            notices,
            realm,
            station: station.clone(),
            browsers,
            store,
            campaigns: Arc::new(known_campaigns),
            trunks: Some(trunks.clone()),
            engine: Some(engine.clone()),
            alarms: alarms_told,
            lists: Arc::new(Mutex::new(lists)),
            evidence: evidence.clone(),
            rulebooks: known_rulebooks,
            campaign_folder: campaign_folder.map(Into::into),
        };
        handle.renew_extensions().await?;
        tokio::spawn(first_words::sweep(handle.clone(), stop.clone()));
        let server = Self {
            handle,
            recovery,
            books,
            engine,
            event_log,
            line,
            station,
            stop,
            taken_over,
            traces,
            trunks,
        };
        server.introduce(&phases).await?;
        Ok(server)
    }

    /// What everybody else holds.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Where carriers reach us.
    pub fn trunk_address(&self) -> SocketAddr {
        self.trunks.local()
    }

    /// Where phones register.
    pub fn station_address(&self) -> SocketAddr {
        self.station.local()
    }

    /// The trunks, for the floor view and the metrics.
    pub fn trunks(&self) -> &Trunks {
        &self.trunks
    }

    /// Returns when another dialer has taken the books over: nothing is dialed any more, and what is up is
    /// to be ended.
    pub async fn taken_over(&self) {
        self.taken_over.cancelled().await;
    }

    /// No new calls from now on; live calls go on.
    pub async fn drain(&self) {
        self.handle.input_absorbed(Input::Command(Command::Drain)).await;
        self.trunks.drain();
    }

    /// Ends every call now.
    pub async fn hang_up_all(&self) {
        self.handle.input_absorbed(Input::Command(Command::HangUpAll)).await;
    }

    /// Calls that are up.
    pub fn calls_up(&self) -> u32 {
        self.handle.view().campaigns.iter().map(|campaign| campaign.calls.total()).sum()
    }

    /// Ends what is still up, writes what waits, closes the books. Call [`drain`](Self::drain)
    /// first, and wait as long as you like.
    pub async fn stop(self) {
        self.hang_up_all().await;
        let deadline = clock::now() + LEGS_DOWN_MAX;
        while self.calls_up() > 0 && clock::now() < deadline {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            self.handle.input_absorbed(Input::Timeout).await;
        }
        let (done, stopped) = oneshot::channel();
        if self.handle.orders.send(Order::Stop { done }).is_ok() {
            let _ = stopped.await;
        }
        self.trunks.shutdown(LEGS_DOWN_MAX).await;
        self.station.shutdown(LEGS_DOWN_MAX).await;
        self.handle.browsers.shutdown(LEGS_DOWN_MAX).await;
        let Self { handle, books, engine, event_log, line, stop, traces, .. } = self;
        let _ = line.await;
        // The pump ends, and with it the outboxes; the books end when all is written.
        stop.cancel();
        let _ = books.await;
        let stopped = tokio::task::spawn_blocking(move || {
            engine.shutdown();
            if let Some(event_log) = event_log {
                event_log.close();
            }
            if let Some(traces) = traces {
                traces.stop();
            }
        });
        let _ = stopped.await;
        handle.store.close().await;
    }

    async fn introduce(
        &self,
        phases: &BTreeMap<CampaignId, CampaignPhase>,
    ) -> Result<(), StoreError> {
        let fares = self.handle.store.books().caller_ids(clock::now()).await?;
        self.handle.input_absorbed(Input::Command(Command::CallerIds(fares))).await;
        for campaign in self.handle.campaigns().iter() {
            let command = Command::Campaign(campaign.clone());
            self.handle.input_absorbed(Input::Command(command)).await;
            let so_far = ledger::so_far(self.handle.store.books(), campaign, clock::now()).await?;
            let command = Command::Ledger(campaign.id, so_far);
            self.handle.input_absorbed(Input::Command(command)).await;
            if let Some(learned) = self.handle.store.books().learned(campaign.id).await? {
                let command = Command::Believe(campaign.id, Box::new(learned));
                self.handle.input_absorbed(Input::Command(command)).await;
            }
            let phase = phases.get(&campaign.id).copied().unwrap_or(CampaignPhase::Stopped);
            let command = Command::Phase(campaign.id, phase);
            self.handle.input_absorbed(Input::Command(command)).await;
        }
        Ok(())
    }
}
