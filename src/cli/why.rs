//! Decisions for people: a line each, from a running server.

use std::process::ExitCode;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::client::{Server, campaign_name};
use super::{Run, print};
use crate::api::DecisionBody;
use crate::clock;

/// How often a server is asked for more.
const EVERY: Duration = Duration::from_secs(1);

/// Which decisions, of which campaign.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The campaign, by its name in the configuration
    #[arg(value_name = "NAME", value_parser = campaign_name)]
    name: String,
    /// Of the last so long: 90s, 5m; ten minutes are kept at most
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "5m")]
    since: SignedDuration,
    /// Go on until interrupted
    #[arg(long)]
    follow: bool,
    /// Print JSON, one decision a line, as the API gives it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

pub(super) fn run(args: &Args) -> Run {
    let client = args.server.client()?;
    let mut since = clock::now().checked_sub(args.since).unwrap_or(Timestamp::MIN);
    loop {
        let path = format!("/v1/campaigns/{}/decisions?since={since}", args.name);
        let decisions: Vec<DecisionBody> = client.get(&path)?;
        for decision in &decisions {
            if args.json {
                print::text(&serde_json::to_string(decision)?)?;
            } else {
                print::text(&line(decision))?;
            }
        }
        if !args.follow {
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(last) = decisions.last() {
            since = last.at.checked_add(SignedDuration::from_nanos(1)).unwrap_or(last.at);
        }
        std::thread::sleep(EVERY);
    }
}

/// `2026-01-31 21:04:07.250 3 agents ready, 1 call on the way: dial 2`, in UTC.
pub(super) fn line(decision: &DecisionBody) -> String {
    format!("{} {}", decision.at.strftime("%F %T%.3f"), decision.sentence)
}

/// `90s`, `5m`, `1h 30m`.
pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let duration: SignedDuration =
        text.parse().map_err(|_| "write it with its unit: 90s, 5m, 2h".to_owned())?;
    if duration.is_negative() { Err("it is never negative".to_owned()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("90s"), Ok(SignedDuration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(SignedDuration::from_mins(5)));
        assert!(duration("5").is_err());
        assert!(duration("-5m").is_err());
    }
}
