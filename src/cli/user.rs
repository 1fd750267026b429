//! `outdial user`: who may sign in to the pages.

use super::client::{Client, Shown};
use super::{Run, print};
use crate::api::{AgentBody, LinkBody, NewUserBody, UserBody, UserChangeBody};
use crate::domain::Role;

const EXAMPLES: &str = "\
Examples:
  outdial user add ana --role manager
  outdial user add bo --role agent --extension 101
  outdial user list
  outdial user change ana --role supervisor
  outdial user change ana --unlock
  outdial user link ana

A user who was added follows the printed link, once and within a day, and chooses a password. A new
link serves who has forgotten theirs. What each role may do stands in docs/pages.md.";

/// Users of the pages: add, list, change, remove; links to sign in
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// A new user, and the link by which they come in
    Add(Add),
    /// Another role or desk; lock out, unlock, take the second factor away
    Change(Change),
    /// A new link for a user who has lost theirs, or their password
    Link(Named),
    /// Every user
    List(Shown),
    /// Remove a user
    Remove(Named),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The name to sign in with
    #[arg(value_name = "NAME")]
    name: String,
    /// administrator, agent, auditor, manager or supervisor
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// The extension of the agent whose desk is theirs
    #[arg(long, value_name = "EXTENSION")]
    extension: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, clap::Args)]
struct Change {
    /// The user's name
    #[arg(value_name = "NAME")]
    name: String,
    /// Another role
    #[arg(long, value_name = "ROLE")]
    role: Option<Role>,
    /// Another desk
    #[arg(long, value_name = "EXTENSION")]
    extension: Option<String>,
    /// They may not sign in any more
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// They may sign in again
    #[arg(long)]
    enable: bool,
    /// Forget wrong tries
    #[arg(long)]
    unlock: bool,
    /// Take the second factor away
    #[arg(long)]
    drop_second_factor: bool,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, clap::Args)]
struct Named {
    /// The user's name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(args: Args) -> Run {
    match args.action {
        Action::Add(add) => self::add(&add),
        Action::Change(change) => self::change(&change),
        Action::Link(named) => link(&named),
        Action::List(shown) => list(&shown),
        Action::Remove(named) => remove(&named),
    }
}

fn add(add: &Add) -> Run {
    let client = add.shown.server.client()?;
    let agent = agent(&client, add.extension.as_deref())?;
    let body = NewUserBody { name: add.name.clone(), role: add.role, agent };
    show_link(&client, &client.post("/v1/users", &body)?, &add.shown)
}

fn link(named: &Named) -> Run {
    let client = named.shown.server.client()?;
    let link = client.post(&format!("/v1/users/{}/link", named.name), &())?;
    show_link(&client, &link, &named.shown)
}

fn show_link(client: &Client, link: &LinkBody, shown: &Shown) -> Run {
    if shown.json {
        return print::json(link);
    }
    let LinkBody { name, path } = link;
    let url = client.url();
    print::text(&format!("user {name}; once, within a day (shown this once): {url}{path}"))
}

fn change(change: &Change) -> Run {
    let client = change.shown.server.client()?;
    let body = UserChangeBody {
        role: change.role,
        agent: agent(&client, change.extension.as_deref())?,
        disabled: match (change.disable, change.enable) {
            (false, false) => None,
            (disable, _) => Some(disable),
        },
        unlock: change.unlock.then_some(true),
        second_factor: change.drop_second_factor.then_some(false),
    };
    let user: UserBody = client.patch(&format!("/v1/users/{}", change.name), &body)?;
    if change.shown.json { print::json(&user) } else { print::text(&row(&user).join("  ")) }
}

fn remove(named: &Named) -> Run {
    named.shown.server.client()?.delete(&format!("/v1/users/{}", named.name))?;
    print::text(&format!("user {}: removed", named.name))
}

fn list(shown: &Shown) -> Run {
    let users: Vec<UserBody> = shown.server.client()?.get("/v1/users")?;
    if shown.json {
        return print::json(&users);
    }
    let mut table = print::table(["name", "role", "agent", "second factor", "state"]);
    for user in &users {
        table.add_row(row(user));
    }
    print::text(&table)
}

fn row(user: &UserBody) -> [String; 5] {
    let state = match user {
        UserBody { disabled: true, .. } => "disabled".to_owned(),
        UserBody { locked_until: Some(until), .. } => format!("locked until {until}"),
        UserBody { has_password: false, .. } => "has not followed the link yet".to_owned(),
        UserBody { .. } => "may sign in".to_owned(),
    };
    [
        user.name.clone(),
        user.role.to_string(),
        user.agent.map(|agent| agent.to_string()).unwrap_or_default(),
        if user.second_factor { "yes" } else { "no" }.to_owned(),
        state,
    ]
}

/// The number of the agent with this extension.
fn agent(client: &Client, extension: Option<&str>) -> Result<Option<i64>, super::Fault> {
    let Some(extension) = extension else { return Ok(None) };
    let agents: Vec<AgentBody> = client.get("/v1/agents")?;
    match agents.iter().find(|agent| agent.extension == extension) {
        Some(agent) => Ok(Some(agent.id)),
        None => Err(super::Fault::failed(format!("no agent has the extension {extension}"))),
    }
}
