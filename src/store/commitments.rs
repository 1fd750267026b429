//! Which number a record of the evidence is about: kept here, beside it, so that the number can be
//! erased and the evidence still holds.

use super::sql::{self, Connection};

use crate::domain::PhoneNumber;

use super::writer::Write;
use super::{Books, Store, StoreError, number};

/// What the evidence has in the place of a number, and the salt that shows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NumberCommitment {
    /// In the evidence.
    pub hash: [u8; 32],
    /// Kept until the number is erased.
    pub salt: [u8; 16],
}

pub(super) async fn keep(
    books: &mut Connection,
    number: PhoneNumber,
    commitment: &NumberCommitment,
) -> Result<(), StoreError> {
    sql::query(
        "INSERT INTO commitments (hash, salt, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&commitment.hash[..])
    .bind(&commitment.salt[..])
    .bind(number.digits() as i64)
    .execute(books)
    .await?;
    Ok(())
}

struct Keep(PhoneNumber, NumberCommitment);

impl Write for Keep {
    type Answer = ();

    async fn apply(&self, books: &mut Connection) -> Result<(), StoreError> {
        keep(books, self.0, &self.1).await
    }
}

impl Store {
    /// Keeps which number a record of the evidence is about.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn keep_commitment(
        &self,
        number: PhoneNumber,
        commitment: NumberCommitment,
    ) -> Result<(), StoreError> {
        self.writer.write(Keep(number, commitment)).await
    }
}

impl Books {
    /// The number that a record of the evidence is about, with the salt that shows it; `None` when
    /// it was erased.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn committed(
        &self,
        hash: &[u8; 32],
    ) -> Result<Option<(PhoneNumber, [u8; 16])>, StoreError> {
        let row: Option<(i64, Vec<u8>)> =
            sql::query_as("SELECT number, salt FROM commitments WHERE hash = ?")
                .bind(&hash[..])
                .fetch_optional(&self.pool)
                .await?;
        let Some((digits, salt)) = row else { return Ok(None) };
        let unreadable = |_| StoreError::Unreadable("a salt".to_owned());
        Ok(Some((number(digits)?, salt.try_into().map_err(unreadable)?)))
    }
}
