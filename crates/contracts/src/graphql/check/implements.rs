//! Types have what their interfaces promise (specification, section 3.6, `IsValidImplementation`).

use std::collections::{HashMap, HashSet};

use super::{
    super::model::{Field, Name, Sort, Type, TypeRef, Wrap, directive},
    Check,
};

impl<'m> Check<'m, '_, '_> {
    pub(super) fn implements(&mut self, ty: &'m Type) {
        if ty.interfaces.is_empty() {
            return;
        }
        self.distinct(ty.interfaces.iter(), "interface", &ty.name.text);
        let own = self.model.position(&ty.name.text).unwrap_or_default();
        for name in &ty.interfaces {
            if name.text == ty.name.text {
                let message = format!("`{}` implements itself", name.text);
                self.problems.bad(&name.span, message, "remove it from `implements`");
                continue;
            }
            match self.model.get(&name.text) {
                Some(interface) if interface.sort == Sort::Interface => {
                    self.inherits(ty, interface, name);
                    self.promises(ty, own, interface, name);
                }
                Some(other) => {
                    let message = format!("`{}` is {}, and no interface", name.text, other.sort.called());
                    self.problems.bad(&name.span, message, "name an interface");
                }
                None => self.unknown(name),
            }
        }
    }

    /// What an interface implements is implemented as well.
    fn inherits(&mut self, ty: &Type, interface: &Type, at: &Name) {
        for above in &interface.interfaces {
            if above.text == ty.name.text {
                let message = format!("`{}` implements itself through `{}`", ty.name.text, at.text);
                self.problems.bad(&at.span, message, "break the circle");
            } else if !self.model.implements(&ty.name.text, &above.text) {
                let message = format!(
                    "`{}` does not implement `{}`, which `{}` implements",
                    ty.name.text, above.text, at.text
                );
                self.problems.bad(&at.span, message, format!("add `& {}`", above.text));
            }
        }
    }

    fn promises(&mut self, ty: &Type, own: usize, interface: &Type, at: &Name) {
        for promised in &interface.fields {
            if self.problems.is_full() {
                return;
            }
            let path = format!("{}.{}", interface.name.text, promised.name.text);
            let Some(field) = self.model.field(own, &promised.name.text) else {
                let message = format!(
                    "`{}` does not have the field `{}` of `{}`",
                    ty.name.text, promised.name.text, at.text
                );
                self.problems.bad(
                    &at.span,
                    message,
                    format!("add `{}: {}`", promised.name.text, promised.ty),
                );
                continue;
            };
            if !self.is_covariant(&field.ty, &promised.ty) {
                let message =
                    format!("`{}` is {}, and `{path}` is {}", field.name.text, field.ty, promised.ty);
                self.problems.bad(&field.ty.name.span, message, "use the same type, or a narrower one");
            }
            self.arguments(field, promised, &path);
            let deprecated = directive(&field.directives, "deprecated");
            if let Some(deprecated) =
                deprecated.filter(|_| directive(&promised.directives, "deprecated").is_none())
            {
                self.early.push((deprecated.name.span.clone(), path));
            }
        }
    }

    fn arguments(&mut self, field: &Field, promised: &Field, path: &str) {
        let given: HashMap<&str, &Field> =
            field.arguments.iter().map(|argument| (argument.name.text.as_str(), argument)).collect();
        let known: HashSet<&str> =
            promised.arguments.iter().map(|argument| argument.name.text.as_str()).collect();
        for wanted in &promised.arguments {
            match given.get(wanted.name.text.as_str()) {
                None => {
                    let message = format!(
                        "`{}` does not have the argument `{}` of `{path}`",
                        field.name.text, wanted.name.text
                    );
                    self.problems.bad(
                        &field.name.span,
                        message,
                        format!("add `{}: {}`", wanted.name.text, wanted.ty),
                    );
                }
                Some(argument) if argument.ty.to_string() != wanted.ty.to_string() => {
                    let message = format!(
                        "the argument `{}` is {}, and {} in `{path}`",
                        wanted.name.text, argument.ty, wanted.ty
                    );
                    self.problems.bad(&argument.ty.name.span, message, "use the same type");
                }
                Some(_) => {}
            }
        }
        for argument in field.arguments.iter().filter(|argument| !known.contains(argument.name.text.as_str()))
        {
            if argument.is_required() {
                let message = format!(
                    "the argument `{}` is required, and `{path}` does not have it",
                    argument.name.text
                );
                self.problems.bad(&argument.name.span, message, "make it nullable, or give it a default");
            }
        }
    }

    /// Whether every value of `ty` is one of `promised`.
    fn is_covariant(&self, ty: &TypeRef, promised: &TypeRef) -> bool {
        let (mut own, mut other) = (&ty.wraps[..], &promised.wraps[..]);
        loop {
            match (own, other) {
                ([a @ .., Wrap::NonNull], [b @ .., Wrap::NonNull])
                | ([a @ .., Wrap::List], [b @ .., Wrap::List]) => {
                    (own, other) = (a, b);
                }
                ([a @ .., Wrap::NonNull], b) => (own, other) = (a, b),
                ([], []) => return self.is_subtype(&ty.name.text, &promised.name.text),
                _ => return false,
            }
        }
    }

    fn is_subtype(&self, name: &str, above: &str) -> bool {
        if name == above {
            return true;
        }
        let (Some(ty), Some(super_type)) = (self.model.get(name), self.model.get(above)) else {
            return false;
        };
        match super_type.sort {
            Sort::Union => ty.sort == Sort::Object && self.model.has(above, name),
            Sort::Interface => self.model.implements(name, above),
            _ => false,
        }
    }
}
