//! `outdial doctor`: whether this host can do what the configuration asks of it, and what to do where it
//! cannot.

mod books;
mod certificate;
mod host;
mod ports;
mod trunks;

use std::fmt;
use std::process::ExitCode;

use super::{ConfigFile, Fault, Run, print};
use crate::clock;
use crate::config;

const AFTER_HELP: &str = "\
What is looked at: that the ports are free, or are the running server's; that addresses are this machine's,
and whether a NAT lies before the carriers; who keeps the clock; how fast and how full the disk is; open
files and socket buffers for the calls that the trunks allow; that each trunk answers an OPTIONS; the
dates of certificates; that the books can be read and are this version's.

Nothing is changed but a file of a few bytes in the data folder, which is removed again.

Examples:
  outdial doctor
  outdial doctor --config /etc/outdial/outdial.toml && systemctl start outdial

Exit status: 0 nothing is wrong; 1 something is.";

/// Look whether this host can run the configuration: ports, NAT, clock, disk, limits, trunks,
/// certificates
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    /// Not known, or not as it should be; calls can be made.
    Look,
    /// It is as it should be.
    Well,
    /// Calls cannot be made, or not as they should.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
struct Finding {
    /// What was looked at.
    what: String,
    verdict: Verdict,
    /// What was found.
    found: String,
    /// What to do about it.
    remedy: Option<String>,
}

impl Finding {
    fn well(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Well, found: found.into(), remedy: None }
    }

    fn look(what: impl Into<String>, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Self { what: what.into(), verdict: Verdict::Look, found: found.into(), remedy }
    }

    fn wrong(what: impl Into<String>, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, ..Self::look(what, found, remedy) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.verdict {
            Verdict::Look => "look ",
            Verdict::Well => "well ",
            Verdict::Wrong => "WRONG",
        };
        write!(f, "{word}  {}: {}", self.what, self.found)?;
        match &self.remedy {
            Some(remedy) => write!(f, "\n       do: {remedy}"),
            None => Ok(()),
        }
    }
}

pub(super) fn run(args: Args) -> Run {
    let config = config::load(&args.config.config)
        .map_err(|faults| Fault::failed(format!("the configuration has faults:\n{faults}")))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut findings = ports::look(&config);
    findings.extend(host::look(&config));
    findings.extend(certificate::look(&config, clock::now()));
    findings.extend(runtime.block_on(trunks::look(&config)));
    findings.extend(runtime.block_on(books::look(&config)));
    for finding in &findings {
        print::text(finding)?;
    }
    let count = |verdict| findings.iter().filter(|found| found.verdict == verdict).count();
    let (wrong, look) = (count(Verdict::Wrong), count(Verdict::Look));
    print::text(&format!("{} looked at: {wrong} wrong, {look} to look at", findings.len()))?;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests;
