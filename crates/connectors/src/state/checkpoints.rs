//! Checkpoints as rows: one for each source that a flow has read.

use rusqlite::{Connection, OptionalExtension, Row};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Checkpoint, Position};

use super::{damaged, stored};
use crate::sqlite::failure;

/// The most sources of one flow that are remembered.
const MOST: i64 = 10_000;

const COLUMNS: &str = "flow, source, \"offset\", line, tail, fingerprint, marks, tables, afresh";
const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
const FORGET: &str = "DELETE FROM sources WHERE flow = ?1 AND source IN
  (SELECT source FROM sources WHERE flow = ?1 ORDER BY used DESC, source LIMIT -1 OFFSET ?2) RETURNING source";

/// Stores the checkpoint of `flow`, replacing the one before in the same source.
pub(super) fn store(connection: &Connection, flow: &str, checkpoint: &Checkpoint) -> Result<(), Report> {
    let forgotten = store_keeping(connection, flow, checkpoint, MOST)?;
    for source in forgotten {
        tracing::warn!(%flow, %source, "a source that was not read for long is forgotten: reading it again would begin at its start");
    }
    Ok(())
}

/// The same with another bound; returns the sources that were forgotten.
fn store_keeping(
    connection: &Connection,
    flow: &str,
    checkpoint: &Checkpoint,
    most: i64,
) -> Result<Vec<String>, Report> {
    let Checkpoint { source, position, fingerprint, marks, tables, afresh } = checkpoint;
    let (offset, line) = (stored(position.offset)?, stored(position.line)?);
    let marks = serde_json::json!(marks.iter().map(|(topic, end)| (topic.as_str(), end)).collect::<Vec<_>>());
    let tables = serde_json::json!(tables.iter().map(Str::as_str).collect::<Vec<_>>());
    let values = (
        flow,
        source.as_str(),
        offset,
        line,
        position.tail.cast_signed(),
        fingerprint.as_str(),
        marks.to_string(),
        tables.to_string(),
        afresh,
    );
    let run = || {
        let update = format!(
            "UPDATE sources SET \"offset\" = ?3, line = ?4, tail = ?5, fingerprint = ?6, marks = ?7, tables = ?8,
             afresh = ?9, used = {NOW} WHERE flow = ?1 AND source = ?2"
        );
        if connection.prepare_cached(&update)?.execute(values.clone())? > 0 {
            return Ok(Vec::new());
        }
        let insert = format!(
            "INSERT INTO sources ({COLUMNS}, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, {NOW})"
        );
        connection.prepare_cached(&insert)?.execute(values)?;
        if source.is_empty() {
            return Ok(Vec::new());
        }
        connection.prepare_cached("DELETE FROM sources WHERE flow = ? AND source = ''")?.execute([flow])?;
        let mut forget = connection.prepare_cached(FORGET)?;
        forget.query_map((flow, most), |row| row.get(0))?.collect()
    };
    run().map_err(|error| failure::report("storing a checkpoint", &error))
}

/// The checkpoint of `flow` in `source`.
pub(super) fn load(connection: &Connection, flow: &str, source: &str) -> Result<Option<Checkpoint>, Report> {
    let run = || {
        let sql = format!("SELECT {COLUMNS} FROM sources WHERE flow = ? AND source = ?");
        connection.prepare_cached(&sql)?.query_row((flow, source), checkpoint).optional()
    };
    let row = run().map_err(|error| failure::report("reading a checkpoint", &error))?;
    row.transpose().map(|found| found.map(|(_, checkpoint)| checkpoint))
}

/// The checkpoints of `flow`, or of all flows.
pub(super) fn list(connection: &Connection, flow: Option<&str>) -> Result<Vec<(Str, Checkpoint)>, Report> {
    let failed = |error| failure::report("reading checkpoints", &error);
    let sql = format!(
        "SELECT {COLUMNS} FROM sources WHERE ?1 IS NULL OR flow = ?1 ORDER BY used DESC, flow, source"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let rows = statement.query_map([flow], checkpoint).map_err(failed)?;
    rows.map(|row| row.map_err(failed)?).collect()
}

/// Forgets the checkpoints of `flow`.
pub(super) fn remove(connection: &Connection, flow: &str) -> Result<(), Report> {
    let run = || connection.prepare_cached("DELETE FROM sources WHERE flow = ?")?.execute([flow]);
    run().map(|_| ()).map_err(|error| failure::report("forgetting checkpoints", &error))
}

fn checkpoint(row: &Row<'_>) -> rusqlite::Result<Result<(Str, Checkpoint), Report>> {
    let text = |at| row.get::<_, String>(at).map(Str::from);
    let number = |at| row.get::<_, i64>(at);
    let position = Position {
        offset: number(2)?.unsigned_abs(),
        line: number(3)?.unsigned_abs(),
        tail: number(4)?.cast_unsigned(),
    };
    let flow = text(0)?;
    let marks: Result<Vec<(String, u64)>, _> = serde_json::from_str(row.get_ref(6)?.as_str()?);
    let tables: Result<Vec<String>, _> = serde_json::from_str(row.get_ref(7)?.as_str()?);
    let (Ok(marks), Ok(tables)) = (marks, tables) else {
        return Ok(Err(damaged(&format!("a checkpoint of flow `{flow}`"))));
    };
    let checkpoint = Checkpoint {
        source: text(1)?,
        position,
        fingerprint: text(5)?,
        marks: marks.into_iter().map(|(topic, end)| (Str::from(topic), end)).collect(),
        tables: tables.into_iter().map(Str::from).collect(),
        afresh: row.get(8)?,
    };
    Ok(Ok((flow, checkpoint)))
}

#[cfg(test)]
mod tests {
    use super::{super::migrations, *};

    #[test]
    fn the_sources_that_were_not_read_for_longest_are_forgotten_first_and_never_the_one_at_hand() {
        let connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&connection).unwrap();
        let mut forgotten = Vec::new();
        for day in 1..=5 {
            let checkpoint = Checkpoint { source: format!("day{day}.csv").into(), ..Checkpoint::default() };
            forgotten.extend(store_keeping(&connection, "flow", &checkpoint, 3).unwrap());
            connection.execute("UPDATE sources SET used = used - 1000", []).unwrap();
        }
        assert_eq!(forgotten, ["day1.csv", "day2.csv"]);
        let left: Vec<_> =
            list(&connection, Some("flow")).unwrap().into_iter().map(|(_, it)| it.source).collect();
        assert_eq!(left, ["day5.csv", "day4.csv", "day3.csv"]);
    }
}
