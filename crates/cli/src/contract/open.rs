//! Contracts as they are named on the command line: files, files of a revision, names of the project.

use std::{
    fs,
    path::{Component, Path, PathBuf},
    process::Command,
    sync::Arc,
};

use tenon_contracts::{
    FORMATS, Format, charset,
    format::{self, Definition, Files, Operation, Schema, Sought, Source, Unsaid},
    relate::{Change, operations::Subject},
};
use tenon_errors::{
    Place, Report, Reports, Sources,
    catalogue::{
        contract::NO_CONTRACT_VERSION,
        engine::{BAD_USAGE, IO_FAILED},
    },
    nearest,
};
use tenon_model::{Shape, Str};

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
        charset::text_of_file(path, &bytes, &BAD_USAGE)
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
    let path = &without_detours(path);
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

/// The path as it is written, without the folders that it leaves again: by its text, so that what is behind a symbolic link is not
/// looked at.
fn without_detours(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match (part, clean.components().next_back()) {
            (Component::ParentDir, Some(Component::Normal(_))) => drop(clean.pop()),
            (Component::CurDir, _) => {}
            (part, _) => clean.push(part),
        }
    }
    clean
}

/// A contract that was read.
pub struct Opened {
    /// The type that is meant: the one that was named, the one that is called like the file, or the first.
    pub definition: Definition,
    /// What can be asked of the system that the file describes.
    pub operations: Vec<Operation>,
    /// Whether one type was named.
    pub is_named: bool,
    /// The types that could have been meant, where nothing says which.
    pub choices: Vec<String>,
    pub format: &'static dyn Format,
    /// How its file is shown.
    pub file: String,
    pub text: Arc<str>,
    pub notes: Vec<Report>,
    path: String,
    root: Root,
}

impl Opened {
    /// Where it is said what has changed: in its file, or in one that this refers to.
    pub fn place(&self, change: &Change) -> Place {
        self.located(&change.path, Sought::of(change))
    }

    /// Where the part at `path` is declared.
    pub fn place_of(&self, path: &str) -> Place {
        self.located(path, Sought::Field)
    }

    fn located(&self, path: &str, sought: Sought) -> Place {
        let place = self.format.locate(&self.source(), &self.definition.name, path, sought);
        place.map_or_else(|| self.whole(), |place| self.shown(place))
    }

    /// The place as the file itself is shown.
    fn shown(&self, place: Place) -> Place {
        match &self.root {
            Root::Folder(_) => place,
            Root::Revision(revision) => {
                let file = Arc::from(format!("{revision}:{}", place.file));
                Place { file, ..place }
            }
        }
    }

    /// What the file says of the type beyond its values, and `text` does not, which was written in the format `to` under `name`.
    pub fn unsaid(&self, to: &dyn Format, text: &str, name: &str) -> Result<Vec<Unsaid>, Problems> {
        let from = (self.format, &self.source(), &*self.definition.name);
        let mut unsaid = format::unsaid(from, (to, text, name))?;
        unsaid.iter_mut().for_each(|it| it.place = self.shown(it.place.clone()));
        Ok(unsaid)
    }

    fn source(&self) -> Source<'_> {
        Source { file: &self.path, text: &self.text, files: &self.root }
    }

    fn whole(&self) -> Place {
        Place::file(self.file.as_str())
    }

    /// Its operations as they are compared.
    pub fn subjects(&self) -> Result<Vec<Subject>, Problems> {
        self.format.subjects(&self.source()).map_err(Problems::from)
    }

    /// The texts that places point into.
    pub fn sources(&self) -> Sources {
        let mut sources = Sources::new();
        sources.insert(self.file.as_str(), Arc::clone(&self.text));
        sources
    }
}

/// The contract that `what` names; of a file with several, the type after `#`: `openapi.yaml#Order`.
pub fn open(what: &str) -> Result<Opened, Problems> {
    if let Some(located) = Located::of(what)? {
        return read(located);
    }
    let (file, part) = what.split_once('#').map_or((what, None), |(file, part)| (file, Some(part)));
    match Located::of(file)? {
        Some(located) => read_part(located, part),
        None => read_part(named(file)?, part),
    }
}

/// As [`open`], where only one type can be meant.
///
/// # Errors
/// The types that there are, where several could be meant.
pub fn open_one(what: &str) -> Result<Opened, Problems> {
    let opened = open(what)?;
    if opened.choices.is_empty() {
        return Ok(opened);
    }
    let count = opened.choices.len();
    let listed = opened.choices.iter().take(MAX_LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    let more = if count > MAX_LISTED { format!(" and {} more", count - MAX_LISTED) } else { String::new() };
    let message = format!("`{}` has several types: {}{more}", opened.file, listed.join(", "));
    let hint = format!("name one of them: `{}#{}`", opened.file, opened.choices[0]);
    Err(Report::new(&BAD_USAGE, message).hint(hint).into())
}

/// How many types a message lists.
const MAX_LISTED: usize = 12;

/// Reads the file of a contract.
pub fn read(located: Located) -> Result<Opened, Problems> {
    read_part(located, None)
}

/// Reads the file of a contract. `part` is the type that is meant: its name, or a pointer to it (`/components/schemas/Order`).
fn read_part(located: Located, part: Option<&str>) -> Result<Opened, Problems> {
    let file = located.shown();
    let text = located.root.text(&located.path)?;
    let format = format_of(&located.path, &text)?;
    let source = Source { file: &located.path, text: &text, files: &located.root };
    let mut sources = Sources::new();
    sources.insert(located.path.as_str(), Arc::clone(&text));
    let schema = format.read(&source).map_err(|reports| Problems { reports, sources: sources.clone() })?;
    let (definition, choices) = match part {
        Some(part) => (part_of(&schema, part, &file)?, Vec::new()),
        None => whole(&schema, &contract_name(&located.path), &file)?,
    };
    Ok(Opened {
        definition,
        operations: schema.operations,
        is_named: part.is_some(),
        choices,
        format,
        file,
        text,
        notes: schema.notes,
        path: located.path,
        root: located.root,
    })
}

/// The type of a file that nothing was said about, and those that it could be as well.
fn whole(schema: &Schema, name: &str, file: &str) -> Result<(Definition, Vec<String>), Report> {
    match (schema.of_name(name), schema.types.first()) {
        (Ok(found), _) => Ok((found.clone(), Vec::new())),
        (Err(names), Some(first)) => Ok((first.clone(), names.into_iter().map(str::to_owned).collect())),
        (Err(_), None) if !schema.operations.is_empty() => Ok((nothing(), Vec::new())),
        (Err(_), None) => Err(Report::new(&BAD_USAGE, format!("`{file}` defines no type"))),
    }
}

/// What stands for the type of a description that has none.
fn nothing() -> Definition {
    Definition { name: Str::default(), shape: Shape::ANY, title: None, doc: None, examples: Vec::new() }
}

fn part_of(schema: &Schema, part: &str, file: &str) -> Result<Definition, Report> {
    let last = part.rsplit('/').next().unwrap_or(part).replace("~1", "/").replace("~0", "~");
    let names = || schema.types.iter().map(|it| it.name.as_str());
    if let Some(found) = schema.types.iter().find(|it| it.name == part || it.name == last.as_str()) {
        return Ok(found.clone());
    }
    // By letters and digits alone, as contracts of a project are named.
    if schema.types.len() > 1
        && let Ok(found) = schema.of_name(&last)
    {
        return Ok(found.clone());
    }
    let report = Report::new(&BAD_USAGE, format!("`{file}` defines no type `{last}`"));
    Err(match nearest(&last, names()) {
        Some(meant) => report.hint(format!("write `{file}#{meant}`")),
        None => report.hint(format!("`tenon contract show {file}` lists what it defines")),
    })
}

/// The format of a file.
pub fn format_of(path: &str, text: &str) -> Result<&'static dyn Format, Report> {
    format::of(path, text).ok_or_else(|| {
        let message = format!("`{path}` does not have the ending of a contract format");
        Report::new(&BAD_USAGE, message).hint(format!("the endings are {}", endings()))
    })
}

/// The format that is called `name`, or whose files end so.
pub fn format_named(name: &str) -> Result<&'static dyn Format, Report> {
    let wanted = name.trim_start_matches('.').to_lowercase();
    let plain = |name: &str| name.to_lowercase().replace([' ', '-', '_'], "");
    let by_name = || FORMATS.iter().copied().find(|format| plain(format.name()) == plain(&wanted));
    format::of_ending(&wanted).or_else(by_name).ok_or_else(|| {
        let report = Report::new(&BAD_USAGE, format!("there is no contract format `{name}`"));
        let known = nearest(&wanted, format::endings());
        report.hint(
            known.map_or_else(|| format!("the endings are {}", endings()), |it| format!("write `{it}`")),
        )
    })
}

/// Where a file on the disk lies, for commands that read no revisions.
pub fn file(path: &Path) -> Result<Located, Report> {
    if path.is_file() {
        return Ok(on_disk(path));
    }
    let report = Report::new(&BAD_USAGE, format!("there is no file `{}`", path.display()));
    Err(report.hint("name a file that describes data"))
}

/// The endings of contract files, for messages.
pub fn endings() -> String {
    format::endings().iter().map(|ending| format!("`.{ending}`")).collect::<Vec<_>>().join(", ")
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
    fn a_path_that_comes_back_is_the_file_that_it_leads_to() {
        for (path, meant) in [
            ("contracts/x/../order/1.json", "contracts/order/1.json"),
            ("../shop/a/../contracts/./1.json", "../shop/contracts/1.json"),
            ("./1.json", "1.json"),
            ("../../1.json", "../../1.json"),
        ] {
            assert_eq!(without_detours(Path::new(path)), Path::new(meant), "{path}");
        }
    }

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
