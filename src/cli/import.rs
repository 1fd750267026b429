//! `outdial import`: leads in.

use std::path::{Path, PathBuf};

use super::client::{Client, campaign_name};
use super::intake::{self, FileArgs};
use super::{Fault, Run};
use crate::clock;
use crate::domain::{CampaignId, Country};
use crate::store::import::{ImportError, LeadFile, Report, check_leads, import_leads};
use crate::store::{Books, DataFolder, StoreError, keep_in};

const EXAMPLES: &str = "\
A file lands whole or not at all. Its first row is a header: phone, first name, last name, state and \
ZIP are known by their names in many languages, every other column is kept as an attribute of the \
lead. A number that is in the file twice, or in the campaign already, is no reason to refuse the \
file: it stays what it is there.

Rows that are not taken go to a rejects file in front of which stand outdial_line, outdial_column \
and outdial_reason; an import ignores these columns, so that the file can be mended and imported. \
A cell that a spreadsheet would take for a formula has an apostrophe there, and loses it again.

It is safe while a server runs on the data folder: small writes with rests between them, so that it \
goes on dialing.

Examples:
  outdial import leads.csv --campaign spring
  outdial import leads.csv --campaign spring --dry-run
  outdial import liste.csv --campaign herbst --country DE --map phone=Rückruf,state=Land
  outdial import leads.csv --campaign spring --skip-bad && $EDITOR leads.rejects.csv \\
      && outdial import leads.rejects.csv --campaign spring";

/// Leads in, from a CSV file: whole or not at all
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    file: FileArgs,
    /// The campaign they are for, by its name in the configuration
    #[arg(long, value_name = "NAME", value_parser = campaign_name)]
    campaign: String,
    /// The country in whose national format the numbers are, two letters [default: the
    /// campaign's]
    #[arg(long, value_name = "CODE", value_parser = intake::country)]
    country: Option<Country>,
    /// Only say what would come of it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    config: super::ConfigFile,
    /// The data folder [default: the one that the configuration names]
    #[arg(long, value_name = "DIR", env = "OUTDIAL_DATA")]
    data: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Run {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(import(args))
}

async fn import(args: Args) -> Run {
    let (country, data) = place(&args)?;
    let (source, length) = args.file.open()?;
    let rejects = args.file.rejects()?;
    let file = LeadFile {
        source,
        name: args.file.name(),
        country,
        mapped: args.file.mapped.clone(),
        rejects: rejects.as_ref().map(|rejects| rejects.sink()).transpose()?,
        skip_bad: args.file.skip_bad,
    };
    let done = if args.dry_run {
        check(&args, &data, file, length).await
    } else {
        land(&args, &data, file, length).await
    };
    let report = match done {
        Ok(report) => report,
        Err(error) => {
            rejects.into_iter().for_each(|rejects| rejects.discard());
            return Err(error.into());
        }
    };
    let kept = rejects.map(|rejects| rejects.finish(report.rejected())).transpose()?.flatten();
    if report.landed > 0 && !args.dry_run {
        tell_server(&data, &args.campaign);
    }
    let only_said = if args.dry_run { " (a dry run)" } else { "" };
    let place = format!("in campaign {}{only_said}", args.campaign);
    intake::tell(&args.file, &report, kept.as_deref(), &place)
}

/// In which country's format the numbers are, and where the books are.
fn place(args: &Args) -> Result<(Country, PathBuf), Fault> {
    let path = &args.config.config;
    let Some(config) = intake::config(path)? else {
        let country = args.country.ok_or_else(|| {
            Fault::Usage(format!("say --country: there is no configuration {}", path.display()))
        })?;
        return Ok((country, args.data.clone().unwrap_or_else(|| PathBuf::from("outdial-data"))));
    };
    let campaigns = || config.campaigns.iter().map(|file| &file.campaign);
    let Some(campaign) = campaigns().find(|campaign| campaign.name == args.campaign) else {
        let names: Vec<&str> = campaigns().map(|campaign| campaign.name.as_str()).collect();
        let names = names.join(", ");
        let sentence =
            format!("{}: no campaign {} (there are: {names})", path.display(), args.campaign);
        return Err(Fault::failed(sentence));
    };
    let country = args.country.unwrap_or(campaign.country);
    let data = args.data.clone().unwrap_or_else(|| config.data.clone());
    if let Some(url) = &config.store {
        keep_in(&data, url)?;
    }
    Ok((country, data))
}

async fn land(
    args: &Args,
    data: &Path,
    file: LeadFile,
    length: Option<u64>,
) -> Result<Report, ImportError> {
    let store = intake::open_books(data).await?;
    let campaign = store.campaign_id(&args.campaign).await?;
    let done = import_leads(&store, campaign, file, intake::meter(length), clock::now()).await;
    store.close().await;
    done
}

async fn check(
    args: &Args,
    data: &Path,
    file: LeadFile,
    length: Option<u64>,
) -> Result<Report, ImportError> {
    check_leads(taken(data, &args.campaign).await?, file, intake::meter(length)).await
}

async fn taken(data: &Path, campaign: &str) -> Result<Option<(Books, CampaignId)>, StoreError> {
    let books = match Books::open(data).await {
        Err(StoreError::NoBooks(_)) => return Ok(None),
        opened => opened?,
    };
    Ok(books.campaign(campaign).await?.map(|id| (books, id)))
}

/// Tells the server that runs on the folder, if one does. Without, it finds the leads by itself
/// when it asks for the next ones.
fn tell_server(data: &Path, campaign: &str) {
    if !DataFolder::is_taken(data) {
        return;
    }
    let path = format!("/v1/campaigns/{campaign}/leads-changed");
    let told =
        Client::in_folder(data).and_then(|server| server.tell(&path, &serde_json::json!({})));
    if let Err(error) = told {
        tracing::warn!(%error, "the server was not told; it looks for leads when it needs some");
    }
}
