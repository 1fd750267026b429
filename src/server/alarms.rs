//! Alarms: what a person must see to, looked for again and again, shown on the pages and told to a
//! webhook.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::dialer::{CampaignPhase, CampaignView, View};
use crate::domain::{AgentState, Campaign};
use crate::trunk::{TrunkHealth, TrunkStatus, Trunks};

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Less free than this is an alarm, bytes.
const DISK_FREE_MIN: u64 = 1 << 30;
/// A window that is likelier than this to end above its limit is an alarm.
const OVERRUN_MAX: f64 = 0.5;
/// An agent may be so long in a state that ends by itself.
const STUCK_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// The next lead may be so far away while agents wait.
const NEXT_LEAD_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Alarms that may wait for the webhook; what comes then is in the log only.
const QUEUE_MAX: usize = 64;
/// A webhook that fails is tried so often.
const TRIES: u32 = 3;
/// It answers within this.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// What an alarm is about.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// A window of abandonment is above its limit, or will be.
    AbandonmentAtRisk,
    /// An agent is in a state that should have ended.
    AgentStuck,
    /// The books take no writes.
    BooksBehind,
    /// Little room is left.
    Disk,
    /// A campaign that dials has no leads for its agents.
    ListDry,
    /// Recordings cannot be written.
    Recording,
    /// A trunk takes no calls.
    TrunkDown,
}

/// One alarm that holds.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Alarm {
    /// What.
    pub kind: AlarmKind,
    /// Which: the name of a trunk, a campaign, an agent.
    pub about: String,
    /// Since when.
    pub since: Timestamp,
    /// One sentence for people.
    pub sentence: String,
}

/// What is looked at besides the dialer.
pub(super) struct Watched {
    /// The trunks.
    pub trunks: Trunks,
    /// Every campaign.
    pub campaigns: watch::Receiver<Arc<[Arc<Campaign>]>>,
    /// The data folder.
    pub data: PathBuf,
    /// Where alarms are told besides.
    pub webhook: Option<String>,
}

/// Looks until `stop`.
pub(super) async fn run(
    watched: Watched,
    views: watch::Receiver<Arc<View>>,
    alarms: watch::Sender<Arc<[Alarm]>>,
    stop: CancellationToken,
) {
    let (tell, told) = mpsc::channel(QUEUE_MAX);
    let hook = watched.webhook.clone().map(|url| tokio::spawn(post_all(url, told)));
    let look = async {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let data = watched.data.clone();
            let disk = tokio::task::spawn_blocking(move || Disk::look(&data)).await;
            let (view, campaigns) = (views.borrow().clone(), watched.campaigns.borrow().clone());
            let found =
                find(&view, &campaigns, &watched.trunks.status(), disk.ok().as_ref(), clock::now());
            let before = alarms.borrow().clone();
            let now = keep_since(&before, found);
            report(&before, &now, &tell);
            if *now != *before {
                alarms.send_replace(now.into());
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = look => {}
    }
    if let Some(hook) = hook {
        hook.abort();
    }
}

/// The disk, and whether recordings can be written.
struct Disk {
    free: Option<u64>,
    recording: Result<(), String>,
}

impl Disk {
    fn look(data: &Path) -> Self {
        let free = nix::sys::statvfs::statvfs(data)
            .ok()
            .map(|stat| stat.blocks_available() * stat.fragment_size());
        let probe = data.join("recordings").join(".probe");
        let written =
            std::fs::write(&probe, b"outdial").and_then(|()| std::fs::remove_file(&probe));
        Self { free, recording: written.map_err(|error| error.to_string()) }
    }
}

fn find(
    view: &View,
    campaigns: &[Arc<Campaign>],
    trunks: &[TrunkStatus],
    disk: Option<&Disk>,
    now: Timestamp,
) -> Vec<Alarm> {
    let mut found = Vec::new();
    let mut raise = |kind, about: &str, sentence: String| {
        found.push(Alarm { kind, about: about.to_owned(), since: now, sentence });
    };
    if view.books_behind {
        let sentence = "The books take no writes: nobody is dialed.".to_owned();
        raise(AlarmKind::BooksBehind, "books", sentence);
    }
    for trunk in trunks {
        let why = match trunk.health {
            TrunkHealth::CredentialsRefused { .. } => "it refuses our user name and password",
            TrunkHealth::Resting { .. } => "it failed to answer, or asked for rest",
            TrunkHealth::Unreachable => "it does not answer OPTIONS",
            TrunkHealth::Trying | TrunkHealth::Up => continue,
        };
        raise(AlarmKind::TrunkDown, &trunk.name, format!("Trunk {}: {why}.", trunk.name));
    }
    for seen in &view.campaigns {
        let meant = campaigns.iter().find(|campaign| campaign.id == seen.id);
        if let Some(sentence) = at_risk(seen) {
            raise(AlarmKind::AbandonmentAtRisk, &seen.name, sentence);
        }
        if let Some(sentence) = dry(seen, now) {
            raise(AlarmKind::ListDry, &seen.name, sentence);
        }
        let records = meant.is_some_and(|campaign| campaign.recording);
        if let Some(Err(error)) = disk.map(|disk| &disk.recording).filter(|_| records) {
            let sentence = format!("Recordings cannot be written: {error}.");
            raise(AlarmKind::Recording, &seen.name, sentence);
        }
    }
    for agent in &view.agents {
        let of_theirs = |campaign: &&Arc<Campaign>| agent.campaigns.contains(&campaign.id);
        let theirs = campaigns.iter().filter(of_theirs);
        let limit = match agent.state {
            AgentState::Reserved { .. } => Some(SignedDuration::ZERO),
            AgentState::Talking { .. } => theirs.map(|campaign| campaign.talk_max).max(),
            AgentState::WrapUp { .. } => theirs.map(|campaign| campaign.wrap_up_max).max(),
            AgentState::LoggedOut
            | AgentState::Paused { .. }
            | AgentState::Previewing { .. }
            | AgentState::Ready => None,
        };
        let spent = now.duration_since(agent.since);
        if limit.is_some_and(|limit| spent > limit.saturating_add(STUCK_AFTER)) {
            let minutes = spent.as_mins();
            let sentence = format!("{} has been in the same call for {minutes} min.", agent.name);
            raise(AlarmKind::AgentStuck, &agent.name, sentence);
        }
    }
    if let Some(free) = disk.and_then(|disk| disk.free).filter(|free| *free < DISK_FREE_MIN) {
        raise(AlarmKind::Disk, "data", format!("{} MiB are left on the disk.", free >> 20));
    }
    found
}

fn at_risk(seen: &CampaignView) -> Option<String> {
    let window = seen.windows.iter().find(|window| {
        window.rate.is_some_and(|rate| rate > window.limit)
            || window.overrun.is_some_and(|overrun| overrun > OVERRUN_MAX)
    })?;
    let (rate, limit) = (100.0 * window.rate.unwrap_or(0.0), 100.0 * window.limit);
    let name = &seen.name;
    Some(format!(
        "Campaign {name}: {rate:.2} % abandoned in {}, limit {limit:.2} %.",
        window.window
    ))
}

fn dry(seen: &CampaignView, now: Timestamp) -> Option<String> {
    let agents = seen.agents;
    let staffed = agents.ready + agents.reserved + agents.talking + agents.wrap_up > 0;
    if seen.phase != CampaignPhase::Running || !staffed || seen.hopper > 0 {
        return None;
    }
    let name = &seen.name;
    match seen.next_lead_at {
        None if seen.exhausted => Some(format!("Campaign {name}: no lead is left.")),
        Some(at) if at > now.saturating_add(NEXT_LEAD_MAX).unwrap_or(now) => {
            Some(format!("Campaign {name}: the next lead is due at {at:.0}."))
        }
        Some(_) | None => None,
    }
}

/// An alarm that goes on keeps its time.
fn keep_since(before: &[Alarm], found: Vec<Alarm>) -> Vec<Alarm> {
    let since: BTreeMap<_, _> =
        before.iter().map(|alarm| ((alarm.kind, &alarm.about), alarm.since)).collect();
    let kept = |alarm: Alarm| {
        let since = since.get(&(alarm.kind, &alarm.about)).copied().unwrap_or(alarm.since);
        Alarm { since, ..alarm }
    };
    found.into_iter().map(kept).collect()
}

/// What the webhook is sent.
#[derive(Debug, Serialize)]
struct Word {
    /// `raised` or `cleared`.
    event: &'static str,
    #[serde(flatten)]
    alarm: Alarm,
}

/// Logs and tells what has begun and what is over.
fn report(before: &[Alarm], now: &[Alarm], tell: &mpsc::Sender<Word>) {
    let is_in = |alarms: &[Alarm], alarm: &Alarm| {
        alarms.iter().any(|other| other.kind == alarm.kind && other.about == alarm.about)
    };
    for alarm in now.iter().filter(|alarm| !is_in(before, alarm)) {
        tracing::warn!(kind = ?alarm.kind, about = %alarm.about, "alarm: {}", alarm.sentence);
        // Full, or nobody listens: the log has it.
        let _ = tell.try_send(Word { event: "raised", alarm: alarm.clone() });
    }
    for alarm in before.iter().filter(|alarm| !is_in(now, alarm)) {
        tracing::info!(kind = ?alarm.kind, about = %alarm.about, "alarm over");
        let _ = tell.try_send(Word { event: "cleared", alarm: alarm.clone() });
    }
}

async fn post_all(url: String, mut words: mpsc::Receiver<Word>) {
    while let Some(word) = words.recv().await {
        for attempt in 1..=TRIES {
            let (url, body) = (url.clone(), serde_json::to_vec(&word).unwrap_or_default());
            let posted = tokio::task::spawn_blocking(move || post(&url, body)).await;
            match posted {
                Ok(Ok(())) => break,
                Ok(Err(error)) => {
                    tracing::warn!(%error, attempt, "the webhook did not take an alarm");
                    tokio::time::sleep(ANSWER_MAX).await;
                }
                Err(_) => return,
            }
        }
    }
}

fn post(url: &str, body: Vec<u8>) -> Result<(), ureq::Error> {
    let config =
        ureq::Agent::config_builder().timeout_global(Some(ANSWER_MAX)).max_redirects(0).build();
    let agent = ureq::Agent::new_with_config(config);
    agent.post(url).header("content-type", "application/json").send(&body[..]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(about: &str, second: i64) -> Alarm {
        let since = Timestamp::from_second(second).unwrap();
        Alarm {
            kind: AlarmKind::TrunkDown,
            about: about.to_owned(),
            since,
            sentence: String::new(),
        }
    }

    #[test]
    fn an_alarm_that_goes_on_keeps_its_time_and_is_told_once() {
        let (tell, mut told) = mpsc::channel(8);
        let before = [alarm("main", 1), alarm("spare", 1)];
        let now = keep_since(&before, vec![alarm("main", 9), alarm("other", 9)]);
        assert_eq!(now, [alarm("main", 1), alarm("other", 9)]);
        report(&before, &now, &tell);
        let mut words = Vec::new();
        while let Ok(word) = told.try_recv() {
            words.push((word.event, word.alarm.about));
        }
        let expected = [("raised", "other".to_owned()), ("cleared", "spare".to_owned())];
        assert_eq!(words, expected);
    }
}
