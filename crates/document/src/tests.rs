//! What is said about text that YAML cannot read, or reads as something else than it is meant to be.

use proptest::prelude::*;

use crate::parse;

/// The one report: its line, its column, the marked text, and what it says.
#[track_caller]
fn check(text: &str, place: (u32, u32), marked: &str, message: &str, hint: &str) {
    let problems = parse("t.yaml", text).unwrap_err();
    let reports: Vec<_> = problems.iter().collect();
    let [report] = reports.as_slice() else { panic!("{text:?}: {reports:#?}") };
    let at = &report.places()[0];
    let seen = (at.line, at.column, &text[at.span.clone()]);
    assert_eq!(seen, (place.0, place.1, marked), "{text:?}: {}", report.message());
    assert_eq!(report.message(), message, "{text:?}");
    assert_eq!(report.advice().unwrap_or_default(), hint, "{text:?}");
}

#[test]
fn a_text_that_braces_cut_is_quoted_in_one_report() {
    let cut = |value: &str, at: &str, read: &str, quoted: &str| {
        let message =
            format!("`{value}` is in braces, where YAML ends a text at {at}: it reads only `{read}`");
        let hint = format!("quote it: `v: {quoted}`");
        check(&format!("a:\n  - {{ u: 1, v: {value}, w: 2 }}\n"), (2, 16), value, &message, &hint);
        check(&format!("a: {{ u: 1, v: {value} }}\n"), (1, 15), value, &message, &hint);
        check(&format!("a: {{\n  v: {value},\n  w: 1 }}\n"), (2, 6), value, &message, &hint);
    };
    cut("round(a, 2)", "a comma", "round(a", "\"round(a, 2)\"");
    cut("f(a, [b, c], {d: 1})", "a comma", "f(a", "\"f(a, [b, c], {d: 1})\"");
    cut("f(a, a, a)", "a comma", "f(a", "\"f(a, a, a)\"");
    cut("split(x, \",\")[0]", "a comma", "split(x", "'split(x, \",\")[0]'");
    cut("n == \"b, c\"", "a comma", "n == \"b", "'n == \"b, c\"'");
    cut("x[0].y", "`[`", "x", "\"x[0].y\"");
    cut("GET /c/{id}", "`{`", "GET /c/", "\"GET /c/{id}\"");
    cut("it's(a, b)", "a comma", "it's(a", "\"it's(a, b)\"");
    cut("ü(a, b)", "a comma", "ü(a", "\"ü(a, b)\"");
}

#[test]
fn an_item_that_brackets_cut_is_quoted() {
    let message = "`f(a, b)` is in brackets, where YAML ends a text at a comma: it reads only `f(a`";
    check("a: [x, f(a, b)]\n", (1, 8), "f(a, b)", message, "quote it: `\"f(a, b)\"`");
}

#[test]
fn every_value_that_is_cut_is_named() {
    let places = |text: &str| -> Vec<String> {
        let problems = parse("t.yaml", text).unwrap_err();
        problems.iter().map(|report| report.places()[0].to_string()).collect()
    };
    let seen = places("a: { b: f(1, 2), c: f(3, 4) }\nd: { e: f(5, 6) }\n");
    assert_eq!(seen, ["t.yaml:1:9", "t.yaml:1:21", "t.yaml:2:9"]);
    assert_eq!(places("a: [!b.c, !d.e]\nf: !g.h\n"), ["t.yaml:1:5", "t.yaml:1:11", "t.yaml:2:4"]);
}

#[test]
fn a_value_of_which_yaml_reads_the_start_is_quoted_whole() {
    let whole = |value: &str, read: &str, rest: &str, quoted: &str| {
        let message = format!("YAML takes `{read}` for the whole value, and `{rest}` follows it");
        let hint = format!("quote it: `v: {quoted}`");
        check(&format!("a:\n  v: {value}\n"), (2, 6), value, &message, &hint);
        check(&format!("a: {{ v: {value}, w: 1 }}\n"), (1, 9), value, &message, &hint);
    };
    whole("\"x\" + y", "\"x\"", "+ y", "'\"x\" + y'");
    whole("'x' + y", "'x'", "+ y", "\"'x' + y\"");
    whole("\"x\" == y ? 1 : 2", "\"x\"", "== y ? 1 : 2", "'\"x\" == y ? 1 : 2'");
    whole("[1, 2][0]", "[1, 2]", "[0]", "\"[1, 2][0]\"");
    whole("{\"a\": 1}.a", "{\"a\": 1}", ".a", "'{\"a\": 1}.a'");
    whole("\"it's\" + 'a'", "\"it's\"", "+ 'a'", "'\"it''s\" + ''a'''");
}

#[test]
fn a_colon_ends_no_key_of_an_expression() {
    let message = "YAML takes the `:` in `b ? c : d` for the end of a key";
    check("a:\n  v: b ? c : d\n", (2, 6), "b ? c : d", message, "quote it: `v: \"b ? c : d\"`");
    check("a: { v: b ? c : d, w: 1 }\n", (1, 9), "b ? c : d", message, "quote it: `v: \"b ? c : d\"`");
    let message = "YAML takes the `:` in `b c: d` for the end of a key";
    let hint = "separate the second key by a comma or a new line, or quote the text: `v: \"b c: d\"`";
    check("a: { v: b c: d }\n", (1, 9), "b c: d", message, hint);
    let message = "YAML takes the `:` in `: 2` for the end of a key";
    let hint = "put the whole expression in quotes, with all of its lines";
    check("a:\n  v: b\n    ? 1\n    : 2\n", (4, 5), ": 2", message, hint);
}

#[test]
fn a_comment_inside_of_a_text_is_named() {
    let value = "b + \" # c\"";
    let message = format!(
        "YAML takes `#` after a space for the start of a comment, and reads only `b + \"` of `{value}`"
    );
    check(&format!("a:\n  v: {value}\n  w: 1\n"), (2, 6), value, &message, "quote it: `v: 'b + \" # c\"'`");
    check(&format!("a: {{ v: {value} }}\nb: 1\n"), (1, 9), value, &message, "quote it: `v: 'b + \" # c\"'`");
}

#[test]
fn a_first_character_with_a_meaning_of_its_own_is_quoted() {
    let first = |value: &str, does: &str| {
        let hint = format!("quote it: `v: \"{value}\"`");
        check(&format!("a:\n  v: {value}\n"), (2, 6), value, &format!("YAML {does}"), &hint);
    };
    first("!b.c", "takes `!` at the start of a value for a tag");
    first("!b && c", "takes `!` at the start of a value for a tag");
    first("!has(b.c)", "takes `!` at the start of a value for a tag");
    first("@b", "cannot read a value that starts with `@`");
    first("`b`", "cannot read a value that starts with a backtick");
    first("%b", "cannot read a value that starts with `%`");
    first("> 5", "takes `>` at the start of a value for a text over several lines");
    first("| b", "takes `|` at the start of a value for a text over several lines");
}

#[test]
fn template_braces_of_other_tools_are_left_out() {
    let message = "`{{ b.c }}` is how other tools mark an expression; here it is written without braces";
    check("a:\n  v: {{ b.c }}\n", (2, 6), "{{ b.c }}", message, "write `v: b.c`");
    check("a: { v: {{ b.c }} }\n", (1, 9), "{{ b.c }}", message, "write `v: b.c`");
}

#[test]
fn what_project_files_do_not_have_is_named_where_it_is() {
    check("a: !!str 5\n", (1, 4), "!!str", "project files have no tags (`!name`)", "remove it");
    check("a: !include b\n", (1, 4), "!include", "project files have no tags (`!name`)", "remove it");
    let hint = "remove it: each thing has one place";
    check("a: &b 1\n", (1, 4), "&b", "project files have no anchors (`&name`)", hint);
    let hint = "write the value out, or quote the text if it starts with `*`";
    check("a: *b\n", (1, 4), "*", "project files have no aliases (`*name`)", hint);
}

#[test]
fn indentation_says_what_fits() {
    let tab = "this line is indented with a tab, and YAML takes only spaces";
    let spaces = "replace the tabs in front of each line by spaces";
    check("a:\n\tb: 1\n", (2, 1), "\t", tab, spaces);
    check("a:\n  b:\n  \t\t- c\n", (3, 3), "\t\t", tab, spaces);
    let message = "this line is indented by 3 spaces, like none of the lines that it can belong with";
    check("a:\n    b: 1\n   c: 2\n", (3, 4), "c", message, "indent it by 0 or 4");
    let message = "this line is indented by 1 space, like none of the lines that it can belong with";
    check("a:\n  b:\n    c: 1\n d: 1\n", (4, 2), "d", message, "indent it by 0 or 2");
    let message = "this item is indented by 6 spaces, and the items above it by 8";
    check("a:\n  b:\n        - c: 1\n      - d: 1\n", (4, 7), "-", message, "indent it by 8");
    let message = "an item of a list starts with `- `, and this dash has no space";
    check("a:\n  - b: 1\n  -c: 2\n", (3, 3), "-", message, "write `- c: 2`");
}

#[test]
fn what_is_never_closed_is_named_where_it_opens() {
    check("a: { b: 1\nc: 2\n", (1, 4), "{", "this `{` is never closed", "add the `}`");
    check("a: [b, c\nd: { e: 1 }\n", (1, 4), "[", "this `[` is never closed", "add the `]`");
    let hint = "close what was opened last first: `[` with `]`, `{` with `}`";
    check("a:\n  - b: { c: [1 }\n", (2, 13), "[", "this `[` is closed by `}`", hint);
    let never = "a text in quotes is never closed";
    check("a: \"b\n", (1, 4), "\"", never, "add the closing `\"` where the text ends");
    check("a:\n  - { b: 'c, d: e }\nf: g\n", (2, 10), "'", never, "add the closing `'` where the text ends");
}

#[test]
fn a_quote_that_another_text_closes_is_named_where_it_opens() {
    let check = |text: &str, place, line: u32| {
        let message = format!("the text in quotes that starts here is closed only on line {line}");
        check(text, place, "\"", &message, "add the closing `\"` where the text ends");
    };
    check("a: \"b\nc: d\ne: \"f\"\n", (1, 4), 3);
    check("a: { b: \"c, d: e }\nf: { g: \"h\" }\n", (1, 9), 2);
    check("a: \"b\" # \"\nc: [ \"d\", \"e ]\nf: \"g\"\n", (2, 11), 3);
    check("a: \"b\n  c\"\nd: \"e\nf: \"g\"\n", (3, 4), 4);
}

#[test]
fn a_colon_without_its_space_is_named() {
    let check = |text: &str, place, key: &str, written: &str| {
        let message = format!("a key ends at `: `, and the `:` after `{key}` has no space");
        check(text, place, ":", &message, &format!("write `{written}`"));
    };
    check("a:b\nc: d\n", (1, 2), "a", "a: b");
    check("a: 1\nbc:d.e()\nf: 2\n", (2, 3), "bc", "bc: d.e()");
    check("a:\n  - b:\n      c:d\n      e:\n        f: 1\n", (3, 8), "c", "c: d");
    check("a: { b:c, d: e }\n", (1, 7), "b", "b: c");
    check("a: { b: c, d:e }\n", (1, 13), "d", "d: e");
}

#[test]
fn an_item_or_a_key_that_is_indented_otherwise_is_told_where_it_belongs() {
    let message = "this item is indented by 2 spaces, and the items above it by 4";
    check("a:\n  b:\n    - c: 1\n  - d: 2\n", (4, 3), "-", message, "indent it by 4");
    let message = "this line is indented deeper than the one above it, so that it continues the value of `b`";
    check("a:\n  b: 1\n    c: 2\n", (3, 5), "c:", message, "indent both lines by 2, or both by 4");
    let tab = "this line is indented with a tab, and YAML takes only spaces";
    check("a:\n  b: c\n\t d: e\n", (3, 1), "\t", tab, "replace the tabs in front of each line by spaces");
}

#[test]
fn words_that_only_look_alike_are_read_as_they_are() {
    for text in [
        "a: { b: don't, c: can't }\n",
        "a: [o'clock, 5 o'clock]\n",
        "a: { b: :(, c: 1 }\n",
        "a: { b: f(x), c: \"f(x, y)\", d: 'f(x, y)' }\n",
        "a: f(x, y)[0] # a \"comment\n",
        "a: b # don't\n",
        "a: >-\n  f(x,\n  y) ? 1 : 2\n",
        "a: { b: http://x/y, c: 5\" }\n",
        "a: [b:c, http://x]\n",
        "a: { \"b:c\": 1, d: e:f }\nb:c: 1\n",
    ] {
        assert!(parse("t.yaml", text).is_ok(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = parse("t.yaml", &text);
        let _ = parse("t.json", &text);
    }

    #[test]
    fn no_sequence_of_signs_makes_the_reader_panic(
        signs in proptest::collection::vec(
            prop::sample::select(vec![
                "a", "ü", ":", ": ", "{", "}", "{{", "}}", "[", "]", "(", ")", ",", "\"", "'", "\\", "#", " #", "!", "!b ", "*",
                "&", "@", "`", "%", "|", ">", "? ", "- ", "-", " ", "  ", "\n", "\n  ", "\t", "1", "\r\n", "---\n",
            ]),
            0..40,
        )
    ) {
        let _ = parse("t.yaml", &signs.concat());
    }
}
