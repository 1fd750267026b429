//! The books: leads, attempts and their records, the do-not-call list, agents. SQLite in the data
//! folder or a database of PostgreSQL's; one writer a process, any number of readers.
//!
//! What is answered with `Ok` is on the disk (write-ahead log, `synchronous = FULL`). An attempt is
//! in the books before its INVITE leaves; from its 200 on it counts as abandoned until an agent is
//! there; what a crash leaves open is made good by [`Store::open`]. So a crash loses no attempt,
//! dials nobody twice and undercounts nothing.
//!
//! [`Store`] writes, and holds the data folder alone; [`Books`] reads, also beside a running server.

mod agent_states;
mod agent_waits;
mod agents;
mod attempts;
mod audit;
mod backup;
mod by_hand;
mod caller_ids;
mod calls;
mod campaigns;
mod changes;
mod commitments;
mod dnc;
mod error;
mod find;
mod folder;
mod history;
pub mod import;
mod inbound;
mod invariants;
mod leads;
mod learned;
mod lease;
mod ledger;
pub mod lists;
mod moving;
mod open;
mod place;
mod privacy;
mod records;
mod recovery;
mod screenings;
mod sessions;
mod sql;
mod strays;
#[cfg(test)]
mod tests;
mod time;
mod tokens;
mod users;
mod writer;

pub use agent_states::AgentChange;
pub use agent_waits::AgentWaits;
pub use agents::{Agent, NewAgent, PhoneSecret};
pub use attempts::AttemptBegun;
pub use backup::{Restored, backup, restore};
pub use by_hand::{Choice, Chosen};
pub use calls::{Call, CallFilter};
pub use campaigns::CampaignRow;
pub use changes::LeadChange;
pub use commitments::NumberCommitment;
pub use dnc::{AfterNumber, DoNotCall};
pub use error::{AttemptRefused, StoreError};
pub use find::FoundLead;
pub use folder::{BOOKS_FILE, DataFolder};
pub use inbound::CallerBegun;
pub use invariants::Broken;
pub use leads::LeadCounts;
pub use ledger::{LedgerCounts, LedgerDay};
pub use moving::{Installation, move_books};
pub use place::{has_books, keep_in};
pub use privacy::{Erased, KEPT, Personal};
pub use recovery::{InterruptedAfter, Recovery};
pub use screenings::{Met, RECORDINGS};
pub use strays::{Said, StrayLeg};
pub use tokens::{TokenHash, TokenRow};
pub use users::{NewUser, User, UserChange, UserId};

use std::path::Path;
use std::sync::Arc;

use crate::clock::{self, Pulse};
use crate::domain::PhoneNumber;

use sql::{Connection, Pool};
use time::micros;
use writer::{Write, Writer};

/// The books, to read. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Books {
    pool: Pool,
}

/// The books, to write: the one owner of a data folder, or one [beside](Self::beside) it. Cheap to
/// clone.
#[derive(Clone)]
pub struct Store {
    books: Books,
    writer: Writer,
    run: i64,
    folder: Arc<Path>,
    /// Another process may be the dialer of these books.
    beside: bool,
}

impl Store {
    /// The same books, to read.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Beats at each commit.
    pub fn pulse(&self) -> &Pulse {
        self.writer.pulse()
    }

    /// Writes nothing but that this run is alive, and forgets dialogs that are long over.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn beat(&self) -> Result<(), StoreError> {
        self.writer.write(Beat { run: self.run }).await
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes what waits, takes nothing more, and lets go of the data folder.
    pub async fn close(&self) {
        self.books.pool.close().await;
        self.leave().await;
        self.writer.close().await;
    }
}

struct Beat {
    run: i64,
}

impl Write for Beat {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        sql::query("UPDATE runs SET alive_us = ? WHERE id = ?")
            .bind(micros(clock::now()))
            .bind(self.run)
            .execute(&mut *books)
            .await?;
        lease::renew(books, self.run).await?;
        strays::forget_ended(books, clock::now()).await
    }
}

/// A number as it is in the books.
fn number(digits: i64) -> Result<PhoneNumber, StoreError> {
    PhoneNumber::from_e164(&format!("+{digits}"))
        .ok_or_else(|| StoreError::Unreadable("a telephone number".to_owned()))
}
