//! `tenon contract bundle`: a contract and all that it refers to as one file, or as one folder where its format has no form for that.

use std::{cell::RefCell, collections::BTreeMap, fs, path::Path, sync::Arc};

use serde_json::json;
use tenon_contracts::{
    Format,
    format::{Files, Source},
};
use tenon_errors::{Report, Sources, catalogue::contract::NOT_WRITABLE};

use super::{
    Problems,
    beside::{self, Unwritten},
    open::{Root, file, format_of},
};
use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

/// Files of a folder, which remembers those that were read.
pub struct Remembered {
    root: Root,
    pub read: RefCell<BTreeMap<String, Arc<str>>>,
}

impl Remembered {
    pub fn new(root: Root) -> Self {
        Self { root, read: RefCell::default() }
    }
}

impl Files for Remembered {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        let text = self.root.text(path)?;
        self.read.borrow_mut().insert(path.to_owned(), Arc::clone(&text));
        Ok(text)
    }
}

pub fn run(path: &Path, out: Option<&Path>, output: &Output) -> Result<Exit, Problems> {
    let located = file(path)?;
    let text = located.root.text(&located.path)?;
    let format = format_of(&located.path, &text)?;
    let files = Remembered::new(located.root);
    let bundled = match (one(format, &located.path, &text, &files), out) {
        (Err(problems), Some(out)) if is_folder(out) && problems.are_of(&NOT_WRITABLE) => {
            return folder(format, (&located.path, &text), &files, out, output);
        }
        (bundled, _) => bundled?,
    };
    let message = match &bundled {
        Some(_) => format!("{} files are one", files.read.borrow().len() + 1),
        None => format!("`{}` refers to no other file: there is nothing to bundle", located.path),
    };
    let whole = bundled.unwrap_or_else(|| text.to_string());
    if let Some(out) = out {
        super::write(out, &whole)?;
    }
    if output.is_json() {
        output.json(&json!({ "format": format.name(), "text": whole, "message": message }));
        return Ok(SUCCESS);
    }
    if out.is_none() {
        output.line(whole.trim_end());
    }
    output.note(message);
    Ok(SUCCESS)
}

/// The file and all that it refers to as one text; `None` where it refers to no other.
pub fn one(
    format: &dyn Format,
    path: &str,
    text: &Arc<str>,
    files: &Remembered,
) -> Result<Option<String>, Problems> {
    let source = Source { file: path, text, files };
    let mut sources = Sources::new();
    sources.insert(path, Arc::clone(text));
    let fail = |reports| Problems { reports, sources: sources.clone() };
    if let Some(whole) = format.bundle(&source).map_err(fail)? {
        return Ok(Some(whole));
    }
    format.read(&source).map_err(fail)?;
    let others: Vec<String> = files.read.borrow().keys().map(|path| format!("`{path}`")).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let message =
        format!("files of {} cannot be one: `{path}` refers to {}", format.name(), others.join(", "));
    let report = Report::new(&NOT_WRITABLE, message);
    let hint = "say `--out FOLDER` to have them in one folder, or convert the contract to JSON Schema";
    Err(report.hint(hint).into())
}

/// Whether what is written is meant to be a folder: it is one, or its name has no ending.
fn is_folder(out: &Path) -> bool {
    out.is_dir() || out.extension().is_none()
}

/// Writes the file and all that it refers to into the folder `out`, where it is read without anything else.
fn folder(
    format: &dyn Format,
    (path, text): (&str, &Arc<str>),
    files: &Remembered,
    out: &Path,
    output: &Output,
) -> Result<Exit, Problems> {
    let read = files.read.borrow();
    let (own, all) = beside::alone(format.name(), (path, text), &read);
    let whole = Unwritten(&all);
    format.read(&Source { file: &own, text, files: &whole }).map_err(|reports| {
        let why = reports.iter().next().map(|it| it.message().to_owned()).unwrap_or_default();
        Report::new(&NOT_WRITABLE, format!("`{path}` would not be read in a folder of its own: {why}"))
            .hint("convert the contract to JSON Schema, which has a form as one file")
    })?;
    let is_other =
        |path: &Path, text: &str| path.exists() && fs::read(path).ok().as_deref() != Some(text.as_bytes());
    if let Some((path, _)) = all.iter().find(|(path, text)| is_other(&out.join(path), text)) {
        let message = format!("`{}` is there already, and is another file", out.join(path).display());
        return Err(Report::new(&NOT_WRITABLE, message).hint("choose an empty folder").into());
    }
    for (path, text) in &all {
        super::write(&out.join(path), text)?;
    }
    let message = format!("{} files are in `{}`, and `{own}` refers to the others", all.len(), out.display());
    if output.is_json() {
        let names: Vec<_> = all.keys().collect();
        output.json(&json!({ "format": format.name(), "files": names, "message": message }));
        return Ok(SUCCESS);
    }
    output.note(message);
    Ok(SUCCESS)
}
