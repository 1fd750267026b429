//! The dial outbox: the attempt is in the store before its INVITE leaves.

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::switchboard::Order;
use crate::compliance::Permit;
use crate::domain::CallId;
use crate::store::{AttemptBegun, Store};

/// A call that may be dialed once its attempt is written.
pub struct DialRequest {
    /// The call.
    pub call: CallId,
    /// The gate's proof.
    pub permit: Permit,
    /// When the dialer decided.
    pub at: Timestamp,
}

/// Writes attempts and hands the calls to the line. Writes run side by side, so that the store can
/// group them into one commit; a call whose attempt cannot be written is not dialed.
pub async fn run(
    mut requests: mpsc::UnboundedReceiver<DialRequest>,
    store: Store,
    line: mpsc::UnboundedSender<Order>,
) {
    let mut writes = JoinSet::new();
    loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(request) => { writes.spawn(write(store.clone(), request)); }
                None => break,
            },
            Some(written) = writes.join_next() => match written {
                Ok(Ok((call, permit))) => { let _ = line.send(Order::Dial { call, permit }); }
                Ok(Err(call)) => { let _ = line.send(Order::Unwritten { call }); }
                Err(error) => tracing::error!(%error, "the write of an attempt panicked"),
            },
        }
    }
    while writes.join_next().await.is_some() {}
}

async fn write(store: Store, request: DialRequest) -> Result<(CallId, Permit), CallId> {
    let DialRequest { call, permit, at } = request;
    let Ok(number) = permit.number(at) else { return Err(call) };
    let attempt = AttemptBegun {
        call,
        lead: permit.lead(),
        campaign: permit.campaign(),
        number,
        caller_id: Some(permit.caller_id()),
        trunk: None,
        at,
    };
    match store.begin_attempt(attempt).await {
        Ok(()) => Ok((call, permit)),
        Err(error) => {
            tracing::error!(%call, %error, "the attempt could not be written; not dialed");
            Err(call)
        }
    }
}
