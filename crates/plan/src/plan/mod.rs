//! The checked plan: everything resolved and typed, nothing in it is a string that still has to be looked up.

mod api;
mod data;
mod flow;
mod grpc;
mod order;
mod remote;
mod server;
mod soap;
mod step;
mod system;

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::Contract;
use tenon_model::{ContractRef, Name, Str};

pub use api::{
    Api, ApiKey, Auth, BasicUser, CertificateUser, Cors, Followed, GraphqlExposure, IntrospectionAuth,
    JwtAuth, KeyMaterial, KeySetLocation, Operation, OperationKind, RateLimit, Route, Segment,
};
pub use data::{Reference, Table, Topic};
pub use flow::{Effects, FileInput, Flow, FlowReply, Input, OnFailure, Retry};
pub use grpc::{GrpcExposure, GrpcMethod, listing};
pub use remote::{Called, Remote};
pub use server::{ClientTrust, Limits, Pages, Server, Tls, Visibility};
pub use soap::{SoapExposure, SoapFaultRule, SoapOperation, SoapServing};
pub use step::{Aggregate, Call, Delete, Level, Log, Lookup, Missing, OnRefusal, Reject, Step, StepKind};
pub use system::System;

/// A project that was checked.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The project's name.
    pub name: Name,
    /// The version of its APIs, as their documents say it.
    pub version: Str,
    /// Where and how the APIs are served.
    pub server: Server,
    /// Every contract, by name and version.
    pub contracts: BTreeMap<ContractRef, Arc<Contract>>,
    /// The systems, by name.
    pub systems: BTreeMap<Name, Arc<System>>,
    /// The systems whose operations are called, by name.
    pub remotes: BTreeMap<Name, Arc<Remote>>,
    /// The tables, by name.
    pub tables: BTreeMap<Name, Arc<Table>>,
    /// The topics, by name.
    pub topics: BTreeMap<Name, Arc<Topic>>,
    /// The flows, in the order of the project; every flow stands after those that it runs `after`.
    pub flows: Vec<Arc<Flow>>,
    /// The APIs, in the order of the project.
    pub apis: Vec<Arc<Api>>,
}

impl Plan {
    /// The version of a project that says none.
    pub const UNVERSIONED: Str = Str::new_static("1.0.0");

    /// The flow of this name.
    #[must_use]
    pub fn flow(&self, name: &str) -> Option<&Arc<Flow>> {
        self.flows.iter().find(|flow| flow.name.as_str() == name)
    }

    /// What takes messages through steps: the flows, and the operations of APIs that stand for those of other systems.
    pub fn programs(&self) -> impl Iterator<Item = &Arc<Flow>> {
        let operations = self.apis.iter().flat_map(|api| &api.operations);
        let own = operations.filter_map(|operation| match &operation.kind {
            OperationKind::Send { flow, .. } if flow.stands_for.is_some() => Some(flow),
            _ => None,
        });
        self.flows.iter().chain(own)
    }

    /// The newest version of the contract `name`.
    #[must_use]
    pub fn newest_contract(&self, name: &str) -> Option<&Arc<Contract>> {
        self.contracts.iter().rev().find(|(reference, _)| reference.name.as_str() == name).map(|(_, it)| it)
    }
}
