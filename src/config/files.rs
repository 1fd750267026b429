//! The files of a configuration: `outdial.toml`, the folder of campaigns, the folder of rulebooks.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::campaign::{self, Known};
use super::fault::{Fault, Faults, Source};
use super::section::Ledger;
use super::settings::{Folder, Settings};
use super::{CampaignFile, Config, inbound};
use crate::compliance::{Rulebook, Rulebooks};

/// Longest file that is read, in bytes: a configuration is not larger, a wrong path may be.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Reads a configuration with everything that belongs to it. Names of trunks are looked up and
/// password files read on the way.
///
/// # Errors
/// [`Faults`], every one of them.
pub fn load(path: &Path) -> Result<Config, Faults> {
    let text = read_text(path).map_err(|error| {
        let remedy = "begin with a copy of outdial.example.toml, or name your file with --config \
                      (outdial demo needs none)";
        Faults::one(unreadable(path, &error, remedy))
    })?;
    let ledger = Ledger::new(Source { path, text: &text });
    let settings = Settings::read(ledger.root());
    let campaigns = toml_files(&settings.campaigns, &ledger);
    let campaign_folder = Some(ledger.folder().join(&settings.campaigns.path));
    let rulebooks = settings.rulebooks.as_ref().and_then(|folder| toml_files(folder, &ledger));
    let mut faults = Vec::new();

    let rulebooks = read_rulebooks(rulebooks.unwrap_or_default(), &mut faults);
    let trunks: Vec<&str> = settings.trunk_names.iter().map(String::as_str).collect();
    let known = Known { trunks: Some(&trunks), rulebooks: &rulebooks };
    let files = campaigns.unwrap_or_default();
    let names: Vec<String> = files.iter().map(|path| name_of(path)).collect();
    let campaigns = read_campaigns(files, &known, &mut faults);
    let inbound = inbound::meant(settings.inbound, &names, &campaigns, &ledger);
    faults.splice(0..0, ledger.into_faults());
    match Faults::of(faults) {
        Some(faults) => Err(faults),
        None => Ok(Config {
            data: settings.data,
            store: settings.store,
            api: settings.api,
            event_log: settings.event_log,
            webhook: settings.webhook,
            collector: settings.collector,
            web: settings.web,
            sip: settings.sip,
            media: settings.media,
            trunks: settings.trunks,
            inbound,
            campaigns,
            campaign_folder,
            rulebooks,
        }),
    }
}

/// The name of a campaign is its file's.
fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads one campaign from its text.
pub(super) fn read_campaign(
    path: &Path,
    text: &str,
    known: &Known<'_>,
    faults: &mut Vec<Fault>,
) -> Option<CampaignFile> {
    let ledger = Ledger::new(Source { path, text });
    let read = campaign::read(&name_of(path), ledger.root(), known);
    let advice = ledger.take_advice();
    faults.extend(ledger.into_faults());
    let (campaign, rehearsal) = read?;
    Some(CampaignFile { path: path.to_owned(), campaign, rehearsal, advice })
}

/// What is wrong with a campaign's text that is in no file of this folder yet, and what is hardly meant.
pub fn check_campaign(
    folder: &Path,
    name: &str,
    text: &str,
    trunks: &[&str],
    rulebooks: &Rulebooks,
) -> (Vec<Fault>, Vec<Fault>) {
    // A name that leads elsewhere is a fault of its own.
    let path = folder.join(format!("{}.toml", name.replace(std::path::is_separator, "?")));
    let known = Known { trunks: Some(trunks), rulebooks };
    let mut faults = Vec::new();
    let read = read_campaign(&path, text, &known, &mut faults);
    (faults, read.map(|file| file.advice).unwrap_or_default())
}

/// The TOML files of a folder but those that are examples (`*.example.toml`), which is relative to the configuration's own, in order.
fn toml_files(folder: &Folder, ledger: &Ledger<'_>) -> Option<Vec<PathBuf>> {
    let path = ledger.folder().join(&folder.path);
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&path)? {
            let file = entry?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".toml") && !name.ends_with(".example.toml") {
                files.push(file);
            }
        }
        files.sort();
        Ok(files)
    };
    let fault = |message: String, remedy: &str| ledger.fault(folder.span.clone(), message, remedy);
    match list() {
        Ok(files) if files.is_empty() => {
            let remedy = "put a TOML file into it; campaigns/demo.toml shows what a campaign has";
            fault(format!("no TOML file in the folder {}", path.display()), remedy);
            None
        }
        Ok(files) => Some(files),
        Err(error) => {
            let remedy = "make the folder, or write where it is";
            fault(format!("the folder {} cannot be read: {error}", path.display()), remedy);
            None
        }
    }
}

fn read_campaigns(
    files: Vec<PathBuf>,
    known: &Known<'_>,
    faults: &mut Vec<Fault>,
) -> Vec<CampaignFile> {
    let mut campaigns = Vec::new();
    for path in files {
        match read_text(&path) {
            Ok(text) => campaigns.extend(read_campaign(&path, &text, known, faults)),
            Err(error) => faults.push(unreadable(&path, &error, "mend or remove it")),
        }
    }
    campaigns
}

fn read_rulebooks(files: Vec<PathBuf>, faults: &mut Vec<Fault>) -> Rulebooks {
    let mut books = Rulebooks::embedded();
    for path in files {
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) => {
                faults.push(unreadable(&path, &error, "mend or remove it"));
                continue;
            }
        };
        let source = Source { path: &path, text: &text };
        match Rulebook::parse(&text) {
            Ok(book) if book.tzdb_is_stale() => {
                let has = crate::compliance::tzdb_version();
                let message = format!("it asks for the time-zone database {}", book.min_tzdb);
                let remedy = format!("{has} is built in: take a newer outdial");
                faults.push(source.fault(None, message, remedy));
            }
            Ok(book) => {
                if let Err(taken) = books.add(book) {
                    faults.push(source.fault(None, taken.to_string(), ""));
                }
            }
            Err(found) => faults.extend(found.into_iter().map(|fault| {
                let remedy = "compliance/README.md says what a rulebook has";
                source.fault(fault.span, fault.message.trim(), remedy)
            })),
        }
    }
    books
}

pub(super) fn read_text(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > FILE_BYTES_MAX {
        return Err(io::Error::other("it is longer than 1 MiB"));
    }
    fs::read_to_string(path)
}

pub(super) fn unreadable(path: &Path, error: &io::Error, remedy: &str) -> Fault {
    let message = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::InvalidData => "it is not a text in UTF-8".to_owned(),
        _ => format!("it cannot be read: {error}"),
    };
    Fault { file: path.to_owned(), place: None, message, remedy: remedy.to_owned() }
}
