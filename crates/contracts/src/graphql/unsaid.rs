//! What a file says of its types beyond their values: directives, interfaces, arguments of fields, the names of scalars.

use std::collections::HashSet;

use super::{
    model::{BUILT_IN, Directive, Field, Model, Sort, Span, Type, Wrap, directive, text_argument},
    read,
};
use crate::{
    format::{Sayings, Source, Unsaid, listed},
    path,
    problems::{Problems, Text},
};

/// The directives that shapes say, or that are told in words of their own.
const SAID: [&str; 3] = ["deprecated", "oneOf", "specifiedBy"];

/// What the type `name` of the file says so.
pub(super) fn unsaid(source: &Source<'_>, name: &str) -> Vec<Unsaid> {
    let text = Text::new(source.file, source.text);
    let (model, _) = Model::of(read::document(source.text, &mut Problems::new(&text)));
    let mut walk = Walk {
        model: &model,
        text: &text,
        open: vec![(name, String::new())],
        entered: HashSet::new(),
        sayings: Sayings::default(),
    };
    while let Some((name, path)) = walk.open.pop() {
        let Some(ty) = model.get(name).filter(|_| walk.entered.insert(name)) else { continue };
        let before = walk.open.len();
        walk.ty(ty, &path);
        // What was come to first is entered first.
        walk.open[before..].reverse();
    }
    walk.sayings.finish()
}

struct Walk<'m, 't> {
    model: &'m Model,
    text: &'m Text<'t>,
    open: Vec<(&'m str, String)>,
    /// The types that were entered.
    entered: HashSet<&'m str>,
    sayings: Sayings,
}

impl<'m> Walk<'m, '_> {
    fn say(&mut self, path: &str, message: impl Into<String>, span: &Span) {
        self.sayings.say(path, message, self.text.place(span));
    }

    fn ty(&mut self, ty: &'m Type, path: &str) {
        let span = &ty.name.span;
        let name = &ty.name.text;
        match ty.sort {
            Sort::Scalar => {
                let by = directive(&ty.directives, "specifiedBy").and_then(|it| text_argument(it, "url"));
                let by = by.map(|url| format!(", which {url} specifies")).unwrap_or_default();
                self.say(path, format!("is the scalar `{name}`{by}"), span);
            }
            Sort::Interface => self.say(path, format!("is the interface `{name}`"), span),
            Sort::Input => self.say(path, "is an input type", span),
            Sort::Object | Sort::Union | Sort::Enum => {}
        }
        if let Some(first) = ty.interfaces.first() {
            let names: Vec<&str> = ty.interfaces.iter().map(|name| name.text.as_str()).collect();
            self.say(path, format!("implements {}", listed(&names)), &first.span);
        }
        self.directives(&ty.directives, "", path);
        for value in &ty.values {
            self.directives(&value.directives, &format!(" at `{}`", value.name.text), path);
        }
        for field in &ty.fields {
            self.field(field, path);
        }
        self.open.extend(ty.members.iter().map(|member| (member.text.as_str(), path.to_owned())));
        if ty.sort == Sort::Interface {
            let all = self.model.types.iter().map(|it| it.name.text.as_str());
            let own = all.filter(|it| self.model.implements(it, name));
            self.open.extend(own.map(|it| (it, path.to_owned())));
        }
    }

    fn field(&mut self, field: &'m Field, path: &str) {
        let path = path::field(path, &field.name.text);
        if let Some(first) = field.arguments.first() {
            let names: Vec<&str> = field.arguments.iter().map(|it| it.name.text.as_str()).collect();
            self.say(&path, format!("takes the arguments {}", listed(&names)), &first.name.span);
        }
        self.directives(&field.directives, "", &path);
        let items = field.ty.wraps.iter().filter(|wrap| **wrap == Wrap::List).count();
        let inside = (0..items).fold(path, |path, _| path::item(&path));
        let name = field.ty.name.text.as_str();
        if name == "ID" {
            self.say(&inside, "is an `ID`", &field.ty.name.span);
        } else if !BUILT_IN.contains(&name) {
            self.open.push((name, inside));
        }
    }

    fn directives(&mut self, directives: &[Directive], at: &str, path: &str) {
        let own = directives.iter().filter(|it| !SAID.contains(&it.name.text.as_str()));
        let own: Vec<&Directive> = own.collect();
        if let Some(first) = own.first() {
            let names: Vec<String> = own.iter().map(|it| format!("@{}", it.name.text)).collect();
            self.say(path, format!("has the directives {}{at}", listed(&names)), &first.name.span);
        }
    }
}
