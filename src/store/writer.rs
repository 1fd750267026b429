//! The one writer: requests wait in a bounded queue, and all that wait are written in one
//! transaction. An answer comes after the commit, so what has been answered is on the disk.
//!
//! While one commit waits for the disk the next group gathers; there is no delay by a timer. A
//! request that fails rolls its group back, and the group is written again one by one, so that it
//! fails alone.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{self, Pulse};

use super::folder::DataFolder;
use super::place::Place;
use super::sql::{self, Connection};
use super::{StoreError, lease};

/// Requests that may wait; a further one waits for its place.
const QUEUE_MAX: usize = 4_096;
/// Requests in one transaction.
const GROUP_MAX: usize = 512;

/// Something to be written, in one transaction with others. `apply` may be called again after a
/// rollback. It refuses (an `Ok` answer that says so) only before its first change.
pub(super) trait Write: Send + Sync + 'static {
    /// What the asker is told after the commit.
    type Answer: Send + 'static;
    /// Whether it counts once however often it is written: of a commit that failed nobody knows
    /// whether it came to pass. What does not is written once, and its asker makes good.
    const AGAIN: bool = true;

    /// Writes it.
    fn apply(
        &self,
        books: &mut Connection,
    ) -> impl Future<Output = Result<Self::Answer, StoreError>> + Send;
}

type Applied<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// A request of any kind, as the queue holds it.
trait Queued: Send {
    fn may_be_written_again(&self) -> bool;
    fn apply<'a>(&'a mut self, books: &'a mut Connection) -> Applied<'a>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Request<W: Write> {
    write: W,
    answer: Option<W::Answer>,
    reply: oneshot::Sender<Result<W::Answer, StoreError>>,
}

impl<W: Write> Queued for Request<W> {
    fn may_be_written_again(&self) -> bool {
        W::AGAIN
    }

    fn apply<'a>(&'a mut self, books: &'a mut Connection) -> Applied<'a> {
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
    pub fn start(books: Connection, place: Place, ours: Ours) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE_MAX);
        let pulse = Pulse::new(clock::now());
        let (closing, task) = (CancellationToken::new(), TaskTracker::new());
        let desk = Desk { books, place, ours, pulse: pulse.clone() };
        task.spawn(desk.write_all(requests, closing.clone()));
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

/// What the writer holds while it is there.
pub(super) struct Ours {
    /// The data folder.
    pub folder: Option<DataFolder>,
    /// The run whose word is written; `None` beside a dialer.
    pub run: Option<i64>,
}

/// A database that does not answer is not waited for longer.
const CONNECT_MAX: Duration = Duration::from_secs(2);

/// Where the writer sits.
struct Desk {
    books: Connection,
    place: Place,
    ours: Ours,
    pulse: Pulse,
}

impl Desk {
    async fn write_all(
        mut self,
        mut requests: mpsc::Receiver<Box<dyn Queued>>,
        closing: CancellationToken,
    ) {
        let mut group = Vec::with_capacity(GROUP_MAX);
        loop {
            tokio::select! {
                biased;
                () = closing.cancelled(), if !requests.is_closed() => requests.close(),
                count = requests.recv_many(&mut group, GROUP_MAX) => match count {
                    0 => break,
                    _ => self.write_group(std::mem::take(&mut group)).await,
                },
            }
        }
        let Self { books, ours, .. } = self;
        if let Err(error) = books.close().await {
            tracing::warn!(%error, "the books did not close cleanly");
        }
        drop(ours.folder);
    }

    async fn write_group(&mut self, mut group: Vec<Box<dyn Queued>>) {
        match self.transact(&mut group).await {
            Ok(()) => group.into_iter().for_each(|request| request.answer(Ok(()))),
            Err(error) if group.len() == 1 || matches!(error, StoreError::Fenced) => {
                group.into_iter().for_each(|request| request.answer(Err(error.clone())));
            }
            Err(error) => {
                for request in group {
                    if !request.may_be_written_again() {
                        request.answer(Err(error.clone()));
                        continue;
                    }
                    let mut alone = vec![request];
                    let committed = self.transact(&mut alone).await;
                    alone.into_iter().for_each(|request| request.answer(committed.clone()));
                }
            }
        }
    }

    async fn transact(&mut self, group: &mut [Box<dyn Queued>]) -> Result<(), StoreError> {
        let written = self.apply_and_commit(group).await;
        match &written {
            Ok(()) => self.pulse.beat(clock::now()),
            Err(_) => self.recover().await,
        }
        written
    }

    async fn apply_and_commit(&mut self, group: &mut [Box<dyn Queued>]) -> Result<(), StoreError> {
        let books = &mut self.books;
        sql::query(("BEGIN IMMEDIATE", "BEGIN")).execute(&mut *books).await?;
        if let Some(run) = self.ours.run {
            lease::ask(books, run).await?;
        }
        for request in group {
            request.apply(books).await?;
        }
        sql::query("COMMIT").execute(books).await?;
        Ok(())
    }

    /// After a fault. SQLite may have rolled back by itself; then there is nothing to roll back. A
    /// connection to a database may be gone, and whether its last commit came to pass nobody knows:
    /// what is said again counts once.
    async fn recover(&mut self) {
        let rolled_back = sql::query("ROLLBACK").execute(&mut self.books).await;
        if rolled_back.is_err() && matches!(self.books, Connection::Postgres(_)) {
            match tokio::time::timeout(CONNECT_MAX, self.place.connect(false)).await {
                Ok(Ok(books)) => self.books = books,
                Ok(Err(error)) => tracing::debug!(%error, "the database is away"),
                Err(_) => tracing::debug!("the database does not answer"),
            }
        }
    }
}
