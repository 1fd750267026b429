//! `/v1/campaigns/{name}/leads/{id}` and `/v1/campaigns/{name}/recycle`: leads mended, and due again.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::caller::By;
use super::campaigns::named;
use super::extract::{Json, Path};
use super::{Context, Problem};
use crate::clock;
use crate::dialer::{Command, Input};
use crate::domain::{Disposition, LeadId};
use crate::store::LeadChange;

/// Longest text of a lead, characters: as in a file.
const TEXT_MAX: usize = 64;
/// Most dispositions at once.
const CODES_MAX: usize = 64;

/// What of a lead is changed: what is absent stays, an empty text is removed.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadChangeBody {
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub last_name: Option<String>,
    /// State or province: the hours at which the person may be called hang on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub state: Option<String>,
    /// ZIP or postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub zip: Option<String>,
}

/// Which leads are due again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecycleBody {
    /// Those of whose last call an agent has said one of these, by code.
    #[schema(example = json!(["later"]))]
    pub dispositions: Vec<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct RecycledBody {
    /// Leads that are due now.
    pub leads: u64,
}

/// Mend a lead
///
/// What the dialer has in hand already it dials as it was. Written into the evidence, without the texts.
#[utoipa::path(
    patch, path = "/v1/campaigns/{name}/leads/{id}", tag = "campaigns", operation_id = "lead_change",
    params(
        ("name" = String, Path, description = "The campaign's name"),
        ("id" = i64, Path, description = "The lead's number"),
    ),
    request_body = LeadChangeBody,
    responses(
        (status = 204, description = "Changed"),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn change(
    State(context): State<Context>,
    By(caller): By,
    Path((name, id)): Path<(String, i64)>,
    Json(body): Json<LeadChangeBody>,
) -> Result<StatusCode, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    let LeadChangeBody { first_name, last_name, state, zip } = body;
    let fields =
        [("first_name", &first_name), ("last_name", &last_name), ("state", &state), ("zip", &zip)];
    let changed: Vec<&str> =
        fields.iter().filter(|(_, text)| text.is_some()).map(|(name, _)| *name).collect();
    let is_plain =
        |text: &String| text.chars().count() <= TEXT_MAX && !text.chars().any(char::is_control);
    if !fields.iter().filter_map(|(_, text)| text.as_ref()).all(is_plain) {
        return Err(Problem::unprocessable("a text is at most 64 characters on one line"));
    }
    let what = json!({ "campaign": campaign.id, "lead": id, "fields": changed });
    let trim = |text: Option<String>| text.map(|text| text.trim().to_owned());
    let change = LeadChange {
        first_name: trim(first_name),
        last_name: trim(last_name),
        state: trim(state),
        zip: trim(zip),
    };
    if !context.handle.store().change_lead(campaign.id, LeadId(id), change).await? {
        return Err(Problem::not_found("the campaign has no lead of that number"));
    }
    context.note(&caller.name(), "lead_changed", what).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Make leads due again
///
/// Those of whose last call an agent has said one of these, closed ones too; not those that the dialer has
/// in hand. Every rule is asked before each call as ever: who is on the do-not-call list, or was called
/// as often as the law allows, is not called. Written into the evidence.
#[utoipa::path(
    post, path = "/v1/campaigns/{name}/recycle", tag = "campaigns", operation_id = "leads_recycle",
    params(("name" = String, Path, description = "The campaign's name")),
    request_body = RecycleBody,
    responses(
        (status = 200, body = RecycledBody),
        (status = 404, body = Problem),
        (status = 422, description = "No such disposition, or one that forbids further calls",
         body = Problem),
    ),
)]
pub(super) async fn recycle(
    State(context): State<Context>,
    By(caller): By,
    Path(name): Path<String>,
    Json(body): Json<RecycleBody>,
) -> Result<Json<RecycledBody>, Problem> {
    let campaign = named(&context.handle.campaigns(), &name)?;
    if !(1..=CODES_MAX).contains(&body.dispositions.len()) {
        return Err(Problem::unprocessable("say 1 to 64 dispositions"));
    }
    let mut dispositions = Vec::with_capacity(body.dispositions.len());
    for code in &body.dispositions {
        let rule = campaign.dispositions.iter().find(|rule| rule.code.0 == *code);
        let rule = rule.ok_or_else(|| Problem::unprocessable("no such disposition"))?;
        if rule.do_not_call || rule.wrong_person {
            let detail = format!("{code} means that the number is not to be called again");
            return Err(Problem::unprocessable(detail));
        }
        dispositions.push(Disposition(code.clone()));
    }
    dispositions.dedup();
    let leads = context.handle.store().recycle(campaign.id, dispositions, clock::now()).await?;
    if leads > 0 {
        let changed = Command::LeadsChanged(campaign.id);
        context.handle.input_absorbed(Input::Command(changed)).await;
    }
    let what = json!({
        "campaign": campaign.id, "dispositions": body.dispositions, "leads": leads,
    });
    context.note(&caller.name(), "leads_recycled", what).await;
    Ok(Json(RecycledBody { leads }))
}
