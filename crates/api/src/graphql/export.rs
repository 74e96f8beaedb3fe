//! The schema of an API as text, without serving it.

use std::sync::Arc;

use async_trait::async_trait;
use tenon_errors::{Report, Reports, catalogue::engine::INTERNAL};
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
    let Some(exposure) = &api.graphql else { return Ok(None) };
    let authenticator = Authenticator::new(api.name.as_str(), ApiKeys::new(Vec::new())?, Vec::new());
    let gate = Arc::new(Gate::new(Arc::new(authenticator).into()));
    let describe = |definition| Arc::new(Served::new(definition, Arc::clone(&gate), Arc::new(Described)));
    let served: Vec<_> = api.operations.iter().cloned().map(&describe).collect();
    let model = Model::new(plan, api, exposure, &served, &|definition| describe(Arc::new(definition)))?;
    Ok(Some(model.sdl))
}
