//! A description as whoever serves it hands it out: its files as they are, with the addresses of what is served, and of each other.

use std::{collections::HashMap, ops::Range};

use tenon_errors::{
    Report,
    catalogue::{contract::BAD_CONTRACT, project::BAD_SYNTAX},
};
use tenon_model::Str;

use super::read::WSDL;
use crate::{
    format::{Source, join},
    xml::{Attribute, Event, Limits, Name, Reader, write_attribute},
};

const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// The namespaces of addresses.
const ADDRESSES: [&str; 2] =
    ["http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"];
/// The most files.
const MAX_FILES: usize = 1_000;
const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 256, attributes: 1_000 };

/// The files of a description. They are asked for by the query of the address that is served: `wsdl`, and `wsdl=1` and `xsd=1` for what
/// it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    query: Str,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Str),
    /// The value of an attribute: the address of the service.
    Service,
    /// The value of an attribute: the address of the file at this position.
    File(usize),
}

impl Published {
    /// The files of the description in `source`, in which the addresses of `ports` are those of the service.
    ///
    /// # Errors
    /// `P0003` for what is not XML, `C0001` for too many files.
    pub fn read(source: &Source<'_>, ports: &[Str]) -> Result<Self, Report> {
        let mut reading = Reading {
            source,
            ports,
            known: HashMap::from([(source.file.to_owned(), 0)]),
            files: vec![File { query: Str::new_static("wsdl"), pieces: Vec::new() }],
            counts: [0, 0],
            open: Vec::new(),
        };
        reading.file(0, source.file, source.text)?;
        while let Some((at, path, text)) = reading.open.pop() {
            reading.file(at, &path, &text)?;
        }
        Ok(Self { files: reading.files })
    }

    /// What a request with this query asks for, of the service that is at `address`; `None` for another query.
    #[must_use]
    pub fn text(&self, query: &str, address: &str) -> Option<String> {
        let query = query.trim_end_matches('=').to_ascii_lowercase();
        let file = self.files.iter().find(|file| *file.query == *query)?;
        let mut out = Vec::new();
        for piece in &file.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Service => write_attribute(address, &mut out),
                Piece::File(at) => {
                    let query = self.files.get(*at).map_or("wsdl", |file| &file.query);
                    write_attribute(&format!("{address}?{query}"), &mut out);
                }
            }
        }
        String::from_utf8(out).ok()
    }
}

struct Reading<'s> {
    source: &'s Source<'s>,
    ports: &'s [Str],
    /// The positions of the files by their paths.
    known: HashMap<String, usize>,
    files: Vec<File>,
    /// How many descriptions and schemas are referred to.
    counts: [usize; 2],
    open: Vec<(usize, String, std::sync::Arc<str>)>,
}

impl Reading<'_> {
    fn file(&mut self, at: usize, path: &str, text: &str) -> Result<(), Report> {
        let mut reader = Reader::new(text, Some(path.into()), &BAD_SYNTAX, LIMITS)?;
        let mut around: Vec<Name> = Vec::new();
        let mut is_served = false;
        let (mut pieces, mut from) = (Vec::new(), 0);
        loop {
            match reader.next()? {
                Event::Start { name, attributes, .. } => {
                    if name.is(WSDL, "port") {
                        is_served = attribute(&attributes, "name")
                            .is_some_and(|port| self.ports.iter().any(|it| *it == *port.value));
                    }
                    let found = match reference(&name, around.last(), is_served) {
                        Some(Reference::Service) => {
                            attribute(&attributes, "location").map(|it| (it, Piece::Service))
                        }
                        Some(Reference::File(word)) => match attribute(&attributes, word) {
                            Some(it) => self.referred(path, &it.value)?.map(|at| (it, Piece::File(at))),
                            None => None,
                        },
                        None => None,
                    };
                    if let Some((attribute, piece)) = found
                        && let Some(value) = value_of(text, attribute.at)
                    {
                        pieces.push(Piece::Text(Str::new(&text[from..value.start])));
                        pieces.push(piece);
                        from = value.end;
                    }
                    around.push(name);
                }
                Event::End { .. } => drop(around.pop()),
                Event::Text { .. } => {}
                Event::Done => break,
            }
        }
        pieces.push(Piece::Text(Str::new(&text[from..])));
        if let Some(file) = self.files.get_mut(at) {
            file.pieces = pieces;
        }
        Ok(())
    }

    /// The position of the file that `location` names in the file `from`; `None` for what is not one of the project.
    fn referred(&mut self, from: &str, location: &str) -> Result<Option<usize>, Report> {
        let Some(path) = join(from, location.trim()) else { return Ok(None) };
        if let Some(at) = self.known.get(&path) {
            return Ok(Some(*at));
        }
        let Ok(text) = self.source.files.read(&path) else { return Ok(None) };
        if self.files.len() >= MAX_FILES {
            let message = format!("the description has more than {MAX_FILES} files");
            return Err(Report::new(&BAD_CONTRACT, message).hint("join some of them"));
        }
        let is_schema = is_schema(&path, &text)?;
        let count = &mut self.counts[usize::from(is_schema)];
        *count += 1;
        let query = Str::from(format!("{}={count}", if is_schema { "xsd" } else { "wsdl" }));
        let at = self.files.len();
        self.files.push(File { query, pieces: Vec::new() });
        self.known.insert(path.clone(), at);
        self.open.push((at, path, text));
        Ok(Some(at))
    }
}

fn is_schema(path: &str, text: &str) -> Result<bool, Report> {
    let mut reader = Reader::new(text, Some(path.into()), &BAD_SYNTAX, LIMITS)?;
    loop {
        match reader.next()? {
            Event::Start { name, .. } => return Ok(name.is(XSD, "schema")),
            Event::Done => return Ok(false),
            _ => {}
        }
    }
}

enum Reference {
    Service,
    /// In this attribute.
    File(&'static str),
}

/// What the element `name` refers to.
fn reference(name: &Name, parent: Option<&Name>, is_served: bool) -> Option<Reference> {
    if name.is(WSDL, "import") {
        return Some(Reference::File("location"));
    }
    if name.namespace.as_deref() == Some(XSD) && matches!(&*name.local, "import" | "include" | "redefine") {
        return Some(Reference::File("schemaLocation"));
    }
    let is_of_port = parent.is_some_and(|parent| parent.is(WSDL, "port"));
    let is_address = is_of_port && ADDRESSES.iter().any(|space| name.is(space, "address"));
    (is_address && is_served).then_some(Reference::Service)
}

fn attribute<'a, 't>(attributes: &'a [Attribute<'t>], local: &str) -> Option<&'a Attribute<'t>> {
    attributes.iter().find(|it| it.name.namespace.is_none() && &*it.name.local == local)
}

/// Where the value of the attribute that starts at `at` stands, with its quotes.
fn value_of(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + text.get(at..)?.find(['"', '\''])?;
    let quote = char::from(*text.as_bytes().get(start)?);
    let end = start + 1 + text.get(start + 1..)?.find(quote)?;
    Some(start..end + 1)
}
