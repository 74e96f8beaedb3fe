//! Which name means what: every definition of every file by its full name, and how a shorter one is found.

use std::{cell::Cell, collections::HashMap};

use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT, nearest};

use super::{
    ast::{Body, Enum, Message, Name},
    files::Loaded,
    lex::Span,
};

/// What a full name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Package,
    Message(usize),
    Enum(usize),
    Extension,
    /// A field, a oneof, a member of an enumeration, a service or a method.
    Other,
}

/// A message of a file, with its full name.
pub(super) struct MessageAt<'f> {
    pub(super) file: usize,
    pub(super) name: String,
    pub(super) ast: &'f Message,
    /// The message around it.
    pub(super) parent: Option<usize>,
}

/// An enumeration of a file, with its full name.
pub(super) struct EnumAt<'f> {
    pub(super) file: usize,
    pub(super) name: String,
    pub(super) ast: &'f Enum,
    pub(super) parent: Option<usize>,
}

/// Everything that the files define.
pub(super) struct Names<'f> {
    pub(super) files: &'f [Loaded],
    pub(super) messages: Vec<MessageAt<'f>>,
    pub(super) enums: Vec<EnumAt<'f>>,
    symbols: HashMap<String, (Symbol, usize)>,
    /// Of each file, the files whose definitions it sees.
    visible: Vec<Vec<bool>>,
    pub(super) problems: Vec<Report>,
    /// How many names were looked up that are not there.
    unknown: Cell<usize>,
}

impl<'f> Names<'f> {
    pub(super) fn of(files: &'f [Loaded]) -> Self {
        let mut names = Self {
            files,
            messages: Vec::new(),
            enums: Vec::new(),
            symbols: HashMap::new(),
            visible: (0..files.len()).map(|at| visible(files, at)).collect(),
            problems: Vec::new(),
            unknown: Cell::new(0),
        };
        for (at, loaded) in files.iter().enumerate() {
            if names.is_too_long(at, &loaded.file.package, &(0..0)) {
                continue;
            }
            names.package(at, &loaded.file.package);
            names.body(at, &loaded.file.package, &loaded.file.body, None);
            for service in &loaded.file.services {
                let full = joined(&loaded.file.package, &service.name.text);
                names.define(at, full.clone(), Symbol::Other, &service.name.span);
                for method in &service.methods {
                    names.define(at, joined(&full, &method.name.text), Symbol::Other, &method.name.span);
                }
            }
        }
        names
    }

    /// Where each message of the first file stands in it, by its number: see [`Definitions::paths`].
    ///
    /// [`Definitions::paths`]: crate::protobuf::Definitions
    pub(super) fn paths(&self) -> HashMap<usize, Vec<u32>> {
        let mut paths: HashMap<usize, Vec<u32>> = HashMap::new();
        // How many messages each one has had inside of it so far; those at the top are in none. What is around a message
        // stands before it.
        let mut counts: HashMap<Option<usize>, u32> = HashMap::new();
        for (id, message) in self.messages.iter().enumerate().filter(|(_, message)| message.file == 0) {
            let count = counts.entry(message.parent).or_default();
            let mut path = message.parent.and_then(|parent| paths.get(&parent).cloned()).unwrap_or_default();
            path.push(*count);
            *count += 1;
            paths.insert(id, path);
        }
        paths
    }

    fn package(&mut self, file: usize, package: &str) {
        let ends = package.match_indices('.').map(|(at, _)| at).chain([package.len()]);
        for end in ends.filter(|end| *end > 0) {
            self.define(file, package[..end].to_owned(), Symbol::Package, &(0..0));
        }
    }

    fn body(&mut self, file: usize, scope: &str, body: &'f Body, parent: Option<usize>) {
        for message in &body.messages {
            let name = joined(scope, &message.name.text);
            if self.is_too_long(file, &name, &message.name.span) {
                continue;
            }
            let id = self.messages.len();
            self.define(file, name.clone(), Symbol::Message(id), &message.name.span);
            self.messages.push(MessageAt { file, name: name.clone(), ast: message, parent });
            for field in &message.fields {
                self.define(file, joined(&name, &field.name.text), Symbol::Other, &field.name.span);
            }
            for oneof in &message.oneofs {
                self.define(file, joined(&name, &oneof.name.text), Symbol::Other, &oneof.name.span);
            }
            self.body(file, &name, &message.body, Some(id));
        }
        for definition in &body.enums {
            let name = joined(scope, &definition.name.text);
            let id = self.enums.len();
            self.define(file, name.clone(), Symbol::Enum(id), &definition.name.span);
            self.enums.push(EnumAt { file, name, ast: definition, parent });
            // The members stand beside their enumeration, and not in it.
            for member in &definition.members {
                self.define(file, joined(scope, &member.name.text), Symbol::Other, &member.name.span);
            }
        }
        for field in body.extends.iter().flat_map(|extend| &extend.fields) {
            self.define(file, joined(scope, &field.name.text), Symbol::Extension, &field.name.span);
        }
    }

    /// Reports a name that all names inside of it would be long by.
    fn is_too_long(&mut self, file: usize, name: &str, span: &Span) -> bool {
        let is_too_long = name.len() > MAX_NAME;
        if is_too_long {
            let message = format!("a name of {} bytes is longer than {MAX_NAME}", name.len());
            let report = Report::new(&BAD_CONTRACT, message).at(self.files[file].place(span));
            self.problems.push(report.hint("write a shorter name"));
        }
        is_too_long
    }

    fn define(&mut self, file: usize, name: String, symbol: Symbol, span: &Span) {
        match self.symbols.get(&name) {
            Some((Symbol::Package, _)) if symbol == Symbol::Package => {}
            Some((_, other)) => {
                let place = self.files[file].place(span);
                let message = format!("`{name}` is defined twice, also in {}", self.files[*other].path);
                let report = Report::new(&BAD_CONTRACT, message).at(place);
                self.problems.push(report.hint("give one of the two another name"));
            }
            None => {
                self.symbols.insert(name, (symbol, file));
            }
        }
    }

    /// What `name` means in `scope`, a full name, of `file`: the innermost definition that its first part names.
    pub(super) fn find(
        &self,
        file: usize,
        scope: &str,
        name: &Name,
        wanted: fn(Symbol) -> bool,
    ) -> Result<Symbol, Report> {
        if let Some(full) = name.text.strip_prefix('.') {
            let found = self.symbol(file, full).filter(|symbol| wanted(*symbol));
            return found.ok_or_else(|| self.unknown(file, name, full));
        }
        let first = name.text.split('.').next().unwrap_or_default();
        let is_single = first.len() == name.text.len();
        let mut scope = scope;
        loop {
            let holds = self.symbol(file, &joined(scope, first));
            // A field of that name does not hide a type; what can hold others hides what lies further out.
            let is_holder = matches!(holds, Some(Symbol::Package | Symbol::Message(_) | Symbol::Enum(_)));
            if is_single {
                if let Some(found) = holds.filter(|symbol| wanted(*symbol)) {
                    return Ok(found);
                }
            } else if is_holder {
                let full = joined(scope, &name.text);
                match self.symbol(file, &full).filter(|symbol| wanted(*symbol)) {
                    Some(found) => return Ok(found),
                    None => return Err(self.unknown(file, name, &full)),
                }
            }
            match scope.rsplit_once('.') {
                Some((outer, _)) => scope = outer,
                None if scope.is_empty() => return Err(self.unknown(file, name, &name.text)),
                None => scope = "",
            }
        }
    }

    fn symbol(&self, file: usize, full: &str) -> Option<Symbol> {
        let (symbol, home) = self.symbols.get(full)?;
        let is_visible = match symbol {
            Symbol::Package => self.sees_package(file, full),
            _ => self.visible[file][*home],
        };
        is_visible.then_some(*symbol)
    }

    /// Whether one of the files that `file` sees lies in the package, or further in.
    fn sees_package(&self, file: usize, package: &str) -> bool {
        let seen = self.files.iter().zip(&self.visible[file]).filter(|(_, is_visible)| **is_visible);
        seen.map(|(loaded, _)| &loaded.file.package)
            .any(|own| own.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    fn unknown(&self, file: usize, name: &Name, full: &str) -> Report {
        let report = Report::new(&BAD_CONTRACT, format!("there is no `{}` here", name.text))
            .at(self.files[file].place(&name.span));
        if let Some((_, home)) = self.symbols.get(full) {
            return report.hint(format!("import {}, which defines `{full}`", self.files[*home].path));
        }
        fn last(text: &str) -> &str {
            text.rsplit('.').next().unwrap_or_default()
        }
        let is_type = |symbol: &Symbol| matches!(symbol, Symbol::Message(_) | Symbol::Enum(_));
        let known = self.symbols.iter();
        let known = known.filter(|(_, (symbol, home))| is_type(symbol) && self.visible[file][*home]);
        let known = known.map(|(name, _)| last(name));
        let told = self.unknown.replace(self.unknown.get() + 1);
        // Of several that are equally near it is always the same one.
        let mut known: Vec<&str> = if told < Reports::MOST_HINTED { known.collect() } else { Vec::new() };
        known.sort_unstable();
        match nearest(last(&name.text), known) {
            Some(guess) => report.hint(format!("use `{guess}`, the nearest type")),
            None => report.hint("define it, or import the file that does"),
        }
    }
}

/// The most bytes of the full name of a package or a message.
const MAX_NAME: usize = 1_000;

pub(super) fn joined(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The files that `at` sees: itself, what it imports, and what those pass on.
fn visible(files: &[Loaded], at: usize) -> Vec<bool> {
    let mut seen = vec![false; files.len()];
    seen[at] = true;
    let mut open: Vec<usize> = files[at].imports.iter().map(|(file, _)| *file).collect();
    while let Some(file) = open.pop() {
        if !std::mem::replace(&mut seen[file], true) {
            open.extend(
                files[file].imports.iter().filter(|(_, is_public)| *is_public).map(|(file, _)| *file),
            );
        }
    }
    seen
}
