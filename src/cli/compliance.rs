//! `outdial compliance`: what the rulebooks say, without dialing.

mod clock;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;

use super::client::campaign_name;
use super::intake::e164;
use super::{ConfigFile, DataFolder, Fault, Run, print};
use crate::compliance::{Case, Circumstances, Explanation, Gate, Mismatch, Outcomes, Rulebooks};
use crate::config::{self, Config};
use crate::domain::{Campaign, Lead, PhoneNumber};
use crate::store::{Books, has_books, lists};

const EXAMPLES: &str = "\
Examples:
  outdial compliance explain --campaign spring --number +12015550123
  outdial compliance explain --campaign spring --number +12015550123 --at 2026-07-15T14:00:00Z
  outdial compliance clock --campaign spring     was an agent there within two seconds?
  outdial compliance test cases.csv              rows that come out otherwise, and a count
  outdial compliance abandonment counters.csv    the same for rates, or for periods";

/// What the rulebooks say: of a number, or of a file of cases
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Counters of answered calls with the rate that is expected of each; or days with their
    /// periods
    Abandonment(Cases),
    /// How long people waited for an agent from the end of their greeting: the clock of the two
    /// seconds, as the books have it
    Clock(clock::Args),
    /// May a number be called? Every rule's answer, with the clocks of every zone where it may be
    Explain(Explain),
    /// Calls with the verdict that is expected of each: first rule and all rules
    Test(Cases),
}

#[derive(Debug, clap::Args)]
struct Cases {
    /// The file, CSV; compliance/README.md has its columns
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The configuration whose rulebooks are asked besides those that are built in
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Explain {
    /// The campaign, by its name in the configuration
    #[arg(long, value_name = "NAME", value_parser = campaign_name)]
    campaign: String,
    /// The number, E.164
    #[arg(long, value_name = "NUMBER", value_parser = e164)]
    number: PhoneNumber,
    /// State or province of the address [default: the lead's]
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// ZIP code of the address [default: the lead's]
    #[arg(long, value_name = "ZIP")]
    zip: Option<String>,
    /// When [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// Print JSON, as the API gives it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    data: DataFolder,
}

pub(super) fn run(args: Args) -> Run {
    match args.action {
        Action::Abandonment(cases) => {
            let outcomes = gate_of(cases.config.as_deref())?.test_abandonment(open(&cases.file)?);
            tell(&outcomes)
        }
        Action::Clock(args) => clock::run(&args),
        Action::Explain(explain) => {
            let explained = explain.run()?;
            if explain.json {
                print::json(&explained)?;
            } else {
                print::text(&explained)?;
            }
            Ok(if explained.allowed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Action::Test(cases) => tell(&gate_of(cases.config.as_deref())?.test(open(&cases.file)?)),
    }
}

fn open(file: &Path) -> Result<File, Fault> {
    File::open(file)
        .map_err(|error| Fault::failed(format!("{} cannot be read: {error}", file.display())))
}

fn loaded(file: &Path) -> Result<Config, Fault> {
    config::load(file).map_err(|faults| Fault::failed(faults.to_string()))
}

fn gate_of(config: Option<&Path>) -> Result<Gate, Fault> {
    let rulebooks = match config {
        Some(file) => loaded(file)?.rulebooks,
        None => Rulebooks::embedded(),
    };
    Ok(Gate::new(rulebooks, []))
}

/// Each row that came out otherwise, and how many did not.
fn tell(outcomes: &Outcomes) -> Run {
    for Mismatch { id, expected, found, reason } in &outcomes.mismatches {
        print::text(&format!("{id}: {found}\n  expected {expected}\n  {reason}"))?;
    }
    print::text(&format!("{} of {} as expected", outcomes.agreed(), outcomes.rows))?;
    let all = outcomes.mismatches.is_empty() && outcomes.rows > 0;
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Explain {
    /// Asks the rules as the campaign's configuration and the books have them, without a server: as
    /// if an agent were held for the call.
    fn run(&self) -> Result<Explanation, Fault> {
        let config = match self.config.config.exists() {
            true => loaded(&self.config.config)?,
            false => Config::embedded(&self.data.data)
                .map_err(|faults| Fault::failed(faults.to_string()))?,
        };
        let file = config.campaigns.iter().find(|file| file.campaign.name == self.campaign);
        let Some(file) = file else {
            return Err(Fault::Usage(format!("there is no campaign {:?}", self.campaign)));
        };
        let campaign = &file.campaign;
        let mut gate = Gate::new(config.rulebooks.clone(), []);
        let lead = self.lead(campaign, &mut gate)?;
        let circumstances = Circumstances { agent_reserved: true, ..Circumstances::default() };
        let case = Case::of_lead(&lead, campaign, circumstances);
        Ok(gate.explain(&case, self.at.unwrap_or_else(crate::clock::now)))
    }

    /// The lead of that number where the books have one; the lists of the data folder go into the
    /// gate.
    fn lead(&self, campaign: &Campaign, gate: &mut Gate) -> Result<Lead, Fault> {
        let data = &self.data.data;
        let mut lead = Lead::of_number(campaign.id, self.number);
        if has_books(data) {
            for list in lists::open_all(data)? {
                gate.put_list(list);
            }
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let (known, listed) = runtime.block_on(async {
                let books = Books::open(data).await?;
                let known = books.lead_of_number(&campaign.name, self.number).await?;
                Ok::<_, Fault>((known, books.dnc_holds(self.number).await?))
            })?;
            lead = known.unwrap_or(lead);
            if listed {
                gate.do_not_call_add(self.number);
            }
        }
        lead.state = self.state.as_ref().map(|state| state.to_uppercase()).or(lead.state);
        lead.zip = self.zip.clone().or(lead.zip);
        Ok(lead)
    }
}
