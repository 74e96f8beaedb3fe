//! Errors of an API that does not tell its schema: they name what the request names, and nothing else.

/// What the compiler says only about names of the request.
const OF_THE_REQUEST: &[&str] = &[
    "syntax error",
    "parser ",
    "token limit",
    "There can be only one ",
    "This anonymous operation ",
    "Unknown type ",
    "Unknown directive ",
    "Unknown fragment ",
    "missing value for non-null variable",
];
/// What begins with a name of the request and goes on with names of the schema.
const BEGINNINGS: &[(&str, &str)] = &[
    ("Cannot query field ", "cannot be queried here"),
    ("Unknown argument ", "is not known here"),
    ("Field ", "does not fit here"),
    ("Value ", "does not fit here"),
];

/// `message` of the compiler without names of the schema.
pub(super) fn without_names(message: &str) -> String {
    let begins = |with: &str| message.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    let of_variable = begins("Variable ") && !message.contains("type");
    if of_variable || message.ends_with("is never used.") || OF_THE_REQUEST.iter().any(|it| begins(it)) {
        return message.to_owned();
    }
    let known = BEGINNINGS.iter().find(|(beginning, _)| begins(beginning) && !message.contains("required"));
    let name = message.split('"').nth(1).filter(|name| !name.contains('.'));
    match known.zip(name) {
        Some(((beginning, what), name)) => {
            let kind = beginning.trim_start_matches("Cannot query ").trim_start_matches("Unknown ").trim();
            format!("The {} \"{name}\" {what}.", kind.to_ascii_lowercase())
        }
        None => "The request does not fit the schema here.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_request_are_told() {
        for (said, told) in [
            (
                "Cannot query field \"prices\" on type \"Query\".",
                "The field \"prices\" cannot be queried here.",
            ),
            ("Unknown argument \"x\" on field \"Query.products\".", "The argument \"x\" is not known here."),
            ("Field \"x\" is not defined by type \"NoteInput\".", "The field \"x\" does not fit here."),
            (
                "Field \"NoteInput.text\" of required type \"String!\" was not provided.",
                "The request does not fit the schema here.",
            ),
            (
                "Field \"note\" argument \"id\" of type \"ID!\" is required, but it was not provided.",
                "The request does not fit the schema here.",
            ),
            ("Value \"x\" does not exist in \"NoteSort\" enum.", "The value \"x\" does not fit here."),
            ("Long cannot represent value: $x", "The request does not fit the schema here."),
            (
                "Variable \"$x\" of type \"Int\" used in position expecting type \"Long!\".",
                "The request does not fit the schema here.",
            ),
            ("Variable \"$x\" is not defined.", "Variable \"$x\" is not defined."),
            ("Variable \"$x\" is never used.", "Variable \"$x\" is never used."),
            ("syntax error: expected a Name", "syntax error: expected a Name"),
            (
                "Missing value for non-null input object field A.b",
                "The request does not fit the schema here.",
            ),
        ] {
            assert_eq!(without_names(said), told, "{said}");
        }
    }
}
