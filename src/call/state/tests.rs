//! Every state meets every fact.

use super::*;
use crate::call::{EndCause, Meets};
use crate::domain::{
    Amd, Digit, Fault, GreetingOver, MachineRule, ScreenerRule, Share, TakeBack, Verdict,
    VerdictKind, WaitFrom,
};

const AGENT: AgentId = AgentId(7);

fn at(s: i64) -> Timestamp {
    Timestamp::from_second(1_000 + s).unwrap()
}

fn terms() -> Terms {
    Terms {
        amd: Amd::BeforeConnect { limit: SignedDuration::from_secs(3) },
        ring_max: SignedDuration::from_secs(25),
        talk_max: SignedDuration::from_hours(1),
        wait_max: SignedDuration::from_secs(2),
        wait_from: WaitFrom::GreetingEnd,
        meets: Meets::Agent,
        machine: MachineRule::HangUp,
        greeting_max: SignedDuration::from_secs(60),
        screener: ScreenerRule::NoAnswer,
        screener_max: SignedDuration::from_secs(20),
        take_back: TakeBack::Ready,
        likely_person: Share::new(0.6),
    }
}

fn wait() -> Wait {
    Wait { since: at(0), due_by: at(2) }
}

fn states() -> Vec<(&'static str, State)> {
    vec![
        ("ringing", State::ordered(at(0))),
        ("own ringing", State::ordered_by(AGENT, at(0))),
        ("screening", State::Screening { since: at(0), likely: false }),
        ("likely", State::Screening { since: at(0), likely: true }),
        ("waiting", State::Waiting(wait())),
        ("joining", State::Joining { agent: AGENT, since: at(0), wait: wait() }),
        ("bridged", State::Bridged { agent: AGENT, since: at(0), wait: wait() }),
        ("messaging", State::Messaging { outcome: Outcome::Abandoned, since: at(0) }),
        ("broadcast", State::Messaging { outcome: Outcome::Messaged, since: at(0) }),
        ("greeting", State::Greeting { since: at(0) }),
        ("leaving word", State::Messaging { outcome: Outcome::MessageLeft, since: at(0) }),
        ("identifying", State::Identifying { agent: None, since: at(0) }),
        ("reserving", State::Identifying { agent: Some(AGENT), since: at(0) }),
        ("cancelling", State::Leaving { outcome: Outcome::NoAnswer, since: at(0) }),
        ("leaving", State::Leaving { outcome: Outcome::Talked, since: at(0) }),
        ("linked", State::Linked { with: CallId(9), since: at(0) }),
        ("parked", State::Parked { by: AGENT, since: at(0) }),
    ]
}

fn verdict(kind: VerdictKind) -> Verdict {
    Verdict { kind, probability: 0.9, at_ms: 1_000, greeting_end_ms: None }
}

fn cause(outcome: Outcome, by_callee: bool) -> EndCause {
    EndCause {
        outcome,
        fault: Fault::Callee,
        by_callee,
        sip_status: None,
        q850: None,
        retry_after: None,
        sip_call_id: None,
        trunk: None,
    }
}

fn events() -> Vec<(&'static str, CallEvent)> {
    vec![
        ("answered", CallEvent::Answered),
        ("bridge failed", CallEvent::BridgeFailed { agent: AGENT }),
        ("bridged", CallEvent::Bridged { agent: AGENT }),
        ("digit", CallEvent::Digit(Digit::new('9').unwrap())),
        ("early media", CallEvent::EarlyMedia),
        ("ended by them", CallEvent::Ended(cause(Outcome::Busy, true))),
        ("ended by us", CallEvent::Ended(cause(Outcome::Cancelled, false))),
        ("greeting over", CallEvent::GreetingOver(GreetingOver::Beep)),
        ("likely", CallEvent::Likely(verdict(VerdictKind::Human))),
        (
            "unlikely",
            CallEvent::Likely(Verdict { probability: 0.5, ..verdict(VerdictKind::Human) }),
        ),
        ("media timeout", CallEvent::MediaTimeout),
        ("played", CallEvent::Played),
        (
            "recorded",
            CallEvent::Recorded { file: "a.wav".to_owned(), length: SignedDuration::ZERO },
        ),
        ("ringing", CallEvent::Ringing),
        ("human", CallEvent::Screened(verdict(VerdictKind::Human))),
        ("machine", CallEvent::Screened(verdict(VerdictKind::Machine))),
        ("screener", CallEvent::Screened(verdict(VerdictKind::Screener))),
        ("fax", CallEvent::Screened(verdict(VerdictKind::Fax))),
        ("tone", CallEvent::Screened(verdict(VerdictKind::Tone))),
        ("silence", CallEvent::Screened(verdict(VerdictKind::Silence))),
    ]
}

fn word(state: &State) -> String {
    match state {
        State::Bridged { .. } => "bridged".to_owned(),
        State::Ended { outcome } => format!("={outcome}"),
        State::Greeting { .. } => "greeting".to_owned(),
        State::Identifying { agent: Some(_), .. } => "reserving".to_owned(),
        State::Identifying { .. } => "identifying".to_owned(),
        State::Joining { .. } => "joining".to_owned(),
        State::Leaving { outcome, .. } => format!("leave:{outcome}"),
        State::Linked { .. } => "linked".to_owned(),
        State::Messaging { outcome: Outcome::MessageLeft, .. } => "leaving word".to_owned(),
        State::Messaging { .. } => "messaging".to_owned(),
        State::Parked { .. } => "parked".to_owned(),
        State::Ringing { alerting, .. } => {
            if *alerting { "alerting" } else { "ringing" }.to_owned()
        }
        State::Screening { likely: true, .. } => "likely".to_owned(),
        State::Screening { .. } => "screening".to_owned(),
        State::Waiting(_) => "waiting".to_owned(),
    }
}

/// One line for each state and fact that change something; what is not listed changes nothing.
fn table() -> String {
    let mut lines = String::new();
    let mut line = |state: &str, fact: &str, before: &State, after: State| {
        if *before != after {
            lines.push_str(&format!("{state:<12} + {fact:<13} -> {}\n", word(&after)));
        }
    };
    for (name, state) in states() {
        for (fact, event) in events() {
            line(name, fact, &state, state.on(&event, at(1), &terms()));
        }
        line(name, "(agent)", &state, state.join(AGENT, at(1), &terms()));
        line(name, "(message)", &state, state.message(at(1)));
        line(name, "(agent lost)", &state, state.agent_lost(AGENT, at(1), &terms()));
        line(name, "(hang up)", &state, state.hang_up(at(1)));
        line(name, "(time out)", &state, state.run_out(at(1), &terms()));
    }
    lines
}

#[test]
fn every_state_meets_every_fact() {
    let table = table();
    println!("{table}");
    assert_eq!(table, include_str!("table.txt"));
}

#[test]
fn the_wait_runs_from_the_end_of_the_greeting() {
    // 47 CFR 64.1200(a)(7): two seconds after the called person's completed greeting.
    let heard = Verdict { greeting_end_ms: Some(800), ..verdict(VerdictKind::Human) };
    let state = State::Screening { since: at(0), likely: false }.on(
        &CallEvent::Screened(heard),
        at(1),
        &terms(),
    );
    let due_by = at(2) + SignedDuration::from_millis(800);
    assert_eq!(state, State::Waiting(Wait { since: at(1), due_by }));
}

#[test]
fn unheard_greetings_start_the_wait_at_the_verdict() {
    let said = CallEvent::Screened(verdict(VerdictKind::Human));
    let state = State::Screening { since: at(0), likely: false }.on(&said, at(1), &terms());
    assert_eq!(state, State::Waiting(Wait { since: at(1), due_by: at(3) }));
}

#[test]
fn without_a_detector_the_wait_starts_at_the_answer() {
    let terms = Terms { amd: Amd::Off, ..terms() };
    let state = State::ordered(at(0)).on(&CallEvent::Answered, at(9), &terms);
    assert_eq!(state, State::Waiting(Wait { since: at(9), due_by: at(11) }));
}

#[test]
fn who_answers_a_broadcast_hears_it_screened_or_not() {
    let terms = Terms { meets: Meets::Message, ..terms() };
    let heard = State::Messaging { outcome: Outcome::Messaged, since: at(2) };
    let human = CallEvent::Screened(verdict(VerdictKind::Human));
    assert_eq!(State::Screening { since: at(0), likely: false }.on(&human, at(2), &terms), heard);
    assert_eq!(State::Screening { since: at(0), likely: false }.run_out(at(2), &terms), heard);
    let unscreened = Terms { amd: Amd::Off, ..terms };
    assert_eq!(State::ordered(at(0)).on(&CallEvent::Answered, at(2), &unscreened), heard);
    assert_eq!(heard.until(&terms), Some(at(307)));
}

#[test]
fn an_agent_who_has_made_the_call_hears_the_answer_at_once() {
    let state = State::ordered_by(AGENT, at(0)).on(&CallEvent::Ringing, at(1), &terms());
    assert_eq!(state.agent(), Some(AGENT));
    let wait = Wait { since: at(5), due_by: at(7) };
    let joining = State::Joining { agent: AGENT, since: at(5), wait };
    assert_eq!(state.on(&CallEvent::Answered, at(5), &terms()), joining);
}

#[test]
fn a_person_whose_agent_vanished_keeps_the_place_in_the_queue() {
    let state = State::Bridged { agent: AGENT, since: at(1), wait: wait() };
    let back = state.agent_lost(AGENT, at(60), &terms());
    assert_eq!(back, State::Waiting(Wait { since: at(0), due_by: at(62) }));
    assert_eq!(state.agent_lost(AgentId(8), at(60), &terms()), state, "another agent's loss");
}

#[test]
fn the_ring_time_runs_from_the_first_ringing_and_only_from_the_first() {
    let state = State::ordered(at(0)).on(&CallEvent::Ringing, at(4), &terms());
    assert_eq!(state.until(&terms()), Some(at(29)));
    let again = state.on(&CallEvent::EarlyMedia, at(20), &terms());
    assert_eq!(again.until(&terms()), Some(at(29)));
}

#[test]
fn who_leaves_when_it_is_too_late_was_abandoned() {
    let end = CallEvent::Ended(cause(Outcome::NoAnswer, true));
    let state = State::Waiting(wait()).on(&end, at(2), &terms());
    assert_eq!(state, State::Ended { outcome: Outcome::Abandoned });
}

#[test]
fn a_line_cannot_claim_an_answer_that_never_was() {
    let end = CallEvent::Ended(cause(Outcome::Talked, true));
    let state = State::ordered(at(0)).on(&end, at(2), &terms());
    assert_eq!(state, State::Ended { outcome: Outcome::Failed });
}

#[test]
fn a_fax_machine_that_gives_itself_away_late_is_no_person() {
    let end = CallEvent::Ended(cause(Outcome::Fax, true));
    for state in [State::Screening { since: at(0), likely: false }, State::Waiting(wait())] {
        assert_eq!(state.on(&end, at(2), &terms()), State::Ended { outcome: Outcome::Fax });
    }
}
