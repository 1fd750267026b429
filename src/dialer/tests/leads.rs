//! Leads and numbers: who is called, who is not, and when again.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::call::CallEvent;
use crate::dialer::testing::{Bench, at, campaign, lead, number};
use crate::dialer::{AgentEvent, CampaignPhase, Command, Input};
use crate::domain::{
    AgentId, CallId, CampaignId, Disposition, Fault, Lead, LeadId, Outcome, PacingMode,
};

/// A bench whose hopper has been emptied of what it fetched by itself.
fn without_leads(agents: i64) -> Bench {
    let mut bench = Bench::new(campaign(1), agents);
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Stopped));
    for call in 1..=agents {
        bench.end(call, Outcome::InvalidNumber, Fault::Callee);
    }
    bench.now = at(3_600);
    bench.told();
    bench
}

/// Starts the campaign; the store answers with these leads and no more.
fn start_with(bench: &mut Bench, leads: Vec<Lead>) {
    let start = Command::Phase(CampaignId(1), CampaignPhase::Running);
    bench.dialer.handle_input(Input::Command(start), bench.now);
    while bench.dialer.poll_output().is_some() {}
    bench.input(Input::Leads { campaign: CampaignId(1), leads, next_due: None });
}

fn answer(leads: Vec<Lead>) -> Input {
    Input::Leads { campaign: CampaignId(1), leads, next_due: None }
}

#[test]
fn one_number_is_on_one_line() {
    let mut bench = without_leads(2);
    let twin = Lead { id: LeadId(501), number: number(500), ..lead(501, 1) };
    start_with(&mut bench, vec![lead(500, 1), twin]);
    assert_eq!(bench.told(), ["dial 3", "released 501 number.in_progress"]);
}

#[test]
fn a_lead_that_is_handed_out_twice_is_dialed_once() {
    let mut bench = without_leads(2);
    start_with(&mut bench, vec![lead(500, 1), lead(500, 1)]);
    assert_eq!(bench.told(), ["dial 3"]);
    bench.input(answer(vec![lead(500, 1)]));
    assert!(bench.told().is_empty(), "nobody asked, and giving it back would free it");
}

#[test]
fn a_lead_handed_out_before_its_call_ended_waits_for_its_turn() {
    let mut bench = without_leads(1);
    start_with(&mut bench, vec![lead(500, 1)]);
    bench.end(2, Outcome::Busy, Fault::Callee);
    bench.told();
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Stopped));
    start_with(&mut bench, vec![lead(500, 1)]);
    assert_eq!(bench.told(), ["released 500 -"], "busy: a minute later");
    bench.now += SignedDuration::from_secs(61);
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Stopped));
    start_with(&mut bench, vec![lead(500, 1)]);
    assert_eq!(bench.told(), ["dial 3"]);
}

#[test]
fn leads_of_another_campaign_and_leads_that_nobody_asked_for_go_back() {
    let mut bench = without_leads(1);
    start_with(&mut bench, vec![lead(500, 1), lead(600, 7)]);
    assert_eq!(bench.told(), ["released 600 -", "dial 2"]);
    bench.input(answer(vec![lead(501, 1)]));
    assert_eq!(bench.told(), ["released 501 -"]);
}

#[test]
fn a_store_that_does_not_answer_is_asked_again() {
    let mut bench = without_leads(1);
    let start = Command::Phase(CampaignId(1), CampaignPhase::Running);
    bench.dialer.handle_input(Input::Command(start), bench.now);
    while bench.dialer.poll_output().is_some() {}
    bench.pass(4);
    assert!(bench.told().is_empty());
    // The bench answers this time.
    bench.pass(1);
    assert_eq!(bench.told(), ["dial 2"]);
}

#[test]
fn more_leads_are_asked_for_when_the_store_has_changed() {
    let mut bench = without_leads(1);
    start_with(&mut bench, Vec::new());
    bench.pass(3_600);
    let sentence = bench.dialer.view(bench.now).campaigns[0].why.clone().unwrap().sentence;
    assert_eq!(sentence, "no lead is left");
    assert!(bench.dialer.view(bench.now).campaigns[0].exhausted);
    assert!(bench.told().is_empty());
    bench.command(Command::LeadsChanged(CampaignId(1)));
    assert_eq!(bench.told(), ["dial 2"]);
}

#[test]
fn a_lead_that_is_due_again_wakes_the_hopper() {
    let mut bench = without_leads(1);
    start_with(&mut bench, vec![lead(500, 1)]);
    bench.end(2, Outcome::Busy, Fault::Callee);
    bench.told();
    bench.pass(59);
    assert!(bench.told().is_empty());
    bench.pass(1);
    assert_eq!(bench.told(), ["dial 3"], "asked at the very second");
}

#[test]
fn a_callback_comes_when_it_was_promised() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.person(1);
    bench.call(1, CallEvent::Bridged { agent: AgentId(1) });
    let promised = at(5_000);
    let said = AgentEvent::Disposition {
        call: CallId(1),
        disposition: Disposition("later".to_owned()),
        note: Some("after six".to_owned()),
        callback_at: Some(promised),
    };
    bench.agent(1, said);
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    let due = bench.said.iter().find_map(|output| match output {
        crate::dialer::Output::Record(crate::dialer::Record::Disposition { due_at, .. }) => *due_at,
        _ => None,
    });
    assert_eq!(due, Some(promised));
}

#[test]
fn calls_that_ring_for_nobody_are_given_up_after_the_fifteen_seconds_of_the_law() {
    // 16 CFR 310.4(b)(4)(ii).
    let mut bench = Bench::new(campaign(1), 2);
    bench.agent(1, AgentEvent::LogOut);
    bench.pass(10);
    bench.agent(2, AgentEvent::LogOut);
    bench.told();
    bench.pass(4);
    assert!(bench.told().is_empty());
    bench.pass(1);
    assert_eq!(bench.told(), ["hang up 1", "hang up 2"]);
}

#[test]
fn an_agent_of_two_campaigns_gets_one_call() {
    let mut bench = Bench::new(campaign(1), 0);
    bench.command(Command::Campaign(Arc::new(campaign(2))));
    bench.command(Command::Phase(CampaignId(2), CampaignPhase::Running));
    let campaigns = vec![CampaignId(1), CampaignId(2)];
    bench.agent(1, AgentEvent::LogIn { name: "agent".to_owned(), campaigns });
    bench.agent(1, AgentEvent::Ready);
    assert_eq!(bench.told(), ["dial 1"]);
    bench.end(1, Outcome::InvalidNumber, Fault::Callee);
    bench.end(2, Outcome::InvalidNumber, Fault::Callee);
    let campaign_of = |lead: i64| if lead <= 20 { 1 } else { 2 };
    let dialed: Vec<i64> = bench
        .said
        .iter()
        .filter_map(|output| match output {
            crate::dialer::Output::Originate(_, permit) => Some(campaign_of(permit.lead().0)),
            _ => None,
        })
        .collect();
    assert_eq!(dialed.len(), 2);
    assert_ne!(dialed[0], dialed[1], "they take turns");
}

#[test]
fn other_settings_hold_from_the_next_decision_on() {
    let mut bench = Bench::new(campaign(1), 2);
    bench.told();
    let ratio = PacingMode::Ratio { calls_per_agent: 2.0 };
    let faster = crate::domain::Campaign { pacing: ratio, ..campaign(1) };
    bench.command(Command::Campaign(Arc::new(faster)));
    assert_eq!(bench.told(), ["dial 3", "dial 4"]);
}
