//! Leads as they are written: many rows in one statement.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::domain::{CampaignId, PhoneNumber};
use crate::store::StoreError;
use crate::store::leads::json;
use crate::store::time::micros;

/// Rows of one INSERT (8 values each at most; SQLite takes 32,766).
const ROWS_MAX: usize = 1_000;

/// A lead to come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewLead {
    /// Where to call.
    pub number: PhoneNumber,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// ZIP or postal code.
    pub zip: Option<String>,
    /// Everything else, by its header.
    pub attributes: BTreeMap<String, String>,
}

/// A lead as it is written, its attributes in JSON: of a million rows none is to be built twice.
#[derive(Debug)]
pub struct ReadyLead {
    pub(super) number: PhoneNumber,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) state: Option<String>,
    pub(super) zip: Option<String>,
    pub(super) attributes: Option<String>,
}

impl TryFrom<NewLead> for ReadyLead {
    type Error = StoreError;

    fn try_from(lead: NewLead) -> Result<Self, StoreError> {
        let NewLead { number, first_name, last_name, state, zip, attributes } = lead;
        let attributes = if attributes.is_empty() { None } else { Some(json(&attributes)?) };
        Ok(Self { number, first_name, last_name, state, zip, attributes })
    }
}

/// Puts leads beside the others, where they wait for the decision.
pub(super) async fn stage(
    books: &mut SqliteConnection,
    leads: &[ReadyLead],
) -> Result<(), StoreError> {
    for leads in leads.chunks(ROWS_MAX) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO staged_leads (number, first_name, last_name, state, zip, attributes) ",
        );
        insert.push_values(leads, |mut row, lead| push(&mut row, lead));
        insert.build().execute(&mut *books).await?;
    }
    Ok(())
}

/// Puts leads into their campaign; how many were new there.
pub(super) async fn insert(
    books: &mut SqliteConnection,
    campaign: CampaignId,
    leads: &[ReadyLead],
    due_at: Timestamp,
) -> Result<u64, StoreError> {
    let mut landed = 0;
    for leads in leads.chunks(ROWS_MAX) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO leads (campaign, due_us, number, first_name, last_name, state, zip,
                                attributes) ",
        );
        insert.push_values(leads, |mut row, lead| {
            row.push_bind(campaign.0).push_bind(micros(due_at));
            push(&mut row, lead);
        });
        insert.push(" ON CONFLICT DO NOTHING");
        landed += insert.build().execute(&mut *books).await?.rows_affected();
    }
    Ok(landed)
}

fn push(row: &mut Separated<'_, Sqlite, &str>, lead: &ReadyLead) {
    row.push_bind(lead.number.digits() as i64)
        .push_bind(lead.first_name.as_deref())
        .push_bind(lead.last_name.as_deref())
        .push_bind(lead.state.as_deref())
        .push_bind(lead.zip.as_deref())
        .push_bind(lead.attributes.as_deref());
}
