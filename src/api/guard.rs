//! What a request shows of who asks, and the names under which this server answers.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::listener::Peer;
use super::{Problem, Token};

/// A browser cannot set headers on a WebSocket; it offers the token as a subprotocol with this
/// prefix beside `outdial.v1` (RFC 6455 §1.9).
pub(super) const TOKEN_PROTOCOL: &str = "outdial.token.";

/// Who may ask.
#[derive(Clone, Debug)]
pub struct Access {
    /// What this machine's own commands present: it may do everything.
    pub token: Token,
    /// Administrators need a second factor.
    pub totp_required: bool,
    /// Host names, besides IP addresses and `localhost`, under which this server is reached (of a
    /// reverse proxy). Any other name in a Host header is a page that has had its own name
    /// resolved to this machine (DNS rebinding).
    pub hosts: Vec<String>,
}

impl From<Token> for Access {
    fn from(token: Token) -> Self {
        Self { token, totp_required: false, hosts: Vec::new() }
    }
}

/// Whether a request comes from this machine itself, and not by way of a proxy.
pub(super) fn came_from_here(request: &Request) -> bool {
    let headers = request.headers();
    let near = request
        .extensions()
        .get::<ConnectInfo<Peer>>()
        .is_some_and(|ConnectInfo(peer)| peer.address.ip().to_canonical().is_loopback());
    let forwarded = headers.contains_key(header::FORWARDED)
        || headers.contains_key("x-forwarded-for")
        || headers.contains_key("x-real-ip");
    near && !forwarded
}

/// Refuses a request to a name that is not ours.
pub(super) async fn require_known_host(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(host) = host(request.headers(), request.uri()) else {
        // RFC 9112 §3.2: exactly one Host is required.
        return Err(Problem::new(StatusCode::BAD_REQUEST, "the Host header is missing or unclear"));
    };
    if !is_known(&access, host.host()) {
        return Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this server does not answer under that name; allow it in the configuration",
        ));
    }
    Ok(next.run(request).await)
}

/// Refuses a WebSocket opened by a page of another origin (RFC 6455 §10.2). A client that is no
/// browser sends no Origin.
pub(super) fn same_origin(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let ours = host(headers, uri);
    match (origin.as_ref().and_then(Uri::authority), ours) {
        (Some(origin), Some(ours)) if *origin == ours => Ok(()),
        _ => Err(Problem::new(StatusCode::FORBIDDEN, "the page is of another origin")),
    }
}

fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?.parse().ok(),
        // HTTP/2 has it in the target (RFC 9113 §8.3.1).
        (None, None) => uri.authority().cloned(),
        _ => None,
    }
}

fn is_known(access: &Access, host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    literal.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || access.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

/// The token of a request (RFC 6750 §2.1).
pub(super) fn presented_token(headers: &HeaderMap) -> Option<&str> {
    authorization(headers).or_else(|| subprotocol(headers))
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn subprotocol(headers: &HeaderMap) -> Option<&str> {
    headers.contains_key(header::UPGRADE).then_some(())?;
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL)?.to_str().ok()?;
    offered.split(',').find_map(|protocol| protocol.trim().strip_prefix(TOKEN_PROTOCOL))
}

pub(super) fn unauthorized() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "sign in, or send an API token as `Authorization: Bearer TOKEN`; that of this machine's own \
         commands is in the file api.token of the server's data folder",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_localhost_are_known_and_other_names_only_when_allowed() {
        let new = Token::generate().unwrap();
        let mut access = Access::from(new.token);
        for host in ["127.0.0.1", "[::1]", "192.0.2.7", "localhost", "LocalHost"] {
            assert!(is_known(&access, host), "{host}");
        }
        assert!(!is_known(&access, "dialer.example"));
        access.hosts.push("dialer.example".to_owned());
        assert!(is_known(&access, "Dialer.Example"));
        assert!(!is_known(&access, "dialer.example.attacker.example"));
    }

    #[test]
    fn a_socket_of_another_page_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "127.0.0.1:8080".parse().unwrap());
        let uri = Uri::from_static("/v1/ws");
        assert!(same_origin(&headers, &uri).is_ok());
        headers.insert(header::ORIGIN, "http://127.0.0.1:8080".parse().unwrap());
        assert!(same_origin(&headers, &uri).is_ok());
        for other in ["http://127.0.0.1:8081", "https://attacker.example", "null"] {
            headers.insert(header::ORIGIN, other.parse().unwrap());
            assert!(same_origin(&headers, &uri).is_err(), "{other}");
        }
    }

    #[test]
    fn a_token_in_a_subprotocol_counts_on_a_socket_only() {
        let mut headers = HeaderMap::new();
        let offered = format!("outdial.v1, {TOKEN_PROTOCOL}secret");
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, offered.parse().unwrap());
        assert_eq!(subprotocol(&headers), None);
        headers.insert(header::UPGRADE, "websocket".parse().unwrap());
        assert_eq!(subprotocol(&headers), Some("secret"));
    }
}
