//! What the books hold of the abandonment ledger, for a dialer that starts: no restart forgets an
//! abandoned person.

use jiff::{SignedDuration, Timestamp};

use crate::compliance::{Tally, WindowCount};
use crate::dialer::LedgerSoFar;
use crate::domain::{Campaign, Misjudged};
use crate::store::{Books, StoreError};

/// What agents said of the detector so long ago still holds.
const SAMPLED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The windows of a campaign that run now, as the books have counted them.
///
/// # Errors
/// The store's.
pub(super) async fn so_far(
    books: &Books,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<LedgerSoFar, StoreError> {
    let first_call_at = books.first_call(campaign.id).await?;
    let running = Tally::new(campaign, first_call_at, now);
    let misjudged = match campaign.answers.counts_misjudged {
        true => books.misjudged(campaign, earlier(now, SAMPLED)).await?,
        false => Misjudged::default(),
    };
    let mut windows = Vec::new();
    for window in running.windows() {
        let hang_ups = window.window.counts_hang_ups;
        let counts = books.ledger_of_window(campaign.id, window.begins_at, hang_ups).await?;
        let kept = match campaign.answers.counts_misjudged {
            true => misjudged_since(books, campaign, misjudged, window.begins_at).await?,
            false => 0,
        };
        let abandoned = counts.abandoned + kept;
        let people = abandoned + counts.live;
        windows.push(WindowCount { people, abandoned, ..*window });
    }
    Ok(LedgerSoFar { first_call_at, windows, misjudged })
}

/// People among those who were called machines since then, by the samples.
async fn misjudged_since(
    books: &Books,
    campaign: &Campaign,
    samples: Misjudged,
    since: Timestamp,
) -> Result<u64, StoreError> {
    if !samples.is_told() {
        return Ok(0);
    }
    let kept = books.kept_from_agents(campaign.id, since).await?;
    let people = Misjudged { kept, ..samples }.people_kept();
    Ok(people.map_or(0, |[estimate, _, _]| estimate.round() as u64))
}

fn earlier(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::dialer::Record;
    use crate::domain::{
        AbandonmentWindow, AgentId, Calendar, CallId, LeadOrder, PhoneNumber, Share, WindowSpan,
    };
    use crate::pacing::{Activity, Observation, Pacer};
    use crate::sim::Scenario;
    use crate::store::import::NewLead;
    use crate::store::{AttemptBegun, Store};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Days of New York and windows of 30 days, as if the law of the US held.
    fn campaign() -> Campaign {
        let at_most = |span| AbandonmentWindow {
            span,
            limit: Share::new(0.03).unwrap(),
            counts_hang_ups: true,
        };
        let windows = vec![at_most(WindowSpan::Days(30)), at_most(WindowSpan::Day)];
        let zone = "America/New_York".to_owned();
        let calendar = Calendar { zone, windows, ..Calendar::default() };
        Campaign { calendar, ..Scenario::default().campaign }
    }

    async fn opened(data: &Path, now: Timestamp) -> (Store, Campaign) {
        let (store, _) = Store::open(data, now).await.unwrap();
        let id = store.campaign_id("made-up").await.unwrap();
        (store, Campaign { id, ..campaign() })
    }

    /// One call, answered a second after it began; `served`: an agent came.
    async fn answered(store: &Store, campaign: &Campaign, call: i64, served: bool, at: Timestamp) {
        let number = PhoneNumber::from_e164(&format!("+1212555{call:04}")).unwrap();
        let lead = NewLead {
            number,
            first_name: None,
            last_name: None,
            state: None,
            zip: None,
            attributes: Default::default(),
        };
        store.add_leads(campaign.id, "test", vec![lead], at).await.unwrap();
        let due = store.due_leads(campaign.id, LeadOrder::NewFirst, 1, at).await.unwrap().0;
        let begun = AttemptBegun {
            call: CallId(call),
            lead: due[0].id,
            campaign: campaign.id,
            number,
            caller_id: None,
            sip_call_id: None,
            trunk: None,
            at,
            commitment: None,
        };
        store.begin_attempt(begun).await.unwrap();
        let call = CallId(call);
        let second = SignedDuration::from_secs(1);
        let (answered_at, bridged_at) = (at + second, at + second * 2);
        store.record(Record::Answered { call, at: answered_at }, answered_at).await.unwrap();
        if served {
            let bridged = Record::Bridged { call, agent: AgentId(1), at: bridged_at };
            store.record(bridged, bridged_at).await.unwrap();
        }
    }

    async fn counts(store: &Store, campaign: &Campaign, now: Timestamp) -> Vec<(u64, u64)> {
        let so_far = so_far(store.books(), campaign, now).await.unwrap();
        so_far.windows.iter().map(|window| (window.people, window.abandoned)).collect()
    }

    #[tokio::test]
    async fn a_start_counts_what_was_counted_before_and_what_a_crash_left_open() {
        let folder = tempfile::tempdir().unwrap();
        let (store, campaign) = opened(folder.path(), at("2026-11-02T15:00:00Z")).await;
        answered(&store, &campaign, 1, true, at("2026-11-02T15:00:00Z")).await;
        // Begun before midnight in New York, answered after: a person of the new day.
        answered(&store, &campaign, 2, true, at("2026-11-05T04:59:59Z")).await;
        answered(&store, &campaign, 3, false, at("2026-11-05T15:00:00Z")).await;
        store.close().await;

        // Calls 1 and 2 had their agent; call 3 was answered, and then the process was gone.
        let now = at("2026-11-05T16:00:00Z");
        let (store, campaign) = opened(folder.path(), now).await;
        assert_eq!(counts(&store, &campaign, now).await, [(3, 1), (2, 1)]);
        let tomorrow = at("2026-11-06T16:00:00Z");
        assert_eq!(counts(&store, &campaign, tomorrow).await, [(3, 1), (0, 0)]);
        // The 30 days run from the day of the first call.
        let next_period = at("2026-12-02T05:00:00Z");
        assert_eq!(counts(&store, &campaign, next_period).await, [(0, 0), (0, 0)]);
        store.close().await;
    }

    #[tokio::test]
    async fn what_the_pacer_has_learned_is_kept_and_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let now = at("2026-11-05T16:00:00Z");
        let (store, campaign) = opened(folder.path(), now).await;
        assert_eq!(store.books().learned(campaign.id).await.unwrap(), None);
        let mut pacer = Pacer::new(&campaign);
        let activities = [Activity::Ready, Activity::Talking, Activity::WrapUp, Activity::Ready];
        for (minute, activity) in (0..).zip(activities) {
            let agent = Observation::Agent { agent: AgentId(7), activity, leaving: false };
            pacer.observe(agent, now + SignedDuration::from_mins(minute));
        }
        for people in [1, 200] {
            for _ in 0..people {
                pacer.observe(Observation::Judged { abandoned: false }, now);
            }
            let learned = Box::new(pacer.learned());
            let kept = Record::Learned { campaign: campaign.id, learned, at: now };
            store.record(kept, now).await.unwrap();
        }
        store.close().await;
        let (store, campaign) = opened(folder.path(), now).await;
        let learned = store.books().learned(campaign.id).await.unwrap();
        let text = |learned| serde_json::to_string(&learned).unwrap();
        assert!(text(learned) == text(Some(pacer.learned())), "the newest, to the last digit");
        store.close().await;
    }
}
