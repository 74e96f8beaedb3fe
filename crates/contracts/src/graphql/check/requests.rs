//! Whether operations ask a schema for what it has (specification, section 5).

use std::collections::HashSet;

use crate::{
    graphql::{
        TYPE_NAME,
        model::{BUILT_IN, Constant, Directive, Field, Form, Model, Name, Operation, Sort, Span, Wrap},
        requests::model::{Executable, Requested, Selected, Selection},
    },
    problems::Problems,
};

use super::{Check, alike, required};

/// The most selections of one operation, with those of its fragments.
const MOST: usize = 10_000;

/// Checks the operations of `executable` against `model`.
pub(in crate::graphql) fn check(model: &Model, executable: &Executable, problems: &mut Problems<'_>) {
    let mut names = HashSet::new();
    for fragment in &executable.fragments {
        if !names.insert(fragment.name.text.as_str()) {
            let message = format!("the fragment `{}` is defined twice", fragment.name.text);
            problems.bad(&fragment.name.span, message, "name one of them otherwise");
        }
    }
    let mut reached = HashSet::new();
    let mut names = HashSet::new();
    for request in &executable.operations {
        match &request.name {
            None => {
                let span = request.span.start..request.span.start + 1;
                problems.bad(&span, "the operation has no name", "write `query getOrder { … }`");
            }
            Some(name) if !names.insert(name.text.as_str()) => {
                let message = format!("the operation `{}` is defined twice", name.text);
                problems.bad(&name.span, message, "name one of them otherwise");
            }
            Some(_) => {}
        }
        let variables =
            request.variables.iter().map(|variable| (variable.name.text.as_str(), variable)).collect();
        let check = Check { model, problems, required: required(model), early: Vec::new(), variables };
        let mut asking = Asking { check, executable, used: HashSet::new(), spread: Vec::new(), seen: 0 };
        asking.request(request, &mut reached);
    }
    for fragment in &executable.fragments {
        if !reached.contains(fragment.name.text.as_str()) {
            let message = format!("no operation uses the fragment `{}`", fragment.name.text);
            problems.bad(&fragment.name.span, message, "remove it, or write it where it is meant");
        }
    }
}

struct Asking<'m, 'p, 'r> {
    check: Check<'m, 'p, 'r>,
    executable: &'m Executable,
    /// The variables that something is made of.
    used: HashSet<String>,
    /// The fragments that are being gone through.
    spread: Vec<&'m str>,
    seen: usize,
}

impl<'m> Asking<'m, '_, '_> {
    fn request(&mut self, request: &'m Requested, reached: &mut HashSet<&'m str>) {
        self.variables(request);
        self.directives(&request.directives);
        let roots = self.check.model.roots();
        let Some((_, root)) = roots.iter().find(|(operation, _)| *operation == request.operation) else {
            let message = format!("the schema has no type for `{}`", request.operation.word());
            let span = request.name.as_ref().map_or(request.span.clone(), |name| name.span.clone());
            self.check.problems.bad(&span, message, "ask for what the schema has");
            return;
        };
        if request.operation == Operation::Subscription {
            let span = request.name.as_ref().map_or(request.span.clone(), |name| name.span.clone());
            let message = "a subscription is a stream, which is not called";
            self.check.problems.bad(&span, message, "ask by a query");
        }
        self.selections(&request.selections, root, reached);
        if self.check.problems.is_empty()
            && let Some((span, message)) =
                alike::unlike(self.check.model, self.executable, &request.selections, root, MOST)
        {
            self.check.problems.bad(&span, message, "call one of them otherwise: `other: field`");
        }
        for variable in &request.variables {
            if !self.used.contains(&variable.name.text) {
                let message = format!("the variable `${}` is not used", variable.name.text);
                self.check.problems.bad(&variable.name.span, message, "remove it, or use it");
            }
        }
    }

    fn variables(&mut self, request: &'m Requested) {
        let mut names = HashSet::new();
        for variable in &request.variables {
            let (name, ty) = (&variable.name, &variable.ty);
            if !names.insert(name.text.as_str()) {
                let message = format!("the variable `${}` is defined twice", name.text);
                self.check.problems.bad(&name.span, message, "remove one of them");
            }
            match self.check.model.sort(&ty.name.text) {
                None => self.check.unknown(&ty.name),
                Some(sort) if !sort.is_input() => {
                    let message = format!("`{}` is {}, which nobody can give", ty.name.text, sort.called());
                    self.check.problems.bad(
                        &ty.name.span,
                        message,
                        "take an input type, a scalar or an enumeration",
                    );
                }
                Some(_) => {
                    if let Some(default) = &variable.default {
                        self.check.default(default, ty, &format!("${}", name.text));
                    }
                }
            }
            self.directives(&variable.directives);
        }
    }

    fn selections(&mut self, selections: &'m [Selection], of: &str, reached: &mut HashSet<&'m str>) {
        for selection in selections {
            self.seen += 1;
            if self.seen > MOST || self.check.problems.is_full() {
                if self.seen == MOST + 1 {
                    let message = format!("the operation asks for more than {MOST} things");
                    self.check.problems.bad(&place(selection), message, "ask for less at once");
                }
                return;
            }
            match selection {
                Selection::Field(field) => self.field(field, of, reached),
                Selection::Inline { on, directives, selections } => {
                    self.directives(directives);
                    let on = on.as_ref();
                    if on.is_none_or(|on| self.is_possible(on, of)) {
                        self.selections(selections, on.map_or(of, |on| &on.text), reached);
                    }
                }
                Selection::Spread { name, directives } => {
                    self.directives(directives);
                    self.spread(name, of, reached);
                }
            }
        }
    }

    fn spread(&mut self, name: &'m Name, of: &str, reached: &mut HashSet<&'m str>) {
        let Some(fragment) = self.executable.fragment(&name.text) else {
            let known = self.executable.fragments.iter().map(|it| it.name.text.as_str());
            let meant = self.check.nearest(&name.text, known);
            let hint = meant.map_or("define it".to_owned(), |meant| format!("write `{meant}`"));
            self.check.problems.bad(&name.span, format!("there is no fragment `{}`", name.text), hint);
            return;
        };
        if self.spread.contains(&fragment.name.text.as_str()) {
            let message = format!("the fragment `{}` is a part of itself", name.text);
            self.check.problems.bad(&name.span, message, "remove it from itself");
            return;
        }
        let is_new = reached.insert(&fragment.name.text);
        if is_new {
            self.directives(&fragment.directives);
        }
        if self.is_possible(&fragment.on, of) {
            self.spread.push(&fragment.name.text);
            self.selections(&fragment.selections, &fragment.on.text, reached);
            self.spread.pop();
        }
    }

    /// Whether values of the type `of` may be of the type `on`; a problem if not.
    fn is_possible(&mut self, on: &Name, of: &str) -> bool {
        let model = self.check.model;
        let message = match model.sort(&on.text) {
            None => {
                self.check.unknown(on);
                return false;
            }
            Some(Sort::Object | Sort::Interface | Sort::Union) => {
                let possible = model.possible(&on.text);
                if model.possible(of).iter().any(|name| possible.contains(name)) {
                    return true;
                }
                format!("no `{of}` is `{}`", on.text)
            }
            Some(sort) => format!("`{}` is {}, of which nothing is asked for", on.text, sort.called()),
        };
        self.check.problems.bad(&on.span, message, "name a type that is possible here");
        false
    }

    fn field(&mut self, selected: &'m Selected, of: &str, reached: &mut HashSet<&'m str>) {
        self.directives(&selected.directives);
        if selected.name.text == TYPE_NAME {
            if let Some((name, _)) = selected.arguments.first() {
                self.check.problems.bad(&name.span, "`__typename` takes nothing", "remove it");
            }
            return;
        }
        let model = self.check.model;
        let field = model.position(of).and_then(|at| model.field(at, &selected.name.text));
        let Some(field) = field else {
            let known = model.get(of).into_iter().flat_map(|ty| &ty.fields).map(|it| it.name.text.as_str());
            let hint = match self.check.nearest(&selected.name.text, known) {
                Some(meant) => format!("write `{meant}`"),
                None => "ask for what the type has".to_owned(),
            };
            let message = format!("`{of}` has no field `{}`", selected.name.text);
            self.check.problems.bad(&selected.name.span, message, hint);
            return;
        };
        let path = format!("{of}.{}", field.name.text);
        self.arguments(&selected.arguments, &field.arguments, (&path, &selected.name.span));
        let ty = &field.ty.name.text;
        let is_leaf =
            matches!(model.sort(ty), Some(Sort::Scalar | Sort::Enum)) || BUILT_IN.contains(&ty.as_str());
        match (is_leaf, selected.selections.is_empty()) {
            (true, false) => {
                let message = format!("`{path}` is of the type `{ty}`, which has no fields");
                self.check.problems.bad(&selected.name.span, message, "remove what stands in braces");
            }
            (false, true) => {
                let message =
                    format!("`{path}` is of the type `{ty}`, and nothing says which fields of it are meant");
                let hint = format!("write `{} {{ … }}`", selected.name.text);
                self.check.problems.bad(&selected.name.span, message, hint);
            }
            _ => self.selections(&selected.selections, ty, reached),
        }
    }

    fn directives(&mut self, directives: &'m [Directive]) {
        for directive in directives {
            let name = &directive.name;
            if matches!(name.text.as_str(), "include" | "skip") {
                let takes = conditions();
                self.arguments(&directive.arguments, &takes, (&format!("@{}", name.text), &name.span));
                continue;
            }
            let model = self.check.model;
            match model.directives.iter().find(|known| known.name.text == name.text) {
                Some(known) => {
                    let path = format!("@{}", name.text);
                    self.arguments(&directive.arguments, &known.arguments, (&path, &name.span));
                }
                None => {
                    let message = format!("the schema has no directive `@{}`", name.text);
                    self.check.problems.bad(&name.span, message, "remove it");
                }
            }
        }
    }

    /// What is given to something that takes `taken`.
    fn arguments(&mut self, given: &'m [(Name, Constant)], taken: &[Field], (path, span): (&str, &Span)) {
        let mut seen = HashSet::new();
        for (name, constant) in given {
            variables_of(constant, &mut self.used);
            let Some(argument) = taken.iter().find(|known| known.name.text == name.text) else {
                let meant =
                    self.check.nearest(&name.text, taken.iter().map(|known| known.name.text.as_str()));
                let hint = meant.map_or("remove it".to_owned(), |meant| format!("write `{meant}`"));
                let message = format!("`{path}` takes no `{}`", name.text);
                self.check.problems.bad(&name.span, message, hint);
                continue;
            };
            if !seen.insert(name.text.as_str()) {
                self.check.problems.bad(
                    &name.span,
                    format!("`{}` is given twice", name.text),
                    "give it once",
                );
                continue;
            }
            let wraps = self.check.wanted(argument, constant);
            if let Err((span, message)) = self.check.fits(constant, &argument.ty.name.text, wraps) {
                let message = format!("`{}` of `{path}` does not fit {}: {message}", name.text, argument.ty);
                self.check.problems.bad(&span, message, "give what the schema takes");
            }
        }
        for missing in taken.iter().filter(|it| it.is_required() && !seen.contains(it.name.text.as_str())) {
            let message = format!("`{path}` needs `{}`, which is not given", missing.name.text);
            self.check.problems.bad(span, message, format!("give it: `{}: …`", missing.name.text));
        }
    }
}

impl Check<'_, '_, '_> {
    /// What has to fit `field`: a variable that may be absent leaves its default.
    pub(super) fn wanted<'f>(&self, field: &'f Field, given: &Constant) -> &'f [Wrap] {
        match (&field.ty.wraps[..], &given.form) {
            ([inner @ .., Wrap::NonNull], Form::Variable(_)) if field.default.is_some() => inner,
            (wraps, _) => wraps,
        }
    }

    /// Whether a variable may stand where `name` in `wraps` is wanted (specification, section 5.8.5); what is wrong, if not.
    pub(super) fn fits_variable(&self, variable: &str, name: &str, wraps: &[Wrap]) -> Result<(), String> {
        let Some(defined) = self.variables.get(variable) else {
            return Err(format!("there is no variable `${variable}`"));
        };
        let mut given = defined.ty.wraps.clone();
        let has_default = defined.default.as_ref().is_some_and(|it| !matches!(it.form, Form::Null));
        if has_default && given.last() != Some(&Wrap::NonNull) {
            given.push(Wrap::NonNull);
        }
        match defined.ty.name.text == name && are_compatible(&given, wraps) {
            true => Ok(()),
            false => Err(format!("`${variable}` is {}", defined.ty)),
        }
    }
}

fn are_compatible(given: &[Wrap], wanted: &[Wrap]) -> bool {
    match (given, wanted) {
        ([given @ .., Wrap::NonNull], [wanted @ .., Wrap::NonNull])
        | ([given @ .., Wrap::List], [wanted @ .., Wrap::List]) => are_compatible(given, wanted),
        (_, [.., Wrap::NonNull]) => false,
        ([given @ .., Wrap::NonNull], _) => are_compatible(given, wanted),
        (given, wanted) => given.is_empty() && wanted.is_empty(),
    }
}

fn variables_of(constant: &Constant, used: &mut HashSet<String>) {
    match &constant.form {
        Form::Variable(name) => drop(used.insert(name.clone())),
        Form::List(items) => items.iter().for_each(|item| variables_of(item, used)),
        Form::Object(fields) => fields.iter().for_each(|(_, value)| variables_of(value, used)),
        _ => {}
    }
}

/// What `@include` and `@skip` take.
fn conditions() -> Vec<Field> {
    let name = |text: &str| Name { text: text.to_owned(), span: 0..0 };
    let ty = crate::graphql::model::TypeRef { name: name("Boolean"), wraps: vec![Wrap::NonNull] };
    vec![Field {
        doc: None,
        name: name("if"),
        arguments: Vec::new(),
        ty,
        default: None,
        directives: Vec::new(),
    }]
}

fn place(selection: &Selection) -> Span {
    match selection {
        Selection::Field(selected) => selected.name.span.clone(),
        Selection::Spread { name, .. } => name.span.clone(),
        Selection::Inline { on, .. } => on.as_ref().map_or(0..0, |on| on.span.clone()),
    }
}
