//! Contracts as they are named on the command line: files, files of a revision, names of the project.

use std::{
    fs,
    path::{Component, Path, PathBuf},
    process::Command,
    sync::Arc,
};

use tenon_contracts::{
    Format,
    format::{self, Definition, Files, Source},
};
use tenon_errors::{
    Place, Report, Reports, Sources,
    catalogue::{
        contract::NO_CONTRACT_VERSION,
        engine::{BAD_USAGE, IO_FAILED},
    },
};

use super::Problems;

/// Where files are.
#[derive(Debug, Clone)]
pub enum Root {
    /// In a folder.
    Folder(PathBuf),
    /// In a revision of the repository around the current folder.
    Revision(String),
}

impl Root {
    /// The text of a file.
    pub fn text(&self, path: &str) -> Result<Arc<str>, Report> {
        let bytes = match self {
            Self::Folder(folder) => {
                let whole = folder.join(path);
                fs::read(&whole).map_err(|error| {
                    Report::new(&IO_FAILED, format!("`{}` cannot be read: {error}", whole.display()))
                })?
            }
            Self::Revision(revision) => git(&["show", &format!("{revision}:./{path}")])?,
        };
        String::from_utf8(bytes).map(Arc::from).map_err(|error| {
            let message = format!("`{path}` is not UTF-8 at byte {}", error.utf8_error().valid_up_to());
            Report::new(&BAD_USAGE, message)
        })
    }
}

impl Files for Root {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        self.text(path)
    }
}

/// What git writes.
pub fn git(arguments: &[&str]) -> Result<Vec<u8>, Report> {
    let ended = Command::new("git").args(arguments).output();
    let output =
        ended.map_err(|error| Report::new(&IO_FAILED, format!("`git` cannot be started: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let report = Report::new(&BAD_USAGE, format!("`git {}` failed: {}", arguments.join(" "), said.trim()));
    Err(report.hint("write `REV:path`, with a path from the current folder"))
}

/// Where something that was typed lies: the root, and the path from there.
pub struct Located {
    pub root: Root,
    pub path: String,
}

impl Located {
    /// What `what` means: a path, `REV:path` or `git:REV:path`; `None` if it may be a name.
    pub fn of(what: &str) -> Result<Option<Self>, Report> {
        let path = Path::new(what);
        if path.exists() {
            return Ok(Some(on_disk(path)));
        }
        let revision = what.strip_prefix("git:").unwrap_or(what).split_once(':');
        let Some((revision, path)) = revision else { return Ok(None) };
        if revision.is_empty() || revision.starts_with('-') || path.starts_with('/') {
            let report = Report::new(&BAD_USAGE, format!("`{what}` is neither a file nor `REV:path`"));
            return Err(report.hint(
                "write the revision and a path from the current folder: `HEAD:contracts/order/1.json`",
            ));
        }
        Ok(Some(Self { root: Root::Revision(revision.to_owned()), path: path.to_owned() }))
    }

    /// How it is shown to people.
    pub fn shown(&self) -> String {
        match &self.root {
            Root::Folder(_) => self.path.clone(),
            Root::Revision(revision) => format!("{revision}:{}", self.path),
        }
    }
}

/// References between files do not leave the folder that they start from: the current one, or for a path that leads out of
/// it, the project around the file.
fn on_disk(path: &Path) -> Located {
    let is_inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let around = path.ancestors().skip(1).find(|folder| folder.join("tenon.yaml").is_file());
    let root = match around.or(path.parent()) {
        Some(folder) if !is_inside => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let from_root = path.strip_prefix(&root).unwrap_or(path);
    let parts = from_root.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    Located { path: parts.collect::<Vec<_>>().join("/"), root: Root::Folder(root) }
}

/// A contract that was read.
pub struct Opened {
    pub definition: Definition,
    pub format: &'static dyn Format,
    /// How its file is shown.
    pub file: String,
    pub text: Arc<str>,
    pub notes: Vec<Report>,
    root: Root,
}

impl Opened {
    /// Where its file says what stands at `path` in values.
    pub fn place(&self, path: &str) -> Place {
        let source = Source { file: &self.file, text: &self.text, files: &self.root };
        self.format.locate(&source, path).unwrap_or_else(|| Place::file(self.file.as_str()))
    }

    /// The texts that places point into.
    pub fn sources(&self) -> Sources {
        let mut sources = Sources::new();
        sources.insert(self.file.as_str(), Arc::clone(&self.text));
        sources
    }
}

/// The contract that `what` names.
pub fn open(what: &str) -> Result<Opened, Problems> {
    match Located::of(what)? {
        Some(located) => read(located),
        None => read(named(what)?),
    }
}

/// Reads the file of a contract.
pub fn read(located: Located) -> Result<Opened, Problems> {
    let file = located.shown();
    let text = located.root.text(&located.path)?;
    let Some(format) = format::of(&located.path, &text) else {
        let report =
            Report::new(&BAD_USAGE, format!("`{file}` does not have the ending of a contract format"));
        return Err(report.hint(format!("the endings are {}", endings())).into());
    };
    let source = Source { file: &located.path, text: &text, files: &located.root };
    let mut sources = Sources::new();
    sources.insert(located.path.as_str(), Arc::clone(&text));
    let schema = format.read(&source).map_err(|reports| Problems { reports, sources: sources.clone() })?;
    let notes = schema.notes.clone();
    let name = contract_name(&located.path);
    let definition = schema.of_name(&name).cloned().or_else(|names| match schema.types.first() {
        Some(first) => Ok(first.clone()),
        None => Err(Report::new(&BAD_USAGE, format!("`{file}` defines no type{}", names.concat()))),
    })?;
    Ok(Opened { definition, format, file, text, notes, root: located.root })
}

/// The endings of contract files, for messages.
pub fn endings() -> String {
    let all = tenon_contracts::FORMATS.iter().flat_map(|format| format.endings());
    all.map(|ending| format!("`.{ending}`")).collect::<Vec<_>>().join(", ")
}

/// What a contract in a file is called: `order` for `contracts/order/1.json` and for `order.json`.
pub fn contract_name(path: &str) -> String {
    let mut parts = path.rsplit('/');
    let stem = parts.next().unwrap_or_default().split('.').next().unwrap_or_default();
    let is_version = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_digit());
    let name = if is_version { parts.next().unwrap_or(stem) } else { stem };
    if name.is_empty() { "contract".to_owned() } else { name.to_owned() }
}

/// The file of a contract of the project around the current folder: `order` for its newest version, or `order@2`.
fn named(what: &str) -> Result<Located, Reports> {
    let (name, version) = what.split_once('@').map_or((what, None), |(name, version)| (name, Some(version)));
    let here = std::env::current_dir().unwrap_or_default();
    let project = here.ancestors().find(|folder| folder.join("tenon.yaml").is_file());
    let folder = project.map(|project| project.join("contracts").join(name)).filter(|folder| folder.is_dir());
    let (Some(project), Some(folder)) = (project, folder) else {
        let report = Report::new(&BAD_USAGE, format!("there is neither a file nor a contract `{what}` here"));
        return Err(report
            .hint("name a file, `REV:path`, or a contract of the project around this folder")
            .into());
    };
    let mut versions: Vec<(u32, String)> = fs::read_dir(&folder)
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}` cannot be read: {error}", folder.display())))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|file| Some((file.split_once('.')?.0.parse().ok()?, file)))
        .collect();
    versions.sort();
    let wanted = match version {
        Some(version) => versions.iter().find(|(number, _)| number.to_string() == version),
        None => versions.last(),
    };
    let Some((_, file)) = wanted else {
        let message = format!("the contract `{name}` has no version `{}`", version.unwrap_or("1"));
        let known: Vec<_> = versions.iter().map(|(number, _)| format!("`{name}@{number}`")).collect();
        return Err(Report::new(&NO_CONTRACT_VERSION, message)
            .hint(format!("there are {}", known.join(", ")))
            .into());
    };
    Ok(Located { root: Root::Folder(project.to_owned()), path: format!("contracts/{name}/{file}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_is_called_after_its_folder_or_its_file() {
        for (path, expected) in [
            ("contracts/order/1.json", "order"),
            ("order.json", "order"),
            ("a/b.schema.yaml", "b"),
            ("1.json", "1"),
        ] {
            assert_eq!(contract_name(path), expected);
        }
    }
}
