//! `...: order`: the fields that a template does not set are copied from a record, each as if it were written out.
//!
//! Nothing is left behind in silence: a field that the target does not have is an error until it is named as left out.

use std::{collections::HashSet, ops::Range};

use tenon_errors::{
    Place, Report,
    catalogue::expression::{TARGET_MISMATCH, UNKNOWN_FIELD, UNKNOWN_TARGET_FIELD},
    nearest,
};
use tenon_model::{Record, Shape, Str};

use super::{
    OTHERS, Remaining, Template,
    compile::{Compiler, Written},
    maker::Others,
    words::{owner, shortened},
};
use crate::{
    Locate, Located, Path, Source,
    check::{Checked, Need},
    evaluate::{Get, Op},
    fits::fits,
    syntax::is_name,
    types::{Ty, View},
};

/// What is copied into a record or map.
#[derive(Default)]
pub(super) struct Copied {
    /// The fields that the contract of the source lists, each with an expression that reads it.
    pub(super) fields: Vec<(Located<Str>, Template)>,
    /// What the source holds besides.
    pub(super) others: Option<Box<Others>>,
}

/// All that an expression of one field is found at is the record that it is copied from.
struct At(Place);

impl Locate for At {
    fn place(&self, _: Range<usize>) -> Place {
        self.0.clone()
    }
}

impl Compiler<'_> {
    /// What a template copies into a target that lists the fields of `target`, and takes others that fit `rest`. `None` where
    /// something was reported.
    pub(super) fn copied(
        &mut self,
        written: &Written<'_>,
        target: Option<&Record>,
        rest: Option<&Shape>,
        path: &Path,
    ) -> Option<Copied> {
        let Some(remaining) = written.remaining else { return Some(Copied::default()) };
        let checked = self.check(Need { present: true, not_null: true }, &remaining.from)?;
        let ty = checked.ty.non_null();
        let View::Record(source) = ty.view() else {
            let what = shortened(&remaining.from.text);
            let message = format!("`...` copies the fields of a record, and `{what}` is {}", ty.name());
            let report = Report::new(&TARGET_MISMATCH, message).at(remaining.from.whole());
            self.reports.push(report.hint("set the fields one by one"));
            return None;
        };
        if !matches!(&checked.node.op, Op::Path(path) if path.get == Get::Value) {
            let message = "`...` copies the fields of a message or of a record in it, and this is computed";
            let report = Report::new(&TARGET_MISMATCH, message).at(remaining.from.whole());
            self.reports.push(report.hint("give it a name with `let`"));
            return None;
        }
        let problems = self.reports.len();
        self.check_without(remaining, written, &source);
        let set: HashSet<&str> = written.fields.iter().map(|(name, _)| name.value.as_str()).collect();
        let without: HashSet<&str> = remaining.without.iter().map(|name| name.value.as_str()).collect();
        let is_wanted = |name: &str| !set.contains(name) && !without.contains(name);
        let has_others = source.rest.as_ref().is_some_and(|rest| !rest.is_never());
        let copies_others = has_others && !without.contains(OTHERS);

        let mut fields = Vec::new();
        let mut misfits = Vec::new();
        for field in source.fields().iter().filter(|field| is_wanted(&field.name)) {
            match target.and_then(|target| target.field(&field.name)) {
                Some(_) => fields.push(copy(remaining, &field.name, false)),
                None if rest.is_some() => fields.push(copy(remaining, &field.name, false)),
                None => misfits.push(field.name.as_str()),
            }
        }
        if !misfits.is_empty() || copies_others && rest.is_none() {
            self.left_behind(remaining, &misfits, copies_others && rest.is_none(), target, path);
        }
        // What the source does not list may still be what the target does.
        if let (true, Some(target)) = (copies_others, target) {
            let unlisted = target.fields().iter().filter(|field| source.field(&field.name).is_none());
            let unlisted = unlisted.filter(|field| is_wanted(&field.name) && !field.required);
            fields.extend(unlisted.map(|field| copy(remaining, &field.name, true)));
        }
        if self.reports.len() > problems {
            return None;
        }
        let others = match rest {
            Some(rest) if copies_others => {
                let names = source.fields().iter().chain(target.into_iter().flat_map(Record::fields));
                let names = names.map(|field| field.name.as_str()).chain(set).chain(without);
                let known = names.map(Str::new).collect();
                Some(Box::new(self.others(remaining, &checked, &source, rest, known, path)?))
            }
            _ => None,
        };
        Some(Copied { fields, others })
    }

    /// What is copied of a source that may hold more than its contract lists.
    fn others(
        &mut self,
        remaining: &Remaining,
        checked: &Checked,
        source: &Record,
        rest: &Shape,
        known: HashSet<Str>,
        path: &Path,
    ) -> Option<Others> {
        let held = Ty::Data(source.rest.clone().unwrap_or(Shape::ANY));
        match fits(&held, rest) {
            Ok(convert) => {
                self.record_lineage(path, checked, &format!("...: {}", remaining.from.text.trim()));
                Some(Others { node: self.quiet(checked.node.clone()), known, convert })
            }
            Err(misfits) => {
                let what = shortened(&remaining.from.text);
                for misfit in misfits {
                    let of_source = format!("a further field of `{what}` {}", misfit.message);
                    let message = match &misfit.takes {
                        Some(takes) => {
                            format!(
                                "the target takes {takes} in fields that it does not list, and {of_source}"
                            )
                        }
                        None => of_source,
                    };
                    self.reports.push(
                        Report::new(misfit.code, message)
                            .at(remaining.from.whole())
                            .hint(leave_out(remaining, &[OTHERS])),
                    );
                }
                None
            }
        }
    }

    /// Reports what is to be left out and cannot be.
    fn check_without(&mut self, remaining: &Remaining, written: &Written<'_>, source: &Record) {
        let from = shortened(&remaining.from.text);
        for name in &remaining.without {
            let (message, hint) = if name.value == OTHERS {
                if source.rest.as_ref().is_some_and(|rest| !rest.is_never()) {
                    continue;
                }
                (
                    format!("`{from}` has no other fields than those of its contract"),
                    "remove `...`".to_owned(),
                )
            } else if source.field(&name.value).is_none() {
                let names = source.fields().iter().map(|field| field.name.as_str());
                let hint = nearest(&name.value, names)
                    .map_or("remove it".to_owned(), |near| format!("write `{near}`"));
                (format!("`{from}` has no field `{}` to be left out", name.value), hint)
            } else if written.fields.iter().any(|(set, _)| set.value == name.value) {
                let message =
                    format!("`{}` is set, so it is not copied and need not be left out", name.value);
                (message, "remove it from `without`".to_owned())
            } else {
                continue;
            };
            self.reports.push(Report::new(&UNKNOWN_FIELD, message).at(name.place.clone()).hint(hint));
        }
    }

    /// Reports fields that the target has no place for.
    fn left_behind(
        &mut self,
        remaining: &Remaining,
        misfits: &[&str],
        others: bool,
        target: Option<&Record>,
        path: &Path,
    ) {
        let from = shortened(&remaining.from.text);
        let target = target.map_or_else(|| "the target".to_owned(), |target| owner(target, path));
        let message = match misfits {
            [] => {
                format!("`{from}` may have fields that its contract does not list, and {target} takes none")
            }
            [one] => format!("`{from}` has a field `{one}`, which {target} does not have"),
            many => format!("`{from}` has fields that {target} does not have: `{}`", many.join("`, `")),
        };
        let message = if others && !misfits.is_empty() {
            format!("{message}; and it may have others that its contract does not list")
        } else {
            message
        };
        let names: Vec<&str> = misfits.iter().copied().chain(others.then_some(OTHERS)).collect();
        let report = Report::new(&UNKNOWN_TARGET_FIELD, message).at(remaining.from.whole());
        self.reports.push(report.hint(leave_out(remaining, &names)));
    }
}

/// How to say that these fields are left out, too.
fn leave_out(remaining: &Remaining, names: &[&str]) -> String {
    let before = remaining.without.iter().map(|name| name.value.as_str());
    let mut names: Vec<&str> = before.chain(names.iter().copied()).collect();
    // The sign for the others comes last.
    names.sort_by_key(|name| *name == OTHERS);
    format!(
        "leave out what is not wanted: `...: {{ copy: {}, without: [{}] }}`",
        remaining.from.text.trim(),
        names.join(", ")
    )
}

/// The field `name` of the record that is copied from.
fn copy(remaining: &Remaining, name: &Str, optional: bool) -> (Located<Str>, Template) {
    let place = remaining.from.whole();
    let from = remaining.from.text.trim();
    let text = match (is_name(name), optional) {
        (true, false) => format!("{from}.{name}"),
        (true, true) => format!("{from}.?{name}"),
        (false, false) => format!("{from}[{}]", quoted(name)),
        (false, true) => format!("{from}[?{}]", quoted(name)),
    };
    let source = Source::new(text, At(place.clone()));
    (Located::new(name.clone(), place), Template::Expression(source))
}

/// A text as CEL writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            control if control.is_control() => out.push_str(&format!("\\U{:08X}", u32::from(control))),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
