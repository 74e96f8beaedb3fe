//! Replies to requests that may be sent again, as rows.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::Remembered;

use super::damaged;
use crate::sqlite::failure;

/// The most replies that are kept.
pub(super) const MOST: i64 = 100_000;

const STORE: &str = "INSERT INTO replies (flow, key, request, reply, until) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (flow, key) DO UPDATE SET request = excluded.request, reply = excluded.reply, until = excluded.until";
const LOAD: &str = "SELECT request, reply, until FROM replies WHERE flow = ? AND key = ? AND until > ?";
const FORGET: &str = "DELETE FROM replies WHERE until <= ?";
const TRIM: &str =
    "DELETE FROM replies WHERE until <= (SELECT until FROM replies ORDER BY until DESC LIMIT 1 OFFSET ?)";

/// Remembers a reply, and forgets those whose time has come.
pub(super) fn store(
    connection: &Connection,
    (flow, key): (&str, &str),
    reply: &Remembered,
    now: Timestamp,
) -> Result<(), Report> {
    let run = || {
        connection.prepare_cached(FORGET)?.execute([now.as_millisecond()])?;
        let row = (flow, key, reply.request.as_str(), reply.reply.as_str(), reply.until.as_millisecond());
        connection.prepare_cached(STORE)?.execute(row)
    };
    run().map(|_| ()).map_err(|error| failure::report("remembering a reply", &error))
}

/// Forgets the oldest replies beyond `most`.
pub(super) fn trim(connection: &Connection, most: i64) -> Result<(), Report> {
    let run = || connection.prepare_cached(TRIM)?.execute([most]);
    run().map(|_| ()).map_err(|error| failure::report("forgetting replies", &error))
}

/// What was replied, unless it is forgotten at `now`.
pub(super) fn load(
    connection: &Connection,
    (flow, key): (&str, &str),
    now: Timestamp,
) -> Result<Option<Remembered>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(LOAD)?;
        let row = statement.query_row((flow, key, now.as_millisecond()), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
        });
        row.optional()
    };
    let row = run().map_err(|error| failure::report("reading a reply", &error))?;
    row.map(|(request, reply, until)| {
        let until = Timestamp::from_millisecond(until).map_err(|_| damaged("the reply to a request"))?;
        Ok(Remembered { request: Str::from(request), reply, until })
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::{super::migrations, *};

    #[test]
    fn the_oldest_replies_are_forgotten_when_there_are_too_many() {
        let connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&connection).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        for second in 1..=9 {
            let reply =
                Remembered { request: "r".into(), reply: second.to_string(), until: at(100 + second) };
            store(&connection, ("flow", &format!("key-{second}")), &reply, at(0)).unwrap();
        }
        trim(&connection, 3).unwrap();
        let held =
            |second: i64| load(&connection, ("flow", &format!("key-{second}")), at(0)).unwrap().is_some();
        assert_eq!((1..=9).filter(|second| held(*second)).collect::<Vec<_>>(), [7, 8, 9]);
        trim(&connection, 3).unwrap();
        assert!(held(7));
    }
}
