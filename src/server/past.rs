//! What the books hold of a campaign, as the simulator makes a world of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::{AgentId, CampaignId};
use crate::sim::{Past, PastBuilder};
use crate::store::{AgentChange, Books, CallFilter, StoreError};

/// Records that are read at once.
const PAGE: u32 = 5_000;

/// Everything that the books hold of the campaign in this time.
///
/// # Errors
/// The store's.
pub async fn past_of(
    books: &Books,
    campaign: CampaignId,
    since: Timestamp,
    until: Timestamp,
) -> Result<Past, StoreError> {
    let filter = CallFilter {
        campaign: Some(campaign),
        since: Some(since),
        until: Some(until),
        number: None,
    };
    let mut past = PastBuilder::default();
    let (mut after, mut last_at) = (None, since);
    let mut agents: BTreeSet<AgentId> = BTreeSet::new();
    loop {
        let page = books.calls(filter, after, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        after = page.last().map(|call| call.record.call).or(after);
        for call in page.into_iter().filter(|call| !call.inbound) {
            agents.extend(call.record.agent);
            last_at = last_at.max(call.record.ended_at);
            past.call(call.record);
        }
        if is_last {
            break;
        }
    }
    let changes = books.agent_changes(since, until).await?;
    last_at = changes.last().map_or(last_at, |change| last_at.max(change.at));
    lay_down(&mut past, changes.into_iter().filter(|change| agents.contains(&change.agent)));
    Ok(past.build(last_at.min(until)))
}

/// The changes, run by run: what a run did not see the end of is left out.
fn lay_down(past: &mut PastBuilder, changes: impl Iterator<Item = AgentChange>) {
    let mut run = None;
    for change in changes {
        if run.replace(change.run).is_some_and(|before| before != change.run) {
            past.stopped();
        }
        past.agent(change.agent, change.state, change.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_run_did_not_see_the_end_of_is_left_out() {
        let change = |run, s, state| AgentChange {
            agent: AgentId(1),
            state,
            at: Timestamp::from_second(s).unwrap(),
            run,
        };
        use crate::domain::AgentState::{LoggedOut, Ready};
        let changes = [change(1, 0, Ready), change(2, 500, Ready), change(2, 600, LoggedOut)];
        let mut past = PastBuilder::default();
        lay_down(&mut past, changes.into_iter());
        let past = past.build(Timestamp::from_second(1_000).unwrap());
        let from: Vec<i64> =
            past.stretches.iter().map(|stretch| stretch.from.as_second()).collect();
        assert_eq!(from, [500]);
    }
}
