//! `outdial amd calibrate`: the detector fitted to a campaign by what its agents have said.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::amd::{Costs, Fit, Known, Shares, fit};
use crate::cli::client::campaign_name;
use crate::cli::{ConfigFile, DataFolder, Fault, Run, print, why};
use crate::clock;
use crate::config::{self, CampaignFile};
use crate::domain::{Campaign, Misjudged};
use crate::store::{Books, Met};

/// Fewer people, or fewer machines, than this say too little.
const LEAST: usize = 30;

const WHAT: &str = "\
Read are calls that an agent had and has said something of: a disposition with machine = true met a \
machine, every other a person. Of those whom the detector calls machines only the sample of \
sample_machines_percent is sent to agents, and stands for the rest; without it nobody knows how many \
people are lost, and nothing is fitted. --apply writes person_bias into the campaign's file; a server \
reads it at its next start.

Examples:
  outdial amd calibrate --campaign spring
  outdial amd calibrate --campaign spring --since 168h --apply";

/// Which campaign, and what then.
#[derive(Debug, clap::Args)]
#[command(after_help = WHAT)]
pub(super) struct Args {
    /// The campaign
    #[arg(long, value_name = "NAME", value_parser = campaign_name)]
    campaign: String,
    /// Of the last so long: 24h, 168h
    #[arg(long, value_name = "TIME", value_parser = why::duration, default_value = "720h")]
    since: SignedDuration,
    /// Write the setting into the campaign's file
    #[arg(long)]
    apply: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    data: DataFolder,
}

/// What was read.
struct Heard {
    known: Vec<Known>,
    people: usize,
    machines: usize,
    misjudged: Misjudged,
}

pub(super) fn run(args: &Args) -> Run {
    let config = config::load(&args.config.config)?;
    let file = config.campaigns.into_iter().find(|file| file.campaign.name == args.campaign);
    let none = || Fault::failed(format!("there is no campaign {}", args.campaign));
    let CampaignFile { path, campaign, .. } = file.ok_or_else(none)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let since = clock::now().checked_sub(args.since).unwrap_or(Timestamp::MIN);
    let heard = runtime.block_on(read(&args.data.data, campaign.clone(), since))?;
    let fit = fit(&heard.known, Costs::default());
    let now = campaign.answers.person_bias;
    let bias = (now + fit.bias).clamp(-5.0, 5.0);
    let enough = heard.people >= LEAST && heard.machines >= LEAST && heard.misjudged.sampled > 0;
    let applied = args.apply && enough && fit.bias != 0.0;
    if applied {
        apply(&args.config.config, &path, bias)?;
    }
    if args.json {
        return print::json(&json!({
            "campaign": args.campaign, "calls": heard.known.len(), "people": heard.people,
            "machines": heard.machines, "misjudged": heard.misjudged, "enough": enough,
            "person_bias": now, "fitted_person_bias": bias, "before": fit.before,
            "after": fit.after, "applied": applied,
        }));
    }
    print::text(&told(&heard, &fit, [now, bias]))?;
    let end = match (enough, args.apply, applied) {
        (false, _, _) => format!(
            "too little to fit: it takes {LEAST} people, {LEAST} machines and samples of those called \
             machines (sample_machines_percent)"
        ),
        (true, _, true) => format!("written: person_bias = {bias} in {}", path.display()),
        (true, true, false) => "nothing to write: no other bias costs less".to_owned(),
        (true, false, _) => format!("--apply writes person_bias = {bias}"),
    };
    print::text(&end)?;
    Ok(if args.apply && !enough { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn read(data: &Path, campaign: Campaign, since: Timestamp) -> Result<Heard, Fault> {
    let books = Books::open(data).await?;
    let id = books.campaign(&campaign.name).await?;
    let none = || Fault::failed(format!("there is no campaign {} in the books", campaign.name));
    let campaign = Campaign { id: id.ok_or_else(none)?, ..campaign.clone() };
    let misjudged = books.misjudged(&campaign, since).await?;
    let met = books.met(campaign.id, since).await?;
    // The sample stands for all who were called machines.
    let sampled = misjudged.sampled.max(1) as f64;
    let weight = (misjudged.kept + misjudged.sampled) as f64 / sampled;
    let known: Vec<Known> = met.iter().filter_map(|met| known(&campaign, met, weight)).collect();
    let machines = known.iter().filter(|known| known.is_machine).count();
    Ok(Heard { people: known.len() - machines, machines, misjudged, known })
}

/// `None` where the detector's word was neither a person nor a machine, or was not followed by chance.
fn known(campaign: &Campaign, met: &Met, weight: f64) -> Option<Known> {
    let is_machine = campaign.is_machine(&met.disposition);
    let (said_machine, probability) = (met.verdict.kind.is_recorded(), met.verdict.probability);
    match (said_machine, met.sampled) {
        (true, true) => Some(Known { person: 1.0 - probability, said_machine, is_machine, weight }),
        // Taken back from the agent, or kept by the agent who was told: no sample.
        (true, false) => None,
        (false, _) if met.verdict.kind != crate::domain::VerdictKind::Human => None,
        (false, _) => Some(Known { person: probability, said_machine, is_machine, weight: 1.0 }),
    }
}

fn told(heard: &Heard, fit: &Fit, [now, bias]: [f64; 2]) -> String {
    let Misjudged { kept, sampled, people } = heard.misjudged;
    let mut table =
        print::table(["", "person_bias", "people lost", "machines found", "cost a call"]);
    for (name, bias, shares) in [("before", now, fit.before), ("after", bias, fit.after)] {
        let Shares { people_lost, machines_found, cost } = shares;
        let share = |of: Option<crate::domain::Proportion>| {
            of.map_or("-".to_owned(), |share| share.to_string())
        };
        table.add_row([
            name.to_owned(),
            format!("{bias:.2}"),
            share(people_lost),
            share(machines_found),
            format!("{cost:.4}"),
        ]);
    }
    let lost = match (heard.misjudged.share(), heard.misjudged.people_kept()) {
        (Some(share), Some([estimate, low, high])) => format!(
            "of those called machines {share} were people: about {estimate:.0} of {kept} who were kept \
             from agents ({low:.0} to {high:.0})"
        ),
        _ => "no sample of those called machines: how many people are among them is not known"
            .to_owned(),
    };
    format!(
        "{} calls of which agents have said what they met: {} people, {} machines; {sampled} of them \
         called machines and sent all the same, {people} of these people\n{lost}\n{table}",
        heard.known.len(),
        heard.people,
        heard.machines,
    )
}

/// Writes the setting into `[amd]` of the campaign's file, and looks whether the configuration can
/// still be read; else the file is as it was.
fn apply(config: &Path, file: &Path, bias: f64) -> Result<(), Fault> {
    let text = fs::read_to_string(file)?;
    let fault = || {
        let wanted = format!("write person_bias = {bias} under [amd]");
        Fault::failed(format!("{}: [amd] is not a table of its own; {wanted}", file.display()))
    };
    let written = with_bias(&text, bias).ok_or_else(fault)?;
    let beside = file.with_extension("toml.new");
    fs::write(&beside, &written)?;
    fs::rename(&beside, file)?;
    if let Err(faults) = config::load(config) {
        fs::write(file, text)?;
        return Err(faults.into());
    }
    Ok(())
}

/// The text with the setting in the place of the one that is there, or first in its table; `None`
/// where there is no line `[amd]`.
fn with_bias(text: &str, bias: f64) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let head = lines.iter().position(|line| bare(line) == "[amd]")?;
    let end = lines[head + 1..].iter().position(|line| line.trim_start().starts_with('['));
    let end = end.map_or(lines.len(), |end| head + 1 + end);
    let is_bias =
        |line: &String| line.split('=').next().is_some_and(|key| key.trim() == "person_bias");
    let setting = format!("person_bias = {bias:?}");
    match lines[head + 1..end].iter().position(is_bias) {
        Some(place) => lines[head + 1 + place] = setting,
        None => lines.insert(head + 1, setting),
    }
    Some(lines.join("\n") + "\n")
}

/// Without its comment.
fn bare(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_stands_in_its_table_once_and_the_rest_is_as_it_was() {
        let text =
            "country = \"US\"\n\n[amd] # who picked up\nmode = \"alongside\"\n\n[recycling]\n";
        let once = with_bias(text, 0.5).unwrap();
        assert_eq!(once, text.replace("up\n", "up\nperson_bias = 0.5\n"));
        assert_eq!(with_bias(&once, -1.0).unwrap(), once.replace("0.5", "-1.0"));
        assert_eq!(with_bias("[pacing]\n", 0.5), None);
    }
}
