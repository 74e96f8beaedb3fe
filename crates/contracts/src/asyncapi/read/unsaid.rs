//! What a description says of its types beyond their values, in the format that each is described in.

use tenon_document::Node;
use tenon_errors::Reports;

use super::payloads::{Language, is_multi_format};
use crate::{
    format::{Source, Unsaid},
    json_schema,
    linked::{self, Linked},
};

/// What the type `name` says so: a schema, or the payload of a message.
///
/// # Errors
/// What is wrong with the file.
pub(in crate::asyncapi) fn unsaid(source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
    let linked = linked::load(source)?;
    let Some((schema, format)) = found(&linked, name) else { return Ok(Vec::new()) };
    let Some(language) = format.and_then(Language::of) else {
        return Ok(json_schema::unsaid(linked.root(), schema, source.files));
    };
    let schema = linked.follow(schema)?;
    let Some((file, text)) = language.text(schema) else { return Ok(Vec::new()) };
    let (format, inner) = (language.format(), Source { file: &file, text: &text, files: source.files });
    let read = format.read(&inner)?;
    let meant = read.of_name(name).ok().or(read.types.first()).map(|it| it.name.clone());
    let mut said = format.unsaid(&inner, &meant.unwrap_or_default())?;
    // The text of the schema has no places in the file.
    said.iter_mut().for_each(|said| said.place = schema.place());
    Ok(said)
}

/// The schema of the type, and the media type that says what it is written in.
fn found<'d>(linked: &'d Linked, name: &str) -> Option<(&'d Node, Option<&'d str>)> {
    if let Some(schema) = linked.schema(name) {
        return Some(in_format(schema, None));
    }
    let root = linked.root();
    let messages = |node: &'d Node| node.get("messages").and_then(Node::entries).unwrap_or_default();
    let channels = root.get("channels").and_then(Node::entries).unwrap_or_default();
    let of_channels = channels.iter().flat_map(|(_, channel)| {
        let operations =
            ["publish", "subscribe"].into_iter().filter_map(|key| channel.get(key)?.entry("message"));
        messages(channel).iter().chain(operations)
    });
    let of_components = root.get("components").map(messages).unwrap_or_default();
    of_components.iter().chain(of_channels).find_map(|(key, node)| {
        let message = linked.follow(node).ok()?;
        let own = ["messageId", "name"].iter().find_map(|key| message.get(key)).and_then(Node::as_str);
        let is_it = key.as_str() == Some(name) || own == Some(name);
        let payload = is_it.then(|| message.get("payload")).flatten()?;
        Some(in_format(payload, message.get("schemaFormat").and_then(Node::as_str)))
    })
}

fn in_format<'d>(schema: &'d Node, format: Option<&'d str>) -> (&'d Node, Option<&'d str>) {
    match schema.get("schema") {
        Some(inner) if is_multi_format(schema) => (inner, schema.get("schemaFormat").and_then(Node::as_str)),
        _ => (schema, format),
    }
}
