//! `/v1/rulebooks`: the rules that hold, each with its source.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Context;
use super::extract::Json;
use crate::compliance::{Basis, Rule, Rulebook, Status};

/// A rulebook.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RulebookBody {
    /// Its name in a campaign.
    #[schema(example = "us-tsr-tcpa")]
    pub id: String,
    /// What it is.
    pub title: String,
    /// Counts up with each change.
    #[schema(example = "2026-11-01")]
    pub version: String,
    /// The SHA-256 of its text, as it stands in the evidence.
    pub sha256: String,
    /// The campaigns that name it.
    pub campaigns: Vec<String>,
    /// Its rules, in order of evaluation.
    pub rules: Vec<RuleBody>,
}

/// A rule.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RuleBody {
    /// Its name in the books.
    #[schema(example = "us.hours.federal")]
    pub id: String,
    /// Where it is written.
    pub citation: String,
    /// `law` or `policy`.
    #[schema(value_type = String, example = "law")]
    pub basis: Basis,
    /// How well its text was verified.
    #[schema(value_type = String, example = "verified")]
    pub status: Status,
    /// What it asks, in one sentence.
    pub sentence: String,
}

impl From<&Rule> for RuleBody {
    fn from(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            citation: rule.citation.clone(),
            basis: rule.basis,
            status: rule.status,
            sentence: rule.auditor.clone(),
        }
    }
}

/// Every rulebook
#[utoipa::path(
    get, path = "/v1/rulebooks", tag = "campaigns", operation_id = "rulebooks",
    responses((status = 200, body = Vec<RulebookBody>)),
)]
pub(super) async fn list(State(context): State<Context>) -> Json<Vec<RulebookBody>> {
    let campaigns = context.handle.campaigns();
    let body = |book: &Rulebook| RulebookBody {
        id: book.id.clone(),
        title: book.title.clone(),
        version: book.version.clone(),
        sha256: book.sha256.clone(),
        campaigns: campaigns
            .iter()
            .filter(|campaign| campaign.rulebooks.contains(&book.id))
            .map(|campaign| campaign.name.clone())
            .collect(),
        rules: book.rules().iter().map(RuleBody::from).collect(),
    };
    Json(context.handle.rulebooks().iter().map(body).collect())
}
