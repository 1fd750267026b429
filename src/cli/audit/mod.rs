//! `outdial audit`: the evidence of why each call was placed.

mod bundle;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;

use super::calls::time;
use super::client::campaign_name;
use super::{Fault, Run, print};
use crate::audit::{Verified, keep_proof, verify};

const WHAT: &str = "\
The evidence is in DIR/audit, a file a day: each dial decision with the rulebooks, the zones and \
every rule's answer; each refusal; each change of lists, phases, settings and the do-not-call list. \
A bundle of `export` is such a folder too, and is verified the same way. Documents that `keep` has \
taken lie in DIR/audit/proofs under their SHA-256; a bundle has those its decisions rest on, and its \
manifest names the ones that were never kept.

Examples:
  outdial audit verify
  outdial audit keep scans/*.pdf
  outdial audit verify --key 3b6a27bc... --data bundle
  outdial audit export --campaign spring --from 2026-11-01 --to 2026-12-01 --out bundle";

/// The evidence: verify it, export it
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Export(Export),
    Keep(Keep),
    Verify(Verify),
}

/// A bundle for an auditor: decisions and calls as CSV and JSON, the chain, the texts in force, and
/// a signed manifest of hashes
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// Of this campaign
    #[arg(long, value_name = "NAME", value_parser = campaign_name)]
    campaign: String,
    /// From here on
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Timestamp,
    /// Until here
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Timestamp,
    /// A folder that is not there yet
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    data: super::DataFolder,
}

/// Keeps documents that consents rest on, whatever becomes of their files; says what to write into
/// the leads' column law.consent.proof or law.ebr.proof
#[derive(Debug, clap::Args)]
struct Keep {
    /// Scans, recordings, copies of forms
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    data: super::DataFolder,
}

/// Finds any record that was taken out, put in, moved or changed; exit status 1 when there is one
#[derive(Debug, clap::Args)]
struct Verify {
    /// The public key that must have signed it, as an earlier look has shown it
    #[arg(long, value_name = "HEX")]
    key: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: super::DataFolder,
}

pub(super) fn run(args: Args) -> Run {
    match args.action {
        Action::Export(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(bundle::export(&args))
        }
        Action::Keep(args) => keep(&args),
        Action::Verify(args) => look(&args),
    }
}

fn keep(args: &Keep) -> Run {
    let data = &args.data.data;
    // A misspelt folder would have the documents, and no bundle would.
    if !data.is_dir() {
        return Err(Fault::failed(format!("there is no data folder {}", data.display())));
    }
    for file in &args.files {
        let unread = |error| Fault::failed(format!("{} cannot be read: {error}", file.display()));
        let bytes = fs::read(file).map_err(unread)?;
        let hash = keep_proof(data, &bytes)?;
        print::text(&format!("sha256:{hash}  {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn look(args: &Verify) -> Run {
    let verified = verify(&args.data.data)?;
    let other_key =
        args.key.as_ref().is_some_and(|key| verified.public_keys.iter().any(|found| found != key));
    if args.json {
        print::json(&verified)?;
    } else {
        print::text(&told(&verified))?;
        if other_key {
            print::text(&"it is signed by another key than the one that was named")?;
        }
    }
    let holds = verified.broken.is_empty() && !other_key;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(verified: &Verified) -> String {
    let Verified { records, days, first_seq, last_seq, last_hash, unsigned, .. } = verified;
    let mut lines: Vec<String> = verified
        .broken
        .iter()
        .map(|broken| match broken.line {
            0 => format!("{}: {}", broken.file.display(), broken.what),
            line => format!("{}:{line}: {}", broken.file.display(), broken.what),
        })
        .collect();
    let word = if lines.is_empty() { "the chain is whole" } else { "the chain does not hold" };
    lines.push(format!(
        "{word}: {records} records of {days} days, {first_seq} to {last_seq}; {unsigned} after the \
         last signature"
    ));
    lines.push(format!("last hash {last_hash}"));
    lines.extend(verified.public_keys.iter().map(|key| format!("signed by {key}")));
    lines.join("\n")
}
