//! Introspection within bounds: the same lists of a schema can be asked for under any number of names, and within each other.

use apollo_compiler::{
    ExecutableDocument, Schema,
    executable::{Operation, Selection, SelectionSet},
    introspection,
    request::RequestError,
    response::JsonMap,
    schema::ExtendedType,
    validation::Valid,
};
use tenon_errors::{Report, catalogue::api::BAD_GRAPHQL};

use super::schema::Model;

/// The most values of one answer, or this many for each element of a schema that is larger: the usual query of tools takes
/// about thirty.
const MOST_VALUES: u64 = 200_000;
const PER_ELEMENT: u64 = 60;
/// Fragments may nest what the parser bounds otherwise.
const DEEPEST: usize = 64;

/// What `__schema`, `__type` and `__typename` at the root answer.
///
/// # Errors
/// `A0201` if that is too much; inside, what the compiler says.
pub(super) fn introspect(
    model: &Model,
    document: &Valid<ExecutableDocument>,
    operation: &Operation,
    variables: &Valid<JsonMap>,
) -> Result<Result<JsonMap, RequestError>, Report> {
    if !model.introspection && asks_for_schema(document, &operation.selection_set) {
        return Err(Report::new(&BAD_GRAPHQL, "this API does not show its schema")
            .hint("ask the owner of the API for it"));
    }
    let sizes = Sizes::of(&model.schema);
    let most = MOST_VALUES.max(sizes.elements().saturating_mul(PER_ELEMENT));
    let mut counting = Counting { document, sizes, left: most };
    let excess = || {
        let message = format!("introspection would answer with more than {most} values");
        Report::new(&BAD_GRAPHQL, message).hint("ask for each list of the schema once")
    };
    counting
        .count(&operation.selection_set, Level { objects: 1, whole: false, meta: false }, 0)
        .ok_or_else(excess)?;
    let answer = introspection::check_max_depth(document, operation).and_then(|()| {
        introspection::partial_execute(&model.schema, &model.implementers, document, operation, variables)
    });
    Ok(answer.map(|answered| answered.data.unwrap_or_default()))
}

/// Whether `__schema` or `__type` is selected at the root.
pub(super) fn asks_for_schema(document: &ExecutableDocument, set: &SelectionSet) -> bool {
    asks(document, set, 0)
}

fn asks(document: &ExecutableDocument, set: &SelectionSet, depth: usize) -> bool {
    depth > DEEPEST
        || set.selections.iter().any(|selection| match selection {
            Selection::Field(field) => matches!(field.name.as_str(), "__schema" | "__type"),
            Selection::InlineFragment(fragment) => asks(document, &fragment.selection_set, depth + 1),
            Selection::FragmentSpread(spread) => document
                .fragments
                .get(&spread.fragment_name)
                .is_some_and(|fragment| asks(document, &fragment.selection_set, depth + 1)),
        })
}

/// How many members of each kind a schema has in all, and its largest type or field.
#[derive(Default)]
struct Sizes {
    types: u64,
    directives: u64,
    fields: Size,
    arguments: Size,
    values: Size,
}

#[derive(Default)]
struct Size {
    all: u64,
    most: u64,
}

impl Size {
    fn add(&mut self, count: usize) {
        self.all += count as u64;
        self.most = self.most.max(count as u64);
    }

    /// How many there are in `level`.
    fn of(&self, level: Level) -> u64 {
        if level.whole { self.all } else { level.objects.saturating_mul(self.most) }
    }
}

impl Sizes {
    fn of(schema: &Schema) -> Self {
        let mut sizes = Self {
            types: schema.types.len() as u64,
            directives: schema.directive_definitions.len() as u64,
            ..Self::default()
        };
        for definition in schema.types.values() {
            match definition {
                ExtendedType::Object(object) => {
                    sizes.fields.add(object.fields.len());
                    object.fields.values().for_each(|field| sizes.arguments.add(field.arguments.len()));
                }
                ExtendedType::InputObject(input) => sizes.fields.add(input.fields.len()),
                ExtendedType::Enum(values) => sizes.values.add(values.values.len()),
                _ => {}
            }
        }
        schema
            .directive_definitions
            .values()
            .for_each(|directive| sizes.arguments.add(directive.arguments.len()));
        sizes
    }

    fn elements(&self) -> u64 {
        self.types + self.fields.all + self.arguments.all + self.values.all
    }
}

/// The objects that a selection is made of.
#[derive(Clone, Copy)]
struct Level {
    /// How many.
    objects: u64,
    /// Whether they are all that the schema has of their kind, so that what they hold can be told exactly.
    whole: bool,
    /// Whether they belong to introspection.
    meta: bool,
}

struct Counting<'d> {
    document: &'d Valid<ExecutableDocument>,
    sizes: Sizes,
    left: u64,
}

impl Counting<'_> {
    /// Takes the values of `set` off what is left; nothing if there are more.
    fn count(&mut self, set: &SelectionSet, level: Level, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    let name = field.name.as_str();
                    if !level.meta && !matches!(name, "__schema" | "__type") {
                        continue;
                    }
                    let inner = self.inner(name, level);
                    self.left = self.left.checked_sub(inner.objects.max(1))?;
                    if inner.objects > 0 {
                        self.count(&field.selection_set, inner, depth + 1)?;
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.count(&fragment.selection_set, level, depth + 1)?;
                }
                Selection::FragmentSpread(spread) => {
                    let document = self.document;
                    if let Some(fragment) = document.fragments.get(&spread.fragment_name) {
                        self.left = self.left.checked_sub(1)?;
                        self.count(&fragment.selection_set, level, depth + 1)?;
                    }
                }
            }
        }
        Some(())
    }

    /// The objects that the field `name` leads to.
    fn inner(&self, name: &str, level: Level) -> Level {
        let sizes = &self.sizes;
        let (objects, whole) = match name {
            "__schema" | "__type" => (1, name == "__schema"),
            "types" => (sizes.types, true),
            "directives" => (sizes.directives, false),
            "fields" | "inputFields" => (sizes.fields.of(level), level.whole),
            "args" => (sizes.arguments.of(level), false),
            "enumValues" => (sizes.values.of(level), false),
            _ => (level.objects, false),
        };
        Level { objects, whole, meta: true }
    }
}
