//! The shape of a schema: what values its data becomes.

use std::{collections::HashMap, sync::Arc};

use tenon_errors::Report;
use tenon_model::{
    Kind, Named, Record, Shape, Types, Value,
    shape::{self, FloatRange, IntRange, Length, Union},
    types::{About, Member},
};

use super::{Enum, Form, Logical, Name, Node, NodeId, Schema};

impl Schema {
    /// What values follow the schema.
    ///
    /// A field with a default need not be there: what writes it puts the default in its place.
    ///
    /// # Errors
    /// `D0106` for decimals of more digits than Tenon keeps.
    pub fn shape(&self) -> Result<Shape, Report> {
        Shapes::of(self).finished(self.root)
    }
}

/// Makes the shapes of the types of a schema, of which each named one is made once.
pub(in crate::avro) struct Shapes<'s> {
    schema: &'s Schema,
    types: Types,
    named: HashMap<NodeId, Named>,
    /// What is referred to and not defined yet.
    open: Vec<(NodeId, Named)>,
}

impl<'s> Shapes<'s> {
    pub(in crate::avro) fn of(schema: &'s Schema) -> Self {
        Self { schema, types: Types::default(), named: HashMap::new(), open: Vec::new() }
    }

    /// The shape of the type `id`, with all that it refers to.
    ///
    /// # Errors
    /// As for [`Schema::shape`].
    pub(in crate::avro) fn finished(&mut self, id: NodeId) -> Result<Shape, Report> {
        let shape = self.shape(id)?;
        // Named types one after the other, so that a long chain of them takes no deep stack.
        while let Some((id, named)) = self.open.pop() {
            let defined = self.definition(id)?;
            named.define(&defined);
        }
        Ok(shape)
    }

    fn shape(&mut self, id: NodeId) -> Result<Shape, Report> {
        let node = self.schema.node(id);
        match node.form.name() {
            Some(name) => Ok(Shape::of(Kind::Named(self.reference(id, node, name)))),
            None => self.definition(id),
        }
    }

    fn reference(&mut self, id: NodeId, node: &Node, name: &Name) -> Named {
        if let Some(named) = self.named.get(&id) {
            return named.clone();
        }
        let named = self.types.declare(name.full.clone());
        named.describe(about(node, name));
        self.named.insert(id, named.clone());
        self.open.push((id, named.clone()));
        named
    }

    fn definition(&mut self, id: NodeId) -> Result<Shape, Report> {
        let node = self.schema.node(id);
        if let Some(logical) = node.logical {
            return self::logical(logical);
        }
        Ok(match &node.form {
            Form::Null => Shape::of(Kind::Enum(Arc::from([Value::Null]))),
            Form::Boolean => Shape::BOOL,
            Form::Int => Shape::of(Kind::Int(IntRange {
                min: Some(i32::MIN.into()),
                max: Some(i32::MAX.into()),
                multiple_of: None,
            })),
            Form::Long => Shape::INT,
            Form::Float => Shape::of(Kind::Float(FloatRange { is_single: true, ..FloatRange::ANY })),
            Form::Double => Shape::FLOAT,
            Form::Bytes => Shape::BYTES,
            Form::String => Shape::string(),
            Form::Array(item) => Shape::list(self.shape(*item)?),
            Form::Map(value) => Shape::map(self.shape(*value)?),
            Form::Union(branches) => self.union(branches)?,
            Form::Record(record) => self.record(record)?,
            Form::Enum(symbols) => {
                Shape::of(Kind::Enum(symbols.symbols.iter().cloned().map(Value::String).collect()))
            }
            Form::Fixed(fixed) => {
                let size = Some(fixed.size as u64);
                Shape::of(Kind::Bytes(Length { min: size, max: size }))
            }
        })
    }

    /// A union has no tag in data: its branches are told apart by what they are.
    fn union(&mut self, branches: &[NodeId]) -> Result<Shape, Report> {
        let (nulls, others): (Vec<_>, Vec<_>) =
            branches.iter().copied().partition(|id| *self.schema.form(*id) == Form::Null);
        let mut shape = match others[..] {
            [] if nulls.is_empty() => Shape::never(),
            [] => self.definition(nulls[0])?,
            [only] => self.shape(only)?,
            _ => {
                let variant = |id: &NodeId| Ok((self.schema.form(*id).tag().into(), self.shape(*id)?));
                let variants = others.iter().map(variant).collect::<Result<_, Report>>()?;
                Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
            }
        };
        shape.nullable |= !nulls.is_empty();
        Ok(shape)
    }

    fn record(&mut self, record: &super::Record) -> Result<Shape, Report> {
        let field = |field: &super::Field| {
            let shape = self.shape(field.node)?;
            Ok(shape::Field {
                default: field.default.clone(),
                doc: field.doc.clone(),
                required: field.default.is_none(),
                ..shape::Field::required(field.name.clone(), shape)
            })
        };
        let fields = record.fields.iter().map(field).collect::<Result<_, Report>>()?;
        let mut shape = Record::new(fields);
        shape.name = Some(record.name.simple().into());
        shape.doc = record.name.doc.clone();
        Ok(Shape::of(Kind::Record(Arc::new(shape))))
    }
}

/// What a logical type makes of its bytes. This is the one place that decides it.
fn logical(logical: Logical) -> Result<Shape, Report> {
    Ok(match logical {
        Logical::Decimal { precision, scale } => {
            Shape::of(Kind::Decimal(FloatRange::of_digits(precision, scale)?))
        }
        Logical::Uuid => Shape::UUID,
        Logical::Date => Shape::DATE,
        Logical::Time(_) => Shape::TIME,
        Logical::Timestamp(_) => Shape::TIMESTAMP,
        Logical::LocalTimestamp(_) => Shape::LOCAL_DATE_TIME,
        Logical::Duration => Shape::PERIOD,
    })
}

fn about(node: &Node, name: &Name) -> About {
    let members = match &node.form {
        Form::Enum(symbols) => members(symbols),
        _ => Vec::new(),
    };
    About { doc: name.doc.clone(), aliases: name.aliases.clone(), members, is_deprecated: false }
}

fn members(symbols: &Enum) -> Vec<Member> {
    let member = |(at, symbol): (usize, &tenon_model::Str)| Member {
        name: symbol.clone(),
        number: i32::try_from(at).ok(),
        doc: None,
        is_deprecated: false,
    };
    symbols.symbols.iter().enumerate().map(member).collect()
}
