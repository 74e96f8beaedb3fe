//! `from`: a topic, a file, or requests.

use std::sync::Arc;

use tenon_contracts::{Contract, json::Decoder};
use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::project::{BAD_VALUE, UNUSED_DEFINITION},
};
use tenon_model::{Name, Str};
use tenon_ports::{FileFormat, Key, Role, Spec, SpecValue as Value, folder};

use crate::{
    FileInput, Input,
    check::{Context, Names, apis::Demands, files, systems},
    parse::{Object, read},
};

/// `flows.NAME.from`, where it is not a topic.
pub(crate) static FROM: Spec = Spec {
    name: "source",
    doc: "Where messages come from, unless it is a topic.",
    keys: &[Key::optional("file", Value::Object(&FILE), "", "The rows or lines of a file.")],
};

/// `flows.NAME.from.file`.
pub(crate) static FILE: Spec = Spec {
    name: "file source",
    doc: "The rows or lines of a file, in order, each at least once.",
    keys: &[
        Key::required("in", Value::Reference("system"), "The `files` system that holds it."),
        Key::required("path", Value::Setting, "The file, relative to the folder of that system."),
        Key::optional(
            "format",
            Value::Word(&["csv", "jsonl"]),
            "csv",
            "Comma-separated values with a header line (RFC 4180), or one JSON value per line.",
        ),
        Key::required("contract", Value::Reference("contract"), "What each row or line follows."),
        Key::optional(
            "absent",
            Value::List(&Value::Text),
            "",
            "Cells of these texts count as absent; the empty cell always does. Only for `csv`.",
        ),
        Key::optional("delimiter", Value::Text, ",", "The character between cells. Only for `csv`."),
    ],
};

/// The input of a flow and the contract of its messages.
pub(super) fn check(
    name: &Name,
    key: &Node,
    object: Object<'_>,
    names: &Names,
    demands: &Demands,
    context: &mut Context<'_>,
) -> (Option<Input>, Option<Arc<Contract>>) {
    let Some(from) = object.get("from") else { return requests(name, key, demands, context) };
    if from.entries().is_some() {
        return from
            .get("file")
            .filter(|node| node.entries().is_some())
            .map_or((None, None), |node| file(Object::new(node), names, context));
    }
    let topic = names.topics.find(from, context);
    let contract = topic.as_ref().map(|topic| Arc::clone(&topic.contract));
    (topic.map(Input::Topic), contract)
}

fn requests(
    name: &Name,
    key: &Node,
    demands: &Demands,
    context: &mut Context<'_>,
) -> (Option<Input>, Option<Arc<Contract>>) {
    if !demands.has(name) {
        if demands.are_uncertain() {
            return (None, None);
        }
        let message =
            format!("no operation names the flow `{name}`, which has no `from`, so it would never run");
        let hint = format!("add `from`, or an operation with `flow: {name}`");
        context.problem(Report::new(&UNUSED_DEFINITION, message).at(key.place()).hint(hint));
        return (None, None);
    }
    let contract = demands.input(name);
    let decoder = contract.as_ref().and_then(|contract| context.take_at(key, Decoder::new(&contract.shape)));
    (decoder.map(|decoder| Input::Request(Arc::new(decoder))), contract)
}

fn file(
    object: Object<'_>,
    names: &Names,
    context: &mut Context<'_>,
) -> (Option<Input>, Option<Arc<Contract>>) {
    let system =
        object.get("in").and_then(|node| systems::of_role(node, Role::Files, &names.systems, context));
    let contract = object.get("contract").and_then(|node| names.contracts.find(node, context));
    let format = format(object, context);
    let input = object.get("path").zip(system).and_then(|(node, system)| {
        let path = path(node, &system.location, context)?;
        let file = FileInput { system, path, format: format? };
        if let (FileFormat::Csv { delimiter, absent }, Some(contract)) = (&file.format, &contract) {
            files::check_header(&file.shown(), node, contract, *delimiter, absent, context);
        }
        Some(Input::File(file))
    });
    (input, contract)
}

/// The path in the folder; a problem unless the file is there.
fn path(node: &Node, folder: &str, context: &mut Context<'_>) -> Option<Str> {
    let file = context.setting(node)?;
    let inside = match folder::outside(&file) {
        None => Ok(()),
        Some(report) => Err(report),
    };
    context.take_at(node, inside)?;
    files::require(folder, &file, node, context).then_some(file)
}

fn format(object: Object<'_>, context: &mut Context<'_>) -> Option<FileFormat> {
    match object.get("format").map(read::text) {
        None => {}
        Some(Some(word)) if word == "csv" => {}
        Some(Some(word)) if word == "jsonl" => return Some(json_lines(object, context)),
        // Reported as a word that is none: whether the file begins like CSV says nothing then.
        Some(_) => return None,
    }
    let absent = object.items("absent").iter().filter_map(read::text).collect();
    let Some(node) = object.get("delimiter") else {
        return Some(FileFormat::Csv { delimiter: b',', absent });
    };
    match read::text(node)?.as_bytes() {
        [delimiter] if delimiter.is_ascii() && !b"\"\r\n".contains(delimiter) => {
            Some(FileFormat::Csv { delimiter: *delimiter, absent })
        }
        _ => {
            let text = read::text(node)?;
            let message = format!("`{text}` cannot be a delimiter");
            let report = Report::new(&BAD_VALUE, message).at(node.place());
            context.problem(report.hint("write one ASCII character, for example `\";\"` or `\"\\t\"`"));
            None
        }
    }
}

fn json_lines(object: Object<'_>, context: &mut Context<'_>) -> FileFormat {
    for key in ["absent", "delimiter"] {
        if let Some((node, _)) = object.entry(key) {
            let report = Report::new(&BAD_VALUE, format!("`{key}` says nothing about a file of JSON lines"));
            context.problem(report.at(node.place()).hint(format!("remove `{key}`")));
        }
    }
    FileFormat::JsonLines
}
