//! The breaking changes of graphql-js, held against what Tenon says of the same schemas. The pairs (`find_changes_expected.json`,
//! from the tests of graphql-js) lie in `conformance/graphql-js` beside the checkout, in the folder that is named, or are skipped loudly.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;
use tenon_contracts::{
    format::{NoFiles, Source},
    graphql::{self, Read, Rules},
    relate::{Direction, OpenRecords, Relation, Role, relate},
};
use tenon_model::Shape;

const UNUSED: &str = "a type that nothing uses is missed by nobody, and has no values";
const NO_ALTERNATIVE: &str =
    "an interface that no type implements has no values; what its alternatives lose is told of them";
const DIRECTIVE: &str = "directives say nothing about data";
const NOT_NEEDED: &str = "what need not be given breaks nobody";

/// The pairs of which Tenon says that nothing breaks, by their positions, with the reason.
const ON_PURPOSE: &[(usize, &str)] = &[
    (0, UNUSED),
    (4, UNUSED),
    (5, NO_ALTERNATIVE),
    (15, "the interface loses an alternative, and clients read the others as before"),
    (16, NO_ALTERNATIVE),
    (19, DIRECTIVE),
    (20, DIRECTIVE),
    (21, DIRECTIVE),
    (22, DIRECTIVE),
    (23, DIRECTIVE),
    (24, DIRECTIVE),
    (31, NO_ALTERNATIVE),
    (33, NOT_NEEDED),
    (35, NOT_NEEDED),
];

/// Compares all pairs.
///
/// # Errors
/// Differences that are not explained.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    let folder = folder.map_or_else(|| PathBuf::from("../shared/conformance/graphql-js"), PathBuf::from);
    let file = folder.join("find_changes_expected.json");
    let Ok(text) = fs::read_to_string(&file) else {
        println!("SKIPPED: there is no {}: 36 pairs of schemas are not compared", file.display());
        return Ok(());
    };
    let pairs: Vec<Value> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let (mut same, mut explained, mut unexplained) = (0, 0, 0);
    for (number, pair) in pairs.iter().enumerate() {
        let expected: BTreeSet<&str> = pair["changes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|change| change["type"].as_str())
            .collect();
        let found =
            breaks(pair["old"].as_str().unwrap_or_default(), pair["new"].as_str().unwrap_or_default())?;
        match (expected.is_empty(), found.is_empty()) {
            (true, true) | (false, false) => same += 1,
            (false, true) => match ON_PURPOSE.iter().find(|(known, _)| *known == number) {
                Some((_, reason)) => {
                    explained += 1;
                    println!("pair {number} ({}): {reason}", list(&expected));
                }
                None => {
                    unexplained += 1;
                    println!("pair {number}: UNEXPLAINED {} is not found", list(&expected));
                }
            },
            (true, false) => {
                unexplained += 1;
                found.iter().for_each(|change| println!("pair {number}: UNEXPLAINED {change}"));
            }
        }
    }
    println!(
        "{} pairs: {same} as graphql-js says, {explained} otherwise on purpose, {unexplained} unexplained",
        pairs.len()
    );
    if unexplained == 0 { Ok(()) } else { Err(format!("{unexplained} pairs differ")) }
}

fn list(changes: &BTreeSet<&str>) -> String {
    changes.iter().copied().collect::<Vec<_>>().join(", ")
}

/// What breaks clients of `old` when the service goes on to `new`.
fn breaks(old: &str, new: &str) -> Result<Vec<String>, String> {
    let (old, new) = (read(old)?, read(new)?);
    let mut found = Vec::new();
    let mut compare = |name: &str, old: &Shape, new: &Shape, role: Role| {
        let how = Relation { direction: Direction::Backward, role, open: OpenRecords::Lenient };
        let changes = relate(old, new, how).changes;
        found.extend(changes.iter().map(|it| format!("{name} {}: {} {}", it.path, it.rule.id(), it.message)));
    };
    for definition in &old.schema.types {
        let Some(now) = new.schema.types.iter().find(|it| it.name == definition.name) else { continue };
        let role = if old.inputs.contains(&definition.name) { Role::Request } else { Role::Reply };
        compare(&definition.name, &definition.shape, &now.shape, role);
    }
    for operation in &old.schema.operations {
        match new.schema.operations.iter().find(|it| it.address == operation.address) {
            Some(now) => compare(&operation.address, &operation.output, &now.output, Role::Reply),
            None => compare(&operation.address, &operation.output, &Shape::never(), Role::Reply),
        }
    }
    let none = Shape::record(Vec::new());
    for taken in &old.arguments {
        let now = new.arguments.iter().find(|it| it.field == taken.field);
        compare(&taken.field, &taken.shape, now.map_or(&none, |now| &now.shape), Role::Request);
    }
    Ok(found)
}

fn read(text: &str) -> Result<Read, String> {
    // The pairs are schemas without a query, of types without fields.
    let source = Source { file: "schema.graphql", text, files: &NoFiles };
    graphql::read(&source, Rules::Unchecked).map_err(|reports| format!("{reports:?}"))
}
