//! Running values that flows keep by hand: a row is looked up, and the row is written again with what is made of both it and a
//! message, as in `old.total + sale.amount`. Such a message counts again when it is processed again, as one that is aggregated.
//!
//! One flow may do both, or one may look up and publish, and another one, however many flows, topics and tables lie between,
//! write what comes back. So does a row under a key that is made anew. All of the plan is looked at, so that it does not matter how the sum is divided.

mod fresh;
mod graph;

use std::{fmt, sync::Arc};

use tenon_plan::{Flow, Table};

pub(crate) use self::fresh::Fresh;
use self::graph::Graph;

/// A table whose rows flows replace by what they make of those rows, and the way that the rows go.
#[derive(Debug)]
pub(crate) struct Sum<'p> {
    /// What is looked up in the end, and written in the end.
    pub(crate) table: &'p Arc<Table>,
    /// The flows and what lies between them, from the one that looks up to the one that writes.
    pub(crate) way: Vec<Hop<'p>>,
}

/// A part of the way: a flow, and where it puts what it has made.
#[derive(Debug)]
pub(crate) struct Hop<'p> {
    pub(crate) flow: &'p Flow,
    pub(crate) to: Place<'p>,
}

/// Where flows put what they make, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place<'p> {
    Table(&'p str),
    Topic(&'p str),
}

impl Place<'_> {
    fn is_table(self) -> bool {
        matches!(self, Self::Table(_))
    }
}

/// What flows keep by hand, and the rows that they write under keys which are made anew. One that only copies a column into the
/// same column leaves it as it is; whatever else is made of a row is taken for something that changes with each repeat.
pub(crate) fn of<'p>(flows: &[&'p Flow]) -> (Vec<Sum<'p>>, Vec<Fresh<'p>>) {
    let graph = Graph::new(flows);
    (graph.sums(), graph.fresh())
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "table `{name}`"),
            Self::Topic(name) => write!(f, "topic `{name}`"),
        }
    }
}

impl<'p> Sum<'p> {
    /// The flow that writes the rows.
    pub(crate) fn writer(&self) -> &'p Flow {
        self.way[self.way.len() - 1].flow
    }

    /// Whether one flow alone keeps it.
    pub(crate) fn is_of_one(&self) -> bool {
        self.way.len() == 1
    }

    /// Whether `flow` takes part.
    pub(crate) fn is_of(&self, flow: &Flow) -> bool {
        self.way.iter().any(|hop| hop.flow.name == flow.name)
    }
}

/// Why a message that comes again would count twice, as a part of a sentence.
impl fmt::Display for Sum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = &self.table.name;
        if self.is_of_one() {
            return write!(f, "`{}` adds it to rows of `{table}` that it has read", self.writer().name);
        }
        write!(f, "rows of `{table}` are added to by hand: table `{table}`")?;
        self.way.iter().try_for_each(|hop| write!(f, " → flow `{}` → {}", hop.flow.name, hop.to))
    }
}
