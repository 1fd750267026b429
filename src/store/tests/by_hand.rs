//! Leads that agents choose.

use super::fixture::{Fixture, at, number};
use crate::domain::Outcome;
use crate::store::Choice;

#[tokio::test]
async fn a_typed_number_becomes_a_lead_once_and_is_in_no_hopper_meanwhile() {
    let fixture = Fixture::new(0).await;
    let choice = Choice::Number(fixture.campaign, number(77));
    let first = fixture.store.choose(choice, at(1)).await.unwrap().unwrap();
    assert_eq!((first.lead.number, first.was_closed), (number(77), false));
    assert!(fixture.due(9, at(2)).await.is_empty(), "it is claimed");
    let again = fixture.store.choose(choice, at(2)).await.unwrap().unwrap();
    assert_eq!(again.lead.id, first.lead.id);
    fixture.begin(1, &first.lead, at(3)).await.unwrap();
}

#[tokio::test]
async fn a_closed_lead_can_be_chosen_and_says_so_and_knows_its_past() {
    let fixture = Fixture::new(1).await;
    let lead = fixture.due(1, at(1)).await.remove(0);
    fixture.begin(1, &lead, at(1)).await.unwrap();
    fixture.end(1, lead.id, Outcome::Talked, None).await;
    let chosen = fixture.store.choose(Choice::Lead(lead.id), at(9)).await.unwrap().unwrap();
    assert!(chosen.was_closed);
    assert_eq!(chosen.lead.history.len(), 1);
    fixture.begin(2, &chosen.lead, at(10)).await.unwrap();
    let nobody = Choice::Lead(crate::domain::LeadId(4_711));
    assert!(fixture.store.choose(nobody, at(9)).await.unwrap().is_none());
}
