//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;

use outdial::cli::{Cli, logging};

fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::start(&cli.logging, cli.command.log_level());
    match cli.command.run() {
        Ok(code) => code,
        Err(fault) if fault.is_broken_pipe() => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("outdial: {fault}");
            fault.exit_code()
        }
    }
}
