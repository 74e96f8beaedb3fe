//! The steps that led to the schema of the state file. One that was released is never edited.

/// Step `n` takes a file from version `n` (`PRAGMA user_version`) to version `n + 1`.
pub(super) const STEPS: &[&str] = &[
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
    "
ALTER TABLE claims ADD COLUMN said TEXT NOT NULL DEFAULT '[]'; -- JSON: what the reply says of itself, [[name, value], ...]
",
    "
CREATE TABLE calls (
  message TEXT NOT NULL, -- the id of the dead letter that it is or would be
  call TEXT NOT NULL,
  state INTEGER NOT NULL, -- 0: begun, 1: doubted, 2: answered
  answer BLOB,
  at INTEGER NOT NULL, -- in milliseconds
  PRIMARY KEY (message, call)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER calls_of_letter AFTER DELETE ON dead_letters BEGIN
  DELETE FROM calls WHERE message = old.id;
END;
",
];

#[cfg(test)]
mod tests {
    use super::*;

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
                (125, 1_720_195_212),
                (412, 3_382_905_406),
            ]
        );
    }
}
