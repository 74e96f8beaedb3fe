//! Types that have a name of their own, which makes recursion possible: an arena, in which they refer to each other by number.

mod homes;

use std::{
    cell::RefCell,
    collections::HashSet,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{Shape, Str};

/// Named types, which may contain themselves and each other. Cheap to clone: all clones are one arena.
///
/// Inside the arena a type refers to its siblings by number alone, so that no type keeps the arena, and with it itself, alive: what
/// a project no longer uses is freed. Whatever leaves the arena knows its way back.
#[derive(Clone, Default)]
pub struct Types(Arc<Arena>);

type Arena = RwLock<Vec<Definition>>;

struct Definition {
    about: Arc<About>,
    /// As it is stored: its siblings by number. `None` until it is defined.
    shape: Option<Shape>,
    /// Whether it refers to siblings, so that it has to be told where they are when it leaves.
    refers: bool,
}

impl Types {
    /// A type that is called `name` and is not defined yet.
    #[must_use]
    pub fn declare(&self, name: impl Into<Str>) -> Named {
        let name = name.into();
        let mut definitions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let id = TypeId(u32::try_from(definitions.len()).unwrap_or(u32::MAX));
        definitions.push(Definition { about: Arc::default(), shape: None, refers: false });
        Named { name, id, home: Home::Arena(self.clone()) }
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The address of an arena and the number of a type in it.
pub(crate) type Identity = (usize, u32);

/// What a format says of a type to people and to other formats. It decides nothing about values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// What it stands for.
    pub doc: Option<Str>,
    /// What it was called before, or is called elsewhere.
    pub aliases: Vec<Str>,
    /// Of an enumeration: its members, in the order of their values.
    pub members: Vec<Member>,
    /// Whether the contract warns that it will go.
    pub is_deprecated: bool,
}

/// A member of an enumeration, whose value is its name unless the format says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// What it is called.
    pub name: Str,
    /// The number that stands for it on the wire.
    pub number: Option<i32>,
    /// What it stands for.
    pub doc: Option<Str>,
    /// Whether the contract warns that it will go.
    pub is_deprecated: bool,
}

/// The number of a type in its arena.
#[derive(Debug, Clone, Copy)]
struct TypeId(u32);

/// A reference to a type of an arena.
///
/// Two are equal if what they lead to is, also where that contains itself: a name alone says nothing, because every contract has
/// names of its own.
#[derive(Clone)]
pub struct Named {
    name: Str,
    id: TypeId,
    home: Home,
}

/// Where the arena of a reference is.
#[derive(Clone)]
enum Home {
    /// The reference lies outside, and keeps the arena.
    Arena(Types),
    /// The reference lies inside the arena.
    Here,
}

impl Named {
    /// What the type is called.
    #[must_use]
    pub fn name(&self) -> &Str {
        &self.name
    }

    /// Says what the type is; the first call counts.
    pub fn define(&self, shape: &Shape) {
        let Home::Arena(types) = &self.home else { return };
        let (stored, refers) = homes::stored(shape, types);
        let mut definitions = types.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(definition) = definitions.get_mut(self.id.0 as usize)
            && definition.shape.is_none()
        {
            definition.shape = Some(stored);
            definition.refers = refers;
        }
    }

    /// Says what the format says of the type.
    pub fn describe(&self, about: About) {
        let Home::Arena(types) = &self.home else { return };
        let mut definitions = types.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(definition) = definitions.get_mut(self.id.0 as usize) {
            definition.about = Arc::new(about);
        }
    }

    /// What the format says of the type.
    #[must_use]
    pub fn about(&self) -> Arc<About> {
        let Home::Arena(types) = &self.home else { return Arc::default() };
        let definitions = types.0.read().unwrap_or_else(PoisonError::into_inner);
        definitions.get(self.id.0 as usize).map(|it| Arc::clone(&it.about)).unwrap_or_default()
    }

    /// What the type is, once it is defined.
    #[must_use]
    pub fn get(&self) -> Option<Shape> {
        let Home::Arena(types) = &self.home else { return None };
        let definitions = types.0.read().unwrap_or_else(PoisonError::into_inner);
        let definition = definitions.get(self.id.0 as usize)?;
        let (shape, refers) = (definition.shape.clone()?, definition.refers);
        drop(definitions);
        Some(if refers { homes::homed(&shape, types) } else { shape })
    }

    /// Whether both are the same type of one arena, which is more than that they are equal.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }

    /// What tells it from every other type, for as long as its arena lives.
    pub(crate) fn identity(&self) -> Identity {
        match &self.home {
            Home::Arena(types) => (Arc::as_ptr(&types.0).addr(), self.id.0),
            Home::Here => (0, self.id.0),
        }
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Named({})", self.name)
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        let pair = (self.identity(), other.identity());
        if self.is_same(other) {
            return true;
        }
        COMPARED.with(|compared| {
            // What is being compared is taken to be equal until something says otherwise: that is what equality of
            // circles means. All that is compared has to hold, so one difference anywhere ends the whole.
            let is_outermost = compared.borrow().is_empty();
            if !compared.borrow_mut().insert(pair) {
                return true;
            }
            let equal = matches!((self.get(), other.get()), (Some(one), Some(two)) if one == two);
            if is_outermost {
                compared.borrow_mut().clear();
            }
            equal
        })
    }
}

thread_local! {
    /// The pairs of types that the comparison under way has met.
    static COMPARED: RefCell<HashSet<(Identity, Identity)>> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;
    use crate::{Field, Kind};

    /// A definition `name` with a field of `other` and a field of itself.
    fn definition(name: &str, other: Shape) -> Shape {
        let named = Types::default().declare(name);
        let itself = Field::optional("next", Shape::of(Kind::Named(named.clone())));
        named.define(&Shape::record(vec![Field::optional("value", other), itself]));
        Shape::of(Kind::Named(named))
    }

    #[test]
    fn recursive_definitions_are_equal_by_what_they_say_and_not_by_name() {
        let numbers = || definition("node", Shape::INT);
        assert_eq!(numbers(), numbers());
        assert_eq!(numbers(), definition("other", Shape::INT));
        assert_ne!(numbers(), definition("node", Shape::string()));
        assert_eq!(definition("tree", numbers()), definition("tree", numbers()));
        assert_ne!(definition("tree", numbers()), definition("tree", definition("node", Shape::BOOL)));
        // A difference that was found leaves nothing behind.
        assert_ne!(numbers(), definition("node", Shape::string()));
    }

    #[test]
    fn a_circle_is_equal_to_the_same_circle_unrolled() {
        let unrolled =
            |next: &Named| Shape::record(vec![Field::optional("next", Shape::of(Kind::Named(next.clone())))]);
        let types = Types::default();
        let once = types.declare("once");
        once.define(&unrolled(&once));
        let (one, two) = (types.declare("one"), types.declare("two"));
        one.define(&unrolled(&two));
        two.define(&unrolled(&one));
        assert_eq!(once, one);
        assert_eq!(one, two);
    }

    #[test]
    fn what_is_not_defined_is_only_equal_to_itself() {
        let named = Types::default().declare("node");
        assert_eq!(named, named.clone());
        assert_ne!(named, Types::default().declare("node"));
    }

    #[test]
    fn what_contains_itself_is_freed_with_its_last_user() {
        let types = Types::default();
        let arena: Weak<Arena> = Arc::downgrade(&types.0);
        let (one, two) = (types.declare("one"), types.declare("two"));
        let field = |named: &Named| Field::optional("next", Shape::of(Kind::Named(named.clone())));
        one.define(&Shape::list(Shape::record(vec![field(&two), field(&one)])));
        two.define(&Shape::record(vec![field(&one)]));
        let shape = one.get();
        drop((types, one, two));
        assert!(arena.upgrade().is_some(), "whoever holds a part of it keeps it");
        drop(shape);
        assert!(arena.upgrade().is_none());
    }

    #[test]
    fn a_part_leads_on_however_far_it_is_followed() {
        let node = definition("node", Shape::INT);
        let mut at = node.clone();
        for _ in 0..5 {
            at = at.as_record().and_then(|record| Some(record.field("next")?.1.shape.clone())).unwrap();
        }
        assert_eq!(at, node);
    }
}
