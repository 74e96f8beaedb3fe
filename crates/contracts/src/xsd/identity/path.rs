//! The part of XPath that `selector` and `field` are written in (XML Schema Part 1, section 3.11.6).

use std::sync::Arc;

use crate::xml::{Name, Scope, is_name};

/// Steps down from an element, to elements or to an attribute of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::xsd) struct Path {
    /// Whether it begins at any depth (`.//`).
    is_deep: bool,
    steps: Vec<Test>,
    attribute: Option<Test>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Any,
    Namespace(Option<Arc<str>>),
    Name(Name),
}

impl Test {
    fn is_met(&self, name: &Name) -> bool {
        match self {
            Self::Any => true,
            Self::Namespace(namespace) => name.namespace == *namespace,
            Self::Name(wanted) => wanted == name,
        }
    }
}

impl Path {
    /// The paths that `text` separates by `|`. Names without a prefix are in no namespace.
    ///
    /// # Errors
    /// Why it is none of the part of XPath that is allowed, as the rest of a sentence that begins with the text.
    pub(in crate::xsd) fn read(
        text: &str,
        scope: &Scope,
        may_end_in_attribute: bool,
    ) -> Result<Vec<Self>, String> {
        text.split('|').map(|path| one(path, scope, may_end_in_attribute)).collect()
    }

    /// Whether it leads to the last of `names`, which are those of the elements below where it starts.
    pub(super) fn leads_to<'n>(
        &self,
        names: impl ExactSizeIterator<Item = &'n Name> + DoubleEndedIterator,
    ) -> bool {
        let length = names.len();
        let fits = if self.is_deep { length >= self.steps.len() } else { length == self.steps.len() };
        fits && self.steps.iter().rev().zip(names.rev()).all(|(test, name)| test.is_met(name))
    }

    /// Whether it ends in an attribute.
    pub(super) fn is_of_attribute(&self) -> bool {
        self.attribute.is_some()
    }

    /// Whether it ends in the attribute `name`.
    pub(super) fn ends_in(&self, name: &Name) -> bool {
        self.attribute.as_ref().is_some_and(|test| test.is_met(name))
    }
}

fn one(text: &str, scope: &Scope, may_end_in_attribute: bool) -> Result<Path, String> {
    let plain: String = text.split_whitespace().collect();
    let (is_deep, rest) = match plain.strip_prefix(".//") {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let mut path = Path { is_deep, steps: Vec::new(), attribute: None };
    for step in rest.split('/') {
        if path.attribute.is_some() {
            return Err("goes on behind an attribute".to_owned());
        }
        let attribute = step.strip_prefix('@').or_else(|| step.strip_prefix("attribute::"));
        match attribute {
            Some(_) if !may_end_in_attribute => {
                return Err("selects attributes, and only elements can be selected".to_owned());
            }
            Some(name) => path.attribute = Some(test(name, scope)?),
            None if step == "." => {}
            None => path.steps.push(test(step.strip_prefix("child::").unwrap_or(step), scope)?),
        }
    }
    Ok(path)
}

fn test(text: &str, scope: &Scope) -> Result<Test, String> {
    if text == "*" {
        return Ok(Test::Any);
    }
    let (prefix, local) = text.split_once(':').unwrap_or(("", text));
    let is_valid =
        (prefix.is_empty() && !text.contains(':') || is_name(prefix)) && (local == "*" || is_name(local));
    if !is_valid {
        return Err(format!("has the step `{text}`, which is not allowed here"));
    }
    let namespace = match prefix {
        "" => None,
        prefix => {
            scope.find(prefix).map_err(|()| format!("has the prefix `{prefix}`, which is not declared"))?
        }
    };
    Ok(match local {
        "*" => Test::Namespace(namespace),
        local => Test::Name(Name { namespace, local: Arc::from(local) }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_xpath_says() {
        let name = |local: &str| Name { namespace: None, local: Arc::from(local) };
        let cases = [
            ("a/b", "a/b", true),
            ("a/b", "b", false),
            (".//b", "x/y/b", true),
            (".//a/b", "a/x/b", false),
            ("*/b", "x/b", true),
            (".", "", true),
            ("./a/.", "a", true),
            ("child::a | b", "b", true),
            ("a", "a/a", false),
        ];
        for (path, at, expected) in cases {
            let names: Vec<Name> = at.split('/').filter(|it| !it.is_empty()).map(name).collect();
            let paths = Path::read(path, &Scope::default(), false).unwrap();
            assert_eq!(paths.iter().any(|it| it.leads_to(names.iter())), expected, "{path} {at}");
        }
        for bad in ["", "/a", "a//b", "a[1]", "..", "@a/b", "p:a", "@a", "a::b"] {
            assert!(Path::read(bad, &Scope::default(), false).is_err(), "{bad}");
        }
        assert!(Path::read("a/@b", &Scope::default(), true).unwrap()[0].ends_in(&name("b")));
    }
}
