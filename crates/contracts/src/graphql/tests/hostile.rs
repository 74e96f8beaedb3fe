//! No input panics, and large ones are refused at once.

use proptest::prelude::*;

use super::try_read;

#[track_caller]
fn refused(text: &str, part: &str) {
    let reports = try_read(text).unwrap_err();
    assert!(reports.iter().any(|it| it.message().contains(part)), "{:?}", reports.iter().next());
}

#[test]
fn deep_and_large_files_are_refused() {
    let deep = 100_000;
    refused(&format!("type A {{ a: {}", "[".repeat(deep)), "nested more than");
    refused(&format!("input A {{ a: X = {}", "[".repeat(deep)), "nested more than");
    refused(&format!("input A {{ a: X = {}", "{a:".repeat(deep)), "nested more than");
    refused(&"{".repeat(deep), "not part of a schema");
    refused(&" ".repeat(50 << 20), "bytes, and");
    refused(&format!("\"{}", "a".repeat(1 << 20)), "has no end");
}

#[test]
fn of_many_problems_only_some_are_told() {
    let many: String = (0..50_000).map(|at| format!("type A{at} implements B {{ a: C }}\n")).collect();
    assert_eq!(try_read(&many).unwrap_err().len(), 100);
    assert_eq!(try_read(&"type A { a: Int }\n".repeat(50_000)).unwrap_err().len(), 100);
    assert_eq!(try_read(&"type ?\n".repeat(50_000)).unwrap_err().len(), 100);
}

#[test]
fn long_chains_are_followed_without_a_stack() {
    let inputs: String = (0..50_000).map(|at| format!("input A{at} {{ a: A{}! }}\n", at + 1)).collect();
    refused(&(inputs.clone() + "input A50000 { a: A0! }"), "can never end");
    assert!(try_read(&(inputs + "input A50000 { a: Int }")).is_ok());
}

#[test]
fn defaults_that_bring_defaults_along_do_not_multiply() {
    let doubling: String =
        (0..60).map(|at| format!("input A{at} {{ a: A{0} = {{}}, b: A{0} = {{}} }}\n", at + 1)).collect();
    assert!(try_read(&(doubling + "input A60 { a: Int }")).is_ok());
}

const PIECES: &[&str] = &[
    "type A ",
    "interface A ",
    "input A ",
    "enum A ",
    "union A = ",
    "scalar A",
    "extend ",
    "schema ",
    "directive @a ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "!",
    "= ",
    "| ",
    "& ",
    ": ",
    "a",
    "A",
    "\"",
    "\"\"\"",
    "\\u{",
    "1.5",
    "-",
    "on FIELD",
    "implements ",
    "@a",
    "@oneOf",
    "@deprecated",
    "query: ",
    "...",
    "#",
    "\n",
    "é",
];

proptest! {
    #[test]
    fn no_text_panics(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..20)) {
        let _ = try_read(&pieces.concat());
    }

    #[test]
    fn no_characters_panic(text in "\\PC{0,40}") {
        let _ = try_read(&text);
    }
}
