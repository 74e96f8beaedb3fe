//! What every check is given: the world as far as it was passed in, and where problems go.

use std::{collections::BTreeSet, sync::Arc};

use tenon_document::Node;
use tenon_errors::{Place, Report, Reports, Sources, catalogue::security::MISSING_SECRET};
use tenon_model::Str;
use tenon_ports::{Connector, Folder};

use crate::{DataFiles, Facts, parse::setting};

/// The world as far as it was passed in, and the collectors.
pub(crate) struct Context<'a> {
    /// The project folder.
    pub(crate) folder: &'a dyn Folder,
    environment: &'a dyn Fn(&str) -> Option<String>,
    facts: &'a Facts<'a>,
    /// Everything that is wrong.
    pub(crate) problems: Reports,
    /// What is legal but most likely a mistake.
    pub(crate) warnings: Vec<Report>,
    /// The text of every file that was read.
    pub(crate) sources: Sources,
    /// The secrets that the project refers to.
    pub(crate) secrets: BTreeSet<Str>,
    unread: bool,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        folder: &'a dyn Folder,
        environment: &'a dyn Fn(&str) -> Option<String>,
        facts: &'a Facts<'a>,
    ) -> Self {
        Self {
            folder,
            environment,
            facts,
            problems: Reports::new(),
            warnings: Vec::new(),
            sources: Sources::new(),
            secrets: BTreeSet::new(),
            unread: false,
        }
    }

    /// The kinds of systems that can be reached.
    pub(crate) fn connectors(&self) -> &'a [&'static dyn Connector] {
        self.facts.connectors
    }

    /// Adds a problem.
    pub(crate) fn problem(&mut self, report: Report) {
        self.problems.push(report);
    }

    /// Adds a warning.
    pub(crate) fn warning(&mut self, report: Report) {
        self.warnings.push(report);
    }

    /// Whether files that flows read are looked at.
    pub(crate) fn looks_at_data(&self) -> bool {
        self.facts.data != DataFiles::Ignore
    }

    /// Adds what is wrong with a file that a flow reads.
    pub(crate) fn data_problem(&mut self, report: Report) {
        match self.facts.data {
            DataFiles::Prove => self.problem(report),
            DataFiles::Warn => self.warning(report),
            DataFiles::Ignore => {}
        }
    }

    /// Keeps the value, or collects the problem at `node`.
    pub(crate) fn take_at<T>(&mut self, node: &Node, result: Result<T, Report>) -> Option<T> {
        result.map_err(|report| self.problem(report.at(node.place()))).ok()
    }

    /// Keeps the value, or collects the problems, each at `place` unless it has a place of its own.
    pub(crate) fn take_all_at<T>(&mut self, place: &Place, result: Result<T, Reports>) -> Option<T> {
        let reports = match result {
            Ok(value) => return Some(value),
            Err(reports) => reports,
        };
        for report in reports {
            let placed = if report.places().is_empty() { report.at(place.clone()) } else { report };
            self.problem(placed);
        }
        None
    }

    /// The text of a file of the project.
    pub(crate) fn text(&mut self, path: &str) -> Option<Arc<str>> {
        match self.folder.read(path) {
            Ok(text) => {
                self.sources.insert(path, Arc::clone(&text));
                Some(text)
            }
            Err(report) => {
                self.unread = true;
                self.problem(report.at(Place::file(path)));
                None
            }
        }
    }

    /// Reads and parses a file of the project.
    pub(crate) fn document(&mut self, path: &str) -> Option<Node> {
        let text = self.text(path)?;
        let parsed = tenon_document::parse(path, &text);
        if parsed.is_err() {
            self.unread = true;
        }
        self.problems.take_all(parsed)
    }

    /// Whether a file could not be read, so that what it would have said is not known.
    pub(crate) fn has_unread(&self) -> bool {
        self.unread
    }

    /// The text of a setting with its variables replaced.
    pub(crate) fn setting(&mut self, node: &Node) -> Option<Str> {
        let expanded = setting::expand(node, self.environment);
        self.problems.take(expanded)
    }

    /// The name of the secret that a value refers to; a problem if it is not provided.
    pub(crate) fn secret(&mut self, node: &Node) -> Option<Str> {
        let name = match setting::secret(node) {
            Ok(name) => name,
            Err(report) => {
                self.hide(node);
                self.problem(report);
                return None;
            }
        };
        self.secrets.insert(name.clone());
        if !(self.facts.secrets)(&name) {
            let report =
                Report::new(&MISSING_SECRET, format!("the secret `{name}` is not set")).at(node.place());
            let hint = format!(
                "set the environment variable `{name}` or write the file `secrets/{name}`, or use `--dev`, which makes one"
            );
            self.problem(report.hint(hint));
        }
        Some(name)
    }

    /// Takes the text of `node` out of what reports show: it may be a secret, and reports end up in logs.
    fn hide(&mut self, node: &Node) {
        let Place { file, span, .. } = node.place();
        let Some(text) = self.sources.get(&file) else { return };
        // Byte for byte, and line for line, so that places still point to where they did.
        let hide = |(at, byte): (usize, u8)| if span.contains(&at) && byte != b'\n' { b'*' } else { byte };
        let hidden: Vec<u8> = text.bytes().enumerate().map(hide).collect();
        self.sources.insert(file, String::from_utf8_lossy(&hidden).into_owned());
    }
}
