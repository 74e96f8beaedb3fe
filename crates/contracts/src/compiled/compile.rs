//! From a shape to its flat form.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use tenon_errors::{Report, catalogue::contract::BAD_CONTRACT};
use tenon_model::{
    Key, Kind, Record, Shape,
    shape::{self, IntRange, Part, Refinement},
};

use super::{
    Check, ChoiceCheck, Classes, Compiled, FieldCheck, Integers, Members, NamesCheck, Node, NodeId,
    RecordCheck, TextCheck, UnionCheck, pattern,
};
use crate::builder::{Absent, Listed};

/// The most positions of one shape.
const MAX_NODES: usize = 200_000;
/// The most levels of one shape without recursion. Deeper data is refused anyway.
const MAX_DEPTH: usize = 200;

/// What is made of a type that is not defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undefined {
    /// It is an error.
    Refused,
    /// Anything fits it, for now: the shape is still being built.
    Open,
}

impl Compiled {
    /// Prepares `shape`.
    ///
    /// # Errors
    /// `C0001` for a type that is not defined or a union that contains only itself, `C0005` for a pattern that cannot
    /// be run.
    pub(crate) fn new(shape: &Shape) -> Result<Self, Report> {
        Self::with(shape, Undefined::Refused)
    }

    /// Anything.
    pub(crate) fn open() -> Self {
        let node = Node {
            shape: Shape::ANY,
            refinements: Box::default(),
            nullable: true,
            classes: Classes::ALL,
            check: Check::Any,
        };
        Self { nodes: vec![node], root: 0 }
    }

    pub(crate) fn with(shape: &Shape, undefined: Undefined) -> Result<Self, Report> {
        let mut compiler = Compiler { nodes: Vec::new(), known: HashMap::new(), undefined };
        let root = compiler.shape(shape, 0)?;
        let mut compiled = Self { nodes: compiler.nodes, root };
        compiled.classify()?;
        compiled.compare_alternatives();
        compiled.sort_alternatives();
        Ok(compiled)
    }
}

struct Compiler {
    nodes: Vec<Node>,
    /// The parts that were met, so that recursion ends and sharing is kept.
    known: HashMap<(Part, bool), NodeId>,
    undefined: Undefined,
}

impl Compiler {
    fn shape(&mut self, shape: &Shape, depth: usize) -> Result<NodeId, Report> {
        if depth > MAX_DEPTH || self.nodes.len() > MAX_NODES {
            let message = format!(
                "the contract `{}` is deeper than {MAX_DEPTH} levels or has more than {MAX_NODES} parts",
                shape.name()
            );
            return Err(Report::new(&BAD_CONTRACT, message).hint("split the contract"));
        }
        let part = Part::of(shape).map(|part| (part, shape.nullable));
        if let Some(known) = part.as_ref().and_then(|part| self.known.get(part)) {
            return Ok(*known);
        }
        let (target, nullable, refinements) = follow(shape);
        let target = match (&target.kind, self.undefined) {
            (Kind::Named(_), Undefined::Open) => Shape::ANY,
            (Kind::Named(named), Undefined::Refused) => {
                let message = format!("the reference to `{}` points to no definition", named.name());
                return Err(Report::new(&BAD_CONTRACT, message).hint("define what is referred to"));
            }
            _ => target.into_owned(),
        };
        let id = self.nodes.len();
        self.nodes.push(Node {
            shape: Shape { nullable, ..Shape::of(target.kind.clone()) },
            refinements: refinements.into(),
            nullable,
            classes: Classes::NONE,
            check: Check::Any,
        });
        if let Some(part) = part {
            self.known.insert(part, id);
        }
        self.nodes[id].check = self.check(&target.kind, depth + 1)?;
        Ok(id)
    }

    fn check(&mut self, kind: &Kind, depth: usize) -> Result<Check, Report> {
        Ok(match kind {
            Kind::Any | Kind::Named(_) => Check::Any,
            Kind::Bool => Check::Bool,
            Kind::Int(range) => Check::Int(Integers::new(signed(*range))),
            Kind::Float(range) => Check::Float(range.clone()),
            Kind::Decimal(range) => Check::Decimal(range.clone()),
            Kind::String(text) => Check::Text(compile_text(text)?),
            Kind::Bytes(length) => Check::Bytes(*length),
            Kind::Timestamp => Check::Timestamp,
            Kind::Date => Check::Date,
            Kind::Time => Check::Time,
            Kind::LocalDateTime => Check::LocalDateTime,
            Kind::Duration => Check::Duration,
            Kind::Period => Check::Period,
            Kind::Uuid => Check::Uuid,
            Kind::Enum(values) => Check::Enum(Members::new(values)),
            Kind::List(list) => {
                Check::List { item: self.shape(&list.item, depth)?, length: list.length, unique: list.unique }
            }
            Kind::Map(map) => {
                Check::Map { key: map.key, value: self.shape(&map.value, depth)?, length: map.length }
            }
            Kind::Record(record) => Check::Record(self.record(record, depth)?),
            Kind::Union(union) => Check::Union(self.union(union, depth)?),
        })
    }

    fn record(&mut self, record: &Arc<Record>, depth: usize) -> Result<RecordCheck, Report> {
        let mut fields = Vec::with_capacity(record.fields().len());
        for field in record.fields() {
            let absent = match field.stand_in() {
                Some(default) => Absent::Default(default.clone()),
                None if field.required => Absent::Missing,
                None => Absent::Nothing,
            };
            fields.push(FieldCheck {
                listed: Listed::new(Key::String(field.name.clone()), absent),
                node: self.shape(&field.shape, depth)?,
                hidden: field.sensitivity.is_some(),
                written: written(&field.name),
            });
        }
        let rest = record.rest.as_ref().map(|rest| self.shape(rest, depth)).transpose()?;
        let names = record.names.as_ref().map(|names| self.names(names, depth)).transpose()?;
        let choices = record.choices.iter().map(|choice| {
            let positions = choice.fields.iter().filter_map(|name| record.field(name)).map(|(at, _)| at);
            ChoiceCheck { positions: positions.collect(), choice: choice.clone() }
        });
        let choices = choices.collect();
        Ok(RecordCheck {
            fields,
            rest,
            names,
            length: record.length,
            choices,
            wanted: record.fields().len(),
            wants_others: true,
            record: Arc::clone(record),
        })
    }

    fn names(&mut self, names: &shape::Names, depth: usize) -> Result<NamesCheck, Report> {
        let mut patterns = Vec::with_capacity(names.patterns.len());
        for (pattern, shape) in &names.patterns {
            patterns.push((pattern::compile(pattern)?, self.shape(shape, depth)?));
        }
        let others = names.others.as_ref().map(|others| self.shape(others, depth)).transpose()?;
        Ok(NamesCheck { patterns, others })
    }

    fn union(&mut self, union: &shape::Union, depth: usize) -> Result<UnionCheck, Report> {
        let mut variants = Vec::with_capacity(union.variants.len());
        for (name, shape) in &union.variants {
            variants.push((name.clone(), self.shape(shape, depth)?));
        }
        Ok(UnionCheck { tag: union.tag.clone(), variants, alike: false, by_fields: None })
    }
}

fn compile_text(text: &shape::Text) -> Result<TextCheck, Report> {
    let pattern = match &text.pattern {
        Some(pattern) => Some((pattern.clone(), pattern::compile(pattern)?)),
        None => None,
    };
    Ok(TextCheck { length: text.length, pattern, format: text.format })
}

/// The name of a field and its colon as JSON that is written by a machine has them.
fn written(name: &str) -> Box<str> {
    let is_plain = name.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if is_plain { format!("\"{name}\":").into() } else { Box::default() }
}

/// The shape at the end of the names, whether null is allowed anywhere on the way, and all that is demanded there beyond kinds.
/// Still a name if it has no end.
fn follow(shape: &Shape) -> (Cow<'_, Shape>, bool, Vec<Refinement>) {
    let (mut shape, mut nullable) = (Cow::Borrowed(shape), shape.nullable);
    let mut refinements: Vec<Refinement> = shape.refinement.iter().cloned().collect();
    for _ in 0..64 {
        let Kind::Named(named) = &shape.kind else { break };
        let Some(target) = named.get() else { break };
        nullable |= target.nullable;
        refinements.extend(target.refinement.clone());
        shape = Cow::Owned(target);
    }
    (shape, nullable, refinements)
}

/// A range with both bounds: where the contract gives none, those of 64 bits with a sign hold.
fn signed(range: IntRange) -> IntRange {
    IntRange { min: range.min.or(Some(i64::MIN.into())), max: range.max.or(Some(i64::MAX.into())), ..range }
}

#[cfg(test)]
mod tests {
    use tenon_model::{Field, Types};

    use super::*;

    fn code(shape: &Shape) -> Option<&'static str> {
        Compiled::new(shape).err().map(|report| report.code().id)
    }

    fn union(variants: Vec<Shape>) -> Shape {
        let variants = variants.into_iter().map(|shape| ("v".into(), shape)).collect();
        Shape::of(Kind::Union(Arc::new(shape::Union { tag: None, variants })))
    }

    #[test]
    fn a_recursive_shape_is_finite() {
        let named = Types::default().declare("node");
        let node = Shape::of(Kind::Named(named.clone()));
        named.define(&Shape::record(vec![Field::optional("next", node.clone())]));
        assert_eq!(Compiled::new(&node).unwrap().nodes.len(), 1);
    }

    #[test]
    fn what_cannot_end_is_refused() {
        let types = Types::default();
        let undefined = Shape::of(Kind::Named(types.declare("nothing")));
        assert_eq!(code(&undefined), Some("C0001"));

        let itself = types.declare("itself");
        itself.define(&Shape::of(Kind::Named(itself.clone())));
        assert_eq!(code(&Shape::of(Kind::Named(itself))), Some("C0001"));

        let ring = types.declare("ring");
        ring.define(&union(vec![Shape::BOOL, Shape::of(Kind::Named(ring.clone()))]));
        assert_eq!(code(&Shape::of(Kind::Named(ring))), Some("C0001"));
    }

    #[test]
    fn a_very_deep_shape_is_refused_and_not_followed() {
        let deep = (0..10_000).fold(Shape::BOOL, |inner, _| Shape::list(inner));
        assert_eq!(code(&deep), Some("C0001"));
        // Taken apart by hand: dropping ten thousand levels at once is what real shapes never do.
        let mut rest = deep;
        while let Kind::List(list) = rest.kind {
            rest = Arc::try_unwrap(list).map_or(Shape::BOOL, |list| list.item);
        }
    }
}
