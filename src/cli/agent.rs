//! `outdial agent`: who takes the calls.

use std::io::{self, BufRead};

use super::client::{Shown, campaign_name};
use super::{Run, print};
use crate::api::{AgentAdded, AgentBody, DialBody, NewAgentBody, Preview, SkipBody, StateBody};

const EXAMPLES: &str = "\
Examples:
  outdial agent list
  outdial agent add 'Ana Ruiz' --extension 101 --campaign spring
  pass show ana | outdial agent add 'Ana Ruiz' --extension 101 --password-stdin
  outdial agent dial 1 '(201) 555-0123' --campaign spring
  outdial agent preview 1 && outdial agent dial 1
  outdial agent skip 1 'a competitor'

The phone registers with the extension as its user name and authentication name; its password is
printed once when the server makes it. An agent logs in through the API or the desk.";

/// Agents: list, add; and their calls where they choose them: preview, dial, skip
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// A new agent, and the password of their phone
    Add(Add),
    /// Call for an agent: the lead that is offered, a number, or a lead
    Dial(Dial),
    /// Every agent and what they are doing
    List(Shown),
    /// The lead that is offered to an agent
    Preview(Offered),
    /// Do not call the lead that is offered
    Skip(Skip),
}

#[derive(Debug, clap::Args)]
struct Dial {
    /// The agent's number
    #[arg(value_name = "AGENT")]
    agent: i64,
    /// A telephone number, as it is written in the campaign's country or in E.164
    #[arg(value_name = "NUMBER", conflicts_with = "lead")]
    number: Option<String>,
    /// The campaign of the number [default: the agent's only one]
    #[arg(long, value_name = "NAME", value_parser = campaign_name, requires = "number")]
    campaign: Option<String>,
    /// A lead by its number in the books
    #[arg(long, value_name = "LEAD")]
    lead: Option<i64>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, clap::Args)]
struct Offered {
    /// The agent's number
    #[arg(value_name = "AGENT")]
    agent: i64,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, clap::Args)]
struct Skip {
    /// The agent's number
    #[arg(value_name = "AGENT")]
    agent: i64,
    /// Why, at most 64 characters; it is kept with the lead
    #[arg(value_name = "REASON")]
    reason: String,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The name to show
    #[arg(value_name = "NAME")]
    name: String,
    /// The user name with which the agent's phone registers: 1 to 32 of a-z, 0-9, . _ and -
    #[arg(long, value_name = "EXTENSION")]
    extension: String,
    /// A campaign whose people this agent takes; may be said more than once [default: all]
    #[arg(long = "campaign", value_name = "NAME", value_parser = campaign_name)]
    campaigns: Vec<String>,
    /// Read the phone's password (one line) from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: Args) -> Run {
    match args.action {
        Action::Add(add) => self::add(&add),
        Action::Dial(dial) => self::dial(&dial),
        Action::List(shown) => list(&shown),
        Action::Preview(offered) => preview(&offered),
        Action::Skip(skip) => self::skip(&skip),
    }
}

fn add(add: &Add) -> Run {
    let password = if add.password_stdin { Some(line_of(io::stdin().lock())?) } else { None };
    let campaigns = (!add.campaigns.is_empty()).then(|| add.campaigns.clone());
    let body = NewAgentBody {
        extension: add.extension.clone(),
        name: add.name.clone(),
        password,
        campaigns,
    };
    let added: AgentAdded = add.shown.server.client()?.post("/v1/agents", &body)?;
    if add.shown.json {
        return print::json(&added);
    }
    let agent = &added.agent;
    let takes = match agent.campaigns.as_slice() {
        [] => "no campaign".to_owned(),
        names => names.join(", "),
    };
    let mut told = format!("agent {}: {}, takes {takes}", agent.id, agent.name);
    told += &format!("\nthe phone registers as {}", agent.extension);
    if let Some(password) = &added.password {
        told += &format!(" with the password {password} (shown this once)");
    }
    print::text(&told)
}

fn dial(dial: &Dial) -> Run {
    let Dial { agent, number, campaign, lead, shown } = dial;
    let body = DialBody { campaign: campaign.clone(), lead: *lead, number: number.clone() };
    let path = format!("/v1/agents/{agent}/dial");
    tell(&shown.server.client()?.post(&path, &body)?, shown)
}

fn skip(skip: &Skip) -> Run {
    let body = SkipBody { reason: skip.reason.clone() };
    let path = format!("/v1/agents/{}/skip", skip.agent);
    tell(&skip.shown.server.client()?.post(&path, &body)?, &skip.shown)
}

/// What the agent does now.
fn tell(agent: &AgentBody, shown: &Shown) -> Run {
    if shown.json {
        return print::json(agent);
    }
    print::text(&format!("agent {}: {}", agent.id, state(&agent.state)))
}

fn preview(offered: &Offered) -> Run {
    let path = format!("/v1/agents/{}/preview", offered.agent);
    let preview: Preview = offered.shown.server.client()?.get(&path)?;
    if offered.shown.json {
        return print::json(&preview);
    }
    let lead = &preview.lead;
    let mut table = print::table(["", ""]);
    let mut row = |name: &str, value: &str| {
        table.add_row([name, value]);
    };
    row("lead", &lead.id.to_string());
    row("campaign", &preview.campaign);
    row("phone", &lead.phone);
    let columns = [
        ("first name", &lead.first_name),
        ("last name", &lead.last_name),
        ("state", &lead.state),
        ("zip", &lead.zip),
    ];
    for (name, value) in columns {
        if let Some(value) = value {
            row(name, value);
        }
    }
    for (name, value) in &lead.attributes {
        row(name, value);
    }
    row("calls before", &lead.attempts.to_string());
    print::text(&table)
}

fn list(shown: &Shown) -> Run {
    let agents: Vec<AgentBody> = shown.server.client()?.get("/v1/agents")?;
    if shown.json {
        return print::json(&agents);
    }
    let mut table = print::table(["id", "extension", "name", "state", "campaigns"]);
    for agent in &agents {
        table.add_row([
            agent.id.to_string(),
            agent.extension.clone(),
            agent.name.clone(),
            state(&agent.state),
            agent.campaigns.join(", "),
        ]);
    }
    print::text(&table)
}

/// `talking (call 41)`, `paused: lunch`.
fn state(state: &StateBody) -> String {
    let word = state.as_str().replace('_', "-");
    match (state, state.call()) {
        (StateBody::Paused { reason }, _) => format!("{word}: {reason}"),
        (StateBody::Previewing { lead }, _) => format!("{word} (lead {lead})"),
        (_, Some(call)) => format!("{word} (call {call})"),
        (_, None) => word,
    }
}

/// The first line, without its end. A password is never longer than the buffer here.
fn line_of(input: impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    input.take(1_024).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_one_line_and_keeps_its_spaces() {
        assert_eq!(line_of(&b" two words \r\nmore"[..]).unwrap(), " two words ");
    }

    #[test]
    fn a_state_says_its_call_or_its_reason() {
        assert_eq!(state(&StateBody::WrapUp { call: 41 }), "wrap-up (call 41)");
        assert_eq!(state(&StateBody::Paused { reason: "lunch".to_owned() }), "paused: lunch");
    }
}
