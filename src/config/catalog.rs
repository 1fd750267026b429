//! Every setting of a campaign: its unit, what may be written, what holds when nothing is, and one
//! sentence. `outdial check --settings` prints it, `docs/settings.md` is made of it, and a test
//! holds it against what is read: a key that is read and does not stand here fails it.

mod amd;
mod desk;
mod entries;

use std::fmt::Write;

pub(super) use entries::SECTIONS;

/// A table of a campaign's file.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// As in TOML: `[pacing]`, `[[abandonment]]`; empty at the top of the file.
    pub name: &'static str,
    /// What it is for.
    pub sentence: &'static str,
    /// Its keys.
    pub settings: &'static [Setting],
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key.
    pub key: &'static str,
    /// What may be written.
    pub values: Values,
    /// What holds when nothing is.
    pub default: Default,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// A line beside which alone it may stand: `mode = "predictive"`.
    pub beside: &'static str,
}

/// What may be written.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A number from the first to the last.
    Number {
        /// `seconds`, `percent`, `calls`.
        unit: &'static str,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// Something else, in words.
    Other(&'static str),
    /// `true` or `false`.
    YesOrNo,
}

/// What holds when nothing is written.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// It must be written.
    Required,
    /// This value, as TOML.
    Value(&'static str),
    /// What these words say.
    Words(&'static str),
}

/// Every setting of a campaign, as Markdown.
pub fn settings() -> String {
    let mut text = String::from(HEAD);
    for table in SECTIONS {
        let title = if table.name.is_empty() { "At the top of the file" } else { table.name };
        // A string takes every write.
        let _ = write!(text, "\n## {title}\n\n{}\n\n", table.sentence);
        for setting in table.settings {
            let _ = writeln!(text, "{}", line(setting));
        }
    }
    text
}

const HEAD: &str = "\
# Settings of a campaign

One file a campaign, `campaigns/NAME.toml`; `campaigns/demo.toml` is one to copy. Settings are goals
and limits: how fast to dial follows from them and from what is measured. `outdial check` names every
fault with its line; `outdial check --settings` prints this page.
";

fn line(setting: &Setting) -> String {
    let Setting { key, values, default, sentence, beside } = setting;
    let values = match values {
        Values::Number { unit, least, most } => format!("{unit}, {least} to {most}"),
        Values::OneOf(words) => {
            words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" or ")
        }
        Values::Other(words) => (*words).to_owned(),
        Values::YesOrNo => "`true` or `false`".to_owned(),
    };
    let default = match default {
        Default::Required => "must be written".to_owned(),
        Default::Value(value) => format!("default `{value}`"),
        Default::Words(words) => format!("default: {words}"),
    };
    let beside = match *beside {
        "" => String::new(),
        beside => format!(", beside `{beside}`"),
    };
    format!("- `{key}` ({values}; {default}{beside}): {sentence}")
}

#[cfg(test)]
mod tests;
