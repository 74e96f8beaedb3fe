//! From the files of a schema to its [`Model`], with every problem at its place.

mod attributes;
mod bounds;
mod catalogue;
mod complex;
mod deterministic;
mod elements;
mod files;
mod identity;
mod keywords;
mod particles;
mod relate;
mod simple;
mod values;
mod wrapper;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tenon_errors::{
    Place, Report, Reports,
    catalogue::contract::{ASSERTS_NOTHING, BAD_CONTRACT},
};
use tenon_model::Str;

pub(super) use self::catalogue::has_file as is_known;
use self::files::{Document, Unread};
use super::{
    XSD,
    model::{ComplexId, ElementId, Model, Type},
    simple::Simple,
};
use crate::{
    format::Source,
    xml::{Element as Node, Name},
};

/// What was read.
pub(super) struct Read {
    pub(super) model: Model,
    /// The elements of the file itself that may stand at the top, in its order, then its types.
    pub(super) elements: Vec<ElementId>,
    pub(super) types: Vec<(Name, Type)>,
    pub(super) doc: Option<Str>,
    pub(super) notes: Vec<Report>,
}

/// An element that only messages have: its name, and its elements with their types, by the names of both.
pub(crate) struct Wrapper {
    pub(crate) name: Name,
    pub(crate) parts: Vec<(Arc<str>, Name)>,
    pub(crate) place: Place,
}

/// Reads the schemas `roots`, each with its file, and all files that they refer to; `wrappers` are elements beside theirs.
///
/// # Errors
/// `P0003` for what is not XML, `C0001` for what is no valid schema, `C0005` for patterns: all of
/// them, each at its place.
pub(super) fn read(
    source: &Source<'_>,
    roots: Vec<(String, Node)>,
    wrappers: &[Wrapper],
) -> Result<Read, Reports> {
    let own = roots.len();
    let loaded = files::load(source, roots)?;
    let documents = &loaded.documents;
    let mut reader = Reader::new(documents, &loaded.unread);
    reader.note_unread();
    reader.collect();
    let globals: Vec<usize> = (0..reader.globals.len()).collect();
    for global in &globals {
        if reader.is_exhausted {
            break;
        }
        reader.global(*global);
    }
    wrappers.iter().for_each(|wrapper| reader.wrapper(wrapper));
    reader.finish_pending();
    if !reader.is_exhausted {
        reader.relate();
    }
    if !reader.is_exhausted {
        reader.count_leaves();
    }
    reader.resolve_references();
    if !reader.is_exhausted {
        reader.check_deterministic();
    }
    documents.iter().for_each(|document| reader.known_attributes(&document.root));
    let (mut elements, mut types) = (Vec::new(), Vec::new());
    for (at, global) in reader.globals.iter().enumerate().filter(|(_, global)| global.document < own) {
        match global.space {
            Space::Element => elements.extend(reader.elements.get(&at).copied()),
            Space::Type => {
                types
                    .extend(reader.model.types.get(&global.name).map(|of| (global.name.clone(), of.clone())));
            }
            _ => {}
        }
    }
    elements.retain(|id| !reader.model.substitutes(*id).is_empty());
    let doc = documents.first().and_then(|document| documentation(&document.root));
    let read = Read { model: reader.model, elements, types, doc, notes: reader.notes };
    reader.problems.sorted().finish(read)
}

/// The kinds of names, each of which is apart from the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Space {
    Element,
    Type,
    Attribute,
    Group,
    AttributeGroup,
}

impl Space {
    fn of(local: &str) -> Option<Self> {
        Some(match local {
            "element" => Self::Element,
            "simpleType" | "complexType" => Self::Type,
            "attribute" => Self::Attribute,
            "group" => Self::Group,
            "attributeGroup" => Self::AttributeGroup,
            _ => return None,
        })
    }

    fn title(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::Type => "type",
            Self::Attribute => "attribute",
            Self::Group => "group",
            Self::AttributeGroup => "attribute group",
        }
    }
}

/// Something that is declared at the top of a file.
struct Global<'d> {
    space: Space,
    name: Name,
    node: &'d Node,
    document: usize,
    /// What a redefinition stands for, and refers to by its own name.
    original: Option<usize>,
}

/// Where something is declared.
#[derive(Clone, Copy)]
struct At {
    document: usize,
    /// The declaration that is read, if it is a redefinition.
    redefines: Option<usize>,
}

/// How far a type with a name is read.
#[derive(Clone)]
enum State {
    Open,
    Done(Option<Arc<Simple>>),
}

struct Reader<'d> {
    documents: &'d [Document],
    unread: &'d [Unread],
    globals: Vec<Global<'d>>,
    by_name: HashMap<(Space, Name), usize>,
    model: Model,
    problems: Reports,
    /// What is told already: groups are read wherever they are used.
    reported: HashSet<(String, usize, String)>,
    notes: Vec<Report>,
    elements: HashMap<usize, ElementId>,
    /// The simple types with a name.
    simples: HashMap<usize, State>,
    /// The complex types, by their declarations.
    complexes: HashMap<*const Node, ComplexId>,
    /// Where those of them are declared that stand at the top.
    declared: HashMap<ComplexId, usize>,
    /// The complex types that are declared and not read yet.
    pending: Vec<(ComplexId, &'d Node, At)>,
    /// The complex types that are being read.
    open: HashSet<ComplexId>,
    done: HashSet<ComplexId>,
    heads: Vec<(ElementId, usize)>,
    /// The position of each constraint on values by its name, and of each `keyref` what it refers to.
    identities: HashMap<Name, usize>,
    /// The same by where it is written: groups are read wherever they are used.
    identity_nodes: HashMap<*const Node, usize>,
    referring: Vec<(usize, Name, &'d Node)>,
    parts: usize,
    inherited: usize,
    depth: usize,
    /// Whether the schema was found to be too large, which is reported once and ends the reading.
    is_exhausted: bool,
}

impl<'d> Reader<'d> {
    fn new(documents: &'d [Document], unread: &'d [Unread]) -> Self {
        Self {
            documents,
            unread,
            globals: Vec::new(),
            by_name: HashMap::new(),
            model: Model::default(),
            problems: Reports::new(),
            reported: HashSet::new(),
            notes: Vec::new(),
            elements: HashMap::new(),
            simples: HashMap::new(),
            complexes: HashMap::new(),
            declared: HashMap::new(),
            pending: Vec::new(),
            open: HashSet::new(),
            done: HashSet::new(),
            heads: Vec::new(),
            identities: HashMap::new(),
            identity_nodes: HashMap::new(),
            referring: Vec::new(),
            parts: 0,
            inherited: 0,
            depth: 0,
            is_exhausted: false,
        }
    }

    /// Notes the imports of what is not there.
    fn note_unread(&mut self) {
        for Unread { namespace, location, why, place } in self.unread {
            let namespace = namespace.as_deref().unwrap_or("none");
            let message = format!(
                "`{location}` is not read ({why}), and nothing of the namespace `{namespace}` is known"
            );
            self.notes
                .push(Report::new(&ASSERTS_NOTHING, message).at(place.clone()).hint(files::PUT_INTO_PROJECT));
        }
    }

    /// Collects what is declared at the top of every file.
    fn collect(&mut self) {
        let documents = self.documents;
        // What is redefined first, so that redefinitions find it.
        let by_rank = |redefines: bool| documents.iter().enumerate().map(move |(at, it)| (at, it, redefines));
        for (at, document, redefines) in by_rank(false).chain(by_rank(true)) {
            for node in &document.root.children {
                if !redefines {
                    self.declare(node, at, false);
                } else if node.name.is(XSD, "redefine") {
                    node.children.iter().for_each(|node| self.declare(node, at, true));
                }
            }
        }
    }

    fn declare(&mut self, node: &'d Node, document: usize, redefines: bool) {
        if node.name.namespace.as_deref() != Some(XSD) {
            return self.bad(node, format!("`{}` is not part of XML Schema", node.name), "remove it");
        }
        let Some(space) = Space::of(&node.name.local) else {
            match &*node.name.local {
                "annotation" | "include" | "import" | "redefine" => {}
                "notation" => self.note(node, "a notation asserts nothing".to_owned(), "remove it"),
                other => self.misplaced(node, format!("`{other}` is not allowed at the top of a schema")),
            }
            return;
        };
        let Some(name) = node.get("name") else {
            return self.bad(node, format!("the {} has no `name`", space.title()), "give it a name");
        };
        if !crate::xml::is_name(name) {
            return self.bad(node, format!("{name:?} is not a valid name"), "write a name without a colon");
        }
        let name = Name { namespace: self.documents[document].target.clone(), local: Arc::from(name) };
        let known = self.by_name.get(&(space, name.clone())).copied();
        if known.is_none() && redefines {
            let message =
                format!("`redefine` names the {} `{name}`, which the file does not have", space.title());
            return self.bad(node, message, "write what is there");
        }
        if let Some(known) = known.filter(|_| !redefines) {
            // One file may be included by several.
            if !std::ptr::eq(self.globals[known].node, node) {
                let title = space.title();
                self.bad(node, format!("the {title} `{name}` is declared twice"), "declare it once");
            }
            return;
        }
        let at = self.globals.len();
        self.globals.push(Global { space, name: name.clone(), node, document, original: known });
        self.by_name.insert((space, name), at);
    }

    /// Reads a declaration at the top.
    fn global(&mut self, at: usize) {
        let Global { space, node, .. } = self.globals[at];
        match space {
            Space::Element => drop(self.global_element(at)),
            Space::Type => {
                let of = self.global_type(at);
                let is_current = self.by_name.get(&(Space::Type, self.globals[at].name.clone())) == Some(&at);
                if is_current && let Some(of) = of {
                    self.model.types.insert(self.globals[at].name.clone(), of);
                }
            }
            Space::Attribute => drop(self.attribute_declaration(node, self.at(at), true)),
            // They are read where they are used; here, so that their problems are told.
            Space::Group => drop(self.group_of(at)),
            Space::AttributeGroup => drop(self.attribute_group(at)),
        }
    }

    fn at(&self, global: usize) -> At {
        let redefines = self.globals[global].original.map(|_| global);
        At { document: self.globals[global].document, redefines }
    }

    /// The declaration that `text`, the value of an attribute of `node`, refers to.
    fn find(&mut self, space: Space, node: &Node, text: &str, at: At) -> Option<usize> {
        let name = self.name(node, text, at)?;
        if let Some(redefined) = at.redefines {
            let own = &self.globals[redefined];
            if own.space == space && own.name == name {
                return own.original;
            }
        }
        let found = self.by_name.get(&(space, name.clone())).copied();
        if found.is_none() {
            let title = space.title();
            let message = format!("there is no {title} `{name}`");
            let known = self.by_name.keys().filter(|(it, _)| *it == space).map(|(_, name)| &*name.local);
            let unread = self.unread.iter().find(|unread| unread.namespace == name.namespace);
            let hint = match (unread, self.problems.nearest(&name.local, known)) {
                (Some(Unread { location, why, .. }), _) => {
                    format!(
                        "its namespace is imported from `{location}`, which is not read ({why}): {}",
                        files::PUT_INTO_PROJECT
                    )
                }
                (None, Some(meant)) if *meant != *name.local => format!("write `{meant}`"),
                (None, Some(_)) => "use the prefix of its namespace, or import it".to_owned(),
                (None, None) => format!("declare the {title}, or import the file that does"),
            };
            self.bad(node, message, &hint);
        }
        found
    }

    /// The name that `text` stands for. In a file without a namespace that is included by one with a namespace, it has that.
    fn name(&mut self, node: &Node, text: &str, at: At) -> Option<Name> {
        let Ok(mut name) = node.scope.resolve(text.trim()) else {
            self.bad(node, format!("the prefix of `{text}` is not declared"), "declare it with `xmlns:`");
            return None;
        };
        let document = &self.documents[at.document];
        if name.namespace.is_none() && document.is_adopted {
            name.namespace.clone_from(&document.target);
        }
        Some(name)
    }

    fn bad(&mut self, node: &Node, message: String, hint: &str) {
        self.push(Report::new(&BAD_CONTRACT, message).at(node.place.clone()).hint(hint));
    }

    fn push(&mut self, report: Report) {
        if self.is_new(report.places().first(), report.message()) {
            self.problems.push(report);
        }
    }

    /// Whether this was not told of the place before.
    fn is_new(&mut self, place: Option<&Place>, message: &str) -> bool {
        let (file, at) = place.map_or(("", 0), |place| (&*place.file, place.span.start));
        self.reported.insert((file.to_owned(), at, message.to_owned()))
    }

    fn note(&mut self, node: &Node, message: String, hint: &str) {
        if self.is_new(Some(&node.place), &message) {
            self.notes.push(Report::new(&ASSERTS_NOTHING, message).at(node.place.clone()).hint(hint));
        }
    }

    /// The parts of `node` that belong to the language, without annotations; anything else is a problem.
    fn parts(&mut self, node: &'d Node, allowed: &[&str]) -> Vec<&'d Node> {
        let mut parts = Vec::new();
        for child in &node.children {
            let local = &*child.name.local;
            if child.name.namespace.as_deref() != Some(XSD) {
                self.bad(child, format!("`{}` is not part of XML Schema", child.name), "remove it");
            } else if allowed.contains(&local) {
                parts.push(child);
            } else if local != "annotation" {
                self.misplaced(child, format!("`{local}` is not allowed in `{}` here", node.name.local));
            }
        }
        parts
    }
}

/// The text of the documentation of `node`, if it has any.
fn documentation(node: &Node) -> Option<Str> {
    let annotations = node.children.iter().filter(|child| child.name.is(XSD, "annotation"));
    let texts = annotations.flat_map(|it| &it.children).filter(|child| child.name.is(XSD, "documentation"));
    let text: Vec<String> =
        texts.map(|it| it.text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let text = text.iter().filter(|text| !text.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then(|| Str::from(text))
}
