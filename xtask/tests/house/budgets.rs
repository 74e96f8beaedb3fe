//! How long files and functions are: a few may be long, none very long. Tests may be longer than what they test.

use std::{fs, path::Path};

use super::{files, root};

/// What sources of one sort may have.
struct Budget {
    what: &'static str,
    /// So many lines are usual: at most one file in a hundred has more.
    usual_file: usize,
    /// No file has more.
    longest_file: usize,
    /// So many lines are usual: at most one function in a hundred has more.
    usual_function: usize,
    /// No function has more.
    longest_function: usize,
}

const PRODUCT: Budget = Budget {
    what: "the product",
    usual_file: 400,
    longest_file: 500,
    usual_function: 50,
    longest_function: 120,
};

const TESTS: Budget =
    Budget { what: "tests", usual_file: 600, longest_file: 900, usual_function: 90, longest_function: 200 };

#[test]
fn files_and_functions_of_the_product_are_short() {
    hold(&PRODUCT, false);
}

#[test]
fn files_and_functions_of_tests_are_not_endless() {
    hold(&TESTS, true);
}

fn hold(budget: &Budget, of_tests: bool) {
    let (mut long_files, mut long_functions) = (Vec::new(), Vec::new());
    let (mut count, mut functions_count) = (0, 0);
    for folder in ["crates", "xtask", "fuzz", "bench"] {
        for file in files(&root().join(folder), &["rs"]) {
            let path = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            let text = fs::read_to_string(&file).unwrap();
            if is_test(&file) == of_tests {
                count += 1;
                long_files.push((text.lines().count(), path.clone()));
            }
            // The tests of a file stand at its end.
            let (product, tests) = text.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&text, ""));
            let own = match (is_test(&file), of_tests) {
                (true, true) => text.as_str(),
                (false, true) => tests,
                (false, false) => product,
                (true, false) => "",
            };
            let found = functions(own);
            functions_count += found.len();
            long_functions
                .extend(found.into_iter().map(|(length, name)| (length, format!("{path}: {name}"))));
        }
    }
    assert!(count > 50 && functions_count > 500, "{count} files, {functions_count} functions");
    check(budget.what, "file", budget.usual_file, budget.longest_file, count, long_files);
    check(
        budget.what,
        "function",
        budget.usual_function,
        budget.longest_function,
        functions_count,
        long_functions,
    );
}

fn check(what: &str, unit: &str, usual: usize, longest: usize, count: usize, mut all: Vec<(usize, String)>) {
    all.retain(|(length, _)| *length > usual);
    all.sort();
    let over: Vec<_> = all.iter().filter(|(length, _)| *length > longest).collect();
    assert!(over.is_empty(), "a {unit} of {what} has more than {longest} lines: {over:#?}");
    let share = count.div_ceil(100);
    assert!(
        all.len() <= share,
        "{} of {count} {unit}s of {what} have more than {usual} lines, where {share} may: {all:#?}",
        all.len()
    );
}

fn is_test(file: &Path) -> bool {
    let path = file.to_string_lossy();
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/src/testing/")
}

/// The functions of formatted text with their lines, from the signature to the closing brace, which has its indentation.
fn functions(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indentation = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indentation}}}");
        let is_over = |line: &&str| {
            **line == end
                || line.starts_with(indentation)
                    && line[indentation.len()..].starts_with(") ")
                    && line.ends_with(';')
        };
        // A line of its own: `fn name(self) -> Self { … }`, or only a signature.
        if line.ends_with(['}', ';']) {
            found.push((1, name.to_owned()));
            continue;
        }
        let length = lines[at..].iter().position(is_over).map_or(1, |length| length + 1);
        found.push((length, name.to_owned()));
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| {
        matches!(*word, "pub" | "const" | "async" | "unsafe")
            || word.starts_with("pub(")
            || *word == "crate::json_schema)"
    });
    if words.next() != Some("fn") {
        return None;
    }
    words.next()?.split(['(', '<']).next()
}

#[test]
fn functions_are_measured_from_their_signature_to_their_brace() {
    let text = "impl A {\n    fn one(self) -> u8 { 1 }\n    pub(crate) async fn two<T>(\n        a: T,\n    ) -> T {\n        \
                a\n    }\n    fn three();\n}\n";
    let expected = [(1, "one"), (5, "two"), (1, "three")].map(|(length, name)| (length, name.to_owned()));
    assert_eq!(functions(text), expected);
}
