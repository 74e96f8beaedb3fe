//! Whatever the text and the data, nothing panics, and every report has its place.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{expression, frame, scope};
use proptest::prelude::*;
use tenon_mapping::{Expression, Inline, Mapping, catalogue};
use tenon_model::Shape;

/// Pieces of which expressions are put together at random, often enough well-typed.
const PIECES: &[&str] = &[
    "row.miles",
    "row.gate",
    "row.?gate",
    "row.tail",
    "plane",
    "plane.model",
    "any",
    "any.a",
    "late",
    "row.tags",
    "row.legs",
    "row.labels",
    "row.at",
    "row.day",
    "row",
    "1",
    "2u",
    "1.5",
    "'x'",
    "b'y'",
    "true",
    "null",
    "[]",
    "{}",
    "[1, 2]",
    "{'a': 1}",
    "optional.none()",
    "optional.of(1)",
    "duration('1s')",
    "-1",
    "9223372036854775807",
    "now()",
    "ip('10.0.0.1')",
    "cidr('10.0.0.0/8')",
    "type(1)",
    "cel.index(0)",
];
const JOINTS: &[&str] = &[
    " + ",
    " - ",
    " * ",
    " / ",
    " % ",
    " == ",
    " != ",
    " < ",
    " >= ",
    " in ",
    " && ",
    " || ",
    " ? 1 : ",
    ".orValue(",
    ".map(x, ",
    ".filter(x, ",
    ".all(x, ",
    ".exists(x, x == ",
    ".optMap(x, ",
    "[",
    "[?",
    ".?",
    ".",
    ", ",
    ")",
    "]",
    "(",
    "!",
    "-",
    ".contains(",
    ".size()",
    ".sum()",
    ".sort()",
    "string(",
    "int(",
    "has(",
    ".sortBy(x, ",
    "type(",
    "cel.block([",
    "], ",
    ".containsIP(",
    "proto.getExt(",
];

fn try_it(text: &str) {
    match Expression::compile(text, &Inline::new("test", text), &scope()) {
        Ok(compiled) => {
            if let Err(report) = compiled.evaluate(&frame()) {
                assert!(!report.places().is_empty(), "{text}: {report}");
            }
            let _ = Mapping::compile(&expression(text), &common::row(), &scope())
                .map(|mapping| mapping.run(&frame()));
        }
        Err(reports) => {
            assert!(!reports.is_empty(), "{text}");
            for report in reports.iter() {
                assert!(!report.places().is_empty(), "{text}: {report}");
            }
        }
    }
    if let Ok(compiled) = Expression::compile_unchecked(text, &Inline::new("test", text), &scope()) {
        let _ = compiled.evaluate(&frame());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn expressions_of_random_pieces_never_panic(
        parts in proptest::collection::vec((prop::sample::select(PIECES), prop::sample::select(JOINTS)), 1..7)
    ) {
        let mut text: String = parts.iter().map(|(piece, joint)| format!("{piece}{joint}")).collect();
        text.push('1');
        // Close what was opened, so that more than the parser is reached.
        let open = |text: &str, a, b| text.matches(a).count().saturating_sub(text.matches(b).count());
        let brackets = "]".repeat(open(&text, '[', ']'));
        let parentheses = ")".repeat(open(&text, '(', ')'));
        try_it(&text);
        try_it(&format!("{text}{brackets}{parentheses}"));
    }

    #[test]
    fn functions_take_any_arguments_without_panic(
        function in prop::sample::select(catalogue().map(|function| function.name).collect::<Vec<_>>()),
        arguments in proptest::collection::vec(prop::sample::select(PIECES), 0..4),
    ) {
        try_it(&format!("{function}({})", arguments.join(", ")));
        if let Some((receiver, rest)) = arguments.split_first() {
            try_it(&format!("({receiver}).{function}({})", rest.join(", ")));
            let unknown: Vec<String> = rest.iter().map(|argument| format!("dyn({argument})")).collect();
            try_it(&format!("dyn({receiver}).{function}({})", unknown.join(", ")));
        }
    }

    #[test]
    fn text_functions_take_any_text(text in ".{0,12}", other in ".{0,3}", n in -3i64..15, m in any::<i64>()) {
        let quoted = |text: &str| format!("{text:?}").replace("\\u{", "\\U{").replace('\u{7f}', "");
        let (text, other) = (quoted(&text), quoted(&other));
        for call in [
            format!("{text}.indexOf({other}, {n})"),
            format!("{text}.lastIndexOf({other}, {n})"),
            format!("{text}.substring({n})"),
            format!("{text}.substring({n}, {m})"),
            format!("{text}.replace({other}, 'x', {m})"),
            format!("{text}.split({other}, {n})"),
            format!("{text}.format([{other}, {n}, {m}])"),
            format!("{text}.charAt({m})"),
            format!("[timestamp({m}), timestamp({n})].max().getDayOfYear({text})"),
            format!("duration({text}) + duration({other})"),
            format!("lists.range({n}).slice({n}, {m})"),
            format!("math.bitShiftLeft({m}, {n}) + math.bitShiftRight({n}, {m})"),
            format!("nextLocalTime(timestamp({n}), {m}, 'Europe/Berlin')"),
        ] {
            try_it(&call);
        }
    }
}

#[test]
fn deep_and_long_expressions_fit_the_stack() {
    let shapes = [
        format!("{}row.miles{}", "(".repeat(95), ")".repeat(95)),
        format!("row.miles{}", " + 1".repeat(98)),
        format!("{}1{}", "[".repeat(95), "]".repeat(95)),
        format!("row.miles > 0{}", " && row.miles > 0".repeat(900)),
        format!("any{}", ".a".repeat(98)),
        format!("{}true{}", "[1].all(x, ".repeat(90), ")".repeat(90)),
        format!("row.tags{}", ".map(x, x + 'y')".repeat(90)),
        format!("{}1", "true ? 1 : ".repeat(90)),
    ];
    for text in shapes {
        try_it(&text);
    }
}

#[test]
fn a_mapping_of_anything_to_anything_has_a_verdict() {
    let shapes =
        [common::row(), common::plane(), Shape::ANY, Shape::list(Shape::INT), Shape::map(Shape::FLOAT)];
    for text in PIECES {
        for shape in &shapes {
            let _ = Mapping::compile(&expression(text), shape, &scope()).map(|mapping| mapping.run(&frame()));
        }
    }
}
