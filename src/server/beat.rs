//! The watch over books and clock: a beat of the books' own, and the word to the dialer when they fall
//! behind, or when the wall clock is moved.
//!
//! Nobody is dialed on books that cannot be written. The beat is a write like any other, so that an
//! idle dialer knows of a full disk too; when no write has come back for a second, the dialer is
//! told, and told again when they do.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::handle::Fact;
use super::promises::Watch;
use crate::clock;
use crate::dialer::{Command, Input};
use crate::store::{Store, StoreError};

/// From one beat to the next, and so how much of a call's last moments a crash leaves unknown.
const BEAT_EVERY: Duration = Duration::from_millis(400);
/// How often the age of the last commit is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How it ends.
pub struct Ends {
    /// The server stops.
    pub stop: CancellationToken,
    /// Another dialer has the books now; said by the beat.
    pub taken_over: CancellationToken,
}

/// Beats and watches until `stop`, or until another dialer has the books.
pub async fn run(store: Store, seen: Watch, facts: mpsc::Sender<Fact>, ends: Ends) {
    tokio::select! {
        () = ends.stop.cancelled() => {}
        () = beat(&store) => {
            tracing::error!("another dialer has taken over: nothing is dialed, and calls are ended");
            ends.taken_over.cancel();
        }
        () = watch(&store, seen, &facts) => {}
    }
}

/// Until another dialer has the books.
async fn beat(store: &Store) {
    loop {
        match store.beat().await {
            Ok(()) => {}
            Err(StoreError::Fenced) => return,
            Err(error) => tracing::debug!(%error, "a beat of the books failed"),
        }
        tokio::time::sleep(BEAT_EVERY).await;
    }
}

async fn watch(store: &Store, mut seen: Watch, facts: &mpsc::Sender<Fact>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let age = store.pulse().age(clock::now());
        let Some(command) = seen.look(age, clock::moved()) else { continue };
        if let Command::BooksBehind(behind) = command {
            tell_books(behind);
        } else if let Command::ClockMoved(moved) = command {
            tell_clock(moved);
        }
        // A closed queue: the server is stopping.
        if facts.send(Fact::now(Input::Command(command))).await.is_err() {
            return;
        }
    }
}

fn tell_books(behind: bool) {
    if behind {
        tracing::error!("the books are behind: nobody is dialed until they can be written");
    } else {
        tracing::warn!("the books can be written again");
    }
}

fn tell_clock(moved: bool) {
    if moved {
        tracing::error!("the wall clock was moved: nobody is dialed until it is back or a restart");
    } else {
        tracing::warn!("the wall clock is back");
    }
}
