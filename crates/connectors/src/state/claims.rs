//! Claims of requests that may be sent again, as rows.

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tenon_errors::{Report, catalogue::delivery::REQUESTS_UNFINISHED};
use tenon_model::Str;
use tenon_ports::{Claim, ClaimId};

use super::{damaged, stored};
use crate::sqlite::failure;

/// What is kept at most; beyond it the oldest claims that are complete are forgotten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    claims: i64,
    bytes: i64,
}

/// Of one caller.
pub(super) const OF_CALLER: Budget = Budget { claims: 100_000, bytes: 128 << 20 };
/// Of all together.
pub(super) const OF_ALL: Budget = Budget { claims: 500_000, bytes: 512 << 20 };
/// What a row takes beside its texts and its effects.
const ROW: usize = 128;
/// The caller that stands for all in the table of totals; no caller is called like this.
const ALL: &str = "";

const STORE: &str = "INSERT INTO claims (number, flow, key, caller, request, reply, due, until, bytes)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const LOAD: &str = "SELECT number, flow, key, caller, request, reply, due, until FROM claims
  WHERE flow = ? AND key = ? AND until > ?";
const OPEN: &str = "SELECT number, flow, key, caller, request, reply, due, until FROM claims
  WHERE flow = ? AND due IS NOT NULL AND number > ? AND until > ? ORDER BY number LIMIT ?";
const COMPLETE: &str =
    "UPDATE claims SET due = NULL, bytes = bytes - length(due) WHERE number = ? AND due IS NOT NULL";
const RELEASE: &str = "DELETE FROM claims WHERE number = ?";
const FORGET: &str = "DELETE FROM claims WHERE until <= ?";
const TOTAL: &str = "SELECT claims, bytes FROM claim_totals WHERE caller = ?";
const OLDEST_OF_CALLER: &str = "DELETE FROM claims WHERE number IN
  (SELECT number FROM claims WHERE caller = ? AND due IS NULL ORDER BY until LIMIT ?)";
const OLDEST: &str = "DELETE FROM claims WHERE number IN
  (SELECT number FROM claims WHERE due IS NULL ORDER BY until LIMIT ?)";

/// Stores a claim, unless one is held at `now`, which is returned then. Forgets what is old, or too much.
pub(super) fn store(
    connection: &Connection,
    id: &ClaimId,
    claim: &Claim,
    now: Timestamp,
) -> Result<Option<Claim>, Report> {
    if let Some(held) = load(connection, id, now)? {
        return Ok(Some(held));
    }
    let number = stored(claim.number)?;
    let due = claim.due.as_deref();
    let texts = [&id.flow, &id.key, &claim.caller, &claim.request].map(|text| text.len());
    let bytes = ROW + texts.iter().sum::<usize>() + claim.reply.len() + due.map_or(0, <[u8]>::len);
    let run = || {
        connection.prepare_cached(FORGET)?.execute([now.as_millisecond()])?;
        connection.prepare_cached(STORE)?.execute(params![
            number,
            id.flow.as_str(),
            id.key.as_str(),
            claim.caller.as_str(),
            claim.request.as_str(),
            claim.reply,
            due,
            claim.until.as_millisecond(),
            i64::try_from(bytes).unwrap_or(i64::MAX),
        ])
    };
    run().map_err(|error| failure::report("storing the claim of a request", &error))?;
    trim(connection, &claim.caller, (OF_CALLER, OF_ALL))?;
    Ok(None)
}

/// Forgets the oldest complete claims of `caller`, and of all, beyond their budgets: some more than have to be, so that
/// this is seldom done.
fn trim(connection: &Connection, caller: &str, (of_caller, of_all): (Budget, Budget)) -> Result<(), Report> {
    let over = |caller: &str, budget: Budget| -> rusqlite::Result<Option<i64>> {
        let mut statement = connection.prepare_cached(TOTAL)?;
        let total = statement.query_row([caller], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
        let Some((claims, bytes)) = total.optional()? else { return Ok(None) };
        Ok((claims > budget.claims || bytes > budget.bytes).then_some(claims / 64 + 1))
    };
    // How many were forgotten, and whether that is enough.
    let run = || -> rusqlite::Result<(usize, bool)> {
        let mut forgotten = 0;
        while let Some(some) = over(caller, of_caller)? {
            match connection.prepare_cached(OLDEST_OF_CALLER)?.execute((caller, some))? {
                0 => return Ok((forgotten, false)),
                gone => forgotten += gone,
            }
        }
        while let Some(some) = over(ALL, of_all)? {
            match connection.prepare_cached(OLDEST)?.execute([some])? {
                0 => return Ok((forgotten, false)),
                gone => forgotten += gone,
            }
        }
        Ok((forgotten, true))
    };
    let (forgotten, enough) = run().map_err(|error| failure::report("forgetting replies", &error))?;
    if !enough {
        let message = "there are as many unfinished requests with an `Idempotency-Key` as are kept";
        return Err(Report::new(&REQUESTS_UNFINISHED, message)
            .hint("see what keeps the systems of the flow from being written"));
    }
    if forgotten > 0 {
        tracing::warn!(
            forgotten,
            "replies to requests with an idempotency key are forgotten before their day is over"
        );
    }
    Ok(())
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
        let rows = statement.query_map((flow, after, now.as_millisecond(), limit), |row| Ok(claim(row)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let found = run().map_err(|error| failure::report("reading the claims of requests", &error))?;
    found.into_iter().collect()
}

/// Notes that the effects are durable.
pub(super) fn complete(connection: &Connection, number: u64) -> Result<(), Report> {
    change(connection, COMPLETE, number)
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
        Ok((id, number, text(3)?, text(4)?, row.get::<_, String>(5)?, due, row.get::<_, i64>(7)?))
    };
    let (id, number, caller, request, reply, due, until) =
        read().map_err(|error| failure::report("reading the claim of a request", &error))?;
    let until = Timestamp::from_millisecond(until).map_err(|_| damaged("the claim of a request"))?;
    Ok((id, Claim { caller, request, reply, number, due, until }))
}

#[cfg(test)]
mod tests {
    use super::{super::migrations, *};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn put(connection: &Connection, caller: &str, number: u64, due: Option<&'static [u8]>) {
        let id = ClaimId { flow: "flow".into(), key: format!("{caller}:{number}").into() };
        let claim = Claim {
            caller: caller.into(),
            request: "r".into(),
            reply: number.to_string(),
            number,
            due: due.map(Bytes::from_static),
            until: at(1_000 + i64::try_from(number).unwrap()),
        };
        assert_eq!(store(connection, &id, &claim, at(0)).unwrap(), None);
    }

    fn numbers(connection: &Connection) -> Vec<i64> {
        let mut statement = connection.prepare("SELECT number FROM claims ORDER BY number").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn totals(connection: &Connection) -> Vec<(String, i64, i64)> {
        let mut statement = connection.prepare("SELECT caller, claims, bytes FROM claim_totals").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    fn new() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        migrations::migrate(&connection).unwrap();
        connection
    }

    #[test]
    fn a_caller_of_many_claims_loses_its_own_oldest_and_those_of_nobody_else() {
        let connection = new();
        put(&connection, "ann", 1, None);
        (2..=9).for_each(|number| put(&connection, "bob", number, None));
        let few = Budget { claims: 3, bytes: 1 << 20 };
        trim(&connection, "bob", (few, OF_ALL)).unwrap();
        assert_eq!(numbers(&connection), [1, 7, 8, 9]);
        trim(&connection, "bob", (OF_CALLER, few)).unwrap();
        assert_eq!(numbers(&connection), [7, 8, 9], "of all, the oldest go");
        let small = Budget { claims: 100, bytes: 400 };
        trim(&connection, "bob", (small, OF_ALL)).unwrap();
        assert_eq!(numbers(&connection), [8, 9], "bytes count as well");
    }

    #[test]
    fn a_claim_that_is_not_complete_is_kept() {
        let connection = new();
        put(&connection, "ann", 1, Some(b"due"));
        (2..=4).for_each(|number| put(&connection, "ann", number, None));
        let none = Budget { claims: 0, bytes: 0 };
        let report = trim(&connection, "ann", (none, none)).unwrap_err();
        assert_eq!((report.code().id, report.is_transient()), ("F0031", true));
        assert_eq!(numbers(&connection), [1]);
    }

    #[test]
    fn the_totals_are_those_of_the_rows() {
        let connection = new();
        put(&connection, "ann", 1, Some(b"due"));
        put(&connection, "bob", 2, None);
        let sums = |caller: &str| -> (i64, i64) {
            let sql = "SELECT count(*), coalesce(sum(bytes), 0) FROM claims WHERE ?1 = '' OR caller = ?1";
            connection.query_row(sql, [caller], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        };
        let check = |callers: &[&str]| {
            let expected: Vec<_> =
                callers.iter().map(|caller| ((*caller).to_owned(), sums(caller).0, sums(caller).1)).collect();
            assert_eq!(totals(&connection), expected);
        };
        check(&["", "ann", "bob"]);
        complete(&connection, 1).unwrap();
        check(&["", "ann", "bob"]);
        release(&connection, 2).unwrap();
        check(&["", "ann"]);
    }
}
