//! The dialer against nasty carriers: every SIPp scenario of a folder, one line each.
//!
//! ```text
//! cargo run --release --example carrier -- DIR [NUMBER..]
//! cargo run --release --example carrier -- siege TOOLS
//! ```
//!
//! SIPp (Debian `sip-tester`) plays the carrier of each scenario on loopback; a fresh dialer with
//! real trunk, media and books, and one agent at a simulated phone, calls it. Two things are
//! judged: the wire (SIPp's exit code) and the books (what `cases` expects; a scenario that is not
//! in its table has only a wire). A scenario that begins with a packet to us is an attack: it goes
//! against both SIP ports, and the books must stay empty. The exit status is zero when everything
//! passed.

mod cases;
mod control;
mod floor;
mod peer;
mod siege;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use jiff::SignedDuration;

use cases::Case;
use floor::Floor;
use peer::{Sipp, TRIPWIRE, Tripwire};

/// What ends an example.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A black hole holds a call for 32 s after its CANCEL (64*T1).
const LAST_CALL_MAX: SignedDuration = SignedDuration::from_secs(45);

/// How a scenario went.
struct Verdict {
    name: String,
    wire: Result<(), String>,
    /// `None` when the table does not know it.
    books: Option<Result<(), String>>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("carrier: {fault}");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<bool, Fault> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: carrier DIR [NUMBER..] | carrier siege TOOLS")?;
    let wanted: Vec<String> = arguments.collect();
    if let ("siege", [tools]) = (folder.as_str(), &wanted[..]) {
        return siege::run(Path::new(tools)).await;
    }
    let scenarios = scenarios(Path::new(&folder), &wanted)?;
    let tripwire = Tripwire::at(TRIPWIRE)
        .map_err(|fault| format!("the tripwire {TRIPWIRE} is taken, by a second run? {fault}"))?;
    let (mut passed, mut known) = (0, true);
    for scenario in &scenarios {
        let verdict = play(scenario, &tripwire).await?;
        passed += usize::from(verdict.print());
        known &= verdict.books.is_some();
    }
    println!("{passed} of {} passed", scenarios.len());
    if !known {
        println!("(books \"-\": the scenario is not in the table, only its wire was judged)");
    }
    Ok(passed == scenarios.len())
}

/// The folder's scenarios in order; those that begin with a wanted number, when any is.
fn scenarios(folder: &Path, wanted: &[String]) -> Result<Vec<PathBuf>, Fault> {
    let mut scenarios = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path().canonicalize()?;
        let name = name_of(&path);
        let is_wanted = wanted.is_empty() || wanted.iter().any(|start| name.starts_with(start));
        if path.extension().is_some_and(|extension| extension == "xml") && is_wanted {
            scenarios.push(path);
        }
    }
    scenarios.sort();
    Ok(scenarios)
}

fn name_of(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

async fn play(scenario: &Path, tripwire: &Tripwire) -> Result<Verdict, Fault> {
    if peer::is_attack(scenario)? {
        return withstand(scenario, tripwire).await;
    }
    let name = name_of(scenario);
    let case = Case::of(&name);
    let setup = Case::setup(case);
    let scratch = tempfile::tempdir()?;
    let decoy = Tripwire::anywhere()?;
    let sipp = Sipp::called(scenario, setup.calls, scratch.path())?;
    let data = scratch.path().join("data");
    let trunk = floor::trunk(sipp.address);
    let floor = Floor::open(&setup, trunk, decoy.address()?, &data).await?;
    floor.dial(&setup).await?;
    let wire = sipp.wait().await?.judged();
    // Whoever tries again does so soon.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut evidence = floor.close(setup, LAST_CALL_MAX).await?;
    evidence.touched = tripwire.touched().or(decoy.touched());
    Ok(Verdict { name, wire, books: case.map(|case| (case.books)(&evidence)) })
}

/// SIPp attacks the trunks' port, then the phones' port, from an address that is neither's.
async fn withstand(scenario: &Path, tripwire: &Tripwire) -> Result<Verdict, Fault> {
    let setup = Case::setup(None);
    let scratch = tempfile::tempdir()?;
    let decoy = Tripwire::anywhere()?;
    let carrier = SocketAddr::from(([127, 0, 0, 2], 5060));
    let data = scratch.path().join("data");
    let floor = Floor::open(&setup, floor::trunk(carrier), decoy.address()?, &data).await?;
    let mut wire = Ok(());
    for target in floor.ports() {
        let attacker = Sipp::attacking(scenario, target, scratch.path())?;
        wire = wire.and(attacker.wait().await?.judged());
    }
    let mut evidence = floor.close(setup, LAST_CALL_MAX).await?;
    evidence.touched = tripwire.touched().or(decoy.touched());
    Ok(Verdict { name: name_of(scenario), wire, books: Some(cases::untouched(&evidence)) })
}

impl Verdict {
    /// Prints the line, and says whether everything passed.
    fn print(&self) -> bool {
        let word = |judged: &Result<(), String>| if judged.is_ok() { "ok" } else { "FAIL" };
        let books = self.books.as_ref().map_or("-", word);
        let name = &self.name;
        println!("{name:40} wire {:5} books {books:5}", word(&self.wire));
        for judged in [Some(&self.wire), self.books.as_ref()] {
            if let Some(Err(sentence)) = judged {
                println!("    {sentence}");
            }
        }
        self.wire.is_ok() && self.books.as_ref().is_none_or(Result::is_ok)
    }
}
