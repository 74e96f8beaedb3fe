//! What would count twice, and tables that are made anew.

use crate::{Code, Fault, Kind, Retry};

/// What a flow reads would count again.
pub static WOULD_COUNT_AGAIN: Code = Code {
    id: "F0020",
    name: "would-count-again",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "What a flow reads would count again",
    page: r#"
An `aggregate` step adds to what its table holds, so a message that is processed twice counts twice. So does a flow that looks a row up and upserts what it makes of that
row, as in `old.total + sale.amount`, and one that upserts rows under keys that are made anew by `uuid()`, `uuid7()` or `now()`: each time it adds rows, where others replace their own. A key
that is made from the data, as by `uuid5`, has no such effect. The flow was asked to read something again, or found
something under a name that it has read before, and cannot know what of it was counted: a file that was changed or replaced, a topic that was created again, a
source that a flow of another name has counted into the same table, a topic that the flow reads now in place of another one. It also happens to a flow that publishes, where another flow aggregates what it publishes. Nothing was
processed.

A sum may be kept by several flows: one looks the row up and publishes what it makes of it, and another one upserts what comes back into the table. The report then names the
whole way, over all flows, topics and tables. A lookup whose values do not come back into their own table, or come back as they are, is no sum.

* If it is the old data, corrected: `tenon run --rebuild FLOW` empties the tables that the flow alone writes, and reads its source from the start.
* If it is new data: give it a name of its own, such as a file for each delivery. Where that cannot be, `tenon run --as-new FLOW` takes what is there now for new, and counts it on
  top.
* If a flow got another name: give it the old one back, or rebuild.
* If a flow reads another topic: rebuild, so that it counts that one alone, or use `--as-new` if nothing of it was counted before.

What several flows keep together begins anew together: stop the project, move the folders of their topics away, say so with `tenon state accept topics/TOPIC`, and run with `--restart-source` for each flow that
publishes and `--rebuild` for each of the others, as the report says. An `aggregate` step in place of lookup and upsert needs none of this, and gives the right sum
also where messages of one key follow each other fast: a flow that only looks the row up may see it before the other flow has written it.

For a flow that publishes into a topic that others aggregate, stop the project, move the topic's folder away, and say so with `tenon state accept topics/TOPIC`. Then run `tenon run --restart-source PUBLISHER --rebuild AGGREGATOR`.
"#,
};

/// A flow cannot be rebuilt.
pub static CANNOT_REBUILD: Code = Code {
    id: "F0021",
    name: "cannot-rebuild",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A flow cannot be rebuilt",
    page: r#"
`tenon run --rebuild FLOW` empties the tables that a flow writes and reads its source from the start. It is refused where that would lose something, or
could not be done: the flow publishes (what was published cannot be taken back), another flow writes the same table, a flow that is gone has written it
from another source, or the topic no longer holds its first messages. Nothing was changed.

The report says which of these it is. Where flows share a table, give each its own.
"#,
};

/// An average does not match its sum and count.
pub static AVERAGE_CHANGED: Code = Code {
    id: "F0024",
    name: "average-changed",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "An average does not match its sum and count",
    page: r#"
An `aggregate` step with `avg` keeps, in a column beside the average, the sum and how many were added: `12.50/3`. The average in the row is not
their quotient, so something else has written the column: another step or flow, somebody in the database, or a measure that was `last` or `sum` before it was `avg`. Nothing was
added to the row.

Let only this step write the column. `tenon run --rebuild FLOW` rebuilds the table from the source of the flow.
"#,
};

/// A flow writes to a place that it did not write to when it read what it has read.
pub static NEW_TO_FLOW: Code = Code {
    id: "F0025",
    name: "new-to-flow",
    kind: Kind::FailedPrecondition,
    fault: Fault::Config,
    retry: Retry::Never,
    title: "A table or topic is new to a flow that has read its source",
    page: r#"
A step was added or changed, so that the flow writes to another table, or publishes to another topic. The flow goes on where it was in its source, so nothing of what it has read before comes to the new
place: it may stay empty for ever. `tenon check` warns of it, and so does the start.

`tenon run --rebuild FLOW` empties the tables that the flow alone writes, and makes all of them from the start of its source. A flow that publishes cannot be rebuilt: where nothing counts what it publishes,
`tenon run --restart-source FLOW` has it read again; otherwise let another flow, which begins at the start, fill the new place. If only what comes from now on is wanted, there is nothing to do.
"#,
};
