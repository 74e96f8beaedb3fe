//! Shapes as types, and what GraphQL cannot say of them.

mod constant;
mod names;
mod record;
mod scalar;
mod text;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use tenon_errors::Reports;
use tenon_model::{Kind, Shape, Str, Value, shape::Union, types::About};

use self::text::Text;
use super::shape::TYPE_NAME;
use crate::{
    format::{Loss, Says, Written},
    path,
};

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
    let says = Says { doc: true, members: true, ..Says::default() };
    writer.losses.extend(Loss::of_rules("GraphQL", shape, |_| false));
    writer.losses.extend(Loss::of_names("GraphQL", shape, says));
    Ok(Written { text: writer.out.finish(), losses: writer.losses })
}

struct Writer {
    position: Position,
    out: Text,
    losses: Vec<Loss>,
    /// Names of types that are in use.
    taken: HashSet<String>,
    /// Types by what they are called in the contract, with what is said of them and what they are called here.
    known: HashMap<String, Vec<(Shape, Arc<About>, String)>>,
    waiting: VecDeque<Waiting>,
    scalars: Vec<&'static str>,
}

/// A type that was named and is still to be written.
struct Waiting {
    name: String,
    shape: Shape,
    about: Arc<About>,
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
            self.lose_tag(&resolved, "");
            // The type that the file is for has its name, whatever the contract calls it.
            let (own, about) = own(shape, name);
            self.declared(shape, own, &names::pascal(name), about, "");
            return;
        }
        let title = self.free(&names::pascal(name), "");
        let reference = self.reference(&shape.clone().non_null(), name, "", 0);
        self.lose("", format!("is {} and no object, and the field `value` of a type there", shape.name()));
        let word = if self.position == Position::Input { "input" } else { "type" };
        self.out.line(0, &format!("{word} {title} {{"));
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
        let resolved = shape.resolved();
        match &resolved.kind {
            Kind::List(list) if depth < MAX_DEPTH => {
                self.lose_length(list.length, "items", path);
                if list.unique {
                    self.lose(path, "has items of which no two are equal, which GraphQL cannot say");
                }
                let item = self.reference(&list.item, &format!("{name}Item"), &path::item(path), depth + 1);
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
            _ if is_type(&resolved) && self.taken.len() < MAX_TYPES => {
                self.lose_tag(&resolved, path);
                self.named(shape, name, path)
            }
            Kind::Record(_) => self.json(path, "is one type too many"),
            Kind::Union(_) => self.json(path, "has alternatives of several kinds"),
            kind => self.scalar(kind, path),
        }
    }

    /// Where a record is no alternative, the field that would tell it apart is one like others.
    fn lose_tag(&mut self, shape: &Shape, path: &str) {
        let has_tag = matches!(&shape.kind, Kind::Record(record) if record.field(TYPE_NAME).is_some());
        if has_tag && self.position == Position::Output {
            self.lose(
                &path::field(path, TYPE_NAME),
                "is what every type of GraphQL can be asked for, and none has",
            );
        }
    }

    fn json(&mut self, path: &str, why: &str) -> String {
        self.lose(path, format!("{why}, and any JSON there"));
        self.scalar_name("JSON")
    }

    /// What the type of `shape` is called here; it is written later.
    fn named(&mut self, shape: &Shape, wanted: &str, path: &str) -> String {
        let (own, about) = own(shape, wanted);
        let plain = self.without_tag(&shape.resolved());
        // Equal types of the same name are one, also where one of them was met as an alternative. What the contract gives no name is
        // one of its own wherever it stands, and its losses are told there.
        let mut known = self.known.get(&own).into_iter().flatten().filter(|_| has_name(shape));
        match known.find(|(known, said, _)| *known == plain && *said == about) {
            Some((.., name)) => name.clone(),
            None => self.declared(shape, own.clone(), &own, about, path),
        }
    }

    /// Declares the type that the contract calls `own`, with a name near to `title`.
    fn declared(&mut self, shape: &Shape, own: String, title: &str, about: Arc<About>, path: &str) -> String {
        let plain = self.without_tag(&shape.resolved());
        let name = self.free(title, path);
        self.known.entry(own).or_default().push((plain.clone(), Arc::clone(&about), name.clone()));
        self.waiting.push_back(Waiting { name: name.clone(), shape: plain, about, path: path.to_owned() });
        name
    }

    /// A record without the field that only tells answers apart.
    fn without_tag(&self, shape: &Shape) -> Shape {
        match &shape.kind {
            Kind::Record(record)
                if self.position == Position::Output && record.field(TYPE_NAME).is_some() =>
            {
                let fields = record.fields().iter().filter(|field| field.name != TYPE_NAME).cloned();
                Shape::of(Kind::Record(Arc::new(record.with_new_fields(fields.collect()))))
            }
            _ => shape.clone().non_null(),
        }
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
        match &shape.kind {
            Kind::Record(record) => self.record(record, name, path),
            Kind::Union(union) => self.union(union, name, path),
            Kind::Enum(values) => self.enumeration(values, about, name),
            _ => {}
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

/// Whether the contract has a name for the type.
fn has_name(shape: &Shape) -> bool {
    match &shape.kind {
        Kind::Named(_) => true,
        Kind::Record(record) => record.name.is_some(),
        _ => false,
    }
}

/// What the contract calls the type, else `wanted`, and what it says of it.
fn own(shape: &Shape, wanted: &str) -> (String, Arc<About>) {
    match &shape.kind {
        Kind::Named(named) => {
            let last = named.name().rsplit(['.', ':', '/', '}']).next();
            // A record says itself what it stands for, also where it is met without its name.
            let says_itself = matches!(&shape.resolved().kind, Kind::Record(record) if record.doc.is_some());
            let about = if says_itself { Arc::default() } else { named.about() };
            (last.unwrap_or_default().to_owned(), about)
        }
        Kind::Record(record) => (record.name.as_deref().unwrap_or(wanted).to_owned(), Arc::default()),
        _ => (wanted.to_owned(), Arc::default()),
    }
}
