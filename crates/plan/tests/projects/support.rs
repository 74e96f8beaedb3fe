//! Projects on disk, read into memory and compiled as `tenon check` would.

use std::{fs, path::Path};

use tenon_errors::{
    Report,
    render::{Colour, text, warning},
};
use tenon_plan::{DataFiles, Facts, Outcome, compile};
use tenon_ports::folder::MemoryFolder;

/// Where the examples are.
pub(crate) fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// The files of a project by path, without hidden ones.
pub(crate) fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    collect(root, root, &mut found);
    found.sort();
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            found.push((name, fs::read(&path).unwrap()));
        }
    }
}

/// Compiles the files. Every secret is provided but `MISSING_KEY`; the environment is empty.
pub(crate) fn check(files: Vec<(String, Vec<u8>)>) -> Outcome {
    let folder = MemoryFolder::new(files);
    compile(
        &folder,
        &|_| None,
        &Facts {
            data: DataFiles::Prove,
            connectors: tenon_connectors::ALL,
            secrets: &|name| name != "MISSING_KEY",
        },
    )
}

/// Problems and warnings as `tenon check` prints them.
pub(crate) fn rendered(outcome: &Outcome) -> String {
    let problems: Vec<Report> = match &outcome.plan {
        Ok(_) => Vec::new(),
        Err(reports) => reports.iter().cloned().collect(),
    };
    let mut lines = String::new();
    for report in &problems {
        lines += text(report, &outcome.sources, Colour::Never).trim_end();
        lines += "\n\n";
    }
    for report in &outcome.warnings {
        lines += warning(report, &outcome.sources, Colour::Never).trim_end();
        lines += "\n\n";
    }
    lines.trim_end().to_owned() + "\n"
}
