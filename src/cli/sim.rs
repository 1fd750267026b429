//! `outdial sim faults`: everything goes wrong in virtual time, and twelve invariants are judged.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use super::simulate::runs;
use super::{Fault, Run, print};
use crate::faults::{self, Bug, Plan, Report};

/// Violations that are shown of a run.
const SHOWN: usize = 5;
/// Seeds that a mistake has until it must have been caught.
const PLANTED_SEEDS: u64 = 300;

const ABOUT: &str = "\
The production dialer, its trunks with every SIP byte, and the discipline of its outboxes run around made-up
books, carriers and agents, from one seed each:

  first     the reference shift once for each of its operations: the process is killed before that one
  then      a shift a seed: packets lost, doubled, late and said again; books that fail before or after
            they have written, that hang or are slow; kills, frozen processes with and without another
            that takes over; carriers that contradict themselves, forget calls or refuse; agents that
            vanish; a wall clock that jumps; people who ask not to be called

After each the twelve invariants of docs/durability.md are judged against what was seen on the wire.
A seed gives the same run everywhere: the hash is that of everything that happened in it.

Examples:
  outdial sim faults                      the reference shift, and 1,000 seeds
  outdial sim faults --seeds 10000
  outdial sim faults --seed 7 --trace     one seed, twice, and what happened in it
  outdial sim faults --kill-at 1234       the reference shift, killed before operation 1,234
  outdial sim faults --planted            mistakes that are made on purpose, and whether they are caught";

const EXAMPLES: &str = "\
Examples:
  outdial sim faults --seeds 10000
  outdial sim faults --planted";

/// Made-up worlds that test the dialer itself
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Crashes, lost packets, failing books and the rest of it, from one seed each; exit 1 when an
    /// invariant broke
    #[command(after_help = ABOUT)]
    Faults(Faults),
}

#[derive(Debug, clap::Args)]
struct Faults {
    /// Seeds after the reference shift
    #[arg(long, value_name = "N", default_value_t = 1_000, conflicts_with_all = ["kill_at", "planted", "seed"])]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    from: u64,
    /// This seed alone, twice
    #[arg(long, value_name = "SEED", conflicts_with = "planted")]
    seed: Option<u64>,
    /// The reference shift alone, twice, killed before this operation; of a seed's shift with --seed
    #[arg(long, value_name = "N", conflicts_with = "planted")]
    kill_at: Option<u64>,
    /// Only the mistakes that are made on purpose
    #[arg(long)]
    planted: bool,
    /// Print what happens in the run, line by line
    #[arg(long)]
    trace: bool,
}

pub(super) fn run(args: Args) -> Run {
    let Action::Faults(args) = args.action;
    match (args.planted, args.seed, args.kill_at) {
        (true, ..) => planted(),
        (_, None, None) => sweep(&args),
        (_, seed, kill_at) => {
            let plan = seed.map_or(Plan::reference(kill_at), Plan::of_seed);
            one(&Plan { kill_at, keep_lines: args.trace, ..plan })
        }
    }
}

/// One run, twice.
fn one(plan: &Plan) -> Run {
    let [first, second] = [faults::run(plan), faults::run(plan)];
    let mut said = String::new();
    for line in &first.lines {
        let _ = writeln!(said, "{line}");
    }
    let _ = writeln!(said, "{} operations, {}", first.operations, wire(&[&first]));
    let _ = writeln!(said, "hash {}\nhash {}", first.hash, second.hash);
    let _ = write!(said, "{}", verdict(&[(plan.clone(), first.clone())]));
    print::text(&said)?;
    let same = first.hash == second.hash;
    Ok(if same && first.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sweep(args: &Faults) -> Run {
    let reference = faults::run(&Plan::reference(None));
    say(&format!(
        "the reference shift: {} operations, {}; hash {}",
        reference.operations,
        wire(&[&reference]),
        reference.hash
    ))?;
    let kills: Vec<Plan> = (1..=reference.operations).map(|n| Plan::reference(Some(n))).collect();
    let killed = judged("killed before each of them", kills)?;
    let seeds: Vec<Plan> = (args.from..args.from + args.seeds).map(Plan::of_seed).collect();
    let broken = judged("seeds", seeds)?;
    Ok(if killed && broken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs them all and says what came of it. Whether everything held.
fn judged(what: &str, plans: Vec<Plan>) -> Result<bool, Fault> {
    let reports = runs::all(&plans, faults::run);
    let all: Vec<&Report> = reports.iter().collect();
    let kills: u32 = reports.iter().map(|report| report.kills).sum();
    let operations: u64 = reports.iter().map(|report| report.operations).sum();
    let count = plans.len();
    say(&format!("{what}: {count} runs, {operations} operations, {kills} kills, {}", wire(&all)))?;
    let held = reports.iter().all(|report| report.violations.is_empty());
    let told: Vec<(Plan, Report)> = plans.into_iter().zip(reports).collect();
    say(&verdict(&told))?;
    Ok(held)
}

fn wire(reports: &[&Report]) -> String {
    let invites: usize = reports.iter().map(|report| report.invites).sum();
    let answers: usize = reports.iter().map(|report| report.answers).sum();
    let unknown: usize = reports.iter().map(|report| report.unknown).sum();
    format!("{invites} INVITEs and {answers} answers on the wire, {unknown} calls up and unknown")
}

/// The runs in which something broke, each with the line that runs it again.
fn verdict(runs: &[(Plan, Report)]) -> String {
    let broken: Vec<&(Plan, Report)> =
        runs.iter().filter(|(_, report)| !report.violations.is_empty()).collect();
    let count: usize = broken.iter().map(|(_, report)| report.violations.len()).sum();
    let mut said = format!("{count} violations in {} of {} runs", broken.len(), runs.len());
    for (plan, report) in broken {
        let _ = write!(said, "\n  again: {}", again(plan));
        for violation in report.violations.iter().take(SHOWN) {
            let _ = write!(said, "\n    {violation}");
        }
    }
    said
}

fn again(plan: &Plan) -> String {
    let seed = if plan.faults { format!(" --seed {}", plan.seed) } else { String::new() };
    let kill_at = plan.kill_at.map(|at| format!(" --kill-at {at}")).unwrap_or_default();
    format!("outdial sim faults{seed}{kill_at} --trace")
}

/// Each mistake, and by which run and invariant it was caught.
fn planted() -> Run {
    let caught = runs::all(&Bug::ALL, |bug| faults::catch(*bug, PLANTED_SEEDS));
    let mut table = print::table(["mistake", "caught by", "invariant"]);
    for (bug, found) in Bug::ALL.iter().zip(&caught) {
        let (by, rule) = match found {
            Some((plan, violation)) => (again(plan), violation.to_string()),
            None => ("nobody".to_owned(), String::new()),
        };
        table.add_row([bug.name().to_owned(), by, rule.chars().take(70).collect()]);
    }
    let count = caught.iter().flatten().count();
    print::text(&format!("{table}\n{count} of {} caught", Bug::ALL.len()))?;
    Ok(if count == Bug::ALL.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(line: &str) -> Result<(), Fault> {
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}
