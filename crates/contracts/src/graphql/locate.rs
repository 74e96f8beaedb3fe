//! Where a file says what stands at a path of the values of one of its types.

use tenon_errors::Place;

use super::{
    model::{Model, Sort, Span, Type},
    read,
};
use crate::{
    format::Source,
    problems::{Problems, Text},
};

/// The place of what `path` leads to in the type `name`; that of the nearest part around it, where it leads no further.
pub(super) fn locate(source: &Source<'_>, name: &str, path: &str) -> Option<Place> {
    let text = Text::new(source.file, source.text);
    let (model, _) = Model::of(read::document(source.text, &mut Problems::new(&text)));
    let ty = model.get(name)?;
    let mut found = &ty.name.span;
    let mut types = vec![ty];
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let field = step.trim_end_matches("[]");
        let all: Vec<&Type> = types.iter().flat_map(|ty| alternatives(&model, ty)).collect();
        let Some((span, next)) = all.iter().find_map(|ty| inside(&model, ty, field)) else { break };
        found = span;
        types = model.get(next).into_iter().collect();
    }
    Some(text.place(found))
}

/// The field `field` of a type, and the type that it has.
fn inside<'m>(model: &'m Model, ty: &Type, field: &str) -> Option<(&'m Span, &'m str)> {
    let field = model.field(model.position(&ty.name.text)?, field)?;
    Some((&field.name.span, &field.ty.name.text))
}

/// What values of a type may be: of a union and an interface, the object types as well.
fn alternatives<'m>(model: &'m Model, ty: &'m Type) -> Vec<&'m Type> {
    let mut all = vec![ty];
    match ty.sort {
        Sort::Union => all.extend(ty.members.iter().filter_map(|member| model.get(&member.text))),
        Sort::Interface => {
            all.extend(model.types.iter().filter(|it| model.implements(&it.name.text, &ty.name.text)));
        }
        _ => {}
    }
    all
}
