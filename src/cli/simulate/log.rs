//! `--from-log`: a world made from the books. First what happened against its replay, then what
//! other settings would have changed.

use std::path::Path;

use comfy_table::{CellAlignment, Table};
use jiff::Timestamp;
use serde::Serialize;

use super::figures::{Figures, whole};
use super::interval::Interval;
use super::variant::{self, Variant};
use super::{Args, campaign};
use crate::cli::{Fault, Run, print};
use crate::server::past_of;
use crate::sim::{Day, Fitted, Past};
use crate::store::Books;

/// Seeds when the person has not said.
const SEEDS: u32 = 8;

/// A replay whose utilisation is no further off than this, in points, is taken to be like what
/// happened.
const NEAR_POINTS: f64 = 2.0;

/// What comes out, as JSON.
#[derive(Serialize)]
struct Report {
    campaign: String,
    begins_at: String,
    ends_at: String,
    seeds: u32,
    days: usize,
    agents: u32,
    people_percent_of_calls: f64,
    talk_mean_s: f64,
    wrap_up_mean_s: f64,
    agents_differ: f64,
    calls_given_up: u64,
    agent_hours_without_dialing: f64,
    happened: Figures,
    replayed: Figures,
    what_if: Vec<Asked>,
}

/// An answer.
#[derive(Serialize)]
struct Asked {
    policy: String,
    figures: Figures,
}

pub(super) fn run(args: &Args) -> Run {
    let name = args.campaign.as_deref().unwrap_or_default();
    let (campaign, data) = campaign(&args.config.config, name)?;
    let data = args.data.as_ref().unwrap_or(&data);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let since = args.since.unwrap_or(Timestamp::UNIX_EPOCH);
    let until = args.until.unwrap_or(Timestamp::MAX);
    let past = runtime.block_on(read(data, name, since, until))?;
    let fitted = past.fit(campaign).map_err(|few| {
        let remedy = "choose an earlier --since or a later --until";
        Fault::failed(format!("{}: {few}; {remedy}", data.display()))
    })?;
    let report = report(args, name, fitted)?;
    if args.json { print::json(&report) } else { print::text(&told(&report)) }
}

/// Everything that the books hold of the campaign in this time.
async fn read(data: &Path, name: &str, since: Timestamp, until: Timestamp) -> Result<Past, Fault> {
    let books = Books::open(data).await?;
    let Some(campaign) = books.campaign(name).await? else {
        return Err(Fault::failed(format!("there is no campaign {name} in the books")));
    };
    Ok(past_of(&books, campaign, since, until).await?)
}

fn report(args: &Args, name: &str, fitted: Fitted) -> Result<Report, Fault> {
    let seeds = args.seeds.unwrap_or(SEEDS);
    let target = fitted.scenario.campaign.abandonment_target.get();
    let mut variants = variant::all(&fitted.scenario, &super::WhatIf::default(), None);
    if args.what_if.asks() {
        variants.extend(variant::all(&fitted.scenario, &args.what_if, None));
    }
    variant::simulable(&variants, seeds)?;
    let mut runs = variant::days(&variants, seeds).into_iter();
    let figures = |days: &[Vec<Day>], variant: &Variant| {
        let limit = variant.scenario.campaign.abandonment_target.get();
        let seeds: Vec<Day> = days.iter().map(|days| whole(days)).collect();
        Figures::of(&seeds, limit).with_days(&days.concat(), limit, fitted.scenario.days)
    };
    let replayed = runs.next().unwrap_or_default();
    let replayed = figures(&replayed, &variants[0]);
    let what_if = variants[1..].iter().zip(runs).map(|(variant, days)| Asked {
        policy: variant.policy.clone(),
        figures: figures(&days, variant),
    });
    let happened = Figures::of(&[whole(&fitted.actual)], target).with_days(
        &fitted.actual,
        target,
        fitted.scenario.days,
    );
    let callees = &fitted.scenario.callees;
    Ok(Report {
        campaign: name.to_owned(),
        begins_at: fitted.begins_at.to_string(),
        ends_at: fitted.ends_at.to_string(),
        seeds,
        days: fitted.actual.len(),
        agents: fitted.scenario.agents,
        people_percent_of_calls: fitted.people.get() * 100.0,
        talk_mean_s: callees.talk.mean_s,
        wrap_up_mean_s: fitted.scenario.desks.wrap_up.mean_s,
        agents_differ: fitted.talk_differs,
        calls_given_up: fitted.given_up,
        agent_hours_without_dialing: fitted.quiet_s / 3_600.0,
        happened,
        replayed,
        what_if: what_if.collect(),
    })
}

/// The report in lines for a person.
fn told(report: &Report) -> String {
    let Report { campaign, begins_at, ends_at, days, agents, seeds, .. } = report;
    let mut lines = vec![
        format!("{campaign}, {begins_at} to {ends_at}: {}, at most {agents} agents", count(*days)),
        format!(
            "a person answers {:.1} % of the calls; talks {:.0} s, wrap-ups {:.0} s on average; \
             agents' talks differ by {:.0} %",
            report.people_percent_of_calls,
            report.talk_mean_s,
            report.wrap_up_mean_s,
            report.agents_differ * 100.0
        ),
        quiet(report.agent_hours_without_dialing),
        String::new(),
        table(report).to_string(),
        String::new(),
        verdict(report, *seeds),
    ];
    if !report.what_if.is_empty() {
        let change = "what-if: the same callees, agents and hours, replayed with what was asked \
                      for; change: against the replay, with its 95 % interval";
        lines.push(change.to_owned());
    }
    lines.join("\n")
}

/// What is left out, in one sentence.
fn quiet(agent_hours: f64) -> String {
    format!(
        "{agent_hours:.1} agent-hours of waiting while nobody was dialed (no lead was due, or the \
         campaign did not run) count as pauses"
    )
}

/// A row a figure: what happened, what a replay makes of it, what would be.
fn table(report: &Report) -> Table {
    let mut headings = vec!["".to_owned(), "happened".to_owned(), "replayed".to_owned()];
    headings.push("apart".to_owned());
    for asked in &report.what_if {
        headings.push(format!("what-if {}", asked.policy));
        headings.push("change".to_owned());
    }
    let mut table = print::table([]);
    table.set_header(headings);
    for (name, digits, of) in Figures::ROWS {
        let (happened, replayed) = (of(&report.happened), of(&report.replayed));
        let mut row = vec![name.to_owned(), format!("{:.digits$}", happened.mean)];
        row.push(replayed.show(digits));
        row.push(format!("{:+.digits$}", replayed.mean - happened.mean));
        for asked in &report.what_if {
            let figure = of(&asked.figures);
            row.push(figure.show(digits));
            row.push(signed(figure.less(replayed), digits));
        }
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn count(days: usize) -> String {
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}

fn signed(change: Interval, digits: usize) -> String {
    match change.half {
        Some(half) => format!("{:+.digits$} ± {half:.digits$}", change.mean),
        None => format!("{:+.digits$}", change.mean),
    }
}

/// Whether the replay is to be believed, in one sentence.
fn verdict(report: &Report, seeds: u32) -> String {
    let replayed = report.replayed.utilisation_percent;
    let apart = replayed.mean - report.happened.utilisation_percent.mean;
    // One day that happened lies further off by chance than the mean of many replays.
    let by_chance = replayed.half.map(|half| half * f64::from(seeds + 1).sqrt());
    let place = match by_chance {
        Some(by_chance) if apart.abs() <= by_chance => "no further than chance alone takes it",
        _ if apart.abs() <= NEAR_POINTS => "near enough to go by",
        _ => {
            "too far to go by: were other settings in force, or were agents busy with something \
             that the books do not know?"
        }
    };
    format!("the replay's utilisation is {apart:+.1} points from what happened: {place}")
}

#[cfg(test)]
mod tests;
