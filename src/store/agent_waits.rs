//! The clock of the two seconds (47 CFR 64.1200(a)(7), 16 CFR 310.4(b)(4)(ii)): how long each person
//! waited for an agent, from the end of their greeting as the audio had it.

use jiff::Timestamp;

use crate::domain::{CampaignId, Outcome, WaitFrom};

use super::sql;
use super::time::micros;
use super::{Books, StoreError};

/// A call rings no longer before it is answered; the index is by the beginning.
const RING_US_MAX: i64 = 600_000_000;

/// How long the people of a campaign waited.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AgentWaits {
    /// Of each person who had an agent, in milliseconds, shortest first, by the ledger's clock:
    /// nothing when the agent was there before the greeting was over; from the detector's word where
    /// they still spoke or had said nothing by then; from the answer where there was no word, or
    /// where the campaign counts from there.
    pub waits_ms: Vec<u64>,
    /// Of how many of them the greeting was heard to end.
    pub greeting_heard: u64,
    /// People who hung up before an agent was due.
    pub hung_up: u64,
    /// People who had no agent.
    pub alone: u64,
}

#[derive(sqlx::FromRow)]
struct Row {
    answered_us: i64,
    bridged_us: Option<i64>,
    verdict_at_ms: Option<i64>,
    greeting_end_ms: Option<i64>,
    outcome: Option<String>,
}

impl AgentWaits {
    /// The wait that this share of those who had an agent did not exceed, 0 to 1; `None` of nobody.
    pub fn quantile_ms(&self, share: f64) -> Option<u64> {
        let rank = (share * self.waits_ms.len() as f64).ceil() as usize;
        self.waits_ms.get(rank.saturating_sub(1)).copied()
    }

    /// How many had an agent in so many milliseconds; exactly as many are in time.
    pub fn within(&self, ms: u64) -> u64 {
        self.waits_ms.partition_point(|wait| *wait <= ms) as u64
    }

    fn add(&mut self, row: &Row, from: WaitFrom) {
        let Some(bridged_us) = row.bridged_us else {
            match row.outcome.as_deref().and_then(Outcome::from_word) {
                Some(Outcome::HungUp) => self.hung_up += 1,
                _ => self.alone += 1,
            }
            return;
        };
        self.greeting_heard += u64::from(row.greeting_end_ms.is_some());
        // Never later than the detector's word, as `Verdict::greeted_ms` has it.
        let greeted_ms = match from {
            WaitFrom::Answer => None,
            WaitFrom::GreetingEnd => row.greeting_end_ms.into_iter().chain(row.verdict_at_ms).min(),
        };
        let due_us = row.answered_us + greeted_ms.unwrap_or(0) * 1_000;
        self.waits_ms.push(u64::try_from((bridged_us - due_us) / 1_000).unwrap_or(0));
    }
}

impl Books {
    /// How long the people waited who answered a call of the campaign in `since..until`. Machines
    /// and people who called in are not among them.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn agent_waits(
        &self,
        campaign: CampaignId,
        from: WaitFrom,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<AgentWaits, StoreError> {
        let rows: Vec<Row> = sql::query_as(
            "SELECT answered_us, bridged_us, verdict_at_ms, greeting_end_ms, outcome
             FROM attempts
             WHERE campaign = ?1 AND began_us >= ?2 - ?4 AND ledger <> 'not_counted'
               AND answered_us >= ?2 AND answered_us < ?3 AND ended_us IS NOT NULL",
        )
        .bind(campaign.0)
        .bind(micros(since))
        .bind(micros(until))
        .bind(RING_US_MAX)
        .fetch_all(&self.pool)
        .await?;
        let mut waits = AgentWaits::default();
        rows.iter().for_each(|row| waits.add(row, from));
        waits.waits_ms.sort_unstable();
        Ok(waits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(bridged_ms: Option<i64>, greeting_end_ms: Option<i64>, outcome: &str) -> Row {
        Row {
            answered_us: 7_000_000,
            bridged_us: bridged_ms.map(|ms| 7_000_000 + ms * 1_000),
            verdict_at_ms: Some(900),
            greeting_end_ms,
            outcome: Some(outcome.to_owned()),
        }
    }

    fn waits(rows: &[(Option<i64>, Option<i64>, &str)], from: WaitFrom) -> AgentWaits {
        let mut waits = AgentWaits::default();
        for (bridged_ms, greeting_end_ms, outcome) in rows {
            waits.add(&row(*bridged_ms, *greeting_end_ms, outcome), from);
        }
        waits.waits_ms.sort_unstable();
        waits
    }

    #[test]
    fn the_clock_runs_from_the_end_of_the_greeting_or_else_from_the_word_or_the_answer() {
        let people = [
            (Some(2_800), Some(800), "talked"),
            (Some(2_801), Some(800), "talked"),
            (Some(1_500), None, "talked"),
            (Some(400), Some(800), "talked"),
            // What is foretold after the verdict is not believed.
            (Some(3_000), Some(5_000), "talked"),
            (None, Some(800), "hung_up"),
            (None, Some(800), "abandoned"),
        ];
        let from_answer = waits(&people, WaitFrom::Answer);
        assert_eq!(from_answer.waits_ms, [400, 1_500, 2_800, 2_801, 3_000]);
        let waits = waits(&people, WaitFrom::GreetingEnd);
        assert_eq!(waits.waits_ms, [0, 600, 2_000, 2_001, 2_100]);
        assert_eq!((waits.within(2_000), waits.greeting_heard), (3, 4));
        assert_eq!((waits.hung_up, waits.alone), (1, 1));
        assert_eq!(waits.quantile_ms(0.5), Some(2_000));
        let mut unscreened = AgentWaits::default();
        let without_word = Row { verdict_at_ms: None, ..row(Some(1_500), None, "talked") };
        unscreened.add(&without_word, WaitFrom::GreetingEnd);
        assert_eq!(unscreened.waits_ms, [1_500]);
        assert_eq!((waits.quantile_ms(1.0), waits.quantile_ms(0.0)), (Some(2_100), Some(0)));
        assert_eq!(AgentWaits::default().quantile_ms(0.5), None);
    }
}
