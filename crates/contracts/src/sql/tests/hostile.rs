//! No input panics, and large ones end.

use proptest::prelude::*;

use crate::sql::{Dialect, read_file};

#[track_caller]
fn refused(text: &str, part: &str) {
    let reports = read_file("1.sql", text, None).unwrap_err();
    assert!(reports.iter().any(|it| it.message().contains(part)), "{:?}", reports.iter().next());
}

#[test]
fn deep_and_large_files_end() {
    let deep = 100_000;
    refused(&format!("CREATE TABLE a (x int CHECK {}", "(".repeat(deep)), "expected `)`");
    let checked = format!("CREATE TABLE a (x int CHECK {}x > 1{})", "(".repeat(deep), ")".repeat(deep));
    assert!(read_file("1.sql", &checked, None).is_ok());
    let nested =
        format!("CREATE TABLE a (x int CHECK ({}x > 1{}))", "(".repeat(20_000), " AND x > 1)".repeat(20_000));
    assert_eq!(read_file("1.sql", &nested, None).unwrap().notes.len(), 1);
    let arrays = format!("CREATE TABLE a (x int{})", "[]".repeat(deep));
    assert!(read_file("1.sql", &arrays, None).is_ok());
    refused(&" ".repeat(65 << 20), "bytes, and");
    refused(&format!("CREATE TABLE a ({}", "x int,".repeat(500_000)), "more than 1000000 parts");
    refused(&"/*".repeat(deep), "no `*/`");
    refused(&format!("CREATE TABLE a (x text DEFAULT '{}", "a".repeat(1 << 20)), "has no end");
    let columns: Vec<_> = (0..40_000).map(|at| format!("c{at} int")).collect();
    refused(&format!("CREATE TABLE a ({})", columns.join(",")), "more than 4096 columns");
}

#[test]
fn rows_are_passed_over_in_large_dumps() {
    let rows = "INSERT INTO a VALUES (1,'x'),(2,'y');\n".repeat(700_000);
    let file = read_file("1.sql", &format!("CREATE TABLE a (x int);\n{rows}"), None).unwrap();
    assert_eq!((file.tables.len(), file.notes.len()), (1, 1));
}

#[test]
fn of_many_problems_only_some_are_told() {
    assert_eq!(read_file("1.sql", &"CREATE TABLE a (x int);".repeat(50_000), None).unwrap_err().len(), 100);
}

const PIECES: &[&str] = &[
    "CREATE TABLE a ",
    "(",
    ")",
    "x int ",
    ", ",
    "CHECK ",
    "NOT NULL ",
    "DEFAULT ",
    "'a'",
    "'",
    "\"",
    "`",
    "$$",
    "::",
    "text ",
    "[",
    "]",
    "PRIMARY KEY ",
    "REFERENCES ",
    "ENUM ",
    "ALTER TABLE a ADD ",
    "x ",
    "BETWEEN 1 AND 2 ",
    "AND ",
    "IN ",
    "1.5",
    "-",
    ";",
    "COPY a FROM stdin",
    "\n\\.",
    "/*",
    "*/",
    "--",
    "\n",
    "é",
    "X'0g'",
    "DELIMITER ;;\n",
    "CREATE TYPE a AS ENUM ",
    "COMMENT ON COLUMN a.x IS ",
    "json_valid",
    "E'\\",
];

proptest! {
    #[test]
    fn no_text_panics(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        for (dialect, _) in Dialect::ALL {
            let _ = read_file("1.sql", &pieces.concat(), Some(*dialect));
        }
    }

    #[test]
    fn no_characters_panic(text in "\\PC{0,40}") {
        for (dialect, _) in Dialect::ALL {
            let _ = read_file("1.sql", &text, Some(*dialect));
            let _ = read_file("1.sql", &format!("CREATE TABLE a (x {text}"), Some(*dialect));
        }
    }
}
