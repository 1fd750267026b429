//! Every no is a problem document (RFC 9457).

use super::Api;

#[tokio::test]
async fn what_is_not_there_is_404() {
    let api = Api::start().await;
    let none = [
        "/x",
        "/assets/x.js",
        "/v1",
        "/v1/x",
        "/v1/campaigns/autumn",
        "/v1/agents/7",
        "/v1/agents/x",
    ];
    for path in none {
        api.ask("GET", path, "").await.problem(404);
    }
    api.ask("POST", "/v1/campaigns/autumn/start", "").await.problem(404);
    api.ask("GET", "/v1/calls?campaign=autumn", "").await.problem(404);
    api.ask("GET", "/v1/do-not-call/5550123", "").await.problem(404);
    assert!(api.floor.told().is_empty());
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_405_and_says_which_it_takes() {
    let api = Api::start().await;
    let answer = api.ask("DELETE", "/v1/campaigns", "").await;
    answer.problem(405);
    assert!(answer.header("allow").contains("GET"));
    api.send("PUT", "/healthz", &[], "").await.problem(405);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_said_to_be_so() {
    let api = Api::start().await;
    let authorization = format!("Bearer {}", api.token);
    let text = [("authorization", authorization.as_str()), ("content-type", "text/plain")];
    api.send("POST", "/v1/do-not-call", &text, "hello").await.problem(415);
    api.ask("POST", "/v1/do-not-call", "{").await.problem(400);
    let detail = api.ask("POST", "/v1/do-not-call", "{}").await.problem(422);
    assert!(detail.contains("number"), "{detail}");
    let wrong = r#"{"number": "555-0123"}"#;
    api.ask("POST", "/v1/do-not-call", wrong).await.problem(422);
    let unknown = r#"{"number": "+12015550123", "why": "typo"}"#;
    api.ask("POST", "/v1/do-not-call", unknown).await.problem(422);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_413() {
    let api = Api::start().await;
    let body = format!(r#"{{"number": "+12015550123", "reason": "{}"}}"#, "x".repeat(70_000));
    api.ask("POST", "/v1/do-not-call", &body).await.problem(413);
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_400() {
    let api = Api::start().await;
    api.ask("GET", "/v1/calls?since=yesterday", "").await.problem(400);
    api.ask("GET", "/v1/calls?sinse=2026-01-31T00:00:00Z", "").await.problem(400);
    for limit in ["-1", "0", "10001", "many"] {
        api.ask("GET", &format!("/v1/do-not-call?limit={limit}"), "").await.problem(400);
        api.ask("GET", &format!("/v1/calls?limit={limit}"), "").await.problem(400);
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_421() {
    let api = Api::start().await;
    // A page at attacker.example that has had its name resolved to 127.0.0.1.
    let host = [("host", "attacker.example")];
    api.send("GET", "/metrics", &host, "").await.problem(421);
    api.send("GET", "/healthz", &host, "").await.problem(421);
    assert_eq!(api.send("GET", "/healthz", &[("host", "localhost:80")], "").await.status, 200);
}

#[tokio::test]
async fn a_request_without_a_socket_handshake_is_400() {
    let api = Api::start().await;
    api.ask("GET", "/v1/ws", "").await.problem(400);
}

#[tokio::test]
async fn answers_are_not_kept_not_framed_and_not_guessed_at() {
    let api = Api::start().await;
    let answer = api.ask("GET", "/v1/floor", "").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("x-frame-options"), "DENY");
}
