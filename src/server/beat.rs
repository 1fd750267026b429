//! The watch over the books: a beat of their own, and the word to the dialer when they fall behind.
//!
//! Nobody is dialed on books that cannot be written. The beat is a write like any other, so that an
//! idle dialer knows of a full disk too; when no write has come back for a second, the dialer is
//! told, and told again when they do.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::handle::Fact;
use crate::clock;
use crate::dialer::{Command, Input};
use crate::store::Store;

/// From one beat to the next, and so how much of a call's last moments a crash leaves unknown.
const BEAT_EVERY: Duration = Duration::from_millis(400);
/// How often the age of the last commit is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// No INVITE leaves when the last commit is older.
pub const COMMIT_AGE_MAX: SignedDuration = SignedDuration::from_secs(1);

/// Beats and watches until `stop`.
pub async fn run(store: Store, facts: mpsc::Sender<Fact>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = beat(&store) => {}
        () = watch(&store, &facts) => {}
    }
}

async fn beat(store: &Store) {
    loop {
        if let Err(error) = store.beat().await {
            tracing::debug!(%error, "a beat of the books failed");
        }
        tokio::time::sleep(BEAT_EVERY).await;
    }
}

async fn watch(store: &Store, facts: &mpsc::Sender<Fact>) {
    let mut behind = false;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let age = store.pulse().age(clock::now());
        if (age > COMMIT_AGE_MAX) == behind {
            continue;
        }
        behind = !behind;
        if behind {
            tracing::error!("the books are behind: nobody is dialed until they can be written");
        } else {
            tracing::warn!("the books can be written again");
        }
        let command = Command::BooksBehind(behind);
        if facts.send(Fact::now(Input::Command(command))).await.is_err() {
            return;
        }
    }
}
