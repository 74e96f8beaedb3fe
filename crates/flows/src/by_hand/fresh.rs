//! Rows under keys that are made anew: whatever comes again makes further rows, where it would otherwise replace its own.

use std::{collections::HashSet, fmt, sync::Arc};

use tenon_errors::clip;
use tenon_mapping::{Origin, Step as Part};
use tenon_model::Str;
use tenon_plan::{Flow, Table};

use super::graph::{At, Graph, Spot};

/// A table that a flow writes under keys which are not the same when what it reads is read again.
#[derive(Debug)]
pub(crate) struct Fresh<'p> {
    pub(crate) table: &'p Arc<Table>,
    /// The flow that writes the rows.
    pub(crate) writer: &'p Flow,
    /// The flow that makes what the key is made of, which may be the same.
    maker: &'p Flow,
    /// The expression that does.
    text: Str,
    origin: Origin,
}

impl Fresh<'_> {
    /// Whether the writer makes another key of the same message, as it comes again from its topic. An id is drawn from the origin of
    /// the message.
    pub(crate) fn differs_each_time(&self) -> bool {
        self.maker.name == self.writer.name && self.origin == Origin::Clock
    }
}

/// Why a message that comes again would make another row, as a part of a sentence.
impl fmt::Display for Fresh<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, writer, maker, text, .. } = self;
        write!(f, "`{}` writes rows of `{}` under keys that ", writer.name, table.name)?;
        if maker.name != writer.name {
            write!(f, "`{}` ", maker.name)?;
        }
        let text = clip(text, 60);
        match maker.name == writer.name {
            true => write!(f, "are made anew (`{text}`)"),
            false => write!(f, "makes anew (`{text}`)"),
        }
    }
}

impl<'p> Graph<'p> {
    /// For each flow and each table that it upserts: what makes a part of the key anew, if anything does.
    pub(super) fn fresh(&self) -> Vec<Fresh<'p>> {
        let mut found: Vec<Fresh<'p>> = Vec::new();
        for (at, frame) in self.frames.iter().enumerate() {
            for (table, slot) in frame.upserts() {
                let schema = &table.schema;
                let mut columns = schema.key.iter().filter_map(|column| schema.columns.get(*column));
                let is_known =
                    found.iter().any(|it| it.writer.name == frame.flow.name && it.table.name == table.name);
                if !is_known
                    && let Some((maker, text, origin)) =
                        columns.find_map(|column| self.anew((at, slot), &column.name))
                {
                    let maker = self.frames[maker].flow;
                    found.push(Fresh { table, writer: frame.flow, maker, text, origin });
                }
            }
        }
        found
    }

    /// The flow and the expression that make this column of what flow and slot `end` write anew. The key of a row that was looked
    /// up is there already.
    fn anew(&self, end: (usize, usize), column: &Str) -> Option<(usize, Str, Origin)> {
        let at = At::Slot { flow: end.0, slot: end.1 };
        let first = Spot { at, path: vec![Part::Field(column.clone())], same: None };
        let mut seen = HashSet::from([first.clone()]);
        let mut spots = vec![first];
        let mut drawn = None;
        while let Some(spot) = spots.pop() {
            if let At::Slot { flow, slot } = spot.at {
                match self.origin(flow, slot, &spot) {
                    // The clock differs even where an id stays the same.
                    Some((text, Origin::Clock)) => return Some((flow, text, Origin::Clock)),
                    Some((text, origin)) => drawn = drawn.or(Some((flow, text, origin))),
                    None => {}
                }
            }
            if !matches!(spot.at, At::Place(place) if place.is_table()) {
                spots.extend(self.before(spot).into_iter().filter(|spot| seen.insert(spot.clone())));
            }
        }
        drawn
    }
}
