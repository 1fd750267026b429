//! The WebSocket: a snapshot, then what changes.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::calls::with_calls;
use super::{Api, at, number, seen};
use crate::api::{Push, PushEvent, StateBody};
use crate::dialer::{CampaignPhase, Notice};
use crate::domain::{AgentId, AgentState, CallId, Lead, LeadId};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(
    api: &Api,
    query: &str,
    headers: &[(&'static str, String)],
) -> Result<Socket, tungstenite::Error> {
    let url = format!("ws://{}/v1/ws{query}", api.address);
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

async fn open(api: &Api, query: &str) -> Socket {
    let authorization = format!("Bearer {}", api.token);
    connect(api, query, &[("authorization", authorization)]).await.unwrap()
}

async fn next(socket: &mut Socket) -> Message {
    let next = std::future::poll_fn(|context| Pin::new(&mut *socket).poll_next(context));
    let next = tokio::time::timeout(Duration::from_secs(5), next).await;
    next.expect("a message in time").expect("a message").unwrap()
}

async fn push(socket: &mut Socket) -> Push {
    serde_json::from_str(next(socket).await.to_text().unwrap()).unwrap()
}

async fn close_code(socket: &mut Socket) -> CloseCode {
    loop {
        if let Message::Close(Some(frame)) = next(socket).await {
            return frame.code;
        }
    }
}

fn pop(agent: i64, api: &Api) -> Notice {
    Notice::ScreenPop {
        agent: AgentId(agent),
        call: CallId(41),
        lead: Box::new(Lead {
            id: LeadId(5),
            campaign: api.campaign,
            number: number(1),
            first_name: Some("Bo".to_owned()),
            last_name: None,
            state: None,
            zip: None,
            attributes: BTreeMap::from([("plan".to_owned(), "gold".to_owned())]),
            facts: Default::default(),
            history: Vec::new(),
            due_at: None,
        }),
    }
}

fn state(agent: i64, state: AgentState) -> Notice {
    Notice::Agent { agent: AgentId(agent), state }
}

#[tokio::test]
async fn the_room_comes_first_and_then_what_changes_numbered() {
    let api = Api::start().await;
    let mut socket = open(&api, "").await;
    let first = push(&mut socket).await;
    assert_eq!(first.seq, 0);
    assert!(matches!(&first.event, PushEvent::FloorSnapshot { floor }
        if floor.campaigns[0].name == "spring"));
    let phase = CampaignPhase::Running;
    let notice = Notice::Campaign { campaign: api.campaign, phase };
    api.floor.notices.send(Arc::new(notice)).unwrap();
    let second = push(&mut socket).await;
    assert_eq!(second.seq, 1);
    assert!(matches!(&second.event, PushEvent::Campaign { name, .. } if name == "spring"));
    api.floor.view.send_modify(|view| Arc::make_mut(view).draining = true);
    let third = push(&mut socket).await;
    assert_eq!(third.seq, 2);
    assert!(matches!(&third.event, PushEvent::Floor { floor } if floor.draining));
}

#[tokio::test]
async fn an_agent_is_told_their_states_and_persons_and_nobody_elses() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    let other = api.agent("102").await;
    let mut socket = open(&api, &format!("?agent={id}")).await;
    let first = push(&mut socket).await;
    assert!(matches!(first.event, PushEvent::AgentSnapshot { state: StateBody::LoggedOut, .. }));
    for notice in [
        state(other, AgentState::Ready),
        pop(other, &api),
        state(id, AgentState::Reserved { call: CallId(41) }),
        pop(id, &api),
    ] {
        api.floor.notices.send(Arc::new(notice)).unwrap();
    }
    let reserved = push(&mut socket).await;
    assert_eq!(
        (reserved.seq, &reserved.event),
        (1, &PushEvent::Agent { agent: id, state: StateBody::Reserved { call: 41 } })
    );
    let PushEvent::ScreenPop(pop) = push(&mut socket).await.event else { panic!("a screen pop") };
    assert_eq!((pop.agent, pop.call, pop.lead.phone.as_str()), (id, 41, "+12015550001"));
    assert_eq!(pop.lead.attributes["plan"], "gold");
    assert_eq!(pop.dispositions[0].code, "sale");
}

#[tokio::test]
async fn the_room_is_not_told_who_is_on_the_line() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    let mut socket = open(&api, "").await;
    push(&mut socket).await;
    api.floor.notices.send(Arc::new(pop(id, &api))).unwrap();
    api.floor.notices.send(Arc::new(state(id, AgentState::Ready))).unwrap();
    let next = push(&mut socket).await;
    assert_eq!(next.event, PushEvent::Agent { agent: id, state: StateBody::Ready });
    assert_eq!(next.seq, 1);
}

#[tokio::test]
async fn a_state_that_no_notice_told_comes_with_the_next_snapshot() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    let mut socket = open(&api, &format!("?agent={id}")).await;
    push(&mut socket).await;
    api.floor.view.send_modify(|view| {
        let view = Arc::make_mut(view);
        view.at = at(2);
        view.agents.push(seen(id, AgentState::Ready, api.campaign));
    });
    let next = push(&mut socket).await;
    assert_eq!(next.event, PushEvent::Agent { agent: id, state: StateBody::Ready });
}

#[tokio::test]
async fn a_desk_that_is_loaded_again_in_a_call_shows_the_person_again() {
    let api = with_calls(1).await;
    let id = api.agent("101").await;
    api.floor.view.send_modify(|view| {
        let state = AgentState::WrapUp { call: CallId(1) };
        Arc::make_mut(view).agents.push(seen(id, state, api.campaign));
    });
    let mut socket = open(&api, &format!("?agent={id}")).await;
    let PushEvent::AgentSnapshot { state, pop, .. } = push(&mut socket).await.event else {
        panic!("an agent's snapshot")
    };
    assert_eq!(state, StateBody::WrapUp { call: 1 });
    let pop = pop.expect("the person of the call");
    assert_eq!((pop.call, pop.lead.phone.as_str()), (1, number(0).to_e164().as_str()));
    assert_eq!(pop.lead.attempts, 0, "the present call is no attempt of the past");
}

#[tokio::test]
async fn who_falls_behind_is_sent_away_with_1013() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    let mut socket = open(&api, &format!("?agent={id}")).await;
    push(&mut socket).await;
    // More at once than the channel holds; the socket's task had no turn in between.
    for _ in 0..200 {
        api.floor.notices.send(Arc::new(state(id, AgentState::Ready))).unwrap();
    }
    assert_eq!(close_code(&mut socket).await, CloseCode::Again);
}

#[tokio::test]
async fn when_the_server_stops_the_socket_says_so() {
    let api = Api::start().await;
    let mut socket = open(&api, "").await;
    push(&mut socket).await;
    api.floor.stop();
    assert_eq!(close_code(&mut socket).await, CloseCode::Away);
}

#[tokio::test]
async fn a_browser_may_send_the_token_as_a_subprotocol_from_our_own_page_only() {
    let api = Api::start().await;
    let offered = format!("outdial.v1, outdial.token.{}", api.token);
    let ours = format!("http://{}", api.address);
    let from =
        |origin: &str| [("sec-websocket-protocol", offered.clone()), ("origin", origin.to_owned())];
    let mut socket = connect(&api, "", &from(&ours)).await.unwrap();
    assert_eq!(push(&mut socket).await.seq, 0);
    let refused = connect(&api, "", &from("https://attacker.example")).await;
    let Err(tungstenite::Error::Http(answer)) = refused else { panic!("an HTTP answer") };
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn there_is_no_socket_for_an_agent_who_is_not_there() {
    let api = Api::start().await;
    let authorization = format!("Bearer {}", api.token);
    let refused = connect(&api, "?agent=7", &[("authorization", authorization)]).await;
    let Err(tungstenite::Error::Http(answer)) = refused else { panic!("an HTTP answer") };
    assert_eq!(answer.status(), 404);
}
