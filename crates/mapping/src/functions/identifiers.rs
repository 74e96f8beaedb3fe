//! UUIDs.

use tenon_model::Value;
use uuid::Uuid as Id;

use super::{
    Answer,
    Form::{Text, Uuid},
    Function, Overload, Run,
    conversions::not_text,
    no_overload,
};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "uuid",
        doc: "The UUID that a text writes.",
        example: "string(uuid('6BA7B810-9DAD-11D1-80B4-00C04FD430C8')) == '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
        overloads: &[Overload::function(&[Text], Uuid), Overload::function(&[Uuid], Uuid)],
        run: Run::Data(|args, _| uuid(args)),
    },
    Function {
        name: "uuid5",
        doc: "The name-based UUID (RFC 9562 version 5) of a text in a namespace: a UUID, or `dns`, `url`, `oid`, `x500`.",
        example: "string(uuid5('dns', 'example.com')) == 'cfbff0d1-9375-5685-968c-48ce8b15ae17'",
        overloads: &[Overload::function(&[Text, Text], Uuid)],
        run: Run::Data(|args, _| uuid5(args)),
    },
];

fn uuid(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Uuid(_)] => Ok(args[0].clone()),
        [Value::String(text)] => Id::try_parse(text).map(Value::Uuid).map_err(|_| not_text("a UUID", text)),
        _ => no_overload(),
    }
}

fn uuid5(args: &[Value]) -> Answer<Value> {
    let [Value::String(namespace), Value::String(name)] = args else { return no_overload() };
    let space = match namespace.as_str() {
        "dns" => Id::NAMESPACE_DNS,
        "url" => Id::NAMESPACE_URL,
        "oid" => Id::NAMESPACE_OID,
        "x500" => Id::NAMESPACE_X500,
        other => {
            Id::try_parse(other).map_err(|_| not_text("a UUID, `dns`, `url`, `oid` or `x500`", namespace))?
        }
    };
    Ok(Value::Uuid(Id::new_v5(&space, name.as_bytes())))
}
