//! A floor for tests: a [`Handle`] whose facts are kept instead of decided on, and whose snapshots
//! and notices the test makes.

use std::sync::{Arc, Mutex};

use tokio::sync::{broadcast, mpsc, watch};

use super::alarms::Alarm;
use super::evidence::Evidence;
use super::handle::{Fact, Handle};
use super::switchboard::Order;
use crate::audit::{Chain, KEEP_DAYS};
use crate::clock;
use crate::compliance::Rulebooks;
use crate::dialer::{Input, Notice, View};
use crate::domain::Campaign;
use crate::station::{BrowserConfig, Browsers, Station, StationConfig};
use crate::store::Store;

/// The realm of the agents' phones.
pub const REALM: &str = "test";

/// What the test holds of the floor.
pub struct FakeFloor {
    /// Snapshots go in here.
    pub view: watch::Sender<Arc<View>>,
    /// Notices go in here.
    pub notices: broadcast::Sender<Arc<Notice>>,
    /// Alarms go in here.
    pub alarms: watch::Sender<Arc<[Alarm]>>,
    inputs: Arc<Mutex<Vec<Input>>>,
    dialer: tokio::task::JoinHandle<()>,
}

impl FakeFloor {
    /// As when the server stops: nobody makes snapshots any more.
    pub fn stop(self) {
        self.dialer.abort();
    }

    /// What the dialer would have been told since the last question.
    pub fn told(&self) -> Vec<Input> {
        std::mem::take(&mut self.inputs.lock().unwrap())
    }
}

/// A handle on a floor where every phone answers at once; `on_fact` may change the snapshot before
/// the asker hears that its fact was absorbed.
pub fn floor(
    store: Store,
    campaigns: Vec<Campaign>,
    view: View,
    on_fact: impl Fn(&Input, &mut View) + Send + 'static,
) -> (Handle, FakeFloor) {
    let campaign_folder = store.folder().join("campaigns");
    std::fs::create_dir_all(&campaign_folder).unwrap();
    let (facts, mut facts_told) = mpsc::channel::<Fact>(64);
    // A floor without a dialer: nobody looks at it.
    let (looks, _) = mpsc::channel(1);
    let (orders, mut orders_given) = mpsc::unbounded_channel();
    let (views, view) = watch::channel(Arc::new(view));
    let (notices, _) = broadcast::channel(64);
    let inputs = Arc::new(Mutex::new(Vec::new()));
    let station = StationConfig::new(([127, 0, 0, 1], 0).into(), REALM, 1);
    let (station, _) = Station::start(station).unwrap();
    let browsers = BrowserConfig::new(([127, 0, 0, 1], 0).into());
    let (browsers, _) = Browsers::start(browsers).unwrap();
    let evidence = Evidence::of(Chain::open(store.folder(), KEEP_DAYS, clock::now()).unwrap());
    let alarms = watch::Sender::new(Arc::from([]));
    let handle = Handle {
        facts,
        looks,
        orders,
        view,
        notices: notices.clone(),
        realm: REALM.into(),
        station,
        browsers,
        store,
        campaigns: Arc::new(watch::Sender::new(campaigns.into_iter().map(Arc::new).collect())),
        rulebooks: Rulebooks::embedded(),
        campaign_folder: Some(campaign_folder.into()),
        trunks: None,
        engine: None,
        alarms: alarms.subscribe(),
        lists: Arc::default(),
        evidence,
    };
    let (view, told) = (views.clone(), inputs.clone());
    let dialer = tokio::spawn(async move {
        while let Some(fact) = facts_told.recv().await {
            views.send_modify(|view| on_fact(&fact.input, Arc::make_mut(view)));
            told.lock().unwrap().push(fact.input);
            if let Some(absorbed) = fact.absorbed {
                let _ = absorbed.send(());
            }
        }
    });
    tokio::spawn(async move {
        while let Some(order) = orders_given.recv().await {
            if let Order::LogIn { reply, .. } = order {
                let _ = reply.send(Ok(()));
            }
        }
    });
    (handle, FakeFloor { view, notices, alarms, inputs, dialer })
}
