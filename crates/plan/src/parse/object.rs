//! The one parser of objects: holds a value against what the format says about it.

use tenon_document::{Node, Tree};
use tenon_errors::{
    Report, Reports,
    catalogue::project::{
        BAD_NAME, BAD_UNIT, BAD_VALUE, MISPLACED_VARIABLE, MISSING_KEY, UNKNOWN_KEY, WRONG_TYPE,
    },
    nearest::nearest,
};
use tenon_model::{Name, name::MAX_LENGTH};
use tenon_ports::{Key, Spec, SpecValue as Value, folder};

use super::{
    advice,
    scalar::{self, Unit},
    setting,
};

/// Holds the object in `node`, which stands under `owner` (called `label`), against `spec`.
pub(crate) fn object(owner: &Node, node: &Node, label: &str, spec: &Spec, problems: &mut Reports) {
    let Some(entries) = node.entries() else {
        problems.push(wrong_object(node, label, spec));
        return;
    };
    for (key, value) in entries {
        let name = key.as_str().unwrap_or_default();
        match spec.keys.iter().find(|known| known.name == name) {
            Some(known) => check(key, value, name, &known.value, problems),
            None => problems.push(unknown_key(key, value, entries, spec)),
        }
    }
    for key in spec.keys.iter().filter(|key| key.required && node.get(key.name).is_none()) {
        problems.push(missing_key(owner, spec, key));
    }
}

/// Holds `node`, which stands under `key` (called `label`), against `value`.
pub(crate) fn check(key: &Node, node: &Node, label: &str, value: &Value, problems: &mut Reports) {
    match value {
        Value::Object(spec) => object(key, node, label, spec, problems),
        Value::Variant(spec) => variant(key, node, label, spec, problems),
        Value::List(item) => match node.as_list() {
            Some(items) => {
                let label = format!("an item of `{}`", bare(label));
                items.iter().for_each(|node| check(key, node, &label, item, problems));
            }
            None => problems.push(wrong_type(node, label, value, "a list")),
        },
        Value::Map(item) => map(key, node, label, item, true, problems),
        Value::Fields(item) => map(key, node, label, item, false, problems),
        Value::Either(choices) => match choices.iter().find(|choice| kind_fits(node, choice)) {
            Some(choice) => check(key, node, label, choice, problems),
            None => {
                let expected: Vec<_> = choices.iter().map(expected).collect();
                problems.push(wrong_type(node, label, value, &expected.join(" or ")));
            }
        },
        Value::Template => variables(node, label, problems),
        _ => leaf(node, label, value, problems),
    }
}

/// An object that has exactly one of the kinds of `spec`, and what may stand beside that one.
fn variant(key: &Node, node: &Node, label: &str, spec: &Spec, problems: &mut Reports) {
    if let Some(entries) = node.entries() {
        let known = |name: &Node| spec.keys.iter().find(|key| Some(key.name) == name.as_str());
        let has_beside = spec.keys.iter().any(|key| entries.iter().any(|(name, _)| is_beside(key, name)));
        // A name that is not known counts as a kind where nothing may stand beside the kind that is there.
        let is_kind = |(name, _): &&(Node, Node)| match known(name) {
            Some(key) => key.beside.is_empty(),
            None => !has_beside,
        };
        let kinds: Vec<_> = entries.iter().filter(is_kind).map(|(name, _)| name).collect();
        let report = match kinds.as_slice() {
            [] => Some(no_kind(node, spec)),
            [_, second, ..] => Some(two_kinds(&kinds, second, spec)),
            [kind] => {
                let others = entries.iter().filter_map(|(name, _)| known(name).map(|key| (name, key)));
                let mut stray = others
                    .filter(|(_, key)| !key.beside.is_empty() && !is_beside(key, kind))
                    .map(|(name, key)| misplaced_beside(name, key, kind));
                stray.next()
            }
        };
        if let Some(report) = report {
            problems.push(report);
            return;
        }
    }
    object(key, node, label, spec, problems);
}

fn no_kind(node: &Node, spec: &Spec) -> Report {
    let kinds = spec.keys.iter().filter(|key| key.beside.is_empty());
    let known = kinds.map(|key| key.name).collect::<Vec<_>>().join("`, `");
    let what = if node.entries().is_some_and(<[_]>::is_empty) { "is empty" } else { "does not" };
    let message = format!("{} must name its kind, and this one {what}", a(spec.name));
    Report::new(&MISSING_KEY, message).at(node.place()).hint(format!("write one of the keys `{known}`"))
}

fn two_kinds(kinds: &[&Node], second: &Node, spec: &Spec) -> Report {
    let names: Vec<_> = kinds.iter().filter_map(|key| key.as_str()).collect();
    let message = format!("{} takes one key, and this one has `{}`", a(spec.name), names.join("` and `"));
    let hint = advice::keys_of_the_first(&names, spec)
        .unwrap_or_else(|| format!("make each {} of its own", a(spec.name)));
    Report::new(&BAD_VALUE, message).at(second.place()).hint(hint)
}

fn is_beside(key: &Key, kind: &Node) -> bool {
    kind.as_str().is_some_and(|kind| key.beside.contains(&kind))
}

fn misplaced_beside(name: &Node, key: &Key, kind: &Node) -> Report {
    let kind = kind.as_str().unwrap_or_default();
    let message = format!("`{}` goes with `{}`, and this is `{kind}`", key.name, key.beside.join("` or `"));
    Report::new(&UNKNOWN_KEY, message).at(name.place()).hint(format!("remove `{}`", key.name))
}

fn map(key: &Node, node: &Node, label: &str, item: &Value, named: bool, problems: &mut Reports) {
    if node.is_null() {
        return;
    }
    let Some(entries) = node.entries() else {
        let report = wrong_type(node, label, item, &format!("an object of {}", plural(item, key)));
        problems.push(match advice::dashes(node, label) {
            Some(hint) => report.hint(hint),
            None => report,
        });
        return;
    };
    for (key, node) in entries {
        let name = key.as_str().unwrap_or_default();
        if named {
            problems.extend(bad_name(key, name));
            if let Some(report) = outdented(key, node, name, item) {
                problems.push(report);
                continue;
            }
        }
        check(key, node, name, item, problems);
    }
}

/// A value that holds no others.
fn leaf(node: &Node, label: &str, value: &Value, problems: &mut Reports) {
    if !kind_fits(node, value) {
        problems.push(wrong_type(node, label, value, &expected(value)));
        return;
    }
    let text = node.scalar_text().unwrap_or_default();
    match value {
        Value::Setting | Value::Secret => {}
        _ if setting::is_variable(&text) => problems.push(misplaced(node, label, &text)),
        Value::Name => problems.extend(bad_name(node, &text)),
        Value::Path => problems.extend(folder::normal(&text).err().map(|report| report.at(node.place()))),
        Value::Integer(min, max) => problems.extend(bad_integer(node, label, *min, *max)),
        Value::Duration => unit(node, label, scalar::DURATION, &text, problems),
        Value::DurationRange => unit(node, label, scalar::DURATION_RANGE, &text, problems),
        Value::Size => unit(node, label, scalar::SIZE, &text, problems),
        Value::Share => unit(node, label, scalar::SHARE, &text, problems),
        Value::Rate => unit(node, label, scalar::RATE, &text, problems),
        Value::Word(words) if !words.contains(&text.as_str()) => {
            problems.push(unknown_word(node, label, &text, words));
        }
        _ => {}
    }
}

fn unit(node: &Node, label: &str, unit: Unit, text: &str, problems: &mut Reports) {
    if !(unit.fits)(text) {
        let message = format!("{} is `{text}`, which is not {}", quoted(label), unit.what);
        problems.push(Report::new(&BAD_UNIT, message).at(node.place()).hint(unit.hint));
    }
}

/// Whether the kind of `node` is the one that `value` is written as; its content is checked afterwards.
fn kind_fits(node: &Node, value: &Value) -> bool {
    match (node.tree(), value) {
        (Tree::Map(_), Value::Object(_) | Value::Variant(_) | Value::Map(_) | Value::Fields(_))
        | (Tree::List(_), Value::List(_))
        | (Tree::Bool(_), Value::Bool | Value::Text | Value::Expression)
        | (_, Value::Template) => true,
        (
            _,
            Value::Object(_)
            | Value::Variant(_)
            | Value::Map(_)
            | Value::Fields(_)
            | Value::List(_)
            | Value::Bool,
        ) => false,
        // A variable where none may stand gets its own report, not one about its kind.
        (Tree::String(text), Value::Integer(..)) => setting::is_variable(text),
        (Tree::Number(_), Value::Word(_) | Value::Name | Value::Reference(_) | Value::Path) => false,
        (Tree::String(_) | Tree::Number(_), Value::Either(choices)) => {
            choices.iter().any(|choice| kind_fits(node, choice))
        }
        (Tree::String(_) | Tree::Number(_), _) => true,
        _ => false,
    }
}

/// What a value is, as in "and **a duration** is wanted".
pub(crate) fn expected(value: &Value) -> String {
    match value {
        Value::Text | Value::Setting => "text".to_owned(),
        Value::Secret => "`${secret:NAME}`".to_owned(),
        Value::Name => "a name".to_owned(),
        Value::Reference(kind) => format!("the name of {}", a(kind)),
        Value::Path => "a path".to_owned(),
        Value::Expression => "an expression".to_owned(),
        Value::Template => "a template".to_owned(),
        Value::Bool => "true or false".to_owned(),
        Value::Integer(..) => "a whole number".to_owned(),
        Value::Duration => scalar::DURATION.what.to_owned(),
        Value::DurationRange => scalar::DURATION_RANGE.what.to_owned(),
        Value::Size => scalar::SIZE.what.to_owned(),
        Value::Share => scalar::SHARE.what.to_owned(),
        Value::Rate => scalar::RATE.what.to_owned(),
        Value::Word(words) => match words {
            [word] => format!("`{word}`"),
            _ => format!("one of `{}`", words.join("`, `")),
        },
        Value::Object(spec) | Value::Variant(spec) => format!("an object ({})", a(spec.name)),
        Value::List(Value::Object(spec) | Value::Variant(spec)) => format!("a list of {}s", spec.name),
        Value::List(item) => format!("a list of {}", expected(item)),
        Value::Map(_) | Value::Fields(_) => "an object".to_owned(),
        Value::Either(choices) => choices.iter().map(expected).collect::<Vec<_>>().join(" or "),
    }
}

fn plural(item: &Value, key: &Node) -> String {
    match item {
        Value::Object(spec) | Value::Variant(spec) => format!("{}s by name", spec.name),
        _ => key.as_str().unwrap_or("entries").to_owned(),
    }
}

fn wrong_type(node: &Node, label: &str, value: &Value, wanted: &str) -> Report {
    let found = if node.is_null() { "empty".to_owned() } else { node.kind_name().to_owned() };
    let report = Report::new(&WRONG_TYPE, format!("{} is {found}, but should be {wanted}", quoted(label)));
    let hint = advice::wrong_type(node, label, value).unwrap_or_else(|| match value {
        Value::Duration => scalar::DURATION.hint.to_owned(),
        Value::Size => scalar::SIZE.hint.to_owned(),
        Value::Share => scalar::SHARE.hint.to_owned(),
        Value::Rate => scalar::RATE.hint.to_owned(),
        Value::List(_) => "write a list: `[a, b]`, or one line with `- ` for each item".to_owned(),
        _ => format!("write {wanted}"),
    });
    report.at(node.place()).hint(hint)
}

/// Something else than an object of this kind.
fn wrong_object(node: &Node, label: &str, spec: &Spec) -> Report {
    let report = wrong_type(node, label, &Value::Text, "an object");
    match advice::object(node, label, spec) {
        Some(hint) => report.hint(hint),
        None => report,
    }
}

/// A key of the object above that is not indented, so that it reads as the name of another.
fn outdented(key: &Node, node: &Node, name: &str, item: &Value) -> Option<Report> {
    let Value::Object(spec) = item else { return None };
    if node.entries().is_some() || !spec.keys.iter().any(|key| key.name == name) {
        return None;
    }
    let message = format!("`{name}` is a key of {}, and here are the names of {}s", a(spec.name), spec.name);
    let report = Report::new(&UNKNOWN_KEY, message).at(key.place());
    Some(report.hint(format!("indent it further, below the {} that it belongs to", spec.name)))
}

fn unknown_key(key: &Node, value: &Node, beside: &[(Node, Node)], spec: &Spec) -> Report {
    let name = key.as_str().unwrap_or_default();
    let report =
        Report::new(&UNKNOWN_KEY, format!("`{name}` is not a key of {}", a(spec.name))).at(key.place());
    let known: Vec<_> = spec.keys.iter().map(|key| key.name).collect();
    let hint = advice::unknown_key(name, value, beside, spec);
    match hint.or_else(|| nearest(name, known.iter().copied()).map(|meant| format!("write `{meant}`"))) {
        Some(hint) => report.hint(hint),
        None => match known.as_slice() {
            [] => report.hint("remove it"),
            [only] => report.hint(format!("use `{only}`, the only key that there is")),
            _ => report.hint(format!("use one of `{}`", known.join("`, `"))),
        },
    }
}

/// The report for a required key that is absent.
pub(crate) fn missing_key(owner: &Node, spec: &Spec, key: &Key) -> Report {
    let message = format!("{} needs `{}`, which is missing", a(spec.name), key.name);
    Report::new(&MISSING_KEY, message).at(owner.place()).hint(format!(
        "add `{}`: {}",
        key.name,
        expected(&key.value)
    ))
}

fn misplaced(node: &Node, label: &str, text: &str) -> Report {
    let text = text.trim();
    let message = format!("{} holds the variable `{text}`, and only settings take variables", quoted(label));
    let report = Report::new(&MISPLACED_VARIABLE, message).at(node.place());
    let inside = text.trim_start_matches("${").trim_end_matches('}').trim();
    // `${order.total}`: other languages write an expression in a text so.
    let is_expression = inside.contains(['.', '(', '[']) && !inside.contains(':');
    report.hint(if is_expression {
        format!("write the expression alone: `{inside}`")
    } else {
        "write the value itself".to_owned()
    })
}

/// Templates are checked when they are compiled; variables in them are found here.
fn variables(node: &Node, label: &str, problems: &mut Reports) {
    match node.tree() {
        Tree::String(text) if setting::is_variable(text) => problems.push(misplaced(node, label, text)),
        Tree::List(items) => items.iter().for_each(|item| variables(item, label, problems)),
        Tree::Map(entries) => {
            for (key, value) in entries {
                variables(value, key.as_str().unwrap_or(label), problems);
            }
        }
        _ => {}
    }
}

fn bad_name(node: &Node, name: &str) -> Option<Report> {
    if Name::new(name).is_some() {
        return None;
    }
    let message = if name.len() > MAX_LENGTH {
        format!("the name is {} characters long, and {MAX_LENGTH} are allowed", name.len())
    } else {
        format!("`{name}` is not a name")
    };
    let report = Report::new(&BAD_NAME, message).at(node.place());
    Some(report.hint(format!(
        "write a letter, followed by letters, digits, `-` and `_`{}",
        suggested(name).map(|it| format!(", for example `{it}`")).unwrap_or_default()
    )))
}

/// The name that comes of `text` when what may not stand in a name is replaced.
fn suggested(text: &str) -> Option<Name> {
    let dashed: String =
        text.trim().chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let dashed = dashed.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).trim_end_matches('-');
    Name::new(dashed)
}

fn bad_integer(node: &Node, label: &str, min: u64, max: u64) -> Option<Report> {
    let text = node.number_text()?;
    if node.as_u64().is_some_and(|number| (min..=max).contains(&number)) {
        return None;
    }
    let message = format!("{} is {text}, but should be a whole number from {min} to {max}", quoted(label));
    Some(
        Report::new(&BAD_VALUE, message).at(node.place()).hint(format!("write a number from {min} to {max}")),
    )
}

/// What others call a word, where the nearest one is another thing.
const SYNONYMS: &[(&str, &str)] = &[
    ("ndjson", "jsonl"),
    ("jsonlines", "jsonl"),
    ("json-lines", "jsonl"),
    ("tsv", "csv"),
    ("gz", "gzip"),
    ("zst", "zstd"),
    ("utf8", "utf-8"),
    ("utf-16", "utf-16le"),
    ("iso-8859-1", "latin-1"),
    ("ascii", "utf-8"),
    ("cp1252", "windows-1252"),
    ("cp1250", "windows-1250"),
];

fn unknown_word(node: &Node, label: &str, text: &str, words: &[&'static str]) -> Report {
    let report =
        Report::new(&BAD_VALUE, format!("`{text}` is not a value of {}", quoted(label))).at(node.place());
    let synonym = SYNONYMS.iter().find(|(other, meant)| *other == text && words.contains(meant));
    match synonym.map(|(_, meant)| *meant).or_else(|| nearest(text, words.iter().copied())) {
        Some(meant) => report.hint(format!("write `{meant}`")),
        None => match words {
            [word] => report.hint(format!("write `{word}`, or leave it out")),
            _ => report.hint(format!("write one of `{}`", words.join("`, `"))),
        },
    }
}

/// A noun with its article.
pub(crate) fn a(noun: &str) -> String {
    // "aitch"
    let vowel =
        noun.starts_with("http") || noun.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// A key in quotes; what is described in words already stays as it is.
fn quoted(label: &str) -> String {
    if label.contains(' ') { label.to_owned() } else { format!("`{label}`") }
}

fn bare(label: &str) -> &str {
    label.split('`').nth(1).unwrap_or(label)
}
