//! What a schema declares, with every reference followed: what the codec and the shapes are made of.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use tenon_errors::Place;
use tenon_model::Str;

use super::{
    XSD,
    identity::Identity,
    simple::{Simple, builtin},
    ways::Ways,
};
use crate::xml::Name;

/// The position of an element in [`Model::elements`].
pub(super) type ElementId = usize;
/// The position of a type in [`Model::complex`].
pub(super) type ComplexId = usize;

/// What all files of a schema declare.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) elements: Vec<Element>,
    pub(super) complex: Vec<Complex>,
    /// The elements that may stand at the top of a document.
    pub(super) globals: HashMap<Name, ElementId>,
    /// The types that have a name.
    pub(super) types: HashMap<Name, Type>,
    /// The elements that may stand for an element, itself among them where it is not abstract.
    pub(super) substitutes: HashMap<ElementId, Vec<ElementId>>,
    /// The types with a name that are derived from a type, itself among them, without abstract ones.
    pub(super) derived: HashMap<ComplexId, Vec<ComplexId>>,
    /// What elements say of values inside of them, which they refer to by position.
    pub(super) identities: Vec<Identity>,
}

impl Model {
    /// The elements that may stand where `id` is declared.
    pub(super) fn substitutes(&self, id: ElementId) -> Cow<'_, [ElementId]> {
        match self.substitutes.get(&id) {
            Some(all) => Cow::Borrowed(all),
            None if self.elements[id].is_abstract => Cow::Borrowed(&[]),
            None => Cow::Owned(vec![id]),
        }
    }

    /// The types that an element of type `id` may have, by `xsi:type`; only itself where it has no name or none is derived from it.
    pub(super) fn variants(&self, id: ComplexId) -> Cow<'_, [ComplexId]> {
        match self.derived.get(&id) {
            Some(all) => Cow::Borrowed(all),
            None => Cow::Owned(vec![id]),
        }
    }

    /// The simple type of this name, of the schema or built in.
    pub(super) fn simple(&self, name: &Name) -> Option<&Arc<Simple>> {
        if name.namespace.as_deref() == Some(XSD) {
            return builtin(&name.local);
        }
        match self.types.get(name) {
            Some(Type::Simple(simple)) => Some(simple),
            _ => None,
        }
    }

    /// In which ways `of` is derived from `base`, over all steps; `None` if it is not.
    pub(super) fn ways(&self, of: ComplexId, base: ComplexId) -> Option<Ways> {
        let mut ways = Ways::NONE;
        let mut at = of;
        for _ in 0..=self.complex.len() {
            if at == base {
                return Some(ways);
            }
            ways = ways | self.complex[at].way;
            at = self.complex[at].base?;
        }
        None
    }

    /// The same for any two types.
    pub(super) fn ways_between(&self, of: &Type, base: &Type) -> Option<Ways> {
        match (of, base) {
            (Type::Any, Type::Any) => Some(Ways::NONE),
            (Type::Simple(_), Type::Any) => Some(Ways::RESTRICTION),
            (Type::Complex(of), Type::Any) => Some(self.ways_to_top(*of).0),
            (Type::Simple(of), Type::Simple(base)) => of
                .derives_from(base)
                .then(|| if Arc::ptr_eq(of, base) { Ways::NONE } else { Ways::RESTRICTION }),
            (Type::Complex(of), Type::Complex(base)) => self.ways(*of, *base),
            (Type::Complex(of), Type::Simple(base)) => {
                let (ways, top) = self.ways_to_top(*of);
                let simple = self.complex[top].simple_base.as_ref()?;
                simple.derives_from(base).then_some(ways)
            }
            (Type::Any | Type::Simple(_), _) => None,
        }
    }

    /// The ways up to the first type of the chain, and which that is.
    fn ways_to_top(&self, of: ComplexId) -> (Ways, ComplexId) {
        let (mut ways, mut at) = (self.complex[of].way, of);
        for _ in 0..self.complex.len() {
            let Some(base) = self.complex[at].base else { break };
            at = base;
            ways = ways | self.complex[at].way;
        }
        (ways, at)
    }
}

/// What an element or a type is of.
#[derive(Debug, Clone)]
pub(super) enum Type {
    /// Anything: `xs:anyType`.
    Any,
    Simple(Arc<Simple>),
    Complex(ComplexId),
}

/// A declared element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: Name,
    pub(super) of: Type,
    pub(super) is_nillable: bool,
    pub(super) is_abstract: bool,
    /// What may not stand for it, or be its type by `xsi:type`.
    pub(super) block: Ways,
    /// In which ways no type of an element that stands for it is derived.
    pub(super) finals: Ways,
    /// The positions of what it says of values inside of it.
    pub(super) identities: Vec<usize>,
    /// The text that an empty element stands for.
    pub(super) default: Option<String>,
    /// The only text that it may have.
    pub(super) fixed: Option<String>,
    pub(super) doc: Option<Str>,
    pub(super) place: Place,
}

impl Element {
    /// An element that is not restricted in any way.
    pub(super) fn new(name: Name, of: Type, place: Place) -> Self {
        Self {
            name,
            of,
            is_nillable: false,
            is_abstract: false,
            block: Ways::NONE,
            finals: Ways::NONE,
            identities: Vec::new(),
            default: None,
            fixed: None,
            doc: None,
            place,
        }
    }
}

/// A complex type.
#[derive(Debug, Clone)]
pub(super) struct Complex {
    pub(super) name: Option<Name>,
    /// What it is called, also where it has no name: after the element that has it.
    pub(super) title: Str,
    pub(super) base: Option<ComplexId>,
    /// The simple type that it extends, where that is what it is derived from.
    pub(super) simple_base: Option<Arc<Simple>>,
    /// How many types it is derived over.
    pub(super) steps: usize,
    /// How it is derived from its base.
    pub(super) way: Ways,
    /// In which ways types may not be derived from it that stand for it by `xsi:type`.
    pub(super) block: Ways,
    /// In which ways no type is derived from it.
    pub(super) finals: Ways,
    pub(super) is_abstract: bool,
    pub(super) is_mixed: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) any_attribute: Option<Wildcard>,
    pub(super) content: Content,
    pub(super) doc: Option<Str>,
    pub(super) place: Place,
}

impl Complex {
    /// How many attributes and leaves it has.
    pub(super) fn size(&self) -> usize {
        let mut size = self.attributes.len();
        if let Content::Elements(particle) = &self.content {
            particle.for_each_leaf(&mut |_| size += 1);
        }
        size
    }

    /// A type without a name, attributes or content.
    pub(super) fn empty(title: &str, place: Place) -> Self {
        Self {
            name: None,
            title: Str::new(title),
            base: None,
            simple_base: None,
            steps: 0,
            way: Ways::RESTRICTION,
            block: Ways::NONE,
            finals: Ways::NONE,
            is_abstract: false,
            is_mixed: false,
            attributes: Vec::new(),
            any_attribute: None,
            content: Content::Empty,
            doc: None,
            place,
        }
    }
}

/// An attribute of a complex type.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: Name,
    pub(super) of: Arc<Simple>,
    pub(super) is_required: bool,
    pub(super) default: Option<String>,
    pub(super) fixed: Option<String>,
    pub(super) doc: Option<Str>,
    pub(super) place: Place,
}

/// What stands inside of an element.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Empty,
    Text(Arc<Simple>),
    Elements(Particle),
}

/// A part of a content model, and how often it comes.
#[derive(Debug, Clone)]
pub(super) struct Particle {
    pub(super) min: u32,
    /// `None` for any number.
    pub(super) max: Option<u32>,
    pub(super) term: Term,
    pub(super) place: Place,
}

/// What comes.
#[derive(Debug, Clone)]
pub(super) enum Term {
    /// An element, and the number of the leaf in its content model.
    Element(ElementId, usize),
    /// An element of these namespaces, and the number of the leaf.
    Any(Wildcard, usize),
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
    All(Vec<Particle>),
}

impl Particle {
    /// Whether nothing has to come.
    pub(super) fn is_emptiable(&self) -> bool {
        self.min == 0
            || match &self.term {
                Term::Element(..) | Term::Any(..) => false,
                Term::Choice(parts) => parts.is_empty() || parts.iter().any(Self::is_emptiable),
                Term::Sequence(parts) | Term::All(parts) => parts.iter().all(Self::is_emptiable),
            }
    }

    /// Calls `visit` for every leaf, in order.
    pub(super) fn for_each_leaf<'p>(&'p self, visit: &mut impl FnMut(&'p Self)) {
        match &self.term {
            Term::Element(..) | Term::Any(..) => visit(self),
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                parts.iter().for_each(|part| part.for_each_leaf(visit));
            }
        }
    }

    /// Gives every leaf its number, from `next` on; the result is the number after the last.
    pub(super) fn number_leaves(&mut self, next: usize) -> usize {
        match &mut self.term {
            Term::Element(_, leaf) | Term::Any(_, leaf) => {
                *leaf = next;
                next + 1
            }
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                parts.iter_mut().fold(next, |next, part| part.number_leaves(next))
            }
        }
    }
}

/// Which namespaces are allowed where the names are not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wildcard {
    Any,
    /// Any other than this one, and not none.
    Other(Option<Arc<str>>),
    OneOf(Vec<Option<Arc<str>>>),
    /// What both allow: of the attributes of several groups.
    Both(Box<(Wildcard, Wildcard)>),
    /// What one of them allows: of an extension and its base.
    Either(Box<(Wildcard, Wildcard)>),
}

impl Wildcard {
    pub(super) fn allows(&self, namespace: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Other(own) => namespace.is_some() && namespace != own.as_deref(),
            Self::OneOf(all) => all.iter().any(|it| it.as_deref() == namespace),
            Self::Both(both) => both.0.allows(namespace) && both.1.allows(namespace),
            Self::Either(either) => either.0.allows(namespace) || either.1.allows(namespace),
        }
    }

    /// Whether both allow some namespace.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::OneOf(all), other) | (other, Self::OneOf(all)) => {
                all.iter().any(|namespace| other.allows(namespace.as_deref()))
            }
            _ => true,
        }
    }
}
