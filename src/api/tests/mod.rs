//! The API over real sockets, before a floor that keeps what it is told.

mod calls;
mod client;
mod desk;
mod manage;
mod problems;
mod rights;
mod routes;
mod session;
mod socket;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use ureq::http;

use super::{Access, NewAgentBody, Token};
use crate::dialer::{AgentEvent, AgentView, CampaignView, Command, Input, View};
use crate::domain::{
    AgentId, AgentState, Amd, AmdDeadline, AnswerRules, Calendar, CallId, Campaign, CampaignId,
    Country, Disposition, DispositionRule, LeadOrder, PacingMode, PauseReason, PhoneNumber,
    SafeHarbour, Share, WaitFrom,
};
use crate::server::Handle;
use crate::server::fake::{self, FakeFloor};
use crate::store::Store;

/// A running API with one campaign, `spring`.
pub struct Api {
    pub address: SocketAddr,
    pub token: String,
    pub handle: Handle,
    pub floor: FakeFloor,
    pub store: Store,
    pub campaign: CampaignId,
    pub data: tempfile::TempDir,
    pub shutdown: oneshot::Sender<()>,
    pub served: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: String,
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub fn number(index: u64) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+1201555{index:04}")).unwrap()
}

impl Api {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(settings: impl FnOnce(&mut Access)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(data.path(), at(0)).await.unwrap();
        let campaign = store.campaign_id("spring").await.unwrap();
        let view = view_of(campaign);
        let (handle, floor) = fake::floor(store.clone(), vec![spring(campaign)], view, answer);
        let new = Token::generate().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, stop) = oneshot::channel::<()>();
        let stop = async move {
            let _ = stop.await;
        };
        let mut access = Access::from(new.token);
        settings(&mut access);
        let router = super::router(handle.clone(), access);
        let served = tokio::spawn(super::serve(listener, None, router, stop));
        let token = new.text;
        Self { address, token, handle, floor, store, campaign, data, shutdown, served }
    }

    /// With the token.
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        self.send(method, path, &[("authorization", &authorization)], body).await
    }

    /// With these headers only.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request =
            http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.to_owned();
        tokio::task::spawn_blocking(move || {
            let agent = ureq::Agent::new_with_config(
                ureq::Agent::config_builder()
                    .proxy(None)
                    .http_status_as_error(false)
                    .allow_non_standard_methods(true)
                    .build(),
            );
            let sent = if body.is_empty() {
                agent.run(request.body(()).unwrap())
            } else {
                let named = request
                    .headers_ref()
                    .is_some_and(|headers| headers.contains_key("content-type"));
                let request = if named {
                    request
                } else {
                    request.header("content-type", "application/json")
                };
                agent.run(request.body(body).unwrap())
            };
            let (parts, mut body) = sent.unwrap().into_parts();
            let body = body.read_to_string().unwrap();
            Answer { status: parts.status.as_u16(), headers: parts.headers, body }
        })
        .await
        .unwrap()
    }

    /// Adds an agent and gives their number.
    pub async fn agent(&self, extension: &str) -> i64 {
        let body = NewAgentBody {
            extension: extension.to_owned(),
            name: "Ana Ruiz".to_owned(),
            password: None,
            campaigns: None,
        };
        let body = serde_json::to_string(&body).unwrap();
        let answer = self.ask("POST", "/v1/agents", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["id"].as_i64().unwrap()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The sentence of a problem document of this status, and nothing but a problem document.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        problem["detail"].as_str().unwrap().to_owned()
    }
}

pub fn spring(id: CampaignId) -> Campaign {
    Campaign {
        id,
        name: "spring".to_owned(),
        country: Country::new("US").unwrap(),
        caller_ids: vec![number(100)],
        caller_id_use: Default::default(),
        trunks: vec!["main".to_owned()],
        rulebooks: vec!["us".to_owned()],
        do_not_call: Vec::new(),
        purpose: Default::default(),
        pacing: PacingMode::Progressive,
        abandonment_target: Share::new(0.03).unwrap(),
        calendar: Calendar::default(),
        ring_max: SignedDuration::from_secs(20),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        amd: Amd::Off,
        amd_deadline: AmdDeadline::Legal,
        answers: AnswerRules::default(),
        wrap_up_max: SignedDuration::from_secs(30),
        talk_max: SignedDuration::from_secs(3_600),
        safe_harbour: SafeHarbour { message: None, opt_out: None },
        hold: None,
        message: None,
        priority: 5,
        recording: false,
        attempts_max: 3,
        recycling: Default::default(),
        dispositions: vec![DispositionRule {
            code: Disposition("sale".to_owned()),
            label: "Sale".to_owned(),
            do_not_call: false,
            wrong_person: false,
            machine: false,
            recycle_after: None,
            required: Default::default(),
        }],
        script: Default::default(),
        order: LeadOrder::NewFirst,
    }
}

pub fn view_of(campaign: CampaignId) -> View {
    View {
        parked: Vec::new(),
        company: Vec::new(),
        caller_ids: Vec::new(),
        at: at(0),
        draining: false,
        books_behind: false,
        campaigns: vec![CampaignView {
            id: campaign,
            name: "spring".to_owned(),
            phase: crate::dialer::CampaignPhase::Stopped,
            why: None,
            calls: Default::default(),
            agents: Default::default(),
            totals: Default::default(),
            answer_rate: None,
            abandonment_rate: None,
            talk_s_per_agent_hour: None,
            calibration: crate::pacing::Calibration::default().figures(),
            detector: Default::default(),
            hopper: 0,
            next_lead_at: None,
            exhausted: false,
            windows: Vec::new(),
        }],
        agents: Vec::new(),
    }
}

pub fn seen(agent: i64, state: AgentState, campaign: CampaignId) -> AgentView {
    AgentView {
        id: AgentId(agent),
        name: "Ana Ruiz".to_owned(),
        campaigns: vec![campaign],
        state,
        since: at(1),
        pause_asked: false,
        talks: 0,
        talk_s: 0.0,
    }
}

/// What a dialer would do at once: phases and states change.
fn answer(input: &Input, view: &mut View) {
    let states = &mut view.agents;
    match input {
        Input::Command(Command::Phase(_, phase)) => view.campaigns[0].phase = *phase,
        Input::Agent(agent, AgentEvent::LogIn { campaigns, .. }) => {
            let reason = PauseReason("login".to_owned());
            states.push(seen(agent.0, AgentState::Paused { reason }, campaigns[0]));
        }
        Input::Agent(agent, AgentEvent::LogOut) => states.retain(|seen| seen.id != *agent),
        Input::Agent(agent, event) => {
            for seen in states.iter_mut().filter(|seen| seen.id == *agent) {
                seen.state = match event {
                    AgentEvent::Pause(reason) => AgentState::Paused { reason: reason.clone() },
                    AgentEvent::HangUp => match seen.state {
                        AgentState::Talking { call } => AgentState::WrapUp { call },
                        _ => continue,
                    },
                    _ => AgentState::Ready,
                };
            }
        }
        _ => {}
    }
}

/// Puts an agent into a call, as the dialer would.
pub fn put_in_call(floor: &FakeFloor, agent: i64, call: i64) {
    floor.view.send_modify(|view| {
        for seen in &mut Arc::make_mut(view).agents {
            if seen.id == AgentId(agent) {
                seen.state = AgentState::Talking { call: CallId(call) };
            }
        }
    });
}
