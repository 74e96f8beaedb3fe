//! Checkpoints as rows.

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Checkpoint, Position};

use super::{damaged, stored};
use crate::sqlite::failure;

const STORE: &str =
    "INSERT INTO checkpoints (flow, \"offset\", line, fingerprint, marks, tail) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (flow) DO UPDATE SET \"offset\" = excluded.\"offset\", line = excluded.line,
  fingerprint = excluded.fingerprint, marks = excluded.marks, tail = excluded.tail";
const LOAD: &str = "SELECT \"offset\", line, fingerprint, marks, tail FROM checkpoints WHERE flow = ?";
const REMOVE: &str = "DELETE FROM checkpoints WHERE flow = ?";

/// Stores the checkpoint of `flow`, replacing the one before.
pub(super) fn store(connection: &Connection, flow: &str, checkpoint: &Checkpoint) -> Result<(), Report> {
    let Checkpoint { position, fingerprint, marks } = checkpoint;
    let (offset, line) = (stored(position.offset)?, stored(position.line)?);
    let marks = serde_json::json!(marks.iter().map(|(topic, end)| (topic.as_str(), end)).collect::<Vec<_>>());
    let run = || {
        connection.prepare_cached(STORE)?.execute((
            flow,
            offset,
            line,
            fingerprint.as_str(),
            marks.to_string(),
            position.tail.cast_signed(),
        ))
    };
    run().map(|_| ()).map_err(|error| failure::report("storing a checkpoint", &error))
}

/// The checkpoint of `flow`.
pub(super) fn load(connection: &Connection, flow: &str) -> Result<Option<Checkpoint>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(LOAD)?;
        let row = statement.query_row([flow], |row| {
            let (offset, line): (i64, i64) = (row.get(0)?, row.get(1)?);
            let tail = row.get::<_, i64>(4)?.cast_unsigned();
            let position = Position { offset: offset.unsigned_abs(), line: line.unsigned_abs(), tail };
            Ok((position, Str::from(row.get::<_, String>(2)?), row.get::<_, String>(3)?))
        });
        row.optional()
    };
    let row = run().map_err(|error| failure::report("reading a checkpoint", &error))?;
    row.map(|(position, fingerprint, marks)| {
        let marks: Vec<(String, u64)> =
            serde_json::from_str(&marks).map_err(|_| damaged(&format!("the checkpoint of flow `{flow}`")))?;
        let marks = marks.into_iter().map(|(topic, end)| (Str::from(topic), end)).collect();
        Ok(Checkpoint { position, fingerprint, marks })
    })
    .transpose()
}

/// Forgets the checkpoint of `flow`.
pub(super) fn remove(connection: &Connection, flow: &str) -> Result<(), Report> {
    let run = || connection.prepare_cached(REMOVE)?.execute([flow]);
    run().map(|_| ()).map_err(|error| failure::report("forgetting a checkpoint", &error))
}
