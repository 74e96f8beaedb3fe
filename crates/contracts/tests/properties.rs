//! What holds for every shape, value and text: nothing panics, what is written is read again, and the decoder, the
//! validator and an independent reader of JSON agree.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod generated;

use generated::{shape, value};
use proptest::{collection::vec, prelude::*};
use tenon_contracts::{
    json::{self, Decoder, Limits},
    json_schema,
    sample::{Samples, Sort},
    text::{RowDecoder, RowRules, scalar},
    validate::Validator,
};
use tenon_document::parse;
use tenon_errors::Report;
use tenon_model::{Field, Shape, Value};

/// Text that is often JSON, or nearly.
fn json_like() -> impl Strategy<Value = String> {
    let whole = value().prop_map(|value| json::to_string(&value)).boxed();
    let token = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\"a\""),
        Just("\"b\""),
        Just("1"),
        Just("-0.5e3"),
        Just("null"),
        Just("true"),
        Just("\"\\u00e9\""),
        Just("\"\\ud83d\\ude00\""),
        Just(" "),
        Just("\""),
        Just("\\"),
        Just("1e"),
        Just("\t"),
    ];
    let cut = (whole.clone(), any::<proptest::sample::Index>(), "\\PC?").prop_map(|(text, at, letter)| {
        let letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len() + 1);
        letters[..at]
            .iter()
            .copied()
            .chain(letter.chars())
            .chain(letters.get(at + 1..).unwrap_or_default().iter().copied())
            .collect()
    });
    prop_oneof![whole, cut, vec(token, 0..12).prop_map(|tokens| tokens.concat())]
}

/// Equality up to the last bit of doubles, which the other reader rounds more coarsely.
fn is_about(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            // A number beyond the doubles has none.
            match (a.as_f64(), b.as_f64()) {
                (Some(a), Some(b)) => (a - b).abs() <= a.abs() * 1e-15,
                (a, b) => a == b,
            }
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_about(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && is_about(a, b))
        }
        (a, b) => a == b,
    }
}

/// What a decoder makes of data, or says of it; fields and digits as they are written.
fn told(decoded: Result<Value, Report>) -> Result<(Value, String), String> {
    decoded.map(|value| (value.clone(), json::to_string(&value))).map_err(|report| format!("{report:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_value_is_read_by_a_contract_as_what_it_is_written_as(
        shape in prop_oneof![shape(), generated::contract::contract()], values in vec(value(), 1..4), seed in any::<u64>(),
    ) {
        let limits = Limits { depth: 5, ..Limits::default() };
        let whole = Decoder::new(&shape).unwrap();
        let part = Decoder::of_judged_part(&shape, &[vec!["a".into()], vec!["inner".into(), "id".into()]]).unwrap();
        let samples = [Sort::Valid, Sort::Boundary, Sort::Invalid].into_iter().flat_map(|sort| {
            Samples::new(&shape, sort, seed).take(3).map(|sample| sample.value.to_string())
        });
        let verbatim = samples.filter_map(|text| Decoder::verbatim().decode(text.as_bytes()).ok());
        let values: Vec<Value> = values.into_iter().chain(verbatim).collect();
        for decoder in [whole.clone(), part, whole.clone().with_limits(limits), Decoder::open(), Decoder::verbatim()] {
            for value in &values {
                let text = json::to_string(value);
                prop_assert_eq!(told(decoder.decode_value(value)), told(decoder.decode(text.as_bytes())), "{}", text);
            }
        }
        // As it was decoded it follows the contract still, defaults and all.
        for value in values.iter().filter_map(|value| whole.decode_value(value).ok()) {
            prop_assert_eq!(told(whole.decode_value(&value)), told(whole.decode(json::to_string(&value).as_bytes())));
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(shape in shape(), bytes in vec(any::<u8>(), 0..60), text in json_like()) {
        let decoder = Decoder::new(&shape).unwrap();
        let _ = (decoder.decode(&bytes), decoder.decode(text.as_bytes()));
        let _ = scalar(&text, &shape);
    }

    #[test]
    fn no_cells_make_a_row_decoder_panic(cells in vec(vec(any::<u8>(), 0..9), 0..5), digits in "[-+0-9.eE]{0,12}") {
        let shape = Shape::record(vec![
            Field::optional("a", Shape::INT), Field::optional("b", Shape::FLOAT), Field::optional("c", Shape::TIMESTAMP),
            Field::optional("d", Shape::DECIMAL),
        ]);
        let decoder = RowDecoder::new(&shape, &["a", "b", "c", "d"], &RowRules { absent: vec!["NA".into()], ..RowRules::default() }).unwrap();
        let _ = decoder.decode(cells.iter().map(Vec::as_slice));
        let _ = decoder.decode([digits.as_bytes(); 4].into_iter());
    }

    #[test]
    fn what_is_decoded_is_valid_and_comes_back(shape in shape(), text in json_like(), value in value()) {
        let decoder = Decoder::new(&shape).unwrap();
        for text in [text, json::to_string(&value)] {
            if let Ok(value) = decoder.decode(text.as_bytes()) {
                let checked = Validator::new(&shape).unwrap().check(&value);
                prop_assert!(checked.is_ok(), "{} decoded from {text} is refused: {checked:?}", value);
                let written = json::to_string(&value);
                prop_assert_eq!(decoder.decode(written.as_bytes()), Ok(value), "{}", written);
            }
        }
    }

    #[test]
    fn what_is_valid_is_decoded_from_its_json(shape in shape(), value in value()) {
        if Validator::new(&shape).unwrap().check(&value).is_ok() {
            let written = json::to_string(&value);
            let decoded = Decoder::new(&shape).unwrap().decode(written.as_bytes());
            prop_assert!(decoded.is_ok(), "{written} as {}: {decoded:?}", shape.name());
        }
    }

    #[test]
    fn open_json_is_what_an_independent_reader_takes_for_json(text in json_like()) {
        let ours = Decoder::open().decode(text.as_bytes());
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match (&ours, &theirs) {
            (Ok(value), Ok(other)) => {
                let again: serde_json::Value = serde_json::from_str(&json::to_string(value)).unwrap();
                prop_assert!(is_about(&again, other), "{} {}", again, other);
            }
            // Stricter on purpose: fields that appear twice, and numbers whose exponent no decimal has. More lossless on
            // purpose: numbers beyond the doubles.
            (Err(report), Ok(_)) => prop_assert!(["D0102", "D0106"].contains(&report.code().id), "{text}: {report}"),
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("out of range"), "{text:?}: {error}"),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn a_written_schema_accepts_what_its_shape_accepts(shape in shape(), value in value(), text in json_like()) {
        let written = json_schema::write(&shape).to_string();
        // A schema may say what the reader refuses: an enumeration beside a range that nothing fits.
        let Ok(again) = json_schema::read(&parse("a.json", &written).unwrap()) else { return Ok(()) };
        let again = again.into_only().unwrap();

        let (one, other) = (Decoder::new(&shape).unwrap(), Decoder::new(&again.shape).unwrap());
        for text in [json::to_string(&value), text] {
            let (a, b) = (one.decode(text.as_bytes()), other.decode(text.as_bytes()));
            prop_assert_eq!(a.is_ok(), b.is_ok(), "{} by {}: {:?} {:?}", text, written, a, b);
        }
    }

    #[test]
    fn no_text_makes_the_schema_reader_panic(text in json_like()) {
        if let Ok(node) = parse("a.json", &text) {
            let _ = json_schema::read(&node);
        }
    }

    #[test]
    fn no_keywords_make_the_schema_reader_panic(
        entries in proptest::sample::subsequence(json_schema::keywords::ALL.to_vec(), 0..6),
        values in vec(prop_oneof![
            Just("1".to_owned()), Just("-0.5".to_owned()), Just("1e999999999".to_owned()), Just("\"string\"".to_owned()), Just("\"#\"".to_owned()),
            Just("[\"object\",\"null\"]".to_owned()), Just("[{}, {\"$ref\":\"#\"}]".to_owned()), Just("{\"a\":{\"$ref\":\"#/$defs/a\"}}".to_owned()),
            json_like(),
        ], 6),
    ) {
        let fields: Vec<String> =
            entries.iter().zip(values).map(|(keyword, value)| format!("\"{}\":{value}", keyword.name)).collect();
        if let Ok(node) = parse("a.json", &format!("{{{}}}", fields.join(","))) {
            let _ = json_schema::read(&node);
        }
    }
}
