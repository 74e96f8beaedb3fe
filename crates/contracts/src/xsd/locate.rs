//! Where a schema declares what is at a path in the values of one of its types, in whichever of its files that is.

use tenon_errors::Place;

use super::{
    Document, Top,
    layout::Body,
    model::{ComplexId, Content, ElementId, Type},
    shapes::Shapes,
};
use crate::format::Sought;

/// The place of what `path` leads to in the type at `position` of those of the file; that of the nearest part around it, where it
/// leads no further.
pub(super) fn locate(document: &Document, position: usize, path: &str, sought: Sought) -> Option<Place> {
    let walk = Walk { shapes: &document.shapes };
    let (mut field, mut next) = match document.tops.get(position)? {
        Top::Element(id) => (walk.declared(*id), Next::Element(*id)),
        Top::Type(of) => (walk.place_of(of)?, Next::Type(of.clone())),
    };
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let name = step.trim_end_matches("[]");
        let Some(found) = walk.types(&next).into_iter().find_map(|id| walk.field(id, name)) else {
            // The value of an element that has no fields to stand beside its tag.
            if name == "value" && matches!(next, Next::Element(_)) {
                continue;
            }
            break;
        };
        (field, next) = found;
    }
    let said = (sought == Sought::Value).then(|| walk.said(&next, &field)).flatten();
    Some(said.unwrap_or(field))
}

/// What a path has come to.
enum Next {
    Element(ElementId),
    Type(Type),
    /// The items of mixed content.
    Mixed(ComplexId),
}

struct Walk<'d> {
    shapes: &'d Shapes,
}

impl Walk<'_> {
    fn declared(&self, id: ElementId) -> Place {
        self.shapes.model.elements[id].place.clone()
    }

    fn place_of(&self, of: &Type) -> Option<Place> {
        match of {
            Type::Any => None,
            Type::Simple(simple) => simple.origin.place.clone(),
            Type::Complex(id) => Some(self.shapes.model.complex[*id].place.clone()),
        }
    }

    /// The complex types that values may have here: also those of what stands for an element, and those derived from a type.
    fn types(&self, next: &Next) -> Vec<ComplexId> {
        let model = &self.shapes.model;
        let mut found = Vec::new();
        let mut add = |of: &Type| {
            if let Type::Complex(id) = of {
                found.push(*id);
                found.extend(model.variants(*id).iter().copied());
            }
        };
        match next {
            Next::Element(id) => {
                add(&model.elements[*id].of);
                model.substitutes(*id).iter().for_each(|member| add(&model.elements[*member].of));
            }
            Next::Type(of) => add(of),
            Next::Mixed(id) => found.push(*id),
        }
        found
    }

    /// Where a type has the field `name`, and what that holds.
    fn field(&self, id: ComplexId, name: &str) -> Option<(Place, Next)> {
        let (complex, layout) = (&self.shapes.model.complex[id], &self.shapes.layouts[id]);
        let mut attributes = complex.attributes.iter().zip(&layout.attributes);
        if let Some((attribute, _)) = attributes.find(|(_, field)| *field == name) {
            return Some((attribute.place.clone(), Next::Type(Type::Simple(attribute.of.clone()))));
        }
        match &layout.body {
            Body::Text(field) if field == name => {
                let Content::Text(simple) = &complex.content else { return None };
                return Some((complex.place.clone(), Next::Type(Type::Simple(simple.clone()))));
            }
            Body::Mixed(field) if field == name => return Some((complex.place.clone(), Next::Mixed(id))),
            _ => {}
        }
        let slot = layout.slots.iter().position(|slot| slot.field == name)?;
        let Content::Elements(content) = &complex.content else { return None };
        let (mut leaf, mut found) = (0, None);
        content.for_each_leaf(&mut |particle| {
            if layout.leaves[leaf].slot == slot && found.is_none() {
                found = Some(particle.place.clone());
            }
            leaf += 1;
        });
        let element = layout.slots[slot].element;
        Some((found?, element.map_or(Next::Type(Type::Any), Next::Element)))
    }

    /// Where it is said what stands there, if that is in another file than `field`: the element that is referred to, or its type.
    fn said(&self, next: &Next, field: &Place) -> Option<Place> {
        let (declared, of) = match next {
            Next::Element(id) => {
                (Some(self.declared(*id)), self.place_of(&self.shapes.model.elements[*id].of))
            }
            Next::Type(of) => (None, self.place_of(of)),
            Next::Mixed(_) => (None, None),
        };
        // What everybody knows of a namespace is no file of the project.
        let is_elsewhere = |place: &Place| place.file != field.file && !super::read::is_known(&place.file);
        of.filter(is_elsewhere).or_else(|| declared.filter(is_elsewhere))
    }
}
