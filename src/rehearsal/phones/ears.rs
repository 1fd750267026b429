//! Hands each media fact to the phone whose leg it is about.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use crate::media::{LegId, MediaEvent, MediaFact};

type Listener = mpsc::UnboundedSender<MediaFact>;

/// Where phones say which legs are theirs.
#[derive(Clone, Debug)]
pub(super) struct Ears {
    listeners: mpsc::UnboundedSender<(LegId, Listener)>,
}

impl Ears {
    /// Starts to hand on `facts`, until the engine is gone.
    pub(super) fn spawn(mut facts: mpsc::UnboundedReceiver<MediaFact>) -> Self {
        let (listeners, mut coming) = mpsc::unbounded_channel::<(LegId, Listener)>();
        tokio::spawn(async move {
            let mut by_leg = BTreeMap::new();
            loop {
                // A phone speaks up before its leg's first fact can come, and is heard first.
                tokio::select! {
                    biased;
                    Some((leg, listener)) = coming.recv() => {
                        by_leg.insert(leg, listener);
                    }
                    fact = facts.recv() => match fact {
                        Some(fact) => hand_on(fact, &mut by_leg),
                        None => return,
                    },
                }
            }
        });
        Self { listeners }
    }

    /// Facts about `leg` go to `listener`, up to `Closed`.
    pub(super) fn listen(&self, leg: LegId, listener: Listener) {
        // Without the task the engine is gone too.
        let _ = self.listeners.send((leg, listener));
    }
}

fn hand_on(fact: MediaFact, by_leg: &mut BTreeMap<LegId, Listener>) {
    let leg = fact.leg;
    let last = matches!(fact.event, MediaEvent::Closed { .. });
    if let Some(listener) = by_leg.get(&leg) {
        let _ = listener.send(fact);
    }
    if last {
        by_leg.remove(&leg);
    }
}
