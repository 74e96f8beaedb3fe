//! Whether what an answer calls by one name has one form, whichever type the value is of (specification, section 5.3.2, `SameResponseShape`).

use std::collections::HashMap;

use crate::graphql::{
    TYPE_NAME,
    model::{Field, Model, Sort, Span, Wrap},
    requests::model::{Executable, Selected, Selection},
};

/// A field that is asked for, as the type that is asked has it; nothing for `__typename`.
type Asked<'m> = (&'m Selected, Option<&'m Field>);

/// What is called alike and is not, where, in `selections` of the type `of`, which have been checked otherwise.
pub(super) fn unlike(
    model: &Model,
    executable: &Executable,
    selections: &[Selection],
    of: &str,
    most: usize,
) -> Option<(Span, String)> {
    let mut walk = Walk { model, executable, left: most };
    let mut asked = Vec::new();
    walk.flatten(selections, of, &mut asked);
    walk.compare(asked)
}

struct Walk<'m> {
    model: &'m Model,
    executable: &'m Executable,
    /// So many fields are still looked at: what would be more is refused elsewhere.
    left: usize,
}

impl<'m> Walk<'m> {
    /// Everything that is asked for, of whatever type.
    fn flatten(&mut self, selections: &'m [Selection], of: &str, asked: &mut Vec<Asked<'m>>) {
        for selection in selections {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            match selection {
                Selection::Field(selected) => {
                    let at = self.model.position(of);
                    asked.push((selected, at.and_then(|at| self.model.field(at, &selected.name.text))));
                }
                Selection::Inline { on, selections, .. } => {
                    self.flatten(selections, on.as_ref().map_or(of, |on| &on.text), asked);
                }
                Selection::Spread { name, .. } => {
                    if let Some(fragment) = self.executable.fragment(&name.text) {
                        self.flatten(&fragment.selections, &fragment.on.text, asked);
                    }
                }
            }
        }
    }

    fn compare(&mut self, asked: Vec<Asked<'m>>) -> Option<(Span, String)> {
        let mut by_key: HashMap<&str, Vec<Asked<'m>>> = HashMap::new();
        let mut keys = Vec::new();
        for one in asked {
            let key = one.0.key.text.as_str();
            let alike = by_key.entry(key).or_default();
            if alike.is_empty() {
                keys.push(key);
            }
            alike.push(one);
        }
        keys.into_iter().find_map(|key| {
            let alike = by_key.remove(key).unwrap_or_default();
            let unlike = alike.iter().find(|one| !self.is_alike(&alike[0], one));
            if let Some(unlike) = unlike {
                let (one, other) = (written(&alike[0]), written(unlike));
                let message = format!("the answer has `{key}` as {one} and as {other}");
                return Some((unlike.0.key.span.clone(), message));
            }
            let mut inside = Vec::new();
            for (selected, field) in alike {
                if let Some(field) = field {
                    self.flatten(&selected.selections, &field.ty.name.text, &mut inside);
                }
            }
            self.compare(inside)
        })
    }

    /// Whether both are lists or not, may be null or not, and are the same where they have no fields.
    fn is_alike(&self, one: &Asked<'_>, other: &Asked<'_>) -> bool {
        let (one_type, other_type) = (form(one), form(other));
        let has_fields =
            |name: &str| matches!(self.model.sort(name), Some(Sort::Object | Sort::Interface | Sort::Union));
        one_type.1 == other_type.1
            && (one_type.0 == other_type.0 || has_fields(one_type.0) && has_fields(other_type.0))
    }
}

/// The type, and what is around it.
fn form<'a>((selected, field): &Asked<'a>) -> (&'a str, &'a [Wrap]) {
    match field {
        Some(field) => (&field.ty.name.text, &field.ty.wraps),
        None if selected.name.text == TYPE_NAME => ("String", &[Wrap::NonNull]),
        None => ("", &[]),
    }
}

fn written(asked: &Asked<'_>) -> String {
    asked.1.map_or_else(|| "String!".to_owned(), |field| field.ty.to_string())
}
