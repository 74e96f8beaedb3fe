//! Names with their namespaces.

use std::{fmt, sync::Arc};

use super::{XML, XMLNS};

/// A name with its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    /// The namespace; `None` for none.
    pub(crate) namespace: Option<Arc<str>>,
    /// The name in it.
    pub(crate) local: Arc<str>,
}

impl Name {
    /// Whether it is `local` in `namespace`.
    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.local == local && self.namespace.as_deref() == Some(namespace)
    }
}

/// As in `{http://example.com}order`, and the local name alone where there is no namespace.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{{{namespace}}}{}", self.local),
            None => f.write_str(&self.local),
        }
    }
}

/// Which namespaces prefixes stand for, of all elements that are open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// The prefix, empty for the default one, and its namespace, with how many elements were open.
    bindings: Vec<(Box<str>, Option<Arc<str>>, usize)>,
}

impl Scope {
    /// How many prefixes are bound: as many as around an element that binds none.
    pub(super) fn count(&self) -> usize {
        self.bindings.len()
    }

    /// Binds `prefix`; an empty namespace is none.
    ///
    /// # Errors
    /// What is wrong with it (Namespaces in XML 1.0, sections 3, 5 and 6.3): a prefix that is reserved or bound to nothing, a
    /// namespace that is reserved, and one that the element binds twice.
    pub(super) fn bind(&mut self, prefix: &str, namespace: &str, depth: usize) -> Result<(), String> {
        let shown = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
        match (prefix, namespace) {
            ("xml", XML) => return Ok(()),
            ("xml", _) | (_, XML) => {
                return Err(format!("`{shown}`: the prefix `xml` and its namespace belong together"));
            }
            ("xmlns", _) | (_, XMLNS) => {
                return Err(format!("`{shown}`: the prefix `xmlns` and its namespace cannot be declared"));
            }
            ("", "") => {}
            (_, "") => return Err(format!("the prefix `{prefix}` is bound to no namespace")),
            _ => {}
        }
        let own = self.bindings.iter().rev().take_while(|(.., at)| *at == depth);
        if own.into_iter().any(|(bound, ..)| **bound == *prefix) {
            return Err(format!("the attribute `{shown}` appears twice"));
        }
        let known = self
            .bindings
            .iter()
            .rev()
            .find_map(|(_, known, _)| known.as_ref().filter(|it| &***it == namespace));
        let namespace = known.cloned().or_else(|| (!namespace.is_empty()).then(|| Arc::from(namespace)));
        self.bindings.push((prefix.into(), namespace, depth));
        Ok(())
    }

    /// Whether some prefix is bound to `namespace`.
    pub(crate) fn binds(&self, namespace: &str) -> bool {
        self.bindings.iter().any(|(_, bound, _)| bound.as_deref() == Some(namespace))
    }

    /// Forgets what was bound by elements at `depth` and deeper.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|(.., at)| *at >= depth) {
            self.bindings.pop();
        }
    }

    /// The namespace of `prefix`; an error if it is bound to none.
    pub(crate) fn find(&self, prefix: &str) -> Result<Option<Arc<str>>, ()> {
        if prefix == "xml" {
            return Ok(Some(Arc::from(XML)));
        }
        let found = self.bindings.iter().rev().find(|(bound, ..)| &**bound == prefix);
        match found {
            Some((_, namespace, _)) => Ok(namespace.clone()),
            None if prefix.is_empty() => Ok(None),
            None => Err(()),
        }
    }

    /// The name that `text` stands for, as in the value of an attribute `type`. Without a prefix it is in the default namespace.
    pub(crate) fn resolve(&self, text: &str) -> Result<Name, ()> {
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        Ok(Name { namespace: self.find(prefix)?, local: Arc::from(local) })
    }
}
