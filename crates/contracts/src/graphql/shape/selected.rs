//! What operations answer: the shapes of what they ask for.

use std::{collections::HashSet, sync::Arc};

use tenon_model::{Field as ShapeField, Kind, Record, Shape, Str, Value, shape::Union};

use super::{Shaper, TYPE_NAME, described, wrapped};
use crate::graphql::{
    model::{Constant, Directive, Form, Name, Sort, Span},
    requests::model::{Executable, Requested, Selected, Selection, is_conditional},
};

/// The most fields of one answer.
const MOST: usize = 10_000;

/// What is wrong with what is asked for, and where.
pub(in crate::graphql) type Wrong = (Span, String, &'static str);

/// A field of an answer: every selection that gives it.
struct Gathered<'m> {
    key: &'m str,
    /// The type that it is first asked of.
    asked: &'m str,
    first: &'m Selected,
    all: Vec<&'m Selected>,
    /// Whether an answer may be without it.
    is_conditional: bool,
}

/// Goes through what one operation asks for.
pub(in crate::graphql) struct Answers<'s, 'm, 't> {
    pub(in crate::graphql) shaper: &'s mut Shaper<'m, 't>,
    pub(in crate::graphql) executable: &'m Executable,
    pub(in crate::graphql) seen: usize,
}

impl<'m> Answers<'_, 'm, '_> {
    /// What `request`, which has been checked, answers: a record of what it asks the root type of its kind for.
    pub(in crate::graphql) fn answer(&mut self, request: &'m Requested) -> Result<Shape, Wrong> {
        let model = self.shaper.model;
        let mut roots = model.roots().into_iter();
        let root = roots.find(|(operation, _)| *operation == request.operation);
        let Some(root) = root.and_then(|(_, name)| model.get(&name)) else {
            let message = format!("the schema has no type for `{}`", request.operation.word());
            return Err((request.span.clone(), message, "ask for what the schema has"));
        };
        self.record(&root.name.text, &[&request.selections], &request.span)
    }

    /// What is answered for a value of the type `of`, of which all these selections are asked.
    fn of_type(&mut self, of: &'m str, sets: &[&'m [Selection]], span: &Span) -> Result<Shape, Wrong> {
        let is_object = self.shaper.model.sort(of) == Some(Sort::Object);
        if is_object || !sets.iter().any(|set| self.tells_apart(set, of)) {
            return self.record(of, sets, span);
        }
        let possible = self.shaper.model.possible(of);
        let mut variants = Vec::with_capacity(possible.len());
        for name in possible {
            let shape = self.record(name, sets, span)?;
            let is_named = shape.field(TYPE_NAME).is_some_and(|field| field.required);
            if !is_named {
                let message = format!("the alternatives of `{of}` cannot be told apart in the answer");
                return Err((span.clone(), message, "ask for `__typename` as well"));
            }
            variants.push((Str::new(name), shape));
        }
        let union = Union { tag: Some(Str::new(TYPE_NAME)), variants };
        Ok(Shape::of(Kind::Union(Arc::new(union))))
    }

    /// Whether a part of `set` is asked of some values of the type `of` alone.
    fn tells_apart(&self, set: &'m [Selection], of: &str) -> bool {
        set.iter().any(|selection| match selection {
            Selection::Field(_) => false,
            Selection::Inline { on, selections, .. } => {
                on.as_ref().is_some_and(|on| !self.covers(on, of)) || self.tells_apart(selections, of)
            }
            Selection::Spread { name, .. } => self.executable.fragment(&name.text).is_some_and(|fragment| {
                !self.covers(&fragment.on, of) || self.tells_apart(&fragment.selections, of)
            }),
        })
    }

    fn record(&mut self, of: &'m str, sets: &[&'m [Selection]], span: &Span) -> Result<Shape, Wrong> {
        let mut gathered = Vec::new();
        for set in sets {
            self.gather(set, (of, of), false, &mut gathered)?;
        }
        let mut fields = Vec::with_capacity(gathered.len());
        for field in &gathered {
            fields.push(self.field(field, of)?);
        }
        if fields.is_empty() {
            let message = format!("nothing is asked for of `{of}`");
            return Err((span.clone(), message, "ask for `__typename` at least"));
        }
        Ok(Shape::of(Kind::Record(Arc::new(Record::new(fields)))))
    }

    /// The fields of values of the type `of`, in the order in which they are answered (specification, section 6.3.2). `asked` is the type that
    /// `set` is about, which all of these values are of.
    fn gather(
        &mut self,
        set: &'m [Selection],
        (of, asked): (&str, &'m str),
        is_optional: bool,
        gathered: &mut Vec<Gathered<'m>>,
    ) -> Result<(), Wrong> {
        let optional = |directives: &[Directive]| is_optional || is_conditional(directives);
        for selection in set {
            match selection {
                Selection::Field(selected) => {
                    self.add(selected, asked, optional(&selected.directives), gathered)?;
                }
                Selection::Inline { on, directives, selections } => {
                    if on.as_ref().is_none_or(|on| self.covers(on, of)) {
                        let asked = on.as_ref().map_or(asked, |on| &on.text);
                        self.gather(selections, (of, asked), optional(directives), gathered)?;
                    }
                }
                Selection::Spread { name, directives } => {
                    let fragment = self.executable.fragment(&name.text);
                    if let Some(fragment) = fragment.filter(|it| self.covers(&it.on, of)) {
                        let types = (of, fragment.on.text.as_str());
                        self.gather(&fragment.selections, types, optional(directives), gathered)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether every value of the type `of` is one of `on`.
    fn covers(&self, on: &Name, of: &str) -> bool {
        let (all, model) = (self.shaper.model.possible(&on.text), self.shaper.model);
        on.text == of || model.possible(of).iter().all(|name| all.contains(name))
    }

    fn add(
        &mut self,
        selected: &'m Selected,
        asked: &'m str,
        is_conditional: bool,
        gathered: &mut Vec<Gathered<'m>>,
    ) -> Result<(), Wrong> {
        self.seen += 1;
        let key = selected.key.text.as_str();
        if self.seen > MOST {
            let message = format!("the answer has more than {MOST} fields");
            return Err((selected.key.span.clone(), message, "ask for less at once"));
        }
        let Some(known) = gathered.iter_mut().find(|known| known.key == key) else {
            gathered.push(Gathered { key, asked, first: selected, all: vec![selected], is_conditional });
            return Ok(());
        };
        let is_same = known.first.name.text == selected.name.text
            && are_same(&known.first.arguments, &selected.arguments);
        if !is_same {
            let message = format!("the answer has `{key}` twice, of different fields or arguments");
            return Err((selected.key.span.clone(), message, "call one of them otherwise: `other: field`"));
        }
        known.all.push(selected);
        known.is_conditional &= is_conditional;
        Ok(())
    }

    fn field(&mut self, gathered: &Gathered<'m>, of: &str) -> Result<ShapeField, Wrong> {
        let required = !gathered.is_conditional;
        let model = self.shaper.model;
        if gathered.first.name.text == TYPE_NAME {
            let names = model.possible(of).into_iter().map(Value::from).collect();
            let shape = Shape::of(Kind::Enum(names));
            return Ok(ShapeField { required, ..ShapeField::optional(gathered.key, shape) });
        }
        // An object has the field as it says itself; of other types, the one that is asked is the closest.
        let is_object = model.sort(of) == Some(Sort::Object);
        let (owner, name) = (if is_object { of } else { gathered.asked }, &gathered.first.name);
        let Some(field) = model.position(owner).and_then(|at| model.field(at, &name.text)) else {
            let message = format!("`{owner}` has no field `{}`", name.text);
            return Err((name.span.clone(), message, "ask for what the type has"));
        };
        let sets: Vec<&[Selection]> = gathered.all.iter().map(|it| &it.selections[..]).collect();
        let shape = match sets.iter().all(|set| set.is_empty()) {
            true => self.shaper.reference(&field.ty),
            false => {
                let shape = self.of_type(&field.ty.name.text, &sets, &gathered.first.name.span)?;
                wrapped(shape.nullable(), &field.ty)
            }
        };
        Ok(described(ShapeField { required, ..ShapeField::optional(gathered.key, shape) }, field))
    }
}

/// Whether the same is given, in any order.
fn are_same(one: &[(Name, Constant)], other: &[(Name, Constant)]) -> bool {
    let is_given = |(name, value): &(Name, Constant)| {
        other.iter().any(|(known, given)| known.text == name.text && is_same(value, given))
    };
    one.len() == other.len() && one.iter().all(is_given)
}

fn is_same(one: &Constant, other: &Constant) -> bool {
    match (&one.form, &other.form) {
        (Form::Null, Form::Null) => true,
        (Form::Bool(one), Form::Bool(other)) => one == other,
        (Form::Int(one), Form::Int(other))
        | (Form::Float(one), Form::Float(other))
        | (Form::Text(one), Form::Text(other))
        | (Form::Enum(one), Form::Enum(other))
        | (Form::Variable(one), Form::Variable(other)) => one == other,
        (Form::List(one), Form::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Form::Object(one), Form::Object(other)) => are_same(one, other),
        _ => false,
    }
}

/// The fragments that `selections` are made of, each once.
pub(in crate::graphql) fn fragments<'m>(
    selections: &'m [Selection],
    executable: &'m Executable,
    found: &mut HashSet<&'m str>,
) {
    for selection in selections {
        match selection {
            Selection::Field(selected) => fragments(&selected.selections, executable, found),
            Selection::Inline { selections, .. } => fragments(selections, executable, found),
            Selection::Spread { name, .. } => {
                if let Some(fragment) = executable.fragment(&name.text)
                    && found.insert(fragment.name.text.as_str())
                {
                    fragments(&fragment.selections, executable, found);
                }
            }
        }
    }
}
