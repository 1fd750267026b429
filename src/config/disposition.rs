//! `[[dispositions]]`: what an agent can say.

use super::recycling::after;
use super::section::Section;
use crate::domain::{Disposition, DispositionRule, Required};

/// What holds when a campaign has none.
fn defaults() -> Vec<DispositionRule> {
    let rule = |code: &str, label: &str, do_not_call: bool, days: Option<i64>| DispositionRule {
        code: Disposition(code.to_owned()),
        label: label.to_owned(),
        do_not_call,
        wrong_person: code == "wrong_number",
        machine: code == "machine",
        recycle_after: days.map(|days| jiff::SignedDuration::from_hours(24 * days)),
        required: Required::default(),
    };
    vec![
        rule("sale", "Sale", false, None),
        rule("callback", "Call back", false, Some(1)),
        rule("not_interested", "Not interested", false, None),
        rule("machine", "A machine", false, Some(1)),
        rule("wrong_number", "Wrong number", false, None),
        rule("do_not_call", "Do not call again", true, None),
    ]
}

pub(super) fn read(sections: Option<Vec<Section<'_>>>) -> Vec<DispositionRule> {
    let Some(sections) = sections else { return defaults() };
    let mut rules: Vec<DispositionRule> = Vec::new();
    for mut section in sections {
        if !section.has("code") {
            section.missing("code", "\"sale\"");
        }
        let what = "a code of a-z, 0-9 and _, at most 32: \"sale\"";
        let code = section.read("code", what, code);
        let label = section.text("label").map(|label| label.into_inner());
        let do_not_call = section.boolean("do_not_call").unwrap_or(false);
        let wrong_person = section.boolean("wrong_person").unwrap_or(false);
        let machine = section.boolean("machine").unwrap_or(false);
        let recycle_after = after(&mut section);
        let required = required(&mut section);
        if do_not_call && recycle_after.is_some() {
            let message = "a disposition with do_not_call that calls again";
            section.fault(section.span(), message, "take one of them out");
        }
        if let Some(code) = code {
            if rules.iter().any(|rule| rule.code == code) {
                let message = format!("the disposition {} stands twice", code.0);
                section.fault(section.span(), message, "give one another code");
            }
            let label = label.unwrap_or_else(|| code.0.clone());
            rules.push(DispositionRule {
                code,
                label,
                do_not_call,
                wrong_person,
                machine,
                recycle_after,
                required,
            });
        }
        section.finish();
    }
    rules
}

/// What must be said with it.
fn required(section: &mut Section<'_>) -> Required {
    let mut required = Required::default();
    for text in section.texts("requires").unwrap_or_default() {
        match text.get_ref().as_str() {
            "callback" => required.callback = true,
            "note" => required.note = true,
            _ => {
                let message = format!("requires has {:?}, which nobody can say", text.get_ref());
                section.fault(text.span(), message, "there are \"callback\" and \"note\"");
            }
        }
    }
    required
}

fn code(text: &str) -> Option<Disposition> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let shaped = (1..=32).contains(&text.len()) && text.bytes().all(plain);
    shaped.then(|| Disposition(text.to_owned()))
}
