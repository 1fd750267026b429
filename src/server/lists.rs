//! Do-not-call lists of a running server: opened at the start, renewed while it dials.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use serde::Serialize;

use super::Handle;
use crate::compliance::{INTERNAL, List, ListHeader, ListKind};
use crate::dialer::{Command, Input};
use crate::domain::PhoneNumber;
use crate::store::StoreError;
use crate::store::lists::{self, ListFault};

/// What a renewal has changed, by the lists' ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ListsRenewed {
    /// There now, in the place of an older copy or of none.
    pub put: Vec<ListHeader>,
    /// No longer there.
    pub dropped: Vec<String>,
}

/// A list that has a number.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct NumberOnLists {
    /// Its id; `internal` for the one that grows a number at a time.
    pub list: String,
    /// What it is.
    pub kind: ListKind,
    /// As of when, for a list that came whole.
    pub as_of: Option<jiff::civil::Date>,
}

/// Every list of the data folder, checksums verified.
pub(super) async fn open_all(data: &Path) -> Result<Vec<List>, ListFault> {
    let data = data.to_owned();
    off_the_loop(move || lists::open_all(&data)).await
}

/// A checksum over hundreds of megabytes is no work for a thread that serves sockets.
async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ListFault> + Send + 'static,
) -> Result<T, ListFault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => Err(ListFault::File {
            path: PathBuf::from(lists::FOLDER),
            source: std::io::Error::other(error.to_string()),
        }),
    })
}

impl Handle {
    /// The lists that came whole, as they hold now.
    pub fn lists(&self) -> Vec<ListHeader> {
        self.held_lists().iter().map(|list| list.header().clone()).collect()
    }

    /// Every list that has the number.
    ///
    /// # Errors
    /// The store's.
    pub async fn lists_with(&self, number: PhoneNumber) -> Result<Vec<NumberOnLists>, StoreError> {
        let mut found = Vec::new();
        if self.store.books().dnc_holds(number).await? {
            let (list, kind) = (INTERNAL.to_owned(), ListKind::Internal);
            found.push(NumberOnLists { list, kind, as_of: None });
        }
        let lists = self.held_lists();
        found.extend(lists.iter().filter(|list| list.holds(number)).map(|list| {
            let ListHeader { id, kind, as_of, .. } = list.header();
            NumberOnLists { list: id.to_string(), kind: *kind, as_of: Some(*as_of) }
        }));
        Ok(found)
    }

    /// Looks at the data folder again, and has the dialer ask the lists that are there now. When
    /// this returns they hold: no INVITE leaves that they forbid, and ringing calls that they
    /// forbid are being ended.
    ///
    /// # Errors
    /// [`ListFault`] of a list that cannot be read: all stay as they were.
    pub async fn renew_lists(&self, by: &str) -> Result<ListsRenewed, ListFault> {
        let (data, old) = (self.store.folder().to_owned(), self.held_lists());
        let (new, put) = off_the_loop(move || renewed(&data, &old)).await?;
        let old = self.held_lists();
        let gone = old.iter().map(|list| &list.header().id);
        let gone: Vec<_> = gone.filter(|id| new.iter().all(|l| l.header().id != **id)).collect();
        let mut told = ListsRenewed::default();
        for list in put {
            told.put.push(list.header().clone());
            self.input_absorbed(Input::Command(Command::DoNotCallList(Box::new(list)))).await;
        }
        for id in gone {
            told.dropped.push(id.to_string());
            self.input_absorbed(Input::Command(Command::DoNotCallListDrop(id.clone()))).await;
        }
        self.fence().await;
        if !told.put.is_empty() || !told.dropped.is_empty() {
            let written = self.evidence().lists(by, &told, crate::clock::now()).await;
            if let Err(error) = written {
                tracing::error!(%error, "the change of lists is not in the evidence");
            }
        }
        *self.lists.lock().unwrap_or_else(PoisonError::into_inner) = new;
        // The last hold on the old pages, which takes the system a while, is let go of here and
        // not in the dialer.
        tokio::task::spawn_blocking(move || drop(old));
        Ok(told)
    }

    fn held_lists(&self) -> Vec<List> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The lists that are there now, and those of them that are not among the old ones.
fn renewed(data: &Path, old: &[List]) -> Result<(Vec<List>, Vec<List>), ListFault> {
    let (mut new, mut put) = (Vec::new(), Vec::new());
    for header in lists::headers(data)? {
        match old.iter().find(|list| *list.header() == header) {
            Some(same) => new.push(same.clone()),
            None => {
                let list = lists::open(&lists::path_of(data, &header.id))?;
                put.push(list.clone());
                new.push(list);
            }
        }
    }
    Ok((new, put))
}
