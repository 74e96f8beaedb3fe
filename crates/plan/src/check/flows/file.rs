//! `from: { file: … }`: which file, and how its rows are read.

use std::sync::Arc;

use tenon_contracts::Contract;
use tenon_document::Node;
use tenon_model::Str;
use tenon_ports::{FileFormat, Key, Role, RowFormat, Spec, SpecValue as Value, folder};

use super::format;
use crate::{
    FileInput, Input,
    check::{Context, Names, files, systems},
    parse::Object,
};

/// `flows.NAME.from.file`.
pub(crate) static FILE: Spec = Spec {
    name: "file source",
    doc: "The rows of a file, in order, each at least once.",
    keys: &[
        Key::required("in", Value::Reference("system"), "The `files` system that holds it."),
        Key::required("path", Value::Setting, "The file, relative to the folder of that system."),
        Key::required("contract", Value::Reference("contract"), "What each row follows."),
        format::FORMAT,
        format::ITEMS,
        format::COMPRESSION,
        format::ENCODING,
        format::ROW,
        format::ABSENT,
        format::QUOTED_ABSENT,
        format::DELIMITER,
        format::QUOTE,
        format::ESCAPE,
        format::COMMENT,
        format::SKIP,
        format::HEADER,
        format::RAGGED,
    ],
};

/// A file as input, and the contract of its rows.
pub(super) fn check(
    object: Object<'_>,
    names: &Names,
    context: &mut Context<'_>,
) -> (Option<Input>, Option<Arc<Contract>>) {
    let system =
        object.get("in").and_then(|node| systems::of_role(node, Role::Files, &names.systems, context));
    let contract = object.get("contract").and_then(|node| names.contracts.find(node, context));
    let format = format::check(object, contract.as_deref(), context);
    let input = object.get("path").zip(system).and_then(|(node, system)| {
        let path = path(node, &system.location, context)?;
        let compression = format::compression(object, &path);
        let file = FileInput { system, path, format: FileFormat { compression, ..format? } };
        match (&file.format.rows, &contract) {
            (RowFormat::Csv(csv), Some(contract)) if csv.header.is_none() => {
                files::check_header(&file, csv, node, contract, context);
            }
            (RowFormat::Avro { schema }, Some(contract)) => {
                files::check_schema(&file, schema, node, contract, context);
            }
            _ => files::check_filled(&file, node, context),
        }
        Some(Input::File(file))
    });
    (input, contract)
}

/// The path in the folder; a warning if the file is not there.
fn path(node: &Node, folder: &str, context: &mut Context<'_>) -> Option<Str> {
    let file = context.setting(node)?;
    let file = Str::from(context.take_at(node, folder::normal(&file))?);
    files::expect(folder, &file, node, context).then_some(file)
}
