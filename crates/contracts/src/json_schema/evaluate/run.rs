//! A value held against a schema.

use tenon_model::Value;

use super::{
    Program, SchemaId,
    keyword::{Keyword, Schema},
    marks::Marks,
};

/// How many schemas are held against parts of one value.
const MAX_STEPS: usize = 5_000_000;
/// How many schemas lead to each other, with their values.
const MAX_DEPTH: usize = 256;

/// One value held against a program.
pub(super) struct Run<'p> {
    pub(super) program: &'p Program,
    /// The resources that were entered, outermost first.
    pub(super) scope: Vec<usize>,
    steps: usize,
    depth: usize,
}

impl<'p> Run<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        Self { program, scope: Vec::new(), steps: MAX_STEPS, depth: 0 }
    }

    pub(super) fn schema(&self, id: SchemaId) -> &'p Schema {
        &self.program.schemas[id]
    }

    /// Whether the value follows the schema `id`. What it looked at is added to `marks` if so.
    ///
    /// # Errors
    /// That it takes too many steps.
    pub(super) fn holds(
        &mut self,
        id: SchemaId,
        value: &Value,
        marks: Option<&mut Marks>,
    ) -> Result<bool, String> {
        let schema = self.schema(id);
        if schema.nullable && value.is_null() {
            return Ok(true);
        }
        self.enter(schema)?;
        let held = self.all(schema, value, marks);
        self.leave();
        held
    }

    /// Takes a step into a schema.
    pub(super) fn enter(&mut self, schema: &Schema) -> Result<(), String> {
        self.steps =
            self.steps.checked_sub(1).ok_or_else(|| format!("the rules take more than {MAX_STEPS} steps"))?;
        if self.depth >= MAX_DEPTH {
            return Err(format!("the rules lead more than {MAX_DEPTH} levels deep"));
        }
        self.depth += 1;
        self.scope.push(schema.resource);
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
        self.scope.pop();
    }

    fn all(&mut self, schema: &'p Schema, value: &Value, marks: Option<&mut Marks>) -> Result<bool, String> {
        if marks.is_none() && !schema.needs_marks {
            for keyword in &schema.keywords {
                if !self.keyword(keyword, value, None)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let mut own = Marks::default();
        for keyword in &schema.keywords {
            if !self.keyword(keyword, value, Some(&mut own))? {
                return Ok(false);
            }
        }
        if let Some(marks) = marks {
            marks.add(&own);
        }
        Ok(true)
    }

    /// What `$dynamicRef` means here: the outermost schema around that has the anchor.
    pub(super) fn dynamic(&self, first: SchemaId, anchor: &str) -> SchemaId {
        let of = |resource: usize| {
            self.program.dynamic[resource].iter().find(|(name, _)| name == anchor).map(|(_, id)| *id)
        };
        let is_dynamic = of(self.schema(first).resource) == Some(first);
        let outermost = if is_dynamic { self.scope.iter().find_map(|resource| of(*resource)) } else { None };
        outermost.unwrap_or(first)
    }

    /// What `$recursiveRef` means here: the outermost resource around that is recursive, if the nearest is.
    pub(super) fn recursive(&self, first: SchemaId) -> SchemaId {
        let of = |resource: usize| self.program.recursive[resource];
        let is_recursive = of(self.schema(first).resource) == Some(first);
        let outermost =
            if is_recursive { self.scope.iter().find_map(|resource| of(*resource)) } else { None };
        outermost.unwrap_or(first)
    }

    /// The schemas that a keyword leads to for the same value, where all of them have to hold.
    pub(super) fn leads_to(&self, keyword: &Keyword) -> Vec<SchemaId> {
        match keyword {
            Keyword::AllOf(ids) => ids.clone(),
            Keyword::Ref(id) => vec![*id],
            Keyword::DynamicRef(id, anchor) => vec![self.dynamic(*id, anchor)],
            Keyword::RecursiveRef(id) => vec![self.recursive(*id)],
            _ => Vec::new(),
        }
    }
}
