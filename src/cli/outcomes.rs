//! `outdial outcomes`: what every last word of a call means, with its source.

use std::process::ExitCode;

use super::{Fault, Run, print};
use crate::config;
use crate::trunk::{Outcomes, Row, Word};

const EXAMPLES: &str = "\
Examples:
  outdial outcomes                    the built-in table
  outdial outcomes --trunk east       as this trunk of the configuration has it
  outdial outcomes --json             for other programs

A cause is believed before the response that carries it, unless it defers.";

/// What every response, cause and tone of a carrier means: how the call ended, whose fault that is
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    config: super::ConfigFile,
    /// With what this trunk says otherwise
    #[arg(long, value_name = "NAME")]
    trunk: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Run {
    let own;
    let table = match &args.trunk {
        None => Outcomes::built_in(),
        Some(name) => {
            let config = config::load(&args.config.config)?;
            let trunk = config.trunks.iter().find(|trunk| trunk.name == *name);
            let trunk = trunk.ok_or_else(|| Fault::failed(format!("no trunk is called {name}")))?;
            own = trunk.outcomes.clone();
            &own
        }
    };
    let lines: Vec<[String; 6]> = table.rows().map(|(word, row)| line(word, row)).collect();
    if args.json {
        let objects: Vec<serde_json::Value> = lines.iter().map(object).collect();
        return print::json(&objects);
    }
    let mut shown = print::table(["word", "outcome", "fault", "next trunk", "name", "source"]);
    shown.add_rows(&lines);
    print::text(&shown)?;
    Ok(ExitCode::SUCCESS)
}

fn line(word: Word, row: &Row) -> [String; 6] {
    let (outcome, fault, next) = match &row.meaning {
        Some(meaning) => (
            meaning.outcome.to_string(),
            format!("{:?}", meaning.fault).to_lowercase(),
            if meaning.next_trunk { "may try" } else { "never" },
        ),
        None => ("defers".to_owned(), "-".to_owned(), "-"),
    };
    let (name, source) = (row.name.to_string(), row.source.to_string());
    [word.to_string(), outcome, fault, next.to_owned(), name, source]
}

fn object([word, outcome, fault, next, name, source]: &[String; 6]) -> serde_json::Value {
    serde_json::json!({
        "word": word,
        "outcome": (outcome != "defers").then_some(outcome),
        "fault": (fault != "-").then_some(fault),
        "next_trunk": next == "may try",
        "name": name,
        "source": source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_word_outcome_fault_and_source() {
        let table = Outcomes::built_in();
        let shown: Vec<String> =
            table.rows().map(|(word, row)| line(word, row).join(" | ")).collect();
        let busy = "SIP 486 | busy | callee | never | Busy Here | RFC 3261 §21.4.24";
        assert!(shown.iter().any(|line| line == busy), "{shown:#?}");
        assert!(shown.iter().any(|line| line.starts_with("SIP 603+ | blocked | network | never")));
        assert!(shown.iter().any(|line| line.starts_with("Q.850 16 | defers")));
    }
}
