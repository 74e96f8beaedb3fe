//! The side of whoever is asked: variables as a value, and data and errors as a reply.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tenon_errors::{
    Report,
    catalogue::data::{CONTRACT_VIOLATION, UNEXPECTED_FIELD},
};
use tenon_model::Value;

use super::{
    exchange::{ANSWER, GraphQlExchange},
    refusal,
};
use crate::{
    format::{Answering, Outgoing, Received},
    json::{self, Decoder},
};

impl Answering for GraphQlExchange {
    fn asked(&self, request: &Outgoing) -> Result<Value, Report> {
        let said = Decoder::verbatim().decode(&request.body)?;
        let nothing = Value::record::<&str>([]);
        self.input.decode_value(said.get("variables").unwrap_or(&nothing))
    }

    fn done(&self, output: &Value) -> Result<Received, Report> {
        // What the operation does not answer is refused.
        self.output.decode(json::to_string(output).as_bytes())?;
        let data = match &self.asked.only {
            Some(name) => Value::record([(name.as_str(), output.clone())]),
            None => output.clone(),
        };
        Ok(reply(&Value::record([("data", data)])))
    }

    fn refused(&self, name: &str, reason: &str, value: Option<&Value>) -> Result<Received, Report> {
        if value.is_some() || !refusal::is_name(name) {
            let detail =
                Report::new(&UNEXPECTED_FIELD, format!("`{name}` is no code, or has more beside it"));
            return Err(
                Report::new(&CONTRACT_VIOLATION, "errors have a code and a message").with_details([detail])
            );
        }
        let code = Value::record([("code", Value::from(name))]);
        let error = Value::record([("message", Value::from(reason)), ("extensions", code)]);
        Ok(reply(&Value::record([("errors", Value::list(vec![error])), ("data", Value::Null)])))
    }
}

fn reply(said: &Value) -> Received {
    let mut body = Vec::new();
    json::encode(said, &mut body);
    Received {
        status: StatusCode::OK,
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(ANSWER))]),
        body: Bytes::from(body),
        trailers: HeaderMap::new(),
    }
}
