//! Claims of requests that may be sent again, as rows.

mod budgets;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension, Row, params};
use tenon_errors::Report;
use tenon_model::Str;
use tenon_ports::{Claim, ClaimId, ClaimPlace};

use self::budgets::{BUDGETS, add, signed, trim};
use super::{damaged, headers, places, stored};
use crate::sqlite::failure;

/// What a row takes beside its texts.
const ROW: usize = 128;
/// With one of so many claims that are stored, totals are looked at, and so many of those whose time is over are forgotten.
const SELDOM: u64 = 16;
/// With a claim of so many bytes, totals are looked at as well.
const LARGE: usize = 64 << 10;
const FORGOTTEN: i64 = 64;

const STORE: &str =
    "INSERT INTO claims (number, flow, key, caller, request, reply, until, bytes, places, said)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const STORE_DUE: &str = "INSERT INTO due (number, effects) VALUES (?, ?)";
const LOAD: &str = "SELECT claims.number, flow, key, caller, request, reply, effects, until, places, said
  FROM claims LEFT JOIN due ON due.number = claims.number WHERE flow = ? AND key = ? AND until > ?";
const KEYS: &str = "SELECT flow, key FROM claims";
const OPEN: &str = "SELECT claims.number, flow, key, caller, request, reply, effects, until, places, said
  FROM due JOIN claims ON claims.number = due.number
  WHERE due.number > ? AND flow = ? AND until > ? ORDER BY due.number LIMIT ?";
const COMPLETE: &str = "DELETE FROM due WHERE number = ?";
const IS_NOT_COPIED: &str = "SELECT NOT EXISTS (SELECT 1 FROM due_done WHERE number = ?)";
const IS_OVER: &str = "SELECT NOT EXISTS (SELECT 1 FROM due WHERE number = ?1)
  AND NOT EXISTS (SELECT 1 FROM due_done WHERE number = ?1)";
const COMPLETE_ONES: &str = "SELECT number, flow, places FROM claims
  WHERE number NOT IN (SELECT number FROM due) ORDER BY number";
const KEEP_PLACES: &str = "UPDATE claims SET places = ? WHERE number = ?";
const RELEASE: &str = "DELETE FROM claims WHERE number = ?";
const REPLACE: &str = "DELETE FROM claims WHERE flow = ? AND key = ?";
const FORGET: &str =
    "DELETE FROM claims WHERE number IN (SELECT number FROM claims ORDER BY number LIMIT ?) AND until <= ?";

/// Brings the claims of the file `live` into `main`, which is a copy of it, and counts what is there anew: see `ALL` and `DUE`.
pub(crate) const BRING: &str = "
DELETE FROM main.copying;
DELETE FROM main.due_done;
-- Released since: they had no effect.
DELETE FROM main.claims WHERE number IN (SELECT number FROM main.due)
  AND number NOT IN (SELECT number FROM live.claims) AND number NOT IN (SELECT number FROM live.due_done);
-- The columns are those of the Tenon that made them, also where that is an earlier one: the one is a copy of the other.
INSERT OR REPLACE INTO main.claims SELECT * FROM live.claims WHERE number NOT IN (SELECT number FROM main.claims);
INSERT OR IGNORE INTO main.due SELECT number, effects FROM
  (SELECT number, effects FROM live.due UNION ALL SELECT number, effects FROM live.due_done)
  WHERE number IN (SELECT number FROM main.claims);
DELETE FROM main.claim_totals;
INSERT INTO main.claim_totals SELECT '', count(*), coalesce(sum(bytes), 0) FROM main.claims;
INSERT INTO main.claim_totals SELECT caller, count(*), sum(bytes) FROM main.claims GROUP BY caller;
INSERT INTO main.claim_totals SELECT ' due', count(*), coalesce(sum(length(effects)), 0) FROM main.due;
";

/// Stores a claim, unless one is held at `now`, which is returned then. Forgets what is old, or too much.
pub(super) fn store(
    connection: &Connection,
    id: &ClaimId,
    claim: &Claim,
    now: Timestamp,
) -> Result<Option<Claim>, Report> {
    let failed = |error| failure::report("storing the claim of a request", &error);
    let texts = (places::store(&claim.places), headers::store(&claim.said));
    let bytes = size(id, claim) + texts.0.len() + texts.1.len();
    // Most often there is none, which the index says while storing.
    if let Err(error) = insert(connection, id, claim, &texts, bytes)? {
        if let Some(held) = load(connection, id, now)? {
            return Ok(Some(held));
        }
        let key = (id.flow.as_str(), id.key.as_str());
        let over = connection.prepare_cached(REPLACE).and_then(|mut it| it.execute(key)).map_err(failed)?;
        if over == 0 {
            return Err(failed(error));
        }
        insert(connection, id, claim, &texts, bytes)?.map_err(failed)?;
    }
    let due = claim.due.as_ref().map_or(0, Bytes::len);
    add(connection, claim, bytes, due).map_err(failed)?;
    if claim.number.is_multiple_of(SELDOM) {
        let forget = |mut it: CachedStatement<'_>| it.execute((FORGOTTEN, now.as_millisecond()));
        connection.prepare_cached(FORGET).and_then(forget).map_err(failed)?;
    }
    if claim.number.is_multiple_of(SELDOM) || bytes + due >= LARGE {
        trim(connection, &claim.caller, BUDGETS)?;
    }
    Ok(None)
}

fn size(id: &ClaimId, claim: &Claim) -> usize {
    let texts = [&id.flow, &id.key, &claim.caller, &claim.request].map(Str::len);
    ROW + texts.iter().sum::<usize>() + claim.reply.len()
}

/// The inner error is that of a key or a number which is there already.
fn insert(
    connection: &Connection,
    id: &ClaimId,
    claim: &Claim,
    (places, said): &(String, String),
    bytes: usize,
) -> Result<rusqlite::Result<()>, Report> {
    let number = stored(claim.number)?;
    let run = || {
        connection.prepare_cached(STORE)?.execute(params![
            number,
            id.flow.as_str(),
            id.key.as_str(),
            claim.caller.as_str(),
            claim.request.as_str(),
            claim.reply,
            claim.until.as_millisecond(),
            signed(bytes),
            places,
            said,
        ])?;
        match claim.due.as_deref() {
            Some(effects) => connection.prepare_cached(STORE_DUE)?.execute((number, effects)).map(|_| ()),
            None => Ok(()),
        }
    };
    match run() {
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) => {
            Err(failure::report("storing the claim of a request", &error))
        }
        done => Ok(done),
    }
}

/// The claim that is held at `now`.
pub(super) fn load(connection: &Connection, id: &ClaimId, now: Timestamp) -> Result<Option<Claim>, Report> {
    let run = || {
        let mut statement = connection.prepare_cached(LOAD)?;
        let row = (id.flow.as_str(), id.key.as_str(), now.as_millisecond());
        statement.query_row(row, |row| Ok(claim(row))).optional()
    };
    let found = run().map_err(|error| failure::report("reading the claim of a request", &error))?;
    found.transpose().map(|found| found.map(|(_, claim)| claim))
}

/// Shows flow and key of each claim that is stored.
pub(super) fn keys(connection: &Connection, mut see: impl FnMut(&str, &str)) -> Result<(), Report> {
    let mut run = || {
        let mut statement = connection.prepare_cached(KEYS)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            see(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        }
        Ok(())
    };
    run().map_err(|error| failure::report("reading the keys of requests", &error))
}

/// The claims of `flow` that are not complete, numbered above `after`.
pub(super) fn open(
    connection: &Connection,
    flow: &str,
    after: Option<u64>,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<(ClaimId, Claim)>, Report> {
    let after = after.map_or(Ok(-1), stored)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let run = || {
        let mut statement = connection.prepare_cached(OPEN)?;
        let rows = statement.query_map((after, flow, now.as_millisecond(), limit), |row| Ok(claim(row)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let found = run().map_err(|error| failure::report("reading the claims of requests", &error))?;
    found.into_iter().collect()
}

/// Shows each claim that is complete, with what it has changed; nothing of that is known where an earlier Tenon has stored it.
pub(super) fn complete_ones(
    connection: &Connection,
    mut see: impl FnMut(u64, &str, Vec<ClaimPlace>),
) -> Result<(), Report> {
    let mut run = || {
        let mut statement = connection.prepare_cached(COMPLETE_ONES)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let number = row.get::<_, i64>(0)?.unsigned_abs();
            let places = places::load(row.get_ref(2)?.as_str()?).unwrap_or_default();
            see(number, row.get_ref(1)?.as_str()?, places);
        }
        Ok(())
    };
    run().map_err(|error| failure::report("reading the claims of requests", &error))
}

/// Notes that these are what a claim has changed and what is still there.
pub(super) fn keep_places(connection: &Connection, number: u64, kept: &[ClaimPlace]) -> Result<(), Report> {
    let number = stored(number)?;
    let run = || connection.prepare_cached(KEEP_PLACES)?.execute((places::store(kept), number));
    run().map(|_| ()).map_err(|error| failure::report("changing the claim of a request", &error))
}

/// Which of these claims nobody carries out any more, also in a copy that is being made.
pub(super) fn over(connection: &Connection, numbers: &[u64]) -> Result<Vec<u64>, Report> {
    let mut over = Vec::with_capacity(numbers.len());
    for number in numbers {
        let stored = stored(*number)?;
        let run = || connection.prepare_cached(IS_OVER)?.query_row([stored], |row| row.get(0));
        if run().map_err(|error| failure::report("reading the claims of requests", &error))? {
            over.push(*number);
        }
    }
    Ok(over)
}

/// Notes that the effects are durable; returns whether no copy that is being made will look for them.
pub(super) fn complete(connection: &Connection, number: u64) -> Result<bool, Report> {
    change(connection, COMPLETE, number)?;
    is_not_copied(connection, number)
}

/// Forgets a claim the effects of which are durable; returns the same.
pub(super) fn forget(connection: &Connection, number: u64) -> Result<bool, Report> {
    change(connection, RELEASE, number)?;
    is_not_copied(connection, number)
}

fn is_not_copied(connection: &Connection, number: u64) -> Result<bool, Report> {
    let number = stored(number)?;
    let run = || connection.prepare_cached(IS_NOT_COPIED)?.query_row([number], |row| row.get(0));
    run().map_err(|error| failure::report("changing the claim of a request", &error))
}

/// Forgets a claim.
pub(super) fn release(connection: &Connection, number: u64) -> Result<(), Report> {
    change(connection, RELEASE, number)
}

fn change(connection: &Connection, sql: &str, number: u64) -> Result<(), Report> {
    let number = stored(number)?;
    let run = || connection.prepare_cached(sql)?.execute([number]);
    run().map(|_| ()).map_err(|error| failure::report("changing the claim of a request", &error))
}

fn claim(row: &Row<'_>) -> Result<(ClaimId, Claim), Report> {
    let read = || -> rusqlite::Result<_> {
        let text = |at| Ok::<_, rusqlite::Error>(Str::new(row.get_ref(at)?.as_str()?));
        let id = ClaimId { flow: text(1)?, key: text(2)? };
        let due = row.get_ref(6)?.as_blob_or_null()?.map(Bytes::copy_from_slice);
        let number = row.get::<_, i64>(0)?.unsigned_abs();
        let kept = places::load(row.get_ref(8)?.as_str()?).zip(headers::load(row.get_ref(9)?.as_str()?));
        Ok((id, number, text(3)?, text(4)?, row.get::<_, String>(5)?, due, row.get::<_, i64>(7)?, kept))
    };
    let (id, number, caller, request, reply, due, until, kept) =
        read().map_err(|error| failure::report("reading the claim of a request", &error))?;
    let until = Timestamp::from_millisecond(until).map_err(|_| damaged("the claim of a request"))?;
    let (places, said) = kept.ok_or_else(|| damaged("the claim of a request"))?;
    Ok((id, Claim { caller, request, reply, said, number, due, until, places }))
}

#[cfg(test)]
mod tests {
    use tenon_model::Headers;

    use super::{super::migrations, budgets::Budget, *};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn put(connection: &Connection, caller: &str, number: u64, due: Option<&'static [u8]>) {
        let id = ClaimId { flow: "flow".into(), key: format!("{caller}:{number}").into() };
        let claim = Claim {
            caller: caller.into(),
            request: "r".into(),
            reply: number.to_string(),
            said: Headers::new(),
            number,
            due: due.map(Bytes::from_static),
            until: at(1_000 + i64::try_from(number).unwrap()),
            places: Vec::new(),
        };
        assert_eq!(store(connection, &id, &claim, at(0)).unwrap(), None);
    }

    fn numbers(connection: &Connection) -> Vec<i64> {
        let mut statement = connection.prepare("SELECT number FROM claims ORDER BY number").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn totals(connection: &Connection) -> Vec<(String, i64, i64)> {
        let mut statement = connection.prepare("SELECT caller, count, bytes FROM claim_totals").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    fn new() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&connection).unwrap();
        connection
    }

    const MANY: Budget = Budget { count: 1_000, bytes: 1 << 20 };

    #[test]
    fn a_caller_of_many_claims_loses_its_own_oldest_and_those_of_nobody_else() {
        let connection = new();
        put(&connection, "ann", 1, None);
        (2..=9).for_each(|number| put(&connection, "bob", number, None));
        let few = Budget { count: 3, ..MANY };
        trim(&connection, "bob", (few, MANY, MANY)).unwrap();
        assert_eq!(numbers(&connection), [1, 7, 8, 9]);
        trim(&connection, "bob", (MANY, few, MANY)).unwrap();
        assert_eq!(numbers(&connection), [7, 8, 9], "of all, the oldest go");
        let small = Budget { count: 100, bytes: 400 };
        trim(&connection, "bob", (small, MANY, MANY)).unwrap();
        assert_eq!(numbers(&connection), [8, 9], "bytes count as well");
    }

    #[test]
    fn a_claim_that_is_not_complete_is_kept_and_when_there_are_too_many_the_next_is_refused() {
        let connection = new();
        put(&connection, "ann", 1, Some(b"due"));
        (2..=4).for_each(|number| put(&connection, "ann", number, None));
        let none = Budget { count: 0, bytes: 0 };
        trim(&connection, "ann", (none, none, MANY)).unwrap();
        assert_eq!(numbers(&connection), [1]);
        for full in [none, Budget { bytes: 2, ..MANY }] {
            let report = trim(&connection, "ann", (MANY, MANY, full)).unwrap_err();
            assert_eq!((report.code().id, report.is_transient()), ("F0031", true));
        }
    }

    #[test]
    fn claims_whose_time_is_over_are_forgotten_when_others_are_stored() {
        let connection = new();
        for (number, until, now) in [(1, 10, 0), (2, 20, 0), (3, 90, 0), (16, 99, 50)] {
            let id = ClaimId { flow: "flow".into(), key: format!("{number}").into() };
            let claim = Claim {
                caller: "ann".into(),
                request: "r".into(),
                reply: "{}".into(),
                said: Headers::new(),
                number,
                due: Some(Bytes::from_static(b"due")),
                until: at(until),
                places: Vec::new(),
            };
            store(&connection, &id, &claim, at(now)).unwrap();
        }
        assert_eq!(numbers(&connection), [3, 16]);
        assert_eq!(totals(&connection)[1], (" due".to_owned(), 2, 6));
    }

    #[test]
    fn the_totals_are_those_of_the_rows() {
        let connection = new();
        put(&connection, "ann", 1, Some(b"due"));
        put(&connection, "bob", 2, None);
        let sums = |caller: &str| -> (i64, i64) {
            let sql = match caller {
                " due" => "SELECT count(*), coalesce(sum(length(effects)), 0) FROM due WHERE ?1 = ' due'",
                _ => "SELECT count(*), coalesce(sum(bytes), 0) FROM claims WHERE ?1 IN ('', caller)",
            };
            connection.query_row(sql, [caller], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        };
        let check = |callers: &[&str]| {
            let expected: Vec<_> =
                callers.iter().map(|caller| ((*caller).to_owned(), sums(caller).0, sums(caller).1)).collect();
            assert_eq!(totals(&connection), expected);
        };
        check(&["", " due", "ann", "bob"]);
        complete(&connection, 1).unwrap();
        check(&["", " due", "ann", "bob"]);
        release(&connection, 2).unwrap();
        check(&["", " due", "ann"]);
        put(&connection, "bob", 2, Some(b"due"));
        release(&connection, 2).unwrap();
        check(&["", " due", "ann"]);
    }
}
