//! Integers beyond 64 bits: kept with every digit where a contract leaves open what a value is, or says `decimal`, and refused by
//! name where it says `integer`. Nothing is rounded.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use tenon_contracts::{
    json::{Decoder, to_string},
    json_schema,
};

/// The number that comes back, or what is said of it.
fn decoded(schema: &str, number: &str) -> Result<String, String> {
    let node = tenon_document::parse("1.json", schema).unwrap();
    let shape = json_schema::read(&node).unwrap().into_only().unwrap().shape;
    let value = Decoder::new(&shape).unwrap().decode(number.as_bytes()).map_err(|report| {
        let first = report.details().first().unwrap_or(&report).clone();
        format!("{} {}", first.code().id, first.message())
    })?;
    Ok(to_string(&value))
}

const LARGE: &[&str] = &[
    "18446744073709551616",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1e30",
    "-1E+30",
    "340282366920938463463374607431768211456",
];

#[test]
fn where_nothing_says_what_a_value_is_every_digit_is_kept() {
    for schema in ["{}", r#"{"not": {"const": 7}}"#, r#"{"title": "anything"}"#] {
        for number in LARGE {
            let kept = decoded(schema, number).unwrap();
            let same = |text: &str| text.parse::<tenon_model::Decimal>().unwrap();
            assert_eq!(same(&kept), same(number), "{schema} {number}: {kept}");
        }
    }
    let open = r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#;
    let text = r#"{"id":"a","n":18446744073709551616,"m":[1e30]}"#;
    assert_eq!(decoded(open, text).as_deref(), Ok(r#"{"id":"a","n":18446744073709551616,"m":[1E30]}"#));
}

#[test]
fn an_integer_has_64_bits_and_what_has_more_is_named() {
    for schema in
        [r#"{"type": "integer"}"#, r#"{"type": "integer", "minimum": 0}"#, r#"{"type": ["integer", "null"]}"#]
    {
        for number in LARGE.iter().filter(|number| !number.starts_with('-')) {
            let told = decoded(schema, number).unwrap_err();
            assert!(told.contains("does not fit into a 64-bit integer"), "{schema} {number}: {told}");
            assert!(told.contains(number), "{schema} {number}: {told}");
        }
        for (number, kept) in [
            ("9223372036854775807", "9223372036854775807"),
            ("1e2", "100"),
            ("10.0", "10"),
            ("1.0e18", "1000000000000000000"),
        ] {
            assert_eq!(decoded(schema, number).as_deref(), Ok(kept), "{schema} {number}");
        }
        let told = decoded(schema, "9223372036854775808").unwrap_err();
        assert!(told.starts_with("D0005 9223372036854775808 is greater than the maximum"), "{told}");
    }
    let unsigned = r#"{"type": "integer", "format": "uint64"}"#;
    assert_eq!(decoded(unsigned, "18446744073709551615").as_deref(), Ok("18446744073709551615"));
    assert!(decoded(r#"{"type": "integer"}"#, "1.5").unwrap_err().starts_with("D0004"));
}

#[test]
fn a_decimal_of_whole_numbers_has_all_of_them() {
    let schema = r#"{"type": "number", "format": "decimal", "multipleOf": 1}"#;
    for number in LARGE {
        let kept = decoded(schema, number).unwrap();
        let same = |text: &str| text.parse::<tenon_model::Decimal>().unwrap();
        assert_eq!(same(&kept), same(number), "{number}: {kept}");
    }
    assert!(decoded(schema, "1.5").is_err());
}

#[test]
fn rules_about_whole_values_take_a_large_whole_number_for_an_integer() {
    for (schema, number, fits) in [
        (r#"{"not": {"type": "integer"}}"#, "1e30", false),
        (r#"{"not": {"type": "integer"}}"#, "18446744073709551616", false),
        (r#"{"not": {"type": "integer"}}"#, "1.5", true),
        (r#"{"not": {"minimum": 1e30}}"#, "1e30", false),
        (r#"{"not": {"minimum": 1e30}}"#, "999999999999999999999999999999", true),
        (r#"{"enum": [1e30]}"#, "1000000000000000000000000000000", true),
        (r#"{"const": 18446744073709551616}"#, "18446744073709551617", false),
        (r#"{"const": 18446744073709551616}"#, "18446744073709551616.0", true),
    ] {
        assert_eq!(decoded(schema, number).is_ok(), fits, "{schema} {number}: {:?}", decoded(schema, number));
    }
}
