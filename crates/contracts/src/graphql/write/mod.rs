//! Shapes as types, and what GraphQL cannot say of them.

mod constant;
mod names;
mod scalar;
mod text;

use std::collections::{HashMap, HashSet, VecDeque};

use tenon_errors::Reports;
use tenon_model::{
    Field, Kind, Named, Record, Shape, Str, Value,
    shape::{Choice, Union},
    types::About,
};

use self::text::Text;
use super::shape::TYPE_NAME;
use crate::format::{Loss, Written};

/// The deepest that lists contain each other.
const MAX_DEPTH: usize = 32;
/// The most types that are written.
const MAX_TYPES: usize = 20_000;

/// Where values of the types are: what services answer, or what they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Object types, unions: what is answered.
    Output,
    /// Input types: what is given.
    Input,
}

/// Writes `shape` as the type `name`, with all types that it leads to.
///
/// # Errors
/// None: what GraphQL cannot say is a loss, and what it has no type for the scalar `JSON`.
pub fn write_as(name: &str, shape: &Shape, position: Position) -> Result<Written, Reports> {
    let mut writer = Writer {
        position,
        out: Text::default(),
        losses: Vec::new(),
        taken: HashSet::new(),
        known: HashMap::new(),
        waiting: VecDeque::new(),
        scalars: Vec::new(),
    };
    writer.top(name, shape);
    while let Some(waiting) = writer.waiting.pop_front() {
        writer.definition(&waiting);
    }
    writer.scalars();
    Ok(Written { text: writer.out.finish(), losses: writer.losses })
}

struct Writer {
    position: Position,
    out: Text,
    losses: Vec<Loss>,
    /// Names of types that are in use.
    taken: HashSet<String>,
    /// Types by what they are called in the contract, with what they are called here.
    known: HashMap<String, Vec<(Shape, String)>>,
    waiting: VecDeque<Waiting>,
    scalars: Vec<&'static str>,
}

/// A type that was named and is still to be written.
struct Waiting {
    name: String,
    shape: Shape,
    about: std::sync::Arc<About>,
    path: String,
}

impl Writer {
    fn lose(&mut self, path: &str, message: impl Into<String>) {
        let loss = Loss { path: path.to_owned(), message: message.into() };
        if !self.losses.contains(&loss) {
            self.losses.push(loss);
        }
    }

    fn top(&mut self, name: &str, shape: &Shape) {
        let name = name.rsplit(['.', ':', '/', '}']).next().unwrap_or(name);
        let resolved = shape.resolved();
        if shape.allows_null() && !matches!(resolved.kind, Kind::Any) {
            self.lose("", "may be null as a whole, which is said where the type is used");
        }
        if is_type(&resolved)
            && !(self.position == Position::Input && matches!(resolved.kind, Kind::Union(_)))
        {
            self.named(shape, &names::pascal(name), "");
            return;
        }
        let reference = self.reference(&shape.clone().non_null(), name, "", 0);
        self.lose("", format!("is {} and no object, and the field `value` of a type there", shape.name()));
        let name = self.free(&names::pascal(name), "");
        let word = if self.position == Position::Input { "input" } else { "type" };
        self.out.line(0, &format!("{word} {name} {{"));
        self.out.line(1, &format!("value: {reference}"));
        self.out.line(0, "}");
    }

    /// A type reference to `shape`, with `!` where null is not allowed.
    fn reference(&mut self, shape: &Shape, name: &str, path: &str, depth: usize) -> String {
        let base = self.base(shape, name, path, depth);
        if shape.nullable || (shape.allows_null() && !matches!(shape.resolved().kind, Kind::Any)) {
            base
        } else {
            base + "!"
        }
    }

    fn base(&mut self, shape: &Shape, name: &str, path: &str, depth: usize) -> String {
        if shape.refinement.is_some() {
            self.lose(path, "has rules about whole values, which GraphQL cannot say");
        }
        let resolved = shape.resolved();
        match &resolved.kind {
            Kind::List(list) if depth < MAX_DEPTH => {
                self.lose_length(list.length, "items", path);
                if list.unique {
                    self.lose(path, "has items of which no two are equal, which GraphQL cannot say");
                }
                let item =
                    self.reference(&list.item, &format!("{name}Item"), &format!("{path}[]"), depth + 1);
                format!("[{item}]")
            }
            Kind::List(_) => self.json(path, "is nested too deep"),
            Kind::Map(_) => {
                self.lose(path, "is a map, and any JSON there");
                self.scalar_name("JSON")
            }
            Kind::Union(_) if self.position == Position::Input => {
                self.json(path, "has alternatives, which inputs cannot have")
            }
            _ if is_type(&resolved) && self.taken.len() < MAX_TYPES => self.named(shape, name, path),
            Kind::Record(_) => self.json(path, "is one type too many"),
            Kind::Union(_) => self.json(path, "has alternatives of several kinds"),
            kind => self.scalar(kind, path),
        }
    }

    fn json(&mut self, path: &str, why: &str) -> String {
        self.lose(path, format!("{why}, and any JSON there"));
        self.scalar_name("JSON")
    }

    /// What the type of `shape` is called here; it is written later.
    fn named(&mut self, shape: &Shape, wanted: &str, path: &str) -> String {
        let resolved = shape.resolved().into_owned();
        let plain = without_tag(&resolved);
        let (wanted, about) = match &shape.kind {
            Kind::Named(named) => (last(named).to_owned(), named.about()),
            _ => (own_name(&resolved).unwrap_or(wanted).to_owned(), std::sync::Arc::default()),
        };
        // Equal types of the same name are one, also where one of them was met as an alternative.
        let same = self.known.get(&wanted).into_iter().flatten().find(|(known, _)| *known == plain);
        if let Some((_, name)) = same {
            return name.clone();
        }
        let name = self.free(&wanted, path);
        self.known.entry(wanted).or_default().push((plain.clone(), name.clone()));
        self.waiting.push_back(Waiting { name: name.clone(), shape: plain, about, path: path.to_owned() });
        name
    }

    /// A name that no other type has.
    fn free(&mut self, wanted: &str, path: &str) -> String {
        let plain = names::plain(wanted);
        if plain != wanted {
            self.lose(
                path,
                format!("is called {wanted:?}, which is not a name in GraphQL: it becomes `{plain}`"),
            );
        }
        let mut name = plain.clone();
        let mut number = 2;
        while super::model::BUILT_IN.contains(&name.as_str()) || !self.taken.insert(name.clone()) {
            name = format!("{plain}{number}");
            number += 1;
        }
        name
    }

    fn definition(&mut self, waiting: &Waiting) {
        self.out.gap();
        let Waiting { name, shape, about, path } = waiting;
        let doc = match &shape.kind {
            Kind::Record(record) => record.doc.as_ref().or(about.doc.as_ref()),
            _ => about.doc.as_ref(),
        };
        self.out.doc(0, doc.map(Str::as_str));
        if about.is_deprecated {
            self.lose(path, "is deprecated as a type, which GraphQL cannot say");
        }
        match &shape.kind {
            Kind::Record(record) => self.record(record, name, path),
            Kind::Union(union) => self.union(union, name, path),
            Kind::Enum(values) => self.enumeration(values, about, name),
            _ => {}
        }
    }

    fn record(&mut self, record: &Record, name: &str, path: &str) {
        if record.rest.is_some() || record.names.is_some() {
            self.lose(path, "may have further fields, which types of GraphQL do not have");
        }
        self.lose_length(record.length, "fields", path);
        let is_one_of = self.position == Position::Input && is_one_of(record);
        for choice in record.choices.iter().filter(|_| !is_one_of) {
            self.lose(
                path,
                format!("has only one of {}, which GraphQL cannot say here", choice.fields.join(", ")),
            );
        }
        let (word, directive) = match self.position {
            Position::Input => ("input", if is_one_of { " @oneOf" } else { "" }),
            Position::Output => ("type", ""),
        };
        if record.fields().is_empty() {
            self.lose(path, "has no fields, and types of GraphQL have one at least: `_` is added");
            self.out.line(0, &format!("{word} {name} {{"));
            self.out.line(1, "_: Boolean");
            self.out.line(0, "}");
            return;
        }
        self.out.line(0, &format!("{word} {name}{directive} {{"));
        let mut taken = HashSet::new();
        for field in record.fields() {
            let path =
                if path.is_empty() { field.name.to_string() } else { format!("{path}.{}", field.name) };
            self.field(field, name, &mut taken, is_one_of, &path);
        }
        self.out.line(0, "}");
    }

    fn field(
        &mut self,
        field: &Field,
        owner: &str,
        taken: &mut HashSet<String>,
        is_one_of: bool,
        path: &str,
    ) {
        let plain = names::plain(&field.name);
        let mut name = plain.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{plain}{number}");
            number += 1;
        }
        if name != field.name {
            self.lose(path, format!("is called `{name}` there, as its name is not one of GraphQL"));
        }
        if field.sensitivity.is_some() {
            self.lose(path, "is sensitive, which GraphQL cannot say");
        }
        let reference =
            self.reference(&field.shape, &format!("{owner}{}", names::pascal(&field.name)), path, 0);
        let stands_in = self.position == Position::Input && field.stand_in().is_some();
        let reference = match reference.strip_suffix('!') {
            Some(nullable) if field.may_be_absent() || is_one_of || (!field.required && !stands_in) => {
                if !is_one_of {
                    self.lose(path, "may be absent and is not null, and may be null there");
                }
                nullable.to_owned()
            }
            _ => reference,
        };
        if field.required && field.shape.allows_null() && self.position == Position::Input {
            self.lose(path, "has to be given, though it may be null, and may be left out there");
        }
        let default = self.default(field, path);
        self.out.doc(1, field.doc.as_deref().map(text::without_reason).filter(|doc| !doc.is_empty()));
        let deprecated = self.deprecated(field, &reference, default.is_empty(), path);
        self.out.line(1, &format!("{name}: {reference}{default}{deprecated}"));
    }

    fn deprecated(&mut self, field: &Field, reference: &str, has_no_default: bool, path: &str) -> String {
        if !field.deprecated {
            return String::new();
        }
        if self.position == Position::Input && reference.ends_with('!') && has_no_default {
            self.lose(path, "is deprecated and required, which GraphQL cannot say together");
            return String::new();
        }
        text::deprecated(field.doc.as_deref())
    }

    fn default(&mut self, field: &Field, path: &str) -> String {
        let Some(value) = &field.default else { return String::new() };
        if self.position == Position::Output {
            self.lose(path, "has a default, which fields of answers do not have");
            return String::new();
        }
        match constant::written(value, &field.shape) {
            Some(written) => format!(" = {written}"),
            None => {
                self.lose(path, "has a default that GraphQL cannot write");
                String::new()
            }
        }
    }

    fn union(&mut self, union: &Union, name: &str, path: &str) {
        match union.tag.as_deref() {
            Some(TYPE_NAME) => {}
            Some(tag) => self.lose(path, format!("is told apart by `{tag}`, and by `{TYPE_NAME}` there")),
            None => self.lose(path, format!("is told apart by its fields, and by `{TYPE_NAME}` there")),
        }
        let mut members: Vec<String> = Vec::new();
        for (variant, shape) in &union.variants {
            let member = self.named(shape, &names::pascal(variant), path);
            if !members.contains(&member) {
                members.push(member);
            }
        }
        self.out.line(0, &format!("union {name} = {}", members.join(" | ")));
    }

    fn enumeration(&mut self, values: &[Value], about: &About, name: &str) {
        let members: HashMap<&str, _> =
            about.members.iter().map(|member| (member.name.as_str(), member)).collect();
        self.out.line(0, &format!("enum {name} {{"));
        for value in values.iter().filter_map(Value::as_str) {
            let member = members.get(value);
            let doc = member.and_then(|member| member.doc.as_deref());
            self.out.doc(1, doc.map(text::without_reason).filter(|doc| !doc.is_empty()));
            let is_deprecated = member.is_some_and(|member| member.is_deprecated);
            let deprecated = if is_deprecated { text::deprecated(doc) } else { String::new() };
            self.out.line(1, &format!("{value}{deprecated}"));
        }
        self.out.line(0, "}");
    }
}

/// Whether GraphQL has a type of its own for such a shape.
fn is_type(shape: &Shape) -> bool {
    match &shape.kind {
        Kind::Record(_) => true,
        Kind::Enum(values) => names::are_values(values),
        Kind::Union(union) => {
            let is_record =
                |shape: &Shape| matches!(shape.resolved().kind, Kind::Record(_)) && !shape.allows_null();
            !union.variants.is_empty() && union.variants.iter().all(|(_, variant)| is_record(variant))
        }
        _ => false,
    }
}

fn last(named: &Named) -> &str {
    named.name().rsplit(['.', ':', '/', '}']).next().unwrap_or_default()
}

fn own_name(shape: &Shape) -> Option<&str> {
    if let Kind::Record(record) = &shape.kind { record.name.as_deref() } else { None }
}

/// Exactly one field is given, and none may be null.
fn is_one_of(record: &Record) -> bool {
    let all = |choice: &Choice| choice.is_required && choice.fields.len() == record.fields().len();
    let are_plain = |field: &Field| field.default.is_none() && !field.shape.allows_null();
    record.choices.len() == 1 && record.choices.iter().all(all) && record.fields().iter().all(are_plain)
}

/// A record without the field that only tells it apart.
fn without_tag(shape: &Shape) -> Shape {
    let Kind::Record(record) = &shape.kind else { return shape.clone().non_null() };
    if record.field(TYPE_NAME).is_none() {
        return shape.clone().non_null();
    }
    let fields = record.fields().iter().filter(|field| field.name != TYPE_NAME).cloned().collect();
    let mut plain = Record::new(fields);
    plain.name = record.name.clone();
    plain.doc = record.doc.clone();
    plain.rest = record.rest.clone();
    plain.names = record.names.clone();
    plain.length = record.length;
    plain.choices = record.choices.clone();
    Shape::of(Kind::Record(std::sync::Arc::new(plain)))
}
