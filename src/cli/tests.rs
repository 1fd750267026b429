//! The command line explains itself, and what it explains is true.

use clap::{CommandFactory, Parser};

use super::Cli;

/// Subcommands whose arguments are still to come.
const TO_COME: [&str; 3] = ["calls", "dnc", "import"];

fn is_to_come(words: &str) -> bool {
    words.split_whitespace().next().is_some_and(|first| TO_COME.contains(&first))
}

/// Every command and subcommand, by its full name.
fn commands() -> Vec<(String, clap::Command)> {
    let mut root = Cli::command();
    root.build();
    let mut commands = Vec::new();
    let mut open = vec![("outdial".to_owned(), root)];
    while let Some((name, command)) = open.pop() {
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            open.push((format!("{name} {}", sub.get_name()), sub.clone()));
        }
        commands.push((name, command));
    }
    commands
}

/// The words of a command line, with single quotes as the shell has them.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let mut words = Vec::new();
    for (index, part) in parts {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// The command lines in a help text: what follows `outdial` up to `&&`, `|`, `>`, or the two
/// spaces before a remark.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().filter(|line| line.starts_with("  ") && line.contains("outdial "));
    lines
        .flat_map(|line| line.split("&&").flat_map(|part| part.split('|')))
        .filter_map(|part| part.trim().strip_prefix("outdial "))
        .filter_map(|part| part.split("  ").next()?.split('>').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn clap_finds_no_contradiction() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_and_every_option_says_what_it_is() {
    for (name, command) in commands() {
        assert!(command.get_about().is_some(), "{name}");
        for argument in command.get_arguments() {
            let id = argument.get_id();
            assert!(argument.get_help().is_some(), "{name}: {id}");
        }
    }
}

#[test]
fn every_example_in_a_help_text_is_a_command_line_that_we_take() {
    let mut seen = 0;
    for (name, command) in commands() {
        let Some(help) = command.get_after_help() else { continue };
        for example in examples(&help.to_string()) {
            if is_to_come(&example) {
                continue;
            }
            let line = std::iter::once("outdial".to_owned()).chain(words(&example));
            if let Err(error) = Cli::try_parse_from(line) {
                panic!("{name}: outdial {example}: {error}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 8, "only {seen} examples were found");
}

#[test]
fn what_talks_to_the_server_or_changes_the_books_shows_an_example() {
    for (name, command) in commands() {
        let own = name.split(' ').count() == 2 && !is_to_come(&name["outdial ".len()..]);
        assert!(!own || command.get_after_help().is_some(), "{name} shows no example");
    }
}

#[test]
fn a_token_in_the_environment_is_not_shown_by_help() {
    for (name, command) in commands() {
        for argument in command.get_arguments().filter(|argument| argument.get_id() == "token") {
            assert!(argument.is_hide_env_values_set(), "{name}");
        }
    }
}

#[test]
fn a_wrong_name_is_refused_before_anything_is_sent() {
    for name in ["Spring", "a/b", "", "..", &"x".repeat(65)] {
        assert!(Cli::try_parse_from(["outdial", "campaign", "start", name]).is_err(), "{name:?}");
    }
}

#[test]
fn a_log_filter_that_cannot_be_is_refused() {
    assert!(Cli::try_parse_from(["outdial", "--log", "loud=very", "campaign", "list"]).is_err());
    assert!(Cli::try_parse_from(["outdial", "campaign", "list", "--log", "debug"]).is_ok());
}
