//! Files of earlier and of newer versions.

use super::*;

fn schema(connection: &Connection) -> Vec<String> {
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").unwrap();
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
    let failed: i64 = connection.query_row("SELECT failed FROM dead_letters", [], |row| row.get(0)).unwrap();
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
    connection.execute_batch("INSERT INTO replies VALUES ('f', 'k', '0123456789abcdef', '{}', 99)").unwrap();
    migrate(&connection).unwrap();
    let id = tenon_ports::ClaimId { flow: "f".into(), key: "k".into() };
    let held = crate::state::claims::load(&connection, &id, jiff::Timestamp::UNIX_EPOCH).unwrap().unwrap();
    assert_eq!((held.request.as_str(), held.reply.as_str(), held.due), ("0123456789abcdef", "{}", None));
    assert_eq!(held.said, tenon_model::Headers::new(), "of what version it is was not stored");
}

#[test]
fn a_folder_of_an_older_layout_is_brought_up_to_date_and_a_newer_one_is_refused() {
    let layout = |connection: &Connection| (folder::<i64>(connection, "layout"), folder(connection, "tenon"));
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

#[test]
fn the_claims_of_earlier_versions_are_brought_into_a_copy() {
    let first = STEPS.iter().position(|step| step.contains("CREATE TABLE copying")).unwrap() + 1;
    let folder = tempfile::tempdir().unwrap();
    for version in first..=STEPS.len() {
        let [live, copy] = ["live", "copy"].map(|name| folder.path().join(format!("{version}-{name}.db")));
        let connection = Connection::open(&live).unwrap();
        STEPS[..version].iter().for_each(|step| connection.execute_batch(step).unwrap());
        let claim = |number: i64| {
            let sql = "INSERT INTO claims (number, flow, key, caller, request, reply, until, bytes)
                       VALUES (?1, 'f', 'k' || ?1, 'c', 'r', '{}', 99, 7)";
            connection.execute(sql, [number]).unwrap();
        };
        claim(1);
        connection.execute("VACUUM INTO ?", [copy.to_str().unwrap()]).unwrap();
        claim(2);
        let copied = Connection::open(&copy).unwrap();
        copied.execute("ATTACH ? AS live", [live.to_str().unwrap()]).unwrap();
        copied.execute_batch(crate::state::claims::BRING).unwrap();
        let count: i64 = copied.query_row("SELECT count(*) FROM main.claims", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2, "version {version}");
    }
}
