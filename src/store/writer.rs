//! The one writer: requests wait in a bounded queue, and all that wait are written in one
//! transaction. An answer comes after the commit, so what has been answered is on the disk.
//!
//! While one commit waits for the disk the next group gathers; there is no delay by a timer. A
//! request that fails rolls its group back, and the group is written again one by one, so that it
//! fails alone.

use std::future::Future;
use std::pin::Pin;

use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{self, Pulse};

use super::StoreError;
use super::folder::DataFolder;

/// Requests that may wait; a further one waits for its place.
const QUEUE_MAX: usize = 4_096;
/// Requests in one transaction.
const GROUP_MAX: usize = 512;

/// Something to be written, in one transaction with others. `apply` may be called again after a
/// rollback. It refuses (an `Ok` answer that says so) only before its first change.
pub(super) trait Write: Send + Sync + 'static {
    /// What the asker is told after the commit.
    type Answer: Send + 'static;

    /// Writes it.
    fn apply(
        &self,
        books: &mut SqliteConnection,
    ) -> impl Future<Output = Result<Self::Answer, StoreError>> + Send;
}

type Applied<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// A request of any kind, as the queue holds it.
trait Queued: Send {
    fn apply<'a>(&'a mut self, books: &'a mut SqliteConnection) -> Applied<'a>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Request<W: Write> {
    write: W,
    answer: Option<W::Answer>,
    reply: oneshot::Sender<Result<W::Answer, StoreError>>,
}

impl<W: Write> Queued for Request<W> {
    fn apply<'a>(&'a mut self, books: &'a mut SqliteConnection) -> Applied<'a> {
        Box::pin(async move {
            self.answer = Some(self.write.apply(books).await?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Request { answer, reply, .. } = *self;
        let answer = committed.and_then(|()| answer.ok_or(StoreError::Closed));
        // An asker who has gone away does not want to know; the write stands.
        let _ = reply.send(answer);
    }
}

/// The asking side of the writer.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Queued>>,
    pulse: Pulse,
    closing: CancellationToken,
    task: TaskTracker,
}

impl Writer {
    /// Starts the writer on its connection. It ends, and lets go of its folder, when the last
    /// clone of this value is gone and everything asked has been written.
    pub fn start(books: SqliteConnection, folder: Option<DataFolder>) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE_MAX);
        let pulse = Pulse::new(clock::now());
        let (closing, task) = (CancellationToken::new(), TaskTracker::new());
        task.spawn(write_all(books, requests, pulse.clone(), closing.clone(), folder));
        task.close();
        Self { queue, pulse, closing, task }
    }

    /// Asks, and waits for the commit. Requests are written in the order in which they were asked.
    ///
    /// # Errors
    /// What `write` says, [`StoreError::Database`] when the commit failed, [`StoreError::Closed`]
    /// when the writer is gone.
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Request { write, answer: None, reply });
        self.queue.send(request).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Beats at each commit.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Takes no more requests, writes those that wait, and returns when the folder is free.
    pub async fn close(&self) {
        self.closing.cancel();
        self.task.wait().await;
    }
}

async fn write_all(
    mut books: SqliteConnection,
    mut requests: mpsc::Receiver<Box<dyn Queued>>,
    pulse: Pulse,
    closing: CancellationToken,
    folder: Option<DataFolder>,
) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    loop {
        tokio::select! {
            biased;
            () = closing.cancelled(), if !requests.is_closed() => requests.close(),
            count = requests.recv_many(&mut group, GROUP_MAX) => match count {
                0 => break,
                _ => write_group(&mut books, std::mem::take(&mut group), &pulse).await,
            },
        }
    }
    if let Err(error) = sqlx::Connection::close(books).await {
        tracing::warn!(%error, "the books did not close cleanly");
    }
    drop(folder);
}

async fn write_group(books: &mut SqliteConnection, mut group: Vec<Box<dyn Queued>>, pulse: &Pulse) {
    match transact(books, &mut group, pulse).await {
        Ok(()) => group.into_iter().for_each(|request| request.answer(Ok(()))),
        Err(error) if group.len() == 1 => {
            group.into_iter().for_each(|request| request.answer(Err(error.clone())));
        }
        Err(_) => {
            for request in group {
                let mut alone = vec![request];
                let committed = transact(books, &mut alone, pulse).await;
                alone.into_iter().for_each(|request| request.answer(committed.clone()));
            }
        }
    }
}

async fn transact(
    books: &mut SqliteConnection,
    group: &mut [Box<dyn Queued>],
    pulse: &Pulse,
) -> Result<(), StoreError> {
    let written = apply_and_commit(books, group).await;
    if written.is_ok() {
        pulse.beat(clock::now());
    }
    if written.is_err() {
        // SQLite may have rolled back by itself; then there is nothing to roll back.
        let _ = sqlx::query("ROLLBACK").execute(&mut *books).await;
    }
    written
}

async fn apply_and_commit(
    books: &mut SqliteConnection,
    group: &mut [Box<dyn Queued>],
) -> Result<(), StoreError> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *books).await?;
    for request in group {
        request.apply(books).await?;
    }
    sqlx::query("COMMIT").execute(&mut *books).await?;
    Ok(())
}
