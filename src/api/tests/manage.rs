//! What managers do: leads in with bad rows, settings as a campaign runs, its file, the audit, alarms.

use std::sync::Arc;

use serde_json::json;

use super::{Answer, Api, at};
use crate::dialer::{Command, Input};
use crate::domain::Role;
use crate::server::{Alarm, AlarmKind};

const LEADS: &str =
    "Phone,Given,City\n2015550101,Ana,Hoboken\nnone,Bo,Newark\n2015550102,=1+1,Trenton\n";

impl Api {
    async fn csv(&self, path: &str, text: &str) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let headers = [("authorization", authorization.as_str()), ("content-type", "text/csv")];
        self.send("POST", path, &headers, text).await
    }
}

#[tokio::test]
async fn a_file_with_a_bad_row_is_looked_at_refused_and_taken_without_it() {
    let api = Api::start().await;
    let path = "/v1/campaigns/spring/leads";
    let map = "map=first_name%3DGiven&file=spring.csv";
    let looked = api.csv(&format!("{path}/check?{map}"), LEADS).await.json();
    assert_eq!(
        (&looked["rows"], &looked["bad"], &looked["landed"]),
        (&3.into(), &1.into(), &0.into())
    );
    assert_eq!(looked["columns"][1], json!({ "header": "Given", "field": "first_name" }));
    assert_eq!(looked["columns"][2], json!({ "header": "City", "field": null }));
    assert_eq!(looked["sample"][0][2], "Hoboken");
    assert_eq!(
        (&looked["faults"][0]["line"], &looked["faults"][0]["column"]),
        (&3.into(), &"Phone".into())
    );

    let refused = api.csv(&format!("{path}?{map}"), LEADS).await.json();
    assert_eq!(refused["landed"], 0, "whole or not at all");
    assert!(api.floor.told().is_empty());
    let taken = api.csv(&format!("{path}?{map}&skip_bad=true"), LEADS).await.json();
    assert_eq!(taken["landed"], 2);
    let rejects = taken["rejects"].as_str().unwrap();
    assert!(rejects.contains("none,Bo,Newark") && rejects.lines().count() == 2, "{rejects}");
    assert!(matches!(api.floor.told()[..], [Input::Command(Command::LeadsChanged(_))]));

    let found = api.ask("GET", &format!("{path}?find=ana"), "").await.json();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["phone"]), (1, &"+12015550101".into()));
    let found = api.ask("GET", &format!("{path}?find=0102"), "").await.json();
    assert_eq!(found[0]["first_name"], "=1+1", "as it was written");
    let all = api.ask("GET", &format!("{path}?limit=1"), "").await.json();
    assert_eq!(all.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_without_numbers_says_so_and_shows_its_columns() {
    let api = Api::start().await;
    let path = "/v1/campaigns/spring/leads";
    let looked = api.csv(&format!("{path}/check"), "Reach,City\n1,Hoboken\n").await.json();
    assert!(looked["unreadable"].as_str().unwrap().contains("telephone number"), "{looked}");
    assert_eq!(looked["columns"][0], json!({ "header": "Reach", "field": null }));
    api.csv(path, "Reach,City\n1,Hoboken\n").await.problem(422);
    api.csv(&format!("{path}?map=tel%3DReach"), "Reach\n1\n").await.problem(422);
}

#[tokio::test]
async fn ring_time_and_target_change_as_it_runs_and_the_dialer_is_told() {
    let api = Api::start().await;
    let path = "/v1/campaigns/spring/settings";
    let body = r#"{"ring_s_max": 18, "abandonment_target": 0.02}"#;
    let changed = api.ask("POST", path, body).await.json();
    assert_eq!(
        (&changed["ring_s_max"], &changed["abandonment_target"]),
        (&18.0.into(), &0.02.into())
    );
    let told = api.floor.told();
    let [Input::Command(Command::Campaign(campaign))] = &told[..] else { panic!("{told:?}") };
    assert_eq!(campaign.ring_max.as_secs(), 18);
    let shown = api.ask("GET", "/v1/campaigns/spring", "").await.json();
    assert_eq!(shown["ring_s_max"], 18.0);
    for wrong in [r#"{"ring_s_max": 0}"#, r#"{"abandonment_target": 0.5}"#] {
        api.ask("POST", path, wrong).await.problem(422);
    }
}

#[tokio::test]
async fn what_a_rulebook_forbids_is_not_set() {
    let api = Api::start().await;
    let mut strict = super::spring(api.campaign);
    strict.rulebooks = vec!["us-tsr-tcpa".to_owned()];
    api.handle.campaign_change(strict).await;
    let path = "/v1/campaigns/spring/settings";
    let short = api.ask("POST", path, r#"{"ring_s_max": 12}"#).await.problem(422);
    assert!(short.contains("310.4(b)(4)(ii)"), "{short}");
    let bold = api.ask("POST", path, r#"{"abandonment_target": 0.04}"#).await.problem(422);
    assert!(bold.contains("310.4(b)(4)(i)"), "{bold}");
}

#[tokio::test]
async fn a_campaigns_file_is_checked_with_line_and_remedy() {
    let api = Api::start().await;
    let toml = "country = \"US\"\nring_s_max = 500\nnonsense = 1\n";
    let body = json!({ "name": "spring", "toml": toml }).to_string();
    let report = api.ask("POST", "/v1/campaign-files/check", &body).await.json();
    let faults = report["faults"].as_array().unwrap();
    let of_line = |line: u64| faults.iter().find(|fault| fault["line"] == line);
    assert!(of_line(2).unwrap()["message"].as_str().unwrap().contains("ring_s_max"), "{report}");
    assert!(of_line(3).is_some(), "{report}");
}

#[tokio::test]
async fn no_name_of_a_campaign_leads_out_of_the_folder() {
    let api = Api::start().await;
    let toml = "country = \"US\"\ncaller_ids = [\"+12015550100\"]\n";
    for name in ["..%2Fx", "%2Ftmp%2Fx", "..", "a%2Fb", "a.b", "A"] {
        let path = format!("/v1/campaign-files/{name}");
        let kept = api.ask("PUT", &path, &json!({ "toml": toml }).to_string()).await;
        assert!([404, 422].contains(&kept.status), "{name}: {}", kept.status);
        let read = api.ask("GET", &path, "").await;
        assert_eq!(read.status, 404, "{name}");
    }
    let body = json!({ "name": "../x", "toml": toml }).to_string();
    let report = api.ask("POST", "/v1/campaign-files/check", &body).await.json();
    assert!(report.to_string().contains("no name of a campaign"), "{report}");
}

#[tokio::test]
async fn the_audit_shows_the_newest_first_in_pages() {
    let api = Api::start().await;
    for action in ["start", "pause", "start"] {
        api.ask("POST", &format!("/v1/campaigns/spring/{action}"), "").await;
    }
    let first = api.ask("GET", "/v1/audit?limit=2", "").await.json();
    let phases = |page: &serde_json::Value| {
        let entries = page["entries"].as_array().unwrap().clone();
        let phase = |entry: &serde_json::Value| entry["body"]["phase"].as_str().unwrap().to_owned();
        entries.iter().map(phase).collect::<Vec<_>>()
    };
    assert_eq!(phases(&first), ["running", "paused"]);
    let next = first["next"].as_u64().unwrap();
    let second = api.ask("GET", &format!("/v1/audit?limit=2&before={next}"), "").await.json();
    assert_eq!((phases(&second), &second["next"]), (vec!["running".to_owned()], &json!(null)));
}

#[tokio::test]
async fn alarms_and_rulebooks_are_shown_to_who_may_look() {
    let api = Api::start().await;
    let alarm = Alarm {
        kind: AlarmKind::TrunkDown,
        about: "main".to_owned(),
        since: at(5),
        sentence: "Trunk main: it does not answer OPTIONS.".to_owned(),
    };
    api.floor.alarms.send_replace(Arc::from([alarm]));
    let session = api.session(Role::Auditor).await;
    let shown = api.ask_in(&session, "GET", "/v1/alarms", "").await.json();
    assert_eq!((&shown[0]["kind"], &shown[0]["about"]), (&"trunk_down".into(), &"main".into()));
    let books = api.ask_in(&session, "GET", "/v1/rulebooks", "").await.json();
    let us = books.as_array().unwrap().iter().find(|book| book["id"] == "us-tsr-tcpa").unwrap();
    assert!(us["rules"].as_array().unwrap().len() > 3);
    assert!(us["rules"][0]["citation"].as_str().is_some_and(|citation| !citation.is_empty()));
}
