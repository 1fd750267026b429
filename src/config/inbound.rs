//! `[[inbound]]`: the numbers by which people call in.

use std::ops::Range;

use super::section::{Ledger, Section};
use super::spelling::nearest;
use super::{CampaignFile, InboundNumber};
use crate::domain::PhoneNumber;

/// One as written; its campaign is looked for when the campaigns are read.
pub(super) struct Written {
    inbound: InboundNumber,
    /// Where the campaign stands.
    span: Range<usize>,
}

pub(super) fn read(sections: Option<Vec<Section<'_>>>) -> Vec<Written> {
    let mut read: Vec<Written> = Vec::new();
    for mut section in sections.unwrap_or_default() {
        let example = "\"+34912345678\", a number of yours in E.164";
        for (key, example) in [("number", example), ("campaign", "\"support\", a queue")] {
            if !section.has(key) {
                section.missing(key, example);
            }
        }
        let what = "a number in E.164: + and 4 to 15 digits, nothing between";
        let number = section.read("number", what, PhoneNumber::from_e164);
        let campaign = section.text("campaign");
        if let Some((number, campaign)) = number.zip(campaign) {
            if read.iter().any(|other| other.inbound.number == number) {
                let remedy = "a number has one queue: take one of them out";
                section.fault(section.place_of("number"), "the number stands twice", remedy);
            }
            let span = campaign.span();
            let inbound = InboundNumber { number, campaign: campaign.into_inner() };
            read.push(Written { inbound, span });
        }
        section.finish();
    }
    read
}

/// The numbers whose campaign is a queue that is there; faults for the others. `names` are those of
/// every file, right or wrong.
pub(super) fn meant(
    written: Vec<Written>,
    names: &[String],
    campaigns: &[CampaignFile],
    ledger: &Ledger<'_>,
) -> Vec<InboundNumber> {
    for Written { inbound, span } in &written {
        let name = inbound.campaign.as_str();
        let file = campaigns.iter().find(|file| file.campaign.name == name);
        if file.is_some_and(|file| !file.campaign.pacing.is_inbound()) {
            let message = format!("campaign {name} is no queue");
            let remedy = format!("write [pacing] mode = \"inbound\" in {name}.toml");
            ledger.fault(Some(span.clone()), message, remedy);
        }
        if !names.iter().any(|known| known == name) {
            let remedy = match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("there are: {}", names.join(", ")),
            };
            let message = format!("campaign {name} is not there");
            ledger.fault(Some(span.clone()), message, remedy);
        }
    }
    written.into_iter().map(|written| written.inbound).collect()
}
