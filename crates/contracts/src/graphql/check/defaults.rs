//! Defaults that lead to themselves: filling one in would never end (specification, `InputObjectDefaultValueHasCycle`).

use std::collections::HashMap;

use super::{
    super::model::{Constant, Form, Sort},
    Check,
    circles::circles,
};

/// The most fields that the defaults of a file fill in.
const MOST_FILLED: usize = 2_000_000;

impl Check<'_, '_, '_> {
    /// The default of a field fills in the defaults of the fields that it leaves out, which may be objects in turn.
    pub(super) fn default_circles(&mut self) {
        let mut numbers: HashMap<(usize, usize), usize> = HashMap::new();
        let (mut fields, mut count) = (Vec::new(), 0);
        for (at, ty) in self.model.types.iter().enumerate().filter(|(_, ty)| ty.sort == Sort::Input) {
            for (position, field) in ty.fields.iter().enumerate().filter(|(_, field)| field.default.is_some())
            {
                numbers.insert((at, position), fields.len());
                fields.push((at, position, field));
            }
        }
        let edges: Vec<Vec<(usize, usize)>> = fields
            .iter()
            .map_while(|(.., field)| {
                let mut filled = Vec::new();
                if let Some(default) = &field.default {
                    self.filled(default, &field.ty.name.text, &mut filled);
                }
                count += filled.len();
                let edges = filled.iter().filter_map(|it| numbers.get(it)).map(|to| (0, *to)).collect();
                (count <= MOST_FILLED).then_some(edges)
            })
            .collect();
        if edges.len() < fields.len() {
            let field = fields[edges.len()].2;
            let message = format!("the defaults of the file fill in more than {MOST_FILLED} fields");
            self.problems.bad(&field.name.span, message, "name more fields in the defaults");
            return;
        }
        for (at, _) in circles(&edges, |_| true) {
            let (ty, _, field) = fields[at];
            let message = format!(
                "the default of `{}.{}` fills in itself, which never ends",
                self.model.types[ty].name.text, field.name.text
            );
            self.problems.bad(&field.name.span, message, "name every field with a default in the default");
        }
    }

    /// The fields whose defaults `constant`, of the type `name`, leaves to be filled in.
    fn filled(&self, constant: &Constant, name: &str, out: &mut Vec<(usize, usize)>) {
        if out.len() > MOST_FILLED {
            return;
        }
        match &constant.form {
            Form::List(items) => items.iter().for_each(|item| self.filled(item, name, out)),
            Form::Object(given) => {
                let Some(at) = self.model.position(name) else { return };
                let given: HashMap<&str, &Constant> =
                    given.iter().map(|(name, constant)| (name.text.as_str(), constant)).collect();
                for (position, field) in self.model.types[at].fields.iter().enumerate() {
                    match given.get(field.name.text.as_str()) {
                        Some(constant) => self.filled(constant, &field.ty.name.text, out),
                        None => out.push((at, position)),
                    }
                }
            }
            _ => {}
        }
    }
}
