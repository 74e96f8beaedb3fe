//! The `encoders` extension: Base64.

use std::sync::Arc;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig},
    },
};
use tenon_model::Value;

use super::{
    Answer,
    Form::{Bytes, Text},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Context, Failure};

/// Writes padding and reads with or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) const ALL: &[Function] = &[
    Function {
        name: "base64.encode",
        doc: "Bytes as Base64 text (RFC 4648).",
        example: "base64.encode(b'hello') == 'aGVsbG8='",
        overloads: &[Overload::function(&[Bytes], Text)],
        run: Run::Data(encode),
    },
    Function {
        name: "base64.decode",
        doc: "The bytes of a Base64 text (RFC 4648), with or without padding.",
        example: "base64.decode('aGVsbG8') == b'hello'",
        overloads: &[Overload::function(&[Text], Bytes)],
        run: Run::Data(decode),
    },
];

fn encode(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::Bytes(bytes)] = args else { return no_overload() };
    context.budget.spend_bytes(bytes.len() * 2)?;
    Ok(Value::from(BASE64.encode(bytes)))
}

fn decode(args: &[Value], context: &mut Context) -> Answer<Value> {
    let [Value::String(text)] = args else { return no_overload() };
    context.budget.spend_bytes(text.len())?;
    let bytes = BASE64.decode(text.as_bytes());
    bytes
        .map(|bytes| Value::Bytes(Arc::from(bytes)))
        .map_err(|error| Failure::because(format!("the text is not Base64: {error}")))
}
