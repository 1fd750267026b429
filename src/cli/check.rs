//! `outdial check`: every fault of the configuration at once, and what is no fault but hardly meant.

use std::io::{self, Write};
use std::process::ExitCode;

use super::Run;
use crate::compliance::tzdb_version;
use crate::config::{self, Config};

const EXAMPLES: &str = "\
Examples:
  outdial check
  outdial check --config /etc/outdial/outdial.toml
  outdial check --settings                          what a campaign may say, and what that means";

/// Validate configuration, campaigns and rulebooks; every fault at once, with file and line
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    config: super::ConfigFile,
    /// Print every setting of a campaign instead: unit, range, default and what it is
    #[arg(long)]
    settings: bool,
}

pub(super) fn run(args: Args) -> Run {
    let mut out = io::stdout().lock();
    if args.settings {
        write!(out, "{}", config::settings_page())?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "time-zone database {}", tzdb_version())?;
    match config::load(&args.config.config) {
        Ok(config) => {
            writeln!(out, "{}{}no faults", summary(&config), advice(&config))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            let count = faults.iter().len();
            writeln!(out, "{faults}\n{count} fault{}", plural(count))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What has been read, a line each.
fn summary(config: &Config) -> String {
    let mut lines = String::new();
    for book in config.rulebooks.iter() {
        let rules = book.rules().len();
        let (id, version, title) = (&book.id, &book.version, &book.title);
        lines += &format!("rulebook {id} {version}: {title} ({rules} rule{})\n", plural(rules));
    }
    for trunk in &config.trunks {
        lines += &format!("trunk {}: {}\n", trunk.name, trunk.place());
    }
    for file in &config.campaigns {
        let campaign = &file.campaign;
        let (trunks, books) = (campaign.trunks.join(", "), campaign.rulebooks.join(", "));
        lines += &format!("campaign {}: trunks {trunks}; rulebooks {books}\n", campaign.name);
    }
    lines
}

/// What is no fault, a line each.
fn advice(config: &Config) -> String {
    config.advice().map(|advice| format!("advice: {advice}\n")).collect()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_summary_names_every_rulebook_and_campaign() {
        let config = Config::embedded(Path::new("data")).unwrap();
        let shown = summary(&config);
        for line in ["rulebook us-tsr-tcpa ", "rulebook test-carrier ", "campaign demo: trunks "] {
            assert!(shown.lines().any(|shown| shown.starts_with(line)), "{line:?} in\n{shown}");
        }
    }

    #[test]
    fn advice_is_a_line_with_its_place_and_what_to_do() {
        let config = Config::embedded(Path::new("data")).unwrap();
        let shown = advice(&config);
        let shift = "advice: campaigns/demo.toml:";
        assert!(shown.starts_with(shift) && shown.contains("; write [shift]"), "{shown}");
    }
}
