//! Shapes that are defined elsewhere under a name, which makes recursion possible.

use std::{
    cell::RefCell,
    collections::HashSet,
    fmt,
    sync::{Arc, OnceLock},
};

use crate::{Shape, Str};

/// A named shape that is filled in after the shapes that refer to it are built. A recursive contract forms a cycle
/// that lives as long as the process, which is the price of shapes that need no environment to be read.
///
/// Two links are equal if what they lead to is: a name alone says nothing, because every contract has names of its own.
#[derive(Clone)]
pub struct Link {
    /// The name of the definition.
    pub name: Str,
    target: Arc<OnceLock<Shape>>,
}

impl Link {
    /// A link that is not filled in yet.
    #[must_use]
    pub fn new(name: impl Into<Str>) -> Self {
        Self { name: name.into(), target: Arc::default() }
    }

    /// Fills the link in; the first call counts.
    pub fn define(&self, shape: Shape) {
        let _ = self.target.set(shape);
    }

    /// The shape, once it is defined.
    #[must_use]
    pub fn get(&self) -> Option<&Shape> {
        self.target.get()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", self.name)
    }
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.target, &other.target) {
            return true;
        }
        let (Some(one), Some(two)) = (self.get(), other.get()) else { return false };
        let pair = (Arc::as_ptr(&self.target).addr(), Arc::as_ptr(&other.target).addr());
        COMPARED.with(|compared| {
            // What is being compared is taken to be equal until something says otherwise: that is what equality of
            // circles means. All that is compared has to hold, so one difference anywhere ends the whole.
            let is_outermost = compared.borrow().is_empty();
            if !compared.borrow_mut().insert(pair) {
                return true;
            }
            let equal = one == two;
            if is_outermost {
                compared.borrow_mut().clear();
            }
            equal
        })
    }
}

thread_local! {
    /// The pairs of links that the comparison under way has met.
    static COMPARED: RefCell<HashSet<(usize, usize)>> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, Kind};

    /// A definition `name` with a field of `other` and a field of itself.
    fn definition(name: &str, other: Shape) -> Shape {
        let link = Link::new(name);
        let itself = Field::optional("next", Shape::of(Kind::Ref(link.clone())));
        link.define(Shape::record(vec![Field::optional("value", other), itself]));
        Shape::of(Kind::Ref(link))
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
            |link: &Link| Shape::record(vec![Field::optional("next", Shape::of(Kind::Ref(link.clone())))]);
        let once = Link::new("once");
        once.define(unrolled(&once));
        let (one, two) = (Link::new("one"), Link::new("two"));
        one.define(unrolled(&two));
        two.define(unrolled(&one));
        assert_eq!(once, one);
        assert_eq!(one, two);
    }

    #[test]
    fn what_is_not_defined_is_only_equal_to_itself() {
        let link = Link::new("node");
        assert_eq!(link, link.clone());
        assert_ne!(link, Link::new("node"));
    }
}
