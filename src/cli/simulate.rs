//! `outdial simulate`: made-up days on the production dialer, for what a setting would do.

mod course;
mod figures;
mod interval;
mod log;
mod plot;
mod policy;
pub(super) mod runs;
mod sweep;
mod variant;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::calls::time;
use super::client::campaign_name;
use super::{Fault, Run, intake, print};
use crate::config::load_scenario;
use crate::domain::{Campaign, PacingMode};
use crate::sim::{Past, Scenario};
use course::Course;
use figures::Figures;
use plot::{Curve, Panel, Picture};
use policy::Policy;
use sweep::{Sweep, Swept};
use variant::Variant;

/// Seeds when the person has not said.
const SEEDS: u32 = 4;

const ABOUT: &str = "\
It runs the dialer that dials, in a made-up world: callees, carriers and agents by the figures of a
scenario, an hour in seconds. Nothing is dialed. Without a scenario it is S0, the floor that pacing
is measured on; benches/pacing/s0.toml explains every key for a scenario of your own. With
--campaign the settings (pacing, target, ring and waiting time, detector) are the campaign's.

Each figure stands with its 95 % confidence interval over all days of all seeds (Student's t): what
lies within it is chance. More --seeds make it narrower.

  utilisation         talk and wrap-up, of the time in which agents take calls
  talk min/agent-h    minutes of talk in an hour of being logged in, pauses too
  abandoned           people who had no agent in time, of all people who answered
  worst day           the day on which it was highest
  days over           days on which it was above the target
  agent waits         from ready to the next call

--sweep SETTING=FROM..TO[:STEP] runs one setting over a range (agents, target in percent, ring in
seconds, lines for each agent); agents grow by the same factor each step unless a step is named.
--plot draws it; without a sweep it draws the course of a day.

--from-log makes the world from the books: ring, talk and wrap-up times, the course of the answer
rate, agents and their hours, as they were from --since to --until. It first replays what happened
with the campaign's settings and shows how near it comes, then what --agents, --target, --ring or
--policy would have changed. The settings must have been in force at the time.

Examples:
  outdial simulate
  outdial simulate --policy predictive,progressive,ratio=1.8 --agents 40 --seeds 6
  outdial simulate benches/pacing/p0-0.10.toml --target 2 --json
  outdial simulate --sweep target=0.5..5 --plot target.svg
  outdial simulate --campaign spring --sweep agents=5..300 --policy predictive,progressive
  outdial simulate --campaign spring --hours 8 --days 1 --plot day.svg
  outdial simulate --from-log --campaign spring --since 2026-01-12 --until 2026-01-17
  outdial simulate --from-log --campaign spring --since 2026-01-12 --agents 30 --target 2";

/// Made-up days on the production dialer: what a setting, more agents or another policy would do
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT)]
pub struct Args {
    /// The scenario [default: S0, as in benches/pacing/s0.toml]
    #[arg(value_name = "SCENARIO.toml", conflicts_with = "from_log")]
    scenario: Option<PathBuf>,
    /// Take the settings of this campaign, by its name in the configuration
    #[arg(long, value_name = "NAME", value_parser = campaign_name)]
    campaign: Option<String>,
    #[command(flatten)]
    what_if: WhatIf,
    /// Hours of a day
    #[arg(long, value_name = "H", value_parser = hours, conflicts_with = "from_log")]
    hours: Option<SignedDuration>,
    /// Days, one after the other
    #[arg(long, value_name = "D", value_parser = clap::value_parser!(u32).range(1..=366))]
    #[arg(conflicts_with = "from_log")]
    days: Option<u32>,
    /// How often everything is run, each time by other chance [default: 4; 8 from a log]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    seeds: Option<u32>,
    /// Run a setting over a range: target=0.5..5, agents=5..300, ring=15..30:5, lines=1.5,2,3
    #[arg(long, value_name = "SETTING=RANGE", conflicts_with = "from_log")]
    sweep: Option<Sweep>,
    /// Draw the sweep, or the course of a day, as an SVG
    #[arg(long, value_name = "FILE.svg", conflicts_with = "from_log")]
    plot: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Make the world from the books of --campaign
    #[arg(long, requires = "campaign", requires = "since")]
    from_log: bool,
    /// The books from here on: a date in UTC or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = time, requires = "from_log")]
    since: Option<Timestamp>,
    /// The books until here [default: their end]
    #[arg(long, value_name = "TIME", value_parser = time, requires = "from_log")]
    until: Option<Timestamp>,
    /// The data folder with the books [default: the one that the configuration names]
    #[arg(long, value_name = "DIR", env = "OUTDIAL_DATA")]
    data: Option<PathBuf>,
    #[command(flatten)]
    config: super::ConfigFile,
}

/// What is to be other than in the scenario, or than it was.
#[derive(Clone, Debug, Default, clap::Args)]
struct WhatIf {
    /// Agents
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=5_000))]
    agents: Option<u32>,
    /// The abandonment target in percent
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    target: Option<f64>,
    /// How long a call is let ring, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = ring)]
    ring: Option<f64>,
    /// Policies to compare: predictive, progressive, ratio=1.8; vicidial, event-replay and erlang are
    /// other dialers' methods
    #[arg(long, value_name = "POLICY", value_delimiter = ',')]
    policy: Vec<Policy>,
}

impl WhatIf {
    /// Whether anything is to be other.
    fn asks(&self) -> bool {
        let Self { agents, target, ring, policy } = self;
        agents.is_some() || target.is_some() || ring.is_some() || !policy.is_empty()
    }
}

/// What comes out, as JSON.
#[derive(Serialize)]
struct Report<'v> {
    seeds: u32,
    /// The abandonment above which a day counts as over, in percent.
    limit_percent: f64,
    rows: Vec<Row<'v>>,
}

#[derive(Serialize)]
struct Row<'v> {
    policy: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(flatten)]
    figures: &'v Figures,
}

pub(super) fn run(args: Args) -> Run {
    if args.from_log {
        return log::run(&args);
    }
    let seeds = args.seeds.unwrap_or(SEEDS);
    let base = scenario(&args)?;
    let variants = variant::all(&base, &args.what_if, args.sweep.as_ref());
    variant::simulable(&variants, seeds)?;
    if args.sweep.as_ref().is_some_and(|sweep| sweep.swept == Swept::Lines) {
        variant::bound_lines(&variants)?;
    }
    let figures = variant::run(&variants, seeds);
    if let Some(path) = &args.plot {
        let picture = match &args.sweep {
            Some(sweep) => swept(sweep, &variants, &figures),
            None => courses(&variants, seeds),
        };
        fs::write(path, picture.svg()?)
            .map_err(|error| Fault::failed(format!("{}: {error}", path.display())))?;
    }
    let limit_percent = base.campaign.abandonment_target.get() * 100.0;
    if args.json {
        let rows = variants.iter().zip(&figures);
        let rows = rows.map(|(variant, figures)| Row {
            policy: &variant.policy,
            value: variant.value,
            figures,
        });
        return print::json(&Report { seeds, limit_percent, rows: rows.collect() });
    }
    let rows: Vec<(String, &Figures)> = variants.iter().map(Variant::name).zip(&figures).collect();
    let first = args.sweep.as_ref().map(|sweep| format!("{}  policy", sweep.swept.heading()));
    print::text(&figures::table(first.as_deref().unwrap_or("policy"), &rows))
}

/// The world that is asked for, before what is to be varied.
fn scenario(args: &Args) -> Result<Scenario, Fault> {
    let mut scenario = match &args.scenario {
        Some(path) => load_scenario(path)
            .map_err(|faults| Fault::failed(format!("the scenario has faults:\n{faults}")))?,
        None => {
            let mut scenario = Scenario::s0(25);
            scenario.campaign.pacing = PacingMode::Predictive { lines_per_agent_max: 3.0 };
            scenario
        }
    };
    if let Some(name) = &args.campaign {
        scenario = scenario.with_campaign(campaign(&args.config.config, name)?.0);
    }
    scenario.days = args.days.unwrap_or(scenario.days);
    Ok(match args.hours {
        Some(hours) => scenario.lasting(hours),
        None => scenario,
    })
}

/// A campaign of the configuration, and the data folder that it names.
fn campaign(path: &Path, name: &str) -> Result<(Campaign, PathBuf), Fault> {
    let Some(config) = intake::config(path)? else {
        let sentence = format!("there is no configuration {}: say --config", path.display());
        return Err(Fault::Usage(sentence));
    };
    let campaigns = || config.campaigns.iter().map(|file| &file.campaign);
    match campaigns().find(|campaign| campaign.name == name) {
        Some(campaign) => Ok((campaign.clone(), config.data.clone())),
        None => {
            let names: Vec<&str> = campaigns().map(|campaign| campaign.name.as_str()).collect();
            let (path, names) = (path.display(), names.join(", "));
            Err(Fault::failed(format!("{path}: no campaign {name} (there are: {names})")))
        }
    }
}

/// Curves over what was swept, one a policy.
fn swept(sweep: &Sweep, variants: &[Variant], figures: &[Figures]) -> Picture {
    let mut policies: Vec<&str> = variants.iter().map(|v| v.policy.as_str()).collect();
    policies.dedup();
    let panel = |quantity: &str, most: f64, of: fn(&Figures) -> interval::Interval| {
        let curve = |policy: &&str| {
            let own = variants.iter().zip(figures).filter(|(v, _)| v.policy == *policy);
            let points = own.filter_map(|(v, figures)| Some((v.value?, of(figures))));
            Curve { name: (*policy).to_owned(), points: points.collect() }
        };
        let curves = policies.iter().map(curve).collect();
        Panel { quantity: quantity.to_owned(), curves, limit: None, most }
    };
    Picture {
        title: format!("outdial simulate: {} swept", sweep.swept.heading()),
        across: sweep.swept.heading().to_owned(),
        by_factors: sweep.swept == Swept::Agents && sweep.values.len() > 1,
        panels: vec![
            panel("utilisation %", 100.0, |figures| figures.utilisation_percent),
            panel("abandoned %", 100.0, |figures| figures.abandonment_percent),
            panel("agent waits s", f64::MAX, |figures| figures.agent_wait_s),
        ],
    }
}

/// The course of a day under each variant.
fn courses(variants: &[Variant], seeds: u32) -> Picture {
    let jobs: Vec<(usize, u32)> =
        (0..variants.len()).flat_map(|place| (1..=seeds).map(move |seed| (place, seed))).collect();
    let pasts = runs::all(&jobs, |(place, seed)| {
        let scenario = &variants[*place].scenario;
        let mut course = Course::default();
        course.add(*seed as usize, scenario, &Past::lived(scenario, u64::from(*seed)));
        course.within(scenario.shift)
    });
    let mut courses: Vec<(String, Course)> =
        variants.iter().map(|variant| (variant.name(), Course::default())).collect();
    for ((place, _), course) in jobs.iter().zip(pasts) {
        courses[*place].1.join(course);
    }
    let limit = variants.first().map_or(0.0, |v| v.scenario.campaign.abandonment_target.get());
    course::picture("outdial simulate: the course of a day".to_owned(), &courses, limit)
}

fn number_within(text: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("write a number from {} to {}", range.start(), range.end()))
}

fn percent(text: &str) -> Result<f64, String> {
    number_within(text, 0.0..=100.0)
}

fn ring(text: &str) -> Result<f64, String> {
    number_within(text, 5.0..=120.0)
}

fn hours(text: &str) -> Result<SignedDuration, String> {
    number_within(text, 0.1..=24.0).map(|hours| SignedDuration::from_secs_f64(hours * 3_600.0))
}

#[cfg(test)]
mod tests;
