//! Agents of several campaigns, and people who call in.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::call::CallEvent;
use crate::dialer::testing::{Bench, at, campaign, lead};
use crate::dialer::{AgentEvent, CampaignPhase, Command, Input};
use crate::domain::{
    AgentId, CallId, Campaign, CampaignId, Fault, InboundOrder, Outcome, PacingMode,
};

/// The driver's own numbers for calls that come in.
const IN: i64 = 1 << 40;

fn queue(id: i64, order: InboundOrder) -> Campaign {
    let wait_max = SignedDuration::from_secs(60);
    Campaign { pacing: PacingMode::Inbound { order }, wait_max, ..campaign(id) }
}

fn add(bench: &mut Bench, campaign: Campaign) {
    let id = campaign.id;
    bench.command(Command::Campaign(Arc::new(campaign)));
    bench.command(Command::Phase(id, CampaignPhase::Running));
}

/// An agent of campaigns 1 and 2.
fn log_in_for_both(bench: &mut Bench, agent: i64) {
    let campaigns = vec![CampaignId(1), CampaignId(2)];
    bench.agent(agent, AgentEvent::LogIn { name: "agent".to_owned(), campaigns });
    bench.agent(agent, AgentEvent::Ready);
}

fn call_in(bench: &mut Bench, n: i64) {
    let lead = Box::new(lead(700 + n, 2));
    bench.input(Input::Inbound { call: CallId(IN + n), lead });
}

/// Campaign 1 dials, campaign 2 is a queue; agent 1, of both, is with the person of call 1, and
/// agent 2, of campaign 1 only, with the one of call 2.
fn blended(order: InboundOrder) -> Bench {
    let mut bench = Bench::new(campaign(1), 0);
    add(&mut bench, queue(2, order));
    log_in_for_both(&mut bench, 1);
    bench.log_in(2);
    for call in 1..=2 {
        bench.person(call);
        bench.call(call, CallEvent::Bridged { agent: AgentId(call) });
    }
    bench.told();
    bench
}

#[test]
fn who_calls_in_is_joined_with_an_agent_who_is_ready_and_is_in_no_ledger() {
    let mut bench = Bench::new(queue(2, InboundOrder::First), 0);
    bench.command(Command::Phase(CampaignId(2), CampaignPhase::Running));
    let campaigns = vec![CampaignId(2)];
    bench.agent(1, AgentEvent::LogIn { name: "agent".to_owned(), campaigns });
    bench.agent(1, AgentEvent::Ready);
    assert!(bench.told().is_empty(), "nobody is called");
    call_in(&mut bench, 1);
    assert_eq!(bench.told(), [format!("bridge {} 1", IN + 1)]);
    bench.call(IN + 1, CallEvent::Bridged { agent: AgentId(1) });
    bench.end(IN + 1, Outcome::NoAnswer, Fault::Callee);
    let told = bench.told();
    assert_eq!(
        told.last().map(String::as_str),
        Some(&*format!("ended {} talked NotCounted", IN + 1))
    );
}

#[test]
fn who_calls_in_waits_as_long_as_the_queue_says_and_hears_its_message_then() {
    let mut bench = blended(InboundOrder::First);
    call_in(&mut bench, 1);
    bench.pass(59);
    assert!(bench.told().iter().all(|told| !told.contains("play")));
    bench.pass(1);
    assert!(bench.told().contains(&format!("play {} campaign", IN + 1)));
    bench.call(IN + 1, CallEvent::Played);
    bench.end(IN + 1, Outcome::Cancelled, Fault::Us);
    assert!(bench.told().contains(&format!("ended {} abandoned NotCounted", IN + 1)));
}

#[test]
fn nobody_waits_where_nobody_is_served() {
    let mut bench = blended(InboundOrder::First);
    bench.command(Command::Phase(CampaignId(2), CampaignPhase::Stopped));
    bench.told();
    call_in(&mut bench, 1);
    assert_eq!(bench.told(), [format!("hang up {}", IN + 1)]);
    bench.end(IN + 1, Outcome::Cancelled, Fault::Us);
    assert_eq!(bench.told(), [format!("ended {} cancelled NotCounted", IN + 1)]);
}

#[test]
fn people_who_share_a_number_are_all_served() {
    let mut bench = Bench::new(queue(2, InboundOrder::First), 0);
    bench.command(Command::Phase(CampaignId(2), CampaignPhase::Running));
    for agent in 1..=2 {
        let campaigns = vec![CampaignId(2)];
        bench.agent(agent, AgentEvent::LogIn { name: "agent".to_owned(), campaigns });
        bench.agent(agent, AgentEvent::Ready);
    }
    for call in 1..=2 {
        bench.input(Input::Inbound { call: CallId(IN + call), lead: Box::new(lead(700, 2)) });
    }
    assert_eq!(bench.told(), [format!("bridge {} 1", IN + 1), format!("bridge {} 2", IN + 2)]);
    bench.end(IN + 1, Outcome::HungUp, Fault::Callee);
    bench.end(IN + 2, Outcome::HungUp, Fault::Callee);
    assert_eq!(bench.told().iter().filter(|told| told.starts_with("ended")).count(), 2);
}

/// Two wait when agent 1 becomes free: one who called in, and one who was called so long ago.
fn first_served(order: InboundOrder, waited_ms: i64) -> String {
    let mut bench = blended(order);
    bench.now = at(10);
    // The call that was placed for agent 2 before is answered while both agents talk.
    let mut extra = campaign(1);
    extra.pacing = PacingMode::Ratio { calls_per_agent: 2.0 };
    bench.command(Command::Campaign(Arc::new(extra)));
    bench.log_in(3);
    bench.person(3);
    bench.call(3, CallEvent::Bridged { agent: AgentId(3) });
    bench.person(4);
    bench.now = at(10) + SignedDuration::from_millis(waited_ms);
    call_in(&mut bench, 1);
    bench.told();
    bench.agent(1, AgentEvent::HangUp);
    bench.agent(1, AgentEvent::Ready);
    let told = bench.told();
    told.iter().find(|told| told.starts_with("bridge")).cloned().unwrap_or_default()
}

#[test]
fn who_calls_in_goes_first_but_for_those_whose_legal_time_runs_out() {
    let inbound = format!("bridge {} 1", IN + 1);
    assert_eq!(first_served(InboundOrder::First, 100), inbound);
    assert_eq!(first_served(InboundOrder::First, 1_500), "bridge 4 1");
    assert_eq!(first_served(InboundOrder::Always, 1_500), inbound);
}

#[test]
fn agents_are_held_back_for_those_who_will_call_in() {
    let mut bench = Bench::new(campaign(1), 0);
    add(&mut bench, queue(2, InboundOrder::First));
    // A call in every two seconds, for ten minutes, with nobody there.
    for n in 1..=300 {
        bench.pass(2);
        call_in(&mut bench, n);
        bench.end(IN + n, Outcome::NoAnswer, Fault::Callee);
    }
    bench.told();
    (1..=8).for_each(|agent| log_in_for_both(&mut bench, agent));
    let dialed = bench.told().iter().filter(|told| told.starts_with("dial")).count();
    assert!((2..=5).contains(&dialed), "{dialed} of 8: about 4 are expected within 10 s");
}

/// Both campaigns always have somebody who waits; each agent is busy for a minute.
#[test]
fn people_are_served_by_the_weight_of_their_campaigns() {
    let order = InboundOrder::InTurn;
    let mut bench = Bench::new(Campaign { priority: 6, ..queue(1, order) }, 0);
    add(&mut bench, Campaign { priority: 2, ..queue(2, order) });
    for agent in 1..=2 {
        let campaigns = vec![CampaignId(1), CampaignId(2)];
        bench.agent(agent, AgentEvent::LogIn { name: "agent".to_owned(), campaigns });
    }
    let mut served = [0, 0];
    for minute in 0..240 {
        for campaign in 1..=2 {
            for n in 0..2 {
                let number = 4 * minute + 2 * campaign + n;
                let lead = Box::new(lead(number, campaign));
                bench.input(Input::Inbound { call: CallId(IN + number), lead });
            }
        }
        (1..=2).for_each(|agent| bench.agent(agent, AgentEvent::Ready));
        let talks: Vec<(i64, i64)> = bench.told().iter().filter_map(|told| bridge(told)).collect();
        for (call, agent) in talks {
            served[usize::from((call - IN - 4 * minute) >= 4)] += 1;
            bench.call(call, CallEvent::Bridged { agent: AgentId(agent) });
        }
        bench.pass(59);
        bench.command(Command::HangUpAll);
        for number in 4 * minute + 2..4 * minute + 6 {
            bench.end(IN + number, Outcome::Cancelled, Fault::Us);
        }
        bench.told();
        bench.pass(1);
    }
    let share = f64::from(served[0]) / f64::from(served[0] + served[1]);
    assert!((share - 0.75).abs() < 0.05, "{served:?}");
}

fn bridge(told: &str) -> Option<(i64, i64)> {
    let (call, agent) = told.strip_prefix("bridge ")?.split_once(' ')?;
    Some((call.parse().ok()?, agent.parse().ok()?))
}
