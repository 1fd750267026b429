//! The desk and the floor in the browser: the files of `web/`, built into the binary.
//!
//! Open to all: they hold no data. What they show they ask the API for, in the visitor's session.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

use super::Problem;

/// One file of the pages.
struct File {
    /// Relative: `assets/index-0a1b2c3d.js`.
    name: &'static str,
    bytes: &'static [u8],
    /// The same, compressed (RFC 1952).
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Paths of the application: each is the same file, which reads the path.
const PAGES: [&str; 14] = [
    "/floor",
    "/desk",
    "/campaigns",
    "/leads",
    "/calls",
    "/do-not-call",
    "/rules",
    "/trunks",
    "/tune",
    "/alarms",
    "/audit",
    "/users",
    "/account",
    "/welcome",
];

/// Own scripts only, none inline; the components' style variables are inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A file's name changes with what is in it.
const KEPT: &str = "public, max-age=31536000, immutable";

/// What is served where the pages were not built in.
const NOT_BUILT: &str = "\
<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>outdial</title>\
<h1>The web pages are not in this binary</h1>\
<p>It was built on a machine without Node. Install Node 20 or newer (<code>apt install nodejs npm</code> \
on Debian), then <code>touch web/package.json &amp;&amp; cargo build --release</code>.</p>\
<p>Everything else works: the API's reference is at <a href=\"/docs\">/docs</a>.</p></html>";

/// The routes of the pages.
pub(super) fn router() -> Router {
    let pages = PAGES.iter().fold(Router::new(), |router, path| router.route(path, get(page)));
    pages
        .route("/", get(async || Redirect::temporary(PAGES[0])))
        .route("/assets/{*name}", get(asset))
}

async fn page(headers: HeaderMap) -> Response {
    let mut response = match find("index.html") {
        Some(file) => send(file, &headers),
        None => Html(NOT_BUILT).into_response(),
    };
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let file = find(&format!("assets/{name}"));
    let file = file.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no such file"))?;
    let mut response = send(file, &headers);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
    Ok(response)
}

fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

fn send(file: &'static File, headers: &HeaderMap) -> Response {
    let takes_gzip = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim() == "gzip" || coding.trim().starts_with("gzip;q=1"));
    let mut response = match file.gzip.filter(|_| takes_gzip) {
        Some(gzip) => ([(header::CONTENT_ENCODING, "gzip")], gzip).into_response(),
        None => file.bytes.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(file.name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
