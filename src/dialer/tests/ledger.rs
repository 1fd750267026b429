//! The abandonment ledger: what is counted, in which window, and what a start is told.

use super::*;
use crate::compliance::WindowCount;
use crate::dialer::LedgerSoFar;
use crate::domain::{AbandonmentWindow, Calendar, Campaign, Share, WindowSpan};

fn window(span: WindowSpan) -> AbandonmentWindow {
    AbandonmentWindow { span, limit: Share::new(0.03).unwrap(), counts_hang_ups: true }
}

/// A campaign whose people are counted over the day and over 30 days, in UTC.
fn counted() -> Campaign {
    let windows = vec![window(WindowSpan::Day), window(WindowSpan::Days(30))];
    Campaign { calendar: Calendar { windows, ..Calendar::default() }, ..campaign(1) }
}

fn figures(bench: &Bench) -> Vec<(String, u64, u64, u64)> {
    let view = bench.dialer.view(bench.now);
    let figures = view.campaigns[0].windows.iter();
    figures.map(|of| (of.window.clone(), of.people, of.abandoned, of.left)).collect()
}

/// A day and so many seconds after the bench's first.
const DAY_S: i64 = 86_400;

#[test]
fn a_person_counts_in_every_window_and_a_new_day_begins_without_them() {
    let mut bench = Bench::new(counted(), 1);
    bench.person(1);
    bench.call(1, CallEvent::Bridged { agent: AgentId(1) });
    let once =
        |day, month| vec![("day".to_owned(), day, 0, 0), ("30 days".to_owned(), month, 0, 0)];
    assert_eq!(figures(&bench), once(1, 1));
    bench.pass(DAY_S);
    assert_eq!(figures(&bench), once(0, 1));
}

#[test]
fn a_start_is_told_what_was_counted_before() {
    let mut bench = Bench::new(counted(), 0);
    let view = bench.dialer.view(bench.now);
    let begins = |n: usize| view.campaigns[0].windows[n].begins_at;
    let of = |n, span, people, abandoned| WindowCount {
        window: window(span),
        begins_at: begins(n),
        ends_at: begins(n) + SignedDuration::from_hours(24),
        people,
        abandoned,
    };
    let so_far = LedgerSoFar {
        first_call_at: Some(bench.now),
        windows: vec![of(0, WindowSpan::Day, 40, 1), of(1, WindowSpan::Days(30), 1_000, 29)],
        ..LedgerSoFar::default()
    };
    bench.command(Command::Ledger(CampaignId(1), so_far));
    let told = [("day".to_owned(), 40, 1, 0), ("30 days".to_owned(), 1_000, 29, 1)];
    assert_eq!(figures(&bench), told);
}
