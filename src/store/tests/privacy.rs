//! What is held on a number is told whole, and erased but for what is kept by law.

use jiff::SignedDuration;

use super::fixture::{Fixture, at, number};
use crate::dialer::{CallRecord, Record};
use crate::domain::Outcome;
use crate::store::{NumberCommitment, RECORDINGS};

#[tokio::test]
async fn who_a_number_was_is_erased_and_that_it_is_not_to_be_called_is_kept() {
    let fixture = Fixture::new(2).await;
    let leads = fixture.due(2, at(0)).await;
    let (erased, other) = (&leads[0], &leads[1]);
    fixture.begin(1, erased, at(0)).await.unwrap();
    let commitment = NumberCommitment { hash: [7; 32], salt: [1; 16] };
    fixture.store.keep_commitment(erased.number, commitment).await.unwrap();
    assert_eq!(
        fixture.store.erase(erased.number, &[], at(1)).await.unwrap(),
        None,
        "the call is up"
    );
    let recordings = fixture.store.folder().join(RECORDINGS);
    std::fs::create_dir_all(&recordings).unwrap();
    let files = ["1.wav", "1-screening.wav"].map(|file| recordings.join(file));
    files.iter().for_each(|file| std::fs::write(file, b"hello?").unwrap());
    fixture.end_recorded(1, erased.id).await;

    let held = fixture.books().personal(erased.number).await.unwrap();
    assert_eq!((held.leads.len(), held.calls.len(), held.evidence.len()), (1, 1, 1));
    assert_eq!(held.calls[0]["outcome"], "no_answer");

    let now = at(0) + SignedDuration::from_hours(1);
    let done = fixture.store.erase(erased.number, &[], now).await.unwrap().unwrap();
    assert_eq!((done.leads, done.calls, done.evidence), (1, 1, 1));
    assert!(files.iter().all(|file| !file.exists()), "what was said is gone");
    let held = fixture.books().personal(erased.number).await.unwrap();
    assert!(held.leads.is_empty() && held.calls.is_empty() && held.evidence.is_empty());
    assert_eq!(held.do_not_call.unwrap()["source"], "erasure");
    assert_eq!(fixture.books().committed(&[7; 32]).await.unwrap(), None);
    let kept = fixture.books().personal(done.pseudonym).await.unwrap();
    assert_eq!(kept.calls[0]["outcome"], "no_answer");
    assert!(kept.leads[0]["first_name"].is_null());
    let untouched = fixture.books().personal(other.number).await.unwrap();
    assert_eq!(untouched.leads.len(), 1);
    assert_ne!(number(1), done.pseudonym);
}

#[tokio::test]
async fn a_recording_that_a_law_asks_to_be_kept_is_not_erased() {
    let fixture = Fixture::new(1).await;
    let lead = fixture.due(1, at(0)).await.remove(0);
    let recordings = fixture.store.folder().join(RECORDINGS);
    std::fs::create_dir_all(&recordings).unwrap();
    for call in [1, 2] {
        let began = at(100 * call);
        let lead = if call == 1 { lead.clone() } else { fixture.due(1, began).await.remove(0) };
        fixture.begin(call, &lead, began).await.unwrap();
        let file = format!("{call}.wav");
        std::fs::write(recordings.join(&file), b"RIFF").unwrap();
        let Record::Ended(record) = fixture.ended(call, lead.id, Outcome::Talked, Some(began))
        else {
            unreachable!()
        };
        let record = CallRecord { recording: Some(file), ..*record };
        fixture.record(Record::Ended(Box::new(record)), began).await;
    }
    let keep = [(fixture.campaign, at(150))];
    let done = fixture.store.erase(lead.number, &keep, at(900)).await.unwrap().unwrap();
    assert_eq!((done.recordings, done.kept_recordings), (vec!["1.wav".to_owned()], 1));
    let there = |call: u8| recordings.join(format!("{call}.wav")).exists();
    assert!(!there(1) && there(2));
}
