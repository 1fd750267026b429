//! How caller ids fare, over a restart.

use super::fixture::*;
use crate::dialer::{CallerIdHour, CallerIdRest, Record, RestReason};
use crate::domain::Outcome;

#[tokio::test]
async fn their_counts_and_their_rests_are_there_after_a_kill() {
    let books = Fixture::new(3).await;
    let leads = books.due(3, at(10)).await;
    for (call, lead) in (1..).zip(&leads) {
        books.begin(call, lead, at(20)).await.unwrap();
    }
    books.end(1, leads[0].id, Outcome::NoAnswer, None).await;
    books.end(2, leads[1].id, Outcome::Blocked, None).await;
    let shown = books.books().calls(Default::default(), None, 10).await.unwrap();
    let number = shown[0].caller_id.expect("the fixture shows a number");
    let rest = CallerIdRest { reason: RestReason::Blocked, until: at(7 * 86_400) };
    let record = Record::CallerIdRests { number, rest, at: at(30) };
    books.record(record.clone(), at(30)).await;
    books.record(record, at(30)).await;

    let again = books.after_a_kill(at(3_000)).await;
    let past = again.books().caller_ids(at(3_000)).await.unwrap();
    assert_eq!(past.len(), 1);
    assert_eq!((past[0].number, past[0].rest), (number, Some(rest)));
    let sum = past[0].hours.iter().fold(CallerIdHour::default(), |sum, hour| CallerIdHour {
        hour: 0,
        attempts: sum.attempts + hour.attempts,
        reached: sum.reached + hour.reached,
        answered: sum.answered + hour.answered,
        short: sum.short + hour.short,
        blocks: sum.blocks + hour.blocks,
    });
    assert_eq!((sum.attempts, sum.blocks, sum.answered), (3, 1, 0), "{past:?}");
    let later = again.books().caller_ids(at(90_000)).await.unwrap();
    assert!(later[0].hours.is_empty() && later[0].rest.is_some(), "a day later: {later:?}");
    assert_eq!(again.books().caller_ids(at(8 * 86_400)).await.unwrap(), []);
}
