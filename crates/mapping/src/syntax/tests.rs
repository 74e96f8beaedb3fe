//! The parser: what is wrong is named at its column, and nothing makes it panic.

use proptest::prelude::*;

use super::{Syntax, parse};

#[track_caller]
fn fails(text: &str, column: usize, message: &str) {
    let error = parse(text).unwrap_err();
    assert_eq!((error.span.start, error.message.as_str()), (column, message), "{text}");
}

#[test]
fn what_is_wrong_is_named_at_its_column() {
    fails("price *", 7, "the expression ends where a value is expected");
    fails("", 0, "the expression is empty");
    fails("a = b", 2, "`=` is not part of CEL");
    fails("a b", 2, "an operator is expected before `b`");
    fails("(a", 2, "the parenthesis has no closing `)`");
    fails("a)", 1, "`)` closes nothing that was opened");
    fails("f(a", 3, "the call has no closing `)`");
    fails("a ? b", 5, "the conditional `a ? b : c` needs its `:` part");
    fails("'abc", 0, "the text has no closing '");
    fails("12abc", 0, "`12abc` is neither a number nor a name");
    fails("99999999999999999999", 0, "the number `99999999999999999999` does not fit 64 bits");
    fails("9223372036854775808", 0, "the integer does not fit 64 bits");
    fails(r"'\q'", 1, r"`\q` is not an escape");
    fails("a.1", 1, "an operator is expected before `.1`");
    fails("a.(b)", 2, "a field or method name is expected after `.`, not `(`");
    fails("{'a' 1}", 5, "an entry of a map is `key: value`; found `1` instead");
    fails("while", 0, "`while` is a reserved word of CEL");
}

#[test]
fn the_smallest_integer_needs_its_minus() {
    assert_eq!(parse("-9223372036854775808").unwrap().syntax, Syntax::Int(i64::MIN));
}

#[test]
fn depth_is_bounded_however_it_comes_about() {
    for deep in ["(".repeat(100_000), "[".repeat(16_000), "a.".repeat(8_000) + "a", "-a+".repeat(4_000) + "a"]
    {
        let error = parse(&deep).unwrap_err();
        assert!(error.limit, "{}", error.message);
    }
    assert!(parse(&("!".repeat(16_000) + "a")).is_ok());
    assert!(parse(&("a && ".repeat(3_000) + "a")).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_sequence_of_tokens_makes_the_parser_panic(
        tokens in proptest::collection::vec(
            prop::sample::select(vec![
                "a", "b.c", "(", ")", "[", "]", "{", "}", "?", ":", ".", "+", "-", "!", "in", "'x'", "b\"\\xff\"",
                "1", "1u", "0x1F", "1.5e3", "r'''", "\\", "`q`", ",", "&&", "||", "ü", "\"\\u00e9\"",
            ]),
            0..60,
        )
    ) {
        let _ = parse(&tokens.join(" "));
        let _ = parse(&tokens.concat());
    }
}
