//! Template to maker, checked against the shape that it has to make.

use tenon_errors::{
    Place, Report, Reports,
    catalogue::expression::{MISSING_TARGET_FIELD, TARGET_MISMATCH, UNKNOWN_TARGET_FIELD},
    nearest,
};
use tenon_model::{Field, Key, Kind, Record, Shape, Str, Value};

use super::{
    Remaining, Template, constant,
    each::Each,
    maker::{Maker, Setter},
    words::{named, owner, shortened},
};
use crate::{
    Lineage, Located, Origin, Path, Source, Step,
    check::{self, Checked, Environment, Need},
    evaluate::Node,
    fits::{Misfit, a, fits},
    reads::{Item, Reads},
    sensitive::quiet,
    types::Ty,
};

/// Compiles one template.
pub(crate) struct Compiler<'a> {
    pub(crate) environment: Environment<'a>,
    pub(crate) reports: Reports,
    pub(crate) lineage: Vec<Lineage>,
    /// What the variable of each surrounding `each` is an item of.
    pub(super) items: Vec<Item>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(environment: Environment<'a>) -> Self {
        Self { environment, reports: Reports::new(), lineage: Vec::new(), items: Vec::new() }
    }

    /// The maker of `template` at `path` of the target; `None` where something was reported. `optional` says whether
    /// the target can be without the value.
    pub(crate) fn compile(
        &mut self,
        template: &Template,
        target: &Shape,
        path: &Path,
        optional: bool,
    ) -> Option<Maker> {
        match template {
            Template::Expression(source) => self.expression(source, target, path, optional),
            Template::Constant(value) => self.constant(value, target, path),
            Template::Record { fields, remaining, place } => {
                self.record(&Written { fields, remaining: remaining.as_ref(), place }, target, path)
            }
            Template::Each { list, name, item, place } => {
                self.each(&Each { list, name, item, place }, target, path, optional)
            }
        }
    }

    fn expression(&mut self, source: &Source, target: &Shape, path: &Path, optional: bool) -> Option<Maker> {
        let nullable = target.allows_null();
        let need = Need { present: !optional, not_null: !nullable };
        let checked = self.check(need, source)?;
        let ty = if nullable { checked.ty.clone() } else { checked.ty.non_null() };
        if ty == Ty::Null && !nullable && !optional {
            let hint = "write a value, or leave the field out where it is not required".to_owned();
            let misfit = Misfit { message: "is none".to_owned(), hint, ..plain_misfit(&ty, target) };
            self.misfit(&misfit, source, path);
            return None;
        }
        match fits(&ty, target) {
            Ok(convert) => {
                self.record_lineage(path, &checked, &source.text);
                let node = self.quiet(checked.node);
                Some(Maker::Compute { node, convert, drop_null: optional && !nullable })
            }
            Err(misfits) => {
                for misfit in &misfits {
                    self.misfit(misfit, source, path);
                }
                None
            }
        }
    }

    pub(super) fn check(&mut self, need: Need, source: &Source) -> Option<Checked> {
        let checked = check::compile_for(need, &source.text, source, &mut self.environment);
        self.reports.take_all(checked)
    }

    pub(super) fn record_lineage(&mut self, path: &Path, checked: &Checked, text: &str) {
        let mut reads = Reads::below(&self.items);
        reads.visit(&checked.node);
        self.push_lineage(path, reads, text);
    }

    pub(super) fn push_lineage(&mut self, path: &Path, reads: Reads, text: &str) -> (Vec<Path>, Vec<Origin>) {
        let (sources, origins) = reads.finish();
        let comes_from = (sources.clone(), origins.clone());
        self.lineage.push(Lineage { target: path.clone(), sources, origins, text: text.trim().into() });
        comes_from
    }

    /// `node`, which does not show in a report what a contract calls personal or secret.
    pub(super) fn quiet(&self, node: Node) -> Node {
        let mut reads = Reads::below(&self.items);
        reads.visit(&node);
        quiet(node, &reads.finish().0, self.environment.scope)
    }

    fn misfit(&mut self, misfit: &Misfit, source: &Source, path: &Path) {
        let what = format!("`{}{}`", shortened(&source.text), misfit.below);
        let target = if path.steps.is_empty() { String::new() } else { format!(" for `{path}`") };
        let message = match &misfit.takes {
            None => format!("{what}{target} {}", misfit.message),
            Some(takes) => format!("{} takes {takes}, and {what} {}", taker(path, misfit), misfit.message),
        };
        let report = Report::new(misfit.code, message).at(source.whole());
        let converts = misfit.hint.contains("{x}");
        let hint = if converts && misfit.below.contains("[]") {
            "make the list with `each`, and convert its items".to_owned()
        } else if converts && !misfit.below.is_empty() && source.text.contains(' ') {
            "convert the field where it is made".to_owned()
        } else {
            misfit.hint.replace("{x}", &format!("{}{}", shortened(&source.text), misfit.below))
        };
        self.reports.push(if hint.is_empty() { report } else { report.hint(hint) });
    }

    fn constant(&mut self, value: &Located<Value>, target: &Shape, path: &Path) -> Option<Maker> {
        match constant::fit(&value.value, target) {
            Ok(fitting) => {
                let text = fitting.to_string().into();
                let (sources, origins) = (Vec::new(), Vec::new());
                self.lineage.push(Lineage { target: path.clone(), sources, origins, text });
                Some(Maker::Constant(fitting))
            }
            Err((message, hint)) => {
                let report = Report::new(&TARGET_MISMATCH, message).at(value.place.clone());
                self.reports.push(if hint.is_empty() { report } else { report.hint(hint) });
                None
            }
        }
    }

    fn record(&mut self, written: &Written<'_>, target: &Shape, path: &Path) -> Option<Maker> {
        let resolved = &*target.resolved();
        match &resolved.kind {
            Kind::Record(record) => self.fields(written, record, path),
            Kind::Map(map) => self.entries(written, &map.value, path),
            Kind::Any | Kind::Named(_) => self.entries(written, &Shape::ANY, path),
            Kind::Union(union) => {
                let variants: Vec<&Shape> = union.variants.iter().map(|(_, variant)| variant).collect();
                let tagged = union.tag.as_ref().and_then(|tag| constant_field(written.fields, tag));
                let chosen = tagged.and_then(|tag| union.variants.iter().find(|(name, _)| *name == tag));
                match chosen {
                    Some((_, variant)) => self.record(written, variant, path),
                    None => self.any_of(written, &variants, resolved, path),
                }
            }
            _ => {
                let message = format!("{} takes {}, and this is a record", named(path), a(&resolved.name()));
                self.reports.push(
                    Report::new(&TARGET_MISMATCH, message)
                        .at(written.place.clone())
                        .hint("write one expression in its place"),
                );
                None
            }
        }
    }

    /// The first variant that the record makes; where there is none, the problems of the first that is a record.
    fn any_of(
        &mut self,
        written: &Written<'_>,
        variants: &[&Shape],
        union: &Shape,
        path: &Path,
    ) -> Option<Maker> {
        let before = self.lineage.len();
        let mut first: Option<Reports> = None;
        for variant in variants.iter().filter(|variant| variant.as_record().is_some()) {
            let earlier = std::mem::take(&mut self.reports);
            let maker = self.record(written, variant, path);
            let problems = std::mem::replace(&mut self.reports, earlier);
            if maker.is_some() && problems.is_empty() {
                return maker;
            }
            self.lineage.truncate(before);
            first.get_or_insert(problems);
        }
        let problems = first.unwrap_or_else(|| {
            let message = format!("{} takes {}, and this is a record", named(path), a(&union.name()));
            let report = Report::new(&TARGET_MISMATCH, message).at(written.place.clone());
            report.hint("write one expression in its place").into()
        });
        self.reports.extend(problems);
        None
    }

    /// The fields of a record: all that are required, none that is unknown, in the order of the contract.
    fn fields(&mut self, written: &Written<'_>, record: &Record, path: &Path) -> Option<Maker> {
        let problems = self.reports.len();
        let copied = self.copied(written, Some(record), record.rest.as_ref(), path)?;
        let mut listed: Vec<Option<Setter>> = record.fields().iter().map(default_setter).collect();
        let mut set = vec![false; listed.len()];
        let mut others = Vec::new();
        for (at, (name, template)) in written.fields.iter().chain(&copied.fields).enumerate() {
            let is_copied = at >= written.fields.len();
            let below = path.field(name.value.clone());
            match (record.field(&name.value), &record.rest) {
                (Some((position, field)), _) => {
                    set[position] = true;
                    let optional = !field.required;
                    let maker = self.compile_field(template, &field.shape, &below, optional, is_copied);
                    let default = field.stand_in().cloned();
                    listed[position] =
                        maker.map(|maker| Setter { key: Key::from(field.name.clone()), maker, default });
                }
                (None, Some(rest)) => {
                    let maker = self.compile_field(template, rest, &below, true, is_copied);
                    others.extend(maker.map(|maker| Setter {
                        key: Key::from(name.value.clone()),
                        maker,
                        default: None,
                    }));
                }
                (None, None) => self.unknown_field(name, record, path),
            }
        }
        for (field, set) in record.fields().iter().zip(set) {
            if !set && field.required {
                self.missing_field(field, written.place, path);
            }
        }
        let setters: Vec<Setter> = listed.into_iter().flatten().chain(others).collect();
        if self.reports.len() == problems && copied.others.is_none() {
            self.check_count(setters.len() as u64, record, written.place, path);
        }
        (self.reports.len() == problems).then(|| Maker::Record(setters.into(), copied.others))
    }

    /// A field of a record; the problems of one that is copied say to set it instead.
    fn compile_field(
        &mut self,
        template: &Template,
        target: &Shape,
        path: &Path,
        optional: bool,
        is_copied: bool,
    ) -> Option<Maker> {
        if !is_copied {
            return self.compile(template, target, path, optional);
        }
        let earlier = std::mem::take(&mut self.reports);
        let maker = self.compile(template, target, path, optional);
        let problems = std::mem::replace(&mut self.reports, earlier);
        let name = match path.steps.last() {
            Some(Step::Field(name)) => name.as_str(),
            _ => "",
        };
        self.reports.extend(problems.into_iter().map(|report| {
            let hint = match report.advice() {
                Some(advice) => format!("set `{name}`: {advice}"),
                None => format!("set `{name}`"),
            };
            report.hint(hint)
        }));
        maker
    }

    fn unknown_field(&mut self, name: &Located<Str>, record: &Record, path: &Path) {
        let names: Vec<&str> = record.fields().iter().map(|field| field.name.as_str()).collect();
        let hint = match nearest(&name.value, names.iter().copied()) {
            Some(near) => format!("write `{near}`"),
            None => "remove it, or add the field to the contract".to_owned(),
        };
        let message = format!("{} has no field `{}`", owner(record, path), name.value);
        self.reports.push(Report::new(&UNKNOWN_TARGET_FIELD, message).at(name.place.clone()).hint(hint));
    }

    fn missing_field(&mut self, field: &Field, place: &Place, path: &Path) {
        let record = if path.steps.is_empty() { String::new() } else { format!(" of `{path}`") };
        let message = format!("the required field `{}`{record} is not set", field.name);
        let hint = format!("add `{}:` with an expression for {}", field.name, field.shape.name());
        self.reports.push(Report::new(&MISSING_TARGET_FIELD, message).at(place.clone()).hint(hint));
    }

    /// Whether as many fields are set as the contract asks for at least; that there are not too many, each value shows.
    fn check_count(&mut self, set: u64, record: &Record, place: &Place, path: &Path) {
        if let Some(min) = record.length.min.filter(|min| set < *min) {
            let message =
                format!("{} has at least {min} fields, and at most {set} are set", owner(record, path));
            let report = Report::new(&TARGET_MISMATCH, message).at(place.clone());
            self.reports.push(report.hint("set more of its fields"));
        }
    }

    /// The entries of a map, or of a record of which nothing is known.
    fn entries(&mut self, written: &Written<'_>, value: &Shape, path: &Path) -> Option<Maker> {
        let problems = self.reports.len();
        let copied = self.copied(written, None, Some(value), path)?;
        let mut setters = Vec::with_capacity(written.fields.len() + copied.fields.len());
        for (at, (name, template)) in written.fields.iter().chain(&copied.fields).enumerate() {
            let is_copied = at >= written.fields.len();
            let below = path.field(name.value.clone());
            let maker = self.compile_field(template, value, &below, true, is_copied);
            setters.extend(maker.map(|maker| Setter {
                key: Key::from(name.value.clone()),
                maker,
                default: None,
            }));
        }
        (self.reports.len() == problems).then(|| Maker::Record(setters.into(), copied.others))
    }
}

/// The parts of [`Template::Record`].
pub(super) struct Written<'t> {
    pub(super) fields: &'t [(Located<Str>, Template)],
    pub(super) remaining: Option<&'t Remaining>,
    pub(super) place: &'t Place,
}

/// What sets a field that the template does not name: its default.
fn default_setter(field: &Field) -> Option<Setter> {
    let value = field.stand_in()?.clone();
    Some(Setter { key: Key::from(field.name.clone()), maker: Maker::Constant(value), default: None })
}

/// The text that the template sets a field to, where it is a constant.
fn constant_field(fields: &[(Located<Str>, Template)], name: &str) -> Option<Str> {
    fields.iter().find_map(|(field, template)| match template {
        Template::Constant(value) if field.value == name => value.value.as_str().map(Str::new),
        _ => None,
    })
}

fn plain_misfit(ty: &Ty, target: &Shape) -> Misfit {
    let (message, takes) = (format!("is {}", a(&ty.name())), Some(a(&target.name())));
    Misfit { code: &TARGET_MISMATCH, below: String::new(), message, takes, hint: String::new() }
}

/// The part of the target that a value does not fit.
fn taker(path: &Path, misfit: &Misfit) -> String {
    match (path.steps.is_empty(), misfit.below.trim_start_matches('.')) {
        (true, "") => "the target".to_owned(),
        (true, below) => format!("`{below}`"),
        (false, _) => format!("`{path}{}`", misfit.below),
    }
}
