//! Repository chores: one file or folder each, and one line in [`CHORES`]. `cargo xtask` lists them.

mod cel;
mod folder;
mod graphql;
mod jws;
mod openapi_diff;
mod packages;
mod sql;
mod suite;
mod wild;
mod xml;
mod xsd;

use std::{fs, path::Path, process::ExitCode};

/// A chore: its name, what it does, and what runs it with its argument.
type Chore = (&'static str, &'static str, fn(Option<String>) -> Result<(), String>);

const CHORES: &[Chore] = &[
    ("reference", "writes the generated pages of the book", reference),
    ("cel", "says which tests of cel-spec pass", cel::run),
    ("graphql", "compares schemas as graphql-js does", graphql::run),
    ("jws", "runs Wycheproof's signatures of JSON Web Tokens", jws::run),
    ("openapi-diff", "compares descriptions as openapi-diff does", openapi_diff::run),
    ("sql", "creates written tables in real servers and reads them back", sql::run),
    ("suite", "runs JSON-Schema-Test-Suite", suite::run),
    ("wild", "says what share of public schemas and descriptions is read", wild::run),
    ("xsd", "runs the test suite of W3C for XML Schema", xsd::run),
    ("xml", "says what share of XML is read, and how documents are judged", xml::run),
];

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    let result = match CHORES.iter().find(|(name, ..)| *name == task) {
        Some((.., run)) => run(std::env::args().nth(2)),
        None => {
            let list: String = CHORES.iter().map(|(name, doc, _)| format!("\n  {name:<14}{doc}")).collect();
            Err(format!("`{task}` is not a chore; there are:{list}"))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[expect(clippy::print_stderr, reason = "a command line tool reports on stderr")]
            {
                eprintln!("error: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

fn reference(_: Option<String>) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/reference");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (name, content) in tenon_docs::reference::pages(tenon_connectors::ALL) {
        fs::write(folder.join(name), content).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
