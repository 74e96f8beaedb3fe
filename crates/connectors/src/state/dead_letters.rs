//! Dead letters as rows.

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tenon_errors::{Report, catalogue::delivery::DEAD_LETTERS_FULL};
use tenon_model::Str;
use tenon_ports::{Cause, DeadLetter, DeadLetterQuery, LetGo, LetterRetention, Origin, Position, WhenFull};

use super::{damaged, headers, stored};
use crate::sqlite::failure;

const STORE: &str =
    "INSERT INTO dead_letters (id, flow, step, source, \"offset\", line, bytes, context, headers,
  contract, mapping, code, message, report, attempts, first_failed, last_failed, clipped, key, time, size, failed, taken)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET flow = excluded.flow, step = excluded.step, source = excluded.source,
  \"offset\" = excluded.\"offset\", line = excluded.line, bytes = excluded.bytes, context = excluded.context,
  headers = excluded.headers, contract = excluded.contract, mapping = excluded.mapping, code = excluded.code,
  message = excluded.message, report = excluded.report, clipped = excluded.clipped, key = excluded.key,
  time = excluded.time, size = excluded.size, failed = excluded.failed, taken = excluded.taken,
  attempts = min(dead_letters.attempts + excluded.attempts, 4294967295), last_failed = excluded.last_failed";

/// The end of the range of ids with a prefix is the prefix followed by the largest character there is; without a prefix it is
/// a blob, which comes after every text. One bound on each side is for the index, so that a letter is found without looking at
/// the others.
const LIST: &str =
    "SELECT id, flow, step, source, \"offset\", line, bytes, context, headers, contract, mapping, code,
  message, report, attempts, first_failed, last_failed, clipped, key, time, taken FROM dead_letters
  WHERE (?1 IS NULL OR flow = ?1) AND (?2 IS NULL OR code = ?2)
  AND id >= max(coalesce(?3, ''), coalesce(?4, '')) AND id <= coalesce(?3 || char(1114111), x'')
  AND +id > coalesce(?4, '')
  ORDER BY id LIMIT ?5";

const COUNTS: &str = "SELECT flow, code, count(*) FROM dead_letters GROUP BY flow, code ORDER BY flow, code";
const CAUSES: &str =
    "SELECT flow, step, code, count(*) FROM dead_letters GROUP BY flow, step, code ORDER BY flow, step, code";
/// The most bytes of letters that are read together, and one letter more.
const PAGE: usize = 8 << 20;
const REMOVE: &str = "DELETE FROM dead_letters WHERE id = ?";
const TOTALS: &str = "SELECT count, bytes FROM dead_letter_totals WHERE flow = ?";
/// Of letters that failed in the same millisecond, those that were stored before others are older.
const DROP_OLDEST: &str =
    "DELETE FROM dead_letters WHERE rowid IN (SELECT rowid FROM dead_letters WHERE flow = ?
  ORDER BY failed, rowid LIMIT 1) RETURNING id";
const EXPIRE: &str =
    "DELETE FROM dead_letters WHERE rowid IN (SELECT rowid FROM dead_letters WHERE flow = ? AND failed < ?
  ORDER BY failed, rowid LIMIT 1000) RETURNING id";
/// What a row takes beside its bytes and long texts.
const ROW: usize = 512;

/// Stores a dead letter; one of the same id keeps the time of its first failure and adds up the attempts.
pub(super) fn store(connection: &Connection, letter: &DeadLetter) -> Result<(), Report> {
    let Position { offset, line, .. } = letter.origin.position;
    let (offset, line) = (stored(offset)?, stored(line)?);
    let headers = headers::store(&letter.headers);
    let taken: Vec<_> = letter.taken.iter().map(Str::as_str).collect();
    let taken = serde_json::json!(taken).to_string();
    let texts = headers.len() + taken.len() + letter.message.len() + letter.report.len();
    let size = stored((ROW + letter.bytes.len() + letter.context.len() + texts) as u64)?;
    let run = || {
        connection.prepare_cached(STORE)?.execute(params![
            letter.id.as_str(),
            letter.flow.as_str(),
            letter.step.as_str(),
            letter.origin.source.as_str(),
            offset,
            line,
            letter.bytes.as_ref(),
            letter.context.as_ref(),
            headers,
            letter.contract.as_str(),
            letter.mapping.as_str(),
            letter.code.as_str(),
            letter.message.as_str(),
            letter.report,
            letter.attempts,
            letter.first_failed.to_string(),
            letter.last_failed.to_string(),
            letter.clipped,
            letter.key.as_deref(),
            letter.time.map(|time| time.to_string()),
            size,
            letter.last_failed.as_millisecond(),
            taken,
        ])
    };
    run().map(|_| ()).map_err(|error| failure::report("storing a dead letter", &error))
}

/// The dead letters that a query asks for, in order of id.
pub(super) fn list(connection: &Connection, query: &DeadLetterQuery) -> Result<Vec<DeadLetter>, Report> {
    let failed = |error| failure::report("reading dead letters", &error);
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let text = |text: &Option<Str>| text.as_ref().map(Str::to_string);
    let parameters = (text(&query.flow), text(&query.code), text(&query.id), text(&query.after), limit);
    let mut statement = connection.prepare_cached(LIST).map_err(failed)?;
    let mut rows = statement.query(parameters).map_err(failed)?;
    let (mut letters, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE
        && let Some(row) = rows.next().map_err(failed)?
    {
        let letter = letter(row).map_err(failed)??;
        bytes += letter.bytes.len() + letter.context.len() + letter.report.len();
        letters.push(letter);
    }
    Ok(letters)
}

/// How many dead letters there are by cause.
pub(super) fn causes(connection: &Connection) -> Result<Vec<Cause>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(CAUSES)?;
        let rows = statement.query_map([], |row| {
            let count = row.get::<_, i64>(3)?.unsigned_abs();
            Ok(Cause { flow: text(row, 0)?, step: text(row, 1)?, code: text(row, 2)?, count })
        })?;
        rows.collect::<rusqlite::Result<_>>()
    };
    run().map_err(|error| failure::report("counting dead letters", &error))
}

/// How many dead letters there are by flow and code.
pub(super) fn counts(connection: &Connection) -> Result<Vec<(Str, Str, u64)>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(COUNTS)?;
        let rows = statement
            .query_map([], |row| Ok((text(row, 0)?, text(row, 1)?, row.get::<_, i64>(2)?.unsigned_abs())))?;
        rows.collect::<rusqlite::Result<_>>()
    };
    run().map_err(|error| failure::report("counting dead letters", &error))
}

/// Removes dead letters; returns how many there were.
pub(super) fn remove(connection: &Connection, ids: &[Str]) -> Result<u64, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(REMOVE)?;
        ids.iter().try_fold(0, |removed, id| Ok(removed + statement.execute([id.as_str()])? as u64))
    };
    run().map_err(|error| failure::report("dropping dead letters", &error))
}

/// Stores letters of `flow`, which failed together, and lets go of others until there are no more than `keep` says at `now`.
///
/// Where none may go, the letters that reach the bound are stored as a whole: a message that failed beside too many others
/// could not be stored ever.
///
/// # Errors
/// `F0023` if none may go, and there were as many as are kept before.
pub(super) fn store_within(
    connection: &Connection,
    flow: &str,
    letters: &[DeadLetter],
    keep: LetterRetention,
    now: Timestamp,
) -> Result<LetGo, Report> {
    let was_full = Total::of(connection, flow)?.has_reached(keep);
    letters.iter().try_for_each(|letter| store(connection, letter))?;
    let mut gone = LetGo::default();
    let aged = keep.age.and_then(|age| now.checked_sub(age).ok());
    // Some at once, since others wait for this transaction: the rest goes with time, or when it has to.
    if let Some(before) = aged {
        expire(connection, flow, before, &mut gone)?;
    }
    loop {
        let total = Total::of(connection, flow)?;
        if !total.is_beyond(keep) {
            return Ok(gone);
        }
        if let Some(before) = aged
            && expire(connection, flow, before, &mut gone)?
        {
            continue;
        }
        match keep.full {
            WhenFull::Stall if was_full => return Err(full(flow, total, keep)),
            WhenFull::Stall => return Ok(gone),
            WhenFull::DropOldest if total.count <= 1 => return Ok(gone),
            WhenFull::DropOldest => drop(let_go(connection, DROP_OLDEST, [flow], &mut gone)?),
        }
    }
}

/// The dead letters of a flow in all.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    count: u64,
    bytes: u64,
}

impl Total {
    fn of(connection: &Connection, flow: &str) -> Result<Self, Report> {
        let total = |row: &Row<'_>| {
            Ok(Self {
                count: row.get::<_, i64>(0)?.unsigned_abs(),
                bytes: row.get::<_, i64>(1)?.unsigned_abs(),
            })
        };
        let found =
            connection.prepare_cached(TOTALS).and_then(|mut found| found.query_row([flow], total).optional());
        let found = found.map_err(|error| failure::report("counting dead letters", &error))?;
        Ok(found.unwrap_or_default())
    }

    fn has_reached(self, keep: LetterRetention) -> bool {
        self.count >= keep.count || self.bytes >= keep.size
    }

    fn is_beyond(self, keep: LetterRetention) -> bool {
        self.count > keep.count || self.bytes > keep.size
    }
}

/// Lets go of some of the letters of `flow` whose last failure was before `before`; whether there were any.
pub(super) fn expire(
    connection: &Connection,
    flow: &str,
    before: Timestamp,
    gone: &mut LetGo,
) -> Result<bool, Report> {
    let_go(connection, EXPIRE, (flow, before.as_millisecond()), gone)
}

fn let_go(
    connection: &Connection,
    sql: &str,
    of: impl rusqlite::Params,
    gone: &mut LetGo,
) -> Result<bool, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(of)?;
        let before = gone.count;
        while let Some(row) = rows.next()? {
            gone.push(text(row, 0)?);
        }
        Ok(gone.count > before)
    };
    run().map_err(|error| failure::report("dropping dead letters", &error))
}

fn full(flow: &str, Total { count, bytes }: Total, keep: LetterRetention) -> Report {
    let message = format!(
        "the flow `{flow}` would have {count} dead letters of about {bytes} bytes, and keeps at most {} of {} bytes",
        keep.count, keep.size
    );
    Report::new(&DEAD_LETTERS_FULL, message).hint(
        "see what fails with `tenon dead list`, then make room with `tenon dead replay` or `tenon dead drop`, or raise `dead_letters` of the flow",
    )
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Result<DeadLetter, Report>> {
    let (offset, line): (i64, i64) = (row.get(4)?, row.get(5)?);
    let headers = headers::load(row.get_ref(8)?.as_str()?);
    let first_failed = row.get_ref(15)?.as_str()?.parse();
    let last_failed = row.get_ref(16)?.as_str()?.parse();
    let time = row.get::<_, Option<String>>(19)?.map(|time| time.parse()).transpose();
    let taken: Result<Vec<String>, _> = serde_json::from_str(row.get_ref(20)?.as_str()?);
    let id = text(row, 0)?;
    let (Some(headers), Ok(first_failed), Ok(last_failed), Ok(time), Ok(taken)) =
        (headers, first_failed, last_failed, time, taken)
    else {
        return Ok(Err(damaged(&format!("the dead letter `{id}`"))));
    };
    Ok(Ok(DeadLetter {
        id,
        flow: text(row, 1)?,
        step: text(row, 2)?,
        origin: Origin {
            source: text(row, 3)?,
            position: Position { offset: offset.unsigned_abs(), line: line.unsigned_abs(), tail: 0 },
        },
        bytes: Bytes::copy_from_slice(row.get_ref(6)?.as_blob()?),
        clipped: row.get(17)?,
        context: Bytes::copy_from_slice(row.get_ref(7)?.as_blob()?),
        key: row.get::<_, Option<String>>(18)?.map(Str::from),
        headers,
        time,
        contract: text(row, 9)?,
        mapping: text(row, 10)?,
        code: text(row, 11)?,
        message: text(row, 12)?,
        report: row.get(13)?,
        attempts: row.get(14)?,
        first_failed,
        last_failed,
        taken: taken.into_iter().map(Str::from).collect(),
    }))
}

fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Str> {
    Ok(Str::new(row.get_ref(at)?.as_str()?))
}

#[cfg(test)]
mod tests {
    use super::{super::migrations, *};

    #[test]
    fn a_letter_is_found_without_looking_at_the_others() {
        let connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&connection).unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {LIST}")).unwrap();
        let none: Option<String> = None;
        let plan =
            statement.query_map((&none, &none, &none, &none, 1), |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<_> = plan.map(Result::unwrap).collect();
        assert_eq!(plan, ["SEARCH dead_letters USING INDEX sqlite_autoindex_dead_letters_1 (id>? AND id<?)"]);
    }
}
