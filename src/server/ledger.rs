//! What the books hold of the abandonment ledger, for a dialer that starts: no restart forgets an
//! abandoned person.

use jiff::Timestamp;

use crate::compliance::{Tally, WindowCount};
use crate::dialer::LedgerSoFar;
use crate::domain::Campaign;
use crate::store::{Books, StoreError};

/// The windows of a campaign that run now, as the books have counted them.
///
/// # Errors
/// The store's.
pub(super) async fn so_far(
    books: &Books,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<LedgerSoFar, StoreError> {
    let first_call_at = books.first_call(campaign.id).await?;
    let running = Tally::new(campaign, first_call_at, now);
    let mut windows = Vec::new();
    for window in running.windows() {
        let hang_ups = window.window.counts_hang_ups;
        let counts = books.ledger_of_window(campaign.id, window.begins_at, hang_ups).await?;
        let (people, abandoned) = (counts.abandoned + counts.live, counts.abandoned);
        windows.push(WindowCount { people, abandoned, ..*window });
    }
    Ok(LedgerSoFar { first_call_at, windows })
}
