//! Leads as they are written: many rows in one statement.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{CampaignId, PhoneNumber};
use crate::store::StoreError;
use crate::store::leads::json;
use crate::store::sql::{Connection, Rows, Value};
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
pub(super) async fn stage(books: &mut Connection, leads: &[ReadyLead]) -> Result<(), StoreError> {
    for leads in leads.chunks(ROWS_MAX) {
        let mut insert = Rows::into(
            "INSERT INTO staged_leads (number, first_name, last_name, state, zip, attributes)",
            6,
        );
        leads.iter().for_each(|lead| insert.push(values(lead)));
        insert.ending("").execute(&mut *books).await?;
    }
    Ok(())
}

/// Puts leads into their campaign; how many were new there.
pub(super) async fn insert(
    books: &mut Connection,
    campaign: CampaignId,
    leads: &[ReadyLead],
    due_at: Timestamp,
) -> Result<u64, StoreError> {
    let mut landed = 0;
    for leads in leads.chunks(ROWS_MAX) {
        let mut insert = Rows::into(
            "INSERT INTO leads (campaign, due_us, number, first_name, last_name, state, zip,
                                attributes)",
            8,
        );
        for lead in leads {
            let place = [Value::from(campaign.0), Value::from(micros(due_at))];
            insert.push(place.into_iter().chain(values(lead)));
        }
        let insert = insert.ending(" ON CONFLICT DO NOTHING");
        landed += insert.execute(&mut *books).await?.rows_affected();
    }
    Ok(landed)
}

fn values(lead: &ReadyLead) -> [Value; 6] {
    [
        Value::from(lead.number.digits() as i64),
        Value::from(&lead.first_name),
        Value::from(&lead.last_name),
        Value::from(&lead.state),
        Value::from(&lead.zip),
        Value::from(&lead.attributes),
    ]
}
