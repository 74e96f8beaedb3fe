//! Paths through data, as expressions read them and templates write them.

use std::fmt;

use tenon_model::Str;

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A field of a record.
    Field(Str),
    /// The items of a list, or the values of a map.
    Items,
}

/// A way through data: from a variable (what an expression reads) or from the root of a mapping's target (what it
/// sets). Shown as `flight.origin` or `order.lines[].price`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Path {
    /// Slot and name of the variable; `None` in the target of a mapping.
    pub variable: Option<(usize, Str)>,
    /// The steps from there; none means the whole value.
    pub steps: Vec<Step>,
}

impl Path {
    /// The whole value of the variable in `slot`.
    #[must_use]
    pub fn variable(slot: usize, name: impl Into<Str>) -> Self {
        Self { variable: Some((slot, name.into())), steps: Vec::new() }
    }

    /// The field `name` of this.
    #[must_use]
    pub fn field(&self, name: impl Into<Str>) -> Self {
        self.then(Step::Field(name.into()))
    }

    /// The items of this.
    #[must_use]
    pub fn items(&self) -> Self {
        self.then(Step::Items)
    }

    fn then(&self, step: Step) -> Self {
        let mut longer = self.clone();
        longer.steps.push(step);
        longer
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        if let Some((_, name)) = &self.variable {
            f.write_str(name)?;
            first = false;
        }
        for step in &self.steps {
            match step {
                Step::Field(name) if first => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Items => f.write_str("[]")?,
            }
            first = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_in_an_expression() {
        let price = Path::variable(0, "order").field("lines").items().field("price");
        assert_eq!(price.to_string(), "order.lines[].price");
        assert_eq!(Path::default().field("lines").items().to_string(), "lines[]");
    }
}
