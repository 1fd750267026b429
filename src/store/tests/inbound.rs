//! People who call in, in the books.

use super::fixture::{Fixture, at, number};
use crate::dialer::{CallRecord, Record};
use crate::domain::{AgentId, CallId, CallerCheck, Disposition, Lead, Outcome, PhoneNumber};
use crate::store::CallerBegun;

impl Fixture {
    async fn calls_in(&self, nth: i64, caller: PhoneNumber) -> (CallId, Lead) {
        let call = CallId(self.recovery.first_inbound.0 + nth);
        let begun = CallerBegun {
            call,
            campaign: self.campaign,
            caller,
            check: Some(CallerCheck::PassedB),
            called: number(9_999),
            trunk: "main".to_owned(),
            at: at(10),
        };
        (call, self.store.begin_inbound(begun).await.unwrap())
    }

    async fn talked(&self, call: CallId, lead: &Lead) {
        self.record(Record::Bridged { call, agent: AgentId(1), at: at(12) }, at(12)).await;
        let Record::Ended(record) = self.ended(call.0, lead.id, Outcome::Talked, None) else {
            unreachable!()
        };
        let record = CallRecord {
            answered_at: Some(at(10)),
            bridged_at: Some(at(12)),
            agent: Some(AgentId(1)),
            ..*record
        };
        self.record(Record::Ended(Box::new(record)), at(60)).await;
    }
}

#[tokio::test]
async fn who_calls_in_is_a_lead_that_nobody_calls_and_takes_no_turn_of_one() {
    let fixture = Fixture::new(1).await;
    let (first, known) = fixture.calls_in(0, number(0)).await;
    assert_eq!(known.first_name.as_deref(), Some("First 0"), "the lead of that number");
    let (second, stranger) = fixture.calls_in(1, number(7)).await;
    fixture.talked(first, &known).await;
    fixture.talked(second, &stranger).await;
    assert_eq!(fixture.books().invariants().await.unwrap(), []);
    let due = fixture.due(9, at(70)).await;
    assert_eq!(due.iter().map(|lead| lead.id).collect::<Vec<_>>(), [known.id]);
    assert_eq!(due[0].attempts().count(), 0, "a call that came in is no attempt to call");
    assert_eq!(due[0].history.len(), 1, "and is in its past");
    fixture.begin(1, &due[0], at(71)).await.unwrap();
    let calls = fixture.books().calls(Default::default(), None, 9).await.unwrap();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| call.inbound && call.caller_id == Some(number(9_999))));
    assert!(calls.iter().all(|call| call.caller_check == Some(CallerCheck::PassedB)));
    let (_, again) = fixture.calls_in(2, number(7)).await;
    assert_eq!(again.id, stranger.id);
}

#[tokio::test]
async fn several_may_call_from_one_number_at_once_and_beside_a_call_to_it() {
    let fixture = Fixture::new(1).await;
    let due = fixture.due(1, at(1)).await;
    fixture.begin(1, &due[0], at(2)).await.unwrap();
    let (first, lead) = fixture.calls_in(0, number(0)).await;
    assert_eq!(lead.id, due[0].id);
    fixture.calls_in(1, PhoneNumber::WITHHELD).await;
    fixture.calls_in(2, PhoneNumber::WITHHELD).await;
    fixture.talked(first, &lead).await;
    assert!(fixture.due(1, at(70)).await.is_empty(), "its own call is still up");
}

#[tokio::test]
async fn a_callback_that_the_agent_agrees_on_makes_the_caller_due() {
    let fixture = Fixture::new(0).await;
    let (call, lead) = fixture.calls_in(0, number(7)).await;
    fixture.talked(call, &lead).await;
    let disposition = Record::Disposition {
        call,
        disposition: Disposition("callback".to_owned()),
        note: None,
        due_at: Some(at(100)),
        do_not_call: false,
        wrong_person: false,
    };
    fixture.record(disposition, at(61)).await;
    assert!(fixture.due(1, at(99)).await.is_empty());
    assert_eq!(fixture.due(1, at(100)).await.len(), 1);
}

#[tokio::test]
async fn a_crash_closes_the_calls_that_came_in_and_no_number_is_used_twice() {
    let fixture = Fixture::new(0).await;
    let (call, _) = fixture.calls_in(0, number(7)).await;
    let reopened = fixture.after_a_kill(at(20)).await;
    let recovery = reopened.recovery;
    assert_eq!((recovery.interrupted, recovery.abandoned), (1, 0), "no law counts who calls in");
    assert!(recovery.first_inbound > call);
    assert!(recovery.first_call < call, "calls that are ordered have numbers of their own");
    assert_eq!(reopened.books().invariants().await.unwrap(), []);
}

#[tokio::test]
async fn the_past_of_a_number_says_which_debt_who_called_and_whether_it_was_theirs() {
    let fixture = Fixture::new(0).await;
    let owing = |debt: &str| crate::store::import::NewLead {
        attributes: [("LAW.Debt".to_owned(), debt.to_owned())].into(),
        ..super::fixture::lead(0)
    };
    let summer = fixture.store.campaign_id("summer").await.unwrap();
    fixture.store.add_leads(fixture.campaign, "a", vec![owing(" 17 ")], at(0)).await.unwrap();
    fixture.store.add_leads(summer, "b", vec![owing("18")], at(0)).await.unwrap();
    let ours = fixture.due(1, at(1)).await.remove(0);
    fixture.begin(1, &ours, at(1)).await.unwrap();
    fixture.end(1, ours.id, Outcome::MessageLeft, Some(at(90))).await;
    let wrong = Record::Disposition {
        call: CallId(1),
        disposition: Disposition("wrong_number".to_owned()),
        note: None,
        due_at: Some(at(90)),
        do_not_call: false,
        wrong_person: true,
    };
    fixture.record(wrong, at(61)).await;
    let (call, known) = fixture.calls_in(0, number(0)).await;
    fixture.talked(call, &known).await;

    let said = |past: &crate::domain::PastAttempt| {
        (past.outcome, past.inbound, past.other_debt, past.wrong_person)
    };
    let (left, talked) = (Some(Outcome::MessageLeft), Some(Outcome::Talked));
    let ours = fixture.due(1, at(99)).await.remove(0);
    let history: Vec<_> = ours.history.iter().map(said).collect();
    assert_eq!(history, [(left, false, false, true), (talked, true, false, false)]);
    let order = crate::domain::LeadOrder::NewFirst;
    let other = fixture.store.due_leads(summer, order, 1, at(99)).await.unwrap().0.remove(0);
    let history: Vec<_> = other.history.iter().map(said).collect();
    assert_eq!(history, [(left, false, true, true), (talked, true, true, false)]);
}
