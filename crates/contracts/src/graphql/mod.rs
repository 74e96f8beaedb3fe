//! GraphQL's type system language (specification of September 2025, section 3) as shapes and operations, and shapes as types.
//!
//! The parser is our own: `apollo-compiler` 1.33, which serves the API, knows neither `@oneOf` nor the rules that came with
//! it, and contracts own what they read. All problems of a file are told at once.
//!
//! A shape is what JSON says of a type: fields of objects that may be null may be left out as well, since an answer has what
//! was asked for. Interfaces and unions are told apart by `__typename`, which every alternative then has. The types that
//! operations start from are no types of the schema but its operations. A file of types alone is a part of a schema.

mod check;
mod locate;
mod model;
mod read;
mod requests;
mod shape;
#[cfg(test)]
mod tests;
mod unsaid;
mod write;

use tenon_errors::{Place, Report, Reports, catalogue::contract::BAD_CONTRACT};
use tenon_model::{Shape, Str};

use self::{model::Model, shape::TYPE_NAME};
pub use self::{
    requests::{GraphQlExchange, Requests, requests},
    shape::Arguments,
    write::{Position, write_as},
};
use crate::{
    format::{Format, Schema, Sought, Source, Unsaid, Written},
    problems::{Problems, Text},
};

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// GraphQL's type system language.
#[derive(Debug, Clone, Copy)]
pub struct GraphQl;

impl Format for GraphQl {
    fn name(&self) -> &'static str {
        "GraphQL"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["graphql", "graphqls", "gql"]
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        read(source, Rules::Checked).map(|read| read.schema)
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        write_as(name, shape, Position::Output)
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, _: Sought) -> Option<Place> {
        locate::locate(source, name, path)
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        Ok(unsaid::unsaid(source, name))
    }
}

/// What a file says.
#[derive(Debug)]
pub struct Read {
    /// Its types and operations.
    pub schema: Schema,
    /// What every field with arguments takes, those of operations among them, in the order of the file.
    pub arguments: Vec<Arguments>,
    /// The names of its input types.
    pub inputs: Vec<Str>,
}

/// Whether the rules of the type system are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// Every breach is a problem.
    Checked,
    /// They are not looked at: for tools that compare parts of schemas. What is not defined may be anything.
    Unchecked,
}

/// Reads the file of `source`.
///
/// # Errors
/// `C0001` with each problem at its place, `C0006` for a default that does not fit.
pub fn read(source: &Source<'_>, rules: Rules) -> Result<Read, Reports> {
    let text = Text::new(source.file, source.text);
    let (model, notes) = modelled(source, &text, rules)?;
    let mut read = shape::read(&model, &text);
    read.schema.notes.splice(0..0, notes);
    Ok(read)
}

/// What the file of `source` says, and what is noted of it.
fn modelled(source: &Source<'_>, text: &Text<'_>, rules: Rules) -> Result<(Model, Option<Report>), Reports> {
    if source.text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, and {MAX_BYTES} are read", source.text.len());
        let place = Place::file(source.file);
        return Err(Report::new(&BAD_CONTRACT, message).at(place).hint("split the file").into());
    }
    let mut problems = Problems::new(text);
    let document = read::document(source.text, &mut problems);
    // Where a definition could not be read, each of its names would be a problem as well.
    if !problems.is_empty() {
        return Err(problems.finish());
    }
    let (model, astray) = Model::of(document);
    let note = match rules {
        Rules::Checked => check::check(&model, &astray, &mut problems),
        Rules::Unchecked => None,
    };
    if problems.is_empty() { Ok((model, note)) } else { Err(problems.finish()) }
}
