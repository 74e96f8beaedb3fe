//! The order in which a list gives its rows unless it is asked for another one, in words.

use tenon_contracts::sql::Column;
use tenon_model::shape::Unordered;

use super::{Operation, OperationKind};

impl Operation {
    /// The order of the rows of a list where none is asked for, in a sentence or two; `None` for other operations.
    ///
    /// Texts are in the order of their characters. Where that is not the order of what they stand for, it says so.
    #[must_use]
    pub fn default_order(&self) -> Option<String> {
        let OperationKind::List { table, sort, .. } = &self.kind else { return None };
        let columns = &table.schema.columns;
        let key: Vec<&Column> = table.schema.key.iter().filter_map(|at| columns.get(*at)).collect();
        let first = sort.first().and_then(|name| columns.iter().find(|column| column.name == *name));
        let mut text = match first {
            Some(first) => {
                format!("Unless asked for another order, rows come by `{}`, then by the key", first.name)
            }
            None => "Rows come in the order of the key".to_owned(),
        };
        let names: Vec<_> = key.iter().map(|column| format!("`{}`", column.name)).collect();
        text += &format!(", {}.", names.join(", "));
        for column in key {
            if let Some(unordered) = column.shape.unordered() {
                let by_characters = match unordered {
                    Unordered::Text(_) => "and goes by its characters: `10` comes before `9`",
                    Unordered::Period => "and goes by the characters of its text",
                };
                text += &format!(" `{}` {unordered}, {by_characters}.", column.name);
            }
        }
        Some(text)
    }
}
