//! Finding test documents and running their cases.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tenon_errors::{
    Report,
    catalogue::{engine::BAD_TEST, engine::IO_FAILED},
};

use crate::{
    case,
    document::Document,
    varying::{self, Span},
};

/// What to run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A project folder, a folder of documents, or one document.
    pub path: PathBuf,
    /// Only cases whose title contains this.
    pub filter: Option<String>,
    /// Rewrite expectations that do not hold.
    pub update: bool,
}

/// What came of one case.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The document, relative to the project.
    pub document: String,
    /// The case's title.
    pub case: String,
    /// The line of its heading.
    pub line: usize,
    /// How long it took.
    pub duration: Duration,
    /// What did not hold; `None` if all did.
    pub failure: Option<String>,
    /// Whether its expectations were rewritten.
    pub updated: bool,
}

/// Runs the cases one after another and calls `show` after each.
///
/// # Errors
/// `E0102` if there is nothing to run, `E0003` if a document cannot be read or written.
pub async fn run(settings: &Settings, show: &dyn Fn(&Outcome)) -> Result<Vec<Outcome>, Report> {
    let (project, files) = find(&settings.path)?;
    let mut outcomes = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| io(&file, &error))?;
        let name = file.strip_prefix(&project).unwrap_or(&file).display().to_string();
        let document = Document::parse(&name, &text);
        let mut changes = Vec::new();
        for case in &document.cases {
            if settings.filter.as_ref().is_some_and(|wanted| !case.title.contains(wanted.as_str())) {
                continue;
            }
            let started = Instant::now();
            let from = jiff::Timestamp::now();
            let mismatches = case::run(case, &project).await;
            let updated = settings.update && mismatches.iter().any(|it| it.replacement.is_some());
            if updated {
                // A second run shows what varies.
                let again = case::run(case, &project).await;
                let span = Span { from, to: jiff::Timestamp::now() };
                let change = |(range, text): (Range<usize>, String)| {
                    let again =
                        again.iter().filter_map(case::Mismatch::change).find(|(other, _)| *other == range);
                    let fence = case.fences.iter().find(|fence| fence.range == range);
                    let merged = fence
                        .zip(again)
                        .map(|(fence, (_, again))| varying::merged(&fence.kind, &text, &again, span));
                    (range, merged.unwrap_or(text))
                };
                changes.extend(mismatches.iter().filter_map(case::Mismatch::change).map(change));
            }
            let left: Vec<_> = mismatches
                .iter()
                .filter(|it| !updated || it.replacement.is_none())
                .map(|it| it.text(&name))
                .collect();
            let outcome = Outcome {
                document: name.clone(),
                case: case.title.clone(),
                line: case.line,
                duration: started.elapsed(),
                failure: (!left.is_empty()).then(|| left.join("\n")),
                updated,
            };
            show(&outcome);
            outcomes.push(outcome);
        }
        if !changes.is_empty() {
            fs::write(&file, document.rewritten(&changes)).map_err(|error| io(&file, &error))?;
        }
    }
    if outcomes.is_empty() {
        let message = format!("there is no case to run in `{}`", shown(&settings.path));
        return Err(Report::new(&BAD_TEST, message).hint("write one as `tests/NAME.md`, or check `--filter`"));
    }
    Ok(outcomes)
}

/// The project folder and the documents that are meant.
fn find(path: &Path) -> Result<(PathBuf, Vec<PathBuf>), Report> {
    // A relative path has no ancestors outside of where the command was typed.
    let path = std::path::absolute(path).map_err(|error| io(path, &error))?;
    let project = path.ancestors().find(|folder| folder.join("tenon.yaml").is_file());
    if path.is_file() {
        let project = project.or(path.parent()).unwrap_or(&path).to_owned();
        return Ok((project, vec![path]));
    }
    if !path.is_dir() {
        let report = Report::new(&BAD_TEST, format!("there is no such file: `{}`", shown(&path)));
        return Err(report.hint("name a project, a folder of documents, or a document"));
    }
    // Any other folder than a project, be it inside one or a book, holds its documents itself.
    let folder = if project == Some(path.as_path()) { path.join("tests") } else { path.clone() };
    let mut files = Vec::new();
    if let Ok(entries) = fs::read_dir(&folder) {
        for entry in entries {
            let file = entry.map_err(|error| io(&folder, &error))?.path();
            if file.extension().is_some_and(|ending| ending == "md") {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok((project.unwrap_or(&path).to_owned(), files))
}

/// A path as short as it can be typed.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

fn io(path: &Path, error: &std::io::Error) -> Report {
    Report::new(&IO_FAILED, format!("`{}`: {error}", shown(path)))
}
