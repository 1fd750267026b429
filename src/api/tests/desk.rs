//! Agents: who they are, and what they do.

use super::{Api, put_in_call};
use crate::dialer::{AgentEvent, Input};
use crate::domain::AgentId;
use crate::server::fake::REALM;
use crate::sip::digest::{Algorithm, ha1};

#[tokio::test]
async fn an_agent_is_added_with_a_password_that_is_told_once() {
    let api = Api::start().await;
    let body = r#"{"extension": "101", "name": " Ana Ruiz ", "campaigns": ["spring"]}"#;
    let answer = api.ask("POST", "/v1/agents", body).await;
    assert_eq!(answer.status, 201);
    let added = answer.json();
    assert_eq!(answer.header("location"), format!("/v1/agents/{}", added["id"]));
    assert_eq!(added["name"], "Ana Ruiz");
    assert_eq!(added["state"], "logged_out");
    assert_eq!(added["password"].as_str().unwrap().len(), 20);
    let shown = api.ask("GET", answer.header("location"), "").await.json();
    assert!(shown["password"].is_null());
    assert_eq!(shown["campaigns"][0], "spring");
    assert_eq!(api.ask("GET", "/v1/agents", "").await.json()[0], shown);
    let kept = api.store.books().agents().await.unwrap();
    let password = added["password"].as_str().unwrap();
    let digest = ha1(Algorithm::Sha256, "101", REALM, password);
    assert_eq!(kept[0].secret.ha1_sha256, digest, "the phone can register with what was told");
    api.ask("POST", "/v1/agents", body).await.problem(409);
}

#[tokio::test]
async fn an_agent_who_cannot_be_is_refused_with_the_reason() {
    let api = Api::start().await;
    for (body, word) in [
        (r#"{"extension": "10 1", "name": "Ana"}"#, "extension"),
        (r#"{"extension": "", "name": "Ana"}"#, "extension"),
        (r#"{"extension": "101", "name": " "}"#, "name"),
        (r#"{"extension": "101", "name": "A\nB"}"#, "name"),
        (r#"{"extension": "101", "name": "Ana", "password": "short"}"#, "password"),
        (r#"{"extension": "101", "name": "Ana", "campaigns": ["autumn"]}"#, "autumn"),
    ] {
        let detail = api.ask("POST", "/v1/agents", body).await.problem(422);
        assert!(detail.contains(word), "{body}: {detail}");
    }
    assert!(api.store.books().agents().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_agent_works_a_call_from_login_to_logout() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    let act = async |action: &str, body: &str| {
        api.ask("POST", &format!("/v1/agents/{id}/{action}"), body).await
    };
    assert_eq!(act("login", "").await.json()["state"], "paused");
    assert_eq!(act("ready", "").await.json()["state"], "ready");
    act("hang-up", "").await.problem(409);
    put_in_call(&api.floor, id, 41);
    let talking = api.ask("GET", &format!("/v1/agents/{id}"), "").await.json();
    assert_eq!((&talking["state"], talking["call"].as_i64()), (&"talking".into(), Some(41)));
    assert_eq!(act("hang-up", "").await.json()["state"], "wrap_up");
    api.floor.told();
    let said = act("disposition", r#"{"disposition": "sale", "note": "two"}"#).await;
    assert_eq!(said.json()["state"], "ready");
    let told = api.floor.told();
    assert!(
        matches!(&told[..], [Input::Agent(AgentId(agent), AgentEvent::Disposition { call, .. })]
            if *agent == id && call.0 == 41),
        "{told:?}"
    );
    let paused = act("pause", r#"{"reason": "lunch"}"#).await.json();
    assert_eq!((&paused["state"], &paused["reason"]), (&"paused".into(), &"lunch".into()));
    assert_eq!(act("logout", "").await.json()["state"], "logged_out");
    act("ready", "").await.problem(409);
}

#[tokio::test]
async fn a_disposition_that_cannot_be_does_not_reach_the_dialer() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    let path = format!("/v1/agents/{id}/disposition");
    api.ask("POST", &path, r#"{"disposition": "sale"}"#).await.problem(409);
    api.ask("POST", &format!("/v1/agents/{id}/login"), "").await;
    api.ask("POST", &path, r#"{"disposition": "sale"}"#).await.problem(409);
    put_in_call(&api.floor, id, 41);
    api.floor.told();
    let other = r#"{"disposition": "sale", "call": 40}"#;
    api.ask("POST", &path, other).await.problem(409);
    api.ask("POST", &path, r#"{"disposition": "weather"}"#).await.problem(422);
    let past = r#"{"disposition": "sale", "callback_at": "2001-01-01T00:00:00Z"}"#;
    api.ask("POST", &path, past).await.problem(422);
    let long = format!(r#"{{"disposition": "sale", "note": "{}"}}"#, "x".repeat(2_001));
    api.ask("POST", &path, &long).await.problem(422);
    assert!(api.floor.told().is_empty());
}

#[tokio::test]
async fn a_pause_needs_a_reason() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    for body in [r#"{"reason": " "}"#, &format!(r#"{{"reason": "{}"}}"#, "x".repeat(65))] {
        api.ask("POST", &format!("/v1/agents/{id}/pause"), body).await.problem(422);
    }
    assert!(api.floor.told().is_empty());
}

#[tokio::test]
async fn nobody_acts_for_an_agent_who_is_not_there() {
    let api = Api::start().await;
    for (action, body) in [
        ("login", ""),
        ("ready", ""),
        ("pause", r#"{"reason": "lunch"}"#),
        ("hang-up", ""),
        ("disposition", r#"{"disposition": "sale"}"#),
        ("logout", ""),
    ] {
        api.ask("POST", &format!("/v1/agents/7/{action}"), body).await.problem(404);
    }
    assert!(api.floor.told().is_empty());
}

#[tokio::test]
async fn a_call_by_hand_that_cannot_be_says_why() {
    let api = Api::start().await;
    let id = api.agent("101").await;
    let act = async |action: &str, body: &str| {
        api.ask("POST", &format!("/v1/agents/{id}/{action}"), body).await
    };
    for (action, body, status, word) in [
        ("dial", "", 409, "no lead is offered"),
        ("skip", r#"{"reason": "a competitor"}"#, 409, "no lead is offered"),
        ("skip", r#"{"reason": " "}"#, 422, "1 to 64"),
        ("dial", r#"{"number": "201 555 0123", "campaign": "spring"}"#, 409, "by hand"),
        ("dial", r#"{"number": "201 555 0123", "campaign": "autumn"}"#, 422, "autumn"),
        ("dial", r#"{"number": "201 555 0123", "lead": 7}"#, 422, "or a lead"),
        ("dial", r#"{"lead": 7}"#, 404, "no lead"),
    ] {
        let detail = act(action, body).await.problem(status);
        assert!(detail.contains(word), "{action} {body}: {detail}");
    }
    api.ask("GET", &format!("/v1/agents/{id}/preview"), "").await.problem(404);
}
