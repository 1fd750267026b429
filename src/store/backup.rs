//! The books, copied while they are written, and put back where there are none.

use std::path::Path;

use super::StoreError;
use super::folder::DataFolder;
use super::moving::copy_out;
use super::open::migrate;
use super::place::{Place, has_books};
use super::sql;

/// What was put back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Restored {
    /// Campaigns that dialed or were paused when the copy was made; all are stopped now.
    pub stopped: u64,
    /// Leads.
    pub leads: i64,
    /// When the newest call in it began, in microseconds since 1970; `None` when it has no call.
    pub last_call_us: Option<i64>,
}

/// Copies the books of a data folder to `file`, whole and of one moment, also beside a dialer that
/// writes them.
///
/// # Errors
/// [`StoreError::NoBooks`] when there are none; [`StoreError::Database`] when the copy cannot be
/// written, also when `file` is there already.
pub async fn backup(data: &Path, file: &Path) -> Result<(), StoreError> {
    if !has_books(data) {
        return Err(StoreError::NoBooks(data.to_owned()));
    }
    let place = Place::of(data)?;
    if let Place::Postgres(_) = place {
        if file.exists() {
            return Err(StoreError::Taken { what: file.display().to_string() });
        }
        return copy_out(&place, file).await;
    }
    let mut connection = place.connect(false).await?;
    sql::query("VACUUM INTO ?")
        .bind(file.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}

/// Puts a copy into a data folder that holds no books, and stops every campaign: what was dialed
/// after the copy was made is not in it, so that nobody is dialed before a person says so.
///
/// # Errors
/// [`StoreError::Taken`] when the folder holds books; [`StoreError::InUse`] when a dialer has it;
/// [`StoreError::NewerSchema`] when a newer version has made the copy; [`StoreError::Folder`] and
/// [`StoreError::Database`] when the disk says no. Nothing is left in the folder then.
pub async fn restore(file: &Path, data: &Path) -> Result<Restored, StoreError> {
    let folder = DataFolder::take(data).await?;
    let books = folder.books();
    if books.exists() {
        return Err(StoreError::Taken { what: books.display().to_string() });
    }
    let unwritable = |source: std::io::Error| StoreError::Folder {
        path: books.clone(),
        source: std::sync::Arc::new(source),
    };
    // Under another name until it is whole: a restore that is cut off leaves no books.
    let arriving = books.with_extension("arriving");
    std::fs::copy(file, &arriving).map_err(unwritable)?;
    let restored = put_to_rest(&arriving).await;
    let moved = match &restored {
        Ok(_) => std::fs::rename(&arriving, &books),
        Err(_) => std::fs::remove_file(&arriving),
    };
    moved.map_err(unwritable)?;
    restored
}

async fn put_to_rest(file: &Path) -> Result<Restored, StoreError> {
    let mut books = Place::Sqlite(file.to_owned()).connect(false).await?;
    migrate(&mut books).await?;
    let stopped = sql::query("UPDATE campaigns SET phase = 'stopped' WHERE phase <> 'stopped'")
        .execute(&mut books)
        .await?
        .rows_affected();
    // Whatever was up then is over by now.
    sql::query("DELETE FROM dialogs").execute(&mut books).await?;
    let leads = sql::query_scalar("SELECT count(*) FROM leads").fetch_one(&mut books).await?;
    let last_call_us =
        sql::query_scalar("SELECT max(began_us) FROM attempts").fetch_one(&mut books).await?;
    books.close().await?;
    Ok(Restored { stopped, leads, last_call_us })
}
