//! A trunk's part in routing: prefixes, priority, weight, and how numbers are written.

use super::super::section::Section;
use crate::trunk::{Prefix, Rewriting, Routing};

pub(super) fn read(section: &mut Section<'_>) -> Routing {
    let prefixes = section.texts("prefixes").unwrap_or_default();
    let prefix = |text: &toml::Spanned<String>| {
        let found = Prefix::parse(text.get_ref());
        if found.is_none() {
            let message = format!("{:?} is no prefix of numbers", text.get_ref());
            section.fault(text.span(), message, "write + and the first digits: \"+44\"");
        }
        found
    };
    Routing {
        prefixes: prefixes.iter().filter_map(prefix).collect(),
        priority: section.integer("priority", 0..=999_u16).unwrap_or(0),
        weight: section.integer("weight", 1..=999_u16).unwrap_or(0),
        called: rewriting(section, "rewrite"),
        caller_id: rewriting(section, "rewrite_caller_id"),
    }
}

/// `rewrite = ["+1=1", "+=011"]`: a prefix, and what stands in its place.
fn rewriting(section: &mut Section<'_>, key: &'static str) -> Rewriting {
    let texts = section.texts(key).unwrap_or_default();
    let rule = |text: &toml::Spanned<String>| {
        let found = text.get_ref().split_once('=').and_then(|(prefix, replacement)| {
            let replaced = Rewriting::is_replacement(replacement);
            Prefix::parse(prefix)
                .filter(|_| replaced)
                .map(|prefix| (prefix, replacement.to_owned()))
        });
        if found.is_none() {
            let message = format!("{key} has {:?}", text.get_ref());
            let remedy = "write a prefix, =, and what stands in its place: \"+44=01144\"";
            section.fault(text.span(), message, remedy);
        }
        found
    };
    Rewriting::new(texts.iter().filter_map(rule).collect())
}
