//! People who call in, in the books.

use super::fixture::{Fixture, at, number};
use crate::dialer::{CallRecord, Record};
use crate::domain::{AgentId, CallId, Disposition, Lead, Outcome, PhoneNumber};
use crate::store::CallerBegun;

impl Fixture {
    async fn calls_in(&self, nth: i64, caller: PhoneNumber) -> (CallId, Lead) {
        let call = CallId(self.recovery.first_inbound.0 + nth);
        let begun = CallerBegun {
            call,
            campaign: self.campaign,
            caller,
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
    assert_eq!(due[0].history, [], "a call that came in is no attempt to call");
    fixture.begin(1, &due[0], at(71)).await.unwrap();
    let calls = fixture.books().calls(Default::default(), None, 9).await.unwrap();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| call.inbound && call.caller_id == Some(number(9_999))));
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
    assert_eq!(recovery.first_inbound, CallId(call.0 + 1));
    assert!(recovery.first_call < CallId(10), "calls that are ordered have numbers of their own");
    assert_eq!(reopened.books().invariants().await.unwrap(), []);
}
