//! JSON-Schema-Test-Suite, run on contracts as they are read and data as it is decoded: what differs from the standard, by draft.
//! The suite comes with the sources of the Python package `jsonschema`, fetched by pip into `target/wild`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tenon_contracts::{
    format::{Files, Text},
    json::Decoder,
    json_schema,
};
use tenon_errors::Report;

/// The package, pinned so that two runs can be compared.
const PACKAGE: &str = "jsonschema==4.25.1";
/// The drafts, with the addresses of their metaschemas.
const DRAFTS: &[(&str, &str)] = &[
    ("draft4", "http://json-schema.org/draft-04/schema#"),
    ("draft6", "http://json-schema.org/draft-06/schema#"),
    ("draft7", "http://json-schema.org/draft-07/schema#"),
    ("draft2019-09", "https://json-schema.org/draft/2019-09/schema"),
    ("draft2020-12", "https://json-schema.org/draft/2020-12/schema"),
];
/// Where the suite's own documents are, in its schemas.
const REMOTES: &str = "http://localhost:1234/";

/// What Tenon does otherwise on purpose, by words of the test's description, with the reason.
const ON_PURPOSE: &[(&str, &str)] = &[
    ("an invalid base64 string", "`contentEncoding: base64` asserts in a contract"),
    (
        "no validation: invalid number, but it still validates",
        "a keyword counts whatever `$vocabulary` leaves out",
    ),
    ("only an annotation by default", "`format` asserts in a contract"),
    (
        "the default keyword does not do anything",
        "a default that does not fit is refused (`C0006`), since it would be filled in",
    ),
    (
        "invalid type for default",
        "a default that does not fit is refused (`C0006`), since it would be filled in",
    ),
    (
        "invalid string value for default",
        "a default that does not fit is refused (`C0006`), since it would be filled in",
    ),
];

/// Runs the suite in `folder`, or the one that is fetched.
///
/// # Errors
/// What differs in required tests.
#[expect(clippy::print_stdout, reason = "a command line tool")]
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    let folder = match folder {
        Some(folder) => PathBuf::from(folder),
        None => fetched()?,
    };
    let mut failed = 0;
    for (draft, metaschema) in DRAFTS {
        let tests = folder.join("tests").join(draft);
        let suite = Suite { remotes: folder.join("remotes"), draft, metaschema };
        for (title, paths) in
            [("required", files(&tests, false)?), ("optional", files(&tests.join("optional"), true)?)]
        {
            let outcome = suite.run(&paths)?;
            println!("{draft} {title}: {} of {} as the standard says", outcome.right, outcome.total);
            outcome.differences.iter().for_each(|difference| println!("  {difference}"));
            failed += if title == "required" { outcome.unexpected } else { 0 };
        }
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} required tests differ")) }
}

struct Suite<'s> {
    remotes: PathBuf,
    draft: &'s str,
    metaschema: &'s str,
}

#[derive(Default)]
struct Outcome {
    total: usize,
    right: usize,
    unexpected: usize,
    differences: Vec<String>,
}

impl Suite<'_> {
    fn run(&self, paths: &[PathBuf]) -> Result<Outcome, String> {
        let mut outcome = Outcome::default();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let groups: Vec<Value> =
                serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
            groups.iter().for_each(|group| self.group(&name, group, &mut outcome));
        }
        Ok(outcome)
    }

    fn group(&self, file: &str, group: &Value, outcome: &mut Outcome) {
        let mut schema = group["schema"].clone();
        if let Some(object) = schema.as_object_mut() {
            object.entry("$schema").or_insert_with(|| self.metaschema.into());
        }
        let decoder = tenon_document::parse("schema.json", &schema.to_string())
            .and_then(|root| json_schema::read_with(&root, self))
            .map_err(|problems| {
                problems.iter().map(|it| it.message().to_owned()).collect::<Vec<_>>().join("; ")
            })
            .and_then(|schema| {
                let definition = schema.into_only().ok_or("there is no schema")?;
                Decoder::new(&definition.shape).map_err(|report| report.message().to_owned())
            });
        for test in group["tests"].as_array().into_iter().flatten() {
            outcome.total += 1;
            let expected = test["valid"] == true;
            let decoded = decoder.as_ref().map(|decoder| decoder.decode(test["data"].to_string().as_bytes()));
            let why = match decoded {
                Ok(Ok(_)) if expected => None,
                Ok(Err(_)) if !expected => None,
                Ok(Ok(_)) => Some("accepted".to_owned()),
                Ok(Err(report)) => Some(report.details().first().unwrap_or(&report).message().to_owned()),
                Err(why) => Some(format!("the schema is refused: {why}")),
            };
            let Some(why) = why else {
                outcome.right += 1;
                continue;
            };
            let description = format!(
                "{file}: {}: {}",
                group["description"].as_str().unwrap_or_default(),
                test["description"].as_str().unwrap_or_default()
            );
            let purpose = ON_PURPOSE.iter().find(|(words, _)| description.contains(words));
            outcome.unexpected += usize::from(purpose.is_none());
            let reason = purpose.map_or("not on purpose", |(_, reason)| reason);
            outcome.differences.push(format!("{description}: {why} [{reason}]"));
        }
    }
}

/// The suite's documents stand for files that the project keeps.
impl Files for Suite<'_> {
    fn read(&self, path: &str) -> Result<Text, Report> {
        tenon_contracts::format::NoFiles.read(path)
    }

    fn kept(&self, address: &str) -> Option<Text> {
        let text = fs::read_to_string(self.remotes.join(address.strip_prefix(REMOTES)?)).ok()?;
        Some(text.into())
    }
}

impl std::fmt::Debug for Suite<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.draft)
    }
}

/// The files of tests in a folder, in order.
fn files(folder: &Path, is_deep: bool) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() && is_deep {
            paths.extend(files(&path, true)?);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn fetched() -> Result<PathBuf, String> {
    let folder = crate::packages::sources(PACKAGE)?;
    let entries = fs::read_dir(&folder).map_err(|error| error.to_string())?;
    let unpacked =
        entries.filter_map(|entry| Some(entry.ok()?.path().join("json"))).find(|path| path.is_dir());
    unpacked.ok_or_else(|| format!("there is no suite in {}", folder.display()))
}
