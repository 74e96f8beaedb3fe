//! How an operation is asked for over HTTP ([GraphQL over HTTP](https://graphql.github.io/graphql-over-http/draft/)), and what the reply
//! means.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use tenon_errors::{Report, catalogue::system::UNEXPECTED_REPLY};
use tenon_model::{Shape, Str, Value};

use super::refusal;
use crate::{
    format::{Answer, Answering, Effect, Exchange, Incoming, Outgoing, Refusal, RefusesBy, beginning},
    json::{self, Decoder},
};

/// The media type of answers; services from before it say JSON.
pub(super) const ANSWER: &str = "application/graphql-response+json";
const ACCEPT: HeaderValue =
    HeaderValue::from_static("application/graphql-response+json, application/json;q=0.9");
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An operation as it is sent.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) name: Str,
    /// The operation in GraphQL, with the fragments that it is made of.
    pub(super) query: Str,
    /// Whether it only reads.
    pub(super) is_query: bool,
    /// The field that is the answer; all of them without it.
    pub(super) only: Option<Str>,
}

/// One operation.
#[derive(Debug)]
pub struct GraphQlExchange {
    pub(super) asked: Asked,
    pub(super) input: Decoder,
    pub(super) output: Decoder,
}

impl GraphQlExchange {
    pub(super) fn new(asked: Asked, input: &Shape, output: &Shape) -> Result<Self, Report> {
        Ok(Self { asked, input: Decoder::new(input)?, output: Decoder::new(output)? })
    }

    /// What `data` answers.
    fn answered(&self, data: &Value) -> Result<Value, Report> {
        let null = Value::Null;
        let said = match &self.asked.only {
            Some(name) => data.get(name).unwrap_or(&null),
            None => data,
        };
        self.output.decode_value(said).map_err(|report| {
            let message = "the answer does not follow the schema of the service";
            let details = match report.details() {
                [] => vec![report.clone()],
                details => details.to_vec(),
            };
            Report::new(&UNEXPECTED_REPLY, message).with_details(details)
        })
    }
}

impl Exchange for GraphQlExchange {
    fn effect(&self) -> Effect {
        if self.asked.is_query { Effect::Safe } else { Effect::Acts }
    }

    fn request(&self, input: &Value) -> Result<Outgoing, Report> {
        let fields = [
            ("query", Value::String(self.asked.query.clone())),
            ("operationName", Value::String(self.asked.name.clone())),
            ("variables", input.clone()),
        ];
        let mut body = Vec::new();
        json::encode(&Value::record(fields), &mut body);
        // The address of the service is all that a call is sent to.
        Ok(Outgoing {
            method: Method::POST,
            target: String::new(),
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, JSON), (header::ACCEPT, ACCEPT)]),
            body: Bytes::from(body),
        })
    }

    fn answer(&self, reply: &Incoming<'_>) -> Result<Answer, Report> {
        let media_type = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let is_answer = essence.eq_ignore_ascii_case(ANSWER);
        // With plain JSON, a failure may as well be one on the way.
        if !reply.status.is_success() && !is_answer {
            return Ok(Answer::Failed(Refusal::by_status(reply, None, None)));
        }
        let odd = |message: &str| {
            Err(Report::new(&UNEXPECTED_REPLY, message.to_owned()).because(beginning(reply.body)))
        };
        if !is_answer && !essence.eq_ignore_ascii_case("application/json") {
            return odd(&format!("the reply is `{essence}`, and one in JSON is expected"));
        }
        let Ok(said) = Decoder::verbatim().decode(reply.body) else {
            return odd("the reply is not JSON");
        };
        let data = said.get("data").filter(|data| !data.is_null());
        match (said.get("errors").and_then(Value::as_list), data) {
            (Some([first, rest @ ..]), _) => {
                Ok(Answer::Failed(refusal::of(first, rest, &said, !self.asked.is_query)))
            }
            (_, Some(data)) => self.answered(data).map(Answer::Done),
            (_, None) => odd("the reply has neither data nor errors"),
        }
    }

    fn may_refuse_as(&self, name: &str) -> bool {
        crate::format::is_of_statuses(name) || refusal::is_name(name)
    }

    fn refuses_by(&self) -> RefusesBy {
        RefusesBy {
            kinds: "a code of the service (`NOT_FOUND`), `errors`, a status (`404`), a range (`4XX`)",
            names: &[],
        }
    }

    fn answering(&self) -> Option<&dyn Answering> {
        Some(self)
    }
}
