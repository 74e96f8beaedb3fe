//! What is wrong with a document, with its line and column.

use tenon_errors::{
    Code, Report,
    catalogue::data::{OUT_OF_BOUNDS, UNEXPECTED_FIELD},
    clip, nearest,
};

use super::{Decoding, MAX_NAMES, MAX_SHOWN};
use crate::{
    violation::Path,
    xml::{Attribute, Name},
    xsd::identity::Trouble,
};

impl<'t> Decoding<'t, '_> {
    #[allow(clippy::needless_pass_by_value, reason = "callers make the message for this alone")]
    pub(crate) fn violate(
        &mut self,
        code: &'static Code,
        message: String,
        hint: Option<String>,
        path: &Path<'_>,
        at: usize,
    ) {
        if !self.violations.wanted() {
            return self.violations.count();
        }
        let place = self.reader.place(at);
        let message = format!("{message} (line {}, column {})", place.line, place.column);
        let report = Report::new(code, message).path(path.pointer());
        self.violations.push(match hint {
            Some(hint) => report.hint(hint),
            None => report,
        });
    }

    /// Reports what is wrong with keys.
    pub(in crate::xsd::codec) fn tell(&mut self, troubles: Vec<Trouble>, path: &Path<'_>) {
        for trouble in troubles {
            self.violate(&OUT_OF_BOUNDS, trouble.message, None, path, trouble.at);
        }
    }

    pub(super) fn unexpected_attribute<'n>(
        &mut self,
        attribute: &Attribute<'_>,
        known: impl Iterator<Item = &'n str>,
        path: &Path<'_>,
    ) {
        let name = clip(&attribute.name.local, MAX_SHOWN);
        let hint = nearest(&name, known)
            .map(|meant| format!("use `{meant}`, the nearest attribute of the contract"));
        let message = format!("the contract has no attribute `{name}` here");
        self.violate(&UNEXPECTED_FIELD, message, hint, &path.field(&name, false), attribute.at);
    }

    pub(super) fn unexpected_element(&mut self, name: &Name, expected: &[&Name], path: &Path<'_>, at: usize) {
        let local = clip(&name.local, MAX_SHOWN);
        let guess = nearest(&local, expected.iter().map(|name| &*name.local));
        let namespace = |name: &Name| name.namespace.as_deref().unwrap_or("no").to_owned();
        let same = expected.iter().find(|other| other.local == name.local);
        let hint = match (same, guess) {
            (Some(same), _) if same.namespace != name.namespace => Some(format!(
                "put it into the namespace `{}`; it is in `{}`",
                namespace(same),
                namespace(name)
            )),
            (_, guess) => guess
                .map(|meant| format!("use `{meant}`, the closest name of an element that is allowed here")),
        };
        let message = format!("the element `{local}` is not allowed here: {}", listed(expected));
        self.violate(&UNEXPECTED_FIELD, message, hint, &path.field(&local, false), at);
    }
}

pub(super) fn listed(names: &[&Name]) -> String {
    match names {
        [] => "no element may".to_owned(),
        [name] => format!("`{}` is expected", name.local),
        names => {
            let all: Vec<_> = names.iter().take(MAX_NAMES).map(|name| format!("`{}`", name.local)).collect();
            format!("one of {} is expected", all.join(", "))
        }
    }
}
