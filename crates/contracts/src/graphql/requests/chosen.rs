//! What is asked for of a field of a root type where no project says it: all scalars and enumerations, and what is in objects, as far as
//! nothing has to be given for it, no type is in itself, and the whole remains small.

use std::collections::HashMap;

use crate::graphql::{
    TYPE_NAME,
    model::{BUILT_IN, Field, Model, Operation, Sort, Type},
};

/// The deepest that objects are gone into: less deep where that would be more fields than these.
const DEPTH: usize = 3;
const MOST: usize = 300;

/// An operation that asks for one field of a root type.
pub(super) struct Choice<'m> {
    pub(super) field: &'m Field,
    /// The operation in GraphQL, or why it cannot be asked for.
    pub(super) written: Result<String, String>,
}

/// One for each field of the root types.
pub(super) fn all(model: &Model) -> Vec<Choice<'_>> {
    let mut all = Vec::new();
    for (operation, root) in model.roots() {
        let fields = model.get(&root).map(|ty| &ty.fields[..]).unwrap_or_default();
        all.extend(fields.iter().map(|field| Choice { field, written: written(model, operation, field) }));
    }
    all
}

fn written(model: &Model, operation: Operation, field: &Field) -> Result<String, String> {
    let name = &field.name.text;
    if operation == Operation::Subscription {
        return Err(format!("the subscription `{name}` is a stream, which is not called"));
    }
    let selected = (1..=DEPTH).rev().map(|depth| of_type(model, &field.ty.name.text, depth));
    let selected = selected.into_iter().find(|it| it.as_ref().is_none_or(|it| it.count <= MOST)).flatten();
    let selected = match selected {
        Some(selected) if selected.count > 0 => format!(" {{ {} }}", selected.text),
        Some(_) => String::new(),
        None => {
            let ty = &field.ty.name.text;
            return Err(format!(
                "of `{name}`, which is `{ty}`, nothing can be asked for without being told what"
            ));
        }
    };
    let takes: Vec<_> = field.arguments.iter().map(variable).collect();
    let gives: Vec<_> = field.arguments.iter().map(|it| format!("{0}: ${0}", it.name.text)).collect();
    let parenthesised = |parts: &[String]| match parts.is_empty() {
        true => String::new(),
        false => format!("({})", parts.join(", ")),
    };
    let (takes, gives) = (parenthesised(&takes), parenthesised(&gives));
    Ok(format!("{} {name}{takes} {{ {name}{gives}{selected} }}", operation.word()))
}

/// An argument with a default may be left out, as the service fills it in.
fn variable(argument: &Field) -> String {
    let ty = argument.ty.to_string();
    let ty = if argument.default.is_some() { ty.trim_end_matches('!') } else { &ty };
    format!("${}: {ty}", argument.name.text)
}

/// What is asked for of a type; nothing of a scalar.
struct Chosen<'m> {
    text: String,
    count: usize,
    /// The field that it is, where it is one.
    of: Option<&'m Field>,
}

/// What is asked for of the type `name`; `None` where that cannot be said.
fn of_type<'m>(model: &'m Model, name: &str, depth: usize) -> Option<Chosen<'m>> {
    inside(model, name, depth, &mut Vec::new())
}

fn inside<'m>(
    model: &'m Model,
    name: &str,
    depth: usize,
    on_the_way: &mut Vec<&'m str>,
) -> Option<Chosen<'m>> {
    let Some(ty) = model.get(name).filter(|ty| !matches!(ty.sort, Sort::Scalar | Sort::Enum)) else {
        return (model.get(name).is_some() || BUILT_IN.contains(&name)).then(|| Chosen {
            text: String::new(),
            count: 0,
            of: None,
        });
    };
    if depth == 0 || on_the_way.contains(&ty.name.text.as_str()) {
        return None;
    }
    on_the_way.push(&ty.name.text);
    let mut parts = fields(model, ty, depth, on_the_way);
    if matches!(ty.sort, Sort::Interface | Sort::Union) {
        parts.insert(0, Chosen { text: TYPE_NAME.to_owned(), count: 1, of: None });
        // Of fields that are called alike, and are not, the first counts: no answer could have both.
        let mut types: HashMap<&str, String> = HashMap::new();
        for object in model.possible(name).into_iter().filter_map(|name| model.get(name)) {
            let mut own = fields(model, object, depth, on_the_way);
            own.retain(|it| {
                let ty = it.of.map(|field| (field.name.text.as_str(), field.ty.to_string()));
                let is_alike =
                    ty.is_none_or(|(name, ty)| *types.entry(name).or_insert_with(|| ty.clone()) == ty);
                is_alike && !parts.iter().any(|common| common.text == it.text)
            });
            if let Some(own) = joined(own) {
                parts.push(Chosen { text: format!("... on {} {{ {} }}", object.name.text, own.text), ..own });
            }
        }
    }
    on_the_way.pop();
    joined(parts)
}

/// What is asked for of the fields of a type, where nothing has to be given for them.
fn fields<'m>(
    model: &'m Model,
    ty: &'m Type,
    depth: usize,
    on_the_way: &mut Vec<&'m str>,
) -> Vec<Chosen<'m>> {
    let mut parts = Vec::new();
    let free = ty.fields.iter().filter(|field| !field.arguments.iter().any(Field::is_required));
    for field in free {
        let Some(chosen) = inside(model, &field.ty.name.text, depth - 1, on_the_way) else { continue };
        let name = &field.name.text;
        let text = if chosen.count == 0 { name.clone() } else { format!("{name} {{ {} }}", chosen.text) };
        parts.push(Chosen { text, count: chosen.count + 1, of: Some(field) });
        // More than enough to know that it is too much.
        if parts.iter().map(|it| it.count).sum::<usize>() > MOST {
            break;
        }
    }
    parts
}

fn joined<'m>(parts: Vec<Chosen<'m>>) -> Option<Chosen<'m>> {
    let count = parts.iter().map(|it| it.count).sum();
    let text = parts.into_iter().map(|it| it.text).collect::<Vec<_>>().join(" ");
    (count > 0).then_some(Chosen { text, count, of: None })
}
