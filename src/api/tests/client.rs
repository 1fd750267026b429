//! The command line against a running API.

use clap::Parser;

use super::Api;
use crate::cli::Cli;
use crate::cli::client::URL_FILE;
use crate::dialer::{CampaignPhase, Command, Input};

/// Runs a command line as the process would; the sentence of its fault when it fails.
async fn run(line: &[&str]) -> Result<(), String> {
    let cli = Cli::try_parse_from(std::iter::once(&"outdial").chain(line)).unwrap();
    let done = tokio::task::spawn_blocking(move || cli.command.run()).await.unwrap();
    done.map(|_| ()).map_err(|fault| fault.to_string())
}

#[tokio::test]
async fn a_campaign_is_started_by_who_finds_url_and_token_in_the_data_folder() {
    let api = Api::start().await;
    let data = api.data.path().to_str().unwrap();
    let start = ["campaign", "start", "spring", "--data", data];
    let nobody = run(&start).await.unwrap_err();
    assert!(nobody.contains("no server is known"), "{nobody}");
    std::fs::write(api.data.path().join(URL_FILE), format!("http://{}\n", api.address)).unwrap();
    let no_token = run(&start).await.unwrap_err();
    assert!(no_token.contains("api.token"), "{no_token}");
    let token = api.data.path().join(super::Token::FILE);
    std::fs::write(token, format!("{}\n", api.token)).unwrap();
    run(&start).await.unwrap();
    assert!(matches!(
        api.floor.told()[..],
        [Input::Command(Command::Phase(_, CampaignPhase::Running))]
    ));
}

#[tokio::test]
async fn a_refusal_is_the_servers_own_sentence() {
    let api = Api::start().await;
    let url = format!("http://{}", api.address);
    let named = ["--url", &url, "--token", &api.token];
    let line = [&["campaign", "status", "autumn"], &named[..]].concat();
    let refused = run(&line).await.unwrap_err();
    assert_eq!(refused, "there is no campaign of that name (404 Not Found)");
    let stranger = run(&["agent", "list", "--url", &url, "--token", "wrong"]).await.unwrap_err();
    assert!(stranger.contains("api.token"), "it says where the token is: {stranger}");
}

#[tokio::test]
async fn an_agent_is_added_and_listed() {
    let api = Api::start().await;
    let url = format!("http://{}", api.address);
    let named = ["--url", &url, "--token", &api.token, "--json"];
    let add = ["agent", "add", "Ana Ruiz", "--extension", "101", "--campaign", "spring"];
    run(&[&add, &named[..]].concat()).await.unwrap();
    let agents = api.store.books().agents().await.unwrap();
    assert_eq!((agents[0].name.as_str(), &agents[0].campaigns), ("Ana Ruiz", &vec![api.campaign]));
    let again = run(&[&add, &named[..]].concat()).await.unwrap_err();
    assert!(again.contains("extension 101 is taken"), "{again}");
    run(&[&["agent", "list"], &named[..]].concat()).await.unwrap();
}

#[tokio::test]
async fn what_does_not_answer_as_a_server_does_is_said_to_be_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}");
    let fault = run(&["campaign", "list", "--url", &url, "--token", "t"]).await.unwrap_err();
    assert!(fault.contains("cannot be reached"), "{fault}");
}
