//! What each campaign brings to the line: its trunks, what it plays, and the numbers that call it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::announcement;
use super::assembly::StartFault;
use super::switchboard::CampaignLine;
use crate::config::InboundNumber;
use crate::domain::{Campaign, CampaignId, TrunkId};
use crate::media::tones;
use crate::trunk::{Directory, Route, TrunksConfig};

/// What a campaign may have to say; nothing where it has nothing.
fn spoken(path: Option<&Path>) -> Result<Arc<[i16]>, StartFault> {
    Ok(match path {
        Some(path) => announcement::load(Some(path))?,
        None => Arc::default(),
    })
}

/// What is needed of each campaign on the line.
///
/// # Errors
/// [`StartFault`]: a message that cannot be played, a trunk that is not there.
pub(super) fn lines(
    campaigns: &[Arc<Campaign>],
    trunks: &TrunksConfig,
) -> Result<BTreeMap<CampaignId, CampaignLine>, StartFault> {
    let by_name: BTreeMap<&str, TrunkId> =
        trunks.trunks.iter().map(|trunk| (trunk.name.as_str(), trunk.id)).collect();
    let line = |campaign: &Arc<Campaign>| {
        let trunk = |name: &String| {
            by_name.get(name.as_str()).copied().ok_or_else(|| StartFault::NoTrunk {
                campaign: campaign.name.clone(),
                trunk: name.clone(),
            })
        };
        let line = CampaignLine {
            campaign: campaign.clone(),
            trunks: campaign.trunks.iter().map(trunk).collect::<Result<_, _>>()?,
            hold: match &campaign.hold {
                Some(path) => announcement::load(Some(path))?,
                None => tones::ringing(campaign.country),
            },
            identification: spoken(campaign.answers.identification.as_deref())?,
            voicemail: spoken(campaign.answers.machine_message.as_deref())?,
            message: match &campaign.message {
                Some(path) => announcement::load(Some(path))?,
                None if campaign.pacing.is_broadcast() || campaign.pacing.is_inbound() => {
                    return Err(StartFault::NoMessage(campaign.name.clone()));
                }
                None => Arc::default(),
            },
            safe_harbour: announcement::load(campaign.safe_harbour.message.as_deref())?,
        };
        Ok((campaign.id, line))
    };
    campaigns.iter().map(line).collect()
}

/// Whom each number calls. A number of a campaign that is not there calls nobody.
pub(super) fn directory(
    inbound: &[InboundNumber],
    campaigns: &BTreeMap<CampaignId, CampaignLine>,
) -> Directory {
    let route = |InboundNumber { number, campaign }: &InboundNumber| {
        let line = campaigns.values().find(|line| line.campaign.name == *campaign)?;
        Some(Route {
            number: *number,
            campaign: line.campaign.id,
            country: line.campaign.country,
            trunks: line.trunks.clone(),
        })
    };
    Directory::new(inbound.iter().filter_map(route))
}
