//! Signing in: links, passwords, lock-out, second factor, and whose name stands in the evidence.

use serde_json::json;

use super::rights::Session;
use super::{Answer, Api};
use crate::api::totp;
use crate::audit::{day_files, read_day};
use crate::clock;
use crate::domain::Role;

const PASSWORD: &str = "correct horse battery";

impl Answer {
    /// What a browser keeps of the answer.
    fn session(&self) -> Session {
        assert_eq!(self.status, 200, "{}", self.body);
        let cookie = self.header("set-cookie");
        let (pair, rest) = cookie.split_once(';').unwrap();
        assert_eq!(rest, " Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
        let session = Session::of(pair.split_once('=').unwrap().1);
        assert_eq!(self.json()["csrf"], session.csrf);
        session
    }
}

impl Api {
    /// Adds a user, who follows their link.
    async fn user(&self, name: &str, role: Role) -> Session {
        let body = json!({ "name": name, "role": role }).to_string();
        let link = self.ask("POST", "/v1/users", &body).await;
        assert_eq!(link.status, 201, "{}", link.body);
        self.follow(&link).await.session()
    }

    async fn follow(&self, link: &Answer) -> Answer {
        let path = link.json()["path"].as_str().unwrap().to_owned();
        let secret = path.strip_prefix("/welcome#").unwrap().split(':').next().unwrap();
        let body = json!({ "secret": secret, "password": PASSWORD }).to_string();
        self.send("POST", "/v1/invitation", &[], &body).await
    }

    async fn sign_in(&self, name: &str, password: &str, code: Option<&str>) -> Answer {
        let body = json!({ "name": name, "password": password, "code": code }).to_string();
        self.send("POST", "/v1/session", &[], &body).await
    }
}

#[tokio::test]
async fn a_link_lets_in_once_and_the_password_afterwards() {
    let api = Api::start().await;
    let body = json!({ "name": "ana", "role": "manager" }).to_string();
    let link = api.ask("POST", "/v1/users", &body).await;
    let session = api.follow(&link).await.session();
    let me = api.ask_in(&session, "GET", "/v1/session", "").await.json();
    assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("ana"), Some("manager")));
    api.follow(&link).await.problem(404);
    api.sign_in("ana", "wrong horse battery", None).await.problem(401);
    let again = api.sign_in("ANA", PASSWORD, None).await.session();
    assert_eq!(api.ask_in(&again, "DELETE", "/v1/session", "").await.status, 204);
    api.ask_in(&again, "GET", "/v1/session", "").await.problem(401);
    assert_eq!(api.ask_in(&session, "GET", "/v1/session", "").await.status, 200, "the other one");
}

#[tokio::test]
async fn the_first_administrator_chooses_a_name_and_there_is_no_second_first_one() {
    let api = Api::start().await;
    let handle = api.handle.clone();
    let path = super::super::set_up_link(&handle).await.unwrap().unwrap();
    let secret = path.strip_prefix("/welcome#").unwrap();
    let body =
        |name: &str| json!({ "secret": secret, "password": PASSWORD, "name": name }).to_string();
    api.send("POST", "/v1/invitation", &[], &body("two words")).await.problem(422);
    let session = api.send("POST", "/v1/invitation", &[], &body("root")).await.session();
    assert_eq!(api.ask_in(&session, "GET", "/v1/users", "").await.status, 200);
    api.send("POST", "/v1/invitation", &[], &body("second")).await.problem(404);
    assert_eq!(super::super::set_up_link(&handle).await.unwrap(), None);
    let last = api.ask("DELETE", "/v1/users/root", "").await.problem(409);
    assert!(last.contains("last administrator"), "{last}");
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_right_one_out_and_an_administrator_unlocks() {
    let api = Api::start().await;
    api.user("ana", Role::Supervisor).await;
    for _ in 0..5 {
        api.sign_in("ana", "wrong horse battery", None).await.problem(401);
    }
    let locked = api.sign_in("ana", PASSWORD, None).await.problem(401);
    let unknown = api.sign_in("nobody", PASSWORD, None).await.problem(401);
    assert_eq!(locked, unknown, "the answer does not tell who there is");
    let seen = api.ask("GET", "/v1/users", "").await.json();
    assert!(seen[0]["locked_until"].is_string(), "{seen}");
    api.ask("PATCH", "/v1/users/ana", r#"{"unlock": true}"#).await;
    api.sign_in("ana", PASSWORD, None).await.session();
}

#[tokio::test]
async fn a_crowd_of_tries_gets_no_further_than_the_lock() {
    let api = Api::start().await;
    api.user("ana", Role::Supervisor).await;
    let wrong = || api.sign_in("ana", "wrong horse battery", None);
    for _ in 0..3 {
        tokio::join!(wrong(), wrong(), wrong(), wrong());
    }
    api.sign_in("ana", PASSWORD, None).await.problem(401);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_a_code_is_good_once() {
    let api = Api::start().await;
    let session = api.user("ana", Role::Manager).await;
    let path = "/v1/session/second-factor";
    let offered = api.ask_in(&session, "POST", path, "").await.json();
    assert!(offered["link"].as_str().unwrap().starts_with("otpauth://totp/outdial:ana?secret="));
    let user = api.store.books().user_named("ana").await.unwrap().unwrap();
    let secret = user.totp_offered.unwrap();
    let code = totp::code(&secret, clock::now());
    let body = json!({ "code": code }).to_string();
    let confirmed = api.ask_in(&session, "POST", &format!("{path}/code"), &body).await;
    assert_eq!(confirmed.status, 204, "{}", confirmed.body);

    let wanted = api.sign_in("ana", PASSWORD, None).await.problem(403);
    assert!(wanted.contains("second factor"), "{wanted}");
    api.sign_in("ana", PASSWORD, Some(&code)).await.problem(401);
    let next = totp::code(&secret, clock::now() + jiff::SignedDuration::from_secs(30));
    api.sign_in("ana", PASSWORD, Some(&next)).await.session();
    api.sign_in("ana", PASSWORD, Some(&next)).await.problem(401);
}

#[tokio::test]
async fn where_it_is_required_an_administrator_sets_it_up_before_anything_else() {
    let api = Api::start_with(|access| access.totp_required = true).await;
    let session = api.user("root", Role::Administrator).await;
    let me = api.ask_in(&session, "GET", "/v1/session", "").await.json();
    assert_eq!(me["second_factor_wanted"], true);
    api.ask_in(&session, "GET", "/v1/floor", "").await.problem(403);
    let offered = api.ask_in(&session, "POST", "/v1/session/second-factor", "").await;
    assert_eq!(offered.status, 200, "{}", offered.body);
    let manager = api.user("ana", Role::Manager).await;
    assert_eq!(api.ask_in(&manager, "GET", "/v1/floor", "").await.status, 200);
}

#[tokio::test]
async fn another_role_or_password_ends_every_session() {
    let api = Api::start().await;
    let session = api.user("ana", Role::Manager).await;
    api.ask("PATCH", "/v1/users/ana", r#"{"role": "auditor"}"#).await;
    api.ask_in(&session, "GET", "/v1/session", "").await.problem(401);
    let session = api.sign_in("ana", PASSWORD, None).await.session();
    let body = json!({ "old": PASSWORD, "new": "another horse battery" }).to_string();
    let changed = api.ask_in(&session, "POST", "/v1/session/password", &body).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    api.ask_in(&session, "GET", "/v1/session", "").await.problem(401);
    api.sign_in("ana", PASSWORD, None).await.problem(401);
    api.ask("PATCH", "/v1/users/ana", r#"{"disabled": true}"#).await;
    api.sign_in("ana", "another horse battery", None).await.problem(401);
}

#[tokio::test]
async fn the_evidence_has_the_name_of_who_changed_what() {
    let api = Api::start().await;
    let session = api.user("ana", Role::Manager).await;
    api.ask_in(&session, "POST", "/v1/campaigns/spring/pause", "").await;
    let body = r#"{"number": "+12015550001"}"#;
    api.ask_in(&session, "POST", "/v1/do-not-call", body).await;
    api.ask("POST", "/v1/campaigns/spring/start", "").await;
    let mut told = Vec::new();
    for (_, file) in day_files(api.data.path()).unwrap() {
        read_day(&file, |_, _, record| {
            let record = record.unwrap();
            told.push((record.kind, record.by));
        })
        .unwrap();
    }
    let told: Vec<(&str, &str)> = told.iter().map(|(kind, by)| (&**kind, &**by)).collect();
    let expected = [
        ("user_added", "api.token"),
        ("password_set", "user ana"),
        ("sign_in", "user ana"),
        ("phase", "user ana"),
        ("do_not_call", "user ana"),
        ("phase", "api.token"),
    ];
    assert_eq!(told, expected);
}
