//! The short version of what `outdial sim faults` runs for long.

use super::*;

fn broken(plan: &Plan) -> Vec<String> {
    let report = run(plan);
    report.violations.iter().map(|violation| format!("{plan:?}: {violation}")).collect()
}

#[test]
fn the_reference_shift_holds_and_is_worth_its_name() {
    let report = run(&Plan::reference(None));
    assert_eq!(report.violations, []);
    assert!(report.invites > 40 && report.answers > 20, "{report:?}");
}

#[test]
fn a_seed_gives_the_same_run_again() {
    for plan in [Plan::reference(Some(700)), Plan::of_seed(5)] {
        assert_eq!(run(&plan).hash, run(&plan).hash);
    }
    assert_ne!(run(&Plan::of_seed(5)).hash, run(&Plan::of_seed(6)).hash);
}

#[test]
fn a_kill_before_any_operation_breaks_no_invariant() {
    let operations = run(&Plan::reference(None)).operations;
    // Every one is tried by `outdial sim faults`.
    let broken: Vec<String> =
        (1..=operations).step_by(41).flat_map(|n| broken(&Plan::reference(Some(n)))).collect();
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn whatever_goes_wrong_together_breaks_no_invariant() {
    let broken: Vec<String> = (1..=60).flat_map(|seed| broken(&Plan::of_seed(seed))).collect();
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn a_process_that_stood_still_hears_what_has_come_before_it_gives_up() {
    // A 200 lay in the socket of these when their timers were looked at.
    let broken: Vec<String> = [8147, 9332, 9731, 9782]
        .into_iter()
        .flat_map(|seed| broken(&Plan::of_seed(seed)))
        .collect();
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn mistakes_that_are_made_on_purpose_are_caught() {
    // The others take a rarer accident: `outdial sim faults --planted` has the time.
    let soon = [
        Bug::AttemptLeftOpen,
        Bug::ChannelsUncounted,
        Bug::ClaimsKept,
        Bug::DoNotCallLate,
        Bug::InventedAnswer,
        Bug::InviteBeforeCommit,
        Bug::LedgerClearedAtAnswer,
        Bug::PaceIgnored,
        Bug::RedialOnRecovery,
    ];
    let missed: Vec<Bug> = soon.into_iter().filter(|bug| catch(*bug, 40).is_none()).collect();
    assert_eq!(missed, []);
}
