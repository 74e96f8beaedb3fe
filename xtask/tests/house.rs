//! The rules of the house that no compiler holds: floors, circles, lengths, fresh reference pages, true paths, tested codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "house/budgets.rs"]
mod budgets;
#[path = "house/circles.rs"]
mod circles;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Each floor uses only lower ones. See `ARCHITECTURE.md`.
const FLOORS: &[&[&str]] = &[
    &["tenon-errors"],
    &["tenon-model", "tenon-document"],
    &["tenon-contracts", "tenon-mapping", "tenon-security", "tenon-monitoring"],
    &["tenon-ports"],
    &["tenon-plan"],
    &["tenon-client", "tenon-compute"],
    &["tenon-docs", "tenon-api", "tenon-gateway", "tenon-connectors", "tenon-flows"],
    &["tenon-engine"],
    &["tenon-testing"],
    &["tenon", "tenon-bench", "tenon-bench-contracts", "tenon-fuzz", "xtask"],
];

/// Crates that know no clock, socket, file or runtime.
const PURE_FLOORS: usize = 5;
const IMPURE: &[&str] = &["tokio", "hyper", "rusqlite", "notify", "tracing-subscriber"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    packages
        .iter()
        .map(|package| {
            let normal = package["dependencies"].as_array().unwrap().iter().filter(|it| it["kind"].is_null());
            (text(&package["name"]), normal.map(|it| text(&it["name"])).collect())
        })
        .collect()
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

#[test]
fn a_crate_uses_only_lower_floors() {
    for (name, uses) in dependencies() {
        let own = floor(&name).unwrap_or_else(|| panic!("{name} has no floor: add it to FLOORS"));
        for used in uses {
            if let Some(other) = floor(&used) {
                assert!(other < own, "{name} (floor {own}) uses {used} (floor {other})");
            }
        }
    }
}

#[test]
fn the_lower_floors_are_pure() {
    for (name, uses) in dependencies() {
        if floor(&name).is_some_and(|own| own < PURE_FLOORS) {
            for used in &uses {
                assert!(!IMPURE.contains(&used.as_str()), "{name} is pure and uses {used}");
            }
        }
    }
}

#[test]
fn generated_reference_pages_are_fresh() {
    for (name, content) in tenon_docs::reference::pages(tenon_connectors::ALL) {
        let path = root().join("book/reference").join(name);
        let held = fs::read_to_string(&path).unwrap_or_default();
        assert!(held == content, "{} is stale: run `cargo xtask reference`", path.display());
    }
}

#[test]
fn every_code_is_reported_and_tested() {
    let (product, mut tests) = sources();
    let product: String = product.values().map(|text| without_lists_and_imports(text)).collect();
    for file in files(&root(), &["md", "txt"]) {
        let path = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        // The reference names every code, and shows none.
        let is_chapter = path.starts_with("book/") && !path.starts_with("book/reference/");
        if path.contains("/tests") || path.starts_with("examples/") || is_chapter {
            tests.push_str(&fs::read_to_string(&file).unwrap_or_default());
        }
    }
    let (mut unreported, mut untested) = (Vec::new(), Vec::new());
    for code in tenon_errors::catalogue::all() {
        let constant = code.name.to_uppercase().replace('-', "_");
        if !has_word(&product, &constant) {
            unreported.push(format!("{} {}", code.id, code.name));
        }
        if !has_word(&tests, code.id) && !has_word(&tests, &constant) {
            untested.push(format!("{} {}", code.id, code.name));
        }
    }
    assert!(unreported.is_empty(), "codes that nothing reports: {unreported:#?}");
    assert!(untested.is_empty(), "codes that no test produces: {untested:#?}");
}

#[test]
fn every_metric_is_emitted() {
    const METRICS: &str = "crates/monitoring/src/metrics.rs";
    let (mut product, _) = sources();
    let metrics = product.remove(METRICS).unwrap();
    let product = product.into_values().collect::<String>();
    let unused: Vec<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("pub static ")?.split_once(": Family"))
        .map(|(name, _)| name)
        .filter(|name| !has_word(&product, name))
        .collect();
    assert!(unused.is_empty(), "metrics that nothing emits: {unused:#?}");
}

/// What a file does: that it may report a code, or imports it, is no report of it.
fn without_lists_and_imports(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("codes: &[") {
        out.push_str(before);
        rest = after.split_once(']').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let mut is_import = false;
    out.split_inclusive('\n')
        .filter(|line| {
            let skipped = is_import || line.starts_with("use ");
            is_import = skipped && !line.trim_end().ends_with(';');
            !skipped
        })
        .collect()
}

/// What is built into the product by file, without the catalogue of codes, and the text of all tests.
fn sources() -> (BTreeMap<String, String>, String) {
    let (mut product, mut tests) = (BTreeMap::new(), String::new());
    for file in files(&root().join("crates"), &["rs"]) {
        let text = fs::read_to_string(&file).unwrap();
        let path = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let is_test =
            path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/src/testing/");
        if is_test {
            tests.push_str(&text);
        } else if !path.starts_with("crates/errors/src/catalogue/") {
            let (code, test) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&text, ""));
            tests.push_str(test);
            product.insert(path, code.to_owned());
        }
    }
    (product, tests)
}

/// Whether `text` holds `word`, and not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

#[test]
fn paths_named_in_markdown_exist() {
    let mut missing = Vec::new();
    for file in files(&root(), &["md"]) {
        let text = fs::read_to_string(&file).unwrap();
        for path in named_paths(&text) {
            let exists =
                [root(), file.parent().unwrap().to_owned()].iter().any(|base| base.join(&path).exists());
            if !exists {
                missing.push(format!("{}: {path}", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(missing.is_empty(), "paths that do not exist: {missing:#?}");
}

/// Targets of relative links, and code spans that start with a top-level folder of the repository.
fn named_paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for part in text.split("](").skip(1) {
        let target = part.split([')', '#', ' ']).next().unwrap_or_default();
        if !target.is_empty() && !target.contains("://") && !target.starts_with(['/', '<']) {
            paths.push(target.to_owned());
        }
    }
    for span in text.split('`').skip(1).step_by(2) {
        let first = span.split('/').next().unwrap_or_default();
        let plain = !span.contains(['*', '<', '{', ' ', '\n', '$', '…']) && !span.contains("NAME");
        if plain
            && span.contains('/')
            && ["crates", "examples", "book", "bench", "interop", "xtask"].contains(&first)
        {
            paths.push(span.to_owned());
        }
    }
    paths
}

/// The files below `folder` with one of these endings, without build output and hidden folders.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            found.extend(files(&path, endings));
        } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
            found.push(path);
        }
    }
    found.sort();
    found
}
