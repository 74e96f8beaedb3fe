//! A schema and the documents that it refers to as one document: each is embedded under its address (JSON Schema 2020-12,
//! section 9.3), so that no reference changes.

use serde_json::{Map, Value as Json};
use tenon_document::{Node, Tree};
use tenon_errors::{Place, Report, Reports, catalogue::contract::NOT_WRITABLE};

use super::{address, documents, draft::Draft, read_with};
use crate::format::{NoFiles, Source};

/// The text of the one document; `None` where the schema refers to no other.
///
/// # Errors
/// What is wrong with the schema, and `C0008` where a document cannot be embedded.
pub(super) fn bundle(source: &Source<'_>) -> Result<Option<String>, Reports> {
    let root = documents::parse(source.file, source.text)?;
    read_with(&root, source.files)?;
    let loading = documents::load(&root, source.files);
    let embedded: Vec<_> =
        loading.documents.iter().filter(|it| !documents::is_metaschema(&it.address)).collect();
    if embedded.is_empty() {
        return Ok(None);
    }
    let draft = Draft::of(&root);
    let (place, id) = (if draft >= Draft::Draft2019 { "$defs" } else { "definitions" }, draft.id_keyword());
    let mut whole = json(&root);
    let mut parts = Map::new();
    for document in embedded {
        let Json::Object(mut part) = json(&document.root) else {
            return Err(refused(source.file, &format!("`{}` is not an object", document.address)));
        };
        let is_whole = part.get(id).and_then(Json::as_str).is_some_and(address::is_whole);
        if !is_whole {
            part.insert(id.to_owned(), relative(source.file, &document.address).into());
        }
        parts.insert(document.address.clone(), Json::Object(part));
    }
    if let Some(object) = whole.as_object_mut() {
        match object.entry(place).or_insert_with(|| Json::Object(Map::new())) {
            Json::Object(known) => known.extend(parts),
            _ => return Err(refused(source.file, &format!("its `{place}` is not an object"))),
        }
    }
    let text = format!("{whole:#}\n");
    // What the text says alone has to be what it said with its files.
    let alone = documents::parse(source.file, &text).and_then(|root| read_with(&root, &NoFiles));
    match alone {
        Ok(_) => Ok(Some(text)),
        Err(problems) => {
            let why = problems.iter().next().map(|it| it.message().to_owned()).unwrap_or_default();
            Err(refused(source.file, &format!("a reference would lead elsewhere: {why}")))
        }
    }
}

fn refused(file: &str, why: &str) -> Reports {
    Report::new(&NOT_WRITABLE, format!("the schema cannot be one document: {why}"))
        .at(Place::file(file))
        .hint("refer to its files by paths, and give them no `$id` of the network")
        .into()
}

/// The path of `address` as seen from the file `from`; whole addresses are what they are.
fn relative(from: &str, address: &str) -> String {
    if address::is_whole(address) {
        return address.to_owned();
    }
    let mut here: Vec<&str> = from.split('/').collect();
    here.pop();
    let there: Vec<&str> = address.split('/').collect();
    let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count().min(there.len() - 1);
    let up = std::iter::repeat_n("..", here.len() - common);
    up.chain(there[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

fn json(node: &Node) -> Json {
    match node.tree() {
        Tree::Null => Json::Null,
        Tree::Bool(is) => Json::Bool(*is),
        Tree::Number(digits) => serde_json::from_str(digits).unwrap_or(Json::Null),
        Tree::String(text) => Json::String(text.clone()),
        Tree::List(items) => Json::Array(items.iter().map(json).collect()),
        Tree::Map(entries) => {
            let entry = |(key, value): &(Node, Node)| (key.scalar_text().unwrap_or_default(), json(value));
            Json::Object(entries.iter().map(entry).collect())
        }
    }
}
