//! Changes of contracts as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a change.

use serde_json::{Value as Json, json};
use tenon_contracts::{
    json as json_text,
    relate::{Direction, Rule},
};

use super::diff::{Break, sentence, word};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log of one run.
pub fn log<'b>(breaks: impl Iterator<Item = &'b Break>) -> Json {
    let rule = |(rule, id, title, hint): &(Rule, &str, &str, &str)| {
        json!({
            "id": id,
            "shortDescription": { "text": title },
            "help": { "text": format!("{}{}.", hint[..1].to_uppercase(), &hint[1..]) },
            "properties": { "tags": ["compatibility"], "index": *rule as usize },
        })
    };
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tenon contract diff",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Rule::ALL.iter().map(rule).collect::<Json>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": breaks.map(result).collect::<Json>(),
        }],
    })
}

fn result(it: &Break) -> Json {
    let Break { direction, change, place } = it;
    let example = match &change.witness {
        Some(witness) => format!("{} {}", json_text::to_string(&witness.value), witness.told()),
        None => "could not be shown by an example".to_owned(),
    };
    json!({
        "ruleId": change.rule.id(),
        "ruleIndex": Rule::ALL.iter().position(|(rule, ..)| *rule == change.rule),
        "level": if *direction == Direction::Backward { "error" } else { "warning" },
        "message": { "text": format!("{} ({}; breaks {}). Example: {example}", sentence(change), word(*direction), change.breaks) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": place.file.as_ref() },
            "region": { "startLine": place.line, "startColumn": place.column },
        } }],
        "properties": { "direction": word(*direction), "path": change.path },
    })
}
