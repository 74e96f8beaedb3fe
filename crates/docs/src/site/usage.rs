//! How the APIs are used, whatever the operation: proving who one is, pages, filters, errors, GraphQL, gRPC.

use tenon_model::Str;
use tenon_plan::{Api, OperationKind, Plan};
use tenon_ports::Comparison;
use tenon_security::authorize::Access;

use super::{Entry, Section};
use crate::{address, html::markdown};

pub(super) fn section(plan: &Plan) -> Section {
    let parts = [
        ("authentication", "Authentication", authentication(plan)),
        ("pages", "Pages", pages(plan)),
        ("filters", "Filters and order", filters(plan)),
        ("errors", "Errors", errors(plan)),
        ("graphql", "GraphQL", graphql(plan)),
        ("grpc", "gRPC", grpc(plan)),
    ];
    let entry = |(anchor, name, text): (&str, &str, Option<String>)| {
        let body = format!("<h3>{name}</h3>{}", markdown(&text?));
        Some(Entry { anchor: format!("using-{anchor}"), name: name.to_owned(), body })
    };
    Section {
        anchor: "using",
        title: "Using the APIs",
        entries: parts.into_iter().filter_map(entry).collect(),
    }
}

fn authentication(plan: &Plan) -> Option<String> {
    let mut text = String::new();
    for api in &plan.apis {
        let closed = api.operations.iter().any(|operation| operation.access != Access::Open);
        text += &format!("**{}**: ", api.name);
        let keys = (!api.auth.api_keys.is_empty())
            .then(|| "an API key as `X-Api-Key: KEY` or `Authorization: Bearer KEY`".to_owned());
        let users = (!api.auth.basic.is_empty())
            .then(|| "a name and a password as `Authorization: Basic` (RFC 7617)".to_owned());
        let tokens = api.auth.jwt.iter().map(|jwt| {
            format!(
                "a JSON Web Token of `{}` for the audience `{}` as `Authorization: Bearer TOKEN`",
                jwt.issuer,
                jwt.audiences.join("` or `")
            )
        });
        let asked = api.auth.introspection.iter();
        let asked = asked.map(|it| format!("a token of `{}` as `Authorization: Bearer TOKEN`", it.issuer));
        let ways: Vec<_> = keys.into_iter().chain(users).chain(tokens).chain(asked).collect();
        text += &match (closed, ways.is_empty()) {
            (false, _) => "everybody may call every operation.\n\n".to_owned(),
            (true, true) => {
                "neither keys nor tokens are accepted, so only open operations can be called.\n\n".to_owned()
            }
            (true, false) => format!(
                "send {}. The credentials need the scope that the operation names.\n\n",
                ways.join(", or ")
            ),
        };
    }
    (!text.is_empty()).then(|| {
        text + "Without credentials an operation that needs them answers 401, without the scope 403."
    })
}

fn lists(plan: &Plan) -> Option<&Api> {
    let list = |api: &&std::sync::Arc<Api>| {
        api.rest.is_some()
            && api
                .operations
                .iter()
                .any(|it| matches!(it.kind, OperationKind::List { .. }) && it.route.is_some())
    };
    plan.apis.iter().find(list).map(AsRef::as_ref)
}

fn pages(plan: &Plan) -> Option<String> {
    lists(plan)?;
    Some(
        "A list answers `{ \"items\": [...], \"next\": \"CURSOR\" }`. Ask for the next page with the same query and \
         `cursor=CURSOR`, or follow the `Link` header; the last page has no `next`. `limit` says how many rows a page \
         has. Cursors are opaque and belong to the filter and order that they came from."
            .to_owned(),
    )
}

fn filters(plan: &Plan) -> Option<String> {
    let (column, sorted) = (column(plan, filtered), column(plan, sorted));
    let mut text = match &column {
        Some(column) => format!(
            "A column that an operation filters by is a parameter: `{column}=VALUE`. Other comparisons are in \
             brackets, as in `{column}[ne]=VALUE`; curl takes them with `--globoff`.\n\n| comparison | rows whose value is |\n|---|---|\n"
        ),
        None => return sorted.map(|column| order(&column)),
    };
    for (_, word, meaning) in Comparison::ALL {
        text += &format!("| `[{word}]` | {meaning} |\n");
    }
    text += "\nSeveral filters hold together. ";
    Some(sorted.map_or(text.clone(), |column| text + &order(&column)))
}

fn order(column: &str) -> String {
    format!(
        "`sort={column}` orders by a column, `sort=-{column}` with the largest first; several are separated by commas."
    )
}

/// A column of this project by which one of its lists can be asked for.
fn column(plan: &Plan, of: fn(&OperationKind) -> &[Str]) -> Option<String> {
    let routed = plan.apis.iter().filter(|api| api.rest.is_some()).flat_map(|api| &api.operations);
    let lists = routed.filter(|operation| operation.route.is_some());
    lists.flat_map(|operation| of(&operation.kind)).next().map(ToString::to_string)
}

fn filtered(kind: &OperationKind) -> &[Str] {
    if let OperationKind::List { filter, .. } = kind { filter } else { &[] }
}

fn sorted(kind: &OperationKind) -> &[Str] {
    if let OperationKind::List { sort, .. } = kind { sort } else { &[] }
}

fn errors(plan: &Plan) -> Option<String> {
    plan.apis.first()?;
    Some(
        "What goes wrong is a problem document (RFC 9457, `application/problem+json`): `status`, `detail`, a `code` \
         such as [`D0001`](problems/D0001.html) that its `type` leads to, a `hint`, and `errors` with a `pointer` into \
         the body or the name of a `parameter` for each single problem. `instance` is the request's id, which is also \
         in the header `X-Request-Id`. 429 and 503 say in `Retry-After` when to try again; a message is sent again \
         safely with the same `Idempotency-Key`."
            .to_owned(),
    )
}

fn grpc(plan: &Plan) -> Option<String> {
    let mut text = String::new();
    for api in &plan.apis {
        let Some(grpc) = &api.grpc else { continue };
        let methods: Vec<_> = grpc.methods.iter().map(|method| format!("`{}`", method.name)).collect();
        text += &format!(
            "**{}**: the service `{service}` at `{}`, over HTTP/2, with {}. It is described at `/{service}.proto` and by reflection.\n\n",
            api.name,
            address::of(plan),
            methods.join(", "),
            service = grpc.service,
        );
    }
    let note = "Credentials are those of REST, as metadata. What goes wrong is a status with details: `ErrorInfo`, `BadRequest` for the \
                fields that are wrong, `RetryInfo`, and `RequestInfo` with the request's id.";
    (!text.is_empty()).then(|| text + note)
}

fn graphql(plan: &Plan) -> Option<String> {
    let mut text = String::new();
    for api in &plan.apis {
        let Some(graphql) = &api.graphql else { continue };
        text += &format!(
            "**{}**: `POST {}{path}` with `{{ \"query\": \"...\", \"variables\": {{}} }}` as `application/json`. \
             Selections are at most {} deep. The schema is at `{path}/schema.graphql`.\n\n",
            api.name,
            address::of(plan),
            graphql.max_depth,
            path = graphql.path,
        );
    }
    let note = "Operations have the same names, access and limits as over REST. Errors carry `code`, `kind` and `hint` in \
                `extensions`.";
    (!text.is_empty()).then(|| text + note)
}
