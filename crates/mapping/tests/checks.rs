//! What the checker accepts, what it reports, at which column and with which hint.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{frame, scope, told};
use tenon_mapping::{Expression, Inline};
use tenon_model::Value;

#[track_caller]
fn gives(text: &str, wanted: impl Into<Option<Value>>) {
    let expression = Expression::compile(text, &Inline::new("test", text), &scope())
        .unwrap_or_else(|reports| panic!("{text}\n{}", told(&reports)));
    assert_eq!(expression.evaluate(&frame()), Ok(wanted.into()), "{text}");
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
    let expression = Expression::compile(text, &Inline::new("test", text), &scope()).unwrap();
    let report = expression.evaluate(&frame()).unwrap_err();
    let column = report.places()[0].column;
    assert_eq!(format!("{} {column} {}", report.code().id, report.message()), wanted, "{text}");
}

#[test]
fn an_unknown_name_is_reported_with_what_was_meant() {
    reports("rwo.day", "M0002 1 `rwo` is not defined here; write `row`");
    reports(
        "plan",
        "M0002 1 `plan` is not defined here; write `plane`, or `{ value: plan }` for a constant text",
    );
    reports(
        "accepted",
        "M0002 1 `accepted` is not defined here; write `{ value: accepted }` for a constant text",
    );
    reports("zz + 1", "M0002 1 `zz` is not defined here; use one of `row`, `plane`, `extra`, `any`, `late`");
}

#[test]
fn what_other_languages_call_a_value_is_answered_with_what_is_written_here() {
    reports("row.carrier == Ada", "M0002 16 `Ada` is not defined here; write `\"Ada\"` for a text");
    reports("Ada == row.carrier", "M0002 1 `Ada` is not defined here; write `\"Ada\"` for a text");
    reports(
        "row.carrier != plan",
        "M0002 16 `plan` is not defined here; write `plane`, or `\"plan\"` for a text",
    );
    reports("row.day == None", "M0002 12 `None` is not defined here; write `null`");
    reports("true && True", "M0002 9 `True` is not defined here; write `true`");
    reports(
        "yes",
        "M0002 1 `yes` is not defined here; write `true`, or `{ value: yes }` for a constant text",
    );
    reports(
        "row.carrier.length",
        "M0005 13 `row.carrier` is text and has no fields; call the function: `row.carrier.size()`",
    );
    reports(
        "row.carrier.toUpperCase",
        "M0005 13 `row.carrier` is text and has no fields; call the function: `row.carrier.upperAscii()`",
    );
}

#[test]
fn an_unknown_field_is_reported_at_its_column() {
    reports("row.carier", "M0003 5 `row` has no field `carier`; write `carrier`");
    reports("1 + row.nubmer", "M0003 9 `row` has no field `nubmer`; write `number`");
    reports("has(row.carier)", "M0003 9 `row` has no field `carier`; write `carrier`");
    reports("row.?carier", "M0003 6 `row` has no field `carier`; write `carrier`");
    reports("row['carier']", "M0003 5 `row` has no field `carier`; write `carrier`");
    reports("row.carrier.code", "M0005 13 `row.carrier` is text and has no fields; remove `.code`");
}

#[test]
fn an_unknown_function_is_reported_with_the_nearest() {
    reports("row.carrier.startWith('U')", "M0004 13 there is no function `startWith`; write `startsWith`");
    reports("base64.encod(b'')", "M0004 8 there is no function `base64.encod`; write `base64.encode`");
    reports("row.carrier.strip()", "M0004 13 there is no function `strip`; write `trim`");
    reports("row.carrier.to_upper()", "M0004 13 there is no function `to_upper`; write `upperAscii`");
    reports("len(row.carrier)", "M0004 1 there is no function `len`; write `size`");
    reports("isNan(1.0)", "M0004 1 there is no function `isNan`; write `math.isNaN`");
    reports(
        "base64.quote('a')",
        "M0004 8 there is no function `base64.quote`; use one of `base64.encode`, `base64.decode`",
    );
    reports(
        "row.carrier.substring()",
        "M0004 13 `substring` does not take 0 arguments; call it as `text.substring(int) -> text` or `text.substring(int, int) -> text`",
    );
    reports(
        "startsWith('a', 'b')",
        "M0004 1 `startsWith` is a method; call it as `text.startsWith(text) -> bool`",
    );
}

#[test]
fn kinds_that_do_not_go_together_are_reported_with_the_conversion() {
    reports("row.miles * 1.6", "M0005 1 `*` does not take integer and number; write `double(row.miles)`");
    reports("'a' + row.miles", "M0005 1 `+` does not take text and integer; write `string(row.miles)`");
    reports("row.day == '2013-01-01'", "M0005 1 date and text are never equal; write `date('2013-01-01')`");
    reports("row.at < 5", "M0005 1 `<` does not compare timestamp with integer; convert one of them");
    reports(
        "row.carrier.size() + ''.size() + ''",
        "M0005 1 `+` does not take integer and text; write `string(row.carrier.size() + ''.size())`",
    );
    reports(
        "row.carrier && true",
        "M0005 1 `&&` needs a bool, and `row.carrier` is text; compare it with something, such as `row.carrier != \"\"`",
    );
    reports("row.tags + 1", "M0005 1 `+` does not take list of text and integer; convert one of them");
    reports("1 in row.tags", "M0005 1 `1` is integer, which `row.tags` never holds; convert one of them");
    reports(
        "row.carrier.contains(1)",
        "M0005 13 `contains` does not take text and integer; call it as `text.contains(text) -> bool`",
    );
    reports(
        "true ? 1 : 'a'",
        "M0005 1 the conditional gives integer or text, which cannot be combined; convert one of them",
    );
}

#[test]
fn a_comparison_that_never_holds_is_a_spelling_mistake() {
    reports("row.class == 'busines'", "M0005 14 `row.class` is never \"busines\"; write \"business\"");
    gives("row.class == 'business'", Value::Bool(false));
}

#[test]
fn a_value_that_may_be_absent_is_reported_where_it_is_needed() {
    let write = "write `row.?gate.orValue(\"\")`, or test it: `\"has(row.gate) ? ... : ...\"`";
    reports("'x' + row.gate", &format!("M0006 7 `row.gate` may be absent; {write}"));
    reports("row.gate.size()", &format!("M0006 1 `row.gate` may be absent; {write}"));
    reports("[row.gate]", &format!("M0006 2 `row.gate` may be absent; {write}"));
    reports(
        r#"row["gate"].size()"#,
        r#"M0006 1 `row["gate"]` may be absent; write `row[?"gate"].orValue("")`"#,
    );
    gives(r#"row[?"gate"].orValue("none")"#, Value::from("none"));
    reports("row.gate == 'B7'", &format!("M0006 1 `row.gate` may be absent; {write}"));
    reports(
        "row.tags[row.delay]",
        "M0006 10 `row.delay` may be absent; write `row.?delay.orValue(0)`, or test it: `\"has(row.delay) ? ... : ...\"`",
    );
    reports(
        "row.tail.size()",
        "M0006 1 `row.tail` may be null; write `row.?tail.orValue(\"\")`, or test it: `\"has(row.tail) ? ... : ...\"`",
    );
    reports("plane.model", "M0006 1 `plane` may be null; test it: `\"plane != null ? ... : ...\"`");
    reports(
        "row.?gate + 'x'",
        "M0006 1 `row.?gate` is optional and may have no value; write `row.?gate.orValue(\"\")`",
    );
    reports(
        "row.?gate.size()",
        "M0006 1 `row.?gate` is optional and may have no value; write `row.?gate.orValue(\"\")`",
    );
    reports(
        "row.legs.map(leg, leg.seats)",
        "M0006 19 `leg.seats` may be absent; write `leg.?seats.orValue(0)`, or test it: `\"has(leg.seats) ? ... : ...\"`",
    );
}

#[test]
fn what_a_condition_tested_is_there_in_what_it_guards() {
    gives("has(row.gate) ? row.gate + '!' : 'none'", Value::from("none"));
    gives("!has(row.gate) ? 'none' : row.gate + '!'", Value::from("none"));
    gives("has(row.gate) && row.gate.size() > 1", Value::Bool(false));
    gives("!has(row.gate) || row.gate.size() > 1", Value::Bool(true));
    gives("row.gate != null ? row.gate.size() : 0", Value::Int(0));
    gives("row.gate == null ? 0 : row.gate.size()", Value::Int(0));
    gives("row.tail != null ? row.tail.size() : 0", Value::Int(0));
    gives("has(row.tail) ? row.tail.size() : 0", Value::Int(0));
    gives("plane != null ? plane.model : 'none'", Value::from("none"));
    gives("plane != null && has(plane.built) ? plane.built + 1 : 0", Value::Int(0));
    gives("has(plane.built) ? plane.model : 'none'", Value::from("none"));
    gives("row.?gate.hasValue() ? row.gate : 'none'", Value::from("none"));
    gives("row.legs.filter(leg, has(leg.seats)).size()", Value::Int(0));
    gives("row.legs.map(leg, has(leg.seats), leg.seats + 1)", Value::list(vec![]));
    gives("row.legs.all(leg, !has(leg.seats) || leg.seats > 1)", Value::Bool(true));
    reports(
        "has(row.gate) || row.gate.size() > 1",
        "M0006 18 `row.gate` may be absent; write `row.?gate.orValue(\"\")`, or test it: `\"has(row.gate) ? ... : ...\"`",
    );
}

#[test]
fn absence_is_a_value_where_nothing_needs_one() {
    gives("row.gate", None);
    gives("row.?gate", None);
    gives("row.tail", Value::Null);
    gives("row.?tail", None);
    gives("plane.?model", None);
    gives("plane.?built", None);
    gives("late", None);
    gives("late.orValue(5) + 1", Value::Int(6));
    gives("late.optMap(n, n * 2)", None);
    gives("has(row.gate) ? row.gate : row.carrier", Value::from("UA"));
    gives("row.miles > 1 ? row.gate : 'x'", None);
    gives("row.?gate.orValue('none')", Value::from("none"));
    gives("row.?tail.orValue('none')", Value::from("none"));
    gives("row.?delay.optMap(d, row.at + duration(string(d) + 'm'))", None);
    gives("row.?delay.optMap(d, row.gate)", None);
    gives("row.class", Value::from("economy"));
}

#[test]
fn what_an_open_contract_does_not_list_may_be_absent() {
    gives("extra.known + 1", Value::Int(2));
    gives("extra.?other", None);
    gives("has(extra.other) ? extra.other + 1 : 0", Value::Int(0));
    reports(
        "extra.other + 1",
        "M0006 1 `extra.other` may be absent; write `extra.?other.orValue(...)`, or test it: `\"has(extra.other) ? ... : ...\"`",
    );
    gives("row.labels.?x.orValue('')", Value::from("y"));
    gives("row.labels['x']", Value::from("y"));
}

#[test]
fn of_the_unknown_everything_is_accepted_and_found_out_later() {
    gives("any.a + 1", Value::Int(2));
    fails("any.b + 1", "M0007 1 there is no field `b`");
    fails("any.a + 'x'", "M0007 1 `+` does not take integer and text");
    fails("any.a.size()", "M0007 1 `size` does not take integer");
}

#[test]
fn a_failure_names_its_values_at_the_part_that_failed() {
    fails("1 + row.miles / (row.dep - 517)", "M0007 5 1400 / 0 divides by zero");
    fails("row.miles * 9223372036854775807", "M0007 1 1400 * 9223372036854775807 overflows a 64-bit integer");
    fails("int(row.carrier)", "M0007 1 \"UA\" is not an integer");
    fails("row.tags[5]", "M0007 1 there is no item 5 in a list of 2");
    fails("row.legs[0].from + row.tags[2]", "M0007 20 there is no item 2 in a list of 2");
    fails("row.labels['q']", "M0007 1 there is no key \"q\"");
}

#[test]
fn a_constant_that_fails_is_reported_before_the_first_message() {
    reports(
        "row.at + duration('5 days')",
        "M0009 10 \"5 days\" is not a duration such as \"1h30m\"; correct the constant",
    );
    reports(
        "row.carrier.matches('[')",
        "M0001 21 `[` is not a regular expression: unclosed character class; correct the pattern",
    );
    reports("1 / 0", "M0009 1 1 / 0 divides by zero; correct the constant");
    for (text, column, why) in [
        ("timestamp('x')", 1, "\"x\" is not a timestamp such as \"2013-01-31T17:30:00Z\""),
        ("int('x')", 1, "\"x\" is not an integer"),
        ("[1][5]", 1, "there is no item 5 in a list of 1"),
        ("ip('x') == ip('::1')", 1, "\"x\" is not a valid IP address"),
        ("optional.none().value() == 1", 1, "the optional has no value"),
    ] {
        reports(text, &format!("M0009 {column} {why}; correct the constant"));
    }
}

#[test]
fn a_part_that_fails_whatever_the_message_is_fails_now() {
    for (text, column, why) in [
        ("row.miles / 0", 1, "`row.miles / 0` divides by zero"),
        ("1 + row.miles % 0", 5, "`row.miles % 0` divides by zero"),
        ("decimal(row.miles) / decimal('0')", 1, "`decimal(row.miles) / decimal('0')` divides by zero"),
        ("decimal(row.miles) / 0", 1, "`decimal(row.miles) / 0` divides by zero"),
        ("any.a / 0", 1, "`any.a / 0` divides by zero"),
        (
            "row.number + 9223372036854775807",
            1,
            "`row.number + 9223372036854775807` overflows a 64-bit integer",
        ),
        ("-9223372036854775807 - row.number - 1", 1, "overflows a 64-bit integer"),
        ("[row.miles][1]", 1, "there is no item 1 in a list of at most 1"),
        ("row.tags[-1]", 1, "there is no item -1 in a list"),
        (
            "[row.miles, 2].map(n, n)[0] + [row.miles][row.number]",
            31,
            "there is no item 1 or more in a list of at most 1",
        ),
        ("round(row.hours, 999)", 18, "round takes 0 to 15 digits, not 999"),
        ("round(row.hours, -1)", 18, "round takes 0 to 15 digits, not -1"),
        ("math.bitShiftLeft(row.miles, -1)", 30, "bits cannot be shifted by -1 places"),
        ("row.carrier.charAt(-1)", 20, "position -1 is before the start"),
        ("row.carrier.substring(3, 1)", 26, "the end is before the start"),
        ("row.carrier.indexOf('a', -2)", 26, "position -2 is before the start"),
        ("row.tags.slice(2, 1)", 19, "the end is before the start"),
        ("[row.tags].flatten(-1)", 20, "flatten takes 0 levels or more, not -1"),
        ("string(uuid5('x', row.carrier))", 14, "\"x\" is not a UUID, `dns`, `url`, `oid` or `x500`"),
        ("localTimestamp(row.day, 1260, 'UTC')", 25, "1260 is not a time of day as HHMM, 0 to 2400"),
        ("nextLocalTime(row.at, 2500, row.carrier)", 23, "2500 is not a time of day as HHMM, 0 to 2400"),
        ("'%q'.format([row.miles])", 1, "`%q` is not a clause of a format"),
        ("'%s %s'.format([row.miles])", 1, "the format \"%s %s\" has more clauses than values"),
        ("'%.s'.format(row.tags)", 1, "a precision in a format is 0 to 100 digits"),
    ] {
        match Expression::compile(text, &Inline::new("test", text), &scope()) {
            Ok(_) => panic!("{text} is accepted"),
            Err(found) => {
                let found = told(&found);
                let wanted = format!("M0009 {column} ");
                assert!(found.starts_with(&wanted) && found.contains(why), "{text}: {found}");
            }
        }
    }
    // A double has a quotient by zero, and what is fine may be fine.
    gives("row.hours / 0.0", Value::Float(f64::INFINITY));
    gives("round(row.hours, 15)", Value::Float(3.5));
    gives("[row.miles, 1][1]", Value::Int(1));
    gives("[row.miles][?5]", None);
    gives("row.carrier.substring(2, 2)", Value::from(""));
    gives("'%s%%'.format([row.miles])", Value::from("1400%"));
    gives("row.number + 9223372036854765808 - 9223372036854765808", Value::Int(1545));
}

#[test]
fn a_failure_counts_where_every_message_comes_to_it() {
    for text in [
        "true ? 1 / 0 : 5",
        "false ? 5 : 1 / 0",
        "row.miles == 0 ? 1 / 0 : row.miles / 0",
        "(row.miles / 0 > 1) ? 1 : 2",
        "true && 1 / 0 > 0",
        "1 / 0 > 0 || false",
        "row.miles / 0 > 0 && row.miles % 0 > 0",
        "[1, row.miles / 0]",
        "{'a': row.miles / 0}",
        "string(row.miles / 0)",
        "row.carrier + string(row.miles / 0)",
        "cel.bind(x, row.miles / 0, 1)",
        "cel.bind(x, row.miles, x / 0)",
        "[1, 2].map(x, x / 0)",
        "!(row.miles / 0 > 1)",
        "row.?delay.orValue(1 / 0)",
    ] {
        match Expression::compile(text, &Inline::new("test", text), &scope()) {
            Ok(_) => panic!("{text} is accepted"),
            Err(found) => assert!(told(&found).contains("M0009"), "{text}: {}", told(&found)),
        }
    }
    gives("row.miles == 0 ? 1 / 0 : 5", Value::Int(5));
    gives("row.miles == 0 ? round(row.hours, 99) : 5.0", Value::Float(5.0));
    gives("true || 1 / 0 > 0", Value::Bool(true));
    gives("row.miles / 0 > 1 || true", Value::Bool(true));
    gives("row.miles / 0 > 1 || row.miles > 1", Value::Bool(true));
    gives("row.miles > 1 || row.miles / 0 > 1", Value::Bool(true));
    gives("row.?delay.optMap(d, d / 0)", None);
    gives("row.legs.filter(leg, has(leg.seats)).map(leg, 1 / 0)", Value::list(vec![]));
    gives("[1, 2].exists(x, x > 1 || x / 0 > 1)", Value::Bool(true));
}

#[test]
fn all_problems_are_reported_at_once() {
    reports(
        "rwo.day + row.carier + foo(1) + row.gate",
        "M0002 1 `rwo` is not defined here; write `row`\n\
         M0003 15 `row` has no field `carier`; write `carrier`\n\
         M0004 24 there is no function `foo`; see the list of functions in the reference\n\
         M0006 33 `row.gate` may be absent; write `row.?gate.orValue(\"\")`, or test it: `\"has(row.gate) ? ... : ...\"`",
    );
}

#[test]
fn what_is_read_is_known() {
    let reads = |text: &str| {
        let expression = Expression::compile(text, &Inline::new("test", text), &scope()).unwrap();
        expression.reads().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(reads("row.miles + row.dep * row.miles"), "row.miles row.dep");
    assert_eq!(reads("row.legs.map(leg, leg.from)"), "row.legs[].from");
    assert_eq!(reads("row.legs.map(leg, 1)"), "row.legs");
    let some = "row.legs.filter(leg, leg.from != '')";
    assert_eq!(reads(&format!("{some}.map(leg, leg.?seats.orValue(0))")), "row.legs[].from row.legs[].seats");
    assert_eq!(reads(some), "row.legs[].from row.legs[]");
    assert_eq!(reads("row.legs.sortBy(leg, leg.from)[0].from"), "row.legs[].from row.legs[]");
    assert_eq!(reads("has(row.gate) ? row.gate : plane.?model.orValue('')"), "row.gate plane.model");
    assert_eq!(reads("row.?delay.optMap(d, d + 1)"), "row.delay");
    assert_eq!(reads("1 + 2"), "");
}

#[test]
fn a_hostile_expression_runs_out_of_steps_and_not_of_memory() {
    let doubling = "any.s".to_owned() + &".optMap(s, s + s)".repeat(40);
    let text = doubling.replacen("any.s", "optional.of('0123456789' + row.carrier)", 1);
    let expression = Expression::compile(&text, &Inline::new("test", text.as_str()), &scope()).unwrap();
    assert_eq!(expression.evaluate(&frame()).unwrap_err().code().id, "M0008");
    let loops =
        "lists.range(1000000).all(a, lists.range(1000000).all(b, lists.range(1000000).all(c, row.dep > 0)))";
    let expression = Expression::compile(loops, &Inline::new("test", loops), &scope()).unwrap();
    assert_eq!(expression.evaluate(&frame()).unwrap_err().code().id, "M0008");
}

/// What a step before has decided about a message is known to the expressions of the steps that follow.
#[test]
fn what_a_condition_before_has_decided_is_known() {
    let told_after = |condition: &str, truth: bool, text: &str| {
        let scope = scope().knowing(condition, truth);
        Expression::compile(text, &Inline::new("test", text), &scope).err().map(|reports| told(&reports))
    };
    for (condition, truth, text) in [
        ("has(row.delay)", true, "row.delay + 1"),
        ("row.tail != null && row.number > 1", true, "row.tail.size()"),
        ("plane == null", false, "plane.model"),
        ("plane == null || row.number > 1", false, "plane.model"),
        ("type(any) == string", true, "any.size() + 1"),
    ] {
        assert_eq!(told_after(condition, truth, text), None, "{condition}: {text}");
    }
    for (condition, truth, text) in [
        ("has(row.delay)", false, "row.delay + 1"),
        ("plane == null && row.number > 1", false, "plane.model"),
        ("plane == null", true, "plane.model"),
        ("not an expression", true, "plane.model"),
        // The list's variable hides the name that was decided about.
        ("has(row.delay)", true, "[row].map(row, row.delay + 1)"),
    ] {
        assert!(told_after(condition, truth, text).is_some(), "{condition}: {text}");
    }
}
