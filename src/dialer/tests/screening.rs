//! The detector's word while agents are idle, while none is, and after an agent has the call.

use super::*;
use crate::dialer::Notice;
use crate::domain::{
    Amd, AnswerRules, Campaign, GreetingOver, MachineRule, ScreenerRule, Share, TakeBack, Verdict,
};

const LIMIT: SignedDuration = SignedDuration::from_secs(3);

fn answers() -> AnswerRules {
    AnswerRules { likely_person: Share::new(0.6), ..AnswerRules::default() }
}

fn first(answers: AnswerRules) -> Campaign {
    Campaign { answers, ..campaign(1) }
}

fn alongside(answers: AnswerRules) -> Campaign {
    Campaign { amd: Amd::Alongside { limit: LIMIT }, ..first(answers) }
}

fn likely(probability: f64) -> CallEvent {
    CallEvent::Likely(Verdict { probability, ..verdict(VerdictKind::Human) })
}

fn screened(kind: VerdictKind) -> CallEvent {
    CallEvent::Screened(verdict(kind))
}

fn bridged(agent: i64) -> CallEvent {
    CallEvent::Bridged { agent: AgentId(agent) }
}

fn people(bench: &Bench) -> (u64, u64) {
    let totals = bench.dialer.view(bench.now).campaigns[0].totals;
    (totals.people, totals.abandoned)
}

#[test]
fn who_is_likely_a_person_goes_to_an_idle_agent_before_the_verdict() {
    let mut bench = Bench::new(first(answers()), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, likely(0.5));
    bench.told();
    bench.call(1, likely(0.7));
    assert_eq!(bench.told(), ["bridge 1 1"]);
    bench.call(1, bridged(1));
    assert_eq!(people(&bench), (0, 0), "the detector may still say otherwise");
    bench.call(1, screened(VerdictKind::Human));
    assert_eq!(people(&bench), (1, 0));
    assert_eq!(state(&bench, 1), AgentState::Talking { call: CallId(1) });
}

#[test]
fn with_nobody_idle_the_likely_person_is_held_until_an_agent_is_free_or_the_verdict_comes() {
    let mut bench = Bench::new(first(answers()), 2);
    bench.person(1);
    bench.call(1, bridged(1));
    bench.agent(2, AgentEvent::Pause(PauseReason("break".to_owned())));
    bench.call(2, CallEvent::Answered);
    bench.told();
    bench.call(2, likely(0.9));
    assert_eq!(bench.told(), Vec::<String>::new());
    bench.agent(2, AgentEvent::Ready);
    assert!(bench.told().contains(&"bridge 2 2".to_owned()));
}

#[test]
fn who_is_no_longer_likely_is_held() {
    let mut bench = Bench::new(first(answers()), 2);
    bench.agent(1, AgentEvent::Pause(PauseReason("break".to_owned())));
    bench.agent(2, AgentEvent::Pause(PauseReason("break".to_owned())));
    bench.call(1, CallEvent::Answered);
    bench.call(1, likely(0.9));
    bench.call(1, likely(0.3));
    bench.told();
    bench.agent(1, AgentEvent::Ready);
    assert!(!bench.told().contains(&"bridge 1 1".to_owned()));
    bench.call(1, screened(VerdictKind::Machine));
    assert!(bench.told().contains(&"hang up 1".to_owned()));
}

#[test]
fn a_machine_that_an_agent_already_has_is_taken_back_and_counts_for_nobody() {
    for (take_back, after) in [
        (TakeBack::Ready, AgentState::Ready),
        (TakeBack::WrapUp, AgentState::WrapUp { call: CallId(1) }),
    ] {
        let mut bench = Bench::new(first(AnswerRules { take_back, ..answers() }), 1);
        bench.call(1, CallEvent::Answered);
        bench.call(1, screened(VerdictKind::Human));
        bench.call(1, bridged(1));
        assert_eq!(people(&bench), (1, 0));
        bench.said.clear();
        bench.pass(2);
        bench.call(1, screened(VerdictKind::Machine));
        let told_of = bench.said.iter().any(|output| {
            matches!(output, Output::Notify(Notice::Detected { taken_back: true, .. }))
        });
        assert!(told_of, "the agent is told");
        let told = bench.told();
        assert_eq!(told[..2], ["unbridge 1 1", "hang up 1"]);
        assert_eq!((people(&bench), state(&bench, 1)), ((0, 0), after));
        bench.end(1, Outcome::NoAnswer, Fault::Us);
        let ended = "ended 1 answering_machine NotCounted".to_owned();
        assert!(bench.told().contains(&ended));
    }
}

#[test]
fn where_the_agent_keeps_machines_the_agent_is_only_told() {
    let mut bench =
        Bench::new(alongside(AnswerRules { take_back: TakeBack::Keep, ..answers() }), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, bridged(1));
    bench.said.clear();
    bench.call(1, screened(VerdictKind::Machine));
    let noticed = bench
        .said
        .iter()
        .any(|output| matches!(output, Output::Notify(Notice::Detected { taken_back: false, .. })));
    assert!(noticed);
    assert_eq!(state(&bench, 1), AgentState::Talking { call: CallId(1) });
}

#[test]
fn alongside_the_agent_is_connected_at_the_answer_and_the_detector_listens_beside() {
    let mut bench = Bench::new(alongside(answers()), 1);
    bench.told();
    bench.call(1, CallEvent::Answered);
    assert_eq!(bench.told(), ["answered 1", "screen 1", "bridge 1 1"]);
    bench.call(1, bridged(1));
    bench.call(1, screened(VerdictKind::Fax));
    assert!(bench.told().contains(&"hang up 1".to_owned()));
}

#[test]
fn alongside_a_machine_that_found_no_agent_is_nobody_abandoned() {
    let mut bench = Bench::new(alongside(answers()), 2);
    bench.agent(1, AgentEvent::Pause(PauseReason("break".to_owned())));
    bench.agent(2, AgentEvent::Pause(PauseReason("break".to_owned())));
    bench.call(1, CallEvent::Answered);
    bench.pass(2);
    assert_eq!(people(&bench), (1, 1), "it hears the safe-harbour message");
    bench.call(1, screened(VerdictKind::Machine));
    assert_eq!(people(&bench), (0, 0));
    bench.end(1, Outcome::NoAnswer, Fault::Us);
    assert!(bench.told().contains(&"ended 1 answering_machine NotCounted".to_owned()));
}

#[test]
fn fax_only_ends_faxes_and_nothing_else() {
    let campaign = Campaign { amd: Amd::FaxOnly { limit: LIMIT }, ..first(answers()) };
    let mut bench = Bench::new(campaign, 2);
    for call in [1, 2] {
        bench.call(call, CallEvent::Answered);
        bench.call(call, bridged(call));
    }
    bench.told();
    bench.call(1, screened(VerdictKind::Machine));
    assert_eq!(bench.told(), Vec::<String>::new());
    bench.call(2, screened(VerdictKind::Fax));
    assert!(bench.told().contains(&"hang up 2".to_owned()));
    bench.end(2, Outcome::NoAnswer, Fault::Us);
    assert!(bench.told().contains(&"ended 2 fax NotCounted".to_owned()));
}

fn leaving_messages() -> Campaign {
    first(AnswerRules { machine: MachineRule::LeaveMessage, ..answers() })
}

#[test]
fn a_machine_is_left_the_message_after_its_beep() {
    let mut bench = Bench::new(leaving_messages(), 1);
    bench.call(1, CallEvent::Answered);
    bench.told();
    bench.call(1, screened(VerdictKind::Machine));
    assert_eq!(bench.told()[0], "await 1");
    bench.call(1, CallEvent::GreetingOver(GreetingOver::Beep));
    assert_eq!(bench.told()[0], "play 1 voicemail");
    bench.call(1, CallEvent::Played);
    assert_eq!(bench.told()[0], "hang up 1");
    bench.end(1, Outcome::NoAnswer, Fault::Us);
    assert!(bench.told().contains(&"ended 1 message_left NotCounted".to_owned()));
}

#[test]
fn a_machine_that_hangs_up_first_has_no_message() {
    let mut bench = Bench::new(leaving_messages(), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, screened(VerdictKind::Machine));
    bench.call(1, CallEvent::GreetingOver(GreetingOver::Silence));
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    assert!(bench.told().contains(&"ended 1 answering_machine NotCounted".to_owned()));
}

#[test]
fn a_greeting_without_an_end_is_left() {
    let mut bench = Bench::new(leaving_messages(), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, screened(VerdictKind::Machine));
    bench.pass(59);
    bench.told();
    bench.pass(1);
    assert!(bench.told().contains(&"hang up 1".to_owned()));
}

#[test]
fn a_screener_is_told_who_calls_and_its_owner_gets_the_agent_who_was_kept() {
    let screener = ScreenerRule::ReserveAgent;
    let mut bench = Bench::new(first(AnswerRules { screener, ..answers() }), 1);
    bench.call(1, CallEvent::Answered);
    bench.told();
    bench.call(1, screened(VerdictKind::Screener));
    assert_eq!(bench.told()[0], "play 1 identification");
    assert_eq!(state(&bench, 1), AgentState::Reserved { call: CallId(1) });
    bench.pass(8);
    bench.call(1, screened(VerdictKind::Human));
    assert!(bench.told().contains(&"bridge 1 1".to_owned()));
    bench.call(1, bridged(1));
    assert_eq!(people(&bench), (1, 0));
}

#[test]
fn a_screener_whose_owner_does_not_come_gives_the_agent_back() {
    let screener = ScreenerRule::ReserveAgent;
    let mut bench = Bench::new(first(AnswerRules { screener, ..answers() }), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, screened(VerdictKind::Screener));
    bench.pass(20);
    assert_eq!(state(&bench, 1), AgentState::Ready);
    bench.end(1, Outcome::NoAnswer, Fault::Us);
    assert!(bench.told().contains(&"ended 1 screener NotCounted".to_owned()));
}

#[test]
fn an_agent_who_talks_to_a_screener_is_kept_for_its_owner() {
    let screener = ScreenerRule::ReserveAgent;
    let mut bench = Bench::new(alongside(AnswerRules { screener, ..answers() }), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, bridged(1));
    bench.told();
    bench.call(1, screened(VerdictKind::Screener));
    assert_eq!(bench.told(), ["unbridge 1 1", "play 1 identification"]);
    bench.agent(1, AgentEvent::HangUp);
    assert_eq!(state(&bench, 1), AgentState::Ready);
}

#[test]
fn a_sampled_machine_goes_to_an_agent_and_stays_there() {
    let sampled = Share::new(1.0).unwrap();
    let mut bench = Bench::new(first(AnswerRules { sampled, ..answers() }), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, screened(VerdictKind::Machine));
    bench.call(1, bridged(1));
    bench.call(1, screened(VerdictKind::Machine));
    assert_eq!(state(&bench, 1), AgentState::Talking { call: CallId(1) });
    bench.said.clear();
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    let kept = bench.said.iter().find_map(|output| match output {
        Output::Record(Record::Ended(record)) => Some((record.verdict, record.screening.sampled)),
        _ => None,
    });
    assert_eq!(kept, Some((Some(verdict(VerdictKind::Machine)), true)));
}

#[test]
fn undecided_at_the_limit_is_a_person() {
    let mut bench = Bench::new(first(answers()), 1);
    bench.call(1, CallEvent::Answered);
    bench.told();
    bench.pass(4);
    assert!(bench.told().contains(&"bridge 1 1".to_owned()));
}

#[test]
fn what_the_networks_tone_means_is_the_outcome_and_congestion_is_no_attempt() {
    for (means, told) in [
        (Outcome::InvalidNumber, "ended 1 invalid_number NotCounted"),
        (Outcome::Failed, "ended 1 failed NotCounted"),
    ] {
        let mut bench = Bench::new(first(answers()), 1);
        bench.call(1, CallEvent::Answered);
        bench.call(1, screened(VerdictKind::Tone));
        bench.call(1, CallEvent::ToneMeans(means));
        bench.said.clear();
        bench.end(1, Outcome::NoAnswer, Fault::Us);
        let counts = bench.said.iter().find_map(|output| match output {
            Output::Record(Record::Ended(record)) => Some(record.counts),
            _ => None,
        });
        assert_eq!(counts, Some(means == Outcome::InvalidNumber));
        assert!(bench.told().contains(&told.to_owned()));
    }
}

#[test]
fn once_a_screener_knows_who_calls_a_detector_listens_for_the_owner() {
    let screener = ScreenerRule::ReserveAgent;
    let mut bench = Bench::new(first(AnswerRules { screener, ..answers() }), 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, screened(VerdictKind::Screener));
    bench.said.clear();
    bench.call(1, CallEvent::Played);
    let limit = bench.said.iter().find_map(|output| match output {
        Output::Screen(_, listening) => Some(listening.limit),
        _ => None,
    });
    assert_eq!(limit, Some(AnswerRules::default().screener_max), "as long as the owner may take");
}

#[test]
fn what_the_word_was_made_of_and_where_its_audio_is_stand_in_the_record() {
    let mut bench = Bench::new(first(answers()), 1);
    bench.call(1, CallEvent::Answered);
    let feature = crate::domain::Feature { name: "onset_s".to_owned(), value: 0.4 };
    bench.call(1, CallEvent::Features(vec![feature.clone(); 100]));
    bench.call(1, screened(VerdictKind::Machine));
    bench.call(1, CallEvent::ScreeningKept("1-screening.wav".to_owned()));
    bench.said.clear();
    bench.end(1, Outcome::NoAnswer, Fault::Us);
    let notes = bench.said.iter().find_map(|output| match output {
        Output::Record(Record::Ended(record)) => Some(record.screening.clone()),
        _ => None,
    });
    let notes = notes.unwrap();
    assert_eq!(notes.audio.as_deref(), Some("1-screening.wav"));
    assert_eq!((notes.features.len(), &notes.features[0]), (64, &feature));
}

#[test]
fn an_agent_who_meets_a_machine_contradicts_the_word_person() {
    let mut campaign = first(answers());
    campaign.dispositions[0].machine = true;
    let mut bench = Bench::new(campaign, 1);
    bench.call(1, CallEvent::Answered);
    bench.call(1, screened(VerdictKind::Human));
    bench.call(1, bridged(1));
    bench.end(1, Outcome::NoAnswer, Fault::Callee);
    bench.agent(1, disposition(1, "sale"));
    let heard = bench.dialer.view(bench.now).campaigns[0].detector;
    assert_eq!((heard.judged, heard.contradicted, heard.drifts), (1, 1, false));
}
