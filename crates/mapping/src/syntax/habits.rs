//! What people write out of habit from other languages and tools, and what is written here instead.

use super::SyntaxError;

/// Adds the advice that fits the text, where there is one that says more than the error itself.
pub(super) fn advise(text: &str, error: SyntaxError) -> SyntaxError {
    if error.limit {
        return error;
    }
    let at = error.span.start.min(text.len());
    let (before, rest) = (text[..at].trim_end(), &text[at..]);
    let hint = template(text)
        .or_else(|| sign(before, rest))
        .or_else(|| word(before, rest))
        .or_else(|| constant(text, before, rest));
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Marks that other tools put around an expression inside of a text.
fn template(text: &str) -> Option<String> {
    const MARKS: &[(&str, &str)] = &[("{{", "}}"), ("${", "}"), ("#{", "}"), ("<%=", "%>"), ("%{", "}")];
    let whole = text.trim();
    for (open, close) in MARKS {
        if let Some(inner) = whole.strip_prefix(open).and_then(|rest| rest.strip_suffix(close))
            && !inner.contains(open)
        {
            return Some(format!("write the expression alone: `{}`", inner.trim()));
        }
    }
    if whole.starts_with('{') {
        return None;
    }
    let marked = MARKS.iter().find_map(|(open, close)| {
        let (_, inner) = whole.split_once(open)?;
        Some(inner.split_once(close)?.0)
    });
    // `It is {order.total}`
    let is_path =
        |inner: &&str| inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    let braces = || Some(whole.split_once('{')?.1.split_once('}')?.0).filter(is_path);
    let inner = marked.or_else(braces).map(str::trim).filter(|inner| !inner.is_empty())?;
    Some(format!("join texts and values with `+`, as in `\"...\" + string({inner})`"))
}

/// Operators of other languages.
fn sign(before: &str, rest: &str) -> Option<String> {
    let after = |sign: &str, next: &str| before.ends_with(sign) && rest.starts_with(next);
    let hint = if after("!=", "=") || after("<", ">") {
        "write `!=`"
    } else if rest.starts_with('=') && !rest.starts_with("=~") && !rest.starts_with("=>") {
        "write `==` to compare"
    } else if rest.starts_with("=~") || rest.starts_with('~') {
        "write `text.matches(\"...\")` for a pattern"
    } else if rest.starts_with("=>") || before.ends_with('-') && rest.starts_with('>') && before.contains('(')
    {
        "name the item: `list.map(x, x.name)`"
    } else if after("-", ">") {
        "write `.` between a record and its field"
    } else if after("?", "?") {
        "say what holds instead: `a.?b.orValue(...)`"
    } else if before.contains("?.") {
        "write `.?` for a field that may be absent: `a.?b`"
    } else if after("*", "*") {
        "multiply: `x * x`"
    } else if after("+", "+") || before.ends_with('+') && rest.is_empty() {
        "add: `x + 1`"
    } else if rest.starts_with(';') && is_inside(before) {
        "separate arguments and items with `,`"
    } else if rest.starts_with(';') {
        "remove it: an expression is one value, without statements"
    } else if rest.starts_with("$.") || rest.starts_with('$') {
        "begin with the name of the message, as in `order.total`"
    } else if before.ends_with('[') && rest.starts_with('*') {
        "name the item: `list.map(x, x.name)`"
    } else if before.ends_with(|c: char| c.is_ascii_digit())
        && rest.strip_prefix(',').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        "write a decimal point: `1.5`"
    } else if rest.starts_with(|c: char| c.is_ascii_digit()) && underscored(rest) {
        "write the digits without `_`"
    } else if before.ends_with(['f', 'F']) && rest.starts_with(['"', '\'']) {
        "join texts and values with `+`, as in `\"...\" + string(order.id)`"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

/// Whether brackets are open at the end of this, so that arguments, items or fields are listed.
fn is_inside(before: &str) -> bool {
    let (mut open, mut quote) = (0_usize, None);
    for c in before.chars() {
        match (quote, c) {
            (Some(mark), _) if c == mark => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => open += 1,
            (None, ')' | ']' | '}') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    open > 0
}

/// Whether a number is written with `_` between its digits.
fn underscored(rest: &str) -> bool {
    let number = rest.split(|c: char| !c.is_ascii_digit() && c != '_').next().unwrap_or_default();
    number.contains('_')
}

/// Words of other languages, where an operator or a value is expected.
const WORDS: &[(&str, &str)] = &[
    ("and", "write `&&`"),
    ("or", "write `||`"),
    ("not", "write `!` in front of what is negated"),
    ("is", "write `==`"),
    ("isnt", "write `!=`"),
    ("eq", "write `==`"),
    ("ne", "write `!=`"),
    ("lt", "write `<`"),
    ("le", "write `<=`"),
    ("gt", "write `>`"),
    ("ge", "write `>=`"),
    ("xor", "write `!=`"),
    ("mod", "write `%`"),
    ("div", "write `/`"),
    ("like", "write `text.contains(\"...\")`, or `text.matches(\"...\")` for a pattern"),
    ("contains", "write it as a method: `text.contains(\"...\")`"),
    ("between", "compare twice: `x >= 1 && x <= 2`"),
    ("if", "write `condition ? a : b`"),
    ("then", "write `condition ? a : b`"),
    ("else", "write `condition ? a : b`"),
    ("case", "write `condition ? a : b`"),
    ("when", "write `condition ? a : b`"),
    ("for", "go through a list with `list.map(x, ...)` or `list.filter(x, ...)`"),
    ("while", "go through a list with `list.map(x, ...)` or `list.filter(x, ...)`"),
    ("lambda", "name the item: `list.map(x, x.name)`"),
    ("new", "call the function alone"),
    ("return", "write the value alone"),
    ("let", "give the value a name with a `let` step"),
    ("var", "give the value a name with a `let` step"),
    ("const", "give the value a name with a `let` step"),
    ("as", "convert with a function, such as `int(...)` or `string(...)`"),
];

fn word(before: &str, rest: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let start = rest.split(|c: char| !is_part(c)).next().unwrap_or_default();
    let end = before.rsplit(|c: char| !is_part(c)).next().unwrap_or_default();
    if rest.to_ascii_lowercase().starts_with("is not ") {
        return Some("write `!=`".to_owned());
    }
    // What stands before the word that was not expected may be the habit: `not x`, `new Date()`.
    let known = |word: &str| WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    let found = known(start).or_else(|| {
        known(end).filter(|(word, _)| matches!(*word, "not" | "new" | "if" | "case" | "return" | "lambda"))
    });
    found.map(|(_, hint)| (*hint).to_owned())
}

/// Words that are meant as a text.
fn constant(text: &str, before: &str, rest: &str) -> Option<String> {
    let whole = text.trim();
    let is_word = |c: char| {
        c.is_alphanumeric() || matches!(c, ' ' | '\'' | '-' | '.' | ',' | '!' | '?' | '_' | '/' | '#' | '@')
    };
    let has_words = before.ends_with(char::is_alphanumeric)
        && rest.starts_with(|c: char| c.is_alphabetic() || c == '\'' || c == '#' || c == '@');
    if whole.len() > 80 || !has_words || !whole.chars().all(is_word) {
        return None;
    }
    let value = if whole.contains(['\'', '#', ',']) { format!("\"{whole}\"") } else { whole.to_owned() };
    let quoted = match whole.contains('\'') {
        true => format!("'\"{}\"'", whole.replace('\'', "''")),
        false => format!("\"'{whole}'\""),
    };
    Some(format!("write a constant text as `{{ value: {value} }}`, or in quotes of its own: `{quoted}`"))
}

#[cfg(test)]
mod tests {
    use crate::syntax::parse;

    #[track_caller]
    fn check(text: &str, hint: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some(hint), "{text}: {}", error.message);
    }

    #[test]
    fn habits_of_other_languages_are_answered_with_what_is_written_here() {
        check("a = b", "write `==` to compare");
        check("a === b", "write `==` to compare");
        check("a !== b", "write `!=`");
        check("a <> b", "write `!=`");
        check("a =~ 'x'", "write `text.matches(\"...\")` for a pattern");
        check("a & b", "write `&&`");
        check("a | b", "write `||`");
        check("a and b", "write `&&`");
        check("a OR b", "write `||`");
        check("not a", "write `!` in front of what is negated");
        check("a is null", "write `==`");
        check("a IS NOT null", "write `!=`");
        check("a like 'x'", "write `text.contains(\"...\")`, or `text.matches(\"...\")` for a pattern");
        check("a between 1 and 2", "compare twice: `x >= 1 && x <= 2`");
        check("if a then b else c", "write `condition ? a : b`");
        check("if (a) b", "write `condition ? a : b`");
        check("a ?? b", "say what holds instead: `a.?b.orValue(...)`");
        check("a?.b", "write `.?` for a field that may be absent: `a.?b`");
        check("a->b", "write `.` between a record and its field");
        check("a.map(x => x.b)", "name the item: `list.map(x, x.name)`");
        check("a[*].b", "name the item: `list.map(x, x.name)`");
        check("a ** 2", "multiply: `x * x`");
        check("a++", "add: `x + 1`");
        check("round(a; 2)", "separate arguments and items with `,`");
        check("[a; b]", "separate arguments and items with `,`");
        check("f('(') ; b", "remove it: an expression is one value, without statements");
        check("a; b", "remove it: an expression is one value, without statements");
        check("$.a", "begin with the name of the message, as in `order.total`");
        check("1,5", "write a decimal point: `1.5`");
        check("1_000", "write the digits without `_`");
        check("new Date()", "call the function alone");
        check("a as int", "convert with a function, such as `int(...)` or `string(...)`");
        check("a // 2", "write `/` to divide, or begin a comment of the file with ` #`");
    }

    #[test]
    fn marks_of_templates_are_left_out() {
        check("{{ a.b }}", "write the expression alone: `a.b`");
        check("${a.b}", "write the expression alone: `a.b`");
        check("#{a.b}", "write the expression alone: `a.b`");
        check("<%= a.b %>", "write the expression alone: `a.b`");
        check("Hello {{ a.b }}!", "join texts and values with `+`, as in `\"...\" + string(a.b)`");
        check("id-${a.b}", "join texts and values with `+`, as in `\"...\" + string(a.b)`");
        check("It is {a.b}", "join texts and values with `+`, as in `\"...\" + string(a.b)`");
        check("f\"a{b}\"", "join texts and values with `+`, as in `\"...\" + string(b)`");
    }

    #[test]
    fn words_are_a_constant_text() {
        check(
            "Bob Smith",
            "write a constant text as `{ value: Bob Smith }`, or in quotes of its own: `\"'Bob Smith'\"`",
        );
        check(
            "it's new",
            "write a constant text as `{ value: \"it's new\" }`, or in quotes of its own: `'\"it''s new\"'`",
        );
    }

    #[test]
    fn a_comment_in_front_of_a_line_is_one() {
        assert!(parse("a // half\n/ 2").is_ok());
        assert!(parse("// half\na / 2").is_ok());
        assert!(parse("'http://x'").is_ok());
    }
}
