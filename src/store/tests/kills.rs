//! A kill after every operation of a shift: whatever the moment, the books hold.

use std::collections::BTreeSet;

use rand::seq::IteratorRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::fixture::{Fixture, at, is_skipped};
use crate::dialer::{CallRecord, LedgerEntry, Record};
use crate::domain::{AgentId, CallId, Lead, Outcome};
use crate::store::{Said, StrayLeg};

const CALLS: usize = 8;

/// One call's operations, in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Begin,
    Dialog,
    Answered,
    Bridged,
    Ended,
}

/// What becomes of the n-th call: not answered, answered by nobody in time, or talked.
fn steps(call: usize) -> &'static [Step] {
    match call % 3 {
        0 => &[Step::Begin, Step::Dialog, Step::Ended],
        1 => &[Step::Begin, Step::Dialog, Step::Answered, Step::Ended],
        _ => &[Step::Begin, Step::Dialog, Step::Answered, Step::Bridged, Step::Ended],
    }
}

/// The shift of a seed: calls side by side, each step of one at a time.
fn shift(seed: u64) -> Vec<(usize, Step)> {
    let mut chance = Pcg64::seed_from_u64(seed);
    let mut done = [0; CALLS];
    let mut shift = Vec::new();
    while let Some(call) =
        (0..CALLS).filter(|call| done[*call] < steps(*call).len()).choose(&mut chance)
    {
        // In bursts, as calls come.
        for _ in 0..chance.random_range(1..=2) {
            if let Some(step) = steps(call).get(done[call]) {
                shift.push((call, *step));
                done[call] += 1;
            }
        }
    }
    shift
}

async fn carry_out(books: &Fixture, leads: &[Lead], (call, step): (usize, Step)) {
    let (id, lead) = (CallId(call as i64 + 1), &leads[call]);
    let said = match step {
        Step::Begin => {
            let _ = books.begin(id.0, lead, at(call as i64)).await;
            return;
        }
        Step::Dialog => Said::Dialog(StrayLeg::Call(id), Some(format!("dialog {call}"))),
        Step::Answered => Said::Record(Record::Answered { call: id, at: at(20) }),
        Step::Bridged => Said::Record(Record::Bridged { call: id, agent: AgentId(1), at: at(21) }),
        Step::Ended => Said::Record(Record::Ended(Box::new(record(books, call, lead)))),
    };
    books.store.write_all(vec![said], at(60)).await.unwrap();
}

fn record(books: &Fixture, call: usize, lead: &Lead) -> CallRecord {
    let (outcome, ledger) = match call % 3 {
        0 => (Outcome::NoAnswer, LedgerEntry::NotCounted),
        1 => (Outcome::Abandoned, LedgerEntry::Abandoned),
        _ => (Outcome::Talked, LedgerEntry::Live),
    };
    let due_at = Some(at(90_000));
    let Record::Ended(record) = books.ended(call as i64 + 1, lead.id, outcome, due_at) else {
        panic!("a record of an end")
    };
    let answered_at = (!call.is_multiple_of(3)).then(|| at(20));
    let bridged_at = (call % 3 == 2).then(|| at(21));
    CallRecord { ledger, answered_at, bridged_at, by_callee: by_callee(call), ..*record }
}

fn by_callee(call: usize) -> bool {
    call.is_multiple_of(2)
}

/// What must hold in the books that a kill after `done` has left, once they are opened again.
async fn judge(killed: &Fixture, done: &[(usize, Step)], what: &str) {
    assert_eq!(killed.books().invariants().await.unwrap(), [], "{what}");
    let have = |call: usize, step| done.contains(&(call, step));
    let open = |call: &usize| have(*call, Step::Begin) && !have(*call, Step::Ended);
    let lost = |call: &usize| open(call) && !have(*call, Step::Bridged);
    let counts = (killed.recovery.interrupted, killed.recovery.abandoned);
    let expected = [(0..CALLS).filter(open).count(), (0..CALLS).filter(lost).count()];
    assert_eq!(counts, (expected[0] as u64, expected[1] as u64), "{what}");
    let strays: BTreeSet<StrayLeg> =
        killed.books().strays().await.unwrap().into_iter().map(|(leg, _)| leg).collect();
    // The last BYE of ours may have been lost with the process.
    let up = |call: &usize| have(*call, Step::Dialog) && (open(call) || !by_callee(*call));
    let up = (0..CALLS).filter(up);
    let up: BTreeSet<StrayLeg> = up.map(|call| StrayLeg::Call(CallId(call as i64 + 1))).collect();
    assert_eq!(strays, up, "{what}");
    let begun = (0..CALLS).filter(|call| have(*call, Step::Begin)).count();
    let due = killed.due(100, at(100)).await;
    assert_eq!(due.len(), CALLS - begun, "who was called is not called again; {what}");
}

#[tokio::test]
async fn a_kill_after_any_operation_loses_nothing_and_calls_nobody_again() {
    let mut kills = 0;
    for seed in 1..=3 {
        let shift = shift(seed);
        let books = Fixture::new(CALLS as u64).await;
        if is_skipped(&books) {
            return;
        }
        let leads = books.due(CALLS as u32, at(0)).await;
        for (operation, step) in shift.iter().enumerate() {
            carry_out(&books, &leads, *step).await;
            let done = &shift[..=operation];
            let what = format!("seed {seed}, killed after operation {operation}: {step:?}");
            let killed = books.after_a_kill(at(100)).await;
            judge(&killed, done, &what).await;
            // Its answer was lost: it is said again, to books that have closed the call.
            let killed = books.after_a_kill(at(100)).await;
            if *step != (step.0, Step::Dialog) {
                carry_out(&killed, &leads, *step).await;
            }
            assert_eq!(killed.books().invariants().await.unwrap(), [], "said again; {what}");
            kills += 2;
        }
    }
    println!("{kills} kills");
}
