//! `outdial amd`: the detector on recordings: what it says of them, and how right that is.

mod calibrate;
mod classify;
mod evaluate;
mod figures;
mod manifest;
mod picture;
mod wav;
mod wire;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::SignedDuration;

use super::Run;
use crate::amd::{Costs, Detector, training};
use crate::domain::Share;
use crate::rehearsal::network::{Network, Pauses};
use manifest::Manifest;

const ABOUT: &str = "\
Recordings are WAV files, mono, 8000 Hz, 16-bit or mu-law or A-law, from the answer (the 200 OK) on.

A manifest is a CSV file with the columns file (beside it) and label (human, voicemail, ivr, announcement,
screening, fax, modem, sit, busy, reorder, ringback, dialtone, music, silence, noise) or cls (human,
machine, other); source, language, first_utterance_end_s and beep_start_s are used where they are.

Examples:
  outdial amd classify call.wav --plot call.svg
  outdial amd evaluate recordings/manifest.csv
  outdial amd evaluate recordings/manifest.csv --limit 4s --machine-met 0.8 --json";

/// Tell people from machines in recordings, and measure how well
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Fit the detector to a campaign by what its agents have said of its calls
    Calibrate(calibrate::Args),
    /// What answered in each recording, how sure that is, when it was known and why
    Classify {
        /// The recordings
        #[arg(required = true, value_name = "FILE.wav")]
        files: Vec<PathBuf>,
        /// Draw waveform, posterior and decision of the first one as an SVG
        #[arg(long, value_name = "FILE.svg")]
        plot: Option<PathBuf>,
        #[command(flatten)]
        listening: ListeningArgs,
    },
    /// How right it is on labelled recordings: confusion, rates, times, by source and language
    Evaluate {
        /// The labels
        #[arg(value_name = "MANIFEST.csv")]
        manifest: PathBuf,
        /// What app_amd said of the same files (columns file, status, cause, seconds), to print beside
        #[arg(long, value_name = "FILE.csv")]
        app_amd: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        listening: ListeningArgs,
    },
    /// Write what training reads: rows of features as 32-bit floats (file, row, features...)
    Features {
        /// The recordings
        #[arg(value_name = "MANIFEST.csv")]
        manifest: PathBuf,
        /// Where to
        #[arg(value_name = "ROWS")]
        out: PathBuf,
        /// The voice network's inputs, each 20 ms, instead of the call's features, each 100 ms
        #[arg(long)]
        voice: bool,
    },
    /// Play labelled recordings over RTP on this machine: is the same said of them as of the files?
    Wire {
        /// The labels
        #[arg(value_name = "MANIFEST.csv")]
        manifest: PathBuf,
        #[command(flatten)]
        wire: WireArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        listening: ListeningArgs,
    },
}

/// What the network between does.
#[derive(Clone, Debug, clap::Args)]
struct WireArgs {
    /// Of the packets so many are lost
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = percent)]
    loss: Share,
    /// Each packet waits up to so long
    #[arg(long, value_name = "TIME", default_value = "0ms", value_parser = duration)]
    jitter: SignedDuration,
    /// What is sent while nobody speaks
    #[arg(long, value_enum, default_value = "sent")]
    pauses: PausesArg,
    /// UDP ports of this machine, two for each end of a call
    #[arg(long, value_name = "FIRST-LAST", default_value = "21000-21599", value_parser = ports)]
    ports: (u16, u16),
    /// The seed of every chance in it
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum PausesArg {
    /// The noise's level now and then (RFC 3389)
    ComfortNoise,
    /// Nothing
    Dropped,
    /// Audio, as always
    Sent,
}

impl WireArgs {
    fn network(&self) -> Network {
        let pauses = match self.pauses {
            PausesArg::ComfortNoise => Pauses::ComfortNoise,
            PausesArg::Dropped => Pauses::Dropped,
            PausesArg::Sent => Pauses::Sent,
        };
        Network { loss: self.loss, jitter: self.jitter, pauses }
    }
}

fn percent(written: &str) -> Result<Share, String> {
    let percent: Option<f64> = written.parse().ok();
    let share = percent.and_then(|percent| Share::new(percent / 100.0));
    share.ok_or_else(|| "a number from 0 to 100".to_owned())
}

fn ports(written: &str) -> Result<(u16, u16), String> {
    let (first, last) = written.split_once('-').ok_or("FIRST-LAST, as 21000-21599")?;
    let port = |text: &str| text.parse::<u16>().map_err(|_| format!("{text} is no port"));
    let (first, last) = (port(first)?, port(last)?);
    if last < first.saturating_add(7) {
        Err("at least eight ports".to_owned())
    } else {
        Ok((first, last))
    }
}

/// How the detector listens.
#[derive(Clone, Copy, Debug, clap::Args)]
struct ListeningArgs {
    /// Decide at the latest after so much of the call [default: 6s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    limit: Option<SignedDuration>,
    /// Decide at the latest so long after an utterance
    #[arg(long, value_name = "TIME", value_parser = duration)]
    within: Option<SignedDuration>,
    /// What a machine taken for a person costs, where a person lost costs 1 [default: 0.4]
    #[arg(long, value_name = "COST")]
    machine_met: Option<f32>,
    /// What a second of silence costs a person who waits [default: 0.08]
    #[arg(long, value_name = "COST")]
    waiting: Option<f32>,
}

impl ListeningArgs {
    fn costs(&self) -> Costs {
        let usual = Costs::default();
        Costs {
            machine_met: self.machine_met.unwrap_or(usual.machine_met).max(0.0),
            waiting_s: self.waiting.unwrap_or(usual.waiting_s).max(0.0),
        }
    }

    fn limit(&self) -> SignedDuration {
        self.limit.unwrap_or(SignedDuration::from_secs(6))
    }

    fn detector(&self) -> Detector {
        let detector = Detector::new(self.limit()).weighing(self.costs());
        match self.within {
            Some(within) => detector.within(within),
            None => detector,
        }
    }
}

fn duration(written: &str) -> Result<SignedDuration, String> {
    let duration: SignedDuration = written.parse().map_err(|error| format!("{error}"))?;
    if duration.is_negative() { Err("not below zero".to_owned()) } else { Ok(duration) }
}

/// Does it.
///
/// # Errors
/// A fault: a file that cannot be read, with its name, and of a manifest with the row.
pub fn run(args: Args) -> Run {
    match args.command {
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Classify { files, plot, listening } => {
            classify::run(&files, plot.as_deref(), listening)
        }
        Command::Evaluate { manifest, app_amd, json, listening } => {
            evaluate::run(&manifest, app_amd.as_deref(), json, listening)
        }
        Command::Features { manifest, out, voice } => {
            features(&Manifest::read(&manifest)?, &out, voice)
        }
        Command::Wire { manifest, wire, json, listening } => {
            wire::run(&manifest, &wire, json, listening)
        }
    }
}

fn features(manifest: &Manifest, out: &Path, voice: bool) -> Run {
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    for (nth, case) in manifest.cases.iter().enumerate() {
        let samples = wav::read(&case.path).map_err(|fault| case.fault(&fault))?;
        let mut write = |row: usize, values: &[f32]| -> std::io::Result<()> {
            let head = [nth as f32, row as f32];
            head.iter().chain(values).try_for_each(|value| file.write_all(&value.to_le_bytes()))
        };
        if voice {
            for (row, values) in training::voice_rows(&samples).iter().enumerate() {
                write(row, values)?;
            }
        } else {
            for (row, values) in training::call_rows(&samples, 100).iter().enumerate() {
                write(row, values)?;
            }
        }
    }
    file.flush()?;
    Ok(ExitCode::SUCCESS)
}
