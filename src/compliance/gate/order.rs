//! In which order rules are asked, and that every answer of the gate is of one cloth: whatever is
//! known of a lead, at every instant.

use proptest::prelude::*;

use super::properties::{gate, instants, numbers};
use super::tests::{campaign, lead};
use super::*;
use crate::compliance::evaluation::Source;
use crate::domain::Facts;

/// Columns as they come: right, wrong and missing.
fn facts() -> impl Strategy<Value = Facts> {
    let cell = |name: &'static str, texts: &'static [&'static str]| {
        prop::option::of(prop::sample::select(texts)).prop_map(move |text| (name, text))
    };
    let columns = (
        cell("dnc.listed", &["yes", "no"]),
        cell("dnc.scrub", &["2025-01-15", "2026-07-01", "2027-12-31"]),
        cell("dnc.internal", &["2026-01-01T00:00:00Z"]),
        cell("consent.kind", &["pewc", "express", "optin", "tps_override"]),
        cell("consent.at", &["2025-06-01T00:00:00Z", "2027-06-01T00:00:00Z"]),
        cell("consent.revoked", &["2026-06-01T00:00:00Z"]),
        cell("line", &["wireless", "business"]),
        cell("dial", &["prerecorded", "agent"]),
        cell("purpose", &["survey", "debt", "informational"]),
        cell("rnd", &["yes", "no"]),
        cell("attorney", &["yes", "no", "perhaps"]),
        cell("tps.listed", &["yes", "no"]),
    );
    columns.prop_map(|(a, b, c, d, e, f, g, h, i, j, k, l)| {
        let columns = [a, b, c, d, e, f, g, h, i, j, k, l];
        Facts::read(columns.into_iter().filter_map(|(name, text)| Some((name, text?))))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn rules_are_asked_in_order_and_the_first_names_the_refusal(
        number in numbers(),
        state in prop::sample::select(vec![None, Some("NY"), Some("TX"), Some("AL")]),
        facts in facts(),
        has_caller_id in any::<bool>(),
        now in instants(),
    ) {
        let books = ["us-tsr-tcpa", "us-regf", "es", "uk"];
        let mut campaign = campaign("US", &books);
        if !has_caller_id {
            campaign.caller_ids.clear();
        }
        let lead = Lead { state: state.map(str::to_owned), facts: facts.into(), ..lead(&number) };
        let case = Case::of_lead(&lead, &campaign, Circumstances::default());
        let found = gate().evaluate(&case, now);

        // By stage; within a stage by rulebook; of one rulebook what holds everywhere first, then
        // the states by id.
        let place = |finding: &crate::compliance::Finding| {
            let Source::Rule { book, rule } = finding.source else { return None };
            let rule = &found.rulebooks[usize::from(book)].rules()[usize::from(rule)];
            let state = if rule.regions.is_empty() { "" } else { rule.id.as_str() };
            Some((rule.stage(), book, state.to_owned()))
        };
        let places: Vec<_> = found.findings.iter().filter_map(place).collect();
        prop_assert!(places.is_sorted(), "{places:?}");

        // One answer, asked for in two ways.
        let answer = gate().check(&lead, &campaign, Circumstances::default(), now);
        let first = found.refused_by().next().map(str::to_owned);
        prop_assert_eq!(answer.as_ref().err().map(|refusal| refusal.rule.clone()), first);
        prop_assert_eq!(answer.is_ok(), found.is_allowed());
        if let Ok(permit) = answer {
            prop_assert_eq!(&permit.evaluation().findings, &found.findings);
            prop_assert!(has_caller_id);
        }

        // A rule that is not of the place, or not of the purpose, refuses nothing.
        for finding in found.refusals() {
            let Some(rule) = found.rule(finding) else { continue };
            let purposes = &rule.concerns.purposes;
            prop_assert!(purposes.is_empty() || purposes.contains(&case.purpose), "{}", rule.id);
        }
        // And it is written with every name, and no number.
        let written = serde_json::to_string(&found).unwrap();
        prop_assert!(written.contains("us-tsr-tcpa") && written.contains("sha256"));
        prop_assert!(!written.contains(&number[1..]));
    }

    #[test]
    fn what_is_missing_never_allows_what_is_known_to_be_in_order_does(
        number in numbers(),
        now in instants(),
        dropped in prop::sample::subsequence(vec!["dnc.listed", "dnc.scrub", "tps.listed", "tps.screened", "consent.kind", "consent.at"], 1..6),
    ) {
        let day = now.checked_sub(SignedDuration::from_hours(48)).unwrap().to_string();
        let all = [
            ("dnc.listed", "no"),
            ("dnc.scrub", day.as_str()),
            ("tps.listed", "no"),
            ("tps.screened", day.as_str()),
            ("consent.kind", "express"),
            ("consent.at", "2020-01-01T00:00:00Z"),
        ];
        let left = all.into_iter().filter(|(name, _)| !dropped.contains(name));
        let campaign = campaign("US", &["us-tsr-tcpa", "es", "uk"]);
        let with = |facts: Facts| {
            let lead = Lead { facts: facts.into(), ..lead(&number) };
            gate().check(&lead, &campaign, Circumstances::default(), now).is_ok()
        };
        prop_assert!(!with(Facts::read(left)) || with(Facts::read(all)));
    }
}
