//! The keywords of JSON Schema, and what is done with each.

/// What a keyword is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Says something to people; accepted everywhere.
    Annotation,
    /// Decides what the schema is: `type`, `$ref`, `enum`.
    Core,
    /// Bounds numbers.
    Number,
    /// Bounds text.
    Text,
    /// `format`, which bounds text and a few numbers.
    Format,
    /// Bounds lists.
    List,
    /// Bounds objects.
    Object,
    /// Only makes sense at the top of a file.
    Top,
    /// Validates, but Tenon cannot enforce it (yet).
    Unsupported,
}

/// A keyword and what it is about.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    /// As written.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
}

impl Group {
    /// Every group, in the order of the reference.
    pub const ALL: &[Self] = &[
        Self::Core,
        Self::Object,
        Self::List,
        Self::Text,
        Self::Number,
        Self::Format,
        Self::Annotation,
        Self::Top,
        Self::Unsupported,
    ];

    /// What is done with its keywords, in one sentence.
    #[must_use]
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Annotation => "Say something to people; `default` also fills in what is absent.",
            Self::Core => "Decide what a value is.",
            Self::Number => "Bound numbers.",
            Self::Text => "Bound text.",
            Self::Format => "Names a form of text or numbers.",
            Self::List => "Bound lists.",
            Self::Object => "Bound records and maps.",
            Self::Top => "Only make sense at the top of a file.",
            Self::Unsupported => "Cannot be enforced and are refused with `C0002`, never ignored.",
        }
    }
}

/// A keyword that Tenon adds to JSON Schema.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// As written.
    pub name: &'static str,
    /// The values that it takes.
    pub values: &'static [&'static str],
    /// What it does, in one sentence.
    pub doc: &'static str,
}

/// Every keyword that Tenon adds. Others that start with `x-` are taken as annotations of other tools.
pub const EXTENSIONS: &[Extension] = &[Extension {
    name: "x-sensitivity",
    values: &["personal", "secret"],
    doc: "The field is about a person, or secret: its values do not appear in logs and reports.",
}];

const fn keyword(name: &'static str, group: Group) -> Keyword {
    Keyword { name, group }
}

/// Every keyword that is known, by group.
pub const ALL: &[Keyword] = &[
    keyword("title", Group::Annotation),
    keyword("description", Group::Annotation),
    keyword("default", Group::Annotation),
    keyword("examples", Group::Annotation),
    keyword("deprecated", Group::Annotation),
    keyword("readOnly", Group::Annotation),
    keyword("writeOnly", Group::Annotation),
    keyword("contentMediaType", Group::Annotation),
    keyword("$comment", Group::Annotation),
    keyword("type", Group::Core),
    keyword("enum", Group::Core),
    keyword("const", Group::Core),
    keyword("$ref", Group::Core),
    keyword("oneOf", Group::Core),
    keyword("anyOf", Group::Core),
    keyword("discriminator", Group::Core),
    keyword("minimum", Group::Number),
    keyword("maximum", Group::Number),
    keyword("exclusiveMinimum", Group::Number),
    keyword("exclusiveMaximum", Group::Number),
    keyword("multipleOf", Group::Number),
    keyword("minLength", Group::Text),
    keyword("maxLength", Group::Text),
    keyword("pattern", Group::Text),
    keyword("contentEncoding", Group::Text),
    keyword("format", Group::Format),
    keyword("items", Group::List),
    keyword("minItems", Group::List),
    keyword("maxItems", Group::List),
    keyword("uniqueItems", Group::List),
    keyword("properties", Group::Object),
    keyword("required", Group::Object),
    keyword("additionalProperties", Group::Object),
    keyword("minProperties", Group::Object),
    keyword("maxProperties", Group::Object),
    keyword("$schema", Group::Top),
    keyword("$id", Group::Top),
    keyword("$defs", Group::Top),
    keyword("definitions", Group::Top),
    keyword("allOf", Group::Unsupported),
    keyword("not", Group::Unsupported),
    keyword("if", Group::Unsupported),
    keyword("then", Group::Unsupported),
    keyword("else", Group::Unsupported),
    keyword("prefixItems", Group::Unsupported),
    keyword("additionalItems", Group::Unsupported),
    keyword("contains", Group::Unsupported),
    keyword("minContains", Group::Unsupported),
    keyword("maxContains", Group::Unsupported),
    keyword("patternProperties", Group::Unsupported),
    keyword("propertyNames", Group::Unsupported),
    keyword("dependentRequired", Group::Unsupported),
    keyword("dependentSchemas", Group::Unsupported),
    keyword("dependencies", Group::Unsupported),
    keyword("unevaluatedItems", Group::Unsupported),
    keyword("unevaluatedProperties", Group::Unsupported),
    keyword("contentSchema", Group::Unsupported),
    keyword("$anchor", Group::Unsupported),
    keyword("$dynamicRef", Group::Unsupported),
    keyword("$dynamicAnchor", Group::Unsupported),
    keyword("$vocabulary", Group::Unsupported),
];

/// What the keyword `name` is about; `None` if there is no such keyword. Keys that start with `x-` are annotations.
#[must_use]
pub fn group(name: &str) -> Option<Group> {
    if name.starts_with("x-") {
        return Some(Group::Annotation);
    }
    ALL.iter().find(|keyword| keyword.name == name).map(|keyword| keyword.group)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_keyword_is_listed_twice() {
        let names: BTreeSet<_> = ALL.iter().map(|keyword| keyword.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
