//! Rulebooks with faults, and the order of rules.

use super::*;

const HEAD: &str =
    "id = \"atlantis\"\ntitle = \"Atlantis\"\nversion = \"1\"\nmin_tzdb = \"2025b\"\n";

fn rule(id: &str, values: &str) -> String {
    format!(
        "[[rules]]\nid = \"{id}\"\nbasis = \"law\"\ncitation = \"Code 1\"\nstatus = \"memory\"\n\
         sentence = \"No.\"\nauditor = \"None was made.\"\n{values}\n"
    )
}

/// Each fault with the text that it points at.
#[track_caller]
fn faults(text: &str) -> Vec<(String, String)> {
    let faults = Rulebook::parse(text).unwrap_err();
    let shown = |fault: RulebookFault| (text[fault.span.unwrap_or(0..0)].to_owned(), fault.message);
    faults.into_iter().map(shown).collect()
}

#[test]
fn every_rule_tells_its_own_fault() {
    let text = [
        HEAD.replace("2025b", "new"),
        rule("a", "kind = \"hour\""),
        rule("b", "kind = \"interval\""),
        rule("c", "kind = \"do_not_call\"\nattempts_max = 3"),
        rule("d", "kind = \"attempts_in_days\"\ndays = 1\nattempts_max = 0"),
        rule("e", "kind = \"caller_id\"\nregions = [\"Florida\"]"),
        rule("f", "kind = \"caller_id\"\nsince = 2026-01-01T00:00:00Z"),
        rule("g", "kind = \"interval\"\ninterval_s = 5\nnot_counted = [\"lost\"]"),
        rule("h", "kind = \"closed_weekdays\"\nweekdays = [\"mon-sun\"]"),
        rule("i", "kind = \"consent\"\nkinds = [\"nod\"]"),
        rule("j", "kind = \"registry\"\nregistry = \"dnc\"\nunless = [{ off_hours = true }]"),
        rule("k", "kind = \"closed_holidays\"\ncalendar = \"XX\""),
        rule("l", "kind = \"abandonment\"\nlimit_percent = 3.0\nwindow = \"week\""),
        rule("m", "kind = \"registry_age\"\nregistry = \"dnc\""),
        rule("n", "kind = \"hours\"\ndays = { mon = \"8-21\" }"),
        rule("o", "kind = \"caller_id\"\npurposes = [\"fun\"]"),
    ]
    .concat();
    let expected = [
        ("\"new\"", "a version of the database is a year and a letter: 2026f"),
        ("\"hour\"", "no rule is of kind \"hour\""),
        ("\"interval\"", "a rule of kind interval has interval_s"),
        ("attempts_max", "unknown field `attempts_max`"),
        ("0", "attempts_max is at least 1"),
        ("\"Florida\"", "\"Florida\" is no region"),
        ("2026-01-01T00:00:00Z", "a date without time is expected"),
        ("\"lost\"", "\"lost\" is no ending"),
        ("[\"mon-sun\"]", "hours that are never open"),
        ("\"nod\"", "unknown variant `nod`"),
        ("{ off_hours = true }", "an exemption is one of"),
        ("\"XX\"", "the table of holidays has no \"XX\""),
        ("\"week\"", "a window is"),
        ("\"registry_age\"", "missing field `days_max`"),
        ("{ mon = \"8-21\" }", "\"8-21\" is no window"),
        ("\"fun\"", "unknown variant `fun`"),
    ];
    let found = faults(&text);
    for ((at, message), (expected_at, expected)) in found.iter().zip(expected) {
        assert_eq!(at, expected_at, "{message}");
        assert!(message.starts_with(expected), "{message}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn a_rule_that_stands_twice_is_a_fault() {
    let text = [HEAD, &rule("a", "kind = \"caller_id\""), &rule("a", "kind = \"caller_id\"")];
    let message = "the rule a stands twice, for the same purposes";
    assert_eq!(faults(&text.concat())[0].1, message);
    let of = |purpose: &str| rule("a", &format!("kind = \"caller_id\"\npurposes = [{purpose:?}]"));
    assert!(Rulebook::parse(&[HEAD, &of("sales"), &of("survey")].concat()).is_ok());
    assert!(Rulebook::parse(&[HEAD, &of("sales"), &of("sales")].concat()).is_err());
}

#[test]
fn rules_are_asked_by_stage_and_the_states_by_id() {
    let hours = |id, more: &str| {
        rule(id, &format!("kind = \"hours\"\ndays = {{ mon = \"08:00-21:00\" }}\n{more}"))
    };
    let text = [
        HEAD.to_owned(),
        hours("st.TX", "regions = [\"US-TX\"]"),
        hours("st.AL", "regions = [\"US-AL\"]"),
        hours("federal", ""),
        rule("dnc", "kind = \"do_not_call\""),
    ];
    let book = Rulebook::parse(&text.concat()).unwrap();
    let order: Vec<&str> = book.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(order, ["dnc", "federal", "st.AL", "st.TX"]);
}
