//! How an element becomes a record: which field holds which attribute, text or element.
//!
//! Attributes come first, then the text or the elements. A field has the local name of what it holds, with `_` for `-` and `.`, so
//! that expressions can name it; of equal names the first stays, and the next ones end in `_2`, `_3`. The text of an element that has
//! attributes is in `value`, the text and elements of mixed content in `content`, what `any` lets in in `any`, and attributes that
//! `anyAttribute` lets in in `any_attributes`.

use std::collections::{HashMap, HashSet};

use tenon_errors::{
    Report,
    catalogue::contract::{ASSERTS_NOTHING, BAD_CONTRACT},
};
use tenon_model::{Key, Str, Value, shape::Choice};

use super::{
    choices,
    model::{Attribute, Complex, ComplexId, Content, ElementId, Model, Particle, Term, Type, Wildcard},
};
use crate::{
    builder::{Absent, Listed},
    xml::Name,
};

/// The fields of the records of a type.
#[derive(Debug)]
pub(super) struct Layout {
    /// Of each attribute.
    pub(super) attributes: Vec<Str>,
    pub(super) body: Body,
    /// Of the elements.
    pub(super) slots: Vec<Slot>,
    /// Of each leaf of the content model.
    pub(super) leaves: Vec<Leaf>,
    /// Of the attributes that are not listed.
    pub(super) any_attributes: Option<Str>,
    /// Elements of which only one comes.
    pub(super) choices: Vec<Choice>,
    /// All fields, without a tag: those of the attributes, of the text or the elements, and of attributes that are not listed.
    pub(super) fields: Vec<Listed>,
}

impl Layout {
    /// The position of the field of the text, or of the first element.
    pub(super) fn body_at(&self) -> usize {
        self.attributes.len()
    }

    /// Whether the elements of a slot are an alternative.
    pub(super) fn is_chosen(&self, slot: &Slot) -> bool {
        self.choices.iter().any(|choice| choice.fields.contains(&slot.field))
    }
}

/// What stands inside of the element.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    Empty,
    /// Text, in this field.
    Text(Str),
    /// Elements, in the slots.
    Elements,
    /// Text and elements, in this field.
    Mixed(Str),
}

/// The field of the elements of one name.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) field: Str,
    /// The element; `None` for what `any` lets in.
    pub(super) element: Option<ElementId>,
    pub(super) min: u32,
    pub(super) max: Option<u32>,
}

impl Slot {
    /// Whether the field is a list.
    pub(super) fn is_list(&self) -> bool {
        self.max.is_none_or(|max| max > 1)
    }
}

/// What may stand at a leaf.
#[derive(Debug)]
pub(super) struct Leaf {
    /// The elements by their names: the declared one and what may stand for it.
    pub(super) names: Vec<(Name, ElementId)>,
    pub(super) any: Option<Wildcard>,
    pub(super) slot: usize,
}

impl Leaf {
    /// Whether an element `name` may stand here.
    pub(super) fn accepts(&self, name: &Name) -> bool {
        self.names.iter().any(|(known, _)| known == name)
            || self.any.as_ref().is_some_and(|any| any.allows(name.namespace.as_deref()))
    }
}

/// The layouts of all types, with what is wrong or remarkable about them.
pub(super) fn of(model: &Model) -> (Vec<Layout>, Vec<Report>, Vec<Report>) {
    let (mut problems, mut notes) = (Vec::new(), Vec::new());
    let layouts = (0..model.complex.len()).map(|id| layout(model, id, &mut problems, &mut notes)).collect();
    (layouts, problems, notes)
}

/// What the field of an attribute or element is called, unless another one has that name.
pub(super) fn field_name(local: &str) -> String {
    local.replace(['-', '.'], "_")
}

/// Names that are given once.
struct Names<'n> {
    taken: HashSet<Str>,
    complex: &'n Complex,
    notes: &'n mut Vec<Report>,
}

impl Names<'_> {
    /// A free name for `what`, which is called `local`.
    fn take(&mut self, what: &str, local: &str) -> Str {
        let plain = field_name(local);
        let mut name = Str::from(plain.as_str());
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = Str::from(format!("{plain}_{number}"));
            number += 1;
        }
        if number > 2 {
            let message = format!(
                "the {what} `{local}` of `{}` becomes the field `{name}`, because `{plain}` is another one",
                self.complex.title
            );
            self.notes.push(
                Report::new(&ASSERTS_NOTHING, message)
                    .at(self.complex.place.clone())
                    .hint("give one of the two another name"),
            );
        }
        name
    }
}

fn layout(model: &Model, id: ComplexId, problems: &mut Vec<Report>, notes: &mut Vec<Report>) -> Layout {
    let complex = &model.complex[id];
    let mut names = Names { taken: HashSet::new(), complex, notes };
    let attributes = complex.attributes.iter().map(|it| names.take("attribute", &it.name.local)).collect();
    let mut layout = Layout {
        attributes,
        body: Body::Empty,
        slots: Vec::new(),
        leaves: Vec::new(),
        any_attributes: None,
        choices: Vec::new(),
        fields: Vec::new(),
    };
    match &complex.content {
        Content::Text(_) => layout.body = Body::Text(names.take("text", "value")),
        Content::Empty if complex.is_mixed => layout.body = Body::Mixed(names.take("content", "content")),
        Content::Empty => {}
        Content::Elements(particle) => {
            if complex.is_mixed {
                layout.body = Body::Mixed(names.take("content", "content"));
                // The elements are fields of the items, where nothing else is.
                names.taken.clear();
            } else {
                layout.body = Body::Elements;
            }
            leaves(model, particle, &mut layout, &mut names, problems);
            count(particle, &mut layout);
            if !complex.is_mixed {
                layout.choices = choices::of(particle, &layout);
                note_order(particle, &layout, &mut names);
            }
        }
    }
    layout.any_attributes =
        complex.any_attribute.as_ref().map(|_| names.take("attributes", "any_attributes"));
    layout.fields = fields(complex, &layout);
    layout
}

/// The fields of the records, in their order.
fn fields(complex: &Complex, layout: &Layout) -> Vec<Listed> {
    let listed = |name: &Str, absent| Listed::new(Key::String(name.clone()), absent);
    let attributes = complex.attributes.iter().zip(&layout.attributes);
    let mut fields: Vec<Listed> = attributes.map(|(it, name)| listed(name, absent_attribute(it))).collect();
    match &layout.body {
        Body::Empty => {}
        Body::Text(name) | Body::Mixed(name) => fields.push(listed(name, Absent::Missing)),
        Body::Elements => {
            let slots = layout.slots.iter();
            fields.extend(slots.map(|slot| listed(&slot.field, absent_slot(slot, layout.is_chosen(slot)))));
        }
    }
    let none = || Absent::Default(Value::record::<Str>([]));
    fields.extend(layout.any_attributes.iter().map(|name| listed(name, none())));
    fields
}

fn absent_attribute(attribute: &Attribute) -> Absent {
    if attribute.is_required {
        return Absent::Missing;
    }
    let default = attribute.default.as_ref().or(attribute.fixed.as_ref());
    let default = default.and_then(|text| attribute.of.read(text).ok());
    default.map_or(Absent::Nothing, Absent::Default)
}

/// A list of none is how its absence is written, unless it is an alternative that is not taken.
fn absent_slot(slot: &Slot, is_chosen: bool) -> Absent {
    match slot.min {
        0 if slot.is_list() && !is_chosen => Absent::Default(Value::list(Vec::new())),
        0 => Absent::Nothing,
        _ => Absent::Missing,
    }
}

fn leaves<'m>(
    model: &'m Model,
    particle: &'m Particle,
    layout: &mut Layout,
    names: &mut Names<'_>,
    problems: &mut Vec<Report>,
) {
    let mut by_name: HashMap<&'m Name, usize> = HashMap::new();
    let mut any: Option<usize> = None;
    particle.for_each_leaf(&mut |leaf| {
        let (slot, members, wildcard) = match &leaf.term {
            Term::Element(id, _) => {
                let element = &model.elements[*id];
                let slot = *by_name.entry(&element.name).or_insert_with(|| {
                    let field = names.take("element", &element.name.local);
                    layout.slots.push(Slot { field, element: Some(*id), min: 0, max: None });
                    layout.slots.len() - 1
                });
                if let Some(first) = layout.slots[slot].element
                    && !is_same(&model.elements[first].of, &element.of)
                {
                    let message =
                        format!("the element `{}` has two types in one content", element.name.local);
                    problems.push(
                        Report::new(&BAD_CONTRACT, message)
                            .at(leaf.place.clone())
                            .hint("give it the same type, by name"),
                    );
                }
                let members = model.substitutes(*id);
                let members = members.iter().map(|id| (model.elements[*id].name.clone(), *id));
                (slot, members.collect(), None)
            }
            Term::Any(wildcard, _) => {
                let slot = *any.get_or_insert_with(|| {
                    let field = names.take("elements", "any");
                    layout.slots.push(Slot { field, element: None, min: 0, max: None });
                    layout.slots.len() - 1
                });
                (slot, Vec::new(), Some(wildcard.clone()))
            }
            _ => return,
        };
        layout.leaves.push(Leaf { names: members, any: wildcard, slot });
    });
}

fn is_same(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Any, Type::Any) => true,
        (Type::Simple(one), Type::Simple(other)) => {
            std::sync::Arc::ptr_eq(one, other) || one.shape == other.shape
        }
        (Type::Complex(one), Type::Complex(other)) => one == other,
        _ => false,
    }
}

type Counts = HashMap<usize, (u32, Option<u32>)>;

/// Sets how often the elements of each slot come.
fn count(particle: &Particle, layout: &mut Layout) {
    for (slot, (min, max)) in counts(particle, layout) {
        layout.slots[slot].min = min;
        layout.slots[slot].max = max;
    }
}

fn counts(particle: &Particle, layout: &Layout) -> Counts {
    let mut counts = Counts::new();
    match &particle.term {
        Term::Element(_, leaf) | Term::Any(_, leaf) => {
            counts.insert(layout.leaves[*leaf].slot, (1, Some(1)));
        }
        Term::Sequence(parts) | Term::All(parts) => {
            for part in parts {
                for (slot, (min, max)) in self::counts(part, layout) {
                    let known = counts.entry(slot).or_insert((0, Some(0)));
                    known.0 = known.0.saturating_add(min);
                    known.1 = known.1.zip(max).map(|(one, other)| one.saturating_add(other));
                }
            }
        }
        Term::Choice(parts) => {
            let all: Vec<Counts> = parts.iter().map(|part| self::counts(part, layout)).collect();
            for (slot, (min, max)) in all.iter().flatten() {
                let known = counts.entry(*slot).or_insert((u32::MAX, Some(0)));
                known.0 = known.0.min(*min);
                known.1 = known.1.zip(*max).map(|(one, other)| one.max(other));
            }
            for (slot, known) in &mut counts {
                if all.iter().any(|part| !part.contains_key(slot)) {
                    known.0 = 0;
                }
            }
        }
    }
    for (min, max) in counts.values_mut() {
        *min = min.saturating_mul(particle.min);
        *max = match (*max, particle.max) {
            (Some(0), _) | (_, Some(0)) => Some(0),
            (Some(one), Some(other)) => Some(one.saturating_mul(other)),
            _ => None,
        };
    }
    counts
}

/// Notes where elements of several names come in any order, which lists by name do not keep.
fn note_order(particle: &Particle, layout: &Layout, names: &mut Names<'_>) {
    let (Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts)) = &particle.term else { return };
    if particle.max == Some(1) {
        return parts.iter().for_each(|part| note_order(part, layout, names));
    }
    let slots = counts(particle, layout);
    let is_row = matches!(particle.term, Term::Sequence(_))
        && parts
            .iter()
            .all(|part| (part.min, part.max) == (1, Some(1)) && matches!(part.term, Term::Element(..)));
    if slots.len() > 1 && !is_row {
        let message = format!(
            "elements of several names repeat together in `{}`: their order among each other is not kept",
            names.complex.title
        );
        let hint = "make the type mixed, or put each round into an element, where the order says something";
        names.notes.push(Report::new(&ASSERTS_NOTHING, message).at(particle.place.clone()).hint(hint));
    }
}
