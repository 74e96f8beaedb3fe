//! The stream of a document: starts and ends of elements, and text between them.

use std::{borrow::Cow, sync::Arc};

use quick_xml::events::Event as Token;
use tenon_errors::{
    Code, Place, Report,
    catalogue::data::{TOO_DEEP, TOO_LARGE},
};

use super::{
    Attribute, Name, Scope,
    attributes::{self, Wrong},
    characters::{is_allowed, is_name, is_space},
    escape,
    instructions::wrong_instruction,
};

/// How large a document may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The most bytes.
    pub(crate) bytes: usize,
    /// The most elements inside each other.
    pub(crate) depth: usize,
    /// The most attributes of an element.
    pub(crate) attributes: usize,
}

/// One piece of a document.
#[derive(Debug)]
pub(crate) enum Event<'t> {
    /// An element begins.
    Start {
        name: Name,
        attributes: Vec<Attribute<'t>>,
        /// Where its tag starts.
        at: usize,
    },
    /// The element that began last and has not ended ends.
    End {
        /// Where.
        at: usize,
    },
    /// Text; one text may come in several pieces.
    Text {
        text: Cow<'t, str>,
        /// Where.
        at: usize,
    },
    /// The document ends.
    Done,
}

/// Reads a document.
pub(crate) struct Reader<'t> {
    tokens: quick_xml::Reader<&'t [u8]>,
    text: &'t str,
    /// The name under which places are told; `None` where the text is data and no file.
    file: Option<Arc<str>>,
    /// The code of what is not well-formed.
    code: &'static Code,
    limits: Limits,
    scope: Scope,
    depth: usize,
    /// Whether the element that was begun last was empty, so that its end follows.
    ends: bool,
    has_root: bool,
    /// How many elements are around those that are read as if they were in no namespace.
    bare: Option<usize>,
}

impl<'t> Reader<'t> {
    /// A reader of `text`; what is not well-formed is reported under `code`.
    ///
    /// # Errors
    /// `D0104` for too large a text.
    pub(crate) fn new(
        text: &'t str,
        file: Option<Arc<str>>,
        code: &'static Code,
        limits: Limits,
    ) -> Result<Self, Report> {
        if text.len() > limits.bytes {
            let message = format!("the document has {} bytes, and {} are allowed", text.len(), limits.bytes);
            return Err(Report::new(&TOO_LARGE, message));
        }
        let mut tokens = quick_xml::Reader::from_str(text);
        let config = tokens.config_mut();
        config.check_comments = true;
        config.allow_dangling_amp = false;
        let reader = Self {
            tokens,
            text,
            file,
            code,
            limits,
            scope: Scope::default(),
            depth: 0,
            ends: false,
            has_root: false,
            bare: None,
        };
        if text.starts_with('\u{FEFF}') {
            let message = "the document begins with a byte order mark in its text".to_owned();
            return Err(reader.bad(0, message));
        }
        match text.char_indices().find(|(_, c)| !is_allowed(*c)) {
            Some((at, c)) => Err(reader.bad(at, format!("U+{:04X} is not allowed in XML", u32::from(c)))),
            None => Ok(reader),
        }
    }

    /// Which prefixes are bound here.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Reads the elements inside of the one that has begun last as if they were in no namespace, but not those inside of them.
    pub(crate) fn read_bare(&mut self) {
        self.bare = Some(self.depth);
    }

    /// Line and column of a position, both from 1.
    pub(crate) fn place(&self, at: usize) -> Place {
        let file = self.file.clone().unwrap_or_else(|| Arc::from(""));
        Place::within(file, self.text, at..at)
    }

    /// The next piece.
    ///
    /// # Errors
    /// The first thing that is not well-formed, with its place; `D0103` for too many levels.
    pub(crate) fn next(&mut self) -> Result<Event<'t>, Report> {
        if self.ends {
            self.ends = false;
            return Ok(self.end(self.at()));
        }
        loop {
            let at = self.at();
            let token = self.tokens.read_event().map_err(|error| {
                let at = usize::try_from(self.tokens.error_position()).unwrap_or(at);
                self.bad(at, plain(&error.to_string()))
            })?;
            match token {
                Token::Start(_) | Token::Empty(_) => {
                    self.ends = matches!(token, Token::Empty(_));
                    return self.start(at);
                }
                Token::End(_) => return Ok(self.end(at)),
                Token::Text(text) => {
                    let content = self.text.get(at..self.at()).unwrap_or_default();
                    if let Some(inside) = content.find("]]>") {
                        return Err(self.bad(
                            at + inside,
                            "`]]>` is only allowed at the end of a CDATA section".to_owned(),
                        ));
                    }
                    let text = match text.into_inner() {
                        text if text.contains('\r') => {
                            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
                        }
                        text => text,
                    };
                    if let Some(event) = self.text(text, at, true)? {
                        return Ok(event);
                    }
                }
                Token::CData(text) => {
                    let text = Cow::Owned(text.xml10_content().into_owned());
                    if let Some(event) = self.text(text, at, false)? {
                        return Ok(event);
                    }
                }
                Token::GeneralRef(reference) => {
                    let Some(c) = escape::character(&reference) else {
                        let message = format!("`&{};` is not a reference that XML defines", &*reference);
                        return Err(self.bad(at, message));
                    };
                    if let Some(event) = self.text(Cow::Owned(c.to_string()), at, false)? {
                        return Ok(event);
                    }
                }
                Token::DocType(_) => {
                    let message =
                        "document type definitions are not read, and no entity is expanded".to_owned();
                    return Err(self.bad(at, message).hint("remove the line with `DOCTYPE`"));
                }
                Token::Decl(_) | Token::PI(_) => {
                    let content = self.text.get(at + 2..self.at().saturating_sub(2)).unwrap_or_default();
                    if let Some(message) = wrong_instruction(content, at == 0) {
                        return Err(self.bad(at, message));
                    }
                }
                Token::Comment(_) => {}
                Token::Eof => return self.done(at),
            }
        }
    }

    fn at(&self) -> usize {
        usize::try_from(self.tokens.buffer_position()).unwrap_or(usize::MAX)
    }

    fn done(&self, at: usize) -> Result<Event<'t>, Report> {
        match (self.depth, self.has_root) {
            (0, true) => Ok(Event::Done),
            (0, false) => Err(self.bad(at, "the document has no element".to_owned())),
            _ => Err(self.bad(at, "the document ends inside an element".to_owned())),
        }
    }

    /// Text inside the top element; outside it only white space may stand.
    fn text(&self, text: Cow<'t, str>, at: usize, may_be_outside: bool) -> Result<Option<Event<'t>>, Report> {
        if self.depth > 0 {
            return Ok(Some(Event::Text { text, at }));
        }
        if may_be_outside && text.chars().all(is_space) {
            return Ok(None);
        }
        Err(self.bad(at, "text is only allowed inside of elements".to_owned()))
    }

    fn end(&mut self, at: usize) -> Event<'t> {
        self.depth = self.depth.saturating_sub(1);
        if self.bare.is_some_and(|bare| bare > self.depth) {
            self.bare = None;
        }
        self.scope.leave(self.depth);
        Event::End { at }
    }

    fn start(&mut self, at: usize) -> Result<Event<'t>, Report> {
        if self.depth == 0 && self.has_root {
            return Err(self.bad(at, "a document has one element at its top".to_owned()));
        }
        if self.depth >= self.limits.depth {
            let message = format!("the document has more than {} levels of elements", self.limits.depth);
            return Err(self.located(Report::new(&TOO_DEEP, message), at));
        }
        let text = self.text;
        let tag = text.get(at + 1..self.at().saturating_sub(1 + usize::from(self.ends))).unwrap_or_default();
        let (name, rest) = tag.split_at(tag.find(is_space).unwrap_or(tag.len()));
        let wrong = |(at, message): Wrong| self.bad(at, message);
        let raw = attributes::raw(rest, at + 1 + name.len(), self.limits.attributes).map_err(wrong)?;
        self.has_root = true;
        for attribute in &raw {
            let prefix = match attribute.name.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if attribute.name == "xmlns" => "",
                _ => continue,
            };
            let bound = self.scope.bind(prefix, &attribute.value, self.depth);
            bound.map_err(|message| self.bad(attribute.at, message))?;
        }
        let is_bare = self.bare == Some(self.depth);
        self.depth += 1;
        let mut name = self.name(name, at, true)?;
        if is_bare {
            name.namespace = None;
        }
        let mut attributes = Vec::with_capacity(raw.len());
        for raw in raw {
            if raw.name != "xmlns" && !raw.name.starts_with("xmlns:") {
                let name = self.name(raw.name, raw.at, false)?;
                attributes.push(Attribute { name, value: raw.value, at: raw.at });
            }
        }
        match attributes::repeated(&attributes) {
            Some(twice) => Err(self.bad(twice.at, format!("the attribute `{}` appears twice", twice.name))),
            None => Ok(Event::Start { name, attributes, at }),
        }
    }

    fn name(&self, text: &str, at: usize, is_element: bool) -> Result<Name, Report> {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        if !is_name(local) || (text.contains(':') && !is_name(prefix)) {
            return Err(self.bad(at, format!("{text:?} is not a valid name")));
        }
        if prefix.is_empty() && !is_element {
            return Ok(Name { namespace: None, local: Arc::from(local) });
        }
        match self.scope.find(prefix) {
            Ok(namespace) => Ok(Name { namespace, local: Arc::from(local) }),
            Err(()) => Err(self.bad(at, format!("the prefix `{prefix}` is not declared"))),
        }
    }

    fn bad(&self, at: usize, message: String) -> Report {
        self.located(Report::new(self.code, message), at)
    }

    /// `report` with the place `at`: as a place in the file, or in words where there is no file.
    fn located(&self, report: Report, at: usize) -> Report {
        let place = self.place(at);
        if self.file.is_some() {
            return report.at(place);
        }
        let message = format!("{} (line {}, column {})", report.message(), place.line, place.column);
        let located = Report::new(report.code(), message);
        match report.advice() {
            Some(hint) => located.hint(hint),
            None => located,
        }
    }
}

/// The library's message without its prefix.
fn plain(message: &str) -> String {
    let prefixes = ["syntax error: ", "ill-formed document: "];
    match prefixes.iter().find_map(|prefix| message.strip_prefix(prefix)).unwrap_or(message) {
        "unknown or missed symbol in markup" => "`<!` begins neither a comment nor a CDATA section",
        message => message,
    }
    .to_owned()
}
