//! Who may use which route: every route of the document, asked by every role.

use std::collections::BTreeMap;

use super::routes::{documented, filled};
use super::{Answer, Api, at};
use crate::api::caller::{COOKIE, CSRF_HEADER, csrf, sha256};
use crate::clock;
use crate::domain::{AgentId, Role};
use crate::store::{NewUser, TokenRow};

/// Every route there is, and who may: Administrator, aGent (at their own desk), aUditor, Manager,
/// Supervisor; `*` is everybody. What is added to the router is added here, with thought.
const ROUTES: [(&str, &str); 87] = [
    ("DELETE /v1/agents/{id}/phone", "AGMS"),
    ("DELETE /v1/do-not-call/{number}", "AM"),
    ("DELETE /v1/listening/{id}", "AMS"),
    ("DELETE /v1/session", "AGUMS"),
    ("DELETE /v1/tokens/{label}", "A"),
    ("DELETE /v1/users/{name}", "A"),
    ("GET /healthz", "*"),
    ("GET /metrics", "AUMS"),
    ("GET /v1/agents", "AUMS"),
    ("GET /v1/agents/{id}", "AGUMS"),
    ("GET /v1/agents/{id}/callback-times", "AGUMS"),
    ("GET /v1/agents/{id}/colleagues", "AGUMS"),
    ("GET /v1/agents/{id}/person", "AGUMS"),
    ("GET /v1/agents/{id}/preview", "AGUMS"),
    ("GET /v1/alarms", "AUMS"),
    ("GET /v1/audit", "AUMS"),
    ("GET /v1/caller-ids", "AUMS"),
    ("GET /v1/calls", "AUMS"),
    ("GET /v1/calls/{id}", "AUMS"),
    ("GET /v1/calls/{id}/first-words", "AUMS"),
    ("GET /v1/calls/{id}/recording", "AUMS"),
    ("GET /v1/calls/{id}/recording/outline", "AUMS"),
    ("GET /v1/campaign-files/{name}", "AM"),
    ("GET /v1/campaigns", "AUMS"),
    ("GET /v1/campaigns/{name}", "AUMS"),
    ("GET /v1/campaigns/{name}/agent-waits", "AUMS"),
    ("GET /v1/campaigns/{name}/decisions", "AUMS"),
    ("GET /v1/campaigns/{name}/explain", "AUMS"),
    ("GET /v1/campaigns/{name}/leads", "AUMS"),
    ("GET /v1/do-not-call", "AUMS"),
    ("GET /v1/do-not-call-lists", "AUMS"),
    ("GET /v1/do-not-call-lists/{number}", "AUMS"),
    ("GET /v1/do-not-call/{number}", "AUMS"),
    ("GET /v1/floor", "AUMS"),
    ("GET /v1/listening", "AUMS"),
    ("GET /v1/rulebooks", "AUMS"),
    ("GET /v1/session", "AGUMS"),
    ("GET /v1/tokens", "A"),
    ("GET /v1/trunks", "AUMS"),
    ("GET /v1/users", "A"),
    ("GET /v1/ws", "AGUMS"),
    ("PATCH /v1/campaigns/{name}/leads/{id}", "AM"),
    ("PATCH /v1/users/{name}", "A"),
    ("POST /v1/agents", "AM"),
    ("POST /v1/agents/{id}/conference", "AGMS"),
    ("POST /v1/agents/{id}/consult", "AGMS"),
    ("POST /v1/agents/{id}/dial", "AGMS"),
    ("POST /v1/agents/{id}/digits", "AGMS"),
    ("POST /v1/agents/{id}/dismiss", "AGMS"),
    ("POST /v1/agents/{id}/disposition", "AGMS"),
    ("POST /v1/agents/{id}/hand-over", "AGMS"),
    ("POST /v1/agents/{id}/hang-up", "AGMS"),
    ("POST /v1/agents/{id}/leave-message", "AGMS"),
    ("POST /v1/agents/{id}/listening", "AMS"),
    ("POST /v1/agents/{id}/login", "AGMS"),
    ("POST /v1/agents/{id}/logout", "AGMS"),
    ("POST /v1/agents/{id}/park", "AGMS"),
    ("POST /v1/agents/{id}/pause", "AGMS"),
    ("POST /v1/agents/{id}/phone", "AGMS"),
    ("POST /v1/agents/{id}/phone/echo", "AGMS"),
    ("POST /v1/agents/{id}/ready", "AGMS"),
    ("POST /v1/agents/{id}/retrieve", "AGMS"),
    ("POST /v1/agents/{id}/skip", "AGMS"),
    ("POST /v1/agents/{id}/transfer", "AGMS"),
    ("POST /v1/agents/{id}/voice", "AGMS"),
    ("POST /v1/campaign-files/check", "AM"),
    ("POST /v1/campaigns/{name}/leads", "AM"),
    ("POST /v1/campaigns/{name}/leads-changed", "AM"),
    ("POST /v1/campaigns/{name}/leads/check", "AM"),
    ("POST /v1/campaigns/{name}/pause", "AMS"),
    ("POST /v1/campaigns/{name}/recycle", "AM"),
    ("POST /v1/campaigns/{name}/settings", "AM"),
    ("POST /v1/campaigns/{name}/start", "AMS"),
    ("POST /v1/campaigns/{name}/stop", "AMS"),
    ("POST /v1/campaigns/{name}/tune", "AM"),
    ("POST /v1/do-not-call", "AMS"),
    ("POST /v1/do-not-call-lists", "AM"),
    ("POST /v1/invitation", "*"),
    ("POST /v1/privacy/erase", "AM"),
    ("POST /v1/session", "*"),
    ("POST /v1/session/password", "AGUMS"),
    ("POST /v1/session/second-factor", "AGUMS"),
    ("POST /v1/session/second-factor/code", "AGUMS"),
    ("POST /v1/tokens", "A"),
    ("POST /v1/users", "A"),
    ("POST /v1/users/{name}/link", "A"),
    ("PUT /v1/campaign-files/{name}", "AM"),
];

fn letter(role: Role) -> char {
    match role {
        Role::Administrator => 'A',
        Role::Agent => 'G',
        Role::Auditor => 'U',
        Role::Manager => 'M',
        Role::Supervisor => 'S',
    }
}

/// A session: what a browser would send.
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

impl Session {
    pub fn of(secret: &str) -> Self {
        Self { cookie: format!("{COOKIE}={secret}"), csrf: csrf(secret) }
    }
}

impl Api {
    /// A session of a user of this role, whose desk is agent 1.
    pub async fn session(&self, role: Role) -> Session {
        let secret = super::super::token::secret().unwrap();
        let name = format!("{role}-{}", &secret[..8]);
        let agent = (role == Role::Agent).then_some(AgentId(1));
        let user = NewUser { name, role, agent, at: at(0) };
        let user = self.store.user_add(user).await.unwrap();
        let (now, hour) = (clock::now(), jiff::SignedDuration::from_hours(1));
        self.store.session_open(sha256(&secret), user, now, now + hour).await.unwrap();
        Session::of(&secret)
    }

    /// In a session.
    pub async fn ask_in(&self, session: &Session, method: &str, path: &str, body: &str) -> Answer {
        let headers = [
            ("cookie", session.cookie.as_str()),
            (CSRF_HEADER, &session.csrf),
            // As if from elsewhere: on this machine /metrics is open.
            ("x-forwarded-for", "192.0.2.7"),
        ];
        self.send(method, path, &headers, body).await
    }
}

#[tokio::test]
async fn every_role_may_what_the_table_says_and_nothing_else() {
    let api = Api::start().await;
    assert_eq!(api.agent("101").await, 1);
    api.floor.told();
    let expected: BTreeMap<&str, &str> = ROUTES.into_iter().collect();
    let mut asked = 0;
    for (method, path) in documented(&api).await {
        let route = format!("{method} {path}");
        let may = *expected.get(route.as_str()).unwrap_or_else(|| panic!("{route} is new"));
        let own = if path == "/v1/ws" { "?agent=1" } else { "" };
        for role in Role::ALL {
            let session = api.session(role).await;
            let answer = api.ask_in(&session, &method, &(filled(&path) + own), "").await;
            let refused = answer.status == 403;
            let allowed = may == "*" || may.contains(letter(role));
            assert_eq!(refused, !allowed, "{role}: {route}: {} {}", answer.status, answer.body);
            assert_ne!(answer.status, 401, "{role}: {route}");
            assert!(answer.status < 500, "{role}: {route}: {}", answer.body);
            if refused {
                assert!(api.floor.told().is_empty(), "{role}: {route} reached the dialer");
            }
            api.floor.told();
            asked += 1;
        }
    }
    assert_eq!(asked, Role::ALL.len() * expected.len(), "a route of the table is gone");
    println!("{} routes, {asked} pairs of route and role", expected.len());
}

#[tokio::test]
async fn the_document_says_of_each_route_who_may() {
    let api = Api::start().await;
    let document = api.send("GET", "/openapi.json", &[], "").await.json();
    for (route, may) in ROUTES {
        let (method, path) = route.split_once(' ').unwrap();
        let roles = &document["paths"][path][method.to_lowercase()]["x-roles"];
        let Some(roles) = roles.as_array() else {
            assert_eq!(route, "GET /healthz");
            continue;
        };
        let said: String =
            roles.iter().map(|role| letter(role.as_str().unwrap().parse().unwrap())).collect();
        assert_eq!(said, may.replace('*', "AGUMS"), "{route}");
    }
}

#[tokio::test]
async fn an_agent_has_no_other_desk_and_no_room() {
    let api = Api::start().await;
    api.agent("101").await;
    api.agent("102").await;
    let session = api.session(Role::Agent).await;
    for path in ["/v1/agents/2", "/v1/agents/2/preview", "/v1/ws", "/v1/ws?agent=2"] {
        api.ask_in(&session, "GET", path, "").await.problem(403);
    }
    for action in ["login", "ready", "logout", "hang-up", "dial"] {
        let path = format!("/v1/agents/2/{action}");
        api.ask_in(&session, "POST", &path, "").await.problem(403);
    }
    assert!(api.floor.told().is_empty());
    assert_eq!(api.ask_in(&session, "GET", "/v1/agents/1", "").await.status, 200);
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let api = Api::start().await;
    let session = api.session(Role::Manager).await;
    let cookie = ("cookie", session.cookie.as_str());
    let path = "/v1/campaigns/spring/start";
    api.send("POST", path, &[cookie], "").await.problem(403);
    api.send("POST", path, &[cookie, (CSRF_HEADER, "wrong")], "").await.problem(403);
    let foreign = ("origin", "https://attacker.example");
    let csrf = (CSRF_HEADER, session.csrf.as_str());
    api.send("POST", path, &[cookie, csrf, foreign], "").await.problem(403);
    assert!(api.floor.told().is_empty());
    assert_eq!(api.send("GET", "/v1/floor", &[cookie], "").await.status, 200);
    assert_eq!(api.send("POST", path, &[cookie, csrf], "").await.status, 200);
}

#[tokio::test]
async fn a_token_may_what_its_role_and_scope_say_until_it_ends() {
    let api = Api::start().await;
    let made = api
        .ask("POST", "/v1/tokens", r#"{"label": "wall", "role": "supervisor", "read_only": true}"#)
        .await
        .json();
    let text = format!("Bearer {}", made["text"].as_str().unwrap());
    let bearer = ("authorization", text.as_str());
    assert_eq!(api.send("GET", "/v1/floor", &[bearer], "").await.status, 200);
    api.send("POST", "/v1/campaigns/spring/start", &[bearer], "").await.problem(403);
    api.send("GET", "/v1/users", &[bearer], "").await.problem(403);
    assert_eq!(api.ask("DELETE", "/v1/tokens/wall", "").await.status, 204);
    api.send("GET", "/v1/floor", &[bearer], "").await.problem(401);

    let ended = TokenRow {
        sha256: sha256("ended"),
        label: "ended".to_owned(),
        role: Role::Auditor,
        read_only: false,
        created_at: at(-10),
        expires_at: Some(clock::now()),
    };
    api.store.token_add(ended).await.unwrap();
    let bearer = ("authorization", "Bearer ended");
    api.send("GET", "/v1/floor", &[bearer], "").await.problem(401);
}
