//! `grpc.health.v1.Health`: how the server is doing, for those who balance calls (<https://github.com/grpc/grpc/blob/master/doc/health-checking.md>).
//!
//! `Check` is answered; `Watch` is not implemented, after which clients take a service to be well.

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use tenon_contracts::{
    format::{Answering, Exchange as _, NoFiles, Outgoing, Source},
    protobuf::{self, GrpcExchange},
};
use tenon_errors::{
    Report, Reports,
    catalogue::{api::NOT_FOUND, engine::INTERNAL},
    clip,
};
use tenon_model::{Str, Value};
use tenon_plan::Plan;

use super::{faults::written, message, said};
use crate::http::{
    Probes, body,
    exchange::{Answer, Exchange, Failure, Handler},
    health::is_ready,
    router::Mount,
};

const PATH: &str = "/grpc.health.v1.Health/Check";
pub(super) const SERVICE: &str = "grpc.health.v1.Health";
pub(super) const DESCRIPTION: &str = r#"syntax = "proto3";
package grpc.health.v1;
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse {
  enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
  ServingStatus status = 1;
}
service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); }
"#;

/// The check of the services of `plan`.
pub(crate) fn mount(plan: &Plan, probes: &Probes) -> Result<Vec<Mount>, Reports> {
    let read = protobuf::read(&Source { file: "health.proto", text: DESCRIPTION, files: &NoFiles })?;
    let Some(exchange) = GrpcExchange::new(&read.definitions, 0, 0)? else { return Ok(Vec::new()) };
    let services = plan.apis.iter().filter_map(|api| Some(api.grpc.as_ref()?.service.clone())).collect();
    let check = Check { exchange, services, probes: probes.clone() };
    Ok(vec![Mount::at(Method::POST, PATH, Arc::new(check))])
}

struct Check {
    exchange: GrpcExchange,
    services: Vec<Str>,
    probes: Probes,
}

impl Check {
    fn answering(&self) -> Result<&dyn Answering, Report> {
        self.exchange.answering().ok_or_else(|| Report::new(&INTERNAL, "the method cannot be answered"))
    }
}

#[async_trait]
impl Handler for Check {
    async fn handle(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        said::require(exchange.head)?;
        let (headers, target) = (exchange.head.headers.clone(), PATH.to_owned());
        let body = body::read(exchange.body, exchange.limits, exchange.room).await?;
        let asked = self.answering()?.asked(&Outgoing { method: Method::POST, target, headers, body })?;
        let service = message::field(&asked, "service").map(message::text).unwrap_or_default();
        if !service.is_empty() && !self.services.iter().any(|known| *known == service) {
            let message = format!("there is no service `{}`", clip(&service, 100));
            return Err(Report::new(&NOT_FOUND, message)
                .hint("ask for one that is served, or for none")
                .into());
        }
        let status = if is_ready(&self.probes) { "SERVING" } else { "NOT_SERVING" };
        Ok(written(self.answering()?.done(&Value::record([("status", Value::from(status))]))?))
    }

    fn is_probe(&self) -> bool {
        true
    }
}
