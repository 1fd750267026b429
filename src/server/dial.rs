//! The dial outbox: the attempt is in the store before its INVITE leaves.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::evidence::Evidence;
use super::promises;
use super::switchboard::Order;
use crate::clock;
use crate::compliance::Permit;
use crate::crash::{self, Point};
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

/// Makes the Call-IDs of INVITEs: by the call's number, and not to be guessed without the seed.
#[derive(Clone, Copy, Debug)]
pub struct CallIds {
    /// Secret on a real network, and another one each start.
    pub seed: u64,
}

impl CallIds {
    /// The first one of this call.
    pub fn of(self, call: CallId) -> String {
        let mut hash = Sha256::new();
        hash.update(b"call-id");
        hash.update(self.seed.to_be_bytes());
        hash.update(call.0.to_be_bytes());
        hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Writes attempts and hands the calls to the line. Writes run side by side, so that the store can
/// group them into one commit; a call whose attempt cannot be written is not dialed.
pub async fn run(
    mut requests: mpsc::UnboundedReceiver<DialRequest>,
    store: Store,
    call_ids: CallIds,
    evidence: Evidence,
    line: mpsc::UnboundedSender<Order>,
) {
    let mut writes = JoinSet::new();
    loop {
        tokio::select! {
            request = requests.recv() => match request {
                Some(request) => {
                    let sip_call_id = call_ids.of(request.call);
                    writes.spawn(write(store.clone(), evidence.clone(), request, sip_call_id));
                }
                None => break,
            },
            Some(written) = writes.join_next() => match written {
                Ok(Ok(order)) => {
                    crash::reached(Point::AttemptCommitted);
                    let _ = line.send(order);
                }
                Ok(Err(call)) => { let _ = line.send(Order::Unwritten { call }); }
                Err(error) => tracing::error!(%error, "the write of an attempt panicked"),
            },
        }
    }
    while writes.join_next().await.is_some() {}
}

/// The attempt first, then its evidence: a record in the chain is of a call that was dialed.
async fn write(
    store: Store,
    evidence: Evidence,
    request: DialRequest,
    sip_call_id: String,
) -> Result<Order, CallId> {
    let DialRequest { call, permit, at } = request;
    let Ok(number) = permit.number(at) else { return Err(call) };
    let commitment = evidence.commit(number);
    let attempt = AttemptBegun {
        call,
        lead: permit.lead(),
        campaign: permit.campaign(),
        number,
        caller_id: Some(permit.caller_id()),
        sip_call_id: Some(sip_call_id.clone()),
        trunk: None,
        at,
        commitment,
    };
    if let Err(error) = store.begin_attempt(attempt).await {
        tracing::error!(%call, %error, "the attempt could not be written; not dialed");
        return Err(call);
    }
    match evidence.dialed(call, &permit, commitment, at).await {
        Ok(()) if !promises::in_time(at, clock::now()) => {
            tracing::warn!(%call, "the attempt was written too late; not dialed");
            Err(call)
        }
        Ok(()) => Ok(Order::Dial { call, sip_call_id, permit }),
        Err(error) => {
            tracing::error!(%call, %error, "its evidence could not be written; not dialed");
            Err(call)
        }
    }
}
