//! What an agent reads to a person: the campaign's words, with the person's own in their places.

use serde::{Deserialize, Serialize};

use super::Lead;

/// What an agent reads to a person.
///
/// `{first_name}`, `{last_name}`, `{phone}`, `{state}`, `{zip}`, `{agent}`, `{campaign}`, and any other column
/// of the leads' file by its header; `{first_name|there}` says what stands there when it is not known.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Script {
    /// What the law, or the house, asks to be said first.
    pub read_first: Option<String>,
    /// The rest.
    pub text: Option<String>,
}

/// With whose words the places are filled.
#[derive(Clone, Copy, Debug)]
pub struct Places<'p> {
    /// The person.
    pub lead: &'p Lead,
    /// The agent's name.
    pub agent: &'p str,
    /// The campaign's name.
    pub campaign: &'p str,
}

impl Places<'_> {
    /// The text with its places filled. A brace without a partner is a brace.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((place, next)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            let (field, otherwise) = place.split_once('|').unwrap_or((place, ""));
            filled.push_str(self.word(field.trim()).as_deref().unwrap_or(otherwise));
            rest = next;
        }
        filled + rest
    }

    fn word(&self, field: &str) -> Option<String> {
        let lead = self.lead;
        let known = match field {
            "agent" => Some(self.agent.to_owned()),
            "campaign" => Some(self.campaign.to_owned()),
            "first_name" => lead.first_name.clone(),
            "last_name" => lead.last_name.clone(),
            "phone" => Some(lead.number.to_e164()),
            "state" => lead.state.clone(),
            "zip" => lead.zip.clone(),
            other => lead.attributes.get(other).cloned(),
        };
        known.filter(|word| !word.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CampaignId, PhoneNumber};

    #[test]
    fn each_place_has_the_persons_own_word_or_what_stands_there_otherwise() {
        let number = PhoneNumber::from_e164("+12015550123").unwrap();
        let mut lead = Lead::of_number(CampaignId(1), number);
        lead.first_name = Some("Zoë".to_owned());
        lead.attributes = [("plan".to_owned(), "{agent} <b>".to_owned())].into();
        let places = Places { lead: &lead, agent: "Ana", campaign: "spring" };
        for (text, filled) in [
            ("Hello {first_name}, {agent} here", "Hello Zoë, Ana here"),
            ("{last_name|friend}, {zip}!", "friend, !"),
            ("{ phone } of {campaign}", "+12015550123 of spring"),
            ("{plan}", "{agent} <b>"),
            ("a { b", "a { b"),
            ("} {first_name}", "} Zoë"),
        ] {
            assert_eq!(places.fill(text), filled, "{text}");
        }
    }
}
