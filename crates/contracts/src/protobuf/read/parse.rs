//! Tokens as what a file says: files, imports, options. Messages, enumerations and services have files of their own.
//!
//! After a problem the parser goes on with the next statement, so that one reading names all of them.

use tenon_errors::{Place, Report, Reports, catalogue::contract::BAD_CONTRACT};

use super::{
    ast::{Body, Constant, File, Import, Name, Opt, Syntax},
    lex::{self, Kind, Token},
};

/// The most levels of messages, and of values of options, within each other.
pub(super) const MAX_DEPTH: usize = 32;

/// A problem was reported, and the statement cannot be read on.
#[derive(Debug)]
pub(super) struct Failed;

pub(super) type Parsed<T> = Result<T, Failed>;

/// What `text` says; the problems are added to `reports`.
pub(super) fn parse(file: &str, text: &str, reports: &mut Reports) -> Option<File> {
    let tokens = match lex::tokens(text) {
        Ok(tokens) => tokens,
        Err((span, message)) => {
            reports.push(Report::new(&BAD_CONTRACT, message).at(Place::within(file, text, span)));
            return None;
        }
    };
    let mut parser = Parser { file, text, tokens, at: 0, reports, syntax: Syntax::Proto2 };
    parser.file()
}

pub(super) struct Parser<'p> {
    pub(super) file: &'p str,
    pub(super) text: &'p str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) reports: &'p mut Reports,
    pub(super) syntax: Syntax,
}

impl Parser<'_> {
    fn file(&mut self) -> Option<File> {
        self.syntax = self.syntax().ok()?;
        let mut file = File {
            syntax: self.syntax,
            package: String::new(),
            imports: Vec::new(),
            options: Vec::new(),
            body: Body::default(),
            services: Vec::new(),
        };
        while self.peek().kind != Kind::End {
            let start = self.at;
            if self.statement(&mut file).is_err() {
                self.recover(start);
            }
        }
        Some(file)
    }

    /// `syntax = "proto3";` or `edition = "2023";`; without it, the file is proto2.
    fn syntax(&mut self) -> Parsed<Syntax> {
        let is_edition = self.is_word("edition");
        if !(is_edition || self.is_word("syntax")) {
            return Ok(Syntax::Proto2);
        }
        self.at += 1;
        self.symbol(b'=')?;
        let span = self.peek().span.clone();
        let text = self.utf8_text()?;
        self.symbol(b';')?;
        match (is_edition, &*text) {
            (false, "proto2") => Ok(Syntax::Proto2),
            (false, "proto3") => Ok(Syntax::Proto3),
            (true, "2023") => Ok(Syntax::Edition2023),
            (true, "2024") => Ok(Syntax::Edition2024),
            (false, _) => {
                self.fail(span, format!("there is no syntax `{text}`"), "write \"proto2\" or \"proto3\"")
            }
            (true, _) => {
                self.fail(span, format!("the edition `{text}` is not known"), "write \"2023\" or \"2024\"")
            }
        }
    }

    fn statement(&mut self, file: &mut File) -> Parsed<()> {
        if self.skip(b';') {
            return Ok(());
        }
        match self.word_text() {
            Some("import") => {
                self.at += 1;
                let is_public = self.skip_word("public");
                let is_optional = !is_public && (self.skip_word("weak") || self.skip_word("option"));
                let span = self.peek().span.clone();
                let text = self.utf8_text()?;
                file.imports.push(Import { path: Name { text, span }, is_public, is_optional });
                self.symbol(b';')
            }
            Some("package") => {
                let span = self.peek().span.clone();
                self.at += 1;
                let name = self.dotted()?;
                if !file.package.is_empty() {
                    return self.fail(span, "the file has a package already".into(), "remove one of the two");
                }
                file.package = name.text;
                self.symbol(b';')
            }
            Some("option") => {
                self.at += 1;
                let option = self.option()?;
                file.options.push(option);
                self.symbol(b';')
            }
            Some("service") => {
                let service = self.service()?;
                file.services.push(service);
                Ok(())
            }
            _ => self.definition(&mut file.body, 0, &mut None),
        }
    }

    /// `name = value`, in which the name may have extensions in parentheses.
    pub(super) fn option(&mut self) -> Parsed<Opt> {
        let start = self.peek().span.start;
        let mut path = Vec::new();
        loop {
            if self.skip(b'(') {
                let name = self.reference()?;
                self.symbol(b')')?;
                path.push((name.text, true));
            } else {
                path.push((self.word()?.text, false));
            }
            if !self.skip(b'.') {
                break;
            }
        }
        let end = self.tokens[self.at - 1].span.end;
        self.symbol(b'=')?;
        let value_start = self.peek().span.start;
        let value = self.constant(0)?;
        let value_span = value_start..self.tokens[self.at - 1].span.end;
        Ok(Opt { path, value, span: start..end, value_span })
    }

    /// `[name = value, …]`, where there is one.
    pub(super) fn bracketed_options(&mut self) -> Parsed<Vec<Opt>> {
        let mut options = Vec::new();
        if self.skip(b'[') {
            loop {
                options.push(self.option()?);
                if !self.skip(b',') {
                    break;
                }
            }
            self.symbol(b']')?;
        }
        Ok(options)
    }

    fn constant(&mut self, depth: usize) -> Parsed<Constant> {
        let is_negative = self.skip(b'-');
        let is_signed = is_negative || self.skip(b'+');
        let token = self.peek().clone();
        match token.kind {
            Kind::Int(magnitude) => {
                self.at += 1;
                Ok(Constant::Int { is_negative, magnitude })
            }
            Kind::Float(number) => {
                self.at += 1;
                Ok(Constant::Float(if is_negative { -number } else { number }))
            }
            Kind::Word => {
                let word = self.word()?.text;
                match (&*word, is_signed) {
                    ("inf" | "infinity", true) => {
                        Ok(Constant::Float(if is_negative { f64::NEG_INFINITY } else { f64::INFINITY }))
                    }
                    ("nan", true) => Ok(Constant::Float(f64::NAN)),
                    (_, false) => Ok(Constant::Word(word)),
                    _ => self.fail(token.span, format!("`{word}` has no sign"), "remove the sign"),
                }
            }
            Kind::Text(_) if !is_signed => self.octets().map(Constant::Text),
            Kind::Symbol(open @ (b'{' | b'<')) if !is_signed => {
                self.at += 1;
                self.aggregate(if open == b'{' { b'}' } else { b'>' }, depth + 1)
            }
            _ => self.unexpected("a value"),
        }
    }

    /// The fields of a message in Protobuf's text form, up to `close`.
    fn aggregate(&mut self, close: u8, depth: usize) -> Parsed<Constant> {
        if depth > MAX_DEPTH {
            let span = self.peek().span.clone();
            return self.fail(
                span,
                format!("the value has more than {MAX_DEPTH} levels"),
                "write it flatter",
            );
        }
        let mut fields = Vec::new();
        while !self.skip(close) {
            let name = if self.skip(b'[') {
                let mut name = self.dotted()?.text;
                if self.skip(b'/') {
                    name = format!("{name}/{}", self.dotted()?.text);
                }
                self.symbol(b']')?;
                format!("[{name}]")
            } else {
                self.word()?.text
            };
            let has_colon = self.skip(b':');
            let is_message = matches!(self.peek().kind, Kind::Symbol(b'{' | b'<' | b'['));
            if !has_colon && !is_message {
                return self.unexpected("`:`");
            }
            fields.push((name, self.field_value(depth)?));
            let _ = self.skip(b',') || self.skip(b';');
        }
        Ok(Constant::Message(fields))
    }

    fn field_value(&mut self, depth: usize) -> Parsed<Constant> {
        if !self.skip(b'[') {
            return self.constant(depth);
        }
        while !self.skip(b']') {
            self.constant(depth)?;
            if !self.skip(b',') {
                self.symbol(b']')?;
                break;
            }
        }
        Ok(Constant::List)
    }
}
