//! Repository chores: `cargo xtask reference` writes the generated pages of the book, `cargo xtask suite` runs JSON-Schema-Test-Suite,
//! `cargo xtask wild` says what share of public schemas is read, `cargo xtask cel` what share of the tests of cel-spec passes.

mod cel;
mod suite;
mod wild;

use std::{fs, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let task = std::env::args().nth(1).unwrap_or_default();
    let result = match task.as_str() {
        "reference" => reference(),
        "suite" => suite::run(std::env::args().nth(2)),
        "cel" => cel::run(std::env::args().nth(2)),
        "wild" => wild::run(std::env::args().nth(2)),
        _ => Err(format!("`{task}` is not a chore; there are: reference, cel, suite, wild")),
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

fn reference() -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/reference");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for (name, content) in tenon_docs::reference::pages(tenon_connectors::ALL) {
        fs::write(folder.join(name), content).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}
