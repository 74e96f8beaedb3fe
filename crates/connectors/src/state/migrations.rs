//! The schema of the state file, as the steps that led to it. A step that was released is never edited.

use rusqlite::Connection;
use tenon_errors::{Report, catalogue::system::STATE_NEWER};

use crate::sqlite::failure;

/// Step `n` takes a file from version `n` (`PRAGMA user_version`) to version `n + 1`.
const STEPS: &[&str] = &[
    "
CREATE TABLE checkpoints (
  flow TEXT NOT NULL PRIMARY KEY,
  \"offset\" INTEGER NOT NULL,
  line INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  marks TEXT NOT NULL -- JSON: [[topic, offset], ...]
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
  id TEXT NOT NULL PRIMARY KEY,
  flow TEXT NOT NULL,
  step TEXT NOT NULL,
  source TEXT NOT NULL,
  \"offset\" INTEGER NOT NULL,
  line INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  context BLOB NOT NULL,
  headers TEXT NOT NULL, -- JSON: [[name, value], ...]
  contract TEXT NOT NULL,
  mapping TEXT NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  report TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_failed TEXT NOT NULL,
  last_failed TEXT NOT NULL
) STRICT;

CREATE INDEX dead_letters_by_cause ON dead_letters (flow, code, id);
",
    "
ALTER TABLE checkpoints ADD COLUMN tail INTEGER NOT NULL DEFAULT 0;

ALTER TABLE dead_letters ADD COLUMN clipped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN key TEXT;
ALTER TABLE dead_letters ADD COLUMN time TEXT;

-- What was kept of a row that was too large was always its first 64 KiB, and was not marked.
UPDATE dead_letters SET clipped = 1 WHERE code = 'D0104' AND line > 0 AND length(bytes) = 65536;
",
    "
CREATE TABLE replies (
  flow TEXT NOT NULL,
  key TEXT NOT NULL,
  request TEXT NOT NULL,
  reply TEXT NOT NULL,
  until INTEGER NOT NULL, -- milliseconds since 1970
  PRIMARY KEY (flow, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX replies_by_age ON replies (until);
",
    "
-- Of a source that an earlier version did not name, the name is empty.
CREATE TABLE sources (
  flow TEXT NOT NULL,
  source TEXT NOT NULL,
  \"offset\" INTEGER NOT NULL,
  line INTEGER NOT NULL,
  tail INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  marks TEXT NOT NULL, -- JSON: [[topic, offset], ...]
  tables TEXT NOT NULL, -- JSON: [table, ...]
  afresh INTEGER NOT NULL,
  used INTEGER NOT NULL, -- milliseconds since 1970
  PRIMARY KEY (flow, source)
) STRICT, WITHOUT ROWID;

INSERT INTO sources SELECT flow, '', \"offset\", line, tail, fingerprint, marks, '[]', 0, 0 FROM checkpoints;

DROP TABLE checkpoints;
",
    "
-- Numbered in the order of time, so that what is new lies together.
CREATE TABLE claims (
  number INTEGER PRIMARY KEY,
  flow TEXT NOT NULL,
  key TEXT NOT NULL,
  caller TEXT NOT NULL,
  request TEXT NOT NULL,
  reply TEXT NOT NULL,
  until INTEGER NOT NULL, -- milliseconds since 1970
  bytes INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX claims_by_key ON claims (flow, key);
CREATE INDEX claims_by_caller ON claims (caller);

-- What is to take effect yet; nothing once all of it has.
CREATE TABLE due (
  number INTEGER PRIMARY KEY REFERENCES claims ON DELETE CASCADE,
  effects BLOB NOT NULL
) STRICT;

-- For each caller; for '', which is all of them; and for ' due', the effects.
CREATE TABLE claim_totals (
  caller TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO claim_totals VALUES ('', 0, 0), (' due', 0, 0);

CREATE TRIGGER claims_added AFTER INSERT ON claims BEGIN
  UPDATE claim_totals SET count = count + 1, bytes = bytes + new.bytes WHERE caller = '';
  INSERT INTO claim_totals VALUES (new.caller, 1, new.bytes)
  ON CONFLICT (caller) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER claims_removed AFTER DELETE ON claims BEGIN
  UPDATE claim_totals SET count = count - 1, bytes = bytes - old.bytes WHERE caller IN ('', old.caller);
  DELETE FROM claim_totals WHERE caller = old.caller AND count = 0;
END;

CREATE TRIGGER due_added AFTER INSERT ON due BEGIN
  UPDATE claim_totals SET count = count + 1, bytes = bytes + length(new.effects) WHERE caller = ' due';
END;

CREATE TRIGGER due_removed AFTER DELETE ON due BEGIN
  UPDATE claim_totals SET count = count - 1, bytes = bytes - length(old.effects) WHERE caller = ' due';
END;

-- Who sent these is in their keys only.
INSERT INTO claims SELECT row_number() OVER (ORDER BY until), flow, key, 'earlier', request, reply, until,
  128 + length(flow) + length(key) + length(request) + length(reply) FROM replies;

DROP TABLE replies;
",
    "
-- `settled`: whether a run has recorded the parts of the folder. Files of before hold all that there was to know.
CREATE TABLE folder (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  layout INTEGER NOT NULL,
  settled INTEGER NOT NULL
) STRICT;

INSERT INTO folder VALUES (1, 1, EXISTS (SELECT 1 FROM sources) OR EXISTS (SELECT 1 FROM claims));

CREATE TABLE parts (
  part TEXT NOT NULL PRIMARY KEY,
  identity TEXT NOT NULL, -- empty for one that is taken as it is found
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
",
    "
CREATE TABLE moves (
  number INTEGER NOT NULL PRIMARY KEY,
  flow TEXT NOT NULL,
  stream INTEGER NOT NULL,
  at INTEGER NOT NULL, -- milliseconds since 1970
  keys BLOB NOT NULL -- 16 bytes each, little endian: digest of the key, offset; empty where older ones were forgotten
) STRICT;

CREATE INDEX moves_by_flow ON moves (flow, number);
",
    "
-- What follows which contract: the messages of topics, the rows of tables, the dead letters of flows.
CREATE TABLE contracts (
  holder TEXT NOT NULL, -- 'topic', 'table' or 'flow'
  name TEXT NOT NULL,
  contract TEXT NOT NULL,
  text TEXT NOT NULL, -- as JSON Schema
  PRIMARY KEY (holder, name)
) STRICT, WITHOUT ROWID;
",
    "
ALTER TABLE dead_letters ADD COLUMN size INTEGER NOT NULL DEFAULT 0; -- bytes, about
ALTER TABLE dead_letters ADD COLUMN failed INTEGER NOT NULL DEFAULT 0; -- milliseconds since 1970, the last time

UPDATE dead_letters SET
  size = 512 + length(bytes) + length(context) + length(CAST(headers || message || report AS BLOB)),
  failed = coalesce(CAST(unixepoch(last_failed, 'subsec') * 1000 AS INTEGER), 0);

CREATE INDEX dead_letters_by_age ON dead_letters (flow, failed);

CREATE TABLE dead_letter_totals (
  flow TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO dead_letter_totals SELECT flow, count(*), sum(size) FROM dead_letters GROUP BY flow;

CREATE TRIGGER dead_letters_added AFTER INSERT ON dead_letters BEGIN
  INSERT INTO dead_letter_totals VALUES (new.flow, 1, new.size)
  ON CONFLICT (flow) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER dead_letters_removed AFTER DELETE ON dead_letters BEGIN
  UPDATE dead_letter_totals SET count = count - 1, bytes = bytes - old.size WHERE flow = old.flow;
  DELETE FROM dead_letter_totals WHERE flow = old.flow AND count = 0;
END;

CREATE TRIGGER dead_letters_changed AFTER UPDATE OF flow, size ON dead_letters BEGIN
  UPDATE dead_letter_totals SET count = count - 1, bytes = bytes - old.size WHERE flow = old.flow;
  INSERT INTO dead_letter_totals VALUES (new.flow, 1, new.size)
  ON CONFLICT (flow) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes;
  DELETE FROM dead_letter_totals WHERE flow = old.flow AND count = 0;
END;
",
    "
-- What is added to totals is known where it is stored; and the claims of a caller are found in the order of time.
DROP TRIGGER claims_added;
DROP TRIGGER due_added;
DROP INDEX claims_by_caller;
",
    "
ALTER TABLE folder ADD COLUMN tenon TEXT NOT NULL DEFAULT ''; -- the version that has written the folder last
",
    "
-- While a copy of the folder is made, what claims had to do stays here when it is done.
CREATE TABLE copying (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  until INTEGER NOT NULL -- milliseconds since 1970
) STRICT;

CREATE TABLE due_done (
  number INTEGER PRIMARY KEY,
  effects BLOB NOT NULL
) STRICT;

CREATE TRIGGER due_is_done BEFORE DELETE ON due
WHEN EXISTS (SELECT 1 FROM copying WHERE until > CAST(unixepoch('subsec') * 1000 AS INTEGER)) BEGIN
  INSERT OR REPLACE INTO due_done VALUES (old.number, old.effects);
END;
",
    "
-- What other flows wrote into the tables of these was not kept: of what was before, not everything is known.
INSERT INTO moves (flow, stream, at, keys)
  SELECT DISTINCT flow, 0, CAST(unixepoch('subsec') * 1000 AS INTEGER), x'' FROM dead_letters;
",
    "
ALTER TABLE dead_letters ADD COLUMN taken TEXT NOT NULL DEFAULT '[]'; -- JSON: where its effects are already
",
    "
ALTER TABLE claims ADD COLUMN places TEXT NOT NULL DEFAULT '[]'; -- JSON: the parts of the folder that it changes
",
];

/// How the parts of a state folder lie in it: topics as folders below `topics`, databases and `tenon.db` beside that, each
/// with its mark. What changes it brings older folders up to date where `run_steps` does so with the file.
const LAYOUT: i64 = 1;

/// The version that writes now.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Brings the file up to date in one transaction; a file of a newer version is refused.
pub(super) fn migrate(connection: &Connection) -> Result<(), Report> {
    let failed = |error| failure::report("bringing the state file up to date", &error);
    // Immediate, so that of two processes that start together one does the work and the other finds it done.
    connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
    let done = run_steps(connection);
    connection.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).map_err(failed)?;
    done
}

/// Whether the file is of an earlier version, without changing it; one of a newer version is refused.
pub(super) fn is_older(connection: &Connection) -> Result<bool, Report> {
    Ok(!missing_steps(connection)?.is_empty())
}

fn missing_steps(connection: &Connection) -> Result<&'static [&'static str], Report> {
    let version: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| failure::report("reading the version of the state file", &error))?;
    let missing = usize::try_from(version).ok().and_then(|version| STEPS.get(version..));
    let layout = folder(connection, "layout").unwrap_or(LAYOUT);
    match missing {
        Some(missing) if layout <= LAYOUT => Ok(missing),
        Some(_) => Err(newer(connection, &format!("the state folder has layout {layout}"), LAYOUT)),
        None => {
            let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
            Err(newer(connection, &format!("the state file has version {version}"), known))
        }
    }
}

/// What the file says of the folder, if it says that: an earlier version does not.
fn folder<T: rusqlite::types::FromSql>(connection: &Connection, column: &str) -> Option<T> {
    connection.query_row(&format!("SELECT {column} FROM folder"), [], |row| row.get(0)).ok()
}

fn newer(connection: &Connection, what: &str, known: i64) -> Report {
    let by = folder::<String>(connection, "tenon").filter(|by| !by.is_empty());
    let (said, hint) = match by {
        Some(by) => (
            format!("{what}, as Tenon {by} wrote it"),
            format!("run Tenon {by} or a newer one; to go back, restore a copy that was made before the upgrade"),
        ),
        None => (
            what.to_owned(),
            "run the version of Tenon that wrote it, or a newer one; to go back, restore a copy that was made before the upgrade".to_owned(),
        ),
    };
    let message = format!("{said}; this one, {VERSION}, knows {known} at most");
    Report::new(&STATE_NEWER, message).hint(hint)
}

fn run_steps(connection: &Connection) -> Result<(), Report> {
    let failed = |error| failure::report("bringing the state file up to date", &error);
    for step in missing_steps(connection)? {
        connection.execute_batch(step).map_err(failed)?;
    }
    let noted = "UPDATE folder SET layout = ?1, tenon = ?2 WHERE layout != ?1 OR tenon != ?2";
    connection.execute(noted, (LAYOUT, VERSION)).map_err(failed)?;
    connection.pragma_update(None, "user_version", STEPS.len() as i64).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_file_of_every_earlier_version_reaches_the_newest_schema() {
        let newest = Connection::open_in_memory().unwrap();
        migrate(&newest).unwrap();
        for version in 0..=STEPS.len() {
            let connection = Connection::open_in_memory().unwrap();
            STEPS[..version].iter().for_each(|step| connection.execute_batch(step).unwrap());
            connection.pragma_update(None, "user_version", version as i64).unwrap();
            migrate(&connection).unwrap();
            assert_eq!(schema(&connection), schema(&newest), "from version {version}");
        }
    }

    #[test]
    fn dead_letters_of_rows_that_were_clipped_are_marked() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        for (id, code, line, length) in [
            ("row", "D0104", 7, 65_536),
            ("short", "D0104", 7, 9),
            ("record", "D0104", 0, 65_536),
            ("other", "D0001", 7, 65_536),
        ] {
            let sql = "INSERT INTO dead_letters VALUES (?, 'f', '', 'a.csv', 0, ?, zeroblob(?), x'', '[]', 'c@1', 'm', ?, '',
                       '{}', 1, '2013-01-01T00:00:00Z', '2013-01-01T00:00:00Z')";
            connection.execute(sql, (id, line, length, code)).unwrap();
        }
        migrate(&connection).unwrap();
        let mut statement = connection.prepare("SELECT id FROM dead_letters WHERE clipped = 1").unwrap();
        let marked: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(marked, ["row"]);
    }

    #[test]
    fn dead_letters_of_before_are_counted() {
        let connection = Connection::open_in_memory().unwrap();
        STEPS[..8].iter().for_each(|step| connection.execute_batch(step).unwrap());
        connection.pragma_update(None, "user_version", 8).unwrap();
        let sql = "INSERT INTO dead_letters VALUES ('a', 'f', '', 'a.csv', 0, 1, zeroblob(100), x'', '[]', 'c@1', 'm', 'D0201', 'é',
                   '{}', 1, '2013-01-01T00:00:00Z', '2013-01-01T00:00:01.123456789Z', 0, NULL, NULL)";
        connection.execute(sql, []).unwrap();
        migrate(&connection).unwrap();
        let failed: i64 =
            connection.query_row("SELECT failed FROM dead_letters", [], |row| row.get(0)).unwrap();
        assert_eq!(failed, 1_356_998_401_123);
        let totals = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let totals: (String, i64, i64) =
            connection.query_row("SELECT flow, count, bytes FROM dead_letter_totals", [], totals).unwrap();
        assert_eq!(totals, ("f".to_owned(), 1, 512 + 100 + 2 + 2 + 2));
    }

    #[test]
    fn replies_that_were_remembered_stay_so() {
        let connection = Connection::open_in_memory().unwrap();
        STEPS[..4].iter().for_each(|step| connection.execute_batch(step).unwrap());
        connection.pragma_update(None, "user_version", 4).unwrap();
        connection
            .execute_batch("INSERT INTO replies VALUES ('f', 'k', '0123456789abcdef', '{}', 99)")
            .unwrap();
        migrate(&connection).unwrap();
        let id = tenon_ports::ClaimId { flow: "f".into(), key: "k".into() };
        let held =
            super::super::claims::load(&connection, &id, jiff::Timestamp::UNIX_EPOCH).unwrap().unwrap();
        assert_eq!((held.request.as_str(), held.reply.as_str(), held.due), ("0123456789abcdef", "{}", None));
    }

    /// A released step must not change: files that went through the old text would differ from those that go through
    /// the new one. Add a step, and its length and checksum here.
    #[test]
    fn released_steps_are_never_edited() {
        let found: Vec<_> = STEPS.iter().map(|step| (step.len(), crc32c::crc32c(step.as_bytes()))).collect();
        assert_eq!(
            found,
            [
                (799, 2_584_061_609),
                (427, 2_663_472_144),
                (268, 3_568_029_381),
                (618, 1_156_250_288),
                (2_010, 1_152_837_771),
                (532, 3_543_470_376),
                (342, 905_000_196),
                (325, 2_843_059_412),
                (1_597, 2_977_539_175),
                (196, 1_249_755_255),
                (111, 1_265_023_472),
                (538, 2_815_125_430),
                (249, 1_339_928_724),
                (110, 1_886_991_192),
                (115, 840_368_630),
            ]
        );
    }

    #[test]
    fn a_folder_of_an_older_layout_is_brought_up_to_date_and_a_newer_one_is_refused() {
        let layout =
            |connection: &Connection| (folder::<i64>(connection, "layout"), folder(connection, "tenon"));
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection).unwrap();
        assert_eq!(layout(&connection), (Some(LAYOUT), Some(VERSION.to_owned())));
        connection.execute_batch("UPDATE folder SET layout = 0, tenon = '0.0.1'").unwrap();
        migrate(&connection).unwrap();
        assert_eq!(layout(&connection), (Some(LAYOUT), Some(VERSION.to_owned())));
        connection.execute_batch("UPDATE folder SET layout = 7, tenon = '9.1.0'").unwrap();
        for report in [migrate(&connection).unwrap_err(), is_older(&connection).unwrap_err()] {
            assert_eq!(report.code().id, "Y0208");
            assert!(report.message().contains("layout 7, as Tenon 9.1.0 wrote it"), "{report}");
            assert!(report.message().contains(&format!("knows {LAYOUT} at most")), "{report}");
        }
        assert_eq!(layout(&connection), (Some(7), Some("9.1.0".to_owned())), "it is left alone");
        connection.pragma_update(None, "user_version", 99).unwrap();
        let report = migrate(&connection).unwrap_err();
        assert!(report.message().contains("version 99, as Tenon 9.1.0 wrote it"), "{report}");
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused_and_left_alone() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let report = migrate(&connection).unwrap_err();
        assert_eq!(report.code().id, "Y0208");
        assert!(report.message().contains("99"), "{report}");
        assert!(schema(&connection).is_empty() && connection.is_autocommit());
    }
}
