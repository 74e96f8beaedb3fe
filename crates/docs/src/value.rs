//! What the keys of a project's objects take, in words.

use std::fmt::Write as _;

use tenon_ports::{Spec, SpecValue as Value};

/// The keys of an object as a Markdown table.
pub(crate) fn table(spec: &Spec) -> String {
    let mut table = "| key | value | required | default | meaning |\n|---|---|---|---|---|\n".to_owned();
    for key in spec.keys {
        let required = if key.required { "yes" } else { "" };
        let default = if key.default.is_empty() { String::new() } else { format!("`{}`", cell(key.default)) };
        let _ = writeln!(
            table,
            "| `{}` | {} | {required} | {default} | {} |",
            key.name,
            cell(&describe(&key.value)),
            cell(key.doc)
        );
    }
    table
}

/// What a value may be, with its units and words, and whether `${VAR:default}` may stand in it.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Text => "text".to_owned(),
        Value::Setting => "text, with `${VAR:default}`".to_owned(),
        Value::Secret => "`${secret:NAME}`".to_owned(),
        Value::Name => "a new name".to_owned(),
        Value::Reference(kind) => format!("the name of a {kind}"),
        Value::Path => "a path in the project".to_owned(),
        Value::Expression => "an expression".to_owned(),
        Value::Template => "a mapping template".to_owned(),
        Value::Bool => "`true` or `false`".to_owned(),
        Value::Integer(min, u64::MAX) => format!("a whole number from {min}"),
        Value::Integer(min, max) => format!("a whole number from {min} to {max}"),
        Value::Duration => "a duration: `ms`, `s`, `m`, `h`, `d`".to_owned(),
        Value::DurationRange => "two durations, as in `200ms..1m`".to_owned(),
        Value::Size => "a size: `B`, `KiB`, `MiB`, `GiB`".to_owned(),
        Value::Share => "a share, as in `50%`".to_owned(),
        Value::Rate => "a rate: `/s`, `/m`, `/h`, `/d`, with or without `per client`".to_owned(),
        Value::Word(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(" or ")
        }
        Value::Object(spec) => linked(spec, ""),
        Value::Variant(spec) => linked(spec, ", by exactly one of its keys"),
        Value::List(item) => format!("a list, each {}", describe(item)),
        Value::Map(item) => format!("names, each with {}", describe(item)),
        Value::Fields(item) => format!("fields, each with {}", describe(item)),
        Value::Either(choices) => choices.iter().map(describe).collect::<Vec<_>>().join("; or "),
    }
}

fn linked(spec: &Spec, more: &str) -> String {
    format!("[{}](#{}){more}", spec.name, spec.name.replace(' ', "-").to_lowercase())
}

/// Text as it may stand in a cell of a Markdown table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
