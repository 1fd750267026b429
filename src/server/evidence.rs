//! What the server writes into the evidence: each dial decision, and each change of what decides.

use std::path::Path;

use jiff::Timestamp;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::Serialize;
use serde_json::json;

use super::lists::ListsRenewed;
use crate::audit::{AuditFault, Chain, Commitment, Entry, FOLDER, keep_under_hash};
use crate::compliance::{List, ListHeader, Permit, Rulebooks, tzdb_version};
use crate::dialer::Record;
use crate::domain::{CallId, Campaign, CampaignId, PhoneNumber};
use crate::store::{NumberCommitment, Said, Store};

/// The folder of texts inside that of the evidence, each under its SHA-256.
pub const TEXTS: &str = "texts";

/// Where the evidence goes; a floor without a dialer has none. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Evidence(Option<Chain>);

/// A number's place in a record.
#[derive(Serialize)]
struct Number {
    /// See [`Commitment`].
    commitment: Option<String>,
}

impl Evidence {
    /// Evidence in this chain.
    pub fn of(chain: Chain) -> Self {
        Self(Some(chain))
    }

    async fn append(&self, entry: Entry) -> Result<(), AuditFault> {
        match &self.0 {
            Some(chain) => chain.append(entry).await,
            None => Ok(()),
        }
    }

    /// The start: what decides from now on, with the texts in force kept beside the chain.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub async fn started(
        &self,
        data: &Path,
        rulebooks: &Rulebooks,
        campaigns: &[std::sync::Arc<Campaign>],
        lists: &[List],
        now: Timestamp,
    ) -> Result<(), AuditFault> {
        let texts = data.join(FOLDER).join(TEXTS);
        let books = rulebooks.iter().map(|book| {
            keep_under_hash(&texts, book.text.as_bytes())?;
            Ok(json!({ "id": book.id, "version": book.version, "sha256": book.sha256 }))
        });
        let books: Vec<_> = books.collect::<Result<_, AuditFault>>()?;
        let campaigns = campaigns.iter().map(|campaign| {
            // As it is meant: the same settings in another layout of the file are no change.
            let settings = serde_json::to_string_pretty(campaign).unwrap_or_default();
            let hash = keep_under_hash(&texts, settings.as_bytes())?;
            Ok(json!({ "id": campaign.id, "name": campaign.name, "settings_sha256": hash }))
        });
        let campaigns: Vec<_> = campaigns.collect::<Result<_, AuditFault>>()?;
        let lists: Vec<&ListHeader> = lists.iter().map(List::header).collect();
        let body = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "tzdb": tzdb_version(),
            "rulebooks": books,
            "campaigns": campaigns,
            "lists": lists,
        });
        self.append(Entry::new(now, "start", operator(), body)).await
    }

    /// Something of no number has changed: a campaign's phase, for example.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub async fn changed(
        &self,
        kind: &'static str,
        by: &str,
        body: impl Serialize,
        now: Timestamp,
    ) -> Result<(), AuditFault> {
        self.append(Entry::new(now, kind, by, body)).await
    }

    /// Other lists hold.
    pub(super) async fn lists(
        &self,
        by: &str,
        renewed: &ListsRenewed,
        now: Timestamp,
    ) -> Result<(), AuditFault> {
        self.changed("lists", by, renewed, now).await
    }

    /// What the chain will say of a number; `None` where there is none, or no chance to be had.
    pub fn commit(&self, number: PhoneNumber) -> Option<NumberCommitment> {
        self.0.as_ref()?;
        let mut salt = [0; 16];
        SysRng.try_fill_bytes(&mut salt).ok()?;
        let Commitment { salt, hash } = Commitment::to(number, salt);
        Some(NumberCommitment { hash, salt })
    }

    /// A call is about to be dialed: why it may be.
    ///
    /// # Errors
    /// [`AuditFault`]: it is not to be dialed.
    pub async fn dialed(
        &self,
        call: CallId,
        permit: &Permit,
        commitment: Option<NumberCommitment>,
        at: Timestamp,
    ) -> Result<(), AuditFault> {
        if self.0.is_none() {
            return Ok(());
        }
        let body = json!({
            "call": call,
            "campaign": permit.campaign(),
            "lead": permit.lead(),
            "number": Number::of(commitment),
            "caller_id": permit.caller_id(),
            "evaluation": permit.evaluation(),
            "inputs": permit.inputs().written(),
        });
        self.append(Entry::new(at, "dial", "dialer", body)).await
    }

    /// A number came onto the internal do-not-call list, or went off it.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub async fn do_not_call(
        &self,
        store: &Store,
        number: PhoneNumber,
        change: (&str, &str),
        at: Timestamp,
    ) -> Result<(), AuditFault> {
        let number = self.kept(store, number).await;
        let (action, by) = change;
        let body = json!({ "action": action, "number": number });
        self.append(Entry::new(at, "do_not_call", by, body)).await
    }

    /// What of the books' records is evidence too: refusals, and numbers that people had taken off
    /// by a key or told an agent to.
    pub(super) async fn said(&self, store: &Store, said: &[Said], now: Timestamp) {
        let Some(chain) = &self.0 else { return };
        let mut entries = Vec::new();
        for said in said {
            let Said::Record(record) = said else { continue };
            entries.extend(match record {
                Record::DoNotCall { number, call, at } => {
                    let number = self.kept(store, *number).await;
                    let body = json!({ "action": "add", "call": call, "number": number });
                    Some(Entry::new(*at, "do_not_call", "key", body))
                }
                Record::Disposition { call, do_not_call: true, .. } => {
                    let body = json!({ "action": "add", "call": call });
                    Some(Entry::new(now, "do_not_call", "agent", body))
                }
                Record::Released { lead, due_at, rule: Some(rule) } => {
                    let body = json!({ "lead": lead, "rule": rule, "ask_again_at": due_at });
                    Some(Entry::new(now, "refused", "dialer", body))
                }
                _ => None,
            });
        }
        if let Err(error) = chain.append_all(entries).await {
            tracing::error!(%error, "changes are not in the evidence");
        }
    }

    /// A number's place in a record, its salt kept in the books.
    async fn kept(&self, store: &Store, number: PhoneNumber) -> Number {
        let commitment = self.commit(number);
        if let Some(commitment) = commitment
            && let Err(error) = store.keep_commitment(number, commitment).await
        {
            tracing::error!(%error, "whose record of the evidence it is will not be known");
        }
        Number::of(commitment)
    }

    /// A campaign dials, rests or ends.
    ///
    /// # Errors
    /// [`AuditFault`].
    pub async fn phase(
        &self,
        campaign: CampaignId,
        phase: impl Serialize,
        by: &str,
        now: Timestamp,
    ) -> Result<(), AuditFault> {
        self.changed("phase", by, json!({ "campaign": campaign, "phase": phase }), now).await
    }
}

impl Number {
    fn of(commitment: Option<NumberCommitment>) -> Self {
        let word = |NumberCommitment { hash, salt }| Commitment { salt, hash }.word();
        Self { commitment: commitment.map(word) }
    }
}

/// Whose process it is.
fn operator() -> String {
    format!("uid {}", nix::unistd::geteuid())
}
