//! The step, fact by fact.

mod broadcast;
mod by_hand;
mod do_not_call;
mod floors;
mod leads;
mod ledger;
mod screening;
mod transfer;

use jiff::SignedDuration;

use super::testing::{Bench, at, campaign, cause, number, verdict};
use super::{AgentEvent, CampaignPhase, Command, Input, Output, Record};
use crate::call::{CallEvent, EndCause};
use crate::domain::{
    AgentId, AgentState, CallId, CampaignId, Digit, Disposition, Fault, Outcome, PauseReason,
    VerdictKind,
};

fn records(bench: &Bench) -> Vec<super::CallRecord> {
    let of = |output: &Output| match output {
        Output::Record(Record::Ended(record)) => Some((**record).clone()),
        _ => None,
    };
    bench.said.iter().filter_map(of).collect()
}

fn disposition(call: i64, code: &str) -> AgentEvent {
    AgentEvent::Disposition {
        call: CallId(call),
        disposition: Disposition(code.to_owned()),
        note: None,
        callback_at: None,
    }
}

fn state(bench: &Bench, agent: i64) -> AgentState {
    bench.dialer.agents.state(AgentId(agent))
}

/// One agent, one person: the call that everything else departs from.
fn talking() -> Bench {
    let mut bench = Bench::new(campaign(1), 1);
    bench.person(1);
    bench.call(1, CallEvent::Bridged { agent: AgentId(1) });
    bench.told();
    bench
}

#[test]
fn a_call_from_dial_to_disposition() {
    let mut bench = Bench::new(campaign(1), 1);
    assert_eq!(bench.told(), ["dial 1"]);
    bench.call(1, CallEvent::Ringing);
    bench.person(1);
    assert_eq!(bench.told(), ["answered 1", "screen 1", "bridge 1 1"]);
    bench.call(1, CallEvent::Bridged { agent: AgentId(1) });
    bench.agent(1, AgentEvent::HangUp);
    assert_eq!(bench.told(), ["bridged 1 1", "unbridge 1 1", "hang up 1"]);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    assert_eq!(bench.told(), ["ended 1 talked Live"]);
    assert_eq!(state(&bench, 1), AgentState::WrapUp { call: CallId(1) });
    bench.agent(1, disposition(1, "later"));
    assert_eq!(bench.told(), ["disposition 1 later", "dial 2"]);
}

#[test]
fn a_word_said_during_the_talk_is_kept_until_the_end_and_spares_the_wrap_up() {
    let mut bench = talking();
    bench.agent(1, disposition(1, "later"));
    assert!(bench.told().is_empty());
    bench.now = at(100);
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    assert_eq!(records(&bench)[0].lead_due_at, Some(at(700)));
    let told = bench.told();
    assert_eq!(told, ["unbridge 1 1", "ended 1 talked Live", "disposition 1 later", "dial 2"]);
}

#[test]
fn wrap_up_ends_by_time_and_a_late_word_still_finds_its_call() {
    let mut bench = talking();
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    bench.pass(29);
    assert_eq!(state(&bench, 1), AgentState::WrapUp { call: CallId(1) });
    bench.pass(1);
    assert_eq!(state(&bench, 1), AgentState::Ready);
    bench.told();
    bench.agent(2, disposition(1, "sale"));
    assert!(bench.told().is_empty(), "not their call");
    bench.agent(1, disposition(1, "sale"));
    assert_eq!(bench.told(), ["disposition 1 sale"]);
    assert_eq!(state(&bench, 1), AgentState::Ready);
}

#[test]
fn a_person_without_an_agent_in_time_hears_the_message_and_then_the_call_ends() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.person(1);
    bench.agent(1, AgentEvent::LegLost);
    bench.told();
    bench.pass(2);
    assert_eq!(bench.told(), ["play 1"]);
    bench.call(1, CallEvent::Played);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    assert_eq!(bench.told(), ["hang up 1", "ended 1 abandoned Abandoned"]);
}

#[test]
fn a_message_that_does_not_end_is_ended() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.call(1, CallEvent::Answered);
    bench.agent(1, AgentEvent::LogOut);
    bench.call(1, CallEvent::Screened(verdict(VerdictKind::Human)));
    bench.pass(2);
    bench.told();
    bench.pass(60);
    assert_eq!(bench.told(), ["hang up 1"]);
}

#[test]
fn the_opt_out_key_is_in_the_books_before_the_call_is() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.call(1, CallEvent::Digit(Digit::new('9').unwrap()));
    bench.person(1);
    bench.call(1, CallEvent::Digit(Digit::new('1').unwrap()));
    bench.told();
    (0..2).for_each(|_| bench.call(1, CallEvent::Digit(Digit::new('9').unwrap())));
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    let record = records(&bench).remove(0);
    assert_eq!((record.digits.as_str(), record.lead_due_at), ("199", None));
    let told = bench.told();
    assert_eq!(told[..2], ["do-not-call 1", "unbridge 1 1"]);
}

#[test]
fn what_is_not_a_person_never_reaches_an_agent() {
    for (kind, outcome) in [
        (VerdictKind::Fax, Outcome::Fax),
        (VerdictKind::Machine, Outcome::AnsweringMachine),
        (VerdictKind::Silence, Outcome::Silence),
        (VerdictKind::Tone, Outcome::FalseAnswer),
    ] {
        let mut bench = Bench::new(campaign(1), 1);
        bench.call(1, CallEvent::Answered);
        bench.told();
        bench.call(1, CallEvent::Screened(verdict(kind)));
        assert_eq!(bench.told(), ["hang up 1", "dial 2"]);
        bench.end(1, Outcome::Cancelled, Fault::Us);
        assert_eq!(bench.told(), [format!("ended 1 {outcome} NotCounted")]);
    }
}

#[test]
fn an_answer_that_crosses_our_cancel_is_an_abandoned_call() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.pass(25);
    assert_eq!(bench.told(), ["dial 1", "hang up 1", "dial 2"]);
    bench.call(1, CallEvent::Answered);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    assert_eq!(bench.told(), ["answered 1", "ended 1 abandoned Abandoned"]);
}

#[test]
fn a_call_that_rings_out_is_no_answer_and_counts() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.pass(25);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    let record = records(&bench).remove(0);
    assert_eq!((record.outcome, record.counts), (Outcome::NoAnswer, true));
    assert_eq!(record.lead_due_at, Some(at(85)));
}

#[test]
fn a_black_hole_after_the_cancel_is_the_carriers_fault() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.pass(25);
    bench.end(1, Outcome::Failed, Fault::Carrier);
    let record = records(&bench).remove(0);
    assert_eq!((record.outcome, record.counts), (Outcome::Failed, false));
}

#[test]
fn a_line_that_never_says_the_end_is_written_off() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.pass(25);
    bench.told();
    bench.pass(64);
    let ended: Vec<_> = records(&bench).iter().map(|record| record.call).collect();
    assert!(ended.contains(&CallId(1)), "{ended:?}");
    bench.told();
    bench.end(1, Outcome::Cancelled, Fault::Us);
    assert!(bench.told().is_empty(), "one record a call");
}

#[test]
fn a_bridge_that_fails_takes_the_person_to_the_next_agent() {
    let mut bench = Bench::new(campaign(1), 2);
    bench.person(1);
    bench.told();
    bench.call(1, CallEvent::BridgeFailed { agent: AgentId(1) });
    assert_eq!(bench.told(), ["unbridge 1 1", "bridge 1 2"]);
    let reason = PauseReason("bridge_failed".to_owned());
    assert_eq!(state(&bench, 1), AgentState::Paused { reason });
}

#[test]
fn an_agent_who_vanishes_leaves_the_person_to_the_next() {
    let mut bench = talking();
    bench.log_in(2);
    bench.told();
    bench.agent(1, AgentEvent::LegLost);
    assert_eq!(bench.told(), ["unbridge 1 1", "bridge 1 2"]);
    bench.call(1, CallEvent::Bridged { agent: AgentId(2) });
    bench.agent(2, AgentEvent::HangUp);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    let record = records(&bench).remove(0);
    assert_eq!((record.agent, record.outcome), (Some(AgentId(2)), Outcome::Talked));
}

#[test]
fn an_agent_who_logs_out_ends_the_call() {
    let mut bench = talking();
    bench.agent(1, AgentEvent::LogOut);
    assert_eq!(bench.told(), ["unbridge 1 1", "hang up 1"]);
    assert_eq!(state(&bench, 1), AgentState::LoggedOut);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    bench.agent(1, disposition(1, "sale"));
    assert_eq!(bench.told(), ["ended 1 talked Live", "disposition 1 sale"]);
}

#[test]
fn a_pause_during_the_talk_comes_after_it() {
    let mut bench = talking();
    let reason = PauseReason("lunch".to_owned());
    bench.agent(1, AgentEvent::Pause(reason.clone()));
    assert_eq!(state(&bench, 1), AgentState::Talking { call: CallId(1) });
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    bench.agent(1, disposition(1, "sale"));
    assert_eq!(state(&bench, 1), AgentState::Paused { reason });
    assert!(!bench.told().iter().any(|told| told.starts_with("dial")));
}

#[test]
fn dead_air_ends_the_call_and_frees_the_agent() {
    let mut bench = talking();
    bench.call(1, CallEvent::MediaTimeout);
    assert_eq!(bench.told(), ["unbridge 1 1", "hang up 1"]);
    assert_eq!(state(&bench, 1), AgentState::WrapUp { call: CallId(1) });
}

#[test]
fn a_person_who_leaves_during_the_join_gives_the_agent_back() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.person(1);
    bench.told();
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    assert_eq!(bench.told(), ["unbridge 1 1", "ended 1 hung_up Live", "dial 2"]);
}

#[test]
fn an_agent_who_comes_too_late_talks_and_the_ledger_says_abandoned() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.person(1);
    bench.pass(1);
    bench.now = at(3);
    bench.call(1, CallEvent::Bridged { agent: AgentId(1) });
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    let record = records(&bench).remove(0);
    assert_eq!(record.outcome, Outcome::Talked);
    assert_eq!(record.ledger, super::LedgerEntry::Abandoned);
    assert!(!bench.told().contains(&"bridged 1 1".to_owned()), "the ledger is not cleared");
}

#[test]
fn do_not_call_stops_the_phone_that_rings_and_the_lead_that_waits() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.told();
    bench.command(Command::DoNotCallAdd(number(2)));
    bench.command(Command::DoNotCallAdd(number(1)));
    assert_eq!(bench.told(), ["hang up 1", "released 2 dnc.internal", "dial 2"]);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    assert_eq!(records(&bench)[0].lead_due_at, None);
}

#[test]
fn a_disposition_can_keep_the_number_from_being_called_again() {
    let mut bench = talking();
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    bench.told();
    bench.agent(1, disposition(1, "never"));
    assert_eq!(bench.told()[0], "disposition 1 never do-not-call");
}

#[test]
fn nobody_is_dialed_on_books_that_take_no_writes_or_by_a_clock_that_was_moved() {
    for (stop, go) in [
        (Command::BooksBehind(true), Command::BooksBehind(false)),
        (Command::ClockMoved(true), Command::ClockMoved(false)),
    ] {
        let mut bench = talking();
        bench.command(stop);
        bench.agent(1, AgentEvent::HangUp);
        bench.end(1, Outcome::Cancelled, Fault::Us);
        bench.agent(1, AgentEvent::Ready);
        assert_eq!(bench.told(), ["unbridge 1 1", "hang up 1", "ended 1 talked Live"]);
        bench.command(go);
        assert!(bench.told()[0].starts_with("dial "), "it goes on by itself");
    }
}

#[test]
fn drain_dials_no_more_and_gives_the_leads_back() {
    let mut bench = talking();
    bench.command(Command::Drain);
    let told = bench.told();
    assert!(told.iter().all(|told| told.starts_with("released")), "{told:?}");
    assert_eq!(told.len(), 19);
    bench.agent(1, AgentEvent::HangUp);
    bench.end(1, Outcome::Cancelled, Fault::Us);
    bench.agent(1, AgentEvent::Ready);
    assert_eq!(bench.told(), ["unbridge 1 1", "hang up 1", "ended 1 talked Live"]);
}

#[test]
fn hang_up_all_ends_every_call() {
    let mut bench = Bench::new(campaign(1), 3);
    bench.person(1);
    bench.call(2, CallEvent::Answered);
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Paused));
    bench.told();
    bench.command(Command::HangUpAll);
    assert_eq!(bench.told(), ["unbridge 1 1", "hang up 1", "hang up 2", "hang up 3"]);
}

#[test]
fn a_campaign_that_is_stopped_gives_its_leads_back_and_fetches_anew() {
    let mut bench = Bench::new(campaign(1), 1);
    bench.told();
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Stopped));
    assert_eq!(bench.told().len(), 19);
    bench.end(1, Outcome::Busy, Fault::Callee);
    bench.command(Command::Phase(CampaignId(1), CampaignPhase::Running));
    assert_eq!(bench.told(), ["ended 1 busy NotCounted", "dial 2"]);
}

#[test]
fn lines_that_fail_are_tried_one_at_a_time_and_less_and_less() {
    let mut bench = Bench::new(campaign(1), 3);
    for call in 1..=5 {
        bench.end(call, Outcome::Failed, Fault::Carrier);
    }
    let dialed = |bench: &mut Bench| bench.told().iter().filter(|t| t.starts_with("dial")).count();
    assert_eq!(dialed(&mut bench), 7, "three at first, one for each of four that failed");
    bench.pass(60);
    bench.told();
    let sentence = bench.dialer.view(bench.now).campaigns[0].why.clone().unwrap().sentence;
    assert!(sentence.starts_with("the last 5 calls failed"), "{sentence}");
}

#[test]
fn a_fault_of_ours_costs_the_lead_no_attempt() {
    let mut bench = Bench::new(campaign(1), 1);
    let asked = Some(SignedDuration::from_secs(300));
    let cause = EndCause { retry_after: asked, ..cause(Outcome::Failed, Fault::Carrier) };
    bench.call(1, CallEvent::Ended(cause));
    let record = records(&bench).remove(0);
    assert!(!record.counts);
    assert_eq!(record.lead_due_at, Some(at(300)));
}

#[test]
fn the_view_counts_what_happened() {
    let mut bench = talking();
    bench.pass(100);
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    let view = bench.dialer.view(bench.now);
    let shown = &view.campaigns[0];
    assert_eq!((shown.totals.dialed, shown.totals.people, shown.totals.talks), (1, 1, 1));
    assert_eq!(shown.abandonment_rate, Some(0.0));
    assert_eq!(shown.talk_s_per_agent_hour, Some(3_600.0));
    assert_eq!(
        shown.why.as_ref().unwrap().sentence,
        "0 agents ready, 0 calls on the way: dial none"
    );
    assert_eq!(view.agents[0].talk_s, 100.0);
    assert_eq!(shown.agents.wrap_up, 1);
}

#[test]
fn facts_about_nothing_change_nothing() {
    let mut bench = Bench::new(campaign(1), 0);
    bench.told();
    bench.person(99);
    bench.end(99, Outcome::Busy, Fault::Callee);
    bench.agent(99, AgentEvent::Ready);
    bench.agent(99, AgentEvent::LogOut);
    bench.agent(99, disposition(1, "sale"));
    bench.command(Command::Phase(CampaignId(99), CampaignPhase::Running));
    bench.input(Input::Timeout);
    assert!(bench.told().is_empty());
}
