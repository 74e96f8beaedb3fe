//! Requests of a description as they are sent over HTTP, and replies as they are read.
//!
//! What is compiled here is whole: a request that has a form which cannot be written or a reply that cannot be read is refused by name
//! when it is asked for, and not when it is called.

mod body;
mod by_hand;
mod multipart;
mod parameters;
mod reply;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use tenon_errors::{Report, Reports, catalogue::contract::UNSUPPORTED_KEYWORD};
use tenon_model::Value;

pub use self::by_hand::by_hand;
use self::{body::Body, parameters::Parameters, reply::Replies};
use super::model::Request;
use crate::format::{Answer, Effect, Exchange, Incoming, Outgoing};

/// One request of a description.
#[derive(Debug)]
pub struct HttpExchange {
    method: Method,
    effect: Effect,
    parameters: Parameters,
    body: Option<Body>,
    accept: Option<HeaderValue>,
    replies: Replies,
}

impl HttpExchange {
    /// The exchange of `request`.
    ///
    /// # Errors
    /// `C0002` for forms of bodies and replies that cannot be written or read, `C0001` and `C0005` for types that cannot be compiled.
    pub fn new(request: &Request) -> Result<Self, Reports> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| {
            let message = format!("`{}` is not a method of HTTP", request.method);
            Report::new(&UNSUPPORTED_KEYWORD, message).at(request.place.clone())
        })?;
        let at = |report: Report| Reports::from(report.at(request.place.clone()));
        let parameters = Parameters::new(request).map_err(at)?;
        let body = request.body.as_ref().map(Body::new).transpose()?;
        let replies = Replies::new(request)?;
        Ok(Self { effect: effect(&method), accept: replies.accept(), method, parameters, body, replies })
    }
}

/// What a method promises (RFC 9110, section 9.2.2; QUERY: draft-ietf-httpbis-safe-method-w-body).
fn effect(method: &Method) -> Effect {
    match method.as_str() {
        "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY" => Effect::Safe,
        "PUT" | "DELETE" => Effect::Idempotent,
        _ => Effect::Acts,
    }
}

impl Exchange for HttpExchange {
    fn effect(&self) -> Effect {
        self.effect
    }

    fn takes_parts(&self) -> bool {
        true
    }

    fn request(&self, input: &Value) -> Result<Outgoing, Report> {
        let (target, mut headers) = self.parameters.write(input)?;
        if let Some(accept) = &self.accept {
            headers.entry(header::ACCEPT).or_insert_with(|| accept.clone());
        }
        let body = match &self.body {
            Some(body) => body.write(input.get("body"), &mut headers)?,
            None => Bytes::new(),
        };
        Ok(Outgoing { method: self.method.clone(), target, headers, body })
    }

    fn answer(&self, reply: &Incoming<'_>) -> Result<Answer, Report> {
        self.replies.read(reply, self.method == Method::HEAD)
    }
}
