//! What a file says of its types beyond their values: numbers, names in JSON, what is reserved, how numbers lie on the wire, and
//! options of others.

use std::collections::HashSet;

use tenon_errors::{Place, Reports};

use super::{
    ast::{Body, Field, Message, Name, Numbers, Opt},
    build, files, lower_camel,
    names::{Names, joined},
};
use crate::{
    format::{Sayings, Source, Unsaid, listed},
    path,
    protobuf::definitions::{self, Cardinality, Definitions, Scalar, Type},
};

/// The options that shapes say, or that are told in words of their own.
const SAID: [&str; 6] = ["deprecated", "debug_redact", "default", "json_name", "packed", "allow_alias"];

/// What the type `name` of the file says so.
///
/// # Errors
/// What is wrong with the file.
pub(in crate::protobuf) fn unsaid(source: &Source<'_>, name: &str) -> Result<Vec<Unsaid>, Reports> {
    let mut reports = Reports::new();
    let files = files::load(source, &mut reports);
    if !reports.is_empty() {
        return Err(reports.sorted());
    }
    let (names, definitions, _) = build::build(&files, &mut reports);
    if !reports.is_empty() {
        return Err(reports.sorted());
    }
    let enums = definitions.enums.iter().position(|it| it.name == name).map(Type::Enum);
    let message = definitions.message(name).map(|(id, _)| Type::Message(id));
    let mut walk = Walk {
        names: &names,
        definitions: &definitions,
        open: message.or(enums).map(|of| (of, String::new())).into_iter().collect(),
        messages: HashSet::new(),
        enums: HashSet::new(),
        sayings: Sayings::default(),
    };
    walk.file(name);
    while let Some((of, path)) = walk.open.pop() {
        let before = walk.open.len();
        match of {
            Type::Message(id) | Type::Group(id) if walk.messages.insert(id) => walk.message(id, &path),
            Type::Enum(id) if walk.enums.insert(id) => walk.enumeration(id, &path),
            _ => {}
        }
        // What was come to first is entered first.
        walk.open[before..].reverse();
    }
    Ok(walk.sayings.finish())
}

struct Walk<'n, 'f> {
    names: &'n Names<'f>,
    definitions: &'n Definitions,
    open: Vec<(Type, String)>,
    /// The types that were entered.
    messages: HashSet<usize>,
    enums: HashSet<usize>,
    sayings: Sayings,
}

impl<'f> Walk<'_, 'f> {
    fn file(&mut self, name: &str) {
        let loaded = &self.names.files[0];
        if !loaded.file.package.is_empty() {
            let message = format!("is in the package `{}`", loaded.file.package);
            self.sayings.say_in_words("", message, name.to_owned(), Place::file(&*loaded.path));
        }
        self.options(0, &loaded.file.options, " for its file", "");
    }

    fn message(&mut self, id: usize, path: &str) {
        let (message, at) = (&self.definitions.messages[id], &self.names.messages[id]);
        // What everybody has of Protobuf is a kind of value of its own.
        if message.well_known.is_some() {
            return;
        }
        let place = self.names.files[at.file].place(&at.ast.name.span);
        // In their order from one is how everybody numbers them.
        let usual = (1..=18_999u32).chain(20_000..);
        let own = message.fields.iter().zip(usual).filter(|(field, usual)| field.number != *usual);
        let own: Vec<String> = own.map(|(field, _)| format!("{} = {}", field.name, field.number)).collect();
        if !own.is_empty() {
            let message = format!("has numbers of its own for its fields: {}", listed(&own));
            self.sayings.say(path, message, place);
        }
        self.reserved(at.file, &at.ast.reserved, &at.ast.reserved_names, path);
        if let Some(first) = at.ast.extensions.first() {
            let message = format!("leaves {} to extensions", numbers(&at.ast.extensions));
            self.sayings.say(path, message, self.names.files[at.file].place(&first.span));
        }
        self.options(at.file, &at.ast.options, "", path);
        for oneof in &at.ast.oneofs {
            self.options(at.file, &oneof.options, &format!(" for `{}`", oneof.name.text), path);
        }
        for field in &message.fields {
            if let Some((file, written)) = self.written(at.file, at.ast, field) {
                self.field(field, file, written, path);
            }
        }
    }

    /// How the field is written, and in which file: in the message, or as an extension of it.
    fn written(
        &self,
        file: usize,
        message: &'f Message,
        field: &definitions::Field,
    ) -> Option<(usize, &'f Field)> {
        let Some(extension) = field.name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) else {
            return Some((file, message.fields.iter().find(|written| *field.name == *written.name.text)?));
        };
        let files = self.names.files.iter().enumerate();
        let mut bodies = files
            .map(|(at, loaded)| (at, loaded.file.package.as_str(), &loaded.file.body))
            .chain(self.names.messages.iter().map(|it| (it.file, it.name.as_str(), &it.ast.body)));
        bodies.find_map(|(file, scope, body)| Some((file, extended(scope, body, extension)?)))
    }

    fn field(&mut self, field: &definitions::Field, file: usize, written: &Field, path: &str) {
        let path = path::field(path, &field.name);
        let place = || self.names.files[file].place(&written.name.span);
        let mut said = Vec::new();
        if field.name.starts_with('[') {
            said.push(format!("is an extension of the number {}", field.number));
        } else if *field.json_name != *lower_camel(&field.name) {
            said.push(format!("is called `{}` in JSON", field.json_name));
        }
        if let Cardinality::Map(key) = field.cardinality
            && is_of_its_own(key)
        {
            said.push(format!("has keys that are `{}` on the wire", key.name()));
        }
        match field.ty {
            Type::Scalar(scalar) if is_of_its_own(scalar) => {
                said.push(format!("is `{}` on the wire", scalar.name()));
            }
            Type::Group(_) => said.push("is a group on the wire".to_owned()),
            _ => {}
        }
        let is_number = match field.ty {
            Type::Scalar(scalar) => !matches!(scalar, Scalar::String | Scalar::Bytes),
            Type::Enum(_) => true,
            Type::Message(_) | Type::Group(_) => false,
        };
        if is_number && field.cardinality == (Cardinality::Repeated { is_packed: false }) {
            said.push("is not packed on the wire".to_owned());
        }
        for message in said {
            self.sayings.say(&path, message, place());
        }
        self.options(file, &written.options, "", &path);
        let inside = match field.cardinality {
            Cardinality::Repeated { .. } => path::item(&path),
            Cardinality::Map(_) => path::entry(&path),
            _ => path,
        };
        if !matches!(field.ty, Type::Scalar(_)) {
            self.open.push((field.ty, inside));
        }
    }

    fn enumeration(&mut self, id: usize, path: &str) {
        let at = &self.names.enums[id];
        self.reserved(at.file, &at.ast.reserved, &at.ast.reserved_names, path);
        self.options(at.file, &at.ast.options, "", path);
        for member in &at.ast.members {
            self.options(at.file, &member.options, &format!(" for `{}`", member.name.text), path);
        }
    }

    fn reserved(&mut self, file: usize, ranges: &[Numbers], names: &[Name], path: &str) {
        let span = ranges.first().map(|it| &it.span).or(names.first().map(|it| &it.span));
        let Some(span) = span else { return };
        let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
        let what = match (ranges.is_empty(), names.is_empty()) {
            (false, false) => format!("{} and the names {}", numbers(ranges), listed(&names)),
            (false, true) => numbers(ranges),
            (true, _) => format!("the names {}", listed(&names)),
        };
        self.sayings.say(path, format!("reserves {what}"), self.names.files[file].place(span));
    }

    /// Options that are not those of values; `of` says of what they are, where that is not at the path.
    fn options(&mut self, file: usize, options: &[Opt], of: &str, path: &str) {
        let is_said = |option: &Opt| {
            option.feature().is_some() || option.is("features") || SAID.iter().any(|name| option.is(name))
        };
        let own: Vec<&Opt> = options.iter().filter(|option| !is_said(option)).collect();
        let Some(first) = own.first() else { return };
        let mut names: Vec<String> = own.iter().map(|option| name(option)).collect();
        names.dedup();
        let message = format!("has the options {}{of}", listed(&names));
        self.sayings.say(path, message, self.names.files[file].place(&first.span));
    }
}

fn extended<'f>(scope: &str, body: &'f Body, full: &str) -> Option<&'f Field> {
    let mut fields = body.extends.iter().flat_map(|extend| &extend.fields);
    fields.find(|field| joined(scope, &field.name.text) == full)
}

/// Whether a shape does not tell it from another scalar: what is written for those that it stands for is `int32` and the like.
fn is_of_its_own(scalar: Scalar) -> bool {
    matches!(
        scalar,
        Scalar::Sint32
            | Scalar::Sint64
            | Scalar::Fixed32
            | Scalar::Fixed64
            | Scalar::Sfixed32
            | Scalar::Sfixed64
    )
}

/// The name of an option as it is written: `(buf.validate.field).string.min_len`.
fn name(option: &Opt) -> String {
    let part = |(name, is_extension): &(String, bool)| {
        if *is_extension { format!("({name})") } else { name.clone() }
    };
    option.path.iter().map(part).collect::<Vec<_>>().join(".")
}

fn numbers(ranges: &[Numbers]) -> String {
    let range = |it: &Numbers| {
        if it.first == it.last { it.first.to_string() } else { format!("{} to {}", it.first, it.last) }
    };
    let plural = if ranges.len() > 1 || ranges.iter().any(|it| it.first != it.last) { "s" } else { "" };
    format!("the number{plural} {}", listed(&ranges.iter().map(range).collect::<Vec<_>>()))
}
