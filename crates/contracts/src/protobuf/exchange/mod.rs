//! Methods of services as they are asked for by gRPC over HTTP/2
//! ([the protocol](https://grpc.github.io/grpc/core/md_doc__p_r_o_t_o_c_o_l-_h_t_t_p2.html)), and what replies to them mean.
//!
//! A method is asked for by one message, and answers one, or many: the many are read whole, as a list. `reply` and `refusal` are the side
//! of whoever asks, `answering` that of whoever is asked; `frame` finds messages in bodies, `ending` says how a call ended, and `details`
//! what is said of a failure beside its code.

mod answering;
mod code;
mod details;
mod ending;
mod frame;
mod refusal;
mod reply;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method as Verb, header};
use tenon_errors::{Report, Reports, catalogue::contract::UNSUPPORTED_KEYWORD};
use tenon_model::Value;

pub use self::answering::refused_with;
use self::ending::Ending;
use super::{Definitions, codec::Binary, definitions::Method};
use crate::format::{
    Answer, Answering, Codec, Effect, Exchange, Exchanges, Incoming, Outgoing, RefusesBy, Standing,
};

const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const ACCEPT_ENCODING: HeaderName = HeaderName::from_static("grpc-accept-encoding");
const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/grpc+proto");

/// One method of a service, which takes one message.
#[derive(Debug)]
pub struct GrpcExchange {
    definitions: Arc<Definitions>,
    /// `/shop.v1.Stock/GetStock`.
    path: String,
    effect: Effect,
    input: Binary,
    output: Binary,
    /// Whether it answers many messages.
    is_many: bool,
}

impl GrpcExchange {
    /// The exchange of the method at `position` of the service at `service` of `definitions`; `None` where there is none.
    ///
    /// # Errors
    /// `C0002` for a method that takes a stream.
    pub fn new(
        definitions: &Arc<Definitions>,
        service: usize,
        position: usize,
    ) -> Result<Option<Self>, Report> {
        let Some(service) = definitions.services.get(service) else { return Ok(None) };
        let Some(method) = service.methods.get(position) else { return Ok(None) };
        if let Some(report) = uncallable(method) {
            return Err(report);
        }
        let codec = |message: usize| Binary::new(definitions, &definitions.messages[message].name);
        let Some((input, output)) = codec(method.input).zip(codec(method.output)) else { return Ok(None) };
        Ok(Some(Self {
            definitions: Arc::clone(definitions),
            path: format!("/{}/{}", service.name, method.name),
            effect: method.effect,
            input,
            output,
            is_many: method.is_server_streaming,
        }))
    }
}

/// Why a method cannot be called, where it cannot.
#[must_use]
pub fn uncallable(method: &Method) -> Option<Report> {
    method.is_client_streaming.then(|| {
        let message = format!("the method `{}` takes a stream of messages, and calls send one", method.name);
        let report = Report::new(&UNSUPPORTED_KEYWORD, message).at(method.place.clone());
        report.hint("call another method, which takes one message")
    })
}

impl Exchange for GrpcExchange {
    fn effect(&self) -> Effect {
        self.effect
    }

    fn request(&self, input: &Value) -> Result<Outgoing, Report> {
        let mut body = Vec::new();
        frame::write(&mut body, |out| self.input.encode(input, out))?;
        let headers =
            [(header::CONTENT_TYPE, CONTENT_TYPE), (ACCEPT_ENCODING, HeaderValue::from_static("gzip"))];
        Ok(Outgoing {
            method: Verb::POST,
            target: self.path.clone(),
            headers: HeaderMap::from_iter(headers),
            body: Bytes::from(body),
        })
    }

    fn answer(&self, reply: &Incoming<'_>) -> Result<Answer, Report> {
        reply::answer(self, reply)
    }

    fn standing(&self, reply: &Incoming<'_>) -> Option<Standing> {
        let ending = Ending::of(reply);
        let delay = match &ending {
            Ending::Failed(_, fields) => refusal::delay(fields, &self.definitions),
            _ => None,
        };
        ending.standing(reply, delay)
    }

    /// `grpc-timeout`: at most eight digits, and a unit.
    fn deadline(&self, left: Duration) -> Option<(HeaderName, HeaderValue)> {
        const MOST: u128 = 99_999_999;
        let text = match left.as_millis() {
            millis @ ..=MOST => format!("{}m", millis.max(1)),
            _ => format!("{}S", u128::from(left.as_secs()).min(MOST)),
        };
        Some((TIMEOUT, HeaderValue::try_from(text).ok()?))
    }

    fn reads_trailers(&self) -> bool {
        true
    }

    fn may_refuse_as(&self, name: &str) -> bool {
        code::Code::of_name(name).is_some()
    }

    fn refuses_by(&self) -> RefusesBy {
        RefusesBy { kinds: "a status of gRPC (`NOT_FOUND`)", names: &code::NAMES }
    }

    fn answering(&self) -> Option<&dyn Answering> {
        Some(self)
    }
}

/// Makes the exchanges of methods, each by the positions of its service and in it.
#[derive(Debug)]
pub struct GrpcExchanges {
    definitions: Arc<Definitions>,
    of: Vec<(usize, usize)>,
}

impl GrpcExchanges {
    /// Those of all methods of all services, in their order.
    #[must_use]
    pub fn of_all(definitions: &Arc<Definitions>) -> Self {
        let services = definitions.services.iter().enumerate();
        let of =
            services.flat_map(|(at, service)| (0..service.methods.len()).map(move |method| (at, method)));
        Self { of: of.collect(), definitions: Arc::clone(definitions) }
    }

    /// Those of some methods, each by the positions of its service and in it.
    #[must_use]
    pub fn of(definitions: &Arc<Definitions>, methods: Vec<(usize, usize)>) -> Self {
        Self { of: methods, definitions: Arc::clone(definitions) }
    }
}

impl Exchanges for GrpcExchanges {
    fn exchange(&self, position: usize) -> Result<Option<Arc<dyn Exchange>>, Reports> {
        let Some((service, method)) = self.of.get(position).copied() else { return Ok(None) };
        let exchange = GrpcExchange::new(&self.definitions, service, method)?;
        Ok(exchange.map(|exchange| Arc::new(exchange) as Arc<dyn Exchange>))
    }
}
