//! What is defined under names, and how references find it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use tenon_document::Node;
use tenon_errors::{
    Place, Report,
    catalogue::project::{UNKNOWN_NAME, WRONG_SYSTEM},
    nearest::nearest,
};
use tenon_model::Name;

use super::Context;
use crate::parse::{object::a, setting};

/// The things of one kind, by name.
///
/// What is defined but broken is known as well: a reference to it is passed over in silence, because the mistake was
/// reported where it stands.
pub(crate) struct Defined<T: ?Sized> {
    kind: &'static str,
    entries: BTreeMap<Name, Entry<T>>,
    /// What has a name of this kind and is none, with what it is: `an http system`.
    others: BTreeMap<Name, String>,
    used: RefCell<BTreeSet<Name>>,
}

struct Entry<T: ?Sized> {
    thing: Option<Arc<T>>,
    place: Place,
}

impl<T: ?Sized> Defined<T> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, entries: BTreeMap::new(), others: BTreeMap::new(), used: RefCell::default() }
    }

    /// Defines `name` at `key`; `None` for what is broken.
    pub(crate) fn define(&mut self, name: Name, key: &Node, thing: Option<Arc<T>>) {
        self.entries.insert(name, Entry { thing, place: key.place() });
    }

    /// Notes that `name` is something else, which is `what`.
    pub(crate) fn note_other(&mut self, name: Name, what: String) {
        self.others.insert(name, what);
    }

    /// What the name in `node` refers to. A name that nothing has is a problem with the nearest one as hint.
    pub(crate) fn find(&self, node: &Node, context: &mut Context<'_>) -> Option<Arc<T>> {
        // A variable where none may stand was reported as that.
        let name = node.as_str().filter(|name| !setting::is_variable(name))?;
        self.find_named(name, node, context)
    }

    /// As [`find`](Self::find), where the name is a part of what stands in the node.
    pub(crate) fn find_named(&self, name: &str, node: &Node, context: &mut Context<'_>) -> Option<Arc<T>> {
        if let Some(what) = self.others.get(name) {
            let report = Report::new(&WRONG_SYSTEM, format!("`{name}` is {what}, and cannot be used here"));
            context.problem(report.at(node.place()).hint("name a system of the kind that is needed"));
            return None;
        }
        let Some((known, entry)) = self.entries.get_key_value(name) else {
            context.problem(unknown(self.kind, name, self.entries.keys().map(Name::as_str)).at(node.place()));
            return None;
        };
        self.used.borrow_mut().insert(known.clone());
        entry.thing.clone()
    }

    /// The thing of this name, if it is defined and whole.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<T>> {
        self.entries.get(name)?.thing.as_ref()
    }

    /// The whole things, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Name, &Arc<T>)> {
        self.entries.iter().filter_map(|(name, entry)| Some((name, entry.thing.as_ref()?)))
    }

    /// Where the names stand that no reference found.
    pub(crate) fn unused(&self) -> impl Iterator<Item = (&Name, &Place)> {
        let used = self.used.borrow().clone();
        self.entries
            .iter()
            .filter(move |(name, _)| !used.contains(*name))
            .map(|(name, entry)| (name, &entry.place))
    }

    /// The whole things, by name.
    pub(crate) fn into_map(self) -> BTreeMap<Name, Arc<T>> {
        self.entries.into_iter().filter_map(|(name, entry)| Some((name, entry.thing?))).collect()
    }
}

/// The report for a name that nothing of `kind` has.
pub(crate) fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Report {
    let report = Report::new(&UNKNOWN_NAME, format!("there is no {kind} `{name}`"));
    let listed: Vec<_> = known.clone().take(8).collect();
    if let Some(hint) = written_otherwise(kind, name, known.clone()) {
        return report.hint(hint);
    }
    match nearest(name, known) {
        Some(meant) => report.hint(format!("write `{meant}`")),
        None if listed.is_empty() => report.hint(format!("define {} of this name first", a(kind))),
        None => report.hint(format!("use one that exists (`{}`), or define it", listed.join("`, `"))),
    }
}

/// What to write for a name with a version, with the section in front, or for the file that is meant by it.
fn written_otherwise<'a>(
    kind: &str,
    name: &str,
    mut known: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    let is_file = [".csv", ".json", ".jsonl", ".gz"].iter().any(|ending| name.ends_with(ending));
    if kind == "topic" && is_file {
        return Some(format!(
            "read a file with `from: {{ file: {{ in: ..., path: {name}, contract: ... }} }}`"
        ));
    }
    let (first, rest) = name.split_once(['@', '/', ':', '.'])?;
    let version = rest.strip_prefix('v').unwrap_or(rest);
    if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()) {
        let meant = known.find(|known| *known == first)?;
        return Some(format!(
            "write `{meant}`: {} has no version of its own, only its `contract` has",
            a(kind)
        ));
    }
    let is_section = first.strip_suffix('s').unwrap_or(first) == kind;
    let meant = known.find(|known| *known == rest).filter(|_| is_section)?;
    Some(format!("write the name alone: `{meant}`"))
}
