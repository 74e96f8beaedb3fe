//! UUIDs.

use tenon_model::Value;
use uuid::{Builder, Uuid as Id};

use super::{
    Answer,
    Form::{Text, Timestamp, Uuid},
    Function, Overload, Run,
    conversions::not_text,
    no_overload,
};
use crate::evaluate::Failure;

pub(super) const ALL: &[Function] = &[
    Function {
        name: "uuid",
        doc: "The UUID that a text writes; without one, a UUID for this message that stays the same when the message is processed again, and another for each call.",
        example: "string(uuid('6BA7B810-9DAD-11D1-80B4-00C04FD430C8')) == '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
        overloads: &[
            Overload::function(&[Text], Uuid),
            Overload::function(&[Uuid], Uuid),
            Overload::function(&[], Uuid),
        ],
        run: Run::Data(|args, _| uuid(args)),
    },
    Function {
        name: "uuid7",
        doc: "Like `uuid()`, but later ones sort after earlier ones (RFC 9562 version 7): by the time of the message, or by a timestamp.",
        example: "uuid7() != uuid7() && string(uuid7(timestamp('2013-01-01T00:00:00Z'))).startsWith('013bf368-5800-7')",
        overloads: &[Overload::function(&[], Uuid), Overload::function(&[Timestamp], Uuid)],
        run: Run::Draw,
    },
    Function {
        name: "uuid5",
        doc: "The name-based UUID (RFC 9562 version 5) of a text in a namespace: a UUID, or `dns`, `url`, `oid`, `x500`.",
        example: "string(uuid5('dns', 'example.com')) == 'cfbff0d1-9375-5685-968c-48ce8b15ae17'",
        overloads: &[Overload::function(&[Text, Text], Uuid)],
        run: Run::Data(|args, _| uuid5(args)),
    },
];

/// Which kind of id is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Draw {
    /// Of version 4.
    Plain,
    /// Of version 7.
    Ordered,
}

/// The id that is drawn for `name`, which tells the message, the place and the call. It is derived and not random, so that a
/// message that is processed again gets the same; whoever knows what it is derived from can tell it, so it is no secret.
pub(crate) fn drawn(draw: Draw, name: &str, nanosecond: i128) -> Answer<Id> {
    let hash = Id::new_v5(&Id::NAMESPACE_OID, name.as_bytes());
    let bytes = hash.as_bytes();
    match draw {
        Draw::Plain => Ok(Builder::from_random_bytes(*bytes).into_uuid()),
        Draw::Ordered => {
            let mut random = [0; 10];
            // Byte 6 and byte 8 hold the version and the variant of the hash.
            let free = bytes.iter().enumerate().filter(|(at, _)| !matches!(at, 6 | 8));
            random.iter_mut().zip(free).for_each(|(to, (_, from))| *to = *from);
            let millis = u64::try_from(nanosecond.div_euclid(1_000_000)).map_err(|_| {
                Failure::because(
                    "a UUID of version 7 has the milliseconds since 1970, and the time is before",
                )
            })?;
            Ok(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
        }
    }
}

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

#[cfg(test)]
mod tests {
    use tenon_model::Value;

    use crate::{Expression, Frame, Inline, Scope};

    #[test]
    fn an_id_is_that_of_the_message_the_place_and_the_call() {
        let draw = |place: &str, text: &str, id: &str, now: i64| {
            let expression = Expression::compile(text, &Inline::new(place, text), &Scope::new()).unwrap();
            let now = jiff::Timestamp::from_second(now).unwrap();
            let at = jiff::Timestamp::from_second(5).unwrap();
            expression.evaluate(&Frame::new(Vec::new(), now).of("flow".into(), id.into(), at)).unwrap()
        };
        for text in ["uuid()", "uuid7()"] {
            let first = draw("a.yaml", text, "m1", 1);
            assert_eq!(draw("a.yaml", text, "m1", 9), first, "later");
            assert_ne!(draw("a.yaml", text, "m2", 1), first, "another message");
            assert_ne!(draw("b.yaml", text, "m1", 1), first, "another place");
        }
        let many = "lists.range(100).map(i, uuid()).distinct().size()";
        assert_eq!(draw("a.yaml", many, "m1", 1), Some(Value::Int(100)));
        let part = |part| {
            let expression =
                Expression::compile("uuid()", &Inline::new("a", "uuid()"), &Scope::new()).unwrap();
            expression.evaluate(&Frame::new(Vec::new(), jiff::Timestamp::UNIX_EPOCH).part(part)).unwrap()
        };
        assert_ne!(part(1), part(2));
    }
}
