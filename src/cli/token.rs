//! `outdial token`: which programs may ask the API.

use super::client::{Server, Shown};
use super::{Run, print};
use crate::api::{NewTokenBody, TokenBody, TokenMadeBody};
use crate::domain::Role;

const EXAMPLES: &str = "\
Examples:
  outdial token add 'nightly report' --role auditor --days 365
  outdial token add crm --role manager
  outdial token add wallboard --role supervisor --read-only
  outdial token list
  outdial token revoke crm

A token is sent as `Authorization: Bearer TOKEN`. It may do what its role may, and with --read-only
only look. Only its hash is kept.";

/// Tokens for programs that ask the API: add, list, revoke
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// A new token; its text is printed once
    Add(Add),
    /// Every token, without its text
    List(Shown),
    /// Let a token in no more
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
struct Add {
    /// What it is for
    #[arg(value_name = "LABEL")]
    label: String,
    /// What it may do at most: administrator, auditor, manager or supervisor
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// It may look, and change nothing
    #[arg(long)]
    read_only: bool,
    /// It ends after so many days [default: never]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3_660))]
    days: Option<u32>,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, clap::Args)]
struct Revoke {
    /// The token's label
    #[arg(value_name = "LABEL")]
    label: String,
    #[command(flatten)]
    server: Server,
}

pub(super) fn run(args: Args) -> Run {
    match args.action {
        Action::Add(add) => self::add(add),
        Action::List(shown) => list(&shown),
        Action::Revoke(revoke) => {
            let path = format!("/v1/tokens/{}", escaped(&revoke.label));
            revoke.server.client()?.delete(&path)?;
            print::text(&format!("token {}: revoked", revoke.label))
        }
    }
}

fn add(add: Add) -> Run {
    let Add { label, role, read_only, days, shown } = add;
    let body = NewTokenBody { label, role, read_only, days };
    let made: TokenMadeBody = shown.server.client()?.post("/v1/tokens", &body)?;
    if shown.json {
        return print::json(&made);
    }
    print::text(&format!("token {} (shown this once): {}", made.token.label, made.text))
}

fn list(shown: &Shown) -> Run {
    let tokens: Vec<TokenBody> = shown.server.client()?.get("/v1/tokens")?;
    if shown.json {
        return print::json(&tokens);
    }
    let mut table = print::table(["label", "role", "may", "made", "ends"]);
    for token in &tokens {
        table.add_row([
            token.label.clone(),
            token.role.to_string(),
            if token.read_only { "look" } else { "look and change" }.to_owned(),
            token.created_at.to_string(),
            token.expires_at.map_or("never".to_owned(), |end| end.to_string()),
        ]);
    }
    print::text(&table)
}

/// As one segment of a path (RFC 3986 §2.1).
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let byte = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_stays_one_segment_of_the_path() {
        assert_eq!(escaped("nightly/../x é"), "nightly%2F..%2Fx%20%C3%A9");
    }
}
