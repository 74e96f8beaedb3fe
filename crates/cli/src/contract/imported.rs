//! The text of a contract that is imported: in which format, and with which files beside it.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::{
    Format,
    format::{Definition, Loss, Written},
    graphql, sql,
};

use super::{
    Problems,
    beside::{self, Together},
    bundle,
    import::{Asked, Described},
    open::format_named,
};

/// The text of a contract, in its format, and the files that it refers to.
pub(super) type Text = (&'static dyn Format, Written, BTreeMap<String, Arc<str>>);

/// The text of the contract: that of the file where it has one type, or where data hangs on what only it says; else the type
/// alone. What the format cannot write is JSON Schema.
pub(super) fn text(
    asked: &Asked,
    described: &Described,
    definition: &Definition,
    name: &str,
) -> Result<Text, Problems> {
    let alone = |format, written| (format, written, BTreeMap::new());
    let format = described.format;
    let shape = &definition.shape;
    if let Some(to) = &asked.to {
        if let Some(dialect) = sql::Dialect::named(to) {
            return Ok(alone(format_named("sql")?, sql::write_as(name, shape, dialect)?));
        }
        let format = format_named(to)?;
        return Ok(alone(format, format.write(name, shape)?));
    }
    // Numbers and names on the wire are not in shapes.
    let is_whole = described.schema.types.len() == 1 || matches!(format.name(), "Avro" | "Protobuf");
    if is_whole
        && described.dialect.is_none_or(|dialect| sql::Dialect::recognised(&described.text) == dialect)
    {
        match bundle::one(format, &described.located.path, &described.text, &described.files) {
            Ok(whole) => {
                let text = whole.unwrap_or_else(|| described.text.to_string());
                return Ok(alone(format, Written { text, losses: Vec::new() }));
            }
            Err(problems) => match together(asked, described, name) {
                Some(Together { text, others }) => {
                    return Ok((format, Written { text, losses: Vec::new() }, others));
                }
                None if format.name() == "Protobuf" => return Err(problems),
                None => {}
            },
        }
    }
    let written = match described.dialect {
        Some(dialect) => sql::write_as(name, shape, dialect),
        None if described.inputs.iter().any(|input| *definition.name == **input) => {
            graphql::write_as(name, shape, graphql::Position::Input)
        }
        None => format.write(name, shape),
    };
    match written {
        Ok(written) => Ok(alone(format, written)),
        Err(reports) => {
            let json = format_named("json")?;
            let mut written = json.write(name, shape)?;
            let why = reports.iter().next().map(|it| it.message().to_owned()).unwrap_or_default();
            let message = format!("is written as JSON Schema, as {} cannot say it: {why}", format.name());
            written.losses.push(Loss { path: String::new(), message });
            Ok(alone(json, written))
        }
    }
}

/// The text of the file as it is, with the files that it refers to beside it; `None` where they could not be found there.
fn together(asked: &Asked, described: &Described, name: &str) -> Option<Together> {
    let (file, read) = ((&*described.located.path, &*described.text), described.files.read.borrow());
    match described.format.name() {
        "Protobuf" => beside::protobuf(file, &read, &asked.into),
        "XML Schema" => beside::xsd(file, &read, &asked.into, name),
        _ => None,
    }
}
