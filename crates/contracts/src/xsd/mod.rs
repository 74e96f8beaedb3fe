//! XML Schema 1.0 as shapes, XML by it as values, and shapes as XML Schema
//! ([Part 1](https://www.w3.org/TR/xmlschema-1/), [Part 2](https://www.w3.org/TR/xmlschema-2/)).
//!
//! **What a file says.** Its types are the elements that may stand at the top of a document; a file without any is read for its types
//! with names. Other files are included, imported and redefined from the project alone.
//!
//! **What it becomes.** An element with attributes or elements is a record (`layout` says which field holds what); one that may come
//! several times is a list; of a choice of elements only one field is there. Elements that may have several types (`xsi:type`) or
//! stand for others (substitution groups) are unions that are told apart by the field `type` or `element`. `nillable` allows null. Mixed
//! content is a list of texts and of records of one element; what `any` lets in is a record of `name`, `namespace`, `attributes` and
//! `content`.
//!
//! Dates with a time have a zone or not in XML Schema: they are instants or local date-times, and only one of both where
//! `explicitTimezone`, `dateTimeStamp` or a pattern says so. Lengths of time are calendar periods, and exact ones where they are a
//! `dayTimeDuration`; of version 1.1, these two, `yearMonthDuration` and `explicitTimezone` are all that is read.
//!
//! **What differs from the standard.** Integers have 64 bits unless their bounds ask for more, which become decimals. Dates and
//! times of day have no zone, years are those from 1 to 9999, and numbers are finite: what is otherwise is refused with its reason.
//! A value of a simple type whose `xsi:type` names a type with attributes, and a nil element with attributes, are refused as well:
//! there is no place for the attributes. Whether a restricted content model is narrower than what it restricts is not checked, which is
//! noted where it is written. `unique`, `key`, `keyref`, `ID` and `IDREF` are checked where XML is read or written, and values of other forms
//! are not, which is noted too. `xsi:schemaLocation` says nothing here: documents do not choose their contract.

mod choices;
mod codec;
mod identity;
mod layout;
mod locate;
mod model;
mod read;
mod relocate;
mod shapes;
mod simple;
mod tags;
#[cfg(test)]
mod tests;
mod unsaid;
mod ways;
mod write;

use std::{collections::HashSet, sync::Arc};

use tenon_errors::{
    Place, Report, Reports,
    catalogue::{contract::BAD_CONTRACT, project::BAD_SYNTAX},
    nearest,
};
use tenon_model::{Shape, Str, shape::Part};

pub use self::{codec::XmlCodec, relocate::relocated};
pub(crate) use self::{
    codec::{Decoding, Start},
    read::Wrapper,
    write::of_elements,
};
use self::{
    model::{ElementId, Type},
    shapes::Shapes,
};
use crate::{
    compiled::Compiled,
    format::{Codec, Codecs, Definition, Format, Loss, Says, Schema, Sought, Source, Unsaid, Written},
    xml::{Element, Name, parse},
};

/// The namespace of the language itself.
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// XML Schema 1.0.
#[derive(Debug, Clone, Copy)]
pub struct Xsd;

impl Format for Xsd {
    fn name(&self) -> &'static str {
        "XML Schema"
    }

    fn endings(&self) -> &'static [&'static str] {
        &["xsd"]
    }

    fn read(&self, source: &Source<'_>) -> Result<Schema, Reports> {
        Ok(Document::read(source)?.schema())
    }

    fn write(&self, name: &str, shape: &Shape) -> Result<Written, Reports> {
        let mut written = write::write(name, shape)?;
        written.losses.extend(Loss::of_rules("XML Schema", shape, |_| false));
        let says = Says { doc: true, ..Says::default() };
        written.losses.extend(Loss::of_names("XML Schema", shape, says));
        Ok(written)
    }

    fn locate(&self, source: &Source<'_>, name: &str, path: &str, sought: Sought) -> Option<Place> {
        Document::read(source).ok()?.locate(name, path, sought)
    }

    fn unsaid(&self, source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
        let document = Document::read(source)?;
        let position = document.types.iter().position(|definition| definition.name == name);
        Ok(position.map(|position| document.unsaid_at(position)).unwrap_or_default())
    }
}

/// A schema with all files that it refers to.
#[derive(Debug)]
pub struct Document {
    shapes: Arc<Shapes>,
    elements: Vec<ElementId>,
    types: Vec<Definition>,
    /// What each of the types is of.
    tops: Vec<Top>,
    notes: Vec<Report>,
}

/// What a type of the file is of.
#[derive(Debug)]
enum Top {
    Element(ElementId),
    Type(Type),
}

impl Document {
    /// Reads the schema in `source` and all files that it refers to.
    ///
    /// # Errors
    /// `P0003` for what is not XML, `C0001` for what is no valid schema, `C0005` for patterns, `C0006` for defaults: all of
    /// them, each at its place.
    pub fn read(source: &Source<'_>) -> Result<Self, Reports> {
        let root = parse(source.file, source.text, &BAD_SYNTAX)?;
        Self::of_roots(source, vec![(source.file.to_owned(), root)], &[])
    }

    /// Reads the schemas `roots`, each with its file, and all files that they refer to; `wrappers` are elements beside theirs.
    pub(crate) fn of_roots(
        source: &Source<'_>,
        roots: Vec<(String, Element)>,
        wrappers: &[Wrapper],
    ) -> Result<Self, Reports> {
        let read = read::read(source, roots, wrappers)?;
        let (layouts, problems, mut notes) = layout::of(&read.model);
        Reports::from_iter(problems).sorted().finish(())?;
        let shapes = Shapes::new(read.model, layouts);
        notes.splice(0..0, read.notes);
        // What everybody knows of a namespace is not the user's to change.
        notes.retain(|note| !note.places().iter().any(|place| read::is_known(&place.file)));
        let types = if read.elements.is_empty() {
            read.types.iter().map(|(name, of)| definition(&shapes, &name.local, of)).collect()
        } else {
            read.elements.iter().map(|id| of_element(&shapes, *id, read.doc.as_ref())).collect()
        };
        let tops = match read.elements.is_empty() {
            true => read.types.into_iter().map(|(_, of)| Top::Type(of)).collect(),
            false => read.elements.iter().map(|id| Top::Element(*id)).collect(),
        };
        let document = Self { shapes: Arc::new(shapes), elements: read.elements, types, tops, notes };
        document.check(source)?;
        Ok(document)
    }

    /// Where what is at `path` is declared in values of the type `name`.
    fn locate(&self, name: &str, path: &str, sought: Sought) -> Option<Place> {
        let position = self.types.iter().position(|definition| definition.name == name)?;
        self.locate_at(position, path, sought)
    }

    /// The same of the type at this position.
    pub(crate) fn locate_at(&self, position: usize, path: &str, sought: Sought) -> Option<Place> {
        locate::locate(self, position, path, sought)
    }

    /// What the type at this position says beyond its values.
    pub(crate) fn unsaid_at(&self, position: usize) -> Vec<Unsaid> {
        unsaid::unsaid(self, position)
    }

    /// Every type has to be one that can be run.
    fn check(&self, source: &Source<'_>) -> Result<(), Reports> {
        let mut problems = Reports::new();
        let mut checked = HashSet::new();
        for definition in &self.types {
            // Many elements may be of one type.
            if Part::of(&definition.shape).is_some_and(|part| !checked.insert(part)) {
                continue;
            }
            let compiled = Compiled::new(&definition.shape);
            problems.take(compiled.map_err(|report| report.at(Place::file(source.file))));
        }
        problems.sorted().finish(())
    }

    /// What reads and writes the element of this name, also in other documents; `None` if there is none, or an abstract one.
    pub(crate) fn element(&self, name: &Name) -> Option<XmlCodec> {
        let id = *self.shapes.model.globals.get(name)?;
        (!self.shapes.model.substitutes(id).is_empty()).then(|| XmlCodec::new(&self.shapes, id))
    }

    /// What reads `text`, of which some elements are those of the schema.
    pub(crate) fn decoding<'t>(&self, text: &'t str) -> Result<Decoding<'t, '_>, Report> {
        Decoding::new(text, &self.shapes, codec::LIMITS)
    }

    /// What reads and writes documents whose top is the element `name`.
    ///
    /// # Errors
    /// `C0001` if the file has no such element.
    pub fn codec(&self, name: &str) -> Result<XmlCodec, Report> {
        let local = |id: &ElementId| &*self.shapes.model.elements[*id].name.local;
        match self.elements.iter().find(|id| local(id) == name) {
            Some(id) => Ok(XmlCodec::new(&self.shapes, *id)),
            None => {
                let report =
                    Report::new(&BAD_CONTRACT, format!("the schema has no element `{name}` at its top"));
                Err(match nearest(name, self.elements.iter().map(local)) {
                    Some(meant) => report.hint(format!("write `{meant}`")),
                    None => report.hint("declare it at the top of the schema"),
                })
            }
        }
    }

    /// What the file says.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let codecs: Arc<dyn Codecs> =
            Arc::new(Elements { shapes: Arc::clone(&self.shapes), elements: self.elements.clone() });
        let (types, notes) = (self.types.clone(), self.notes.clone());
        Schema { types, notes, codecs: Some(codecs), ..Schema::default() }
    }
}

/// The documents of the elements of a schema. A type without an element is that of no document.
#[derive(Debug)]
struct Elements {
    shapes: Arc<Shapes>,
    elements: Vec<ElementId>,
}

impl Codecs for Elements {
    fn codec(&self, position: usize) -> Result<Option<Arc<dyn Codec>>, Reports> {
        let codec = self.elements.get(position).map(|id| XmlCodec::new(&self.shapes, *id));
        Ok(codec.map(|codec| Arc::new(codec) as Arc<dyn Codec>))
    }
}

fn of_element(shapes: &Shapes, id: ElementId, doc: Option<&Str>) -> Definition {
    let element = &shapes.model.elements[id];
    let of_type = match element.of {
        Type::Complex(id) => shapes.model.complex[id].doc.clone(),
        _ => None,
    };
    Definition {
        name: Str::new(&*element.name.local),
        shape: shapes.element(id),
        title: None,
        doc: element.doc.clone().or(of_type).or_else(|| doc.cloned()),
        examples: Vec::new(),
    }
}

fn definition(shapes: &Shapes, name: &str, of: &Type) -> Definition {
    let (shape, doc) = shapes.of_type(of);
    Definition { name: Str::new(name), shape, title: None, doc, examples: Vec::new() }
}
