//! Names: each once, and none that belongs to introspection.

use std::collections::HashSet;

use super::{
    super::model::{BUILT_IN, Field, Name},
    Check,
};

impl<'m> Check<'m, '_, '_> {
    pub(super) fn names(&mut self) {
        let model = self.model;
        self.distinct(model.types.iter().map(|ty| &ty.name), "type", "the file");
        self.distinct(model.directives.iter().map(|it| &it.name), "directive", "the file");
        for ty in &model.types {
            if BUILT_IN.contains(&ty.name.text.as_str()) {
                let message = format!("`{}` is built in, and is defined here", ty.name.text);
                self.problems.bad(&ty.name.span, message, "remove the definition, or choose another name");
            }
            self.plain(&ty.name);
            ty.fields.iter().for_each(|field| self.field_names(field));
            ty.values.iter().for_each(|value| self.plain(&value.name));
        }
        for directive in &model.directives {
            self.plain(&directive.name);
            directive.arguments.iter().for_each(|argument| self.plain(&argument.name));
        }
    }

    fn field_names(&mut self, field: &Field) {
        self.plain(&field.name);
        field.arguments.iter().for_each(|argument| self.plain(&argument.name));
    }

    fn plain(&mut self, name: &Name) {
        if name.text.starts_with("__") {
            let message = format!("`{}` begins with `__`, as only names of introspection do", name.text);
            self.problems.bad(&name.span, message, "choose another name");
        }
    }

    /// No two of `names`, which are `what` of `owner`, are equal.
    pub(super) fn distinct<'n>(&mut self, names: impl Iterator<Item = &'n Name>, what: &str, owner: &str) {
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name.text.as_str()) {
                let message = format!("{owner} has the {what} `{}` twice", name.text);
                self.problems.bad(&name.span, message, format!("keep one {what} of this name"));
            }
        }
    }
}
