//! What a crash has left up at carriers and phones is ended by the next start.

use std::time::Duration;

use jiff::SignedDuration;

use crate::sip::Kept;
use crate::station::Station;
use crate::store::{Store, StoreError, StrayLeg};
use crate::trunk::Trunks;

/// How long a start waits for the name servers to say where trunks are.
const LOCATED_MAX: SignedDuration = SignedDuration::from_secs(3);
/// A BYE is sent again for so long (RFC 3261 §17.1.2.2, timer F); only then its dialog is
/// forgotten, so that a crash on the way does not leave it up.
const BYE_MAX: Duration = Duration::from_secs(33);

/// Ends the dialogs that the books know: calls before anybody is dialed, and the phones of agents,
/// who hear by it that they are logged out. Waits until it is known where the carriers are.
pub(super) async fn end(
    store: &Store,
    trunks: &Trunks,
    station: &Station,
) -> Result<(), StoreError> {
    trunks.located(LOCATED_MAX).await;
    let strays = store.books().strays().await?;
    if strays.is_empty() {
        return Ok(());
    }
    let (mut calls, mut phones) = (Vec::new(), Vec::new());
    for (leg, dialog) in &strays {
        match (leg, serde_json::from_str::<Kept>(dialog)) {
            (StrayLeg::Agent(_), Ok(kept)) => phones.push(kept),
            (StrayLeg::Call(_), Ok(kept)) => calls.push(kept),
            (_, Err(error)) => tracing::warn!(?leg, %error, "a dialog that cannot be read"),
        }
    }
    tracing::warn!(
        calls = calls.len(),
        phones = phones.len(),
        "the last run left dialogs up; they are ended"
    );
    trunks.end_strays(calls);
    station.end_strays(phones);
    let store = store.clone();
    tokio::spawn(async move {
        tokio::time::sleep(BYE_MAX).await;
        if let Err(error) = store.forget_strays(strays).await {
            tracing::warn!(%error, "the dialogs that were ended are ended again at the next start");
        }
    });
    Ok(())
}
