//! What to do about an object that is written in another form than it is meant: dashes too many or too few, a colon without its
//! space, keys that are not indented.

use tenon_document::{Node, Tree};
use tenon_ports::{Spec, SpecValue as Value};

/// Keys by which a schema is known.
const SCHEMA: &[&str] = &["type", "properties", "$ref", "$schema"];

/// About a value of another kind than `value`, under the key `label`.
pub(super) fn wrong_type(node: &Node, label: &str, value: &Value) -> Option<String> {
    match (value, node.tree()) {
        (Value::List(Value::Variant(spec) | Value::Object(spec)), Tree::Map(entries)) => {
            let is_known = |key: &Node| spec.keys.iter().any(|known| Some(known.name) == key.as_str());
            let (first, _) = entries.first().filter(|(key, _)| is_known(key))?;
            let first = first.as_str()?;
            Some(format!("put `- ` in front of each {}: `- {first}: ...`", spec.name))
        }
        (Value::Reference("contract"), Tree::Map(entries))
            if entries.iter().any(|(key, _)| key.as_str().is_some_and(|key| SCHEMA.contains(&key))) =>
        {
            Some("put the schema into a file `contracts/NAME/1.json`, and write NAME".to_owned())
        }
        (Value::Reference(_) | Value::Name | Value::Word(_) | Value::Path, Tree::Map(entries)) => {
            let [(_, only)] = entries.as_slice() else { return None };
            Some(format!("write `{label}: {}`", only.scalar_text()?))
        }
        _ => None,
    }
}

/// About something else than an object of the keys of `spec`.
pub(super) fn object(node: &Node, label: &str, spec: &Spec) -> Option<String> {
    let Some(text) = node.as_str() else { return dashes(node, label) };
    let (word, rest) = text.split_once([':', ' ']).unwrap_or((text, "..."));
    let known = spec.keys.iter().find(|key| key.name == word)?;
    let rest = rest.trim_start_matches([':', ' ']);
    Some(match text.split_once(':') {
        Some((before, _)) if before == word => format!("put a space after the colon: `{word}: {rest}`"),
        _ => format!("put a colon after the key: `{}: {rest}`", known.name),
    })
}

/// About a list where an object is wanted.
pub(super) fn dashes(node: &Node, label: &str) -> Option<String> {
    let items = node.as_list()?;
    if items.is_empty() || items.iter().any(|item| item.entries().is_none()) {
        return None;
    }
    Some(match label.starts_with("an item") {
        true => "remove the second dash".to_owned(),
        false => format!("write the keys of `{label}` below it, without dashes"),
    })
}

/// About several kinds in one object: the keys of the first that are not indented below it.
pub(super) fn keys_of_the_first(names: &[&str], spec: &Spec) -> Option<String> {
    let (first, others) = names.split_first()?;
    let key = spec.keys.iter().find(|key| key.name == *first)?;
    let Value::Object(inner) = &key.value else { return None };
    let belongs = |name: &&str| inner.keys.iter().any(|key| key.name == *name);
    others.iter().all(belongs).then(|| format!("indent `{}` further than `{first}`", others.join("` and `")))
}

/// About a key that an object does not have, with the entries beside it.
pub(super) fn unknown_key(name: &str, value: &Node, beside: &[(Node, Node)], spec: &Spec) -> Option<String> {
    match (spec.name, name) {
        ("step", "steps") => {
            return Some(
                "list all steps of a flow one below the other; `each` goes through the items of a list"
                    .into(),
            );
        }
        ("source", "topic") => {
            let topic = value.scalar_text().unwrap_or_else(|| "NAME".to_owned());
            return Some(format!("name a topic alone: `from: {topic}`"));
        }
        _ => {}
    }
    let is_container = |name: &str| {
        let key = spec.keys.iter().find(|key| key.name == name);
        key.is_some_and(|key| {
            matches!(key.value, Value::Object(_) | Value::Map(_) | Value::Fields(_) | Value::Template)
        })
    };
    let empty = beside.iter().find(|(key, value)| value.is_null() && key.as_str().is_some_and(is_container));
    let (empty, _) = empty?;
    Some(format!("indent it further than `{}`, if it belongs there", empty.as_str()?))
}
