//! Erasing who a number was, on a running server.

use serde_json::json;

use super::Handle;
use crate::clock;
use crate::domain::PhoneNumber;
use crate::store::{Erased, StoreError};

impl Handle {
    /// Puts the number on the do-not-call list, so that no call with it begins any more, and then
    /// erases who it was; `None` when a call with it is still up.
    ///
    /// # Errors
    /// The store's.
    pub async fn erase(&self, number: PhoneNumber) -> Result<Option<Erased>, StoreError> {
        self.do_not_call_add(number, String::new()).await?;
        let Some(erased) = self.store.erase(number, clock::now()).await? else { return Ok(None) };
        // Which number it was is not in it.
        let body = json!({ "leads": erased.leads, "calls": erased.calls });
        if let Err(error) = self.evidence.changed("erased", "api", body, clock::now()).await {
            tracing::error!(%error, "an erasure is not in the evidence");
        }
        Ok(Some(erased))
    }
}
