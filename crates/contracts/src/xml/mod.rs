//! XML text as a stream of elements and text with places, and as text again.
//!
//! The tokens come from `quick-xml`: it is the XML library of Rust that is kept up best, borrows from the text, says where it is,
//! and knows nothing of document type definitions, so that no entity is ever expanded and nothing outside is ever read
//! (`xmlparser` has had no release since 2023, and `roxmltree` builds a tree of the whole). What it leaves to its user is done
//! here: names and characters ([XML 1.0](https://www.w3.org/TR/xml/)), attributes with their places and without repeats,
//! [namespaces](https://www.w3.org/TR/xml-names/), references to characters, one element at the top, and limits. A document with a
//! `DOCTYPE` is refused.

mod attributes;
mod characters;
mod escape;
mod instructions;
mod names;
mod reader;
#[cfg(test)]
mod tests;
mod tree;

use tenon_errors::{Report, catalogue::data::BAD_XML};

pub(crate) use self::{
    attributes::Attribute,
    characters::{is_allowed, is_name, is_name_character, is_name_start, is_space},
    escape::write_attribute,
    names::{Name, Scope},
    reader::{Event, Limits, Reader},
    tree::{Element, parse},
};
pub use self::{escape::write_text, instructions::wrong_instruction};

/// What is wrong with a document, if it is not well-formed; where that is, is not said.
#[must_use]
pub fn ill_formed(text: &str) -> Option<Report> {
    let limits = Limits { bytes: usize::MAX, depth: 256, attributes: 1_000 };
    // With a file, a place is one and no part of the message.
    let read = Reader::new(text, Some("".into()), &BAD_XML, limits).and_then(|mut reader| {
        while !matches!(reader.next()?, Event::Done) {}
        Ok(())
    });
    read.err()
}

/// The namespace of the prefix `xml`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of attributes that declare namespaces.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// The namespace of attributes that documents have for their schema.
pub(crate) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
