//! What functions are called in other languages.

use tenon_errors::nearest;

use crate::functions::{Style, catalogue, find};

/// What functions are called in other languages, and what is written here. In lower case, without `_`.
const SYNONYMS: &[(&str, &str)] = &[
    ("abs", "math.abs"),
    ("average", "avg"),
    ("ceil", "math.ceil"),
    ("ceiling", "math.ceil"),
    ("coalesce", "orValue"),
    ("concat", "+"),
    ("count", "size"),
    ("dateformat", "formatTimestamp"),
    ("default", "orValue"),
    ("defaultvalue", "orValue"),
    ("every", "all"),
    ("float", "double"),
    ("floor", "math.floor"),
    ("if", "\"a ? b : c\""),
    ("ifnull", "orValue"),
    ("iif", "\"a ? b : c\""),
    ("includes", "contains"),
    ("integer", "int"),
    ("isempty", "size(...) == 0"),
    ("lcase", "lowerAscii"),
    ("len", "size"),
    ("length", "size"),
    ("lower", "lowerAscii"),
    ("lowercase", "lowerAscii"),
    ("ltrim", "trim"),
    ("number", "double"),
    ("nvl", "orValue"),
    ("parsedatetime", "parseTimestamp"),
    ("parsedecimal", "parseNumber"),
    ("parsefloat", "double"),
    ("parseint", "int"),
    ("reduce", "sum"),
    ("regexextract", "regex.extract"),
    ("regexpextract", "regex.extract"),
    ("regexpreplace", "regex.replace"),
    ("regexreplace", "regex.replace"),
    ("replaceall", "replace"),
    ("rtrim", "trim"),
    ("some", "exists"),
    ("sqrt", "math.sqrt"),
    ("str", "string"),
    ("strftime", "formatTimestamp"),
    ("strip", "trim"),
    ("strptime", "parseTimestamp"),
    ("substr", "substring"),
    ("toboolean", "bool"),
    ("todate", "date"),
    ("today", "date(now())"),
    ("todouble", "double"),
    ("toint", "int"),
    ("tolower", "lowerAscii"),
    ("tolowercase", "lowerAscii"),
    ("tonumber", "double"),
    ("tostring", "string"),
    ("totimestamp", "timestamp"),
    ("toupper", "upperAscii"),
    ("touppercase", "upperAscii"),
    ("trunc", "math.trunc"),
    ("ucase", "upperAscii"),
    ("unique", "distinct"),
    ("upper", "upperAscii"),
    ("uppercase", "upperAscii"),
];

/// The function that a name most likely stands for: what other languages call so, or the nearest name.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let folded = name.to_ascii_lowercase().replace('_', "");
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == folded).map(|(_, ours)| *ours);
    let last = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
    synonym.or_else(|| nearest(name, catalogue().map(|function| function.name))).or_else(|| {
        catalogue().map(|function| function.name).find(|known| last(known).eq_ignore_ascii_case(name))
    })
}

/// How the function that a field of a scalar most likely stands for is called: `name.length` becomes `size(name)`.
pub(super) fn called(operand: &str, field: &str) -> Option<String> {
    let function = find(meant(field)?)?;
    let mut methods = function.overloads.iter().filter(|overload| overload.style == Style::Method).peekable();
    let name = function.name;
    let call = match (methods.peek().is_some(), methods.any(|overload| overload.takes_count(1))) {
        (true, true) => format!("{operand}.{name}()"),
        (true, false) => format!("{operand}.{name}(...)"),
        (false, _) => format!("{name}({operand})"),
    };
    Some(format!("call the function: `{call}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_languages_call_a_function_is_none_here_and_leads_to_one() {
        for (other, ours) in SYNONYMS {
            assert!(find(other).is_none(), "{other}");
            let name = ours.split('(').next().unwrap_or_default();
            assert!(find(name).is_some() || !name.starts_with(char::is_alphabetic), "{other}: {ours}");
        }
        assert!(SYNONYMS.is_sorted(), "an ordered list is easy to look through");
    }
}
