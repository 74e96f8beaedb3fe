//! Directives: where they may stand, with which arguments, and how often (specification, section 3.13).

use std::collections::{HashMap, HashSet};

use tenon_errors::nearest;

use super::{
    super::model::{Directive, DirectiveDefinition, Field, Name, Sort, Type, TypeRef, Wrap},
    Check,
    circles::circles,
};

/// Where a directive may stand.
const LOCATIONS: [&str; 19] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
];

/// A name, locations, and arguments with their types.
type BuiltIn = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

/// The directives that every schema has and that may stand in it: where, and with which arguments.
const BUILT_IN: [BuiltIn; 3] = [
    (
        "deprecated",
        &["FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"],
        &[("reason", "String")],
    ),
    ("specifiedBy", &["SCALAR"], &[("url", "String!")]),
    ("oneOf", &["INPUT_OBJECT"], &[]),
];

/// Directives by name.
type Known<'d> = HashMap<&'d str, Definition<'d>>;

/// A directive, with what it has by name.
struct Definition<'d> {
    locations: HashSet<&'d str>,
    arguments: HashMap<&'d str, &'d Field>,
    required: Vec<&'d Field>,
    is_repeatable: bool,
}

impl<'d> Definition<'d> {
    fn of(directive: &'d DirectiveDefinition) -> Self {
        Self {
            locations: directive.locations.iter().map(|it| it.text.as_str()).collect(),
            arguments: directive.arguments.iter().map(|it| (it.name.text.as_str(), it)).collect(),
            required: directive.arguments.iter().filter(|it| it.is_required()).collect(),
            is_repeatable: directive.is_repeatable,
        }
    }
}

impl<'m> Check<'m, '_, '_> {
    pub(super) fn directives(&mut self) {
        let model = self.model;
        for directive in &model.directives {
            self.defined(directive);
        }
        self.directive_circles();
        let built_in = definitions();
        let mut known: Known<'_> = HashMap::new();
        for directive in model.directives.iter().chain(&built_in) {
            known.entry(directive.name.text.as_str()).or_insert_with(|| Definition::of(directive));
        }
        let schema: Vec<&Directive> = model.schemas.iter().flat_map(|schema| &schema.directives).collect();
        self.applied(&schema, "SCHEMA", &known);
        for ty in &model.types {
            if self.problems.is_full() {
                return;
            }
            self.type_directives(ty, &known);
        }
        for argument in model.directives.iter().flat_map(|directive| &directive.arguments) {
            self.applied(&refs(&argument.directives), "ARGUMENT_DEFINITION", &known);
        }
    }

    fn type_directives(&mut self, ty: &Type, known: &Known<'_>) {
        let (location, of_fields) = match ty.sort {
            Sort::Scalar => ("SCALAR", ""),
            Sort::Object => ("OBJECT", "FIELD_DEFINITION"),
            Sort::Interface => ("INTERFACE", "FIELD_DEFINITION"),
            Sort::Union => ("UNION", ""),
            Sort::Enum => ("ENUM", "ENUM_VALUE"),
            Sort::Input => ("INPUT_OBJECT", "INPUT_FIELD_DEFINITION"),
        };
        self.applied(&refs(&ty.directives), location, known);
        for field in &ty.fields {
            self.applied(&refs(&field.directives), of_fields, known);
            for argument in &field.arguments {
                self.applied(&refs(&argument.directives), "ARGUMENT_DEFINITION", known);
            }
        }
        for value in &ty.values {
            self.applied(&refs(&value.directives), of_fields, known);
        }
    }

    fn defined(&mut self, directive: &'m DirectiveDefinition) {
        let path = format!("@{}", directive.name.text);
        self.distinct(directive.arguments.iter().map(|it| &it.name), "argument", &path);
        self.distinct(directive.locations.iter(), "location", &path);
        for argument in &directive.arguments {
            self.input_value(argument, &format!("{path}({})", argument.name.text));
        }
        for location in &directive.locations {
            if !LOCATIONS.contains(&location.text.as_str()) {
                let hint = match nearest(&location.text, LOCATIONS) {
                    Some(meant) => format!("write `{meant}`"),
                    None => "use a location of the specification, such as `FIELD_DEFINITION`".to_owned(),
                };
                self.problems.bad(&location.span, format!("there is no location `{}`", location.text), hint);
            }
        }
    }

    /// A directive that is used in its own definition, or in that of a type or directive that it uses.
    fn directive_circles(&mut self) {
        let (types, directives) = (&self.model.types, &self.model.directives);
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        for (at, directive) in directives.iter().enumerate() {
            numbers.entry(directive.name.text.as_str()).or_insert(types.len() + at);
        }
        let applied = |all: &[Directive], out: &mut Vec<(usize, usize)>| {
            out.extend(all.iter().filter_map(|it| numbers.get(it.name.text.as_str())).map(|to| (1, *to)));
        };
        let values = |all: &[Field], out: &mut Vec<(usize, usize)>| {
            for field in all {
                applied(&field.directives, out);
                out.extend(self.model.position(&field.ty.name.text).map(|to| (0, to)));
            }
        };
        let mut edges = vec![Vec::new(); types.len() + directives.len()];
        for (at, ty) in types.iter().enumerate().filter(|(_, ty)| ty.sort.is_input()) {
            applied(&ty.directives, &mut edges[at]);
            ty.values.iter().for_each(|value| applied(&value.directives, &mut edges[at]));
            values(&ty.fields, &mut edges[at]);
        }
        for (at, directive) in directives.iter().enumerate() {
            values(&directive.arguments, &mut edges[types.len() + at]);
        }
        // Types may lead to themselves; a circle that goes through a directive enters it by its use.
        for (at, _) in circles(&edges, |(_, to)| *to >= types.len()) {
            let name = at.checked_sub(types.len()).map_or_else(|| &types[at].name, |at| &directives[at].name);
            let message = format!("`{}` uses a directive that is defined by it", name.text);
            self.problems.bad(&name.span, message, "define the directive without it");
        }
    }

    fn applied(&mut self, directives: &[&Directive], location: &str, known: &Known<'_>) {
        let mut seen = HashSet::new();
        for directive in directives {
            let name = &directive.name;
            let Some(definition) = known.get(name.text.as_str()) else {
                let hint = match self.nearest(&name.text, known.keys().copied()) {
                    Some(meant) => format!("write `@{meant}`"),
                    None => format!("define it: `directive @{} on {location}`", name.text),
                };
                self.problems.bad(&name.span, format!("there is no directive `@{}`", name.text), hint);
                continue;
            };
            if !seen.insert(name.text.as_str()) && !definition.is_repeatable {
                let message = format!("`@{}` appears twice here and is not repeatable", name.text);
                self.problems.bad(&name.span, message, "keep one of them");
            }
            if !definition.locations.contains(location) {
                let mut places: Vec<_> = definition.locations.iter().copied().collect();
                places.sort_unstable();
                let message =
                    format!("`@{}` is not allowed on {location}, only on {}", name.text, places.join(", "));
                self.problems.bad(&name.span, message, "remove it, or allow the location in its definition");
            }
            self.given(directive, definition);
        }
    }

    fn given(&mut self, directive: &Directive, definition: &Definition<'_>) {
        let mut seen = HashSet::new();
        for (name, constant) in &directive.arguments {
            let Some(argument) = definition.arguments.get(name.text.as_str()) else {
                let message = format!("`@{}` has no argument `{}`", directive.name.text, name.text);
                let known = self.nearest(&name.text, definition.arguments.keys().copied());
                let hint = known.map_or("remove it".to_owned(), |known| format!("write `{known}`"));
                self.problems.bad(&name.span, message, hint);
                continue;
            };
            if !seen.insert(name.text.as_str()) {
                self.problems.bad(&name.span, format!("`{}` is given twice", name.text), "give it once");
            }
            if let Err((span, message)) = self.fits(constant, &argument.ty.name.text, &argument.ty.wraps) {
                let message = format!("`{}` of `@{}`: {message}", name.text, directive.name.text);
                self.problems.bad(&span, message, format!("give a value of {}", argument.ty));
            }
        }
        let missing = definition.required.iter().filter(|it| !seen.contains(it.name.text.as_str()));
        for missing in missing {
            let message =
                format!("`@{}` does not have its argument `{}`", directive.name.text, missing.name.text);
            self.problems.bad(&directive.name.span, message, format!("give a value of {}", missing.ty));
        }
    }
}

fn refs(directives: &[Directive]) -> Vec<&Directive> {
    directives.iter().collect()
}

fn definitions() -> Vec<DirectiveDefinition> {
    let name = |text: &str| Name { text: text.to_owned(), span: 0..0 };
    let argument = |(argument, ty): &(&str, &str)| Field {
        doc: None,
        name: name(argument),
        arguments: Vec::new(),
        ty: TypeRef {
            name: name(ty.trim_end_matches('!')),
            wraps: if ty.ends_with('!') { vec![Wrap::NonNull] } else { Vec::new() },
        },
        default: None,
        directives: Vec::new(),
    };
    let define = |(directive, locations, arguments): &BuiltIn| DirectiveDefinition {
        name: name(directive),
        arguments: arguments.iter().map(argument).collect(),
        is_repeatable: false,
        locations: locations.iter().map(|it| name(it)).collect(),
    };
    BUILT_IN.iter().map(define).collect()
}
