//! `contracts/NAME/VERSION.json`, or with the ending of another format: reading them, and finding them by name and version.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use tenon_contracts::{
    Contract, Reader,
    format::{self, Files},
};
use tenon_document::Node;
use tenon_errors::{
    Place, Report,
    catalogue::{
        contract::{BAD_CONTRACT_FILE, NO_CONTRACT_VERSION},
        project::BAD_NAME,
    },
};
use tenon_model::{ContractRef, Name, Shape, Str};
use tenon_ports::Folder;

use super::{Context, names, variables};
use crate::parse::setting;

/// Where contracts are.
const FOLDER: &str = "contracts";

/// The contracts of a project. One that is broken is known as well, so that references to it are not reported again.
pub(crate) struct Contracts {
    by_name: BTreeMap<Name, BTreeMap<u32, Option<Arc<Contract>>>>,
    in_expressions: Arc<BTreeMap<Str, Shape>>,
}

/// Reads every file in `contracts/`.
pub(crate) fn check(context: &mut Context<'_>) -> Contracts {
    let mut contracts = Contracts { by_name: BTreeMap::new(), in_expressions: Arc::default() };
    for path in context.folder.list(FOLDER) {
        match reference(&path) {
            Ok(reference)
                if contracts
                    .by_name
                    .get(&reference.name)
                    .is_some_and(|all| all.contains_key(&reference.version)) =>
            {
                let message = format!("`{path}` is a second file of version {}", reference.version);
                let report = Report::new(&BAD_CONTRACT_FILE, message).at(Place::file(path.as_str()));
                context.problem(report.hint("keep one file for each version"));
            }
            Ok(reference) => {
                let contract = Contracts::read(&path, &reference, context);
                contracts.by_name.entry(reference.name).or_default().insert(reference.version, contract);
            }
            Err(report) => context.problem(report.at(Place::file(path.as_str()))),
        }
    }
    contracts.in_expressions = Arc::new(contracts.named_in_expressions());
    contracts
}

impl Contracts {
    /// What `name` or `name@version` in `node` refers to. An unknown one is a problem with the nearest as hint.
    pub(crate) fn find(&self, node: &Node, context: &mut Context<'_>) -> Option<Arc<Contract>> {
        let (name, version) = split(node)?;
        let Some(versions) = self.by_name.get(name) else {
            let known = self.by_name.keys().map(Name::as_str);
            let report = names::unknown("contract", name, known);
            let pinned = self.pinned(name);
            let hint = report.advice().filter(|hint| hint.starts_with("write")).map(str::to_owned);
            let hint = pinned.or(hint).unwrap_or_else(|| match Name::new(name) {
                Some(_) => format!("add the file `{FOLDER}/{name}/1.json`, or use a contract that exists"),
                None => format!("write NAME, or NAME@VERSION, of a file `{FOLDER}/NAME/VERSION.json`"),
            });
            context.problem(report.at(node.place()).hint(hint));
            return None;
        };
        let Some(version) = version else { return versions.values().next_back()?.clone() };
        if let Some(contract) = version.parse().ok().and_then(|version: u32| versions.get(&version)) {
            return contract.clone();
        }
        let known: Vec<_> = versions.keys().map(|version| format!("`{name}@{version}`")).collect();
        let report =
            Report::new(&NO_CONTRACT_VERSION, format!("the contract `{name}` has no version `{version}`"));
        let hint = format!("write `{name}` for the newest version, or one that exists: {}", known.join(", "));
        context.problem(report.at(node.place()).hint(hint));
        None
    }

    /// What to write for a name with a version in the spelling of a path or a label: `order/1`, `contracts/order/1.json`,
    /// `order-v1`.
    fn pinned(&self, name: &str) -> Option<String> {
        let name = name.trim_start_matches("./");
        let name = match name.strip_prefix(FOLDER).and_then(|path| path.strip_prefix('/')) {
            Some(path) => path.split('.').next().unwrap_or(path),
            None => name,
        };
        let (name, version) = name.rsplit_once(['/', '-', ':', '.', '_'])?;
        let (name, versions) = self.by_name.get_key_value(name)?;
        let version: u32 = version.strip_prefix('v').unwrap_or(version).parse().ok()?;
        Some(match versions.contains_key(&version) {
            true => format!("write `{name}@{version}`"),
            false => format!("write `{name}`, which has no version {version}"),
        })
    }

    /// What `node` refers to, if that is known; says nothing otherwise.
    pub(crate) fn known(&self, node: &Node) -> Option<Arc<Contract>> {
        let (name, version) = split(node)?;
        let versions = self.by_name.get(name)?;
        match version {
            Some(version) => versions.get(&version.parse().ok()?)?.clone(),
            None => versions.values().next_back()?.clone(),
        }
    }

    /// The versions of a contract that are whole.
    pub(crate) fn versions(&self, name: &Name) -> Vec<Arc<Contract>> {
        self.by_name.get(name).into_iter().flat_map(BTreeMap::values).flatten().cloned().collect()
    }

    /// What reads messages of every version of `contract` into values of that one.
    ///
    /// # Errors
    /// As for [`Reader::new`].
    pub(crate) fn reader(&self, contract: &Arc<Contract>) -> Result<Reader, Report> {
        Reader::new(contract, &self.versions(&contract.reference.name))
    }

    /// The contracts by the names that expressions have for them: `order` for the newest version, `order.v1` for another one.
    /// Where two would have one name, neither has it.
    pub(crate) fn in_expressions(&self) -> Arc<BTreeMap<Str, Shape>> {
        Arc::clone(&self.in_expressions)
    }

    fn named_in_expressions(&self) -> BTreeMap<Str, Shape> {
        let mut shapes = BTreeMap::new();
        let mut owners: BTreeMap<Str, usize> = BTreeMap::new();
        for name in self.by_name.keys() {
            *owners.entry(name.identifier()).or_default() += 1;
        }
        for (name, versions) in &self.by_name {
            let identifier = name.identifier();
            if owners.get(&identifier) != Some(&1) {
                continue;
            }
            for (version, contract) in versions {
                let Some(contract) = contract else { continue };
                shapes.insert(Str::from(format!("{identifier}.v{version}")), contract.shape.clone());
            }
            if let Some(Some(newest)) = versions.values().next_back() {
                shapes.insert(identifier, newest.shape.clone());
            }
        }
        shapes
    }

    /// The whole contracts, by name and version.
    pub(crate) fn into_map(self) -> BTreeMap<ContractRef, Arc<Contract>> {
        let all = self.by_name.into_values().flat_map(BTreeMap::into_values);
        all.flatten().map(|contract| (contract.reference.clone(), contract)).collect()
    }

    fn read(path: &str, reference: &ContractRef, context: &mut Context<'_>) -> Option<Arc<Contract>> {
        let text = context.text(path)?;
        let files = InProject::new(context.folder);
        let read = Contract::read(reference, path, &text, &files);
        files.note_sources(context);
        let (contract, notes) = context.take_all_at(&Place::file(path), read)?;
        notes.into_iter().for_each(|note| context.warning(note));
        Some(Arc::new(contract))
    }
}

/// The files that a contract may refer to: those of its project.
pub(crate) struct InProject<'f> {
    folder: &'f dyn Folder,
    /// Those that it does refer to.
    read: RefCell<BTreeMap<String, Arc<str>>>,
}

impl<'f> InProject<'f> {
    pub(crate) fn new(folder: &'f dyn Folder) -> Self {
        Self { folder, read: RefCell::default() }
    }

    /// Adds what was read to what reports show.
    pub(crate) fn note_sources(self, context: &mut Context<'_>) {
        for (path, text) in self.read.into_inner() {
            context.sources.insert(path, text);
        }
    }
}

impl Files for InProject<'_> {
    fn read(&self, path: &str) -> Result<Arc<str>, Report> {
        let text = self.folder.read(path)?;
        self.read.borrow_mut().insert(path.to_owned(), Arc::clone(&text));
        Ok(text)
    }
}

/// `name` or `name@version`.
fn split(node: &Node) -> Option<(&str, Option<&str>)> {
    // A variable where none may stand was reported as that.
    let text = node.as_str().filter(|text| !setting::is_variable(text))?;
    Some(text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version))))
}

/// Name and version of the contract in the file at `path`.
fn reference(path: &str) -> Result<ContractRef, Report> {
    let bad = |message: String, hint: &str| Err(Report::new(&BAD_CONTRACT_FILE, message).hint(hint));
    let parts: Vec<_> = path.split('/').skip(1).collect();
    let [folder, file] = parts[..] else {
        let name = parts.last().map_or("NAME", |file| file.split('.').next().unwrap_or("NAME"));
        let hint = format!("move it to `{FOLDER}/{name}/1.json`");
        return bad(format!("`{path}` is not `{FOLDER}/NAME/VERSION.json` or `.yaml`"), &hint);
    };
    let Some(name) = Name::new(folder) else {
        return Err(Report::new(&BAD_NAME, format!("`{folder}` is not a name"))
            .hint("name the folder with a letter, followed by letters, digits, `-` and `_`"));
    };
    if variables::is_reserved(&name.identifier()) {
        return Err(Report::new(
            &BAD_NAME,
            format!(
                "`{name}` is a word of the expression language, so expressions could not name such a message"
            ),
        )
        .hint("choose another name for the contract"));
    }
    if file == "contract.yaml" {
        return bad(
            format!("`{path}` is reserved for a later version of Tenon and says nothing yet"),
            "remove the file",
        );
    }
    let version = file
        .rsplit_once('.')
        .filter(|(_, ending)| format::of_ending(ending).is_some())
        .map(|(version, _)| version)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0'));
    match version.and_then(|digits| digits.parse().ok()) {
        Some(version) => Ok(ContractRef { name, version }),
        None => bad(
            format!("`{file}` is not a version number with the ending of a format: {}", endings()),
            "name the file by its version, for example `1.json`, or move it out of `contracts/`",
        ),
    }
}

/// How files of contracts may end, for messages.
fn endings() -> String {
    let endings: Vec<String> = format::endings().iter().map(|ending| format!("`.{ending}`")).collect();
    endings.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_version() {
        let check = |path: &str| reference(path).map(|it| it.to_string()).map_err(|report| report.code().id);
        assert_eq!(check("contracts/order/1.json"), Ok("order@1".into()));
        assert_eq!(check("contracts/order/12.json"), Ok("order@12".into()));
        assert_eq!(check("contracts/order/2.yaml"), Ok("order@2".into()));
        assert_eq!(check("contracts/order/3.avsc"), Ok("order@3".into()));
        for path in [
            "contracts/order.json",
            "contracts/order/v1.json",
            "contracts/order/0.json",
            "contracts/order/01.json",
            "contracts/order/+1.json",
            "contracts/order/.json",
            "contracts/order/99999999999.json",
            "contracts/order/1.txt",
            "contracts/order/contract.yaml",
            "contracts/a/b/1.json",
        ] {
            assert_eq!(check(path), Err("C0004"), "{path}");
        }
        assert_eq!(check("contracts/my order/1.json"), Err("P0106"));
        assert_eq!(check("contracts/package/1.json"), Err("P0106"));
    }
}
