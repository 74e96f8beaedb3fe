//! Whether constants fit their types, by the rules of input coercion (specification, section 3.5 to 3.12).

use std::collections::HashSet;

use tenon_errors::catalogue::contract::BAD_DEFAULT;

use super::{
    super::model::{Constant, Form, Sort, Span, Type, TypeRef, Wrap, directive},
    Check,
};

impl Check<'_, '_, '_> {
    /// The default of what is at `path`, which is of type `ty`.
    pub(super) fn default(&mut self, default: &Constant, ty: &TypeRef, path: &str) {
        if let Err((span, message)) = self.fits(default, &ty.name.text, &ty.wraps) {
            let message = format!("the default of `{path}` does not fit {ty}: {message}");
            self.problems.add(&BAD_DEFAULT, &span, message, "correct the default, or the type");
        }
    }

    /// Whether `constant` is a value of `name` in `wraps`; what is wrong where, if not.
    pub(super) fn fits(&self, constant: &Constant, name: &str, wraps: &[Wrap]) -> Result<(), (Span, String)> {
        let wrong = |message: &str| Err((constant.span.clone(), message.to_owned()));
        match (wraps, &constant.form) {
            (wraps, Form::Variable(variable)) => match self.fits_variable(variable, name, wraps) {
                Ok(()) => Ok(()),
                Err(message) => wrong(&message),
            },
            ([.., Wrap::NonNull], Form::Null) => wrong("it is null"),
            ([inner @ .., Wrap::NonNull], _) => self.fits(constant, name, inner),
            (_, Form::Null) => Ok(()),
            ([inner @ .., Wrap::List], Form::List(items)) => {
                items.iter().try_for_each(|item| self.fits(item, name, inner))
            }
            // A value that is no list stands for a list of it.
            ([inner @ .., Wrap::List], _) => self.fits(constant, name, inner),
            ([], form) => match self.model.get(name) {
                None => match built_in(name, form) {
                    Some(message) => wrong(message),
                    None => Ok(()),
                },
                Some(ty) => self.fits_defined(constant, ty),
            },
        }
    }

    fn fits_defined(&self, constant: &Constant, ty: &Type) -> Result<(), (Span, String)> {
        let wrong = |message: String| Err((constant.span.clone(), message));
        match (ty.sort, &constant.form) {
            (Sort::Enum, Form::Enum(name)) if self.model.has(&ty.name.text, name) => Ok(()),
            (Sort::Enum, Form::Enum(name)) => {
                let known = self.nearest(name, ty.values.iter().map(|value| value.name.text.as_str()));
                let meant = known.map(|known| format!(", but `{known}`")).unwrap_or_default();
                wrong(format!("`{}` has no value `{name}`{meant}", ty.name.text))
            }
            (Sort::Enum, _) => wrong(format!("it is not a value of `{}`", ty.name.text)),
            (Sort::Input, Form::Object(given)) => self.fits_object(constant, given, ty),
            (Sort::Input, _) => wrong(format!("it is not an object of `{}`", ty.name.text)),
            // What a custom scalar takes, only its service knows; other kinds are refused where they are named.
            _ => Ok(()),
        }
    }

    fn fits_object(
        &self,
        whole: &Constant,
        given: &[(super::Name, Constant)],
        ty: &Type,
    ) -> Result<(), (Span, String)> {
        let fields = self.model.input(&ty.name.text);
        let mut seen = HashSet::new();
        for (name, constant) in given {
            let Some(field) = fields.and_then(|fields| fields.get(&name.text)) else {
                return Err((name.span.clone(), format!("`{}` has no field `{}`", ty.name.text, name.text)));
            };
            if !seen.insert(name.text.as_str()) {
                return Err((name.span.clone(), format!("`{}` is given twice", name.text)));
            }
            self.fits(constant, &field.ty.name.text, self.wanted(field, constant))?;
        }
        let mut required = self.required.get(ty.name.text.as_str()).into_iter().flatten();
        let missing = required.find(|field| !seen.contains(field.name.text.as_str()));
        if let Some(missing) = missing {
            return Err((
                whole.span.clone(),
                format!("it does not have the required `{}`", missing.name.text),
            ));
        }
        if directive(&ty.directives, "oneOf").is_some() {
            match given {
                [(_, only)] if self.is_given(only) => {}
                _ => {
                    return Err((
                        whole.span.clone(),
                        format!("`{}` takes exactly one field, not null", ty.name.text),
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Check<'_, '_, '_> {
    /// Whether `constant` is certainly not null.
    fn is_given(&self, constant: &Constant) -> bool {
        match &constant.form {
            Form::Variable(name) => {
                self.variables.get(name.as_str()).is_some_and(|variable| variable.ty.is_non_null())
            }
            form => !matches!(form, Form::Null),
        }
    }
}

/// Why `form` is not a value of a scalar that is built in.
fn built_in(name: &str, form: &Form) -> Option<&'static str> {
    match (name, form) {
        ("Int", Form::Int(digits)) => digits.parse::<i32>().is_err().then_some("it is beyond 32 bits"),
        ("Int", _) => Some("it is not an integer"),
        ("Float", Form::Int(digits) | Form::Float(digits)) => {
            (!digits.parse::<f64>().is_ok_and(f64::is_finite)).then_some("it is beyond what a double holds")
        }
        ("Float", _) => Some("it is not a number"),
        ("String", form) => (!matches!(form, Form::Text(_))).then_some("it is not a text"),
        ("Boolean", form) => (!matches!(form, Form::Bool(_))).then_some("it is not `true` or `false`"),
        ("ID", form) => {
            (!matches!(form, Form::Text(_) | Form::Int(_))).then_some("it is neither a text nor an integer")
        }
        _ => None,
    }
}
