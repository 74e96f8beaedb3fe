//! The protocols that operations are served over: a folder and an entry each. They do not know each other.

use std::sync::Arc;

use tenon_errors::Reports;
use tenon_plan::{Api, Operation, Plan};

use crate::{
    graphql, grpc,
    http::{gate::Gate, router::Mount},
    operation::Served,
    rest, soap,
};

/// All of them, in the order in which they are mounted.
pub(crate) const PROTOCOLS: &[Protocol] =
    &[rest::PROTOCOL, graphql::PROTOCOL, soap::PROTOCOL, grpc::PROTOCOL];

/// How an API is served over one protocol.
pub(crate) struct Protocol {
    /// The path that everything of it is at or below, which pages of other origins ask about; `None` where the API is not served so.
    pub(crate) base: fn(&Api) -> Option<&str>,
    /// What answers its requests; nothing where the API is not served so.
    ///
    /// # Errors
    /// What keeps the API from being served so.
    pub(crate) mount: fn(&Mounting<'_>) -> Result<Mounted, Reports>,
}

/// What is mounted.
pub(crate) struct Mounting<'m> {
    pub(crate) plan: &'m Plan,
    pub(crate) api: &'m Arc<Api>,
    /// The operations of the API, in its order.
    pub(crate) served: &'m [Arc<Served>],
    /// Who asks, and whether they may.
    pub(crate) gate: &'m Arc<Gate>,
    /// Performs an operation that the API does not have by itself.
    pub(crate) performer: &'m dyn Fn(Operation) -> Arc<Served>,
}

/// What answers the requests of one protocol.
#[derive(Default)]
pub(crate) struct Mounted {
    pub(crate) requests: Vec<Mount>,
    /// What describes it: shown to whoever may see the documentation.
    pub(crate) documents: Vec<Mount>,
}
