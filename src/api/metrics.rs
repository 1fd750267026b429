//! `/healthz` and `/metrics`: for what watches the server.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus::{
    Encoder, GaugeVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use super::calibration::CalibrationFamilies;
use super::detector::DetectorFamilies;
use super::socket::SOCKETS_MAX;
use super::window::WindowFamilies;
use super::{Context, Problem};
use crate::dialer::{CampaignPhase, CampaignView, View};
use crate::server::Holding;

/// Is the server there
#[utoipa::path(
    get, path = "/healthz", tag = "service", security(()),
    responses((status = 200, description = "It is", body = String, content_type = "text/plain")),
)]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Figures for Prometheus
///
/// In the text format, from the latest snapshot. The token is not asked for on the machine
/// itself.
#[utoipa::path(
    get, path = "/metrics", tag = "service", security((), ("token" = [])),
    responses(
        (status = 200, description = "Text format 0.0.4", body = String, content_type = "text/plain"),
        (status = 401, body = Problem),
    ),
)]
pub(super) async fn metrics(State(context): State<Context>) -> Response {
    let sockets = SOCKETS_MAX.saturating_sub(context.sockets.available_permits());
    match exposition(&context.handle.view(), context.handle.held().await, sockets) {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            let why = "the metrics could not be written";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
        }
    }
}

/// The families, in a registry that lives for one answer: the snapshot has every sum already.
struct Families {
    agents: IntGaugeVec,
    calls: IntGaugeVec,
    running: IntGaugeVec,
    abandonment_rate: GaugeVec,
    answer_rate: GaugeVec,
    hopper: IntGaugeVec,
    events: IntCounterVec,
    talk: prometheus::CounterVec,
    agent_time: prometheus::CounterVec,
    windows: WindowFamilies,
    forecasts: CalibrationFamilies,
    detector: DetectorFamilies,
}

fn exposition(view: &View, holding: Holding, sockets: usize) -> prometheus::Result<Vec<u8>> {
    let registry = Registry::new();
    let families = Families::register(&registry)?;
    let behind = IntGauge::new(
        "outdial_books_behind",
        "1 while the books take no writes and nobody is dialed.",
    )?;
    behind.set(view.books_behind.into());
    registry.register(Box::new(behind))?;
    register_held(&registry, holding, sockets)?;
    for campaign in &view.campaigns {
        families.fill(campaign);
    }
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(text)
}

/// What is taken and given back: after load each is what it was before, or something leaks.
fn register_held(registry: &Registry, holding: Holding, sockets: usize) -> prometheus::Result<()> {
    let help = "Held now, to be given back: SIP dialogs, transactions and timers toward the carriers, \
                legs of audio, WebSockets.";
    let held = IntGaugeVec::new(Opts::new("outdial_held", help), &["what"])?;
    let Holding { sip, media_legs } = holding;
    for (what, count) in [
        ("dialogs", sip.dialogs),
        ("media_legs", media_legs),
        ("timers", sip.timers),
        ("transactions", sip.transactions),
        ("web_sockets", sockets),
    ] {
        held.with_label_values(&[what]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    registry.register(Box::new(held))?;
    // Under the names that Prometheus gives to every process; what the system does not say is left out.
    for (name, help, count) in [
        ("process_open_fds", "Open file descriptors.", entries("/proc/self/fd")),
        ("process_resident_memory_bytes", "Resident memory.", resident_bytes()),
        ("process_threads", "Threads of the operating system.", entries("/proc/self/task")),
    ] {
        let Some(count) = count else { continue };
        let gauge = IntGauge::new(name, help)?;
        gauge.set(count);
        registry.register(Box::new(gauge))?;
    }
    Ok(())
}

fn entries(folder: &str) -> Option<i64> {
    i64::try_from(std::fs::read_dir(folder).ok()?.count()).ok()
}

fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1_024)
}

impl Families {
    fn register(registry: &Registry) -> prometheus::Result<Self> {
        let name = |name, help: &str| Opts::new(format!("outdial_{name}"), help);
        let by_state = ["campaign", "state"];
        let by_campaign = ["campaign"];
        let families = Self {
            agents: IntGaugeVec::new(name("agents", "Agents who are logged in."), &by_state)?,
            calls: IntGaugeVec::new(name("calls", "Calls in progress."), &by_state)?,
            running: IntGaugeVec::new(
                name("campaign_running", "1 while the campaign dials."),
                &by_campaign,
            )?,
            abandonment_rate: GaugeVec::new(
                name("abandonment_ratio", "Abandoned, of people who answered, since the start."),
                &by_campaign,
            )?,
            answer_rate: GaugeVec::new(
                name("answer_ratio", "Answered by a person, of calls answered or over."),
                &by_campaign,
            )?,
            hopper: IntGaugeVec::new(name("hopper_leads", "Leads in the hopper."), &by_campaign)?,
            events: IntCounterVec::new(
                name("call_events_total", "What has come of the calls, since the start."),
                &["campaign", "event"],
            )?,
            talk: prometheus::CounterVec::new(
                name("talk_seconds_total", "Talk, of the talks that are over."),
                &by_campaign,
            )?,
            agent_time: prometheus::CounterVec::new(
                name("agent_seconds_total", "Time that agents were logged in."),
                &by_campaign,
            )?,
            windows: WindowFamilies::register(registry)?,
            forecasts: CalibrationFamilies::register(registry)?,
            detector: DetectorFamilies::register(registry)?,
        };
        registry.register(Box::new(families.agents.clone()))?;
        registry.register(Box::new(families.calls.clone()))?;
        registry.register(Box::new(families.running.clone()))?;
        registry.register(Box::new(families.abandonment_rate.clone()))?;
        registry.register(Box::new(families.answer_rate.clone()))?;
        registry.register(Box::new(families.hopper.clone()))?;
        registry.register(Box::new(families.events.clone()))?;
        registry.register(Box::new(families.talk.clone()))?;
        registry.register(Box::new(families.agent_time.clone()))?;
        Ok(families)
    }

    fn fill(&self, campaign: &CampaignView) {
        let name = campaign.name.as_str();
        let (calls, agents, totals) = (campaign.calls, campaign.agents, campaign.totals);
        for (state, count) in [
            ("bridged", calls.bridged),
            ("joining", calls.joining),
            ("leaving", calls.leaving),
            ("linked", calls.linked),
            ("messaging", calls.messaging),
            ("parked", calls.parked),
            ("ringing", calls.ringing),
            ("screening", calls.screening),
            ("waiting", calls.waiting),
        ] {
            self.calls.with_label_values(&[name, state]).set(count.into());
        }
        for (state, count) in [
            ("paused", agents.paused),
            ("ready", agents.ready),
            ("reserved", agents.reserved),
            ("talking", agents.talking),
            ("wrap_up", agents.wrap_up),
        ] {
            self.agents.with_label_values(&[name, state]).set(count.into());
        }
        for (event, count) in [
            ("abandoned", totals.abandoned),
            ("answered", totals.answered),
            ("dialed", totals.dialed),
            ("ended", totals.ended),
            ("person", totals.people),
            ("refused", totals.refused),
            ("talk", totals.talks),
        ] {
            self.events.with_label_values(&[name, event]).inc_by(count);
        }
        let running = i64::from(campaign.phase == CampaignPhase::Running);
        self.running.with_label_values(&[name]).set(running);
        self.windows.fill(name, &campaign.windows);
        self.forecasts.fill(name, &campaign.calibration);
        self.detector.fill(name, &campaign.detector);
        self.hopper.with_label_values(&[name]).set(campaign.hopper.into());
        self.talk.with_label_values(&[name]).inc_by(totals.talk_s.max(0.0));
        self.agent_time.with_label_values(&[name]).inc_by(totals.agent_s.max(0.0));
        // A rate of nothing is no figure: the family stays silent.
        if let Some(rate) = campaign.abandonment_rate {
            self.abandonment_rate.with_label_values(&[name]).set(rate);
        }
        if let Some(rate) = campaign.answer_rate {
            self.answer_rate.with_label_values(&[name]).set(rate);
        }
    }
}
