//! Changes of contracts as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a change.

use serde_json::{Value as Json, json};
use tenon_contracts::{
    json as json_text,
    relate::{Direction, Rule, operations::RULES},
};

use super::diff::{Break, REMOVED, word};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of one run.
pub fn log<'b>(breaks: impl Iterator<Item = &'b Break>) -> Json {
    let rule = |(index, (id, title, hint)): (usize, (&str, &str, &str))| {
        json!({
            "id": id,
            "shortDescription": { "text": title },
            "help": { "text": format!("{}{}.", hint[..1].to_uppercase(), &hint[1..]) },
            "properties": { "tags": ["compatibility"], "index": index },
        })
    };
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tenon contract diff",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules().enumerate().map(rule).collect::<Json>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": breaks.map(result).collect::<Json>(),
        }],
    })
}

/// The rules about types, and those about operations.
fn rules() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let of_types = Rule::ALL.iter().map(|(_, id, title, hint)| (*id, *title, *hint));
    of_types.chain(RULES.iter().copied()).chain([REMOVED])
}

fn result(it: &Break) -> Json {
    let place = &it.place;
    let example = match it.change.as_ref().map(|change| &change.witness) {
        Some(Some(witness)) => {
            format!(" Example: {} {}", json_text::to_string(&witness.value), witness.told())
        }
        Some(None) => " Example: could not be shown by an example".to_owned(),
        None => String::new(),
    };
    json!({
        "ruleId": it.rule,
        "ruleIndex": rules().position(|(id, ..)| id == it.rule),
        "level": if it.direction == Direction::Backward { "error" } else { "warning" },
        "message": { "text": format!("{} ({}; breaks {}).{example}", it.message, word(it.direction), it.breaks) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": place.file.as_ref() },
            "region": { "startLine": place.line, "startColumn": place.column },
        } }],
        "properties": { "direction": word(it.direction), "path": it.change.as_ref().map(|change| &change.path) },
    })
}
