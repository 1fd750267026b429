//! The pump: the one place where facts meet the dialer, in order. Async begins here, and nowhere
//! below.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::event_log::Recorder;
use super::handle::{Fact, Look};
use super::outbox::Outboxes;
use crate::clock;
use crate::dialer::{Decided, Dialer, Input, View};

/// How often the snapshot for people is renewed.
const VIEW_EVERY: Duration = Duration::from_millis(250);

/// Runs the dialer until `stop`, and then to the last fact that waits. `now` never goes back.
pub async fn run(
    mut dialer: Dialer,
    mut facts: mpsc::Receiver<Fact>,
    mut looks: mpsc::Receiver<Look>,
    outboxes: Outboxes,
    view: watch::Sender<Arc<View>>,
    mut recorder: Option<Recorder>,
    stop: CancellationToken,
) {
    let mut now = clock::now();
    let mut view_due = tokio::time::interval(VIEW_EVERY);
    loop {
        let wake_at = dialer.poll_timeout().map(|(at, _)| at);
        let fact = tokio::select! {
            biased;
            Some(fact) = facts.recv() => fact,
            () = stop.cancelled() => return,
            Some(look) = looks.recv() => {
                look(&dialer);
                continue;
            }
            () = clock::sleep_until(wake_at) => Fact::now(Input::Timeout),
            _ = view_due.tick() => {
                now = now.max(clock::now());
                view.send_replace(Arc::new(dialer.view(now)));
                continue;
            }
        };
        now = now.max(fact.at);
        let told = recorder.as_ref().map(|_| (fact.input.clone(), dialer.listed(&fact.input)));
        dialer.handle_input(fact.input, now);
        let mut decided = Decided::default();
        while let Some(output) = dialer.poll_output() {
            if told.is_some() {
                decided.add(&output);
            }
            outboxes.send(output, now);
        }
        if let (Some(recorder), Some((input, listed))) = (&mut recorder, told) {
            recorder.record(now, input, listed, &decided);
        }
        if let Some(absorbed) = fact.absorbed {
            view.send_replace(Arc::new(dialer.view(now)));
            // The asker may have gone.
            let _ = absorbed.send(());
        }
    }
}
