//! Leads that people change.

use super::fixture::{Fixture, at};
use crate::dialer::Record;
use crate::domain::{CallId, Disposition, Outcome};
use crate::store::LeadChange;

fn said(code: &str) -> Record {
    Record::Disposition {
        call: CallId(1),
        disposition: Disposition(code.to_owned()),
        note: None,
        due_at: None,
        do_not_call: false,
        wrong_person: false,
    }
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays_and_an_empty_text_removes() {
    let fixture = Fixture::new(1).await;
    let [lead] = &fixture.due(1, at(1)).await[..] else { panic!() };
    let change = LeadChange { first_name: Some("Ana".to_owned()), ..LeadChange::default() };
    let nobody = crate::domain::CampaignId(99);
    assert!(!fixture.store.change_lead(nobody, lead.id, change.clone()).await.unwrap());
    assert!(fixture.store.change_lead(fixture.campaign, lead.id, change).await.unwrap());
    let change = LeadChange { last_name: Some(String::new()), ..LeadChange::default() };
    assert!(fixture.store.change_lead(fixture.campaign, lead.id, change).await.unwrap());
    let changed = fixture.books().lead(lead.id).await.unwrap().unwrap();
    assert_eq!(changed.first_name.as_deref(), Some("Ana"));
    assert_eq!(changed.last_name, None);
    assert_eq!((changed.state, changed.number), (lead.state.clone(), lead.number));
}

#[tokio::test]
async fn leads_are_due_again_by_what_was_said_last_and_not_while_in_hand() {
    let fixture = Fixture::new(2).await;
    let [lead, other] = &fixture.due(2, at(1)).await[..] else { panic!() };
    fixture.begin(1, lead, at(1)).await.unwrap();
    fixture.end(1, lead.id, Outcome::Talked, None).await;
    fixture.record(said("not_interested"), at(30)).await;
    assert!(fixture.due(2, at(40)).await.is_empty(), "one is closed, {} is in hand", other.id);
    let recycle = |code: &str| {
        fixture.store.recycle(fixture.campaign, vec![Disposition(code.to_owned())], at(50))
    };
    assert_eq!(recycle("sale").await.unwrap(), 0);
    assert_eq!(recycle("not_interested").await.unwrap(), 1);
    let due: Vec<_> = fixture.due(2, at(60)).await.into_iter().map(|lead| lead.id).collect();
    assert_eq!(due, [lead.id]);
    assert_eq!(recycle("not_interested").await.unwrap(), 0, "it is in hand");
}
