//! What the books hold on a telephone number, and its erasure.
//!
//! Erased is what says who it was: names, address, attributes, notes, keys pressed, recordings,
//! and the number itself, in whose place stands a pseudonym. Kept is what a law asks for: that the
//! number is not to be called, and of each call when it was and how it ended.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::domain::{CampaignId, PhoneNumber};

use super::dnc::{self, DoNotCall};
use super::leads::json;
use super::sql::{self, Connection};
use super::time::micros;
use super::writer::Write;
use super::{Books, Store, StoreError};

/// The first pseudonym; see the migration.
const PSEUDONYMS: i64 = 999_000_000_000_000;

/// What is kept at an erasure, and why.
pub const KEPT: [&str; 3] = [
    "that the number is not to be called: GDPR Art. 21(3) with 17(3)(b); 47 CFR 64.1200(d)(6)",
    "of each call its times, outcome and ledger entry, under a pseudonym: 16 CFR 310.5(a); GDPR Art. 17(3)(b), (e)",
    "the evidence, which had no number but a commitment whose salt is erased",
];

/// All that the books hold on a number.
#[derive(Clone, Debug, Serialize)]
pub struct Personal {
    /// The number.
    pub number: PhoneNumber,
    /// Its leads, with every column.
    pub leads: Vec<Value>,
    /// Its calls, with their records, notes and the names of their recordings.
    pub calls: Vec<Value>,
    /// Its entry on the internal do-not-call list.
    pub do_not_call: Option<Value>,
    /// Records of the evidence that are about it, by their commitments.
    pub evidence: Vec<String>,
}

/// What an erasure has done.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Erased {
    /// What stands in the place of the number.
    pub pseudonym: PhoneNumber,
    /// Leads without a name now.
    pub leads: u64,
    /// Calls without one.
    pub calls: u64,
    /// Recordings to be removed, in [`super::RECORDINGS`]; of screenings, too.
    pub recordings: Vec<String>,
    /// Recordings that a law asks to be kept.
    pub kept_recordings: u64,
    /// Records of the evidence that nobody can tell whom they are about.
    pub evidence: u64,
}

struct Erase {
    number: PhoneNumber,
    /// Campaigns whose recordings are kept of calls from then on.
    keep: Vec<(CampaignId, Timestamp)>,
    now: Timestamp,
}

impl Write for Erase {
    /// `None`: a call with the number is up.
    type Answer = Option<Erased>;

    async fn apply(&self, books: &mut Connection) -> Result<Self::Answer, StoreError> {
        let (number, at) = (self.number.digits() as i64, micros(self.now));
        let up: Option<i64> =
            sql::query_scalar("SELECT call FROM attempts WHERE number = ? AND ended_us IS NULL")
                .bind(number)
                .fetch_optional(&mut *books)
                .await?;
        if up.is_some() {
            return Ok(None);
        }
        // What was there is overwritten in the file, and not only let go of.
        sql::query(("PRAGMA secure_delete = ON", "SELECT 1")).execute(&mut *books).await?;
        let pseudonym: i64 =
            sql::query_scalar("INSERT INTO erasures (at_us) VALUES (?) RETURNING id")
                .bind(at)
                .fetch_one(&mut *books)
                .await?;
        let pseudonym = PSEUDONYMS + pseudonym;
        let held: Vec<(i64, String, i64, i64)> = sql::query_as(
            "SELECT call, recording, campaign, began_us FROM attempts
             WHERE number = ? AND recording IS NOT NULL",
        )
        .bind(number)
        .fetch_all(&mut *books)
        .await?;
        let is_kept = |(_, _, campaign, began_us): &(i64, String, i64, i64)| {
            let kept = self.keep.iter().filter(|(kept, _)| kept.0 == *campaign);
            kept.into_iter().any(|(_, since)| *began_us >= micros(*since))
        };
        let (kept, removed): (Vec<_>, Vec<_>) = held.into_iter().partition(is_kept);
        let calls: Vec<i64> = removed.iter().map(|(call, ..)| *call).collect();
        sql::query(
            (
            "UPDATE attempts SET recording = NULL
             WHERE call IN (SELECT value FROM json_each(?))",
            "UPDATE attempts SET recording = NULL
             WHERE call IN (SELECT value::bigint FROM json_array_elements_text(?::json) AS e (value))",
        ),
        )
        .bind(json(&calls)?)
        .execute(&mut *books)
        .await?;
        let mut recordings: Vec<String> = removed.into_iter().map(|(_, file, ..)| file).collect();
        let screenings: Vec<String> = sql::query_scalar((
            "SELECT json_extract(screening, '$.audio') FROM attempts
             WHERE number = ? AND json_extract(screening, '$.audio') IS NOT NULL",
            "SELECT screening::json ->> 'audio' FROM attempts
             WHERE number = ? AND screening::json ->> 'audio' IS NOT NULL",
        ))
        .bind(number)
        .fetch_all(&mut *books)
        .await?;
        recordings.extend(screenings);
        let calls = sql::query((
            "UPDATE attempts SET number = ?, note = NULL, digits = '',
                    sip_call_id = NULL, debt = NULL,
                    screening = json_remove(screening, '$.audio', '$.features')
             WHERE number = ?",
            "UPDATE attempts SET number = ?, note = NULL, digits = '',
                    sip_call_id = NULL, debt = NULL,
                    screening = (screening::jsonb - 'audio' - 'features')::text
             WHERE number = ?",
        ))
        .bind(pseudonym)
        .bind(number)
        .execute(&mut *books)
        .await?;
        let leads = sql::query(
            "UPDATE leads SET number = ?, first_name = NULL, last_name = NULL, state = NULL,
                    zip = NULL, attributes = NULL, closed = 1
             WHERE number = ?",
        )
        .bind(pseudonym)
        .bind(number)
        .execute(&mut *books)
        .await?;
        let evidence = sql::query("DELETE FROM commitments WHERE number = ?")
            .bind(number)
            .execute(&mut *books)
            .await?;
        keep_off(books, self.number, self.now).await?;
        Ok(Some(Erased {
            pseudonym: super::number(pseudonym)?,
            leads: leads.rows_affected(),
            calls: calls.rows_affected(),
            recordings,
            kept_recordings: kept.len() as u64,
            evidence: evidence.rows_affected(),
        }))
    }
}

/// The entry that is kept: the number and since when.
async fn keep_off(
    books: &mut Connection,
    number: PhoneNumber,
    at: Timestamp,
) -> Result<(), StoreError> {
    let source = "erasure".to_owned();
    dnc::add(books, &DoNotCall { number, at, source, reason: None, call: None }).await?;
    sql::query("UPDATE do_not_call SET reason = NULL, call = NULL WHERE number = ?")
        .bind(number.digits() as i64)
        .execute(&mut *books)
        .await?;
    sql::query("DELETE FROM staged_leads WHERE number = ?")
        .bind(number.digits() as i64)
        .execute(books)
        .await?;
    Ok(())
}

impl Store {
    /// Erases who a number was, and puts it on the do-not-call list, where it stays; `None` when a
    /// call with it is up. Recordings are removed too, but for those of the campaigns of `keep` whose
    /// calls began then or later.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]; [`StoreError::Folder`] when a recording
    /// cannot be removed, the books being erased by then.
    pub async fn erase(
        &self,
        number: PhoneNumber,
        keep: &[(CampaignId, Timestamp)],
        now: Timestamp,
    ) -> Result<Option<Erased>, StoreError> {
        let erase = Erase { number, keep: keep.to_vec(), now };
        let Some(erased) = self.writer.write(erase).await? else { return Ok(None) };
        for recording in &erased.recordings {
            self.remove_recording(recording)?;
        }
        Ok(Some(erased))
    }
}

impl Books {
    /// All that the books hold on a number.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn personal(&self, number: PhoneNumber) -> Result<Personal, StoreError> {
        let leads = self.rows(
            (
                "SELECT json_object('lead', leads.id, 'campaign', campaigns.name,
                    'first_name', first_name, 'last_name', last_name, 'state', state, 'zip', zip,
                    'attributes', json(coalesce(attributes, '{}')), 'attempts', attempts,
                    'due_us', due_us, 'closed', closed, 'refused_by', refused_by)
             FROM leads JOIN campaigns ON campaigns.id = leads.campaign WHERE number = ?",
                "SELECT json_build_object('lead', leads.id, 'campaign', campaigns.name,
                    'first_name', first_name, 'last_name', last_name, 'state', state, 'zip', zip,
                    'attributes', coalesce(attributes, '{}')::json, 'attempts', attempts,
                    'due_us', due_us, 'closed', closed, 'refused_by', refused_by)::text
             FROM leads JOIN campaigns ON campaigns.id = leads.campaign WHERE number = ?",
            ),
            number,
        );
        let calls = self.rows(
            (
                "SELECT json_object('call', call, 'lead', lead, 'campaign', campaign,
                    'inbound', inbound, 'caller_id', '+' || caller_id,
                    'caller_check', caller_check, 'trunk', trunk,
                    'began_us', began_us, 'ringing_us', ringing_us, 'answered_us', answered_us,
                    'bridged_us', bridged_us, 'ended_us', ended_us, 'agent', agent,
                    'outcome', outcome, 'ledger', ledger, 'verdict', verdict,
                    'screening', json(screening),
                    'sip_status', sip_status, 'sip_call_id', sip_call_id, 'digits', digits,
                    'recording', recording, 'disposition', disposition, 'note', note, 'debt', debt,
                    'wrong_person', wrong_person)
             FROM attempts WHERE number = ? ORDER BY call",
                "SELECT json_build_object('call', call, 'lead', lead, 'campaign', campaign,
                    'inbound', inbound, 'caller_id', '+' || caller_id,
                    'caller_check', caller_check, 'trunk', trunk,
                    'began_us', began_us, 'ringing_us', ringing_us, 'answered_us', answered_us,
                    'bridged_us', bridged_us, 'ended_us', ended_us, 'agent', agent,
                    'outcome', outcome, 'ledger', ledger, 'verdict', verdict,
                    'sip_status', sip_status, 'sip_call_id', sip_call_id, 'digits', digits,
                    'recording', recording, 'disposition', disposition, 'note', note, 'debt', debt,
                    'wrong_person', wrong_person)::text
             FROM attempts WHERE number = ? ORDER BY call",
            ),
            number,
        );
        let do_not_call = self.rows(
            (
                "SELECT json_object('since_us', added_us, 'source', source, 'reason', reason,
                    'call', call)
             FROM do_not_call WHERE number = ?",
                "SELECT json_build_object('since_us', added_us, 'source', source, 'reason', reason,
                    'call', call)::text
             FROM do_not_call WHERE number = ?",
            ),
            number,
        );
        let evidence = sql::query_scalar((
            "SELECT lower(hex(hash)) FROM commitments WHERE number = ?",
            "SELECT encode(hash, 'hex') FROM commitments WHERE number = ?",
        ))
        .bind(number.digits() as i64)
        .fetch_all(&self.pool);
        Ok(Personal {
            number,
            leads: leads.await?,
            calls: calls.await?,
            do_not_call: do_not_call.await?.pop(),
            evidence: evidence.await?,
        })
    }

    async fn rows(
        &self,
        query: (&'static str, &'static str),
        number: PhoneNumber,
    ) -> Result<Vec<Value>, StoreError> {
        let rows: Vec<String> =
            sql::query_scalar(query).bind(number.digits() as i64).fetch_all(&self.pool).await?;
        let read = |row: &String| {
            serde_json::from_str(row).map_err(|error| StoreError::Unreadable(error.to_string()))
        };
        rows.iter().map(read).collect()
    }
}
