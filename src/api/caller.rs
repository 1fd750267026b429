//! Who asks: a user by the cookie of their session, or a program by its token. Nothing in a request
//! but these says what may be done.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use super::guard::{Access, presented_token};
use super::{Problem, token};
use crate::clock;
use crate::domain::{AgentId, Role};
use crate::store::{Books, TokenHash, User};

/// The name of the session's cookie.
pub(super) const COOKIE: &str = "outdial_session";
/// What a page sends with everything that changes something, beside the cookie: a value that no page
/// of another origin can know.
pub(super) const CSRF_HEADER: &str = "x-csrf-token";

/// Who asks.
#[derive(Debug)]
pub(super) struct Caller {
    /// What they may do.
    pub role: Role,
    /// Whose desk is theirs.
    pub agent: Option<AgentId>,
    /// They may look only.
    pub read_only: bool,
    who: Who,
}

#[derive(Debug)]
enum Who {
    /// The token of this machine's own commands.
    File,
    /// A token, by its label.
    Token(String),
    /// A user.
    User { user: Box<User>, session: TokenHash, csrf: String },
}

impl Caller {
    /// As in the evidence: `user ana`, `token nightly`, `api.token`.
    pub fn name(&self) -> String {
        match &self.who {
            Who::File => token::Token::FILE.to_owned(),
            Who::Token(label) => format!("token {label}"),
            Who::User { user, .. } => format!("user {}", user.name),
        }
    }

    /// As in a greeting.
    pub fn short_name(&self) -> &str {
        match &self.who {
            Who::File => token::Token::FILE,
            Who::Token(label) => label,
            Who::User { user, .. } => &user.name,
        }
    }

    /// What a page sends beside its cookie; `None` where there is no cookie.
    pub fn csrf(&self) -> Option<&str> {
        match &self.who {
            Who::File | Who::Token(_) => None,
            Who::User { csrf, .. } => Some(csrf),
        }
    }

    /// The user, and the hash of the cookie.
    pub fn user(&self) -> Option<(&User, TokenHash)> {
        match &self.who {
            Who::File | Who::Token(_) => None,
            Who::User { user, session, .. } => Some((user, *session)),
        }
    }
}

/// The caller that the table's rule has let in.
pub(super) struct By(pub Arc<Caller>);

impl<S: Send + Sync> FromRequestParts<S> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only a route that is open to all has none.
        parts
            .extensions
            .get::<Arc<Caller>>()
            .cloned()
            .map(By)
            .ok_or_else(super::guard::unauthorized)
    }
}

/// Who else may have been let in.
impl<S: Send + Sync> axum::extract::OptionalFromRequestParts<S> for By {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Arc<Caller>>().cloned().map(By))
    }
}

/// Knows callers by what they present.
#[derive(Clone)]
pub(super) struct Door {
    access: Arc<Access>,
    books: Books,
}

impl Door {
    pub fn new(access: Arc<Access>, books: Books) -> Self {
        Self { access, books }
    }

    /// Who asks; `None` when nobody who is known does. A token goes before a cookie.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Option<Arc<Caller>>, Problem> {
        if let Some(text) = presented_token(headers) {
            return self.by_token(text).await;
        }
        let Some(secret) = cookie(headers) else { return Ok(None) };
        let session = sha256(secret);
        let Some(user) = self.books.session(session, clock::now()).await? else { return Ok(None) };
        let (role, agent) = (user.role, user.agent);
        let who = Who::User { user: user.into(), session, csrf: csrf(secret) };
        Ok(Some(Arc::new(Caller { role, agent, read_only: false, who })))
    }

    async fn by_token(&self, text: &str) -> Result<Option<Arc<Caller>>, Problem> {
        if self.access.token.admits(text) {
            let who = Who::File;
            let file = Caller { role: Role::Administrator, agent: None, read_only: false, who };
            return Ok(Some(Arc::new(file)));
        }
        let row = self.books.token(sha256(text), clock::now()).await?;
        let caller = |row: crate::store::TokenRow| Caller {
            role: row.role,
            agent: None,
            read_only: row.read_only,
            who: Who::Token(row.label),
        };
        Ok(row.map(caller).map(Arc::new))
    }

    /// Whether what let this caller in still would.
    pub async fn still_admits(&self, caller: &Caller) -> bool {
        let now = clock::now();
        match &caller.who {
            Who::File => true,
            Who::Token(label) => self.books.tokens().await.is_ok_and(|tokens| {
                tokens.iter().any(|token| {
                    token.label == *label && token.expires_at.is_none_or(|end| now < end)
                })
            }),
            Who::User { session, .. } => {
                matches!(self.books.session(*session, now).await, Ok(Some(_)))
            }
        }
    }

    /// Whether this user must set a second factor up before anything else.
    pub fn wants_second_factor(&self, caller: &Caller) -> bool {
        self.access.totp_required
            && caller.role == Role::Administrator
            && caller.user().is_some_and(|(user, _)| user.totp.is_none())
    }

    pub fn access(&self) -> &Access {
        &self.access
    }
}

/// The session's secret in the Cookie header (RFC 6265 §4.2).
fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// What the books keep of a secret.
pub(super) fn sha256(secret: &str) -> TokenHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// The value of [`CSRF_HEADER`] in the session of this secret: of the secret, and telling nothing of it.
pub(super) fn csrf(secret: &str) -> String {
    crate::audit::sha256(format!("csrf {secret}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_not_in_their_names() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            "a=1; xoutdial_session=no; outdial_sessions=no".parse().unwrap(),
        );
        assert_eq!(cookie(&headers), None);
        headers.append(header::COOKIE, "b=2; outdial_session=yes".parse().unwrap());
        assert_eq!(cookie(&headers), Some("yes"));
    }
}
