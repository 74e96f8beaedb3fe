//! What the elements of a schema are as data.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use tenon_model::{
    Field, Kind, Named, Record, Shape, Str, Types, Value,
    shape::{Choice, Length, List, Union},
    types::{About, Member},
};

use super::{
    layout::{Body, Layout, Slot},
    model::{Attribute, Complex, ComplexId, Content, ElementId, Model, Term, Type},
    simple::Simple,
    tags::{Tag, Tags},
};
use crate::builder::Listed;

/// A schema with its layouts and the shapes of its types.
pub(super) struct Shapes {
    pub(super) model: Model,
    pub(super) layouts: Vec<Layout>,
    /// Of each complex type.
    named: Vec<Named>,
    /// Of each element that others may stand for: those may contain it again.
    groups: BTreeMap<ElementId, Named>,
    element_tags: HashMap<ElementId, Tags>,
    type_tags: HashMap<ComplexId, Tags>,
    types: Types,
}

impl fmt::Debug for Shapes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shapes")
            .field("model", &self.model)
            .field("layouts", &self.layouts)
            .finish_non_exhaustive()
    }
}

impl Shapes {
    pub(super) fn new(model: Model, layouts: Vec<Layout>) -> Self {
        let types = Types::default();
        let named: Vec<Named> =
            model.complex.iter().map(|complex| types.declare(complex.title.clone())).collect();
        let heads =
            model.substitutes.iter().filter(|(id, members)| !members.is_empty() && **members != [**id]);
        let heads: BTreeSet<ElementId> = heads.map(|(id, _)| *id).collect();
        let declare = |id: ElementId| (id, types.declare(Str::new(&*model.elements[id].name.local)));
        let groups = heads.iter().copied().map(declare).collect();
        let (element_tags, type_tags) = Default::default();
        let mut shapes = Self { model, layouts, named, groups, element_tags, type_tags, types };
        shapes.element_tags = heads.into_iter().map(|head| (head, shapes.tags_of_elements(head))).collect();
        let unions = (0..shapes.model.complex.len()).filter(|id| shapes.is_union(*id));
        shapes.type_tags = unions.map(|id| (id, shapes.tags_of_types(id))).collect();
        for (id, group) in &shapes.groups {
            group.define(&shapes.group(*id));
            let doc = shapes.model.elements[*id].doc.clone();
            group.describe(About { doc, ..About::default() });
        }
        for (id, named) in shapes.named.iter().enumerate() {
            named.define(&shapes.complex(id));
            let doc = shapes.model.complex[id].doc.clone();
            named.describe(About { doc, ..About::default() });
        }
        shapes
    }

    /// What is written for an element of this declaration, or what stands for it.
    pub(super) fn element(&self, id: ElementId) -> Shape {
        match self.groups.get(&id) {
            Some(group) => Shape::of(Kind::Named(group.clone())),
            None => self.declared(id),
        }
    }

    /// The elements that may stand for `head`, told apart by a tag.
    fn group(&self, head: ElementId) -> Shape {
        let Some(tags) = self.element_tags(head) else { return self.declared(head) };
        let variants = tags.all().map(|(member, tag)| (tag.1.clone(), self.tagged_element(member, &tag)));
        Shape::of(Kind::Union(Arc::new(Union {
            tag: Some(tags.field().clone()),
            variants: variants.collect(),
        })))
    }

    /// What is written for an element of this type, and what the schema says of it.
    pub(super) fn of_type(&self, of: &Type) -> (Shape, Option<Str>) {
        match of {
            Type::Any => (Shape::ANY, None),
            Type::Simple(simple) => (self.simple(simple, None), None),
            Type::Complex(id) => {
                (Shape::of(Kind::Named(self.named[*id].clone())), self.model.complex[*id].doc.clone())
            }
        }
    }

    /// How those are told apart that may stand for `head`; `None` where it is always itself.
    pub(super) fn element_tags(&self, head: ElementId) -> Option<&Tags> {
        self.element_tags.get(&head)
    }

    fn tags_of_elements(&self, head: ElementId) -> Tags {
        let members = self.model.substitutes(head);
        let types: BTreeSet<ComplexId> = members.iter().filter_map(|member| self.inlined(*member)).collect();
        let names = members.iter().map(|member| (*member, Some(&self.model.elements[*member].name)));
        Tags::new(self.free("element", &types), names, |_| Str::default())
    }

    /// The type whose fields stand beside the tag; `None` where the element is in a field `value`.
    pub(super) fn inlined(&self, member: ElementId) -> Option<ComplexId> {
        let element = &self.model.elements[member];
        match element.of {
            Type::Complex(id) if !element.is_nillable && !self.is_union(id) && !self.is_plain_text(id) => {
                Some(id)
            }
            _ => None,
        }
    }

    fn tagged_element(&self, member: ElementId, tag: &Tag) -> Shape {
        match self.inlined(member) {
            Some(id) => self.record(id, Some(tag)),
            None => Shape::record(vec![tag_field(tag), Field::required("value", self.declared(member))]),
        }
    }

    /// What is written for an element of this declaration itself.
    fn declared(&self, id: ElementId) -> Shape {
        let element = &self.model.elements[id];
        let shape = match &element.of {
            Type::Any => Shape::ANY,
            Type::Simple(simple) => self.simple(simple, element.fixed.as_deref()),
            Type::Complex(id) => Shape::of(Kind::Named(self.named[*id].clone())),
        };
        if element.is_nillable { shape.nullable() } else { shape }
    }

    fn simple(&self, simple: &Simple, fixed: Option<&str>) -> Shape {
        if let Some(value) = fixed.and_then(|text| simple.read(text).ok()) {
            return Shape::of(Kind::Enum(Arc::from([value])));
        }
        let values = simple.facets.enumeration.as_deref().unwrap_or_default();
        if !values.iter().any(|(_, doc)| doc.is_some()) {
            return simple.shape.clone();
        }
        let named = self.types.declare(simple.title());
        named.define(&simple.shape);
        let members = values.iter().map(|(value, doc)| Member {
            name: value.as_str().map_or_else(|| Str::from(value.to_string()), Str::new),
            number: None,
            doc: doc.clone(),
            is_deprecated: false,
        });
        named.describe(About { members: members.collect(), ..About::default() });
        Shape::of(Kind::Named(named))
    }

    /// Whether elements of the type say which of several types they are.
    pub(super) fn is_union(&self, id: ComplexId) -> bool {
        self.model.derived.get(&id).is_some_and(|all| *all != [id])
    }

    /// Whether the type is text without attributes, which needs no record.
    pub(super) fn is_plain_text(&self, id: ComplexId) -> bool {
        let complex = &self.model.complex[id];
        let is_text = matches!(complex.content, Content::Text(_));
        is_text && complex.attributes.is_empty() && complex.any_attribute.is_none() && !self.is_union(id)
    }

    fn complex(&self, id: ComplexId) -> Shape {
        if !self.is_union(id) {
            return match &self.model.complex[id].content {
                Content::Text(simple) if self.is_plain_text(id) => self.simple(simple, None),
                _ => self.record(id, None),
            };
        }
        let Some(tags) = self.type_tags(id) else { return self.record(id, None) };
        let variants = tags.all().map(|(variant, tag)| (tag.1.clone(), self.record(variant, Some(&tag))));
        Shape::of(Kind::Union(Arc::new(Union {
            tag: Some(tags.field().clone()),
            variants: variants.collect(),
        })))
    }

    /// How the types are told apart that an element of type `id` may have; `None` where it is always that.
    pub(super) fn type_tags(&self, id: ComplexId) -> Option<&Tags> {
        self.type_tags.get(&id)
    }

    fn tags_of_types(&self, id: ComplexId) -> Tags {
        let variants = self.model.variants(id);
        let names = variants.iter().map(|variant| (*variant, self.model.complex[*variant].name.as_ref()));
        let field = self.free("type", &variants.iter().copied().collect());
        Tags::new(field, names, |variant| self.model.complex[variant].title.clone())
    }

    /// `name`, or with a number at its end where one of the types has a field of that name.
    fn free(&self, name: &str, types: &BTreeSet<ComplexId>) -> Str {
        let is_taken = |name: &str| types.iter().any(|id| self.fields(*id).any(|field| field == name));
        let mut free = Str::new(name);
        let mut number = 2;
        while is_taken(&free) {
            free = Str::from(format!("{name}_{number}"));
            number += 1;
        }
        free
    }

    /// The names of the fields of a record, without tags.
    pub(super) fn fields(&self, id: ComplexId) -> impl Iterator<Item = &str> {
        self.layouts[id].fields.iter().map(Listed::name)
    }

    fn record(&self, id: ComplexId, tag: Option<&Tag>) -> Shape {
        let (complex, layout) = (&self.model.complex[id], &self.layouts[id]);
        let mut fields: Vec<Field> = tag.map(tag_field).into_iter().collect();
        let mut shaped = self.values(complex, layout).into_iter();
        fields.extend(layout.fields.iter().map_while(|listed| {
            let (shape, doc) = shaped.next()?;
            let field = Field::optional(listed.name(), shape);
            Some(Field { required: listed.is_demanded(), default: listed.default().cloned(), doc, ..field })
        }));
        let mut record = Record::new(fields);
        record.name = Some(complex.title.clone());
        record.doc.clone_from(&complex.doc);
        record.choices.clone_from(&layout.choices);
        Shape::of(Kind::Record(Arc::new(record)))
    }

    /// What the fields of a record hold, and what is said of them.
    fn values(&self, complex: &Complex, layout: &Layout) -> Vec<(Shape, Option<Str>)> {
        let attribute = |it: &Attribute| (self.simple(&it.of, it.fixed.as_deref()), it.doc.clone());
        let mut values: Vec<_> = complex.attributes.iter().map(attribute).collect();
        match (&layout.body, &complex.content) {
            (Body::Text(_), Content::Text(simple)) => values.push((self.simple(simple, None), None)),
            (Body::Mixed(_), _) => values.push((Shape::list(self.mixed_item(layout)), None)),
            (Body::Elements, Content::Elements(particle)) => {
                let mut of_leaf = vec![0; layout.slots.len()];
                particle.for_each_leaf(&mut |leaf| {
                    if let Term::Element(_, at) | Term::Any(_, at) = leaf.term {
                        of_leaf[layout.leaves[at].slot] = leaf.min;
                    }
                });
                values.extend(
                    layout
                        .slots
                        .iter()
                        .zip(of_leaf)
                        .map(|(slot, least)| self.slot(slot, layout.is_chosen(slot).then_some(least))),
                );
            }
            _ => {}
        }
        values.extend(layout.any_attributes.iter().map(|_| (Shape::map(Shape::string()), None)));
        values
    }

    /// The field of a slot; where it is one of a choice, its element comes `chosen` times at least once it is taken.
    fn slot(&self, slot: &Slot, chosen: Option<u32>) -> (Shape, Option<Str>) {
        let item = slot.element.map_or(Shape::ANY, |id| self.element(id));
        let doc = slot.element.and_then(|id| self.model.elements[id].doc.clone());
        if !slot.is_list() {
            return (item, doc);
        }
        // What is taken is there: of none, another one may be.
        let min = Some(chosen.map_or(slot.min, |least| least.max(1)));
        let min = min.filter(|min| *min > 0).map(u64::from);
        let length = Length { min, max: slot.max.map(u64::from) };
        (Shape::of(Kind::List(Arc::new(List { item, length, unique: false }))), doc)
    }

    /// Text, or a record with the one element.
    fn mixed_item(&self, layout: &Layout) -> Shape {
        let field = |slot: &Slot| {
            Field::optional(slot.field.clone(), slot.element.map_or(Shape::ANY, |id| self.element(id)))
        };
        if layout.slots.is_empty() {
            return Shape::string();
        }
        let mut record = Record::new(layout.slots.iter().map(field).collect());
        let fields = layout.slots.iter().map(|slot| slot.field.clone()).collect();
        record.choices.push(Choice { name: "element".into(), fields, is_required: true });
        let element = Shape::of(Kind::Record(Arc::new(record)));
        let variants = vec![("text".into(), Shape::string()), ("element".into(), element)];
        Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })))
    }
}

fn tag_field((name, value): &Tag) -> Field {
    Field::required(name.clone(), Shape::of(Kind::Enum(Arc::from([Value::String(value.clone())]))))
}
