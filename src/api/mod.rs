//! HTTP and WebSocket: what managers, agents' desks and other programs see and may do.
//!
//! Everything under `/v1` needs the token. Every route of it is added by utoipa's router, so a route
//! that is not in the OpenAPI document does not exist. Beside it stand the pages of `web/`.

mod agent_waits;
mod agents;
mod by_hand;
mod calibration;
mod call;
mod call_body;
mod caller_ids;
mod calls;
mod campaigns;
mod decisions;
mod desk;
mod detector;
mod do_not_call;
mod do_not_call_lists;
mod document;
mod explain;
mod extract;
mod floor;
mod guard;
mod listener;
mod metrics;
mod pages;
mod privacy;
mod problem;
mod push;
mod socket;
mod stream;
mod token;
mod window;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use agent_waits::{AgentWaitsBody, WaitClassBody};
pub use agents::{AgentAdded, AgentBody, NewAgentBody, NewAgentFault, make_password, phone_secret};
pub use by_hand::{DialBody, SkipBody};
pub use calibration::{CalibrationBody, ReliabilityBody};
pub use call::{CallDetail, ScreeningBody, VerdictBody};
pub use call_body::{CallBody, csv as calls_as_csv};
pub use calls::CallPage;
pub use campaigns::{CampaignDetail, LeadsBody, LedgerBody, PhaseBody};
pub use decisions::{DecisionBody, SeenBody};
pub use detector::{DetectorBody, MisjudgedBody};
pub use do_not_call::{DoNotCallBody, DoNotCallEntry, DoNotCallPage};
pub use do_not_call_lists::{ListBody, OnListBody, RenewedBody};
pub use floor::{
    AgentOnFloor, AgentsBody, CallsBody, CampaignBody, Floor, StateBody, TotalsBody, WhyBody,
};
pub use guard::Access;
pub use privacy::{EraseBody, ErasedBody};
pub use problem::Problem;
pub use push::{LeadBody, Preview, Push, PushEvent};
pub use token::{NewToken, Token};
pub use window::WindowBody;

use crate::dialer::View;
use crate::server::Handle;

/// No request has a longer body, bytes.
const BODY_MAX: usize = 64 * 1_024;

/// How long open requests may go on after the shutdown has begun.
const SHUTDOWN_MAX: Duration = Duration::from_secs(5);

/// A snapshot is made each quarter of a second; longer than this nobody waits for one.
const VIEW_MAX: Duration = Duration::from_secs(1);

/// What every route has at hand.
#[derive(Clone)]
pub(super) struct Context {
    handle: Handle,
    /// Seats for WebSockets.
    sockets: Arc<Semaphore>,
}

impl Context {
    /// The next snapshot, or the present one when none comes in time.
    async fn next_view(&self) -> Arc<View> {
        let mut views = self.handle.views();
        views.mark_unchanged();
        let _ = tokio::time::timeout(VIEW_MAX, views.changed()).await;
        self.handle.view()
    }
}

/// The whole API of a running server; `access` is a [`Token`], or more.
pub fn router(handle: Handle, access: impl Into<Access>) -> Router {
    let access = Arc::new(access.into());
    let context = Context { handle, sockets: Arc::new(Semaphore::new(socket::SOCKETS_MAX)) };
    let by_token = middleware::from_fn_with_state(access.clone(), guard::require_token);
    let by_token_or_near =
        middleware::from_fn_with_state(access.clone(), guard::require_token_or_loopback);
    let (routes, document) = OpenApiRouter::with_openapi(document::base())
        .merge(guarded().route_layer(by_token))
        .merge(OpenApiRouter::new().routes(routes!(metrics::metrics)).route_layer(by_token_or_near))
        .routes(routes!(metrics::healthz))
        .with_state(context)
        .split_for_parts();
    routes
        .merge(document::page(document))
        .merge(pages::router())
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(access, guard::require_known_host))
        .layer(middleware::from_fn(harden))
}

/// Every route that needs the token.
fn guarded() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(floor::floor))
        .routes(routes!(campaigns::list))
        .routes(routes!(campaigns::one))
        .routes(routes!(campaigns::start))
        .routes(routes!(campaigns::pause))
        .routes(routes!(campaigns::stop))
        .routes(routes!(campaigns::leads_changed))
        .routes(routes!(decisions::list))
        .routes(routes!(agent_waits::of_campaign))
        .routes(routes!(explain::number))
        .routes(routes!(agents::list, agents::add))
        .routes(routes!(agents::one))
        .routes(routes!(desk::log_in))
        .routes(routes!(desk::ready))
        .routes(routes!(desk::pause))
        .routes(routes!(desk::hang_up))
        .routes(routes!(desk::disposition))
        .routes(routes!(desk::log_out))
        .routes(routes!(by_hand::preview))
        .routes(routes!(by_hand::dial))
        .routes(routes!(by_hand::skip))
        .routes(routes!(do_not_call::list, do_not_call::add))
        .routes(routes!(do_not_call::one, do_not_call::remove))
        .routes(routes!(do_not_call_lists::list, do_not_call_lists::renew))
        .routes(routes!(do_not_call_lists::check))
        .routes(routes!(privacy::erase))
        .routes(routes!(caller_ids::list))
        .routes(routes!(calls::list))
        .routes(routes!(call::one))
        .routes(routes!(call::first_words))
        .routes(routes!(socket::open))
}

/// Serves the router until `shutdown` is ready, and then until the open requests are answered,
/// five seconds at most.
///
/// # Errors
/// When the socket fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (begun, beginning) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        let _ = begun.send(());
    };
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "the API is reached from other machines, in the clear: put TLS in front of it"
        );
    }
    let service = router.into_make_service_with_connect_info::<listener::Peer>();
    let served =
        axum::serve(listener::Limited::new(listener, listener::Limits::default()), service)
            .with_graceful_shutdown(shutdown)
            .into_future();
    let overdue = async {
        // An error means that the server has ended first.
        if beginning.await.is_ok() {
            tokio::time::sleep(SHUTDOWN_MAX).await;
        }
    };
    tokio::select! {
        served = served => served,
        () = overdue => Ok(()),
    }
}

/// How many entries a page has: what is asked for, or `otherwise`.
fn page_size(asked: Option<u32>, otherwise: u32, most: u32) -> Result<u32, Problem> {
    match asked {
        None => Ok(otherwise),
        Some(asked) if (1..=most).contains(&asked) => Ok(asked),
        Some(_) => {
            let detail = format!("limit is a whole number from 1 to {most}");
            Err(Problem::new(StatusCode::BAD_REQUEST, detail))
        }
    }
}

async fn no_such_route() -> Problem {
    Problem::not_found("there is nothing under this path; /openapi.json says what there is")
}

async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path does not take that method; the Allow header says which it takes",
    )
}

/// Headers that keep a browser from doing with an answer what it was not meant for.
async fn harden(request: Request, next: Next) -> Response {
    let personal = request.uri().path().starts_with("/v1/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    if personal {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests;
