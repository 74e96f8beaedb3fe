//! What a file of GraphQL's type system language says: types, directives and where operations start, with extensions applied.

use std::collections::{HashMap, HashSet};

pub(super) use crate::problems::Span;

/// Something that was written, and where.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) span: Span,
}

/// A type reference: what is named, and the wrappers around it, the innermost first.
#[derive(Debug, Clone)]
pub(super) struct TypeRef {
    pub(super) name: Name,
    pub(super) wraps: Vec<Wrap>,
}

/// What a type reference puts around a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    List,
    NonNull,
}

impl TypeRef {
    pub(super) fn is_non_null(&self) -> bool {
        self.wraps.last() == Some(&Wrap::NonNull)
    }

    pub(super) fn has_list(&self) -> bool {
        self.wraps.contains(&Wrap::List)
    }
}

impl std::fmt::Display for TypeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lists = self.wraps.iter().filter(|wrap| **wrap == Wrap::List).count();
        write!(f, "{}{}", "[".repeat(lists), self.name.text)?;
        self.wraps.iter().try_for_each(|wrap| f.write_str(if *wrap == Wrap::List { "]" } else { "!" }))
    }
}

/// A constant.
#[derive(Debug, Clone)]
pub(super) struct Constant {
    pub(super) form: Form,
    pub(super) span: Span,
}

/// The form in which a constant is written.
#[derive(Debug, Clone)]
pub(super) enum Form {
    Null,
    Bool(bool),
    Int(String),
    Float(String),
    Text(String),
    Enum(String),
    List(Vec<Constant>),
    Object(Vec<(Name, Constant)>),
    /// In operations: what a variable of this name is.
    Variable(String),
}

/// A directive that is applied to something.
#[derive(Debug, Clone)]
pub(super) struct Directive {
    pub(super) name: Name,
    pub(super) arguments: Vec<(Name, Constant)>,
}

/// A field of an object, interface or input object, or an argument.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) doc: Option<String>,
    pub(super) name: Name,
    /// Of fields of objects and interfaces.
    pub(super) arguments: Vec<Field>,
    pub(super) ty: TypeRef,
    /// Of arguments and fields of input objects.
    pub(super) default: Option<Constant>,
    pub(super) directives: Vec<Directive>,
}

impl Field {
    /// Whether a value has to be given, as there is neither null nor a default to stand in for it.
    pub(super) fn is_required(&self) -> bool {
        self.ty.is_non_null() && self.default.is_none()
    }
}

/// A value of an enumeration.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) doc: Option<String>,
    pub(super) name: Name,
    pub(super) directives: Vec<Directive>,
}

/// Which kind of type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    Input,
}

impl Sort {
    /// What it is called in messages.
    pub(super) fn called(self) -> &'static str {
        match self {
            Self::Scalar => "a scalar",
            Self::Object => "an object type",
            Self::Interface => "an interface",
            Self::Union => "a union",
            Self::Enum => "an enumeration",
            Self::Input => "an input type",
        }
    }

    pub(super) fn is_input(self) -> bool {
        matches!(self, Self::Scalar | Self::Enum | Self::Input)
    }

    pub(super) fn is_output(self) -> bool {
        self != Self::Input
    }
}

/// A type, or an extension of one.
#[derive(Debug, Clone)]
pub(super) struct Type {
    pub(super) sort: Sort,
    pub(super) doc: Option<String>,
    pub(super) name: Name,
    pub(super) directives: Vec<Directive>,
    pub(super) interfaces: Vec<Name>,
    pub(super) fields: Vec<Field>,
    /// Of a union.
    pub(super) members: Vec<Name>,
    /// Of an enumeration.
    pub(super) values: Vec<Member>,
}

/// A directive that is defined.
#[derive(Debug, Clone)]
pub(super) struct DirectiveDefinition {
    pub(super) name: Name,
    pub(super) arguments: Vec<Field>,
    pub(super) is_repeatable: bool,
    pub(super) locations: Vec<Name>,
}

/// What a root operation type is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Query,
    Mutation,
    Subscription,
}

impl Operation {
    pub(super) const ALL: [Self; 3] = [Self::Query, Self::Mutation, Self::Subscription];

    /// The keyword.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }

    /// The type that is meant where no schema definition says otherwise.
    pub(super) fn usual_type(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Mutation => "Mutation",
            Self::Subscription => "Subscription",
        }
    }
}

/// A schema definition or extension.
#[derive(Debug, Clone)]
pub(super) struct SchemaDefinition {
    pub(super) span: Span,
    pub(super) is_extension: bool,
    pub(super) directives: Vec<Directive>,
    pub(super) roots: Vec<(Operation, Name)>,
}

/// A file as it is written.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) schemas: Vec<SchemaDefinition>,
    pub(super) types: Vec<Type>,
    pub(super) extensions: Vec<Type>,
    pub(super) directives: Vec<DirectiveDefinition>,
}

/// A file with its extensions applied and its names indexed. Of two types with one name the first counts.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) schemas: Vec<SchemaDefinition>,
    pub(super) types: Vec<Type>,
    pub(super) directives: Vec<DirectiveDefinition>,
    index: HashMap<String, usize>,
    inside: Vec<Inside>,
}

/// What is in a type, by its name, so that no check costs more than going through the file.
#[derive(Debug)]
struct Inside {
    /// The positions of fields, values or members.
    members: HashMap<String, usize>,
    interfaces: HashSet<String>,
}

impl Inside {
    fn of(ty: &Type) -> Self {
        let fields = ty.fields.iter().map(|field| &field.name).enumerate();
        let values = ty.values.iter().map(|value| &value.name).enumerate();
        let mut members = HashMap::new();
        for (at, name) in fields.chain(values).chain(ty.members.iter().enumerate()) {
            members.entry(name.text.clone()).or_insert(at);
        }
        Self { members, interfaces: ty.interfaces.iter().map(|name| name.text.clone()).collect() }
    }
}

/// The fields of an input type.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'m> {
    ty: &'m Type,
    inside: &'m Inside,
}

impl<'m> Inputs<'m> {
    pub(super) fn get(&self, name: &str) -> Option<&'m Field> {
        self.inside.members.get(name).and_then(|at| self.ty.fields.get(*at))
    }
}

impl Model {
    /// Applies the extensions of `document`; those that extend no type of their kind are given back.
    pub(super) fn of(document: Document) -> (Self, Vec<Type>) {
        let Document { schemas, mut types, extensions, directives } = document;
        let mut index = HashMap::with_capacity(types.len());
        for (at, ty) in types.iter().enumerate() {
            index.entry(ty.name.text.clone()).or_insert(at);
        }
        let mut astray = Vec::new();
        for extension in extensions {
            match index.get(&extension.name.text).map(|at| &mut types[*at]) {
                Some(ty) if ty.sort == extension.sort => {
                    ty.directives.extend(extension.directives);
                    ty.interfaces.extend(extension.interfaces);
                    ty.fields.extend(extension.fields);
                    ty.members.extend(extension.members);
                    ty.values.extend(extension.values);
                }
                _ => astray.push(extension),
            }
        }
        let inside = types.iter().map(Inside::of).collect();
        (Self { schemas, types, directives, index, inside }, astray)
    }

    /// Whether the type `name` has the field, value or member `member`.
    pub(super) fn has(&self, name: &str, member: &str) -> bool {
        self.position(name).is_some_and(|at| self.inside[at].members.contains_key(member))
    }

    /// The field `field` of the type at `at`.
    pub(super) fn field(&self, at: usize, field: &str) -> Option<&Field> {
        self.inside[at].members.get(field).and_then(|position| self.types[at].fields.get(*position))
    }

    /// Whether the type `name` says that it implements `interface`.
    pub(super) fn implements(&self, name: &str, interface: &str) -> bool {
        self.position(name).is_some_and(|at| self.inside[at].interfaces.contains(interface))
    }

    /// The fields of the input type `name`.
    pub(super) fn input(&self, name: &str) -> Option<Inputs<'_>> {
        let at = self.position(name).filter(|at| self.types[*at].sort == Sort::Input)?;
        Some(Inputs { ty: &self.types[at], inside: &self.inside[at] })
    }

    /// The names of the object types that values of the type `name` may be of.
    pub(super) fn possible(&self, name: &str) -> Vec<&str> {
        let Some(ty) = self.get(name) else { return Vec::new() };
        match ty.sort {
            Sort::Object => vec![ty.name.text.as_str()],
            Sort::Union => ty.members.iter().map(|member| member.text.as_str()).collect(),
            Sort::Interface => {
                let objects = self.types.iter().filter(|it| it.sort == Sort::Object);
                let names = objects.map(|it| it.name.text.as_str());
                names.filter(|object| self.implements(object, name)).collect()
            }
            Sort::Scalar | Sort::Enum | Sort::Input => Vec::new(),
        }
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Type> {
        self.position(name).map(|at| &self.types[at])
    }

    /// What kind of type `name` is, defined here or built in.
    pub(super) fn sort(&self, name: &str) -> Option<Sort> {
        let defined = self.get(name).map(|ty| ty.sort);
        defined.or_else(|| BUILT_IN.contains(&name).then_some(Sort::Scalar))
    }

    /// The root operation types: what schema definitions say, else the types with the usual names.
    pub(super) fn roots(&self) -> Vec<(Operation, String)> {
        if self.schemas.iter().any(|schema| !schema.is_extension) {
            let all = self.schemas.iter().flat_map(|schema| &schema.roots);
            return all.map(|(operation, name)| (*operation, name.text.clone())).collect();
        }
        let extended = self.schemas.iter().flat_map(|schema| &schema.roots);
        let mut roots: Vec<_> = extended.map(|(operation, name)| (*operation, name.text.clone())).collect();
        for operation in Operation::ALL {
            let is_there = self.get(operation.usual_type()).is_some_and(|ty| ty.sort == Sort::Object);
            if is_there && roots.iter().all(|(known, _)| *known != operation) {
                roots.push((operation, operation.usual_type().to_owned()));
            }
        }
        roots
    }
}

/// The scalars that every schema has.
pub(super) const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// The directive `name` among `directives`.
pub(super) fn directive<'d>(directives: &'d [Directive], name: &str) -> Option<&'d Directive> {
    directives.iter().find(|directive| directive.name.text == name)
}

/// The text that the argument `argument` of a directive is.
pub(super) fn text_argument<'d>(directive: &'d Directive, argument: &str) -> Option<&'d str> {
    let (_, value) = directive.arguments.iter().find(|(name, _)| name.text == argument)?;
    if let Form::Text(text) = &value.form { Some(text) } else { None }
}
