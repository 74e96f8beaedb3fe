//! What is noted of calls that act, as rows. Those of a dead letter go with it, by a trigger.

use rusqlite::{Connection, OptionalExtension};
use tenon_errors::Report;
use tenon_ports::{CallId, CallsDone, Noted, Settled};

use super::damaged;
use crate::sqlite::failure;

/// What the column `state` holds.
const BEGUN: i64 = 0;
const DOUBTED: i64 = 1;
const ANSWERED: i64 = 2;

const FIND: &str = "SELECT state, answer FROM calls WHERE message = ? AND call = ?";
const STORE: &str = "INSERT OR REPLACE INTO calls (message, call, state, answer, at)
  VALUES (?, ?, ?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))";
const FORGET: &str = "DELETE FROM calls WHERE message = ? AND call = ?";
const FORGET_OF: &str = "DELETE FROM calls WHERE message = ?";
const FORGET_BEFORE: &str = "DELETE FROM calls WHERE message >= ?1 AND message < ?2
  AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE id = calls.message)";
const FORGET_OLD: &str = "DELETE FROM calls WHERE substr(message, 1, length(?1)) = ?1 AND at < ?2
  AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE id = calls.message)";

/// Notes that the call is begun, unless something is known of it.
pub(super) fn begin(connection: &Connection, id: &CallId, again: bool) -> Result<Option<Noted>, Report> {
    let key = (id.message.as_str(), id.call.as_str());
    let run = || {
        let mut find = connection.prepare_cached(FIND)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<Vec<u8>>>(1)?));
        let found = find.query_row(key, row).optional()?;
        let is_free = found.as_ref().is_none_or(|(state, _)| again && *state == DOUBTED);
        if is_free {
            connection.prepare_cached(STORE)?.execute((key.0, key.1, BEGUN, None::<Vec<u8>>))?;
            return Ok(None);
        }
        Ok(found)
    };
    let found = run().map_err(|error| failure::report("noting a call", &error))?;
    found
        .map(|(state, answer)| match (state, answer) {
            (BEGUN, _) => Ok(Noted::Begun),
            (DOUBTED, _) => Ok(Noted::Doubted),
            (ANSWERED, Some(answer)) => Ok(Noted::Answered(answer.into())),
            _ => Err(damaged("what is noted of a call")),
        })
        .transpose()
}

/// Notes what came of a call.
pub(super) fn settle(connection: &Connection, id: &CallId, settled: &Settled) -> Result<(), Report> {
    let (message, call) = (id.message.as_str(), id.call.as_str());
    let run = || match settled {
        Settled::Undone => connection.prepare_cached(FORGET)?.execute((message, call)),
        Settled::Doubted => {
            connection.prepare_cached(STORE)?.execute((message, call, DOUBTED, None::<&[u8]>))
        }
        Settled::Answered(answer) => {
            connection.prepare_cached(STORE)?.execute((message, call, ANSWERED, Some(&answer[..])))
        }
    };
    run().map(|_| ()).map_err(|error| failure::report("noting what came of a call", &error))
}

/// Forgets calls of what is done.
pub(super) fn forget(connection: &Connection, done: &CallsDone) -> Result<(), Report> {
    let run = || match done {
        CallsDone::Of(message) => connection.prepare_cached(FORGET_OF)?.execute([message.as_str()]),
        CallsDone::Before { prefix, before } => {
            connection.prepare_cached(FORGET_BEFORE)?.execute((prefix.as_str(), before.as_str()))
        }
        CallsDone::Older { prefix, before } => {
            connection.prepare_cached(FORGET_OLD)?.execute((prefix.as_str(), before.as_millisecond()))
        }
    };
    run().map(|_| ()).map_err(|error| failure::report("forgetting calls", &error))
}

#[cfg(test)]
mod tests {
    use tenon_model::Str;

    use super::{super::migrations, *};

    fn opened() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&connection).unwrap();
        connection
    }

    fn id(message: &str) -> CallId {
        CallId { message: message.into(), call: "0/crm.add#0".into() }
    }

    #[test]
    fn what_was_answered_is_known_and_what_was_doubted_is_asked_for_again() {
        let connection = opened();
        let begin = |again| begin(&connection, &id("f-1-000000000002-a"), again).unwrap();
        let settle = |settled| settle(&connection, &id("f-1-000000000002-a"), &settled).unwrap();
        assert_eq!(begin(false), None);
        assert_eq!((begin(false), begin(true)), (Some(Noted::Begun), Some(Noted::Begun)));
        settle(Settled::Doubted);
        assert_eq!((begin(false), begin(true)), (Some(Noted::Doubted), None));
        assert_eq!(begin(true), Some(Noted::Begun), "a replay that was interrupted is in doubt itself");
        settle(Settled::Undone);
        assert_eq!(begin(false), None);
        settle(Settled::Answered("7".into()));
        assert_eq!(begin(true), Some(Noted::Answered("7".into())));
    }

    #[test]
    fn calls_go_with_what_they_are_of() {
        let connection = opened();
        let all = || -> Vec<String> {
            let mut statement = connection.prepare("SELECT message FROM calls ORDER BY message").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let names =
            ["f-1-000000000001-a", "f-1-000000000002-b", "f-1-000000000003-c", "f-2-000000000001-d", "g-x"];
        for name in names {
            begin(&connection, &id(name), false).unwrap();
        }
        let letter = "INSERT INTO dead_letters (id, flow, step, source, offset, line, bytes, context, headers, contract, mapping, code,
            message, report, attempts, first_failed, last_failed, failed)
            VALUES ('f-1-000000000001-a', 'f', '', 's', 1, 0, x'', x'', '[]', 'c@1', 'm', 'Y0425', '', '{}', 1, '', '', 0)";
        connection.execute(letter, []).unwrap();
        let (prefix, before) = (Str::from("f-1-"), Str::from("f-1-000000000003"));
        forget(&connection, &CallsDone::Before { prefix, before }).unwrap();
        assert_eq!(all(), ["f-1-000000000001-a", "f-1-000000000003-c", "f-2-000000000001-d", "g-x"]);
        connection.execute("DELETE FROM dead_letters", []).unwrap();
        assert_eq!(all(), ["f-1-000000000003-c", "f-2-000000000001-d", "g-x"]);
        let now = jiff::Timestamp::MAX;
        forget(&connection, &CallsDone::Older { prefix: "g-".into(), before: now }).unwrap();
        forget(&connection, &CallsDone::Of("f-2-000000000001-d".into())).unwrap();
        assert_eq!(all(), ["f-1-000000000003-c"]);
    }
}
