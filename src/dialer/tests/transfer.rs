//! What agents do with a person besides talking.

use super::{disposition, state};
use crate::call::CallEvent;
use crate::dialer::testing::{Bench, campaign, lead};
use crate::dialer::{AgentEvent, Command, Destination, LedgerEntry, Notice, Output, Record};
use crate::domain::{
    AgentId, AgentState, Amd, CallId, Campaign, CampaignId, Fault, Outcome, PacingMode, PauseReason,
};

const ANA: i64 = 1;
const BO: i64 = 2;

/// Ana talks with the person of call 1; nobody else is dialed. The others are as they were left.
fn talking(agents: i64) -> Bench {
    let manual = Campaign { pacing: PacingMode::Manual, amd: Amd::Off, ..campaign(1) };
    let mut bench = Bench::new(manual, agents);
    bench.agent(ANA, AgentEvent::DialLead { lead: Box::new(lead(1, 1)), was_closed: false });
    bench.call(1, CallEvent::Answered);
    bench.call(1, CallEvent::Bridged { agent: AgentId(ANA) });
    bench.told();
    bench
}

fn outside(id: i64) -> Destination {
    Destination::Number { lead: Box::new(lead(id, 1)), was_closed: true }
}

fn bo() -> Destination {
    Destination::Agent(AgentId(BO))
}

fn talks(call: i64) -> AgentState {
    AgentState::Talking { call: CallId(call) }
}

fn wraps_up(call: i64) -> AgentState {
    AgentState::WrapUp { call: CallId(call) }
}

/// Why agents were told no since the last look.
fn refusals(bench: &mut Bench) -> usize {
    let is_no = |output: &&Output| {
        let Output::Notify(notice) = output else { return false };
        matches!(notice, Notice::HandingRefused { .. } | Notice::DialRefused { .. })
    };
    std::mem::take(&mut bench.said).iter().filter(is_no).count()
}

fn record(bench: &Bench, id: i64) -> crate::dialer::CallRecord {
    let of = |output: &Output| match output {
        Output::Record(Record::Ended(record)) if record.call == CallId(id) => Some(record.clone()),
        _ => None,
    };
    *bench.said.iter().find_map(of).unwrap()
}

#[test]
fn a_person_is_handed_to_a_colleague_at_once_and_is_the_colleagues_then() {
    for to in [bo(), Destination::Campaign(CampaignId(1))] {
        let mut bench = talking(2);
        bench.agent(ANA, AgentEvent::Transfer { to });
        assert_eq!(bench.told(), ["unbridge 1 1", "bridge 1 2"]);
        assert_eq!(state(&bench, ANA), wraps_up(1));
        bench.call(1, CallEvent::Bridged { agent: AgentId(BO) });
        assert_eq!(state(&bench, BO), talks(1));
        // Ana says something of it; Bo, who comes after, has the last word.
        bench.agent(ANA, disposition(1, "later"));
        bench.agent(BO, disposition(1, "sale"));
        assert_eq!(state(&bench, ANA), AgentState::Ready);
        bench.told();
        bench.end(1, Outcome::Failed, Fault::Callee);
        assert_eq!(
            bench.told()[..],
            ["unbridge 1 2", "ended 1 talked Live", "disposition 1 sale"].map(str::to_owned)
        );
    }
}

#[test]
fn who_hands_on_to_a_colleague_who_is_not_ready_keeps_the_person() {
    let mut bench = talking(2);
    bench.agent(BO, AgentEvent::Pause(PauseReason("lunch".to_owned())));
    for to in [bo(), Destination::Campaign(CampaignId(1)), Destination::Agent(AgentId(77))] {
        bench.agent(ANA, AgentEvent::Transfer { to: to.clone() });
        bench.agent(ANA, AgentEvent::Consult { with: to });
        assert_eq!((refusals(&mut bench), state(&bench, ANA)), (2, talks(1)));
    }
}

#[test]
fn a_bridge_to_the_colleague_that_fails_leaves_the_person_in_the_queue() {
    let mut bench = talking(2);
    bench.agent(ANA, AgentEvent::Transfer { to: bo() });
    bench.call(1, CallEvent::BridgeFailed { agent: AgentId(BO) });
    bench.agent(ANA, AgentEvent::Ready);
    assert_eq!(state(&bench, ANA), AgentState::Reserved { call: CallId(1) }, "back to who was");
}

#[test]
fn the_person_hears_music_while_a_colleague_is_asked_and_comes_back() {
    let mut bench = talking(2);
    bench.agent(ANA, AgentEvent::Consult { with: bo() });
    assert_eq!(bench.told(), ["converse 1 1 +agent 2 held"]);
    assert_eq!((state(&bench, ANA), state(&bench, BO)), (talks(1), talks(1)));
    bench.agent(ANA, AgentEvent::Conference);
    assert_eq!(bench.told(), ["converse 1 1 +agent 2"]);
    bench.agent(ANA, AgentEvent::Dismiss);
    assert_eq!(bench.told(), ["converse 1 1"]);
    assert_eq!(state(&bench, BO), AgentState::Ready);
    bench.agent(ANA, AgentEvent::Consult { with: bo() });
    bench.told();
    bench.agent(BO, AgentEvent::HangUp);
    assert_eq!(bench.told(), ["converse 1 1"], "a colleague ends nobody's call");
    assert_eq!(state(&bench, ANA), talks(1));
}

#[test]
fn who_has_asked_a_colleague_leaves_the_person_with_them() {
    let mut bench = talking(2);
    bench.agent(ANA, AgentEvent::Consult { with: bo() });
    bench.told();
    bench.agent(ANA, AgentEvent::HandOver);
    assert_eq!(bench.told(), ["unbridge 1 1", "bridged 1 2", "converse 1 2"]);
    assert_eq!((state(&bench, ANA), state(&bench, BO)), (wraps_up(1), talks(1)));
    bench.end(1, Outcome::Failed, Fault::Callee);
    assert_eq!(record(&bench, 1).agent, Some(AgentId(BO)));
    assert_eq!(state(&bench, BO), wraps_up(1));
}

#[test]
fn whichever_of_the_two_agents_vanishes_the_person_has_the_other() {
    let mut bench = talking(2);
    bench.agent(ANA, AgentEvent::Consult { with: bo() });
    bench.told();
    bench.agent(ANA, AgentEvent::LegLost);
    assert_eq!(bench.told(), ["unbridge 1 1", "bridged 1 2", "converse 1 2"]);
    let mut bench = talking(2);
    bench.agent(ANA, AgentEvent::Consult { with: bo() });
    bench.told();
    bench.agent(BO, AgentEvent::LegLost);
    assert_eq!(bench.told(), ["converse 1 1"]);
    assert_eq!(state(&bench, ANA), talks(1));
}

#[test]
fn an_outside_number_is_asked_then_all_three_talk_and_then_the_two_without_the_agent() {
    let mut bench = talking(1);
    bench.agent(ANA, AgentEvent::Consult { with: outside(7) });
    assert_eq!(bench.told(), ["dial 2", "converse 1 1 +call 2 held"]);
    bench.call(2, CallEvent::EarlyMedia);
    assert_eq!(bench.told(), ["converse 1 1 +call 2 held"], "the agent hears it ring");
    bench.call(2, CallEvent::Answered);
    let told = bench.told();
    assert_eq!(told, ["answered 2", "bridged 2 1", "converse 1 1 +call 2 held"]);
    bench.agent(ANA, AgentEvent::Conference);
    assert_eq!(bench.told(), ["converse 1 1 +call 2"]);
    bench.agent(ANA, AgentEvent::HandOver);
    assert_eq!(bench.told(), ["unbridge 1 1", "converse 1 nobody +call 2"]);
    assert_eq!(state(&bench, ANA), wraps_up(1));
    // Either side's end is the other's.
    bench.end(1, Outcome::Failed, Fault::Callee);
    assert_eq!(bench.told(), ["hang up 2", "ended 1 talked Live"]);
    bench.end(2, Outcome::Failed, Fault::Us);
    let record = record(&bench, 2);
    assert_eq!((record.outcome, record.ledger), (Outcome::Talked, LedgerEntry::NotCounted));
    assert_eq!(record.lead_due_at, None, "it was closed and is again");
}

#[test]
fn a_person_is_handed_to_an_outside_number_when_it_has_answered_and_stays_when_nobody_does() {
    let mut bench = talking(1);
    bench.agent(ANA, AgentEvent::Transfer { to: outside(7) });
    assert_eq!(bench.told(), ["dial 2", "converse 1 1 +call 2 held"]);
    assert_eq!(state(&bench, ANA), talks(1));
    bench.end(2, Outcome::Busy, Fault::Callee);
    assert_eq!(bench.told()[..1], ["converse 1 1"], "back with the person");

    bench.agent(ANA, AgentEvent::Transfer { to: outside(8) });
    bench.told();
    bench.call(3, CallEvent::Answered);
    let told = bench.told();
    assert_eq!(told[2..], ["unbridge 1 1", "converse 1 nobody +call 3"].map(str::to_owned));
    bench.end(3, Outcome::Failed, Fault::Callee);
    assert!(bench.told().contains(&"hang up 1".to_owned()), "nobody is left in silence");
}

#[test]
fn the_person_who_hangs_up_ends_the_outside_call_too() {
    let mut bench = talking(1);
    bench.agent(ANA, AgentEvent::Consult { with: outside(7) });
    bench.told();
    bench.end(1, Outcome::Failed, Fault::Callee);
    assert!(bench.told().contains(&"hang up 2".to_owned()));
    assert_eq!(state(&bench, ANA), wraps_up(1));
    // An answer that crosses it is of nobody.
    bench.call(2, CallEvent::Answered);
    bench.end(2, Outcome::Cancelled, Fault::Us);
    assert_eq!(record(&bench, 2).ledger, LedgerEntry::NotCounted);
}

#[test]
fn an_outside_number_passes_the_gate_as_every_other_does() {
    let mut bench = talking(1);
    bench.command(Command::DoNotCallAdd(lead(7, 1).number));
    for event in [
        AgentEvent::Consult { with: outside(7) },
        AgentEvent::Transfer { to: outside(7) },
        // The person's own number.
        AgentEvent::Transfer { to: outside(1) },
    ] {
        bench.agent(ANA, event);
        assert_eq!((refusals(&mut bench), state(&bench, ANA)), (1, talks(1)));
    }
}

#[test]
fn a_parked_call_is_taken_up_by_whoever_asks_first() {
    let mut bench = talking(3);
    bench.agent(ANA, AgentEvent::Park);
    assert_eq!(bench.told(), ["unbridge 1 1", "converse 1 nobody held"]);
    assert_eq!(state(&bench, ANA), wraps_up(1));
    let parked = bench.dialer.view(bench.now).parked;
    assert_eq!((parked.len(), parked[0].by), (1, AgentId(ANA)));
    let retrieve = AgentEvent::Retrieve { call: CallId(1) };
    bench.agent(BO, retrieve.clone());
    assert_eq!(bench.told(), ["bridge 1 2"]);
    bench.agent(3, retrieve);
    assert_eq!((refusals(&mut bench), state(&bench, 3)), (1, AgentState::Ready));
}

#[test]
fn a_parked_call_goes_back_to_who_has_parked_it_or_to_the_first_who_is_free() {
    let mut bench = talking(2);
    bench.agent(ANA, AgentEvent::Park);
    bench.agent(ANA, disposition(1, "later"));
    bench.told();
    bench.pass(179);
    assert_eq!(bench.told(), [""; 0]);
    bench.pass(2);
    assert_eq!(bench.told(), ["bridge 1 1"], "though Bo has been idle longer");

    let mut bench = talking(1);
    bench.agent(ANA, AgentEvent::Park);
    bench.agent(ANA, AgentEvent::Pause(PauseReason("lunch".to_owned())));
    bench.pass(185);
    bench.told();
    bench.log_in(BO);
    assert_eq!(bench.told(), ["bridge 1 2"]);
}

#[test]
fn who_is_parked_and_finds_nobody_hears_the_message_and_has_talked_all_the_same() {
    let mut bench = talking(1);
    bench.agent(ANA, AgentEvent::Park);
    bench.agent(ANA, AgentEvent::LogOut);
    bench.told();
    bench.pass(245);
    assert_eq!(bench.told(), ["play 1"]);
    bench.call(1, CallEvent::Played);
    bench.end(1, Outcome::Failed, Fault::Us);
    assert_eq!(record(&bench, 1).outcome, Outcome::Talked);
}

#[test]
fn a_message_is_left_by_the_agent_who_goes_on() {
    let mut bench = talking(1);
    bench.agent(ANA, AgentEvent::LeaveMessage);
    assert_eq!(bench.told(), ["unbridge 1 1", "play 1 voicemail"]);
    assert_eq!(state(&bench, ANA), wraps_up(1));
    bench.call(1, CallEvent::Played);
    assert_eq!(bench.told(), ["hang up 1"]);
}
