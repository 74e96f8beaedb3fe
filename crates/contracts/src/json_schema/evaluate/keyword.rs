//! Schemas and their keywords, ready to run.

use std::collections::{HashMap, HashSet};

use tenon_model::{Decimal, Str};

use super::{SchemaId, format::TextForm, pattern::Pattern};

/// One schema.
#[derive(Debug, Default)]
pub(super) struct Schema {
    /// The resource that it belongs to.
    pub(super) resource: usize,
    /// In the order in which they run: what looks at the marks of others comes last.
    pub(super) keywords: Vec<Keyword>,
    /// Whether null passes whatever the keywords say (OpenAPI 3.0).
    pub(super) nullable: bool,
    /// Whether a keyword asks what the others have looked at.
    pub(super) needs_marks: bool,
    /// What it says itself, without the schemas that it leads to.
    pub(super) own: String,
    /// The schemas that it leads to, in order.
    pub(super) children: Vec<SchemaId>,
}

/// The types of JSON as a set of bits, with whole numbers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TypeSet(pub(super) u8);

impl TypeSet {
    pub(super) const NULL: u8 = 1;
    pub(super) const BOOL: u8 = 2;
    pub(super) const INTEGER: u8 = 4;
    pub(super) const FRACTION: u8 = 8;
    pub(super) const TEXT: u8 = 16;
    pub(super) const LIST: u8 = 32;
    pub(super) const OBJECT: u8 = 64;
}

/// A keyword, or some that work together.
#[derive(Debug)]
pub(super) enum Keyword {
    /// The schema `false`.
    Never,
    Types(TypeSet, String),
    /// `enum` and `const`, by the canonical form of their values, and their JSON.
    Members(&'static str, HashSet<Vec<u8>>, Vec<String>),
    Minimum(Decimal, bool),
    Maximum(Decimal, bool),
    MultipleOf(Decimal),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Str, Pattern),
    Format(Str, TextForm),
    Items {
        prefix: Vec<SchemaId>,
        rest: Option<SchemaId>,
    },
    Contains {
        schema: SchemaId,
        min: u64,
        max: Option<u64>,
        marks: bool,
    },
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    Properties(Properties),
    Required(Vec<Str>),
    MinProperties(u64),
    MaxProperties(u64),
    PropertyNames(SchemaId),
    DependentRequired(Vec<(Str, Vec<Str>)>),
    DependentSchemas(Vec<(Str, SchemaId)>),
    AllOf(Vec<SchemaId>),
    AnyOf(Vec<SchemaId>),
    OneOf(Vec<SchemaId>),
    Not(SchemaId),
    If {
        condition: SchemaId,
        then: Option<SchemaId>,
        other: Option<SchemaId>,
    },
    Ref(SchemaId),
    /// The schema that the reference means where nothing around it says otherwise, and the anchor that it asks for.
    DynamicRef(SchemaId, String),
    RecursiveRef(SchemaId),
    UnevaluatedItems(SchemaId),
    UnevaluatedProperties(SchemaId),
}

/// `properties`, `patternProperties` and `additionalProperties`.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) by_name: HashMap<Str, SchemaId>,
    pub(super) patterns: Vec<(Str, Pattern, SchemaId)>,
    pub(super) additional: Option<SchemaId>,
}

impl Properties {
    /// What says something about the property `name`.
    ///
    /// # Errors
    /// That a pattern went back too often.
    pub(super) fn about(&self, name: &str) -> Result<Vec<SchemaId>, String> {
        let mut ids: Vec<SchemaId> = self.by_name.get(name).copied().into_iter().collect();
        for (_, pattern, id) in &self.patterns {
            if pattern.is_match(name)? {
                ids.push(*id);
            }
        }
        if ids.is_empty() {
            ids.extend(self.additional);
        }
        Ok(ids)
    }
}

impl Keyword {
    /// What a value that breaks it does, as the rest of a sentence.
    pub(super) fn breach(&self) -> String {
        match self {
            Self::Never => "is not allowed here (`false`)".to_owned(),
            Self::Types(_, names) => format!("is not {names} (`type`)"),
            Self::Members(key, ..) => format!("is not one of the allowed values (`{key}`)"),
            Self::Minimum(bound, true) => format!("is not above {bound} (`exclusiveMinimum`)"),
            Self::Minimum(bound, false) => format!("is less than {bound} (`minimum`)"),
            Self::Maximum(bound, true) => format!("is not below {bound} (`exclusiveMaximum`)"),
            Self::Maximum(bound, false) => format!("is greater than {bound} (`maximum`)"),
            Self::MultipleOf(unit) => format!("is not a multiple of {unit} (`multipleOf`)"),
            Self::MinLength(min) => format!("has fewer than {min} characters (`minLength`)"),
            Self::MaxLength(max) => format!("has more than {max} characters (`maxLength`)"),
            Self::Pattern(pattern, _) => format!("does not match the pattern `{pattern}` (`pattern`)"),
            Self::Format(name, _) => format!("is not a valid {name} (`format`)"),
            Self::Items { .. } => "has an item that is not as it should be (`items`)".to_owned(),
            Self::Contains { min, max: None, .. } => {
                format!("has fewer than {min} items of the kind that it has to contain (`contains`)")
            }
            Self::Contains { min, max: Some(max), .. } => {
                format!("does not have {min} to {max} items of the kind that it has to contain (`contains`)")
            }
            Self::MinItems(min) => format!("has fewer than {min} items (`minItems`)"),
            Self::MaxItems(max) => format!("has more than {max} items (`maxItems`)"),
            Self::UniqueItems => "has two equal items (`uniqueItems`)".to_owned(),
            Self::Properties(_) => "has a field that is not as it should be (`properties`)".to_owned(),
            Self::Required(_) => "lacks a required field (`required`)".to_owned(),
            Self::MinProperties(min) => format!("has fewer than {min} fields (`minProperties`)"),
            Self::MaxProperties(max) => format!("has more than {max} fields (`maxProperties`)"),
            Self::PropertyNames(_) => "has a field whose name is not allowed (`propertyNames`)".to_owned(),
            Self::DependentRequired(_) => {
                "has a field without one that it needs (`dependentRequired`)".to_owned()
            }
            Self::DependentSchemas(_) => {
                "is not as one of its fields needs it (`dependentSchemas`)".to_owned()
            }
            Self::AllOf(_) => "does not follow all of `allOf`".to_owned(),
            Self::AnyOf(_) => "follows no alternative of `anyOf`".to_owned(),
            Self::OneOf(_) => "does not follow exactly one alternative of `oneOf`".to_owned(),
            Self::Not(_) => "is what `not` excludes".to_owned(),
            Self::If { .. } => "does not follow what `if` leads to (`then`, `else`)".to_owned(),
            Self::Ref(_) => "does not follow what `$ref` leads to".to_owned(),
            Self::DynamicRef(..) => "does not follow what `$dynamicRef` leads to".to_owned(),
            Self::RecursiveRef(_) => "does not follow what `$recursiveRef` leads to".to_owned(),
            Self::UnevaluatedItems(_) => "has an item that no rule describes (`unevaluatedItems`)".to_owned(),
            Self::UnevaluatedProperties(_) => {
                "has a field that no rule describes (`unevaluatedProperties`)".to_owned()
            }
        }
    }
}
