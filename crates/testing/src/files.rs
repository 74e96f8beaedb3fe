//! The files that a case brings for flows to read: encoded and compressed as the flows read them, and in Avro where they read that.

use std::fs;

use tenon_connectors::rows;
use tenon_engine::Options;
use tenon_plan::{DataFiles, FileInput, Input};
use tenon_ports::{Compression, FileFormat, RowFormat};

use crate::{
    case::Mismatch,
    document::{Case, Kind},
};

/// Writes the files of `case` anew that a flow reads as something else than plain UTF-8.
///
/// # Errors
/// What of a text cannot be written so.
pub(crate) fn write_as_read(case: &Case, options: &Options) -> Result<(), Mismatch> {
    let is_data = |kind: &Kind| matches!(kind, Kind::File(path) if !path.ends_with(".yaml") && !path.ends_with(".yml") && !path.starts_with("contracts/"));
    if !case.fences.iter().any(|fence| is_data(&fence.kind)) {
        return Ok(());
    }
    // What is wrong with the project is said by whoever runs it.
    let options = Options { data: DataFiles::Ignore, ..options.clone() };
    let Ok(plan) = tenon_engine::load(&options).plan else { return Ok(()) };
    for fence in &case.fences {
        let Kind::File(path) = &fence.kind else { continue };
        let input = plan.flows.iter().find_map(|flow| match &flow.input {
            Input::File(file) if plain(&file.shown()) == plain(path) && is_other(file) => Some(file),
            _ => None,
        });
        let Some(input) = input else { continue };
        let bytes = rows::written(&fence.text, path, &input.format)
            .map_err(|report| Mismatch::hopeless(fence.line, report.to_string()))?;
        fs::write(options.project.join(path), bytes).map_err(|error| {
            Mismatch::hopeless(fence.line, format!("`{path}` cannot be written: {error}"))
        })?;
    }
    Ok(())
}

/// Whether a file is not its text.
fn is_other(file: &FileInput) -> bool {
    let FileFormat { rows, compression, encoding, .. } = &file.format;
    *compression != Compression::None || encoding.is_some() || matches!(rows, RowFormat::Avro { .. })
}

/// A path without parts that say nothing.
fn plain(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !matches!(*part, "" | ".")).collect()
}
