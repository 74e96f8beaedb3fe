//! The table of the specification (OpenAPI 3.2.0, Style Examples), both ways.

use tenon_model::{Field, Shape, Value};

use super::{Form, Style, StyleDecoder, encode};
use crate::openapi::Location;

fn style(form: Form, explode: bool) -> Style {
    Style { form, explode, allow_reserved: false }
}

fn location(form: Form) -> Location {
    match form {
        Form::Matrix | Form::Label | Form::Simple => Location::Path,
        Form::Cookie => Location::Cookie,
        _ => Location::Query,
    }
}

fn colors() -> Value {
    Value::list(["blue", "black", "brown"].map(Value::from).to_vec())
}

fn color() -> Value {
    Value::record([("R", Value::Int(100)), ("G", Value::Int(200)), ("B", Value::Int(150))])
}

fn color_shape() -> Shape {
    Shape::record(["R", "G", "B"].map(|name| Field::required(name, Shape::INT)).to_vec())
}

#[test]
fn a_list_of_one_empty_text_is_not_written_as_an_empty_list() {
    let empty = Value::list(vec![Value::from("")]);
    let refused = encode("p", &empty, style(Form::Simple, true), Location::Header).unwrap_err();
    assert!(refused.message().contains("as it writes none"), "{refused}");
    assert_eq!(encode("p", &empty, style(Form::Form, true), Location::Query).unwrap(), "p=");
    let shape = Shape::list(Shape::string());
    let decoder = StyleDecoder::new("p", &shape, style(Form::Form, true), Location::Query).unwrap();
    assert_eq!(decoder.decode("p=").unwrap(), Some(empty));
}

/// Columns: nothing, a text, a list, an object; `-` where the style cannot write it.
const TABLE: &[(Form, bool, [&str; 4])] = &[
    (Form::Matrix, false, [";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"]),
    (
        Form::Matrix,
        true,
        [";color", ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"],
    ),
    (Form::Label, false, [".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"]),
    (Form::Label, true, [".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"]),
    (Form::Simple, false, ["", "blue", "blue,black,brown", "R,100,G,200,B,150"]),
    (Form::Simple, true, ["", "blue", "blue,black,brown", "R=100,G=200,B=150"]),
    (Form::Form, false, ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
    (Form::Form, true, ["color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"]),
    (
        Form::SpaceDelimited,
        false,
        ["color=", "-", "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"],
    ),
    (
        Form::PipeDelimited,
        false,
        ["color=", "-", "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"],
    ),
    (Form::DeepObject, true, ["-", "-", "-", "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"]),
    (Form::Cookie, false, ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
    (
        Form::Cookie,
        true,
        ["color=", "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"],
    ),
];

#[test]
fn values_are_written_as_the_table_of_the_specification_says() {
    for (form, explode, expected) in TABLE {
        let values = [Value::Null, Value::from("blue"), colors(), color()];
        for (value, expected) in values.iter().zip(expected) {
            let written = encode("color", value, style(*form, *explode), location(*form));
            let written = written.unwrap_or_else(|_| "-".to_owned());
            assert_eq!(written, *expected, "{form:?} {explode} {value}");
        }
    }
}

#[test]
fn what_is_written_is_read_again() {
    for (form, explode, written) in TABLE {
        let cases = [
            (Value::from("blue"), Shape::string()),
            (colors(), Shape::list(Shape::string())),
            (color(), color_shape()),
        ];
        for ((value, shape), text) in cases.iter().zip(&written[1..]) {
            if *text == "-" {
                continue;
            }
            let decoder = StyleDecoder::new("color", shape, style(*form, *explode), location(*form)).unwrap();
            assert_eq!(decoder.decode(text).unwrap().as_ref(), Some(value), "{form:?} {explode} {text}");
        }
    }
}

#[test]
fn characters_with_a_meaning_are_escaped_and_come_back() {
    let hard = Value::list(["a,b", "c&d=e", "é %2C", "a b+c", "#[x]"].map(Value::from).to_vec());
    for (form, explode, _) in TABLE {
        if matches!(form, Form::DeepObject | Form::Cookie) {
            continue;
        }
        for allow_reserved in [false, true] {
            let style = Style { allow_reserved, ..style(*form, *explode) };
            // With `allowReserved`, what looks escaped is taken for it.
            let value = match &hard {
                Value::List(items) if allow_reserved => Value::list(items[..2].to_vec()),
                value => value.clone(),
            };
            let text = encode("color", &value, style, location(*form));
            // What separates the items cannot be told from what is in them.
            if *form == Form::SpaceDelimited && !allow_reserved {
                assert_eq!(text.unwrap_err().code().id, "D0001");
                continue;
            }
            let text = text.unwrap();
            if !explode || *form != Form::Label {
                let shape = Shape::list(Shape::string());
                let decoder = StyleDecoder::new("color", &shape, style, location(*form)).unwrap();
                assert_eq!(decoder.decode(&text).unwrap(), Some(value), "{form:?} {explode} {text}");
            }
        }
    }
}

#[test]
fn a_parameter_is_found_among_others_in_a_query() {
    let decoder = |shape: &Shape, form, explode| {
        StyleDecoder::new("ids", shape, style(form, explode), Location::Query).unwrap()
    };
    let list = Shape::list(Shape::INT);
    let numbers = Value::list(vec![Value::Int(1), Value::Int(2)]);
    for (form, explode, query) in [
        (Form::Form, true, "limit=5&ids=1&x=&ids=2"),
        (Form::Form, false, "limit=5&ids=1,2"),
        (Form::SpaceDelimited, false, "ids=1+2&limit=5"),
        (Form::PipeDelimited, false, "ids=1|2"),
        (Form::TabDelimited, false, "ids=1%092"),
    ] {
        assert_eq!(decoder(&list, form, explode).decode(query).unwrap(), Some(numbers.clone()), "{query}");
    }
    assert_eq!(decoder(&list, Form::Form, true).decode("limit=5").unwrap(), None);
    let refused = decoder(&list, Form::Form, false).decode("ids=1,x").unwrap_err();
    assert_eq!(refused.data_path(), Some("/ids/1"));
}

#[test]
fn headers_and_cookies_hold_only_what_they_can() {
    let check = |value: &Value, form, location| encode("x", value, style(form, false), location).is_ok();
    assert!(check(&Value::from("a, b"), Form::Simple, Location::Header));
    assert!(!check(&Value::from("a\r\nSet-Cookie: b"), Form::Simple, Location::Header));
    assert!(!check(&Value::list(vec![Value::from("a,b")]), Form::Simple, Location::Header));
    assert!(!check(&Value::from("a;b"), Form::Cookie, Location::Cookie));
    assert!(check(&Value::from("a;b"), Form::Form, Location::Cookie));
    let nested = Value::list(vec![colors()]);
    let report = encode("x", &nested, style(Form::Form, false), Location::Query).unwrap_err();
    assert_eq!((report.code().id, report.data_path()), ("D0001", Some("/x/0")));
}
