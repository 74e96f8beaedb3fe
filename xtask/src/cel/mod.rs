//! The conformance tests of cel-spec, run on the expression language: what share passes, by file, and what does not, with the reason.

mod case;
mod declarations;
mod exceptions;
mod failures;
mod types;
mod values;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value as Json;

use self::{case::Outcome, exceptions::EXCEPTIONS, types::Lent};

/// How many tests there are in google/cel-spec at 508bd98.
const CASES: usize = 2_456;

/// What came of the tests of one file.
#[derive(Default)]
struct Score {
    passed: usize,
    excepted: usize,
    wrong: Vec<String>,
}

/// What came of all tests.
struct Scores {
    files: BTreeMap<String, Score>,
    /// Exceptions that are none, since all their tests pass.
    idle: Vec<(&'static str, &'static str)>,
}

/// Prints what passes of the tests in `folder`, or in the one beside the checkout.
///
/// # Errors
/// What does not pass and is no exception, or passes and is one.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    let folder = folder.map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        return Err(format!("the {CASES} tests of cel-spec are not at {}", folder.display()));
    }
    let scores = scores(&folder)?;
    for (file, score) in &scores.files {
        let all = score.passed + score.excepted + score.wrong.len();
        println!("{file}: {} of {all}", score.passed);
    }
    let (passed, all) = scores.totals();
    println!("together: {passed} of {all}, {}.{} %", passed * 100 / all, passed * 1_000 / all % 10);
    println!("exceptions:");
    for (file, names, why) in EXCEPTIONS {
        println!("  {file}: {}: {why}", names.join(", "));
    }
    scores.are_as_said()
}

impl Scores {
    fn totals(&self) -> (usize, usize) {
        let passed = self.files.values().map(|score| score.passed).sum();
        let others: usize = self.files.values().map(|score| score.excepted + score.wrong.len()).sum();
        (passed, passed + others)
    }

    /// Whether everything passes but for the exceptions, and none of these does.
    fn are_as_said(&self) -> Result<(), String> {
        let wrong: Vec<&str> =
            self.files.values().flat_map(|score| &score.wrong).map(String::as_str).collect();
        let (_, all) = self.totals();
        if !wrong.is_empty() {
            return Err(format!("{} tests do not pass:\n{}", wrong.len(), wrong.join("\n")));
        }
        if !self.idle.is_empty() {
            return Err(format!("these pass and are no exceptions: {:?}", self.idle));
        }
        if all == CASES { Ok(()) } else { Err(format!("there are {all} tests, and {CASES} should be there")) }
    }
}

/// Where the tests are: `CEL_SPEC`, or beside the checkout.
fn beside() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance/cel-spec");
    std::env::var_os("CEL_SPEC").map_or(folder, PathBuf::from)
}

fn scores(folder: &Path) -> Result<Scores, String> {
    let (plain, strong) = (Arc::new(Lent::new(false)?), Arc::new(Lent::new(true)?));
    let mut scores = Scores { files: BTreeMap::new(), idle: Vec::new() };
    let mut used = BTreeSet::new();
    for (file, cases) in read(folder)? {
        let mut score = Score::default();
        for (section, case) in &cases {
            let name = case["name"].as_str().unwrap_or_default();
            let lent = if section.starts_with("strong") { &strong } else { &plain };
            let exception = EXCEPTIONS.iter().find_map(|(of, names, _)| {
                let name =
                    names.iter().find(|known| **known == name || **known == format!("{section}/{name}"))?;
                (*of == file).then_some((*of, *name))
            });
            score.count(
                case::run(case, lent),
                exception,
                &mut used,
                &format!("{file} {section}/{name} {}", case["expr"]),
            );
        }
        scores.files.insert(file, score);
    }
    let all = EXCEPTIONS.iter().flat_map(|(file, names, _)| names.iter().map(|name| (*file, *name)));
    scores.idle = all.filter(|exception| !used.contains(exception)).collect();
    Ok(scores)
}

impl Score {
    fn count(
        &mut self,
        outcome: Outcome,
        exception: Option<(&'static str, &'static str)>,
        used: &mut BTreeSet<(&'static str, &'static str)>,
        what: &str,
    ) {
        match (outcome, exception) {
            (Ok(()), _) => self.passed += 1,
            (Err(_), Some(exception)) => {
                self.excepted += 1;
                used.insert(exception);
            }
            (Err(why), None) => self.wrong.push(format!("{what}: {why}")),
        }
    }
}

/// The tests of each file, with the names of their sections.
fn read(folder: &Path) -> Result<BTreeMap<String, Vec<(String, Json)>>, String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file: Json =
            serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut cases = Vec::new();
        for section in file["section"].as_array().into_iter().flatten() {
            let name = section["name"].as_str().unwrap_or_default();
            let tests = section["test"].as_array().into_iter().flatten();
            cases.extend(tests.map(|case| (name.to_owned(), case.clone())));
        }
        files.insert(path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), cases);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn every_test_of_cel_spec_passes_but_for_the_named_ones() {
        let folder = beside();
        if !folder.is_dir() {
            // Written past the capture of the test runner, so that it is seen where the test passes.
            let mut out = std::io::stderr();
            let _ = writeln!(out, "SKIPPED: the {CASES} tests of cel-spec are not at {}", folder.display());
            return;
        }
        let scores = scores(&folder);
        assert_eq!(scores.and_then(|scores| scores.are_as_said()), Ok(()));
    }

    #[test]
    fn the_declarations_of_the_tests_are_read_as_message_types() {
        assert!(Lent::new(false).is_ok_and(|lent| lent.definitions.len() == 2));
    }
}
