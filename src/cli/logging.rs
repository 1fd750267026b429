//! Logging: to standard error, so that standard output stays what was asked for.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Where and how much to log.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// What to log: a level (error, warn, info, debug, trace), or by room as in
    /// "info,outdial::trunk=debug" [default: info for serve and carrier, warn otherwise]
    #[arg(long = "log", value_name = "FILTER", env = "OUTDIAL_LOG", global = true)]
    #[arg(value_parser = filter, help_heading = "Logging")]
    pub filter: Option<String>,
    /// Log one JSON object a line
    #[arg(id = "log_json", long = "log-json", global = true, help_heading = "Logging")]
    pub json: bool,
}

fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// Starts logging, once per process; `level` is the subcommand's own default.
pub fn start(options: &Options, level: LevelFilter) {
    let asked = options.filter.as_deref().and_then(|filter| EnvFilter::try_new(filter).ok());
    let filter = asked.unwrap_or_else(|| EnvFilter::default().add_directive(level.into()));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start (a test in the same process) keeps the first.
    let _ = if options.json { log.json().try_init() } else { log.try_init() };
}
