//! How much is kept of claims, counted as they come and go.

use rusqlite::Connection;
use tenon_errors::{Report, catalogue::delivery::REQUESTS_UNFINISHED};
use tenon_ports::Claim;

use crate::sqlite::failure;

/// What is kept at most; beyond it the oldest claims that are complete are forgotten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) count: i64,
    pub(super) bytes: i64,
}

/// Budgets of one caller, of all together, and of effects that are due.
pub(super) type Budgets = (Budget, Budget, Budget);

/// The budgets that the book states.
pub(super) const BUDGETS: Budgets = (
    Budget { count: 100_000, bytes: 128 << 20 },
    Budget { count: 500_000, bytes: 512 << 20 },
    Budget { count: 100_000, bytes: 256 << 20 },
);
/// How the table of totals calls all claims, and all effects that are due; no caller is called like this.
const ALL: &str = "";
const DUE: &str = " due";
const ADD: &str = "INSERT INTO claim_totals VALUES (?, 1, ?)
  ON CONFLICT (caller) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes";
const TOTALS: &str = "SELECT caller, count, bytes FROM claim_totals WHERE caller IN ('', ?, ' due')";
const OLDEST_OF_CALLER: &str =
    "DELETE FROM claims WHERE number IN (SELECT number FROM claims WHERE caller = ?
  AND NOT EXISTS (SELECT 1 FROM due WHERE due.number = claims.number) ORDER BY number LIMIT ?)";
const OLDEST: &str = "DELETE FROM claims WHERE number IN (SELECT number FROM claims
  WHERE NOT EXISTS (SELECT 1 FROM due WHERE due.number = claims.number) ORDER BY number LIMIT ?)";

/// Adds a claim that was stored to the totals. Triggers take away what is deleted.
pub(super) fn add(connection: &Connection, claim: &Claim, bytes: usize, due: usize) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(ADD)?;
    add.execute((ALL, signed(bytes)))?;
    add.execute((claim.caller.as_str(), signed(bytes)))?;
    if claim.due.is_some() {
        add.execute((DUE, signed(due)))?;
    }
    Ok(())
}

/// What there is in all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Total {
    count: i64,
    bytes: i64,
}

impl Total {
    /// How many to forget at a time, if this is beyond `budget`.
    fn over(self, budget: Budget) -> Option<i64> {
        (self.count > budget.count || self.bytes > budget.bytes).then_some(self.count / 64 + 1)
    }
}

/// Of one caller, of all together, and of effects that are due.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Totals {
    caller: Total,
    all: Total,
    due: Total,
}

impl Totals {
    fn of(connection: &Connection, caller: &str) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare_cached(TOTALS)?;
        let mut rows = statement.query([caller])?;
        let mut totals = Self::default();
        while let Some(row) = rows.next()? {
            let total = match row.get_ref(0)?.as_str()? {
                ALL => &mut totals.all,
                DUE => &mut totals.due,
                _ => &mut totals.caller,
            };
            *total = Total { count: row.get(1)?, bytes: row.get(2)? };
        }
        Ok(totals)
    }
}

/// Forgets the oldest complete claims of `caller`, and of all, beyond their budgets: some more than have to be, so that
/// this is seldom done.
///
/// # Errors
/// `F0031` if more is due than its budget allows.
pub(super) fn trim(
    connection: &Connection,
    caller: &str,
    (of_caller, of_all, of_due): Budgets,
) -> Result<(), Report> {
    let failed = |error| failure::report("forgetting replies", &error);
    let mut totals = Totals::of(connection, caller).map_err(failed)?;
    if totals.due.over(of_due).is_some() {
        let message = "there are as many unfinished requests as are kept";
        return Err(Report::new(&REQUESTS_UNFINISHED, message)
            .hint("see what keeps the systems of the flow from being written"));
    }
    let mut forgotten = 0;
    loop {
        let gone = match (totals.caller.over(of_caller), totals.all.over(of_all)) {
            (Some(some), _) => {
                connection.prepare_cached(OLDEST_OF_CALLER).and_then(|mut it| it.execute((caller, some)))
            }
            (None, Some(some)) => connection.prepare_cached(OLDEST).and_then(|mut it| it.execute([some])),
            (None, None) => break,
        };
        match gone.map_err(failed)? {
            0 => break,
            gone => forgotten += gone,
        }
        totals = Totals::of(connection, caller).map_err(failed)?;
    }
    if forgotten > 0 {
        tracing::warn!(
            forgotten,
            "replies to requests with an idempotency key are forgotten before their day is over"
        );
    }
    Ok(())
}

pub(super) fn signed(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
