//! `.proto` files as types: tokens, what is written, names, rules, shapes.

mod ast;
mod build;
mod check;
mod cursor;
mod default;
mod descriptor;
mod features;
mod field;
mod files;
mod lex;
mod locate;
mod names;
mod options;
mod parse;
mod parse_types;
mod shape;
mod unsaid;

use std::sync::Arc;

use tenon_errors::Reports;
use tenon_model::Str;

pub use self::descriptor::{Described, descriptors};
pub(crate) use self::field::lower_camel;
pub(super) use self::{locate::locate, unsaid::unsaid};
use super::{Definitions, Read, codec::Binary, exchange::GrpcExchanges};
use crate::format::{Codec, Codecs, Exchanges, Schema, Source};

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
    let definitions = Arc::new(definitions);
    let names = types.iter().map(|definition| definition.name.clone()).collect();
    let codecs: Arc<dyn Codecs> = Arc::new(Binaries { definitions: Arc::clone(&definitions), names });
    let exchanges: Arc<dyn Exchanges> = Arc::new(GrpcExchanges::of_all(&definitions));
    let (codecs, exchanges) = (Some(codecs), Some(exchanges));
    let schema = Schema { types, operations, notes, codecs, exchanges };
    Ok(Read { schema, definitions })
}

/// The binary forms of the messages of a file.
#[derive(Debug)]
struct Binaries {
    definitions: Arc<Definitions>,
    /// The full names of its types.
    names: Vec<Str>,
}

impl Codecs for Binaries {
    fn codec(&self, position: usize) -> Result<Option<Arc<dyn Codec>>, Reports> {
        let binary = self.names.get(position).and_then(|name| Binary::new(&self.definitions, name));
        Ok(binary.map(|binary| Arc::new(binary) as Arc<dyn Codec>))
    }
}

/// The paths that a file imports, as far as it can be read.
#[must_use]
pub fn imports(file: &str, text: &str) -> Vec<String> {
    let read = parse::parse(file, text, &mut Reports::new());
    read.into_iter().flat_map(|file| file.imports).map(|import| import.path.text).collect()
}
