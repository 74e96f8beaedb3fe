//! Input types: what exactly one field is given of, and what could never be given (specification, section 3.10).

use super::{
    super::model::{Sort, Type, directive},
    Check,
    circles::circles,
};

impl Check<'_, '_, '_> {
    pub(super) fn one_of(&mut self, ty: &Type) {
        if directive(&ty.directives, "oneOf").is_none() {
            return;
        }
        for field in &ty.fields {
            if field.ty.is_non_null() {
                let message = format!(
                    "`{}` is not nullable, and only one field of `{}` is given",
                    field.name.text, ty.name.text
                );
                self.problems.bad(&field.ty.name.span, message, "remove the `!` at the end of the type");
            }
            if let Some(default) = &field.default {
                let message = format!(
                    "`{}` has a default, and only one field of `{}` is given",
                    field.name.text, ty.name.text
                );
                self.problems.bad(&default.span, message, "remove the default");
            }
        }
    }

    /// An input type that needs a value of itself can never be given.
    pub(super) fn input_circles(&mut self) {
        let needed = |at: usize| -> Vec<(usize, usize)> {
            let fields = self.model.types[at].fields.iter().enumerate();
            let needs = fields.filter(|(_, field)| field.ty.is_non_null() && !field.ty.has_list());
            let inputs =
                needs.filter_map(|(field, it)| Some((field, self.model.position(&it.ty.name.text)?)));
            inputs.filter(|(_, to)| self.model.types[*to].sort == Sort::Input).collect()
        };
        let is_input = |at: &usize| self.model.types[*at].sort == Sort::Input;
        let all = 0..self.model.types.len();
        let edges: Vec<_> = all.map(|at| if is_input(&at) { needed(at) } else { Vec::new() }).collect();
        for (at, field) in circles(&edges, |_| true) {
            let ty = &self.model.types[at];
            let field = &ty.fields[field];
            let message = format!(
                "`{}.{}` needs a value of `{}`, which can never end",
                ty.name.text, field.name.text, ty.name.text
            );
            self.problems.bad(&field.name.span, message, "make a field of the circle nullable, or a list");
        }
    }
}
