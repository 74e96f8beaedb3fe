//! A file with all that it imports, each read once.

use std::{collections::HashMap, sync::Arc};

use tenon_errors::{Lines, Place, Report, Reports, catalogue::contract::BAD_CONTRACT};

use super::{ast::File, lex::Span, parse::parse};
use crate::format::{Source, join};

/// The most files that are read for one.
const MAX_FILES: usize = 1_000;
/// The most bytes of a file.
const MAX_BYTES: usize = 4 << 20;

/// The files that every installation of Protobuf has.
const BUILT_IN: &[(&str, &str)] = &[
    ("google/protobuf/any.proto", include_str!("../google/any.proto")),
    ("google/protobuf/api.proto", include_str!("../google/api.proto")),
    ("google/protobuf/descriptor.proto", include_str!("../google/descriptor.proto")),
    ("google/protobuf/duration.proto", include_str!("../google/duration.proto")),
    ("google/protobuf/empty.proto", include_str!("../google/empty.proto")),
    ("google/protobuf/field_mask.proto", include_str!("../google/field_mask.proto")),
    ("google/protobuf/source_context.proto", include_str!("../google/source_context.proto")),
    ("google/protobuf/struct.proto", include_str!("../google/struct.proto")),
    ("google/protobuf/timestamp.proto", include_str!("../google/timestamp.proto")),
    ("google/protobuf/type.proto", include_str!("../google/type.proto")),
    ("google/protobuf/wrappers.proto", include_str!("../google/wrappers.proto")),
];

/// A file as it was read.
pub(super) struct Loaded {
    pub(super) path: Arc<str>,
    pub(super) text: Arc<str>,
    pub(super) file: File,
    lines: Lines,
    /// The files that it imports; `true` for those that it passes on.
    pub(super) imports: Vec<(usize, bool)>,
}

impl Loaded {
    pub(super) fn place(&self, span: &Span) -> Place {
        self.lines.place(Arc::clone(&self.path), &self.text, span.clone())
    }

    /// Whether it is one that every installation has, and no file of the project.
    pub(super) fn is_built_in(&self) -> bool {
        BUILT_IN.iter().any(|(name, _)| **name == *self.path)
    }
}

/// The file of `source`, which is the first, and what it imports.
pub(super) fn load(source: &Source<'_>, reports: &mut Reports) -> Vec<Loaded> {
    let mut loader = Loader { source, reports, loaded: Vec::new(), by_import: HashMap::new() };
    loader.root();
    loader.loaded
}

struct Loader<'l> {
    source: &'l Source<'l>,
    reports: &'l mut Reports,
    loaded: Vec<Loaded>,
    /// The files by the path they are imported as; `None` for what could not be read.
    by_import: HashMap<String, Option<usize>>,
}

impl Loader<'_> {
    fn root(&mut self) {
        if self.add(self.source.file.into(), self.source.text.into()).is_none() {
            return;
        }
        // Files are appended while they are gone through: no recursion, however long a chain of imports is.
        let mut at = 0;
        while at < self.loaded.len() {
            self.imports_of(at);
            at += 1;
        }
        self.refuse_circles();
    }

    fn add(&mut self, path: Arc<str>, text: Arc<str>) -> Option<usize> {
        if text.len() > MAX_BYTES {
            let message = format!("the file has {} bytes, and {MAX_BYTES} are allowed", text.len());
            self.reports.push(Report::new(&BAD_CONTRACT, message).at(Place::file(path)));
            return None;
        }
        let file = parse(&path, &text, self.reports)?;
        let lines = Lines::of(&text);
        self.loaded.push(Loaded { path, text, file, lines, imports: Vec::new() });
        Some(self.loaded.len() - 1)
    }

    fn imports_of(&mut self, at: usize) {
        let wanted = self.loaded[at].file.imports.iter();
        let wanted: Vec<_> =
            wanted.map(|import| (import.path.clone(), import.is_public, import.is_optional)).collect();
        for (path, is_public, is_optional) in wanted {
            let found = match self.by_import.get(&path.text) {
                Some(known) => *known,
                None => {
                    let found = self.import(&path.text, at, &path.span, is_optional);
                    self.by_import.insert(path.text, found);
                    found
                }
            };
            self.loaded[at].imports.extend(found.map(|file| (file, is_public)));
        }
    }

    fn import(&mut self, path: &str, from: usize, span: &Span, is_optional: bool) -> Option<usize> {
        if let Some((name, text)) = BUILT_IN.iter().find(|(name, _)| *name == path) {
            return self.add((*name).into(), (*text).into());
        }
        let place = self.loaded[from].place(span);
        if self.loaded.len() >= MAX_FILES {
            let message = format!("more than {MAX_FILES} files are imported");
            self.reports.push(Report::new(&BAD_CONTRACT, message).at(place));
            return None;
        }
        let tried = self.candidates(path);
        let mut cause = String::new();
        for candidate in &tried {
            if candidate == self.source.file {
                return Some(0);
            }
            match self.source.files.read(candidate) {
                Ok(text) => return self.add(candidate.as_str().into(), text),
                Err(report) => report.message().clone_into(&mut cause),
            }
        }
        if !is_optional {
            let hint = match &tried[..] {
                [] => "write the path from a folder above, with `/` between its parts".to_owned(),
                tried => format!("add the file as one of these: {}", tried.join(", ")),
            };
            let report = Report::new(&BAD_CONTRACT, format!("there is no file `{path}` to import"));
            self.reports.push(report.at(place).hint(hint).because(cause));
        }
        None
    }

    /// Where an imported file may be: below each folder around the file that is read, the nearest first.
    fn candidates(&self, path: &str) -> Vec<String> {
        let mut folder = self.source.file;
        let mut all = Vec::new();
        loop {
            all.extend(join(folder, path).filter(|_| !path.split('/').any(|part| part == "..")));
            match folder.rsplit_once('/') {
                Some((above, _)) => folder = above,
                None => return all,
            }
        }
    }

    fn refuse_circles(&mut self) {
        // Of each file: whether it is being gone through (1), or done (2).
        let mut states = vec![0_u8; self.loaded.len()];
        for start in 0..self.loaded.len() {
            let mut open = vec![(start, 0_usize)];
            while let Some((at, next)) = open.last_mut() {
                states[*at] = states[*at].max(1);
                let Some((import, _)) = self.loaded[*at].imports.get(*next) else {
                    states[*at] = 2;
                    open.pop();
                    continue;
                };
                let from = *at;
                *next += 1;
                match states[*import] {
                    0 => open.push((*import, 0)),
                    1 => {
                        let path = Arc::clone(&self.loaded[*import].path);
                        let message = format!("`{path}` imports itself through this file");
                        let place = Place::file(Arc::clone(&self.loaded[from].path));
                        let report = Report::new(&BAD_CONTRACT, message).at(place);
                        self.reports.push(report.hint("move what both need into a file of its own"));
                        return;
                    }
                    _ => {}
                }
            }
        }
    }
}
