//! Messages, enumerations, extensions and services as they are written.

use super::{
    ast::{
        Body, Enum, Extend, Field, Label, Member, Message, Method, Name, Numbers, Oneof, Service, Syntax, Ty,
    },
    lex::{Kind, Span},
    parse::{MAX_DEPTH, Parsed, Parser},
};
use crate::protobuf::definitions::Scalar;

/// The greatest number of a field.
pub(super) const MAX_FIELD: i64 = (1 << 29) - 1;

impl Parser<'_> {
    /// A message, an enumeration or an extension; in a message (`owner`) also what only a message has.
    pub(super) fn definition(
        &mut self,
        body: &mut Body,
        depth: usize,
        owner: &mut Option<Message>,
    ) -> Parsed<()> {
        let doc = self.doc_above();
        if self.syntax == Syntax::Edition2024
            && (self.is_word("export") || self.is_word("local"))
            && self.is_second_word()
        {
            self.step();
        }
        match self.word_text() {
            Some("message") if self.is_second_word() => {
                self.step();
                let name = self.word()?;
                let message = self.message(name, doc, depth, false)?;
                body.messages.push(message);
                Ok(())
            }
            Some("enum") if self.is_second_word() => {
                self.step();
                let members = self.enumeration(doc)?;
                body.enums.push(members);
                Ok(())
            }
            Some("extend") if !self.is_second(b'=') => {
                self.step();
                self.extend(body, depth)
            }
            _ => match owner {
                Some(owner) => self.member_of_message(body, owner, depth),
                None => {
                    self.unexpected("`message`, `enum`, `service`, `extend`, `import`, `option` or `package`")
                }
            },
        }
    }

    fn message(&mut self, name: Name, doc: Option<String>, depth: usize, is_group: bool) -> Parsed<Message> {
        if depth >= MAX_DEPTH {
            return self.fail(
                name.span,
                format!("messages lie within each other more than {MAX_DEPTH} deep"),
                "move the message to the file's top",
            );
        }
        self.symbol(b'{')?;
        let mut message = Some(Message {
            name,
            doc: self.doc(doc),
            options: Vec::new(),
            fields: Vec::new(),
            oneofs: Vec::new(),
            body: Body::default(),
            extensions: Vec::new(),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
            is_group,
        });
        let mut body = Body::default();
        self.block(|parser| parser.definition(&mut body, depth + 1, &mut message))?;
        // It was there all the time.
        message.map_or_else(|| Err(super::parse::Failed), |message| Ok(Message { body, ..message }))
    }

    /// Statements up to the `}`.
    fn block(&mut self, mut statement: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        while !self.skip(b'}') {
            if self.peek().kind == Kind::End {
                return self.unexpected("`}`");
            }
            if self.skip(b';') {
                continue;
            }
            let start = self.position();
            if statement(self).is_err() {
                self.recover(start);
            }
        }
        Ok(())
    }

    fn member_of_message(&mut self, body: &mut Body, message: &mut Message, depth: usize) -> Parsed<()> {
        match self.word_text() {
            Some("option") if !self.is_second(b'.') => {
                self.step();
                let option = self.option()?;
                message.options.push(option);
                self.symbol(b';')
            }
            Some("oneof") if self.is_second_word() => {
                self.step();
                let name = self.word()?;
                self.symbol(b'{')?;
                let at = message.oneofs.len();
                message.oneofs.push(Oneof { name, options: Vec::new() });
                self.block(|parser| {
                    if parser.is_word("option") {
                        parser.step();
                        let option = parser.option()?;
                        message.oneofs[at].options.push(option);
                        return parser.symbol(b';');
                    }
                    let field = parser.field(body, Some(at), depth)?;
                    message.fields.push(field);
                    Ok(())
                })
            }
            Some("extensions") => {
                self.step();
                let mut numbers = self.numbers(MAX_FIELD)?;
                message.extensions.append(&mut numbers);
                self.bracketed_options()?;
                self.symbol(b';')
            }
            Some("reserved") => {
                self.step();
                self.reserved(MAX_FIELD, &mut message.reserved, &mut message.reserved_names)
            }
            _ => {
                let field = self.field(body, None, depth)?;
                message.fields.push(field);
                Ok(())
            }
        }
    }

    fn reserved(&mut self, most: i64, numbers: &mut Vec<Numbers>, names: &mut Vec<Name>) -> Parsed<()> {
        match self.peek().kind {
            Kind::Text(_) => loop {
                let span = self.peek().span.clone();
                let text = self.utf8_text()?;
                names.push(Name { text, span });
                if !self.skip(b',') {
                    break;
                }
            },
            Kind::Word => loop {
                names.push(self.word()?);
                if !self.skip(b',') {
                    break;
                }
            },
            _ => numbers.append(&mut self.numbers(most)?),
        }
        self.symbol(b';')
    }

    /// `2, 4 to 7, 9 to max`.
    fn numbers(&mut self, most: i64) -> Parsed<Vec<Numbers>> {
        let mut all = Vec::new();
        loop {
            let (first, mut span) = self.integer()?;
            let mut last = first;
            if self.skip_word("to") {
                span.end = self.peek().span.end;
                last = if self.skip_word("max") { most } else { self.integer()?.0 };
            }
            if last < first {
                self.problem(
                    span.clone(),
                    format!("{first} to {last} is not a range"),
                    "put the smaller number first",
                );
            }
            all.push(Numbers { first, last, span });
            if !self.skip(b',') {
                return Ok(all);
            }
        }
    }

    fn field(&mut self, body: &mut Body, oneof: Option<usize>, depth: usize) -> Parsed<Field> {
        let above = self.doc_above();
        let label = self.label();
        if self.is_word("group") && self.is_second_word() {
            return self.group(body, (above, label, oneof), depth);
        }
        let ty = self.ty()?;
        let name = self.word()?;
        self.symbol(b'=')?;
        let (number, number_span) = self.integer()?;
        let options = self.bracketed_options()?;
        self.symbol(b';')?;
        Ok(Field { name, number, number_span, label, ty, oneof, options, doc: self.doc(above) })
    }

    fn label(&mut self) -> Option<(Label, Span)> {
        let label = match self.word_text()? {
            "optional" => Label::Optional,
            "required" => Label::Required,
            "repeated" => Label::Repeated,
            _ => return None,
        };
        // A label is followed by a type, which may begin with a dot.
        if !(self.is_second_word() || self.is_second(b'.')) {
            return None;
        }
        let span = self.peek().span.clone();
        self.step();
        Some((label, span))
    }

    fn group(
        &mut self,
        body: &mut Body,
        (above, label, oneof): (Option<String>, Option<(Label, Span)>, Option<usize>),
        depth: usize,
    ) -> Parsed<Field> {
        if self.syntax != Syntax::Proto2 {
            let span = self.peek().span.clone();
            self.problem(span, "only proto2 has groups".into(), "write a message and a field of it");
        }
        self.step();
        let name = self.word()?;
        if !name.text.starts_with(|first: char| first.is_ascii_uppercase()) {
            self.problem(
                name.span.clone(),
                format!("the group `{}` begins with a small letter", name.text),
                "begin it with a capital letter",
            );
        }
        self.symbol(b'=')?;
        let (number, number_span) = self.integer()?;
        let options = self.bracketed_options()?;
        let message = self.message(name.clone(), above.clone(), depth, true)?;
        body.messages.push(message);
        let field = Name { text: name.text.to_ascii_lowercase(), span: name.span.clone() };
        Ok(Field { name: field, number, number_span, label, ty: Ty::Group(name), oneof, options, doc: above })
    }

    fn ty(&mut self) -> Parsed<Ty> {
        if self.is_word("map") && self.is_second(b'<') {
            self.step();
            self.step();
            let key = self.word()?;
            let scalar = Scalar::of_name(&key.text).filter(|scalar| scalar.key().is_some());
            let Some(scalar) = scalar else {
                let message = format!("keys of a map cannot be `{}`", key.text);
                return self.fail(key.span, message, "use an integer type, `bool` or `string`");
            };
            self.symbol(b',')?;
            let value = self.ty()?;
            if matches!(value, Ty::Map(..)) {
                return self.fail(
                    key.span,
                    "a map cannot hold maps".into(),
                    "put the inner map into a message",
                );
            }
            self.symbol(b'>')?;
            return Ok(Ty::Map(scalar, Box::new(value)));
        }
        let name = self.reference()?;
        Ok(Scalar::of_name(&name.text).map_or(Ty::Named(name), Ty::Scalar))
    }

    fn extend(&mut self, body: &mut Body, depth: usize) -> Parsed<()> {
        let target = self.reference()?;
        self.symbol(b'{')?;
        let mut fields = Vec::new();
        self.block(|parser| {
            fields.push(parser.field(body, None, depth)?);
            Ok(())
        })?;
        body.extends.push(Extend { target, fields });
        Ok(())
    }

    fn enumeration(&mut self, doc: Option<String>) -> Parsed<Enum> {
        let name = self.word()?;
        self.symbol(b'{')?;
        let mut made = Enum {
            name,
            doc: self.doc(doc),
            options: Vec::new(),
            members: Vec::new(),
            reserved: Vec::new(),
            reserved_names: Vec::new(),
        };
        self.block(|parser| {
            if parser.is_word("option") && !parser.is_second(b'=') {
                parser.step();
                let option = parser.option()?;
                made.options.push(option);
                return parser.symbol(b';');
            }
            if parser.is_word("reserved") && !parser.is_second(b'=') {
                parser.step();
                return parser.reserved(i32::MAX.into(), &mut made.reserved, &mut made.reserved_names);
            }
            let above = parser.doc_above();
            let name = parser.word()?;
            parser.symbol(b'=')?;
            let (number, number_span) = parser.integer()?;
            let options = parser.bracketed_options()?;
            parser.symbol(b';')?;
            made.members.push(Member { name, number, number_span, options, doc: parser.doc(above) });
            Ok(())
        })?;
        Ok(made)
    }

    pub(super) fn service(&mut self) -> Parsed<Service> {
        let doc = self.doc_above();
        self.step();
        let name = self.word()?;
        self.symbol(b'{')?;
        let mut service = Service { name, doc: self.doc(doc), options: Vec::new(), methods: Vec::new() };
        self.block(|parser| {
            if parser.skip_word("option") {
                let option = parser.option()?;
                service.options.push(option);
                return parser.symbol(b';');
            }
            let method = parser.method()?;
            service.methods.push(method);
            Ok(())
        })?;
        Ok(service)
    }

    fn method(&mut self) -> Parsed<Method> {
        let above = self.doc_above();
        if !self.skip_word("rpc") {
            return self.unexpected("`rpc` or `option`");
        }
        let name = self.word()?;
        let (is_client_streaming, input) = self.streamed()?;
        if !self.skip_word("returns") {
            return self.unexpected("`returns`");
        }
        let (is_server_streaming, output) = self.streamed()?;
        let mut options = Vec::new();
        if self.skip(b'{') {
            self.block(|parser| {
                if !parser.skip_word("option") {
                    return parser.unexpected("`option`");
                }
                options.push(parser.option()?);
                parser.symbol(b';')
            })?;
        } else {
            self.symbol(b';')?;
        }
        let doc = self.doc(above);
        Ok(Method { name, input, output, is_client_streaming, is_server_streaming, options, doc })
    }

    fn streamed(&mut self) -> Parsed<(bool, Name)> {
        self.symbol(b'(')?;
        let is_stream = self.is_word("stream") && (self.is_second_word() || self.is_second(b'.'));
        if is_stream {
            self.step();
        }
        let name = self.reference()?;
        self.symbol(b')')?;
        Ok((is_stream, name))
    }
}
