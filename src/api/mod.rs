//! HTTP and WebSocket: what managers, agents' desks and other programs see and may do.
//!
//! Every route of `/v1` stands in one table with who may use it (`rights`), from which the router and
//! the OpenAPI document are made: a route without a rule, or outside the document, does not exist.
//! Beside it stand the pages of `web/`.

mod agent_waits;
mod agents;
mod alarms;
mod by_hand;
mod calibration;
mod call;
mod call_body;
mod caller;
mod caller_ids;
mod calls;
mod campaign_file;
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
mod lead_changes;
mod leads;
mod listener;
mod listening;
mod metrics;
mod pages;
mod password;
mod person;
mod phone;
mod privacy;
mod problem;
mod push;
mod recording;
mod rights;
mod rulebooks;
mod session;
mod socket;
mod stream;
mod tls;
mod token;
mod totp;
mod trail;
mod transfer;
mod trunks;
mod tune;
mod users;
mod voice;
mod window;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use utoipa_axum::routes;

pub use agent_waits::{AgentWaitsBody, WaitClassBody};
pub use agents::{AgentAdded, AgentBody, NewAgentBody, NewAgentFault, make_password, phone_secret};
pub use alarms::{AlarmBody, AlarmKindBody};
pub use by_hand::{DialBody, SkipBody};
pub use calibration::{CalibrationBody, ReliabilityBody};
pub use call::{CallDetail, ScreeningBody, VerdictBody};
pub use call_body::{CallBody, csv as calls_as_csv};
pub use calls::CallPage;
pub use campaign_file::{
    CampaignFileBody, CampaignFileFault, CampaignFileKeepBody, CampaignFileReport,
    CampaignSettingsBody,
};
pub use campaigns::{CampaignDetail, LeadsBody, LedgerBody, PhaseBody};
pub use decisions::{DecisionBody, SeenBody};
pub use detector::{DetectorBody, MisjudgedBody};
pub use do_not_call::{DoNotCallBody, DoNotCallEntry, DoNotCallPage};
pub use do_not_call_lists::{ListBody, OnListBody, RenewedBody};
pub use floor::{
    AgentOnFloor, AgentsBody, CallsBody, CampaignBody, Floor, StateBody, TotalsBody, WhyBody,
};
pub use guard::Access;
pub use lead_changes::{LeadChangeBody, RecycleBody, RecycledBody};
pub use leads::{ColumnBody, FoundLeadBody, LeadsReport, RowFaultBody};
pub use listening::{AttendanceBody, ListeningBody, MannerKind};
pub use person::{CallbackTime, CallbackTimesBody, ClockBody, PastCallBody, PersonBody};
pub use privacy::{EraseBody, ErasedBody};
pub use problem::Problem;
pub use push::{CompanyBody, LeadBody, Preview, Push, PushEvent};
pub use recording::OutlineBody;
pub use rulebooks::{RuleBody, RulebookBody};
pub use session::{SecondFactorBody, SessionBody};
pub use tls::{TlsFault, TlsFiles, acceptor as tls_acceptor};
pub use token::{NewToken, Token};
pub use trail::{AuditEntry, AuditPage};
pub use transfer::{ColleagueBody, ColleaguesBody, ParkedBody, RetrieveBody, WhomBody};
pub use trunks::{TrunkBody, TrunkHealthBody};
pub use tune::{TuneBody, TunePoint, TuneReport};
pub use users::{
    LinkBody, NewTokenBody, NewUserBody, TokenBody, TokenMadeBody, UserBody, UserChangeBody,
    set_up_link,
};
pub use voice::{DigitsBody, VoiceBody, VoiceKind};
pub use window::WindowBody;

use self::caller::Door;
use self::rights::{
    ADMINISTER, DESK, LEAD_SHIFT, LISTEN, LOOK, LOOK_AT_DESK, LOOK_OR_NEAR, MANAGE, OWN_SESSION,
    TO_SIGN_IN, Table,
};
use crate::clock;
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
    /// Knows who asks.
    door: Door,
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

    /// Writes into the evidence who changed what. What has changed holds either way.
    async fn note(&self, by: &str, kind: &'static str, body: impl Serialize) {
        if let Err(error) = self.handle.evidence().changed(kind, by, body, clock::now()).await {
            tracing::error!(%error, kind, "a change is not in the evidence");
        }
    }
}

/// The whole API of a running server; `access` is a [`Token`], or more.
pub fn router(handle: Handle, access: impl Into<Access>) -> Router {
    let access = Arc::new(access.into());
    let door = Door::new(access.clone(), handle.store().books().clone());
    let sockets = Arc::new(Semaphore::new(socket::SOCKETS_MAX));
    let context = Context { handle, door: door.clone(), sockets };
    let (routes, document) = table(Table::new(door, document::base()))
        .into_router()
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

/// Every route of the API but `/healthz`, which is open to all, and who may use it.
fn table(table: Table) -> Table {
    table
        .route(TO_SIGN_IN, routes!(session::sign_in))
        .route(TO_SIGN_IN, routes!(session::follow))
        .route(OWN_SESSION, routes!(session::show, session::sign_out))
        .route(OWN_SESSION, routes!(session::change_password))
        .route(OWN_SESSION, routes!(session::offer_factor))
        .route(OWN_SESSION, routes!(session::confirm_factor))
        .route(ADMINISTER, routes!(users::list, users::add))
        .route(ADMINISTER, routes!(users::change, users::remove))
        .route(ADMINISTER, routes!(users::link))
        .route(ADMINISTER, routes!(users::tokens, users::token_add))
        .route(ADMINISTER, routes!(users::token_revoke))
        .route(LOOK, routes!(floor::floor))
        .route(LOOK, routes!(campaigns::list))
        .route(LOOK, routes!(campaigns::one))
        .route(LEAD_SHIFT, routes!(campaigns::start))
        .route(LEAD_SHIFT, routes!(campaigns::pause))
        .route(LEAD_SHIFT, routes!(campaigns::stop))
        .route(MANAGE, routes!(campaigns::leads_changed))
        .route(MANAGE, routes!(campaign_file::change))
        .route(MANAGE, routes!(campaign_file::check))
        .route(MANAGE, routes!(campaign_file::read, campaign_file::keep))
        .route(MANAGE, routes!(tune::tune))
        .route(LOOK, routes!(leads::find))
        .route_with_body(MANAGE, leads::FILE_MAX, routes!(leads::import))
        .route_with_body(MANAGE, leads::FILE_MAX, routes!(leads::check))
        .route(MANAGE, routes!(lead_changes::change))
        .route(MANAGE, routes!(lead_changes::recycle))
        .route(LOOK, routes!(rulebooks::list))
        .route(LOOK, routes!(trunks::list))
        .route(LOOK, routes!(alarms::list))
        .route(LOOK, routes!(trail::list))
        .route(LOOK, routes!(decisions::list))
        .route(LOOK, routes!(agent_waits::of_campaign))
        .route(LOOK, routes!(explain::number))
        .route(LOOK, routes!(agents::list))
        .route(MANAGE, routes!(agents::add))
        .route(LOOK_AT_DESK, routes!(agents::one))
        .route(DESK, routes!(desk::log_in))
        .route(DESK, routes!(desk::ready))
        .route(DESK, routes!(desk::pause))
        .route(DESK, routes!(desk::hang_up))
        .route(LOOK, routes!(listening::list))
        .route(LEAD_SHIFT, routes!(listening::listen))
        .route(LEAD_SHIFT, routes!(listening::end))
        .route(DESK, routes!(phone::connect, phone::disconnect))
        .route(DESK, routes!(phone::echo))
        .route(LOOK_AT_DESK, routes!(person::show))
        .route(LOOK_AT_DESK, routes!(person::callback_times))
        .route(DESK, routes!(voice::set))
        .route(DESK, routes!(voice::press))
        .route(LOOK_AT_DESK, routes!(transfer::colleagues))
        .route(DESK, routes!(transfer::transfer))
        .route(DESK, routes!(transfer::consult))
        .route(DESK, routes!(transfer::conference))
        .route(DESK, routes!(transfer::hand_over))
        .route(DESK, routes!(transfer::dismiss))
        .route(DESK, routes!(transfer::park))
        .route(DESK, routes!(transfer::retrieve))
        .route(DESK, routes!(transfer::leave_message))
        .route(DESK, routes!(desk::disposition))
        .route(DESK, routes!(desk::log_out))
        .route(LOOK_AT_DESK, routes!(by_hand::preview))
        .route(DESK, routes!(by_hand::dial))
        .route(DESK, routes!(by_hand::skip))
        .route(LOOK, routes!(do_not_call::list))
        .route(LEAD_SHIFT, routes!(do_not_call::add))
        .route(LOOK, routes!(do_not_call::one))
        .route(MANAGE, routes!(do_not_call::remove))
        .route(LOOK, routes!(do_not_call_lists::list))
        .route(MANAGE, routes!(do_not_call_lists::renew))
        .route(LOOK, routes!(do_not_call_lists::check))
        .route(MANAGE, routes!(privacy::erase))
        .route(LOOK, routes!(caller_ids::list))
        .route(LOOK, routes!(calls::list))
        .route(LOOK, routes!(call::one))
        .route(LOOK, routes!(call::first_words))
        .route(LOOK, routes!(recording::whole))
        .route(LOOK, routes!(recording::outline))
        .route(LISTEN, routes!(socket::open))
        .route(LOOK_OR_NEAR, routes!(metrics::metrics))
}

/// Serves the router until `shutdown` is ready, and then until the open requests are answered,
/// five seconds at most.
///
/// # Errors
/// When the socket fails for good.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (begun, beginning) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        let _ = begun.send(());
    };
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() && tls.is_none() {
        tracing::warn!(
            %address,
            "the API is reached from other machines in the clear: say certificate and key in [api], \
             or put TLS in front of it"
        );
    }
    let service = router.into_make_service_with_connect_info::<listener::Peer>();
    let served =
        axum::serve(listener::Limited::new(listener, tls, listener::Limits::default()), service)
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
    let tls =
        request.extensions().get::<ConnectInfo<listener::Peer>>().is_some_and(|peer| peer.0.tls);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    if tls {
        // RFC 6797 §6.1: from now on only by TLS.
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if personal {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests;
