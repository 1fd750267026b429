//! How caller ids have fared, for a dialer that starts: the sums of the attempts, and who rests.

use super::sql::{self, Connection};
use jiff::{SignedDuration, Timestamp};

use crate::dialer::{CallerIdHour, CallerIdRest, CallerIdSoFar, RestReason};
use crate::domain::PhoneNumber;

use super::time::{micros, timestamp};
use super::{Books, StoreError, number};

/// What a dialer counts by.
const HOUR_US: i64 = 3_600_000_000;
/// What it looks back upon.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The longest call: what began before is not counted any more.
const CALL_MAX: SignedDuration = SignedDuration::from_hours(8);

/// A number rests from now on.
pub(super) async fn rest(
    books: &mut Connection,
    number: PhoneNumber,
    rest: &CallerIdRest,
    at: Timestamp,
) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO caller_id_rests (number, at_us, until_us, reason) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(number.digits() as i64)
    .bind(micros(at))
    .bind(micros(rest.until))
    .bind(match rest.reason {
        RestReason::Blocked => "blocked",
        RestReason::FewerAnswers => "fewer_answers",
    })
    .execute(books)
    .await?;
    Ok(())
}

impl Books {
    /// Every caller id that was shown in the last 24 hours or rests, by number.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Unreadable`].
    pub async fn caller_ids(&self, now: Timestamp) -> Result<Vec<CallerIdSoFar>, StoreError> {
        let mut found: Vec<CallerIdSoFar> = Vec::new();
        let since = |length| micros(now.saturating_sub(length).unwrap_or(Timestamp::MIN));
        let (day, earlier) = (since(DAY), since(DAY + CALL_MAX));
        // A call counts as shown in the hour of its INVITE, and by how it ended in the hour of its end; a
        // number that was put to rest begins anew.
        let rows: Vec<(i64, i64, i64, i64, i64, i64, i64)> = sql::query_as(
            "WITH calls AS (
                SELECT caller_id, began_us, ended_us, answered_us,
                       CASE WHEN outcome = 'blocked' OR sip_status = 607
                            THEN 1 ELSE 0 END AS blocked,
                       CASE WHEN answered_us IS NOT NULL
                                 OR (counts = 1 AND outcome NOT IN ('invalid_number', 'blocked'))
                            THEN 1 ELSE 0 END AS reached,
                       coalesce((SELECT max(at_us) FROM caller_id_rests AS rests
                                 WHERE rests.number = caller_id), 0) AS rested_us
                FROM attempts WHERE began_us >= ?1 AND caller_id IS NOT NULL AND inbound = 0)
             SELECT caller_id, hour, sum(attempts), sum(reached), sum(answered), sum(short), sum(blocks)
             FROM (
                SELECT caller_id, began_us / ?2 AS hour, 1 AS attempts, 0 AS reached, 0 AS answered,
                       0 AS short, 0 AS blocks
                FROM calls WHERE began_us >= ?3
                UNION ALL
                SELECT caller_id, ended_us / ?2, 0,
                       CASE WHEN reached = 1 AND blocked = 0 AND ended_us > rested_us
                            THEN 1 ELSE 0 END,
                       CASE WHEN answered_us IS NOT NULL AND blocked = 0 AND ended_us > rested_us
                            THEN 1 ELSE 0 END,
                       CASE WHEN ended_us - answered_us <= 6000000 AND blocked = 0
                            THEN 1 ELSE 0 END,
                       blocked
                FROM calls WHERE ended_us >= ?3) AS hours
             GROUP BY caller_id, hour ORDER BY caller_id, hour",
        )
        .bind(earlier)
        .bind(HOUR_US)
        .bind(day)
        .fetch_all(&self.pool)
        .await?;
        for (digits, hour, attempts, reached, answered, short, blocks) in rows {
            let count = |sum| u32::try_from(sum).unwrap_or(u32::MAX);
            let hour = CallerIdHour {
                hour,
                attempts: count(attempts),
                reached: count(reached),
                answered: count(answered),
                short: count(short),
                blocks: count(blocks),
            };
            of(&mut found, number(digits)?).hours.push(hour);
        }
        let rests: Vec<(i64, i64, String)> = sql::query_as(
            "SELECT number, until_us, reason FROM caller_id_rests WHERE until_us > ? ORDER BY until_us",
        )
        .bind(micros(now))
        .fetch_all(&self.pool)
        .await?;
        for (digits, until, reason) in rests {
            let reason = match reason.as_str() {
                "blocked" => RestReason::Blocked,
                _ => RestReason::FewerAnswers,
            };
            // The last of them is the longest.
            let rest = CallerIdRest { reason, until: timestamp(until) };
            of(&mut found, number(digits)?).rest = Some(rest);
        }
        Ok(found)
    }
}

fn of(found: &mut Vec<CallerIdSoFar>, number: PhoneNumber) -> &mut CallerIdSoFar {
    let at = match found.iter().position(|known| known.number == number) {
        Some(at) => at,
        None => {
            found.push(CallerIdSoFar { number, hours: Vec::new(), rest: None });
            found.len() - 1
        }
    };
    &mut found[at]
}
