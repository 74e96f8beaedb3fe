//! Selections: what a validated document asks for, with fragments spread, conditions decided and equal fields merged
//! (GraphQL, section 6.3), within bounds.

use std::{collections::HashSet, sync::Arc};

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::Value,
    collections::IndexMap,
    executable::{DirectiveList, Field, Selection, SelectionSet},
    parser::SourceSpan,
    validation::Valid,
};
use tenon_errors::{Report, catalogue::api::BAD_GRAPHQL};
use tenon_model::Map;

use super::{
    input::arguments,
    schema::{Member, Model, Output, Reference, Root, RootKind},
};

/// The most fields of one request, after fragments are spread: aliases could ask for one thing any number of times.
const MOST_FIELDS: usize = 2_000;
/// The most fields of `Query` or `Mutation` in one request: each is a call.
const MOST_ROOTS: usize = 50;
/// The most rows that a request could make the databases read.
const MOST_ROWS: u64 = 10_000;

/// The fields of an object that are asked for.
#[derive(Debug)]
pub(super) struct Selected {
    /// The name of the type.
    pub(super) type_name: String,
    /// The fields, in the order of the answer.
    pub(super) fields: Vec<SelectedField>,
    /// Which of them are references.
    pub(super) references: Vec<usize>,
}

/// A field that is asked for.
#[derive(Debug)]
pub(super) struct SelectedField {
    /// Its name in the answer.
    pub(super) key: Name,
    /// Where its value comes from.
    pub(super) source: Source,
    /// Where it stands in the document.
    pub(super) location: Option<SourceSpan>,
}

/// Where the value of a selected field comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// The name of the type.
    TypeName,
    /// A field of the row or record, and what is selected of it.
    Field { name: tenon_model::Str, position: usize, required: bool, selected: Option<Box<Selected>> },
    /// A row of another table.
    Reference { reference: Arc<Reference>, selected: Box<Selected> },
    /// The rows of a page.
    Items(Box<Selected>),
    /// The cursor after a page.
    Next,
}

/// A field of `Query` or `Mutation` that is asked for.
pub(super) struct SelectedRoot<'a> {
    /// Its name in the answer.
    pub(super) key: Name,
    /// Where it stands in the document.
    pub(super) location: Option<SourceSpan>,
    /// What it is.
    pub(super) kind: SelectedRootKind<'a>,
}

/// What a selected root field is.
pub(super) enum SelectedRootKind<'a> {
    /// Answered by introspection.
    Meta,
    /// An operation, its arguments, and what is selected of its result.
    Call { root: &'a Root, arguments: Map, selected: Option<Selected> },
}

/// What `set`, the selections of an operation, asks for.
///
/// # Errors
/// `A0201` if it is deeper, larger or costlier than allowed.
pub(super) fn select<'a>(
    model: &'a Model,
    document: &Valid<ExecutableDocument>,
    set: &SelectionSet,
    variables: &Map,
) -> Result<Vec<SelectedRoot<'a>>, Report> {
    let mut selection = Selecting { model, document, variables, fields: 0 };
    let mut roots = Vec::new();
    let mut rows = 0;
    for (key, fields) in selection.collect(&[set])? {
        let field = fields[0];
        let kind = match model.roots.get(field.name.as_str()) {
            Some(root) => selection.root(root, &fields)?,
            None => SelectedRootKind::Meta,
        };
        rows = cost(&kind).saturating_add(rows);
        roots.push(SelectedRoot { key, location: field.name.location(), kind });
    }
    if roots.len() > MOST_ROOTS {
        return Err(excess(format!("{} operations are called at once", roots.len()), MOST_ROOTS as u64));
    }
    if rows > MOST_ROWS {
        return Err(excess(format!("up to {rows} rows would be read"), MOST_ROWS)
            .hint("ask for smaller pages with `first`, or for fewer nested rows"));
    }
    Ok(roots)
}

/// The fields that have one name in the answer.
type Merged<'d> = Vec<&'d Node<Field>>;

struct Selecting<'a, 'd> {
    model: &'a Model,
    document: &'d Valid<ExecutableDocument>,
    variables: &'d Map,
    fields: usize,
}

impl<'a, 'd> Selecting<'a, 'd> {
    fn root(&mut self, root: &'a Root, fields: &[&'d Node<Field>]) -> Result<SelectedRootKind<'a>, Report> {
        let selected = match &root.kind {
            RootKind::Get { object, .. } => Some(self.object(*object, fields, 2)?),
            RootKind::List { object, page, .. } => Some(self.page(*object, page, fields)?),
            RootKind::Send { output, .. } => self.output(output, fields, 2)?,
        };
        let arguments = arguments(&fields[0].arguments, self.variables)?;
        Ok(SelectedRootKind::Call { root, arguments, selected })
    }

    fn page(&mut self, object: usize, page: &str, fields: &[&'d Node<Field>]) -> Result<Selected, Report> {
        let mut selected =
            Selected { type_name: page.to_owned(), fields: Vec::new(), references: Vec::new() };
        for (key, fields) in self.collect(&sets(fields))? {
            let source = match fields[0].name.as_str() {
                "items" => Source::Items(Box::new(self.object(object, &fields, 3)?)),
                "next" => Source::Next,
                _ => Source::TypeName,
            };
            selected.fields.push(SelectedField { key, source, location: fields[0].name.location() });
        }
        Ok(selected)
    }

    fn output(
        &mut self,
        output: &Output,
        fields: &[&'d Node<Field>],
        depth: usize,
    ) -> Result<Option<Selected>, Report> {
        match self.model.object_of(output) {
            Some(object) => self.object(object, fields, depth).map(Some),
            None => Ok(None),
        }
    }

    /// What `fields` select of an object whose fields stand at `depth`, from 1.
    fn object(
        &mut self,
        object: usize,
        fields: &[&'d Node<Field>],
        depth: usize,
    ) -> Result<Selected, Report> {
        if depth > self.model.max_depth {
            return Err(excess(
                format!("the selection is deeper than {}", self.model.max_depth),
                self.model.max_depth as u64,
            )
            .hint("ask for less nested rows"));
        }
        let definition = &self.model.objects[object];
        let mut selected =
            Selected { type_name: definition.name.to_string(), fields: Vec::new(), references: Vec::new() };
        for (key, fields) in self.collect(&sets(fields))? {
            let source = match definition.members.get(fields[0].name.as_str()) {
                None => Source::TypeName,
                Some(Member::Field { name, position, output, required }) => Source::Field {
                    name: name.clone(),
                    position: *position,
                    required: *required,
                    selected: self.output(output, &fields, depth + 1)?.map(Box::new),
                },
                Some(Member::Reference(reference)) => {
                    selected.references.push(selected.fields.len());
                    let inner = self.object(reference.object, &fields, depth + 1)?;
                    Source::Reference { reference: Arc::clone(reference), selected: Box::new(inner) }
                }
            };
            selected.fields.push(SelectedField { key, source, location: fields[0].name.location() });
        }
        Ok(selected)
    }

    /// The fields of `sets` by their names in the answer, fragments spread (CollectFields, section 6.3.2). All types are
    /// objects, so validation has made sure that every fragment applies.
    fn collect(&mut self, sets: &[&'d SelectionSet]) -> Result<IndexMap<Name, Merged<'d>>, Report> {
        let (mut fields, mut spread) = (IndexMap::default(), HashSet::new());
        for set in sets {
            self.spread(set, &mut fields, &mut spread)?;
        }
        Ok(fields)
    }

    fn spread(
        &mut self,
        set: &'d SelectionSet,
        fields: &mut IndexMap<Name, Merged<'d>>,
        spread: &mut HashSet<Name>,
    ) -> Result<(), Report> {
        for selection in &set.selections {
            self.fields += 1;
            if self.fields > MOST_FIELDS {
                return Err(excess(
                    format!("more than {MOST_FIELDS} fields are asked for"),
                    MOST_FIELDS as u64,
                ));
            }
            match selection {
                Selection::Field(field) if self.included(&field.directives) => {
                    fields.entry(field.response_key().clone()).or_default().push(field);
                }
                Selection::InlineFragment(fragment) if self.included(&fragment.directives) => {
                    self.spread(&fragment.selection_set, fields, spread)?;
                }
                Selection::FragmentSpread(fragment) if self.included(&fragment.directives) => {
                    let document = self.document;
                    let definition = document.fragments.get(&fragment.fragment_name);
                    if let Some(definition) = definition
                        && spread.insert(fragment.fragment_name.clone())
                    {
                        self.spread(&definition.selection_set, fields, spread)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether `@skip` and `@include` let a selection in.
    fn included(&self, directives: &DirectiveList) -> bool {
        let condition = |name: &str| {
            let argument = directives.get(name)?.specified_argument_by_name("if")?;
            match &**argument {
                Value::Boolean(condition) => Some(*condition),
                Value::Variable(name) => match self.variables.get(name.as_str())? {
                    tenon_model::Value::Bool(condition) => Some(*condition),
                    _ => None,
                },
                _ => None,
            }
        };
        !condition("skip").unwrap_or(false) && condition("include").unwrap_or(true)
    }
}

fn sets<'d>(fields: &[&'d Node<Field>]) -> Vec<&'d SelectionSet> {
    fields.iter().map(|field| &field.selection_set).collect()
}

/// How many rows a root field may make the databases read and the answer hold.
fn cost(kind: &SelectedRootKind<'_>) -> u64 {
    let SelectedRootKind::Call { root, arguments, selected } = kind else { return 0 };
    let nested = selected.as_ref().map_or(0, rows);
    match &root.kind {
        RootKind::Get { .. } | RootKind::Send { .. } => 1 + nested,
        RootKind::List { spec, .. } => {
            let first = arguments.get("first").and_then(tenon_model::Value::as_i64);
            let size = first.map_or(spec.page_size as u64, |first| u64::try_from(first).unwrap_or(0));
            // What `items` selects is read for each row.
            size.saturating_mul(nested.max(1))
        }
    }
}

/// How many rows one object leads to; for a page, how many each of its rows stands for.
fn rows(selected: &Selected) -> u64 {
    let one = |field: &SelectedField| match &field.source {
        Source::Reference { selected, .. } | Source::Items(selected) => 1 + rows(selected),
        Source::Field { selected: Some(selected), .. } => rows(selected),
        Source::Field { .. } | Source::TypeName | Source::Next => 0,
    };
    selected.fields.iter().map(one).fold(0, u64::saturating_add)
}

fn excess(message: String, most: u64) -> Report {
    Report::new(&BAD_GRAPHQL, message).hint(format!("ask for at most {most}"))
}
