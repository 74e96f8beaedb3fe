//! `apis`: operations, where they are exposed, and who may call them.

mod asked;
pub(crate) mod auth;
mod cors;
mod demands;
mod exposure;
mod graphql;
pub(crate) mod grpc;
mod operation;
mod references;
pub(crate) mod routes;
mod soap;
mod table_operation;

use std::sync::Arc;

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, MISSING_KEY},
};
use tenon_model::Name;
use tenon_ports::{Key, Spec, SpecValue as Value};
use tenon_security::authorize::Access;

pub(crate) use auth::AUTH;
pub(crate) use cors::CORS;
pub(crate) use demands::{Demands, read as demands};
use exposure::Exposure;
pub(crate) use operation::OPERATION;
use routes::Taken;

use super::{Context, Names, flows::Flows};
use crate::{
    Api, Auth, Operation, Server,
    parse::{Object, Project},
};

/// `apis.NAME`.
pub(crate) static API: Spec = Spec {
    name: "API",
    doc: "Operations that are served together.",
    keys: &[
        Key::optional(
            "auth",
            Value::Either(&[auth::OPEN, Value::Object(&AUTH)]),
            "",
            "How callers prove who they are, or `none` if every operation without a `scope` is open to everybody.",
        ),
        Key::required("expose", Value::Object(&exposure::EXPOSE), "Where the operations are served."),
        Key::optional(
            "cors",
            Value::Object(&CORS),
            "",
            "Which pages of other origins may call the API from a browser; none unless they are named.",
        ),
        Key::required("operations", Value::Map(&Value::Object(&OPERATION)), "What the API does, by name."),
        Key::optional(
            "references",
            Value::Map(&references::SAID),
            "",
            "Who may read the rows that only references lead to, by table; `hidden` leaves the references out. GraphQL asks \
             for it where no operation of the API reads the table.",
        ),
    ],
};

/// Reads `apis`.
pub(crate) fn check(
    project: &Project,
    names: &Names,
    flows: &Flows,
    server: &Server,
    context: &mut Context<'_>,
) -> Vec<Arc<Api>> {
    let mut taken = Taken::default();
    let mut apis = Vec::new();
    for (name, key, node) in project.section("apis") {
        let (auth, is_open) = auth::check(node.get("auth"), context);
        let exposure = exposure::check(&name, node.get("expose"), &mut taken, context);
        let api = Object::new(node);
        let surroundings =
            Surroundings { name: &name, api, names, flows, server, exposure: &exposure, is_open };
        let operations = operations(node, &surroundings, &mut taken, context);
        require_keys(&name, key, node, &auth, context);
        if let (false, None, Some(at)) = (
            auth.certificates.is_empty(),
            &server.clients,
            node.get("auth").and_then(|it| it.get("certificates")),
        ) {
            let report = Report::new(&MISSING_KEY, "clients are not asked for certificates").at(at.place());
            context.problem(report.hint("name those who issue them: `server.tls.clients.authorities`"));
        }
        let cors = cors::check(node.get("cors"), context);
        let references = references::check(&name, key, node, &operations, &exposure, names, context);
        let soap = exposure.soap.as_ref().and_then(|said| {
            let project = project.name.as_ref().map_or("project", Name::as_str);
            let served = soap::Served { project, api: &name, node, operations: &operations };
            soap::check(said, &served, &exposure, names, context).map(Arc::new)
        });
        let grpc = exposure
            .grpc
            .as_ref()
            .and_then(|said| grpc::check(said, (api, &operations), &mut taken, context));
        let Exposure { rest, graphql, .. } = exposure;
        let place = key.place();
        apis.push(Arc::new(Api {
            name,
            place,
            auth,
            cors,
            rest,
            graphql,
            soap,
            grpc,
            operations,
            references,
        }));
    }
    taken.report(context);
    apis
}

/// What an operation is checked in.
struct Surroundings<'s> {
    /// The name of the API, and what the project says of it.
    name: &'s Name,
    api: Object<'s>,
    names: &'s Names,
    flows: &'s Flows,
    server: &'s Server,
    exposure: &'s Exposure<'s>,
    /// Whether the API says `auth: none`.
    is_open: bool,
}

fn operations(
    node: &Node,
    surroundings: &Surroundings<'_>,
    taken: &mut Taken,
    context: &mut Context<'_>,
) -> Vec<Arc<Operation>> {
    let mut operations = Vec::new();
    for (name, key, node) in Object::new(node).named("operations") {
        operations.extend(operation::check(name, key, node, surroundings, taken, context).map(Arc::new));
    }
    operations
}

/// A page that callers of an API see needs a caller that can have its scope.
pub(crate) fn require_caller(
    name: &Name,
    (api, auth): (&Node, Option<&Auth>),
    (page, access): (&Node, &Access),
    context: &mut Context<'_>,
) {
    let (Access::Scope(scope), Some(node)) = (access, page.get("scope")) else { return };
    if says_any(api, &auth::VOUCHED) {
        return;
    }
    if !says_any(api, &auth::LISTED) {
        let message =
            format!("the page needs the scope `{scope}`, and no caller of the API `{name}` can have one");
        let report = Report::new(&MISSING_KEY, message).at(node.place());
        context.problem(report.hint("add `auth` with `api_keys` or `jwt` to the API, or name another API"));
        return;
    }
    let Some(auth) = auth.filter(|auth| are_all_read(api, auth)) else { return };
    if !auth.listed_scopes().any(|it| it == scope.as_str()) {
        let message =
            format!("no caller of the API `{name}` has the scope `{scope}`, so nobody can see this page");
        let report = Report::new(&BAD_VALUE, message).at(node.place());
        context.warning(report.hint("add the scope to an entry under `auth`"));
    }
}

/// Whether `auth` has one of these ways.
fn says_any(api: &Node, ways: &[&str]) -> bool {
    api.get("auth").is_some_and(|auth| ways.iter().any(|way| auth.get(way).is_some()))
}

/// Whether no entry of those who are listed was left out because of a problem.
fn are_all_read(api: &Node, auth: &Auth) -> bool {
    let entries = |way: &&str| api.get("auth")?.get(way)?.entries().map(<[_]>::len);
    auth::LISTED.iter().filter_map(entries).sum::<usize>() == auth.listed()
}

/// Scopes need callers that can prove who they are, and each scope somebody who has it.
fn require_keys(name: &Name, key: &Node, node: &Node, known: &Auth, context: &mut Context<'_>) {
    let object = Object::new(node);
    let guarded = object.named("operations").chain(object.named("references"));
    let mut scopes = guarded.filter_map(|(_, _, guarded)| guarded.get("scope"));
    if says_any(node, &auth::VOUCHED) {
        return;
    }
    if !says_any(node, &auth::LISTED) {
        if let Some(scope) = scopes.next() {
            let message = format!("operations of the API `{name}` need a scope, and no caller can have one");
            let report = Report::new(&MISSING_KEY, message).at(key.place());
            let report = report.at(scope.place().labelled("a scope is needed here"));
            context.problem(report.hint("add `auth` with `api_keys` or `jwt` to the API"));
        }
        return;
    }
    if !are_all_read(node, known) {
        return;
    }
    for scope in scopes {
        let Some(text) = scope.as_str() else { continue };
        if !known.listed_scopes().any(|it| it == text) {
            let message = format!(
                "no caller of the API `{name}` has the scope `{text}`, so nobody can call this operation"
            );
            let report = Report::new(&BAD_VALUE, message).at(scope.place());
            context.warning(report.hint("add the scope to an entry under `auth`"));
        }
    }
}
