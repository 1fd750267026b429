//! The decisions about a campaign around a time, from the event log.

use std::path::Path;
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};

use crate::api::DecisionBody;
use crate::cli::{Fault, Run, print, why};
use crate::domain::later;
use crate::server::event_log::Replay;

/// Which decisions.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub campaign: &'a str,
    pub at: Timestamp,
    pub within: SignedDuration,
}

/// Replays the run until shortly after the time, and prints what was decided about the campaign.
pub(super) fn run(log: &Path, question: &Question<'_>, json: bool) -> Run {
    let decisions = decisions(log, question)?;
    for decision in &decisions {
        if json {
            print::text(&serde_json::to_string(decision)?)?;
        } else {
            print::text(&why::line(decision))?;
        }
    }
    if decisions.is_empty() {
        let Question { campaign, at, within } = question;
        let within = within.as_secs_f64();
        let none = format!("nothing was decided about {campaign} within {within} s of {at}");
        return Err(Fault::failed(none));
    }
    Ok(ExitCode::SUCCESS)
}

fn decisions(log: &Path, question: &Question<'_>) -> Result<Vec<DecisionBody>, Fault> {
    let from = question.at.checked_sub(question.within).unwrap_or(Timestamp::MIN);
    let until = later(question.at, question.within);
    let mut replay = Replay::open(log)?;
    // One fact beyond the time is told before it is seen to be beyond.
    while replay.step()?.is_some_and(|step| step.told.at <= until) {}
    let dialer = replay.dialer();
    let campaign = dialer.campaign_named(question.campaign).ok_or_else(|| {
        Fault::Usage(format!("the log knows no campaign {:?} by then", question.campaign))
    })?;
    let taken = dialer.decisions(campaign, from).unwrap_or_default();
    let near = taken.iter().filter(|taken| taken.at <= until);
    Ok(near.map(DecisionBody::from).collect())
}
