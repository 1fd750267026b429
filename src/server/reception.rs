//! The reception: who calls in is in the books before the call is answered.

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::switchboard::Order;
use crate::store::{CallerBegun, Store};

/// Writes callers down and sends them on, in the order in which the writes are done; as many at once
/// as call, which the trunks' channels bound. A call that cannot be written is not answered.
pub async fn run(
    mut arrivals: mpsc::UnboundedReceiver<CallerBegun>,
    store: Store,
    line: mpsc::UnboundedSender<Order>,
) {
    let mut writes = JoinSet::new();
    loop {
        tokio::select! {
            arrival = arrivals.recv() => match arrival {
                Some(begun) => { writes.spawn(write(store.clone(), begun)); }
                None => break,
            },
            Some(written) = writes.join_next() => match written {
                Ok(order) => { let _ = line.send(order); }
                Err(error) => tracing::error!(%error, "the write of a caller panicked"),
            },
        }
    }
    while writes.join_next().await.is_some() {}
}

async fn write(store: Store, begun: CallerBegun) -> Order {
    let call = begun.call;
    match store.begin_inbound(begun).await {
        Ok(lead) => Order::Welcome { call, lead: Box::new(lead) },
        Err(error) => {
            tracing::error!(%call, %error, "a caller could not be written down; not answered");
            Order::Unwritten { call }
        }
    }
}
