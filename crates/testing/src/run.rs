//! Finding test documents and running their cases.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tenon_errors::{
    Report,
    catalogue::{engine::BAD_TEST, engine::IO_FAILED},
};

use crate::{case, document::Document};

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
            let mismatches = case::run(case, &project).await;
            let updated = settings.update && mismatches.iter().any(|it| it.replacement.is_some());
            if updated {
                changes.extend(mismatches.iter().filter_map(case::Mismatch::change));
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
        let message = format!("there is no case to run in `{}`", settings.path.display());
        return Err(Report::new(&BAD_TEST, message).hint("write one as `tests/NAME.md`, or check `--filter`"));
    }
    Ok(outcomes)
}

/// The project folder and the documents that are meant.
fn find(path: &Path) -> Result<(PathBuf, Vec<PathBuf>), Report> {
    if path.is_file() {
        let project = path.ancestors().find(|folder| folder.join("tenon.yaml").is_file());
        let project = project.map_or_else(|| path.parent().unwrap_or(path).to_owned(), Path::to_owned);
        return Ok((project, vec![path.to_owned()]));
    }
    // A folder that is no project, such as a book, holds its documents itself.
    let folder = if path.join("tenon.yaml").is_file() { path.join("tests") } else { path.to_owned() };
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
    Ok((path.to_owned(), files))
}

fn io(path: &Path, error: &std::io::Error) -> Report {
    Report::new(&IO_FAILED, format!("`{}`: {error}", path.display()))
}
