//! The test suite of W3C for XML Schema (github.com/w3c/xsdtests), as far as it is of version 1.0: schemas and documents, each of which is
//! right or wrong.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use tenon_contracts::{format::Codec, xsd};

use crate::{
    folder::{Folder, files},
    wild::xml::first,
    xml::root,
};

/// Where the suite is looked for; it belongs to others, and no registry has it.
const FOLDER: &str = "../shared/conformance/xsdtests";
/// How many reasons are printed.
const REASONS: usize = 40;

/// Runs the suite in the folder.
///
/// # Errors
/// If it cannot be read.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    let folder = folder.or_else(|| std::env::var("XSD_TESTS").ok()).unwrap_or_else(|| FOLDER.to_owned());
    let folder = PathBuf::from(folder);
    if !folder.is_dir() {
        println!("skipped: {} is not there; it is github.com/w3c/xsdtests", folder.display());
        return Ok(());
    }
    let mut score = Score::default();
    let mut sets = files(&folder, &["testSet", "xml"])?;
    sets.retain(|path| path.parent().is_some_and(|it| it.to_string_lossy().ends_with("Meta")));
    for set in sets {
        let text = fs::read_to_string(&set).map_err(|error| format!("{}: {error}", set.display()))?;
        for group in groups(&text).map_err(|error| format!("{}: {error}", set.display()))? {
            score.run(&folder, &set, &group);
        }
    }
    score.print();
    Ok(())
}

/// Schemas, and documents by them.
#[derive(Default)]
struct Group {
    is_of_later_version: bool,
    schemas: Vec<Test>,
    documents: Vec<Test>,
}

/// A file or several, and whether they are right; `None` where version 1.0 says nothing of it, or it is disputed.
#[derive(Default)]
struct Test {
    files: Vec<String>,
    is_valid: Option<bool>,
}

/// The groups of a set of tests.
fn groups(text: &str) -> Result<Vec<Group>, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let (mut groups, mut is_later_set) = (Vec::<Group>::new(), false);
    let mut test: Option<Test> = None;
    loop {
        let event = reader.read_event()?;
        let (start, is_empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(end) => {
                let is_schema = end.local_name().as_ref() == "schemaTest";
                if (is_schema || end.local_name().as_ref() == "instanceTest")
                    && let (Some(test), Some(group)) = (test.take(), groups.last_mut())
                {
                    let tests = if is_schema { &mut group.schemas } else { &mut group.documents };
                    tests.push(test);
                }
                continue;
            }
            Event::Eof => return Ok(groups),
            _ => continue,
        };
        let is_later = is_later(start);
        match (start.local_name().as_ref(), &mut test) {
            ("testSet", _) => is_later_set = is_later,
            ("testGroup", _) => {
                groups.push(Group { is_of_later_version: is_later || is_later_set, ..Group::default() });
            }
            ("schemaTest" | "instanceTest", open) if !is_empty && !is_later => *open = Some(Test::default()),
            ("schemaDocument" | "instanceDocument", Some(test)) => test.files.extend(value(start, "href")),
            ("expected", Some(test)) if !is_later => {
                test.is_valid = match value(start, "validity").as_deref() {
                    Some("valid") => Some(true),
                    Some("invalid") => Some(false),
                    _ => None,
                };
            }
            ("current", Some(test))
                if value(start, "status").is_some_and(|it| it.starts_with("disputed")) =>
            {
                test.is_valid = None;
            }
            _ => {}
        }
    }
}

/// Whether something is of another version than 1.0 alone.
fn is_later(start: &BytesStart<'_>) -> bool {
    value(start, "version").is_some_and(|it| !it.split_whitespace().any(|version| version == "1.0"))
}

/// The attribute with this local name.
fn value(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes().flatten();
    let found = attributes.find(|it| it.key.local_name().as_ref() == name)?;
    Some(found.value.into_owned())
}

/// How many are judged as the suite does, of those that it calls right and wrong.
#[derive(Default)]
struct Count {
    right: [usize; 2],
    all: [usize; 2],
}

impl Count {
    fn add(&mut self, is_valid: bool, is_accepted: bool) {
        self.all[usize::from(is_valid)] += 1;
        self.right[usize::from(is_valid)] += usize::from(is_valid == is_accepted);
    }
}

#[derive(Default)]
struct Score {
    schemas: Count,
    documents: Count,
    skipped: usize,
    /// Why valid ones are refused, and where invalid ones are accepted: how many, and one of them.
    refused: BTreeMap<String, (usize, String)>,
    accepted: BTreeMap<String, (usize, String)>,
}

impl Score {
    fn run(&mut self, folder: &Path, set: &Path, group: &Group) {
        let files = Folder(folder.to_owned());
        let path =
            |name: &str| fs::canonicalize(set.parent().unwrap_or(folder).join(name)).unwrap_or_default();
        let home = fs::canonicalize(folder).unwrap_or_default();
        let inside = |name: &str| folder.join(path(name).strip_prefix(&home).unwrap_or(Path::new("none")));
        let [schema] = &group.schemas[..] else {
            self.skipped += group.schemas.len() + group.documents.len();
            return;
        };
        let [file] = &schema.files[..] else {
            self.skipped += 1 + group.documents.len();
            return;
        };
        if group.is_of_later_version || !inside(file).is_file() {
            self.skipped += 1 + group.documents.len();
            return;
        }
        let read = files.read_file(&inside(file), xsd::Document::read);
        let why = read.as_ref().err().map(first);
        match schema.is_valid {
            Some(is_valid) => {
                self.schemas.add(is_valid, why.is_none());
                self.tell(set, file, is_valid, why);
            }
            None => self.skipped += 1,
        }
        for test in &group.documents {
            let (Ok(document), Some(is_valid), [file]) = (&read, test.is_valid, &test.files[..]) else {
                self.skipped += 1;
                continue;
            };
            let why = decoded(document, &inside(file)).err();
            self.documents.add(is_valid, why.is_none());
            self.tell(set, file, is_valid, why);
        }
    }

    fn tell(&mut self, set: &Path, file: &str, is_valid: bool, why: Option<String>) {
        let (list, reason) = match (is_valid, why) {
            (true, Some(why)) => (&mut self.refused, why),
            (false, None) => {
                (&mut self.accepted, set.file_stem().unwrap_or_default().to_string_lossy().into_owned())
            }
            _ => return,
        };
        list.entry(reason).or_insert_with(|| (0, file.to_owned())).0 += 1;
    }

    #[expect(clippy::print_stdout, reason = "a command line tool")]
    fn print(self) {
        for (title, count) in [("schemas", &self.schemas), ("documents", &self.documents)] {
            let [wrong, right] = count.all;
            println!(
                "{title}: {} of {right} valid ones are read, {} of {wrong} invalid ones are refused",
                count.right[1], count.right[0]
            );
        }
        println!(
            "{} are skipped: of version 1.1, disputed, of several files, or of a schema that is refused",
            self.skipped
        );
        for (title, reasons) in
            [("valid, and refused", self.refused), ("invalid, and accepted, by set", self.accepted)]
        {
            println!("{title}:");
            let mut reasons: Vec<_> = reasons.into_iter().collect();
            reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
            for (reason, (count, example)) in reasons.iter().take(REASONS) {
                println!("  {count:>5}  {reason}  (as in {example})");
            }
        }
    }
}

fn decoded(document: &xsd::Document, path: &Path) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let codec = document.codec(root(&String::from_utf8_lossy(&bytes)));
    let codec = codec.map_err(|report| crate::wild::reason(report.code().id, report.message()))?;
    codec.decode(&bytes).map(drop).map_err(|report| {
        let detail = report.details().first().unwrap_or(&report);
        crate::wild::reason(detail.code().id, detail.message())
    })
}
