//! What a contract is written as says what the contract says, or the losses name where it does not: over types that are made up, in
//! every format and each of its forms. Held are what may be written as JSON, of which kinds values are, what is said of fields, and what
//! comes back of values in the encoding of the format.
//! `WRITTEN_TYPES=10000` is the long form.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod gaps;
#[path = "../generated/mod.rs"]
mod generated;
mod targets;
mod told;

use proptest::prelude::*;
use tenon_model::Shape;

use self::targets::{TARGETS, Target};

/// How many types for each format.
fn cases() -> ProptestConfig {
    let wanted = std::env::var("WRITTEN_TYPES").ok().and_then(|count| count.parse().ok());
    ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(wanted.unwrap_or(100)) }
}

fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap()
}

fn check(name: &str, shape: &Shape) -> Result<(), TestCaseError> {
    let target = target(name);
    // What the format has nothing for is refused with a report.
    let Ok(written) = (target.write)("everything", shape) else { return Ok(()) };
    let text = &written.text;
    let read = target.read(text);
    prop_assert!(read.is_ok(), "{name} is not read: {:?}\n{text}", read.err());
    let read = read.unwrap();
    let at = read.position_of("everything");
    prop_assert!(at.is_ok(), "{name} has no such type: {at:?}\n{text}");
    let at = at.unwrap();
    let back = &read.types[at].shape;
    let codec = read.codecs.as_ref().and_then(|codecs| codecs.codec(at).unwrap());
    let is_told = |gap: &gaps::Gap| told::is_told(&written.losses, gap, shape, back);
    for gap in gaps::untold(shape, back, text, codec.as_deref(), &is_told) {
        prop_assert!(false, "{name} is silent of {gap}\n{text}\n{:#?}", written.losses);
    }
    Ok(())
}

macro_rules! say_what_is_lost {
    ($($test:ident: $name:literal,)*) => {
        proptest! {
            #![proptest_config(cases())]
            $(
                #[test]
                fn $test(shape in generated::contract::contract()) { check($name, &shape)?; }
            )*
        }

        #[test]
        fn every_form_of_every_format_is_held_to_it() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

say_what_is_lost! {
    openapi_says_what_is_lost: "OpenAPI",
    asyncapi_says_what_is_lost: "AsyncAPI",
    json_schema_says_what_is_lost: "JSON Schema",
    avro_says_what_is_lost: "Avro",
    protobuf_says_what_is_lost: "Protobuf",
    xml_schema_says_what_is_lost: "XML Schema",
    graphql_says_what_is_lost: "GraphQL",
    inputs_of_graphql_say_what_is_lost: "GraphQL inputs",
    postgresql_says_what_is_lost: "PostgreSQL",
    mysql_says_what_is_lost: "MySQL",
    sqlite_says_what_is_lost: "SQLite",
}
