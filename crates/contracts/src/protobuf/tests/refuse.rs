//! What is refused, and where.

use proptest::prelude::*;

use super::read_with;

/// The problems of `text`: where, and a part of the message.
fn check(text: &str, expected: &[(&str, &str)]) {
    let reports = read_with(text, &[]).err().unwrap_or_default();
    let found: Vec<_> = reports
        .iter()
        .map(|report| {
            let place =
                report.places().first().map(|it| format!("{}:{}", it.line, it.column)).unwrap_or_default();
            (place, report.message().to_owned())
        })
        .collect();
    assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
    for ((place, message), (expected_place, part)) in found.iter().zip(expected) {
        assert_eq!(place, expected_place, "{text}: {message}");
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn every_problem_is_named_at_its_place() {
    check(
        "syntax = \"proto3\";\nmessage A {\n  string a = 1;\n  string b = 1;\n  Missing c = 2;\n  required int32 d = 3;\n}",
        &[("4:14", "has the number 1"), ("5:3", "no `Missing`"), ("6:3", "no required fields")],
    );
    check(
        "syntax = \"proto3\";\nmessage A {\n  string a 1;\n  string b = ;\n}\nnonsense",
        &[("3:12", "expected `=`"), ("4:14", "expected an integer"), ("6:1", "expected `message`")],
    );
}

#[test]
fn the_rules_of_protobuf_hold() {
    let proto3 = |body: &str| format!("syntax = \"proto3\";\n{body}");
    for (body, place, part) in [
        ("message A { int32 a = 0; }", "2:23", "no number 0"),
        ("message A { int32 a = 19500; }", "2:23", "kept for Protobuf"),
        ("message A { reserved 2; int32 a = 2; }", "2:35", "reserved"),
        ("message A { reserved \"a\"; int32 a = 2; }", "2:33", "reserved"),
        ("message A { reserved 1 to 5, 4; }", "2:30", "two ranges"),
        ("message A { int32 a_b = 1; int32 aB = 2; }", "2:34", "in JSON"),
        ("message A { map<float, int32> a = 1; }", "2:17", "keys"),
        ("message A { int32 a = 1 [default = 3]; }", "2:26", "default"),
        ("message A { int32 a = 1 [nonsense = 3]; }", "2:26", "no option"),
        ("message A { oneof o { repeated int32 a = 1; } }", "2:23", "no label"),
        ("message A { oneof o { } }", "2:19", "no fields"),
        ("message A {} message A {}", "2:22", "defined twice"),
        ("enum E { A = 1; }", "2:14", "number 0"),
        ("enum E { A = 0; B = 0; }", "2:21", "which `A` has"),
        ("enum E { A = 0; } enum F { A = 0; }", "2:28", "defined twice"),
        ("enum E { }", "2:6", "no members"),
        ("import \"none.proto\";", "2:8", "no file"),
        ("message A { string a = 1 [json_name = \"\\uZZZZ\"]; }", "2:40", "no character"),
        ("/* no end", "2:1", "no `*/`"),
        ("message A { extensions 4 to max; }", "2:24", "proto3 leaves no numbers to extensions"),
        ("message A {} extend A { int32 x = 3; }", "2:31", "proto3 extends the options of Protobuf alone"),
    ] {
        check(&proto3(body), &[(place, part)]);
    }
    check("edition = \"2023\"; message A { optional int32 a = 1; }", &[("1:31", "no label `optional`")]);
    check(
        "message A { extensions 4 to max; }\nextend A { optional int32 x = 3; }",
        &[("2:31", "leaves no number 3 to extensions")],
    );
    check("edition = \"2031\";", &[("1:11", "not known")]);
    check("message A { int32 a = 1; }", &[("1:19", "no label")]);
    check("message A { option message_set_wire_format = true; extensions 4; }", &[("1:20", "message sets")]);
    check("import \"1.proto\";", &[("1:1", "imports itself")]);
}

#[test]
fn depth_is_bounded() {
    for text in
        ["message A {".repeat(100_000), format!("option x = {}", "{a".repeat(100_000)), "/*".repeat(100_000)]
    {
        assert!(read_with(&text, &[]).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(syntax = \"proto3\";)?(message|enum|oneof|map<|A|\\{|\\}|=|1|;| |option|\\(|\\)|\\[|\\]|\"|extend|group|repeated|,|\\.|-){0,40}") {
        let _ = read_with(&text, &[]);
    }
}

#[test]
fn options_of_protobuf_have_values_of_their_kind() {
    let field = |options: &str| format!("syntax = \"proto3\";\nmessage A {{ int64 a = 1 [{options}]; }}");
    check(&field("deprecated = yes"), &[("2:39", "has to be one of true, false")]);
    check(&field("deprecated = 1"), &[("2:39", "has to be one of true, false")]);
    check(&field("jstype = JS_TEXT"), &[("2:35", "has to be one of JS_NORMAL")]);
    check("syntax = \"proto3\";\noption go_package = a;\nmessage A {}", &[("2:21", "has to be a text")]);
    check(&field("deprecated = true, jstype = JS_STRING"), &[]);
}
