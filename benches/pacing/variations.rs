//! The variations of S0, with 25 agents: the scenario files beside this program.

use std::fs;
use std::path::Path;

use outdial::config::load_scenario;

use crate::Plan;
use crate::policies::Policy;
use crate::runs::figures;

/// The reference's algorithm with cancelling: utilisation, and what it says of abandonment.
const REFERENCE: [(&str, &str); 13] = [
    ("doubled-halved-halved", "89.9"),
    ("mixed-talks", "90.1"),
    ("no-drift", "90.0"),
    ("p0-0.10", "88.9"),
    ("p0-0.35", "91.3"),
    ("screening-0.3", "91.1"),
    ("screening-0.8", "90.4"),
    ("screening-2.0", "81.6 (3.2)"),
    ("screening-3.0", "71.2 (48)"),
    ("short-talks", "85.4"),
    ("short-wrap-up", "89.9"),
    ("uk-screening-0.5", "90.2"),
    ("uk-screening-1.3", "78.7 (3.8)"),
];

/// Runs and prints them.
pub fn print(plan: &Plan) -> Result<(), String> {
    println!("variations, 25 agents, {} seeds of {} days", plan.seeds, plan.days);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pacing");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    for file in files {
        variation(plan, &file)?;
    }
    Ok(())
}

fn variation(plan: &Plan, file: &Path) -> Result<(), String> {
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let scenario = load_scenario(file).map_err(|faults| faults.to_string())?;
    let known = REFERENCE.iter().find(|(known, _)| *known == name).map(|(_, figures)| *figures);
    // The grids are those of S0: whoever tunes by hand does not tune for every change.
    for policy in plan.policies.iter().filter(|policy| policy.grid().len() == 1) {
        let Some(mode) = policy.choose(&scenario, 1) else { continue };
        let figures = figures(&scenario, mode, 1, plan.seeds, plan.days);
        let beside = match (policy, known) {
            (Policy::Predictive, Some(known)) => format!("[{known}]"),
            _ => String::new(),
        };
        println!("{name:<22} {:<12} {:<58} {beside}", policy.name(), figures.text());
    }
    Ok(())
}
