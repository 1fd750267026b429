//! `[api]` and `[alarms]`.

use super::*;

#[test]
fn certificate_and_key_of_the_api_go_together_and_are_there() {
    let with = |api: &str| Floor::new(&format!("{MAIN}[api]\n{api}"), CAMPAIGN);
    assert!(with("certificate = \"a.pem\"\n").faults()[0].contains("go together"));
    let both = with("certificate = \"a.pem\"\nkey = \"a.key\"\ntotp_required = true\n");
    both.write("a.pem", "");
    assert!(both.faults()[0].contains("\"a.key\" is no file"));
    both.write("a.key", "");
    let api = both.load().unwrap_or_else(|faults| panic!("{faults}")).api;
    assert!(api.tls.is_some() && api.totp_required);
}

#[test]
fn a_webhook_is_a_url() {
    let with = |url: &str| Floor::new(&format!("{MAIN}[alarms]\nwebhook = {url:?}\n"), CAMPAIGN);
    let config = with("https://alarms.example.com/x").load();
    let config = config.unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.webhook.as_deref(), Some("https://alarms.example.com/x"));
    assert!(with("alarms.example.com").faults()[0].contains("write a URL"));
}

#[test]
fn a_collector_of_traces_is_a_url() {
    let with = |url: &str| Floor::new(&format!("{MAIN}[traces]\ncollector = {url:?}\n"), CAMPAIGN);
    let config = with("http://127.0.0.1:4318").load();
    assert_eq!(config.unwrap().collector.as_deref(), Some("http://127.0.0.1:4318"));
    assert!(with("127.0.0.1:4318").faults()[0].contains("write a URL"));
}
