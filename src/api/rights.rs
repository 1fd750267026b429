//! Who may do what: one table, from which the router is built. A route comes into it by
//! [`Table::route`] only, which asks for its rule.

use std::sync::Arc;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{DefaultBodyLimit, RawPathParams, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::caller::{Caller, Door};
use super::guard::{came_from_here, same_origin, unauthorized};
use super::{Context, Problem};
use crate::domain::{AgentId, Role};

/// A set of roles.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Roles(u8);

impl Roles {
    const fn of(roles: &[Role]) -> Self {
        let (mut set, mut place) = (0, 0);
        while place < roles.len() {
            set |= 1 << roles[place] as u8;
            place += 1;
        }
        Self(set)
    }

    fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }
}

/// Where the agent's number stands of whom a request is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Whose {
    /// It is about no agent.
    Nobody,
    /// In the path, as `id`.
    Path,
    /// In the query, as `agent`.
    Query,
}

/// Who else than a role may.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Besides {
    /// Anybody at all.
    Anybody,
    /// Who is on this machine itself.
    Near,
    /// Nobody.
    Nobody,
}

/// What a route asks of who uses it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rule {
    roles: Roles,
    besides: Besides,
    /// An agent may only where it is about themself.
    whose: Whose,
    /// Also for a user who has a second factor still to set up.
    before_second_factor: bool,
}

impl Rule {
    const fn roles(roles: &[Role]) -> Self {
        Self {
            roles: Roles::of(roles),
            besides: Besides::Nobody,
            whose: Whose::Nobody,
            before_second_factor: false,
        }
    }
}

/// Whoever is signed in, whatever they have still to set up: their own session.
pub(super) const OWN_SESSION: Rule = Rule { before_second_factor: true, ..Rule::roles(&Role::ALL) };
/// Whoever is not signed in yet.
pub(super) const TO_SIGN_IN: Rule = Rule { besides: Besides::Anybody, ..OWN_SESSION };
/// The floor and the books, to look at.
pub(super) const LOOK: Rule =
    Rule::roles(&[Role::Administrator, Role::Auditor, Role::Manager, Role::Supervisor]);
/// The same, for a monitor on this machine, too.
pub(super) const LOOK_OR_NEAR: Rule = Rule { besides: Besides::Near, ..LOOK };
/// The same, and an agent's own.
pub(super) const LOOK_AT_DESK: Rule = Rule { whose: Whose::Path, ..Rule::roles(&Role::ALL) };
/// The same, of a socket.
pub(super) const LISTEN: Rule = Rule { whose: Whose::Query, ..LOOK_AT_DESK };
/// A desk: an agent's own, and every one for who leads the shift.
pub(super) const DESK: Rule = Rule {
    whose: Whose::Path,
    ..Rule::roles(&[Role::Administrator, Role::Agent, Role::Manager, Role::Supervisor])
};
/// The shift.
pub(super) const LEAD_SHIFT: Rule =
    Rule::roles(&[Role::Administrator, Role::Manager, Role::Supervisor]);
/// Campaigns, leads, agents, lists.
pub(super) const MANAGE: Rule = Rule::roles(&[Role::Administrator, Role::Manager]);
/// Users, tokens.
pub(super) const ADMINISTER: Rule = Rule::roles(&[Role::Administrator]);

/// The routes under way into the router, each with its rule.
pub(super) struct Table {
    door: Door,
    router: OpenApiRouter<Context>,
}

impl Table {
    pub fn new(door: Door, document: utoipa::openapi::OpenApi) -> Self {
        Self { door, router: OpenApiRouter::with_openapi(document) }
    }

    /// Adds what `routes!` gives, for whom the rule lets in.
    pub fn route(self, rule: Rule, routes: UtoipaMethodRouter<Context>) -> Self {
        let (schemas, mut paths, methods) = routes;
        for item in paths.paths.values_mut() {
            operations(item).for_each(|operation| describe(operation, rule));
        }
        let layer = middleware::from_fn_with_state((self.door.clone(), rule), authorize);
        let router = self.router.routes((schemas, paths, methods.route_layer(layer)));
        Self { router, ..self }
    }

    /// The same, for requests with a longer body than others.
    pub fn route_with_body(
        self,
        rule: Rule,
        bytes_max: usize,
        (schemas, paths, methods): UtoipaMethodRouter<Context>,
    ) -> Self {
        let methods = methods.route_layer(DefaultBodyLimit::max(bytes_max));
        self.route(rule, (schemas, paths, methods))
    }

    pub fn into_router(self) -> OpenApiRouter<Context> {
        self.router
    }
}

/// Every operation of a path that this server uses.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, post, patch, put, delete, .. } = item;
    [get, post, patch, put, delete].into_iter().flatten()
}

/// Says in the document who may.
fn describe(operation: &mut Operation, rule: Rule) {
    let roles = Role::ALL.into_iter().filter(|role| rule.roles.has(*role));
    let roles: Vec<String> = roles.map(|role| role.to_string()).collect();
    let extensions = operation.extensions.get_or_insert_default();
    extensions.insert("x-roles".to_owned(), roles.into());
    if rule.whose != Whose::Nobody {
        extensions.insert("x-agents-own-only".to_owned(), true.into());
    }
}

/// Lets a request through to whose route the rule lets its caller; the caller is among its extensions
/// then.
async fn authorize(
    State((door, rule)): State<(Door, Rule)>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = door.caller(request.headers()).await?;
    match caller {
        Some(caller) if rule.besides != Besides::Anybody => {
            let about = about(rule.whose, path.as_ref().ok(), request.uri().query());
            admit(&door, rule, &caller, about, &request)?;
            request.extensions_mut().insert(caller);
        }
        Some(_) => {}
        None => match rule.besides {
            Besides::Anybody => {}
            Besides::Near if came_from_here(&request) => {}
            Besides::Near | Besides::Nobody => return Err(unauthorized()),
        },
    }
    Ok(next.run(request).await)
}

fn admit(
    door: &Door,
    rule: Rule,
    caller: &Arc<Caller>,
    about: Option<AgentId>,
    request: &Request,
) -> Result<(), Problem> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(csrf) = caller.csrf() {
        same_origin(request.headers(), request.uri())?;
        let presented = request.headers().get(super::caller::CSRF_HEADER);
        if changes && presented.is_none_or(|presented| presented.as_bytes() != csrf.as_bytes()) {
            return Err(no("the session's own page asks with the header x-csrf-token"));
        }
    }
    if !rule.before_second_factor && door.wants_second_factor(caller) {
        return Err(no("an administrator here has a second factor: set yours up first"));
    }
    if !rule.roles.has(caller.role) {
        return Err(no(&format!("a user of the role {} may not do that", caller.role)));
    }
    if caller.read_only && changes {
        return Err(no("this token may look, and change nothing"));
    }
    if caller.role == Role::Agent
        && rule.whose != Whose::Nobody
        && (about.is_none() || about != caller.agent)
    {
        return Err(no("an agent has their own desk only"));
    }
    Ok(())
}

fn no(why: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, why)
}

/// The agent whom a request is about.
fn about(whose: Whose, path: Option<&RawPathParams>, query: Option<&str>) -> Option<AgentId> {
    let number = match whose {
        Whose::Nobody => None,
        Whose::Path => path?.iter().find(|(name, _)| *name == "id").map(|(_, id)| id.to_owned()),
        Whose::Query => {
            query?.split('&').find_map(|pair| pair.strip_prefix("agent=")).map(str::to_owned)
        }
    };
    Some(AgentId(number?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing_and_an_agent_has_a_desk_only() {
        for rule in [DESK, LEAD_SHIFT, MANAGE, ADMINISTER] {
            assert!(!rule.roles.has(Role::Auditor));
            assert!(rule.roles.has(Role::Administrator));
        }
        for rule in [LOOK, LEAD_SHIFT, MANAGE, ADMINISTER] {
            assert!(!rule.roles.has(Role::Agent));
        }
        for rule in [LOOK_AT_DESK, LISTEN, DESK] {
            assert!(rule.roles.has(Role::Agent) && rule.whose != Whose::Nobody);
        }
    }

    #[test]
    fn two_agents_in_one_query_are_not_a_way_around() {
        let first = about(Whose::Query, None, Some("agent=1&agent=2"));
        assert_eq!(first, Some(AgentId(1)), "the handler refuses a field that is there twice");
        assert_eq!(about(Whose::Query, None, Some("x=1&agent=7")), Some(AgentId(7)));
        assert_eq!(about(Whose::Query, None, None), None);
        assert_eq!(about(Whose::Query, None, Some("agent=%31")), None, "as it is written");
    }
}
