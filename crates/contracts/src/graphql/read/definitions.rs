//! Definitions and extensions (specification, sections 3.1 to 3.13).

use super::{Kind, Parser, Read, Stop};
use crate::graphql::model::{
    DirectiveDefinition, Document, Field, Member, Name, Operation, SchemaDefinition, Sort, Type,
};

impl Parser<'_, '_, '_> {
    pub(super) fn definition(&mut self, document: &mut Document) -> Read<()> {
        let start = self.token.span.clone();
        let doc = self.doc()?;
        let is_extension = self.word() == Some("extend");
        if is_extension {
            if doc.is_some() {
                self.problems.bad(
                    &start,
                    "an extension has no description",
                    "describe the definition instead",
                );
            }
            self.advance()?;
        }
        let sort = match self.word() {
            Some("schema") => {
                let schema = self.schema(is_extension)?;
                document.schemas.push(schema);
                return Ok(());
            }
            Some("directive") if !is_extension => {
                let directive = self.directive_definition()?;
                document.directives.push(directive);
                return Ok(());
            }
            Some("scalar") => Sort::Scalar,
            Some("type") => Sort::Object,
            Some("interface") => Sort::Interface,
            Some("union") => Sort::Union,
            Some("enum") => Sort::Enum,
            Some("input") => Sort::Input,
            word => return Err(self.no_definition(word)),
        };
        let ty = self.type_definition(sort, doc)?;
        if !is_extension {
            document.types.push(ty);
            return Ok(());
        }
        let is_empty = ty.directives.is_empty()
            && ty.interfaces.is_empty()
            && ty.fields.is_empty()
            && ty.members.is_empty()
            && ty.values.is_empty();
        if is_empty {
            let message = format!("this extension of `{}` adds nothing", ty.name.text);
            self.problems.bad(&ty.name.span, message, "add what it should have, or remove the extension");
        }
        document.extensions.push(ty);
        Ok(())
    }

    fn no_definition(&mut self, word: Option<&str>) -> Stop {
        if matches!(word, Some("query" | "mutation" | "subscription" | "fragment")) || self.is(b'{') {
            let span = self.token.span.clone();
            let message = "operations and fragments are not part of a schema";
            self.problems.bad(&span, message, "move it to a file of its own");
            return Stop;
        }
        self.unexpected("a definition, such as `type` or `enum`")
    }

    pub(super) fn doc(&mut self) -> Read<Option<String>> {
        let Kind::Text(text) = &mut self.token.kind else {
            let is_text =
                self.token.kind == Kind::Bad && self.text[self.token.span.clone()].starts_with(['"', '\\']);
            if is_text {
                self.advance()?;
            }
            return Ok(None);
        };
        let text = std::mem::take(text);
        self.advance()?;
        Ok(Some(text))
    }

    fn schema(&mut self, is_extension: bool) -> Read<SchemaDefinition> {
        let span = self.token.span.clone();
        self.advance()?;
        let directives = self.directives()?;
        let mut roots = Vec::new();
        if self.passes(b'{')? {
            while !self.is(b'}') || roots.is_empty() {
                let word = self.word();
                let Some(operation) = Operation::ALL.into_iter().find(|it| Some(it.word()) == word) else {
                    return Err(self.unexpected("`query`, `mutation` or `subscription`"));
                };
                self.advance()?;
                self.expect(b':')?;
                roots.push((operation, self.name()?));
            }
            self.advance()?;
        } else if !is_extension || directives.is_empty() {
            return Err(self.unexpected("`{`"));
        }
        Ok(SchemaDefinition { span, is_extension, directives, roots })
    }

    fn directive_definition(&mut self) -> Read<DirectiveDefinition> {
        self.advance()?;
        self.expect(b'@')?;
        let name = self.name()?;
        let arguments = self.arguments()?;
        let is_repeatable = self.word() == Some("repeatable");
        if is_repeatable {
            self.advance()?;
        }
        if self.word() != Some("on") {
            return Err(self.unexpected("`on`"));
        }
        self.advance()?;
        let locations = self.names(b'|')?;
        Ok(DirectiveDefinition { name, arguments, is_repeatable, locations })
    }

    fn type_definition(&mut self, sort: Sort, doc: Option<String>) -> Read<Type> {
        self.advance()?;
        let name = self.name()?;
        let mut ty = Type {
            sort,
            doc,
            name,
            directives: Vec::new(),
            interfaces: Vec::new(),
            fields: Vec::new(),
            members: Vec::new(),
            values: Vec::new(),
        };
        if matches!(sort, Sort::Object | Sort::Interface) && self.word() == Some("implements") {
            self.advance()?;
            ty.interfaces = self.names(b'&')?;
        }
        ty.directives = self.directives()?;
        match sort {
            Sort::Scalar => {}
            Sort::Union => {
                if self.passes(b'=')? {
                    ty.members = self.names(b'|')?;
                }
            }
            Sort::Enum => ty.values = self.list(b'{', b'}', Self::member)?,
            Sort::Input => ty.fields = self.list(b'{', b'}', Self::input_value)?,
            Sort::Object | Sort::Interface => ty.fields = self.list(b'{', b'}', Self::field)?,
        }
        Ok(ty)
    }

    /// Names with `between` between them, and perhaps before the first.
    fn names(&mut self, between: u8) -> Read<Vec<Name>> {
        self.passes(between)?;
        let mut names = vec![self.name()?];
        while self.passes(between)? {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// What stands between `open` and `close`, which is at least one; nothing where `open` is not there.
    pub(super) fn list<T>(&mut self, open: u8, close: u8, read: fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut all = Vec::new();
        if !self.passes(open)? {
            return Ok(all);
        }
        loop {
            all.push(read(self)?);
            if self.passes(close)? {
                return Ok(all);
            }
        }
    }

    fn arguments(&mut self) -> Read<Vec<Field>> {
        self.list(b'(', b')', Self::input_value)
    }

    fn field(&mut self) -> Read<Field> {
        let doc = self.doc()?;
        let name = self.name()?;
        let arguments = self.arguments()?;
        self.expect(b':')?;
        let ty = self.type_ref()?;
        Ok(Field { doc, name, arguments, ty, default: None, directives: self.directives()? })
    }

    pub(super) fn input_value(&mut self) -> Read<Field> {
        let doc = self.doc()?;
        let name = self.name()?;
        self.expect(b':')?;
        let ty = self.type_ref()?;
        let default = if self.passes(b'=')? { Some(self.constant()?) } else { None };
        Ok(Field { doc, name, arguments: Vec::new(), ty, default, directives: self.directives()? })
    }

    fn member(&mut self) -> Read<Member> {
        let doc = self.doc()?;
        if let Some(word @ ("true" | "false" | "null")) = self.word() {
            let span = self.token.span.clone();
            let message = format!("`{word}` cannot be a value of an enumeration");
            self.problems.bad(&span, message, "choose another name");
        }
        Ok(Member { doc, name: self.name()?, directives: self.directives()? })
    }
}
