//! Which routes there are, who may use them, and what the room is told.

use std::collections::BTreeSet;
use std::fs;

use serde_json::json;

use super::{Api, at, number};
use crate::compliance::{ListId, ListKind};
use crate::dialer::{CampaignPhase, Command, Input};
use crate::domain::Country;
use crate::store::lists::{ListPlan, ListSource, build, path_of};

/// Every method and path of the document, with values for the variables.
pub async fn documented(api: &Api) -> Vec<(String, String)> {
    let document = api.send("GET", "/openapi.json", &[], "").await.json();
    let paths = document["paths"].as_object().unwrap();
    let methods = |path: &str| {
        let methods = paths[path].as_object().unwrap().keys().map(|method| method.to_uppercase());
        methods.map(|method| (method, path.to_owned())).collect::<Vec<_>>()
    };
    paths.keys().flat_map(|path| methods(path)).collect()
}

pub fn filled(path: &str) -> String {
    path.replace("{name}", "spring")
        .replace("{id}", "1")
        .replace("{number}", "+12015550123")
        .replace("{label}", "crm")
}

/// The pages' client is made from `web/openapi.json`: after a change of the API run this test with
/// `OUTDIAL_RENEW=1`, then `npm run schema` in `web/`.
#[tokio::test]
async fn the_pages_know_the_document_as_it_is() {
    let api = Api::start().await;
    let document = api.send("GET", "/openapi.json", &[], "").await.json();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/web/openapi.json");
    if std::env::var_os("OUTDIAL_RENEW").is_some() {
        let text = serde_json::to_string_pretty(&document).unwrap();
        fs::write(path, text + "\n").unwrap();
    }
    let known: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(known, document, "see the sentence above this test");
}

#[tokio::test]
async fn every_operation_is_described_and_says_what_it_answers() {
    let api = Api::start().await;
    let document = api.send("GET", "/openapi.json", &[], "").await.json();
    let mut ids = BTreeSet::new();
    for (method, path) in documented(&api).await {
        let operation = &document["paths"][&path][method.to_lowercase()];
        assert!(operation["summary"].is_string(), "{method} {path} has no summary");
        assert!(operation["tags"].is_array(), "{method} {path} has no tag");
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id), "{method} {path}: its operationId is another's");
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            assert!(response["description"].is_string(), "{method} {path} {status}");
            let no = status.as_str() >= "400";
            let problem = &response["content"]["application/problem+json"];
            assert_eq!(no, problem.is_object(), "{method} {path} {status}");
        }
        assert!(responses.keys().any(|status| status < &"300".to_owned()), "{method} {path}");
    }
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(!document["components"]["schemas"][name].is_null(), "{name} is not defined");
    }
}

#[tokio::test]
async fn the_document_has_the_parameters_of_every_query() {
    let api = Api::start().await;
    let document = api.send("GET", "/openapi.json", &[], "").await.json();
    for (path, expected) in [
        ("/v1/calls", &["after", "campaign", "limit", "number", "since", "until"][..]),
        ("/v1/do-not-call", &["after", "limit"]),
        ("/v1/ws", &["agent"]),
    ] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let mut named: Vec<&str> = parameters.iter().filter_map(|p| p["name"].as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, expected, "{path}");
    }
}

/// Who signs in is not signed in yet.
const OPEN: [&str; 2] = ["/v1/session", "/v1/invitation"];

#[tokio::test]
async fn every_route_but_those_to_sign_in_asks_who_asks() {
    let api = Api::start().await;
    for (method, path) in documented(&api).await {
        let path = filled(&path);
        // The client of this test is on the loopback, where /metrics is open; as if behind a proxy.
        let proxied = ("x-forwarded-for", "192.0.2.7");
        let answers = [
            api.send(&method, &path, &[proxied], "").await,
            api.send(&method, &path, &[proxied, ("authorization", "Bearer wrong")], "").await,
            api.send(&method, &path, &[proxied, ("authorization", "Basic YTpi")], "").await,
        ];
        for answer in answers {
            if path == "/healthz" {
                assert_eq!(answer.status, 200);
            } else if OPEN.contains(&path.as_str()) && method == "POST" {
                assert_eq!(answer.status, 415, "it looks at what is asked");
            } else {
                answer.problem(401);
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{path}");
            }
        }
    }
    assert!(api.floor.told().is_empty(), "nothing of it reached the dialer");
}

#[tokio::test]
async fn every_route_is_there_with_the_token() {
    let api = Api::start().await;
    for (method, path) in documented(&api).await {
        let answer = api.ask(&method, &filled(&path), "").await;
        assert!(!matches!(answer.status, 401 | 405 | 500..), "{method} {path}: {}", answer.body);
        if answer.status == 404 {
            let detail = answer.problem(404);
            assert!(!detail.contains("openapi.json"), "{method} {path} is no route");
        }
    }
}

#[tokio::test]
async fn the_reference_page_and_its_scripts_come_from_the_binary() {
    let api = Api::start().await;
    let page = api.send("GET", "/docs/", &[], "").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("swagger-ui-bundle.js"));
    assert!(!page.body.contains("//cdn"), "nothing is fetched from elsewhere");
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert!(!page.body.contains("<script>"), "no inline script, which the policy would stop");
    assert_eq!(api.send("GET", "/docs/swagger-ui-bundle.js", &[], "").await.status, 200);
}

#[tokio::test]
async fn metrics_need_no_token_on_the_machine_itself() {
    let api = Api::start().await;
    let answer = api.send("GET", "/metrics", &[], "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/plain"));
    let line = "outdial_calls{campaign=\"spring\",state=\"ringing\"} 0";
    assert!(answer.body.contains(line), "{}", answer.body);
    assert!(answer.body.contains("outdial_campaign_running{campaign=\"spring\"} 0"));
    assert!(!answer.body.contains("outdial_answer_ratio{"), "a rate of nothing is no figure");
    for what in ["dialogs", "media_legs", "timers", "transactions", "web_sockets"] {
        let line = format!("outdial_held{{what=\"{what}\"}} 0");
        assert!(answer.body.contains(&line), "{line} in {}", answer.body);
    }
    assert!(answer.body.contains("\nprocess_open_fds "));
}

#[tokio::test]
async fn a_campaign_starts_pauses_and_stops_and_the_books_remember() {
    let api = Api::start().await;
    for (action, phase, word) in [
        ("start", CampaignPhase::Running, "running"),
        ("pause", CampaignPhase::Paused, "paused"),
        ("stop", CampaignPhase::Stopped, "stopped"),
    ] {
        let answer = api.ask("POST", &format!("/v1/campaigns/spring/{action}"), "").await;
        assert_eq!(answer.json()["phase"], word);
        let told = api.floor.told();
        assert!(
            matches!(told[..], [Input::Command(Command::Phase(id, to))]
                if id == api.campaign && to == phase),
            "{told:?}"
        );
        assert_eq!(api.store.books().campaigns().await.unwrap()[0].phase, phase);
    }
    let detail = api.ask("GET", "/v1/campaigns/spring", "").await.json();
    assert_eq!(detail["leads"]["new"], 0);
    assert!(detail["ledger"]["abandonment_rate"].is_null());
    let list = api.ask("GET", "/v1/campaigns", "").await.json();
    assert_eq!(list[0]["name"], "spring");
    assert_eq!(list[0]["abandonment_target"], 0.03);
    assert_eq!(api.ask("GET", "/v1/floor", "").await.json()["campaigns"], list);
}

#[tokio::test]
async fn new_leads_make_the_dialer_ask_again() {
    let api = Api::start().await;
    let answer = api.ask("POST", "/v1/campaigns/spring/leads-changed", "").await;
    assert_eq!(answer.status, 204);
    assert!(matches!(api.floor.told()[..], [Input::Command(Command::LeadsChanged(_))]));
}

#[tokio::test]
async fn a_number_put_on_the_do_not_call_list_is_in_the_books_and_known_to_the_dialer() {
    let api = Api::start().await;
    let body = r#"{"number": "+12015550001", "reason": "by letter"}"#;
    assert_eq!(api.ask("POST", "/v1/do-not-call", body).await.status, 204);
    assert!(api.store.books().dnc_holds(number(1)).await.unwrap());
    assert!(matches!(
        api.floor.told()[..],
        [Input::Command(Command::DoNotCallAdd(told))] if told == number(1)
    ));
    assert_eq!(api.ask("GET", "/v1/do-not-call/+12015550001", "").await.status, 204);
    assert_eq!(api.ask("DELETE", "/v1/do-not-call/+12015550001", "").await.status, 204);
    assert!(matches!(api.floor.told()[..], [Input::Command(Command::DoNotCallRemove(_))]));
    api.ask("GET", "/v1/do-not-call/+12015550001", "").await.problem(404);
    api.ask("DELETE", "/v1/do-not-call/+12015550001", "").await.problem(404);
}

#[tokio::test]
async fn a_whole_list_is_put_beside_the_server_and_asked_after_a_renewal() {
    let api = Api::start().await;
    let plan = ListPlan {
        id: ListId::new("us-national").unwrap(),
        kind: ListKind::Registry,
        country: Country::US,
        as_of: "2026-07-01".parse().unwrap(),
        column: None,
        skip_bad: false,
    };
    let source = || ListSource { name: "l".into(), bytes: Box::new(&b"201,5550001\n"[..]) };
    build(api.data.path(), &plan, vec![source()], |_| Ok(()), |_| {}, at(0)).unwrap();
    let with = "/v1/do-not-call-lists/+12015550001";
    assert_eq!(api.ask("GET", with, "").await.json(), json!([]));
    let renewed = api.ask("POST", "/v1/do-not-call-lists", "").await.json();
    assert_eq!(renewed["put"][0]["list"], "us-national");
    assert!(matches!(
        &api.floor.told()[..],
        [Input::Command(Command::DoNotCallList(list))] if list.holds(number(1))
    ));
    let found = json!([{ "list": "us-national", "kind": "registry", "as_of": "2026-07-01" }]);
    assert_eq!(api.ask("GET", with, "").await.json(), found);
    let again = api.ask("POST", "/v1/do-not-call-lists", "").await.json();
    assert_eq!(again, json!({ "put": [], "dropped": [] }), "the same list is not read again");

    let file = path_of(api.data.path(), &plan.id);
    fs::remove_file(&file).unwrap();
    fs::write(&file, "no list").unwrap();
    assert_eq!(api.ask("POST", "/v1/do-not-call-lists", "").await.status, 422);
    assert_eq!(api.ask("GET", with, "").await.json(), found, "it stays as it was");
    fs::remove_file(&file).unwrap();
    let gone = api.ask("POST", "/v1/do-not-call-lists", "").await.json();
    assert_eq!(gone["dropped"], json!(["us-national"]));
}

#[tokio::test]
async fn the_do_not_call_list_comes_in_pages() {
    let api = Api::start().await;
    let numbers = (1..=3).map(number).collect();
    api.store.dnc_add_all(numbers, "import", None, at(0)).await.unwrap();
    let first = api.ask("GET", "/v1/do-not-call?limit=2", "").await.json();
    assert_eq!(first["entries"].as_array().unwrap().len(), 2);
    assert_eq!(first["entries"][0]["source"], "import");
    let next = first["next"].as_str().unwrap().replace('+', "%2B");
    let second = api.ask("GET", &format!("/v1/do-not-call?limit=2&after={next}"), "").await.json();
    assert_eq!(second["entries"][0]["number"], number(3).to_e164());
    assert!(second["next"].is_null());
}

#[tokio::test]
async fn the_server_ends_though_a_client_hangs() {
    let api = Api::start().await;
    let idle = tokio::net::TcpStream::connect(api.address).await.unwrap();
    api.shutdown.send(()).unwrap();
    let ended = tokio::time::timeout(super::super::SHUTDOWN_MAX * 2, api.served).await;
    ended.expect("the server has ended").unwrap().unwrap();
    drop(idle);
}

#[tokio::test]
async fn the_token_is_nowhere_in_the_books() {
    let api = Api::start().await;
    api.agent("101").await;
    for entry in fs::read_dir(api.data.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let bytes = fs::read(path).unwrap();
        assert!(!bytes.windows(api.token.len()).any(|window| window == api.token.as_bytes()));
    }
}

#[tokio::test]
async fn decisions_are_asked_of_the_dialer_and_of_nobody_else() {
    let api = Api::start().await;
    // The floor of these tests has no dialer.
    let answer = api.ask("GET", "/v1/campaigns/spring/decisions", "").await;
    assert_eq!(answer.status, 409, "{}", answer.body);
    let answer = api.ask("GET", "/v1/campaigns/winter/decisions", "").await;
    assert_eq!(answer.status, 404);
    let answer = api.ask("GET", "/v1/campaigns/spring/decisions?since=yesterday", "").await;
    assert_eq!(answer.status, 400);
    let document = api.send("GET", "/openapi.json", &[], "").await.json();
    let parameters = &document["paths"]["/v1/campaigns/{name}/decisions"]["get"]["parameters"];
    let names: Vec<&str> =
        parameters.as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["name", "since"]);
}

#[tokio::test]
async fn a_number_is_explained_by_the_dialer_and_a_word_is_none() {
    let api = Api::start().await;
    let path = |of: &str| format!("/v1/campaigns/{of}");
    // The floor of these tests has no dialer.
    let known = path("spring/explain?number=%2B12015550123&zip=90012&at=2026-07-15T14:00:00Z");
    assert_eq!(api.ask("GET", &known, "").await.status, 409);
    let other = path("winter/explain?number=%2B12015550123");
    assert_eq!(api.ask("GET", &other, "").await.status, 404);
    assert_eq!(api.ask("GET", &path("spring/explain?number=home"), "").await.status, 422);
    assert_eq!(api.ask("GET", &path("spring/explain"), "").await.status, 400);
}
