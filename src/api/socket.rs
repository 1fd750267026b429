//! `GET /v1/ws`: a snapshot, then what changes, as it changes.
//!
//! Nothing is queued for a socket beyond the server's own bounded channel of notices and the
//! operating system's buffer. Who reads too slowly for that is dropped (close code 1013, "try
//! again later", RFC 6455 §7.4 and its registry) and finds a fresh snapshot on return.

#![expect(unused_qualifications, reason = "utoipa's macro writes them for a query's type")]

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use utoipa::IntoParams;

use super::caller::{By, Caller, Door};
use super::caller_ids::RestReasonBody;
use super::extract::Query;
use super::floor::{AgentOnFloor, Floor, StateBody};
use super::push::{CompanyBody, Preview, Push, PushEvent, ScreenPop};
use super::{Context, Problem, agents, alarms, guard};
use crate::clock;
use crate::dialer::{Notice, View};
use crate::domain::{AgentId, CallId, Lead};
use crate::server::Handle;

/// Sockets at a time.
pub(super) const SOCKETS_MAX: usize = 512;

/// The subprotocol (RFC 6455 §1.9): messages are [`Push`] as JSON text.
const PROTOCOL: &str = "outdial.v1";
/// A client has nothing long to say.
const INCOMING_MAX: usize = 4 * 1_024;
/// Half a message more than this waiting to be written, bytes, ends the socket.
const OUTGOING_MAX: usize = 1_024 * 1_024;
/// A message that the client does not take within this ends the socket.
const SEND_MAX: Duration = Duration::from_secs(10);
/// A ping so often; a client that has said nothing between two of them, not even pong, is gone.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Going away: the server stops (RFC 6455 §7.4.1).
const CLOSE_GOING_AWAY: u16 = 1001;
/// Policy: the session is over (RFC 6455 §7.4.1).
const CLOSE_POLICY: u16 = 1008;
/// The client is too slow (registered by the IANA: try again later).
const CLOSE_TOO_SLOW: u16 = 1013;

/// Whose socket it is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Whose {
    /// The agent whose states and screen pops are told; without it, the whole room is.
    agent: Option<i64>,
}

/// What changes, as it changes
///
/// A WebSocket (RFC 6455), subprotocol `outdial.v1`. Messages are `Push` objects: first a
/// snapshot, then changes, numbered. With `agent` the socket tells that agent's states and screen
/// pops, without it the room's. A page is known by its cookie; a program in a browser, which cannot set
/// headers here, sends its token as a second subprotocol `outdial.token.TOKEN`. Closed with 1001 when
/// the server stops, with 1008 within 20 seconds when the session is over, and with 1013 when the
/// client reads too slowly; connect again for a fresh snapshot.
#[utoipa::path(
    get, path = "/v1/ws", tag = "floor", operation_id = "open_socket",
    params(Whose),
    responses(
        (status = 101, description = "A WebSocket", body = Push),
        (status = 400, description = "Not a WebSocket handshake", body = Problem),
        (status = 403, description = "A page of another origin", body = Problem),
        (status = 404, description = "No such agent", body = Problem),
        (status = 503, description = "Too many sockets", body = Problem),
    ),
)]
pub(super) async fn open(
    State(context): State<Context>,
    By(caller): By,
    Query(whose): Query<Whose>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    guard::same_origin(&headers, &uri)?;
    let upgrade = upgrade.map_err(|why| Problem::new(why.status(), why.body_text()))?;
    let agent = match whose.agent {
        Some(id) => Some(agents::known(&context, AgentId(id)).await?.id),
        None => None,
    };
    let seat =
        context.sockets.clone().try_acquire_owned().map_err(|_| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many sockets are open")
        })?;
    let watch = Watch { door: context.door, caller };
    let handle = context.handle;
    Ok(upgrade
        .protocols([PROTOCOL])
        .max_message_size(INCOMING_MAX)
        .max_frame_size(INCOMING_MAX)
        .max_write_buffer_size(OUTGOING_MAX)
        .on_upgrade(move |socket| run(Feed::new(socket, seat), handle, watch, agent)))
}

/// Why a socket ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// The client has left, or is not there any more.
    Left,
    /// Its owner has signed out, or may not do this any more.
    NoMore,
    /// The server stops.
    ServerStops,
    /// The client does not read fast enough.
    TooSlow,
}

/// Looks again and again whether the socket's owner is still let in.
struct Watch {
    door: Door,
    caller: Arc<Caller>,
}

async fn run(mut feed: Feed, handle: Handle, watch: Watch, agent: Option<AgentId>) {
    let end = match tell(&mut feed, &handle, &watch, agent).await {
        Ok(never) => match never {},
        Err(end) => end,
    };
    feed.close(end).await;
}

/// Tells until the socket ends.
async fn tell(
    feed: &mut Feed,
    handle: &Handle,
    watch: &Watch,
    agent: Option<AgentId>,
) -> Result<std::convert::Infallible, End> {
    // First the notices, then the snapshot: what happens between them is told, if twice.
    let mut notices = handle.notices();
    let mut views = handle.views();
    let mut story = Story::new(handle, agent);
    let view = views.borrow_and_update().clone();
    let snapshot = story.snapshot(&view).await;
    feed.send(snapshot).await?;
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pings.tick().await;
    let mut alarms = handle.alarms();
    if !alarms.borrow().is_empty() {
        alarms.mark_changed();
    }
    loop {
        let event = tokio::select! {
            notice = notices.recv() => story.notice(heard(notice)?.as_ref()),
            Ok(()) = alarms.changed(), if agent.is_none() => {
                let held = alarms::bodies(&alarms.borrow_and_update());
                Some(PushEvent::Alarms { alarms: held })
            }
            view = next_view(&mut views) => story.view(view?.as_ref()),
            () = feed.listen() => return Err(End::Left),
            _ = pings.tick() => {
                if !watch.door.still_admits(&watch.caller).await {
                    return Err(End::NoMore);
                }
                feed.ping().await?;
                None
            }
        };
        if let Some(event) = event {
            feed.send(event).await?;
        }
    }
}

fn heard(notice: Result<Arc<Notice>, broadcast::error::RecvError>) -> Result<Arc<Notice>, End> {
    notice.map_err(|error| match error {
        broadcast::error::RecvError::Closed => End::ServerStops,
        broadcast::error::RecvError::Lagged(_) => End::TooSlow,
    })
}

async fn next_view(views: &mut watch::Receiver<Arc<View>>) -> Result<Arc<View>, End> {
    views.changed().await.map_err(|_| End::ServerStops)?;
    Ok(views.borrow_and_update().clone())
}

/// What one socket tells of what happens.
struct Story<'a> {
    handle: &'a Handle,
    agent: Option<AgentId>,
    /// What was last told of the agent, and since when it holds.
    told: (StateBody, Timestamp),
}

impl<'a> Story<'a> {
    fn new(handle: &'a Handle, agent: Option<AgentId>) -> Self {
        Self { handle, agent, told: (StateBody::LoggedOut, Timestamp::MIN) }
    }

    async fn snapshot(&mut self, view: &View) -> PushEvent {
        let Some(agent) = self.agent else {
            return PushEvent::FloorSnapshot { floor: self.floor(view) };
        };
        let desk = self.desk(view, agent);
        self.told = match &desk {
            Some(desk) => (desk.state.clone(), desk.since),
            None => (StateBody::LoggedOut, view.at),
        };
        let pop = match self.told.0.call() {
            Some(call) => self.pop_again(agent, CallId(call)).await,
            None => None,
        };
        PushEvent::AgentSnapshot { agent: agent.0, state: self.told.0.clone(), desk, pop }
    }

    /// The screen pop of a call that began before this socket.
    async fn pop_again(&self, agent: AgentId, call: CallId) -> Option<Box<ScreenPop>> {
        match self.handle.store().books().lead_of_call(call).await {
            Ok(lead) => lead.map(|lead| self.pop(agent, call, &lead)),
            Err(error) => {
                tracing::error!(%agent, %call, %error, "no screen pop for a socket");
                None
            }
        }
    }

    fn pop(&self, agent: AgentId, call: CallId, lead: &Lead) -> Box<ScreenPop> {
        let view = self.handle.view();
        let name = view.agents.iter().find(|seen| seen.id == agent).map(|seen| seen.name.as_str());
        let who = (agent.0, name.unwrap_or_default());
        Box::new(ScreenPop::of(who, call, lead, &self.handle.campaigns()))
    }

    fn notice(&mut self, notice: &Notice) -> Option<PushEvent> {
        match notice {
            Notice::Agent { agent, state } => {
                let state = StateBody::from(state);
                match self.agent {
                    Some(ours) if ours != *agent => return None,
                    Some(_) => self.told = (state.clone(), clock::now()),
                    None => {}
                }
                Some(PushEvent::Agent { agent: agent.0, state })
            }
            // A person's data are for the agent who talks with them.
            Notice::ScreenPop { agent, call, lead } => (self.agent == Some(*agent))
                .then(|| PushEvent::ScreenPop(self.pop(*agent, *call, lead))),
            Notice::Preview { agent, lead, until } => (self.agent == Some(*agent)).then(|| {
                let offer = Preview::of(agent.0, lead, *until, &self.handle.campaigns());
                PushEvent::Preview(Box::new(offer))
            }),
            Notice::Detected { agent, call, kind, taken_back } => (self.agent == Some(*agent))
                .then_some(PushEvent::Detected {
                    agent: agent.0,
                    call: call.0,
                    kind: *kind,
                    taken_back: *taken_back,
                }),
            Notice::Company { agent, call, party, is_together } => (self.agent == Some(*agent))
                .then(|| PushEvent::Company {
                    agent: agent.0,
                    call: call.0,
                    with: party.map(CompanyBody::from),
                    together: *is_together,
                }),
            Notice::HandingRefused { agent, sentence } => (self.agent == Some(*agent))
                .then(|| PushEvent::HandingRefused { agent: agent.0, sentence: sentence.clone() }),
            Notice::DialRefused { agent, lead, rule, sentence } => (self.agent == Some(*agent))
                .then(|| PushEvent::DialRefused {
                    agent: agent.0,
                    lead: lead.0,
                    rule: rule.clone(),
                    sentence: sentence.clone(),
                }),
            // The room's snapshot has it.
            Notice::DetectorDrifts { .. } => None,
            Notice::CallerIdRests { number, reason, until } => {
                let (reason, until) = (RestReasonBody::from(*reason), *until);
                let number = number.to_e164();
                self.agent.is_none().then_some(PushEvent::CallerIdRests { number, reason, until })
            }
            Notice::Campaign { campaign, phase } => {
                let campaigns = self.handle.campaigns();
                let meant = campaigns.iter().find(|meant| meant.id == *campaign)?;
                let (name, phase) = (meant.name.clone(), (*phase).into());
                self.agent.is_none().then_some(PushEvent::Campaign { name, phase })
            }
        }
    }

    /// For the room: the room. For an agent: only what no notice has told.
    fn view(&mut self, view: &View) -> Option<PushEvent> {
        let Some(agent) = self.agent else {
            return Some(PushEvent::Floor { floor: self.floor(view) });
        };
        let (state, since) = match self.desk(view, agent) {
            Some(desk) => (desk.state, desk.since),
            None => (StateBody::LoggedOut, view.at),
        };
        // A snapshot may be older than the last notice.
        if state == self.told.0 || since <= self.told.1 {
            return None;
        }
        self.told = (state.clone(), since);
        Some(PushEvent::Agent { agent: agent.0, state })
    }

    fn floor(&self, view: &View) -> Floor {
        Floor::of(view, &self.handle.campaigns())
    }

    fn desk(&self, view: &View, agent: AgentId) -> Option<AgentOnFloor> {
        let seen = view.agents.iter().find(|seen| seen.id == agent)?;
        Some(AgentOnFloor::of(seen, &self.handle.campaigns()))
    }
}

/// The socket itself: numbers what is sent and notices when the other end is gone.
struct Feed {
    socket: WebSocket,
    seq: u64,
    /// Whether the client has said anything since the last ping.
    alive: bool,
    _seat: OwnedSemaphorePermit,
}

impl Feed {
    fn new(socket: WebSocket, seat: OwnedSemaphorePermit) -> Self {
        Self { socket, seq: 0, alive: true, _seat: seat }
    }

    async fn send(&mut self, event: PushEvent) -> Result<(), End> {
        let push = Push { seq: self.seq, at: clock::now(), event };
        self.seq += 1;
        match serde_json::to_string(&push) {
            Ok(text) => self.write(Message::text(text)).await,
            Err(error) => {
                tracing::error!(%error, "a push could not be written as JSON");
                Ok(())
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if !std::mem::take(&mut self.alive) {
            return Err(End::Left);
        }
        self.write(Message::Ping(Default::default())).await
    }

    async fn write(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND_MAX, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Left),
            Err(_) => Err(End::TooSlow),
        }
    }

    /// Reads until the client leaves. What it says has no meaning yet, except that it is there.
    async fn listen(&mut self) {
        while let Some(Ok(message)) = self.socket.recv().await {
            self.alive = true;
            if matches!(message, Message::Close(_)) {
                return;
            }
        }
    }

    async fn close(mut self, end: End) {
        let (code, reason) = match end {
            End::Left => return,
            End::NoMore => (CLOSE_POLICY, "the session is over"),
            End::ServerStops => (CLOSE_GOING_AWAY, "the server stops"),
            End::TooSlow => (CLOSE_TOO_SLOW, "too slow; connect again for a fresh snapshot"),
        };
        let frame = CloseFrame { code, reason: reason.into() };
        // A client that does not read does not read this either.
        let _ = timeout(SEND_MAX, self.socket.send(Message::Close(Some(frame)))).await;
    }
}
