//! Functions with regular expressions: what they give, and what is told of patterns and replacements that are wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{frame, scope, told};
use tenon_mapping::{Expression, Inline};
use tenon_model::Value;

fn compiled(text: &str) -> Expression {
    Expression::compile(text, &Inline::new("test", text), &scope())
        .unwrap_or_else(|reports| panic!("{text}\n{}", told(&reports)))
}

/// The expression is true, also where neither the text nor the pattern is known to the checker.
#[track_caller]
fn holds(text: &str) {
    assert_eq!(compiled(text).evaluate(&frame()), Ok(Some(Value::Bool(true))), "{text}");
    let (name, rest) = text.split_once('(').unwrap();
    let unknown = format!("{name}({}", rest.replacen(", r'", ", row.carrier.substring(2) + r'", 1));
    assert_ne!(unknown, text);
    assert_eq!(compiled(&unknown).evaluate(&frame()), Ok(Some(Value::Bool(true))), "{unknown}");
}

#[track_caller]
fn reports(text: &str, wanted: &str) {
    match Expression::compile(text, &Inline::new("test", text), &scope()) {
        Ok(expression) => panic!("{text} is accepted as {:?}", expression.ty()),
        Err(reports) => assert_eq!(told(&reports), wanted, "{text}"),
    }
}

#[track_caller]
fn fails(text: &str, wanted: &str) {
    let report = compiled(text).evaluate(&frame()).unwrap_err();
    assert_eq!(format!("{} {}", report.code().id, report.message()), wanted, "{text}");
}

#[test]
fn matches_are_replaced_with_what_their_groups_hold() {
    holds(r"regex.replace('N14228', r'\d', '#') == 'N#####'");
    holds(r"regex.replace('EWR-IAH', r'(\w+)-(\w+)', r'\2 from \1') == 'IAH from EWR'");
    holds(r"regex.replace('a b', r'\w', r'<\0>') == '<a> <b>'");
    holds(r"regex.replace('a1', r'a(x)?1', r'[\1]') == '[]'");
    holds(r"regex.replace('C:/tmp', r'/', r'\\') == r'C:\tmp'");
    holds(r"regex.replace('10', r'1(?P<rest>0)', r'$1 ${rest} \10') == '$1 ${rest} 00'");
    holds(r"regex.replace('müde', r'ü', 'ue') == 'muede'");
    holds(r"regex.replace('ab', r'', '-') == '-a-b-'");
    holds(r"regex.replace('', r'x', 'y') == ''");
}

#[test]
fn a_count_bounds_what_is_replaced() {
    for (count, wanted) in [("0", "1.2.3"), ("1", "1,2.3"), ("9", "1,2,3"), ("-1", "1,2,3"), ("-9", "1,2,3")]
    {
        holds(&format!(r"regex.replace('1.2.3', r'\.', ',', {count}) == '{wanted}'"));
    }
}

#[test]
fn what_matches_is_extracted_or_its_group() {
    holds(r"regex.extract('UA 1545', r'\d+') == optional.of('1545')");
    holds(r"regex.extract('UA 1545', r'([A-Z]+) \d+') == optional.of('UA')");
    holds(r"regex.extract('UA 1545', r'B6') == optional.none()");
    holds(r"regex.extract('seat=', r'seat=(.*)') == optional.none()");
    holds(r"regex.extract('UA 1545', r'(?:[A-Z]+) (\d)').orValue('') == '1'");
    holds(r"regex.extractAll('1, 22, 333', r'\d+') == ['1', '22', '333']");
    holds(r"regex.extractAll('a=1, b=, c=3', r'=(\d*)') == ['1', '3']");
    holds(r"regex.extractAll('none', r'\d+') == []");
}

#[test]
fn a_wrong_pattern_or_replacement_is_told_before_the_first_message() {
    let pattern = "correct the pattern";
    for call in
        ["matches(row.carrier, '(')", "regex.extract(row.carrier, '(')", "regex.extractAll(any.s, '(')"]
    {
        let column = call.find("'('").unwrap() + 1;
        let message = "`(` is not a regular expression: unclosed group";
        reports(call, &format!("M0001 {column} {message}; {pattern}"));
    }
    reports(
        "regex.extract(row.carrier, '(.)(.)')",
        "M0001 28 `(.)(.)` has 2 groups, and only one can be extracted: write the others as `(?:...)`; correct the pattern",
    );
    reports(
        r"regex.replace(row.carrier, '(.)', r'\2')",
        r"M0001 35 the replacement `\2` names group 2, and `(.)` has 1; correct the replacement",
    );
    reports(
        r"regex.replace(row.carrier, any.s, r'\n')",
        r"M0001 35 `\n` in the replacement `\n` is neither a group such as `\1` nor `\\`, a backslash; correct the replacement",
    );
    reports(
        r"regex.replace(row.carrier, 'U', '\\')",
        r"M0001 33 the replacement `\` ends in a single `\`: write `\\` for a backslash; correct the replacement",
    );
    reports(
        "row.carrier.replaceAll('U', 'u')",
        "M0004 13 there is no function `replaceAll`; write `replace`",
    );
    reports(
        "regexp_replace(row.carrier, 'U', 'u')",
        "M0004 1 there is no function `regexp_replace`; write `regex.replace`",
    );
    reports(
        "regex.extract(row.miles, 'U')",
        "M0005 7 `regex.extract` does not take integer and text; call it as `regex.extract(text, text) -> optional(text)`",
    );
}

#[test]
fn what_only_a_message_shows_fails_on_that_message() {
    fails(
        "regex.extract(row.carrier, row.carrier + '(')",
        "M0007 `UA(` is not a regular expression: unclosed group",
    );
    fails(
        "regex.extractAll(row.carrier, '(.)(.)' + row.carrier)",
        "M0007 `(.)(.)UA` has 2 groups, and only one can be extracted: write the others as `(?:...)`",
    );
    fails(
        r"regex.replace(row.carrier, 'U', r'\1' + row.carrier)",
        r"M0007 the replacement `\1UA` names group 1, and `U` has 0",
    );
    fails("regex.replace(any.a, 'U', '')", "M0007 `regex.replace` does not take integer and text");
}

#[test]
fn a_text_on_which_a_pattern_takes_too_long_fails_within_bounds() {
    // Each match is one letter, and the search for it looks at the whole rest.
    let doubled = "optional.of(row.carrier)".to_owned() + &".optMap(s, s + s)".repeat(20) + ".value()";
    let text = format!("regex.replace({doubled}, '[A-Z]|.*[^A-Z]', '')");
    assert_eq!(compiled(&text).evaluate(&frame()).unwrap_err().code().id, "M0008");
    let text = format!("regex.replace({doubled}, '^', r'{}')", r"\0".repeat(3));
    assert!(compiled(&text).evaluate(&frame()).is_ok());
}
