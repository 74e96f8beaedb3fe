//! Exchanges as operations: what is put in, and what comes out.

use std::sync::Arc;

use tenon_model::{Field, Kind, Shape, Str, Value, shape::Union};

use super::model::{Action, Channel, Description, Exchange, Message};
use crate::format::{Operation, Schema};

impl Description {
    /// What every format says: the types, and the operations.
    #[must_use]
    pub fn into_schema(self) -> Schema {
        let operations = self.operations.iter().map(|exchange| self.operation(exchange)).collect();
        Schema { types: self.types, operations, notes: self.notes, codecs: None, ..Schema::default() }
    }

    fn operation(&self, exchange: &Exchange) -> Operation {
        let channel = &self.channels[exchange.channel];
        let messages = any_of(&exchange.messages, channel);
        let reply = match &exchange.reply {
            Some(reply) if !reply.messages.is_empty() => {
                let through = reply.channel.map_or(channel, |position| &self.channels[position]);
                any_of(&reply.messages, through)
            }
            _ => nothing(),
        };
        let (input, output) = match exchange.action {
            Action::Receive => (messages, reply),
            Action::Send => (reply, messages),
        };
        let address = channel.address.as_ref().unwrap_or(&channel.name);
        Operation {
            name: exchange.name.clone(),
            address: Str::from(format!("{} {address}", exchange.action.name())),
            doc: exchange.summary.clone().or_else(|| exchange.doc.clone()),
            deprecated: !exchange.messages.is_empty()
                && exchange.messages.iter().all(|message| message.deprecated),
            input,
            output,
            errors: Vec::new(),
            streams_input: false,
            streams_output: false,
            place: exchange.place.clone(),
        }
    }
}

fn nothing() -> Shape {
    Shape::of(Kind::Enum(Arc::from([Value::Null])))
}

/// Up to this many messages, equal ones are found by comparing each with each.
const MAX_COMPARED: usize = 32;

fn any_of(messages: &[Message], channel: &Channel) -> Shape {
    let mut variants: Vec<(Str, Shape)> = Vec::new();
    for message in messages {
        let shape = record(message, channel);
        if messages.len() > MAX_COMPARED || !variants.iter().any(|(_, known)| *known == shape) {
            variants.push((message.name.clone(), shape));
        }
    }
    match variants.len() {
        0 => nothing(),
        1 => variants.remove(0).1,
        _ => Shape::of(Kind::Union(Arc::new(Union { tag: None, variants }))),
    }
}

fn record(message: &Message, channel: &Channel) -> Shape {
    let mut fields = Vec::new();
    if !channel.parameters.is_empty() {
        let parameter = |it: &super::model::Parameter| Field {
            required: it.default.is_none(),
            default: it.default.clone().map(Value::String),
            doc: it.doc.clone(),
            ..Field::required(it.name.clone(), it.shape.clone())
        };
        let parameters = Shape::record(channel.parameters.iter().map(parameter).collect());
        let required = channel.parameters.iter().any(|it| it.default.is_none());
        fields.push(Field { required, ..Field::required("parameters", parameters) });
    }
    if let Some(headers) = &message.headers {
        fields.push(Field::required("headers", headers.clone()));
    }
    fields.push(Field::required("payload", message.payload.clone()));
    Shape::record(fields)
}
