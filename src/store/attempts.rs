//! Attempts: begun in the books before anything leaves, and the records of what became of them.

use super::sql::{self, Connection};
use jiff::Timestamp;

use crate::crash::{self, Point};
use crate::dialer::Record;
use crate::domain::{CallId, CampaignId, LeadId, PhoneNumber};

use super::time::micros;
use super::writer::Write;
use super::{
    AttemptRefused, NumberCommitment, Said, Store, StoreError, commitments, dnc, records, strays,
};

/// An attempt that is about to leave.
#[derive(Clone, Debug)]
pub struct AttemptBegun {
    /// The call.
    pub call: CallId,
    /// The lead, claimed by this run.
    pub lead: LeadId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The number that the permit gives.
    pub number: PhoneNumber,
    /// The number shown.
    pub caller_id: Option<PhoneNumber>,
    /// The Call-ID of its INVITE; `None` for a call of which no INVITE leaves.
    pub sip_call_id: Option<String>,
    /// The trunk by name, where it is known already.
    pub trunk: Option<String>,
    /// When the decision to dial was taken.
    pub at: Timestamp,
    /// What the evidence has in the place of the number; `None` where none is written.
    pub commitment: Option<NumberCommitment>,
}

struct Begin {
    run: i64,
    begun: AttemptBegun,
}

impl Write for Begin {
    type Answer = Result<(), AttemptRefused>;

    async fn apply(&self, books: &mut Connection) -> Result<Self::Answer, StoreError> {
        let begun = match books {
            Connection::Postgres(_) => self.begin_at_once(books).await?,
            Connection::Sqlite(_) => self.begin(books).await?,
        };
        match begun {
            Begun::Now => {}
            Begun::Before(said) => return Ok(said),
            Begun::Refused(refused) => return Ok(Err(refused)),
        }
        if let Some(commitment) = &self.begun.commitment {
            commitments::keep(books, self.begun.number, commitment).await?;
        }
        crash::reached(Point::AttemptWritten);
        Ok(Ok(()))
    }
}

/// What came of a request to begin.
enum Begun {
    /// It is begun.
    Now,
    /// It was said before, and answered so.
    Before(Result<(), AttemptRefused>),
    Refused(AttemptRefused),
}

impl Begin {
    /// One statement after the other: a file answers at once.
    async fn begin(&self, books: &mut Connection) -> Result<Begun, StoreError> {
        if let Some(said) = self.said_before(books).await? {
            return Ok(Begun::Before(said));
        }
        if dnc::holds(&mut *books, self.begun.number).await? {
            return Ok(Begun::Refused(AttemptRefused::DoNotCall));
        }
        if !self.count_at_lead(books).await? {
            return Ok(Begun::Refused(AttemptRefused::NotClaimed(self.begun.lead)));
        }
        self.insert(books).await?;
        Ok(Begun::Now)
    }

    /// All of [`begin`](Self::begin) in one statement: to a database each is a journey.
    async fn begin_at_once(&self, books: &mut Connection) -> Result<Begun, StoreError> {
        let query = sql::query_as(
            "WITH before AS (
                SELECT run = ?2 AND lead = ?3 AND ended_us IS NULL AS mine FROM attempts WHERE call = ?1
             ), forbidden AS (
                SELECT 1 FROM do_not_call WHERE number = ?5
             ), counted AS (
                UPDATE leads SET attempts = attempts + 1, refused_by = NULL
                WHERE id = ?3 AND claimed_by = ?2 AND closed = 0
                  AND NOT EXISTS (SELECT 1 FROM attempts
                                  WHERE lead = ?3 AND ended_us IS NULL AND inbound = 0)
                  AND NOT EXISTS (SELECT 1 FROM before) AND NOT EXISTS (SELECT 1 FROM forbidden)
                RETURNING id
             ), begun AS (
                INSERT INTO attempts
                    (call, run, lead, campaign, number, caller_id, sip_call_id, trunk, began_us, debt)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                       (SELECT debt FROM debts WHERE lead = ?3 LIMIT 1) FROM counted
                RETURNING call
             )
             SELECT (SELECT mine FROM before), EXISTS (SELECT 1 FROM forbidden),
                    EXISTS (SELECT 1 FROM begun)",
        );
        let query = self.bind_all(query);
        let (mine, forbidden, begun): (Option<bool>, bool, bool) = query.fetch_one(books).await?;
        Ok(match mine {
            Some(true) => Begun::Before(Ok(())),
            Some(false) => Begun::Before(Err(AttemptRefused::CallTaken)),
            None if forbidden => Begun::Refused(AttemptRefused::DoNotCall),
            None if !begun => Begun::Refused(AttemptRefused::NotClaimed(self.begun.lead)),
            None => Begun::Now,
        })
    }

    /// Whoever asks again because the answer was lost hears the same answer.
    async fn said_before(
        &self,
        books: &mut Connection,
    ) -> Result<Option<Result<(), AttemptRefused>>, StoreError> {
        let mine: Option<bool> = sql::query_scalar(
            "SELECT run = ? AND lead = ? AND ended_us IS NULL FROM attempts WHERE call = ?",
        )
        .bind(self.run)
        .bind(self.begun.lead.0)
        .bind(self.begun.call.0)
        .fetch_optional(books)
        .await?;
        Ok(mine.map(|mine| if mine { Ok(()) } else { Err(AttemptRefused::CallTaken) }))
    }

    async fn count_at_lead(&self, books: &mut Connection) -> Result<bool, StoreError> {
        let counted = sql::query(
            "UPDATE leads SET attempts = attempts + 1, refused_by = NULL
             WHERE id = ?1 AND claimed_by = ?2 AND closed = 0 AND NOT EXISTS
                   (SELECT 1 FROM attempts WHERE lead = ?1 AND ended_us IS NULL AND inbound = 0)",
        )
        .bind(self.begun.lead.0)
        .bind(self.run)
        .execute(books)
        .await?;
        Ok(counted.rows_affected() == 1)
    }

    async fn insert(&self, books: &mut Connection) -> Result<(), StoreError> {
        let query = sql::query(
            "INSERT INTO attempts
                (call, run, lead, campaign, number, caller_id, sip_call_id, trunk, began_us, debt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                     (SELECT debt FROM debts WHERE lead = ?3 LIMIT 1))",
        );
        self.bind_all(query).execute(books).await?;
        Ok(())
    }

    /// The columns of an attempt, `?1` to `?9`.
    fn bind_all<T>(&self, query: sql::Query<T>) -> sql::Query<T> {
        query
            .bind(self.begun.call.0)
            .bind(self.run)
            .bind(self.begun.lead.0)
            .bind(self.begun.campaign.0)
            .bind(self.begun.number.digits() as i64)
            .bind(self.begun.caller_id.map(|number| number.digits() as i64))
            .bind(&self.begun.sip_call_id)
            .bind(&self.begun.trunk)
            .bind(micros(self.begun.at))
    }
}

/// The step that is reached when this record is in the books.
fn committed(said: &Said) -> Option<Point> {
    let Said::Record(record) = said else { return None };
    match record {
        Record::Answered { .. } => Some(Point::AnswerRecorded),
        Record::Bridged { .. } => Some(Point::BridgeRecorded),
        Record::Ended(_) => Some(Point::RecordCommitted),
        Record::Agent { .. }
        | Record::CallerIdRests { .. }
        | Record::Disposition { .. }
        | Record::DoNotCall { .. }
        | Record::Learned { .. }
        | Record::Released { .. } => None,
    }
}

struct Records {
    run: i64,
    said: Vec<Said>,
    now: Timestamp,
}

impl Write for Records {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        for said in &self.said {
            match said {
                Said::Dialog(leg, dialog) => {
                    strays::keep(books, self.run, *leg, dialog.as_deref()).await?
                }
                Said::Record(record) => {
                    records::apply(books, self.run, record, self.now).await?;
                }
            }
        }
        Ok(())
    }
}

impl Store {
    /// Writes the attempt down; when this returns `Ok` it is on the disk, and the INVITE may
    /// leave. Asks the do-not-call list once more in the same transaction. Saying it twice is
    /// harmless.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it may not begin: nothing was written, the lead stays claimed
    /// until its call's `Ended`. [`StoreError::Database`] or [`StoreError::Closed`] when it is not
    /// known to be written: nothing may leave.
    pub async fn begin_attempt(&self, begun: AttemptBegun) -> Result<(), StoreError> {
        let call = begun.call;
        let answer = self.writer.write(Begin { run: self.run, begun }).await?;
        answer.map_err(|why| StoreError::Refused { call, why })
    }

    /// Writes a record; on the disk when this returns `Ok`. `now` dates what the record does not.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`]: it may be written or not; saying it again
    /// is harmless, in the same order.
    pub async fn record(&self, record: Record, now: Timestamp) -> Result<(), StoreError> {
        self.record_all(vec![record], now).await
    }

    /// Writes records in their order, all in one transaction.
    ///
    /// # Errors
    /// As [`record`](Self::record), for all of them.
    pub async fn record_all(&self, records: Vec<Record>, now: Timestamp) -> Result<(), StoreError> {
        self.write_all(records.into_iter().map(Said::Record).collect(), now).await
    }

    /// Writes down all of it in its order, in one transaction.
    ///
    /// # Errors
    /// As [`record`](Self::record), for all of it.
    pub async fn write_all(&self, said: Vec<Said>, now: Timestamp) -> Result<(), StoreError> {
        let points: Vec<Point> = said.iter().filter_map(committed).collect();
        let written = self.writer.write(Records { run: self.run, said, now }).await;
        if written.is_ok() {
            points.into_iter().for_each(crash::reached);
        }
        written
    }
}
