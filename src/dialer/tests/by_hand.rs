//! Calls that agents choose.

use jiff::SignedDuration;

use super::{disposition, state};
use crate::call::CallEvent;
use crate::dialer::testing::{Bench, at, campaign, lead, number};
use crate::dialer::{AgentEvent, CampaignPhase, Command, Notice, Output, Record};
use crate::domain::{
    AgentId, AgentState, CallId, Campaign, CampaignId, Fault, LeadId, Outcome, PacingMode,
    PauseReason, PreviewEnd,
};

fn preview(look_s_max: Option<i64>, then: PreviewEnd) -> Campaign {
    let pacing = PacingMode::Preview {
        look_max: look_s_max.map(SignedDuration::from_secs),
        then,
        skipped_after: SignedDuration::from_secs(600),
    };
    Campaign { pacing, ..campaign(1) }
}

fn manual() -> Campaign {
    Campaign { pacing: PacingMode::Manual, ..campaign(1) }
}

fn chosen(id: i64) -> AgentEvent {
    AgentEvent::DialLead { lead: Box::new(lead(id, 1)), was_closed: false }
}

fn skip() -> AgentEvent {
    AgentEvent::SkipOffered { reason: "a competitor".to_owned() }
}

fn looks_at(lead: i64) -> AgentState {
    AgentState::Previewing { lead: LeadId(lead) }
}

/// The rules that agents were told since the last look.
fn refusals(bench: &mut Bench) -> Vec<String> {
    let rule = |output: &Output| match output {
        Output::Notify(Notice::DialRefused { rule, .. }) => Some(rule.clone()),
        _ => None,
    };
    std::mem::take(&mut bench.said).iter().filter_map(rule).collect()
}

#[test]
fn a_lead_is_offered_and_the_call_is_the_agents_from_the_first_ring_on() {
    let mut bench = Bench::new(preview(None, PreviewEnd::Dial), 1);
    assert_eq!((bench.told(), state(&bench, 1)), (vec![], looks_at(1)));
    bench.pass(3_600);
    assert_eq!(state(&bench, 1), looks_at(1), "for as long as they like");
    bench.agent(1, AgentEvent::DialOffered);
    assert_eq!(bench.told(), ["dial 1"]);
    assert_eq!(state(&bench, 1), AgentState::Reserved { call: CallId(1) });
    bench.call(1, CallEvent::Ringing);
    bench.call(1, CallEvent::Answered);
    assert_eq!(bench.told(), ["answered 1", "bridge 1 1"], "no detector");
    bench.call(1, CallEvent::Bridged { agent: AgentId(1) });
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    bench.agent(1, disposition(1, "sale"));
    let told = bench.told();
    assert_eq!(told[..3], ["bridged 1 1", "unbridge 1 1", "ended 1 talked Live"]);
    assert_eq!(state(&bench, 1), looks_at(2), "the next one");
}

#[test]
fn a_skipped_lead_goes_back_with_the_reason_and_the_next_is_offered() {
    let mut bench = Bench::new(preview(None, PreviewEnd::Dial), 1);
    bench.told();
    bench.agent(1, skip());
    assert_eq!(bench.told(), ["released 1 agent.skipped: a competitor"]);
    assert_eq!(state(&bench, 1), looks_at(2));
}

#[test]
fn when_the_time_for_looking_is_over_the_lead_is_dialed_or_skipped() {
    let mut bench = Bench::new(preview(Some(30), PreviewEnd::Dial), 1);
    bench.pass(29);
    assert_eq!(state(&bench, 1), looks_at(1));
    bench.pass(1);
    assert_eq!(bench.told(), ["dial 1"]);
    let mut bench = Bench::new(preview(Some(30), PreviewEnd::Skip), 1);
    bench.pass(30);
    assert_eq!(bench.told(), ["released 1 agent.skipped: no decision in time"]);
    bench.pass(29);
    assert_eq!(state(&bench, 1), looks_at(2), "the next one has its own time");
}

#[test]
fn an_offer_ends_with_the_pause_the_login_or_the_campaign() {
    for end in [
        AgentEvent::Pause(PauseReason("lunch".to_owned())),
        AgentEvent::LogOut,
        AgentEvent::LegLost,
    ] {
        let mut bench = Bench::new(preview(Some(30), PreviewEnd::Dial), 1);
        bench.told();
        bench.agent(1, end);
        assert_eq!(bench.told(), ["released 1 -"]);
        bench.pass(60);
        assert!(bench.told().is_empty());
    }
    let mut bench = Bench::new(preview(Some(30), PreviewEnd::Dial), 1);
    bench.told();
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Paused));
    assert_eq!((bench.told(), state(&bench, 1)), (vec!["released 1 -".into()], AgentState::Ready));
}

#[test]
fn an_offered_lead_that_may_not_be_called_any_more_makes_room_for_the_next() {
    let mut bench = Bench::new(preview(None, PreviewEnd::Dial), 1);
    bench.command(Command::DoNotCallAdd(number(1)));
    bench.agent(1, AgentEvent::DialOffered);
    assert_eq!(state(&bench, 1), looks_at(2));
    assert_eq!(refusals(&mut bench), ["dnc.internal"]);
}

#[test]
fn a_call_of_their_own_that_is_not_answered_leaves_the_agent_free() {
    let mut bench = Bench::new(manual(), 1);
    bench.agent(1, chosen(7));
    assert_eq!(bench.told(), ["dial 1"]);
    bench.end(1, Outcome::Busy, Fault::Callee);
    assert_eq!(bench.told(), ["ended 1 busy NotCounted"]);
    assert_eq!(state(&bench, 1), AgentState::Ready);
    bench.agent(1, disposition(1, "later"));
    assert_eq!(bench.told(), ["disposition 1 later"], "it was their call");
}

#[test]
fn an_agent_gives_up_a_call_that_rings_and_so_does_who_vanishes() {
    for end in [AgentEvent::HangUp, AgentEvent::LegLost, AgentEvent::LogOut] {
        let mut bench = Bench::new(manual(), 1);
        bench.agent(1, chosen(7));
        bench.told();
        bench.agent(1, end);
        assert_eq!(bench.told(), ["hang up 1"]);
        bench.end(1, Outcome::Cancelled, Fault::Us);
        assert_eq!(bench.told(), ["ended 1 cancelled NotCounted"]);
    }
}

#[test]
fn a_paused_agent_may_call_and_is_paused_again_after_it() {
    let mut bench = Bench::new(manual(), 1);
    let lunch = PauseReason("lunch".to_owned());
    bench.agent(1, AgentEvent::Pause(lunch.clone()));
    bench.agent(1, chosen(7));
    bench.end(1, Outcome::Busy, Fault::Callee);
    assert_eq!(state(&bench, 1), AgentState::Paused { reason: lunch });
}

#[test]
fn a_call_by_hand_passes_the_same_gate_and_is_made_once() {
    let mut bench = Bench::new(manual(), 3);
    bench.command(Command::DoNotCallAdd(number(9)));
    bench.agent(1, chosen(9));
    assert_eq!(refusals(&mut bench), ["dnc.internal"]);
    bench.agent(1, chosen(7));
    bench.agent(1, chosen(8));
    assert_eq!(refusals(&mut bench), ["agent.busy"]);
    bench.agent(2, chosen(7));
    assert_eq!(refusals(&mut bench), ["lead.in_use"]);
    let mut same_number = lead(10, 1);
    same_number.number = number(7);
    let event = AgentEvent::DialLead { lead: Box::new(same_number), was_closed: false };
    bench.agent(2, event);
    assert_eq!(refusals(&mut bench), ["number.in_progress"]);
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Paused));
    bench.agent(3, chosen(11));
    assert_eq!(refusals(&mut bench), ["campaign.at_rest"]);
}

#[test]
fn a_campaign_that_is_paced_is_not_dialed_by_hand() {
    let mut bench = Bench::new(campaign(1), 0);
    bench.log_in(1);
    bench.agent(1, AgentEvent::Pause(PauseReason("lunch".to_owned())));
    bench.agent(1, chosen(77));
    assert_eq!(refusals(&mut bench), ["campaign.paced"]);
}

#[test]
fn a_lead_that_was_closed_is_closed_again_when_it_may_not_be_called() {
    let mut bench = Bench::new(manual(), 1);
    bench.command(Command::DoNotCallAdd(number(9)));
    let lead = Box::new(lead(9, 1));
    bench.agent(1, AgentEvent::DialLead { lead, was_closed: true });
    let closed = |output: &Output| {
        matches!(output, Output::Record(Record::Released { due_at: None, rule: Some(_), .. }))
    };
    assert!(bench.said.iter().any(closed));
}

#[test]
fn a_lead_of_the_hopper_that_is_chosen_is_not_offered_again() {
    let mut bench = Bench::new(preview(None, PreviewEnd::Dial), 1);
    bench.agent(1, chosen(2));
    assert_eq!(bench.told(), ["released 1 -", "dial 1"], "lead 2 instead of the one offered");
    bench.now = at(10);
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    assert_eq!(state(&bench, 1), looks_at(3));
}
