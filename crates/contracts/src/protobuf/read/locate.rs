//! Where a file, or one that it imports, declares what is at a path in the values of one of its types.

use tenon_errors::{Place, Reports};

use super::{
    ast::{Body, Field, Ty},
    files::{self, Loaded},
    lex::Span,
    names::{Names, Symbol, joined},
};
use crate::format::{Sought, Source};

/// The place of what `path` leads to in the type `name`; that of the nearest part around it, where it leads no further.
pub(in crate::protobuf) fn locate(
    source: &Source<'_>,
    name: &str,
    path: &str,
    sought: Sought,
) -> Option<Place> {
    let files = files::load(source, &mut Reports::new());
    let names = Names::of(&files);
    let walk = Walk { names: &names };
    let (mut found, mut here) = walk.defined(name)?;
    for step in steps(path) {
        if let (Here::Map(file, scope, value), "*") = (&here, step) {
            here = walk.of(*file, scope, value);
            continue;
        }
        let Here::Message(id) = here else { break };
        let Some((file, scope, field)) = walk.field(id, step.trim_end_matches("[]")) else { break };
        found = (file, &field.name.span);
        here = walk.of(file, &scope, &field.ty);
    }
    // Where it is said what it is, if that is in another file of the project.
    let is_elsewhere = |(file, _): &Spot<'_>| *file != found.0 && !files[*file].is_built_in();
    let said = (sought == Sought::Value).then(|| walk.said(&here)).flatten().filter(is_elsewhere);
    let (file, span) = said.unwrap_or(found);
    Some(files[file].place(span))
}

/// A place in a file.
type Spot<'f> = (usize, &'f Span);

/// What a path has come to.
enum Here<'f> {
    Message(usize),
    Enum(usize),
    /// A map with these values, which are named in a file and a scope.
    Map(usize, String, &'f Ty),
    Scalar,
}

struct Walk<'n, 'f> {
    names: &'n Names<'f>,
}

impl<'f> Walk<'_, 'f> {
    /// The type of this full name that the file itself defines.
    fn defined(&self, name: &str) -> Option<(Spot<'f>, Here<'f>)> {
        let messages = &self.names.messages;
        if let Some(id) = messages.iter().position(|it| it.file == 0 && it.name == name) {
            return Some(((0, &messages[id].ast.name.span), Here::Message(id)));
        }
        let id = self.names.enums.iter().position(|it| it.file == 0 && it.name == name)?;
        Some(((0, &self.names.enums[id].ast.name.span), Here::Enum(id)))
    }

    /// The field `name` of a message: the file and the scope that it stands in.
    fn field(&self, id: usize, name: &str) -> Option<(usize, String, &'f Field)> {
        let message = &self.names.messages[id];
        if let Some(extension) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            let files = self.names.files.iter().enumerate();
            let mut bodies = files
                .map(|(at, Loaded { file, .. })| (at, file.package.as_str(), &file.body))
                .chain(self.names.messages.iter().map(|it| (it.file, it.name.as_str(), &it.ast.body)));
            return bodies.find_map(|(file, scope, body)| extended(file, scope, body, extension));
        }
        let field = message.ast.fields.iter().find(|field| field.name.text == name)?;
        Some((message.file, message.name.clone(), field))
    }

    fn of(&self, file: usize, scope: &str, ty: &'f Ty) -> Here<'f> {
        let name = match ty {
            Ty::Scalar(_) => return Here::Scalar,
            Ty::Map(_, value) => return Here::Map(file, scope.to_owned(), value),
            Ty::Named(name) | Ty::Group(name) => name,
        };
        let is_type = |it| matches!(it, Symbol::Message(_) | Symbol::Enum(_));
        match self.names.find(file, scope, name, is_type) {
            Ok(Symbol::Message(id)) => Here::Message(id),
            Ok(Symbol::Enum(id)) => Here::Enum(id),
            _ => Here::Scalar,
        }
    }

    fn said(&self, here: &Here<'f>) -> Option<Spot<'f>> {
        match here {
            Here::Message(id) => {
                let message = &self.names.messages[*id];
                Some((message.file, &message.ast.name.span))
            }
            Here::Enum(id) => {
                let members = &self.names.enums[*id];
                Some((members.file, &members.ast.name.span))
            }
            Here::Map(file, scope, value) => self.said(&self.of(*file, scope, value)),
            Here::Scalar => None,
        }
    }
}

/// The extension of this full name, if `body` declares it.
fn extended<'f>(file: usize, scope: &str, body: &'f Body, full: &str) -> Option<(usize, String, &'f Field)> {
    let mut fields = body.extends.iter().flat_map(|extend| &extend.fields);
    let field = fields.find(|field| joined(scope, &field.name.text) == full)?;
    Some((file, scope.to_owned(), field))
}

/// The steps of a path: the names of extensions stand in brackets, and have points.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches('.');
        if rest.is_empty() {
            return None;
        }
        let name = if rest.starts_with('[') { rest.find(']').map_or(rest.len(), |at| at + 1) } else { 0 };
        let end = rest[name..].find('.').map_or(rest.len(), |at| name + at);
        let (step, after) = rest.split_at(end);
        rest = after;
        Some(step)
    })
}
