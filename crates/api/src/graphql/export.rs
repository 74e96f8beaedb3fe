//! The schema of an API as text, without serving it.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_errors::{
    Report, Reports,
    catalogue::{api::GRAPHQL_NAMES, engine::INTERNAL},
};
use tenon_plan::{Api, Plan};
use tenon_ports::{Call, Operation, Reply};
use tenon_security::{api_key::ApiKeys, authenticate::Authenticator};

use super::schema::Model;
use crate::{http::gate::Gate, operation::Served};

/// Stands in for operations that are described and never called.
pub(crate) struct Described;

#[async_trait]
impl Operation for Described {
    async fn call(&self, _call: Call) -> Result<Reply, Report> {
        Err(Report::new(&INTERNAL, "an operation that is only described was called"))
    }
}

/// The GraphQL schema of `api` as text (GraphQL's schema definition language); `None` if it is not served as GraphQL.
///
/// # Errors
/// What keeps the API from being served as GraphQL.
pub fn graphql_schema(plan: &Plan, api: &Api) -> Result<Option<String>, Reports> {
    Ok(model(plan, api)?.map(|model| model.sdl))
}

/// The most names that a warning lists.
const MOST: usize = 10;

/// A warning if GraphQL calls something of `api` by another name than the project: what is no name there, and what would be there
/// twice.
///
/// # Errors
/// What keeps the API from being served as GraphQL.
pub fn graphql_renames(plan: &Plan, api: &Api) -> Result<Option<Report>, Reports> {
    let renamed = model(plan, api)?.map(|model| model.renamed).unwrap_or_default();
    if renamed.is_empty() {
        return Ok(None);
    }
    let named: Vec<_> =
        renamed.iter().take(MOST).map(|(wanted, name)| format!("`{wanted}` is `{name}`")).collect();
    let more = match renamed.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let message =
        format!("GraphQL calls parts of the API `{}` otherwise: {}{more}", api.name, named.join(", "));
    let report = Report::new(&GRAPHQL_NAMES, message).at(api.place.clone());
    Ok(Some(report.hint("rename them, or tell the clients of GraphQL")))
}

fn model(plan: &Plan, api: &Api) -> Result<Option<Model>, Reports> {
    let Some(exposure) = &api.graphql else { return Ok(None) };
    let authenticator = Authenticator::new(api.name.as_str(), ApiKeys::new(Vec::new())?, Vec::new());
    let gate = Arc::new(Gate::new(Arc::new(authenticator).into()));
    let describe = |definition| Arc::new(Served::new(definition, Arc::clone(&gate), Arc::new(Described)));
    let served: Vec<_> = api.operations.iter().cloned().map(&describe).collect();
    Model::new(plan, api, exposure, &served, &|definition| describe(Arc::new(definition))).map(Some)
}
