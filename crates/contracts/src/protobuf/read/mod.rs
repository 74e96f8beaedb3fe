//! `.proto` files as types: tokens, what is written, names, rules, shapes.

mod ast;
mod build;
mod check;
mod cursor;
mod default;
mod features;
mod field;
mod files;
mod lex;
mod names;
mod options;
mod parse;
mod parse_types;
mod shape;

use std::sync::Arc;

use tenon_errors::Reports;

pub(crate) use self::field::lower_camel;
use super::Read;
use crate::format::{Schema, Source};

/// Reads the file of `source` and what it imports.
///
/// # Errors
/// `C0001` with each problem at its place, `C0002` for message sets.
pub fn read(source: &Source<'_>) -> Result<Read, Reports> {
    let mut reports = Reports::new();
    let files = files::load(source, &mut reports);
    // Where a file is missing or cannot be read, each of its names would be a problem as well.
    if !reports.is_empty() {
        return Err(reports.sorted());
    }
    let (names, definitions, notes) = build::build(&files, &mut reports);
    if !reports.is_empty() {
        return Err(reports.sorted());
    }
    let (types, operations) = shape::types(&names, &definitions);
    let schema = Schema { types, operations, notes };
    Ok(Read { schema, definitions: Arc::new(definitions) })
}
