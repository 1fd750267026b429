//! The OpenAPI document and the page that shows it. Both are open to all: they say nothing that
//! the source does not.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};
use utoipa_swagger_ui::SwaggerUi;

use super::caller::{COOKIE, CSRF_HEADER};
use super::rights::operations;
use super::{Problem, Push};

/// Where the document lies.
pub(super) const DOCUMENT_PATH: &str = "/openapi.json";
/// Where the page lies.
pub(super) const PAGE_PATH: &str = "/docs";

/// The page's own scripts and nothing else; its style sheet is partly inline.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' \
                           'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
                           frame-ancestors 'none'";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "outdial",
        description = "The API of an outdial server. Times are RFC 3339 in UTC, durations are \
                       seconds unless the name says otherwise, telephone numbers are E.164 \
                       (`+12015550123`), shares are between 0 and 1. Every error is a problem \
                       document (RFC 9457, `application/problem+json`). `x-roles` says of each route \
                       who may use it; `x-agents-own-only` that an agent may where it is about \
                       themself.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(Problem, Push)),
    modifiers(&Proofs),
    security(("token" = []), ("session" = [], "csrf" = [])),
    tags(
        (name = "session", description = "Signing in and out."),
        (name = "users", description = "Who may sign in, and which programs may ask."),
        (name = "floor", description = "What happens now."),
        (name = "campaigns", description = "Whether a campaign dials, and why."),
        (name = "agents", description = "Who takes the calls."),
        (name = "desk", description = "What an agent does."),
        (name = "do-not-call", description = "Whom not to call."),
        (name = "calls", description = "Call records."),
        (name = "service", description = "The server itself."),
    ),
)]
struct Base;

struct Proofs;

impl Modify for Proofs {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let mut add = |name, scheme| components.add_security_scheme(name, scheme);
        add("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let cookie = ApiKey::Cookie(ApiKeyValue::new(COOKIE));
        add("session", SecurityScheme::ApiKey(cookie));
        let csrf = "With a cookie, on every change; GET /v1/session tells it.";
        let csrf = ApiKey::Header(ApiKeyValue::with_description(CSRF_HEADER, csrf));
        add("csrf", SecurityScheme::ApiKey(csrf));
    }
}

/// The document before its routes.
pub(super) fn base() -> utoipa::openapi::OpenApi {
    Base::openapi()
}

/// What every operation has in common, said once: each answer has a description (OpenAPI 3.1
/// requires one), and each no is a problem document.
fn complete(document: &mut utoipa::openapi::OpenApi) {
    for path in document.paths.paths.values_mut() {
        for operation in operations(path) {
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    complete_response(status, response);
                }
            }
            let other = RefOr::T(problem("Any other no: the token, the host, the body, a fault"));
            operation.responses.responses.entry("default".to_owned()).or_insert(other);
        }
    }
}

fn complete_response(status: &str, response: &mut utoipa::openapi::Response) {
    let status = StatusCode::from_bytes(status.as_bytes()).unwrap_or_default();
    if response.description.is_empty() {
        response.description = status.canonical_reason().unwrap_or("Answer").to_owned();
    }
    if status.is_client_error() || status.is_server_error() {
        *response = problem(&response.description);
    }
}

fn problem(description: &str) -> utoipa::openapi::Response {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

/// The document and the page.
pub(super) fn page(mut document: utoipa::openapi::OpenApi) -> Router {
    complete(&mut document);
    Router::from(SwaggerUi::new(PAGE_PATH).url(DOCUMENT_PATH, document))
        .layer(middleware::from_fn(allow_own_scripts))
}

async fn allow_own_scripts(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static(PAGE_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}
