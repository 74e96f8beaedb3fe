//! Simple types: restrictions, lists and unions.

use std::sync::Arc;

use tenon_errors::{Report, catalogue::contract::BAD_DEFAULT};
use tenon_model::Str;

use super::{At, Reader, Space, State, XSD, attributes::ATTRIBUTES, bounds::MAX_DERIVED, documentation};
use crate::{
    xml::{Element as Node, Name},
    xsd::{
        model::Type,
        simple::{
            DAYS_AND_TIMES, Facets, Origin, Pattern, Primitive, Simple, Variety, White, Wrong, Zone, builtin,
        },
        ways::Ways,
    },
};

/// The most types that a text is tried by.
const MAX_ALTERNATIVES: usize = 1_000;

/// What a pattern costs among the parts that types have from others.
const PATTERN_PARTS: usize = 50;

const FACETS: &[&str] = &[
    "length",
    "minLength",
    "maxLength",
    "pattern",
    "enumeration",
    "whiteSpace",
    "minInclusive",
    "minExclusive",
    "maxInclusive",
    "maxExclusive",
    "totalDigits",
    "fractionDigits",
    "explicitTimezone",
];

impl<'d> Reader<'d> {
    /// The built-in type `local`. What no text alone shows of it is noted.
    pub(super) fn builtin(&mut self, node: &Node, local: &str) -> Option<Arc<Simple>> {
        let found = builtin(local);
        match (found, local) {
            (None, _) => self.bad(
                node,
                format!("XML Schema has no type `{local}`"),
                "write a type that it has, such as `xs:string`",
            ),
            (_, "QName") => {
                let message =
                    "a `QName` is kept as it is written, and the namespace of its prefix is not".to_owned();
                self.note(node, message, "use a type whose text says all");
            }
            (_, "ENTITY" | "ENTITIES" | "NOTATION") => {
                let message =
                    format!("`{local}` is checked as a name, and not that it is declared somewhere");
                self.note(node, message, "use `xs:NCName`");
            }
            _ => {}
        }
        found.cloned()
    }

    /// The simple type that `text` refers to.
    pub(super) fn simple_reference(&mut self, node: &'d Node, text: &str, at: At) -> Option<Arc<Simple>> {
        let name = self.name(node, text, at)?;
        if name.namespace.as_deref() == Some(XSD) {
            return self.builtin(node, &name.local);
        }
        let global = self.find(Space::Type, node, text, at)?;
        match self.global_type(global)? {
            Type::Simple(simple) => Some(simple),
            _ => {
                self.bad(node, format!("`{name}` is not a simple type"), "refer to a simple type");
                None
            }
        }
    }

    /// The simple type that is declared at the top under `global`.
    pub(super) fn global_simple(&mut self, global: usize) -> Option<Arc<Simple>> {
        let node = self.globals[global].node;
        match self.simples.get(&global).cloned() {
            Some(State::Done(simple)) => return simple,
            Some(State::Open) => {
                let message = format!("the type `{}` is made of itself", self.globals[global].name);
                self.bad(node, message, "make it of another type");
                return None;
            }
            None => {}
        }
        self.simples.insert(global, State::Open);
        let name = self.globals[global].name.clone();
        let simple = self.simple(node, self.at(global), Some(&name));
        self.simples.insert(global, State::Done(simple.clone()));
        simple
    }

    /// The type that a `simpleType` declares.
    pub(super) fn simple(&mut self, node: &'d Node, at: At, name: Option<&Name>) -> Option<Arc<Simple>> {
        if !self.count(node) {
            return None;
        }
        self.depth += 1;
        let parts = self.parts(node, &["restriction", "list", "union"]);
        let made = match parts[..] {
            [part] => match &*part.name.local {
                "restriction" => self.restriction(part, at),
                "list" => self.list(part, at).map(|facets| (None, facets)),
                _ => self.union(part, at).map(|facets| (None, facets)),
            },
            _ => {
                self.bad(
                    node,
                    "a simple type has one of `restriction`, `list` and `union`".to_owned(),
                    "write one of them",
                );
                None
            }
        };
        self.depth -= 1;
        let (base, facets) = made?;
        let finals = self.ways(node, "final", Ways::OF_SIMPLE, at);
        let name = name.map(|name| Str::new(&*name.local));
        let place = Some(node.place.clone());
        self.finished(node, Origin { name, base, finals, place }, facets)
    }

    /// The type of these facets; what no shape says of it is noted.
    pub(super) fn finished(&mut self, node: &Node, origin: Origin, facets: Facets) -> Option<Arc<Simple>> {
        let values = facets.enumeration.as_ref().map_or(0, Vec::len);
        if !self.inherit(values + facets.patterns.len() * PATTERN_PARTS, &node.place) {
            return None;
        }
        let mut bases = std::iter::successors(origin.base.as_ref(), |base| base.origin.base.as_ref());
        if bases.nth(MAX_DERIVED).is_some() {
            let message = format!("the type is derived over more than {MAX_DERIVED} others");
            self.bad(node, message, "derive it from one of the first of them");
            return None;
        }
        match Simple::new(origin, facets) {
            Ok(simple) => {
                for what in &simple.residue {
                    let message =
                        format!("{what} is checked where XML is read and written, and nowhere else");
                    self.note(node, message, "check it in a mapping where the data is of another form");
                }
                Some(simple)
            }
            Err(report) => {
                self.push(report.at(node.place.clone()));
                None
            }
        }
    }

    fn restriction(&mut self, node: &'d Node, at: At) -> Option<(Option<Arc<Simple>>, Facets)> {
        let base = self.base(node, at)?;
        self.check_final(node, &base, Ways::RESTRICTION);
        let facets = self.restricted(node, &base)?;
        Some((Some(base), facets))
    }

    /// Reports a derivation that its base excludes.
    fn check_final(&mut self, node: &Node, base: &Simple, way: Ways) {
        if base.origin.finals.meets(way) {
            let message = format!("the type `{}` is final, and excludes this derivation", base.title());
            self.bad(node, message, "derive from another type, or change `final`");
        }
    }

    /// What is restricted: what `base` refers to, or the type inside.
    fn base(&mut self, node: &'d Node, at: At) -> Option<Arc<Simple>> {
        let inner = node.children.iter().find(|child| child.name.is(XSD, "simpleType"));
        match (node.get("base"), inner) {
            (Some(base), None) => self.simple_reference(node, base, at),
            (None, Some(inner)) => self.simple(inner, at, None),
            _ => {
                self.bad(
                    node,
                    "a restriction has either `base` or a type inside".to_owned(),
                    "write one of them",
                );
                None
            }
        }
    }

    /// `base` with the facets in `node`.
    pub(super) fn restricted(&mut self, node: &'d Node, base: &Arc<Simple>) -> Option<Facets> {
        let mut facets = base.facets.clone();
        let (mut patterns, mut values) = (Vec::new(), Vec::new());
        let allowed = [FACETS, &["simpleType"], ATTRIBUTES].concat();
        let parts = self.parts(node, &allowed);
        for facet in parts.into_iter().filter(|part| FACETS.contains(&&*part.name.local)) {
            let Some(value) = facet.get("value") else {
                self.bad(facet, format!("`{}` has no `value`", facet.name.local), "give it a value");
                continue;
            };
            match &*facet.name.local {
                "pattern" => patterns.push((facet, value)),
                "enumeration" => match base.read(value) {
                    Ok(read) => values.push((read, documentation(facet))),
                    Err(why) => self.bad(
                        facet,
                        format!("{value:?} {why}"),
                        "write a value of the type that is restricted",
                    ),
                },
                name => {
                    if let Err((message, hint)) = set(&mut facets, base, name, value) {
                        self.bad(facet, message, hint);
                    }
                }
            }
        }
        if let Some((first, _)) = patterns.first() {
            let texts: Vec<&str> = patterns.iter().map(|(_, text)| *text).collect();
            match Pattern::new(&texts) {
                Ok(pattern) => {
                    let is_date_time = matches!(facets.variety, Variety::Atomic(Primitive::DateTime));
                    if is_date_time && facets.zone == Zone::Optional {
                        facets.zone = pattern.zone();
                    }
                    let is_duration = matches!(facets.variety, Variety::Atomic(Primitive::Duration));
                    if is_duration
                        && pattern.written == DAYS_AND_TIMES
                        && facets.min.is_none()
                        && facets.max.is_none()
                    {
                        facets.variety = Variety::Atomic(Primitive::DayTimeDuration);
                    }
                    facets.patterns.push(pattern);
                }
                Err(report) => self.push(report.at(first.place.clone())),
            }
        }
        if !values.is_empty() {
            facets.enumeration = Some(values);
        }
        Some(facets)
    }

    fn list(&mut self, node: &'d Node, at: At) -> Option<Facets> {
        let inner = self.parts(node, &["simpleType"]);
        let item = match (node.get("itemType"), &inner[..]) {
            (Some(item), []) => self.simple_reference(node, item, at)?,
            (None, [inner]) => self.simple(inner, at, None)?,
            _ => {
                self.bad(
                    node,
                    "a list has either `itemType` or a type inside".to_owned(),
                    "write one of them",
                );
                return None;
            }
        };
        self.check_final(node, &item, Ways::LIST);
        if matches!(item.facets.variety, Variety::List(_)) {
            self.bad(node, "a list of lists cannot be written".to_owned(), "make the items of another type");
            return None;
        }
        Some(Facets::list(item))
    }

    fn union(&mut self, node: &'d Node, at: At) -> Option<Facets> {
        let mut members = Vec::new();
        for name in node.get("memberTypes").unwrap_or_default().split_ascii_whitespace() {
            members.push(self.simple_reference(node, name, at)?);
        }
        for inner in self.parts(node, &["simpleType"]) {
            members.push(self.simple(inner, at, None)?);
        }
        if members.is_empty() {
            self.bad(node, "a union has no member".to_owned(), "name its types in `memberTypes`");
            return None;
        }
        members.iter().for_each(|member| self.check_final(node, member, Ways::UNION));
        let facets = Facets::union(members);
        if facets.weight > MAX_ALTERNATIVES {
            let message =
                format!("the union has more than {MAX_ALTERNATIVES} alternatives with those inside of it");
            self.bad(node, message, "name each alternative once");
            return None;
        }
        Some(facets)
    }

    /// Reports a default or fixed text that is not of its type.
    pub(super) fn check_default(&mut self, node: &Node, text: &str, of: &Simple) {
        if let Err(why) = of.read(text) {
            let message = format!("{text:?} {why}");
            let report = Report::new(&BAD_DEFAULT, message).at(node.place.clone());
            self.push(report.hint("write a text of the type"));
        }
    }
}

fn set(facets: &mut Facets, base: &Simple, name: &str, value: &str) -> Result<(), Wrong> {
    if name == "whiteSpace" {
        let white = match value {
            "preserve" => White::Preserve,
            "replace" => White::Replace,
            "collapse" => White::Collapse,
            _ => return Err((format!("`whiteSpace` is {value:?}"), "write preserve, replace or collapse")),
        };
        if white < facets.white {
            return Err((
                "`whiteSpace` keeps more than the type that is restricted".to_owned(),
                "leave it out",
            ));
        }
        facets.white = white;
        return Ok(());
    }
    if name == "explicitTimezone" {
        let zone = match value {
            "optional" => Zone::Optional,
            "required" => Zone::Required,
            "prohibited" => Zone::Prohibited,
            _ => {
                return Err((
                    format!("`explicitTimezone` is {value:?}"),
                    "write optional, required or prohibited",
                ));
            }
        };
        if !matches!(facets.variety, Variety::Atomic(Primitive::DateTime)) {
            return Err((
                "`explicitTimezone` is only known for dates with a time".to_owned(),
                "use it with `xs:dateTime`",
            ));
        }
        if facets.zone != Zone::Optional && facets.zone != zone {
            return Err((
                "`explicitTimezone` differs from that of the type that is restricted".to_owned(),
                "leave it out",
            ));
        }
        facets.zone = zone;
        return Ok(());
    }
    if name.starts_with("min") && name != "minLength" || name.starts_with("max") && name != "maxLength" {
        // A bound of the base does not bound the bounds that restrict it: they are compared.
        let value = base
            .read(value)
            .map_err(|why| (format!("{value:?} {why}"), "write a value of the type that is restricted"))?;
        return facets.limit(name, value);
    }
    let Ok(count) = value.trim().parse::<u32>() else {
        return Err((format!("`{name}` is {value:?}"), "write a whole number"));
    };
    let wider = || {
        Err((
            format!("`{name}` is wider than that of the type that is restricted"),
            "restrict it further, or leave it out",
        ))
    };
    match name {
        "totalDigits" | "fractionDigits" => {
            let own =
                if name == "totalDigits" { &mut facets.total_digits } else { &mut facets.fraction_digits };
            if own.is_some_and(|base| count > base) {
                return wider();
            }
            *own = Some(count);
        }
        _ => {
            let count = u64::from(count);
            let length = &mut facets.length;
            if name != "maxLength" {
                if length.min.is_some_and(|base| count < base) {
                    return wider();
                }
                length.min = Some(count);
            }
            if name != "minLength" {
                if length.max.is_some_and(|base| count > base) {
                    return wider();
                }
                length.max = Some(count);
            }
            if length.min.zip(length.max).is_some_and(|(min, max)| min > max) {
                return Err(("no length lies between the bounds".to_owned(), "correct one of the two"));
            }
        }
    }
    Ok(())
}
