//! The specification of `ports::Database` as tests that run on every implementation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::{cmp::Ordering, future::Future, sync::Arc};

use jiff::Timestamp;
use proptest::prelude::*;
use tenon_connectors::sqlite::SqliteDatabase;
use tenon_contracts::sql::TableSchema;
use tenon_model::{
    Field, Kind, Shape, Str, Value,
    shape::{FloatRange, IntRange, Length, List, Text},
};
use tenon_ports::{Change, Database, Filter, Merge, Once, Position, Predicate, Query, Sort, Transaction};
use tokio::{runtime::Runtime, task::JoinSet};

/// Runs a test on every implementation, each with the same tables.
fn each<F: Future<Output = ()>>(test: impl Fn(Arc<dyn Database>) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let implementations: [Arc<dyn Database>; 2] = [
        Arc::new(SqliteDatabase::open(folder.path().join("data/shop.db")).unwrap()),
        Arc::new(SqliteDatabase::in_memory().unwrap()),
    ];
    for database in implementations {
        Runtime::new().unwrap().block_on(async {
            database.prepare(&tables()).await.unwrap();
            test(database).await;
        });
    }
}

fn tables() -> Vec<Arc<TableSchema>> {
    let schema = |name: &str, fields, key: &[&str], indexes: &[&[&str]]| {
        let key: Vec<_> = key.iter().map(Str::new).collect();
        let indexes: Vec<Vec<_>> = indexes.iter().map(|index| index.iter().map(Str::new).collect()).collect();
        Arc::new(TableSchema::new(name, &Shape::record(fields), &key, &indexes).unwrap())
    };
    vec![
        schema(
            "customers",
            vec![
                Field::required("id", Shape::INT),
                Field::required("name", Shape::string()),
                Field::optional("city", Shape::string()),
                Field::optional("rank", Shape::INT),
            ],
            &["id"],
            &[&["city"]],
        ),
        schema(
            "bags",
            vec![
                Field::required("id", Shape::INT),
                Field::optional(
                    "a/b",
                    Shape::of(Kind::List(Arc::new(List {
                        item: Shape::INT,
                        length: Length { min: None, max: Some(2) },
                        unique: true,
                    }))),
                ),
            ],
            &["id"],
            &[],
        ),
        schema(
            "kinds",
            vec![
                Field::required("id", Shape::INT),
                Field::optional("bool", Shape::BOOL),
                Field::optional("int", Shape::INT),
                Field::optional("float", Shape::FLOAT),
                Field::optional("decimal", Shape::DECIMAL),
                Field::optional("text", Shape::string()),
                Field::optional("bytes", Shape::BYTES),
                Field::optional("timestamp", Shape::TIMESTAMP),
                Field::optional("date", Shape::DATE),
                Field::optional("time", Shape::TIME),
                Field::optional("local", Shape::LOCAL_DATE_TIME),
                Field::optional("duration", Shape::DURATION),
                Field::optional("period", Shape::PERIOD),
                Field::optional("uuid", Shape::UUID),
                Field::optional(
                    "big",
                    Shape::of(Kind::Int(IntRange { max: Some(u64::MAX.into()), ..IntRange::default() })),
                ),
                Field::optional("list", Shape::list(Shape::string())),
                Field::required("nothing", Shape::INT.nullable()),
            ],
            &["id"],
            &[],
        ),
        schema(
            "prices",
            vec![Field::required("price", Shape::DECIMAL), Field::optional("old", Shape::DECIMAL)],
            &["price"],
            &[],
        ),
        schema(
            "settings",
            vec![
                Field::required("id", Shape::INT),
                Field { default: Some(Value::Bool(true)), ..Field::optional("mail", Shape::BOOL) },
                Field { default: Some(Value::Int(3)), ..Field::optional("retries", Shape::INT.nullable()) },
            ],
            &["id"],
            &[],
        ),
        schema(
            "bounded",
            vec![
                Field::required("id", Shape::INT),
                Field::optional(
                    "level",
                    Shape::of(Kind::Int(IntRange { min: Some(0), max: Some(100), multiple_of: None })),
                ),
                Field::optional("price", Shape::of(Kind::Decimal(FloatRange::of_digits(4, 2).unwrap()))),
                Field::optional("delay", Shape::FLOAT),
                Field::optional(
                    "name",
                    Shape::of(Kind::String(Arc::new(Text {
                        length: Length { min: None, max: Some(3) },
                        ..Text::default()
                    }))),
                ),
                Field::optional(
                    "list",
                    Shape::of(Kind::List(Arc::new(List {
                        item: Shape::INT,
                        length: Length { min: None, max: Some(1) },
                        unique: false,
                    }))),
                ),
            ],
            &["id"],
            &[],
        ),
        schema(
            "totals",
            vec![
                Field::required("carrier", Shape::string()),
                Field::required("day", Shape::DATE),
                Field::optional("flights", Shape::INT),
                Field::optional("delay", Shape::FLOAT),
                Field::optional("first", Shape::TIMESTAMP),
                Field::optional("price", Shape::DECIMAL),
                Field::optional("last", Shape::string()),
            ],
            &["carrier", "day"],
            &[],
        ),
    ]
}

fn customer(id: i64, name: &str) -> Value {
    Value::record([("id", Value::Int(id)), ("name", Value::from(name))])
}

fn upsert(table: &str, rows: Vec<Value>) -> Transaction {
    Transaction { changes: vec![Change::Upsert { table: table.into(), rows }], ..Transaction::default() }
}

fn key(id: i64) -> Vec<Value> {
    vec![Value::Int(id)]
}

#[test]
fn every_kind_of_value_comes_back_as_it_was_written() {
    each(|database| async move {
        let columns = [
            ("bool", vec![Value::Bool(true), Value::Bool(false)]),
            ("int", vec![Value::Int(i64::MIN), Value::Int(i64::MAX), Value::Int(0)]),
            (
                "float",
                vec![Value::Float(0.1), Value::Float(-1.5e300), Value::Float(7.0), Value::Float(5e-324)],
            ),
            (
                "decimal",
                vec![
                    decimal("12345678901234567890.123456789"),
                    decimal("-0.5"),
                    decimal("100"),
                    decimal("1e6000"),
                    decimal("-7e-6000"),
                ],
            ),
            ("text", vec!["".into(), "O'Hare \"ORD\"\n".into(), "nul\0inside".into(), "日本 🛫".into()]),
            ("bytes", vec![Value::Bytes(Arc::from(&[][..])), Value::Bytes(Arc::from(&[0, 255, 7][..]))]),
            ("timestamp", timestamps(&["2013-01-01T10:00:00Z", "1969-12-31T23:59:59.000000001Z"])),
            (
                "date",
                vec![Value::Date("2013-02-28".parse().unwrap()), Value::Date("0004-02-29".parse().unwrap())],
            ),
            ("time", vec![Value::Time("23:59:59.5".parse().unwrap()), Value::Time("00:00".parse().unwrap())]),
            (
                "duration",
                vec![
                    Value::Duration("PT1H30M".parse().unwrap()),
                    Value::Duration("-PT0.25S".parse().unwrap()),
                ],
            ),
            ("local", locals(&["2013-02-28T23:59:59.000000001", "0001-01-01T00:00:00"])),
            ("period", periods(&["P1Y2M-3DT0.5S", "-P1M", "PT0S", "P4294967295M4294967295D"])),
            ("uuid", vec![Value::Uuid("67e55044-10b1-426f-9247-bb680e5fe0c8".parse().unwrap())]),
            ("list", vec![Value::list(vec![]), Value::list(vec!["a".into(), "b\"".into()])]),
        ];
        let mut id = 0;
        for (column, values) in columns {
            for value in values {
                id += 1;
                let row = Value::record([("id", Value::Int(id)), (column, value), ("nothing", Value::Null)]);
                database.apply(upsert("kinds", vec![row.clone()])).await.unwrap();
                let found = database.get("kinds", vec![key(id)]).await.unwrap();
                assert_eq!(found, [Some(row)], "{column}");
            }
        }
    });
}

fn decimal(text: &str) -> Value {
    Value::from(text.parse::<tenon_model::Decimal>().unwrap())
}

fn locals(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::LocalDateTime(text.parse().unwrap())).collect()
}

fn periods(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(text.parse::<tenon_model::Period>().unwrap())).collect()
}

fn timestamps(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::Timestamp(text.parse().unwrap())).collect()
}

#[test]
fn decimals_keep_every_digit_also_in_keys() {
    each(|database| async move {
        let texts = ["1.10", "0.000", "-2.50", "12345678901234567.890", "3"];
        let row = |text: &str| Value::record([("price", decimal(text)), ("old", decimal(text))]);
        database.apply(upsert("prices", texts.map(row).to_vec())).await.unwrap();
        for text in texts {
            let equal = if text.contains('.') { format!("{text}00") } else { format!("{text}.0") };
            let found = database.get("prices", vec![vec![decimal(&equal)]]).await.unwrap().remove(0).unwrap();
            for column in ["price", "old"] {
                assert_eq!(tenon_contracts::json::to_string(found.get(column).unwrap()), text, "{column}");
            }
        }
        database.apply(upsert("prices", vec![row("1.1")])).await.unwrap();
        assert_eq!(database.count("prices").await.unwrap(), 5, "equal keys are one row");
    });
}

#[test]
fn every_kind_is_ordered_and_filtered_as_its_values_are() {
    let durations = ["-PT1H", "PT0.5S", "PT9S", "PT10S", "PT2M", "PT1H", "PT1000000H"];
    let decimals = [
        "-10.5",
        "-9",
        "0.1",
        "9",
        "10",
        "10.000000000000000001",
        "12345678901234567.12",
        "12345678901234567.89",
    ];
    let times = ["00:00:00", "09:59:59.9", "10:00:00", "23:59:59.000000001"];
    let instants = [
        "0001-01-01T00:00:00Z",
        "0999-12-31T23:59:59Z",
        "1999-12-31T23:59:59.9Z",
        "2000-01-01T00:00:00Z",
        "2000-01-01T00:00:00.000001Z",
        "9999-12-31T23:59:59.999999999Z",
    ];
    let dates = ["0009-01-01", "0999-12-31", "1000-01-01", "9999-12-30"];
    let local_times = [
        "0001-01-01T00:00:00",
        "2013-01-01T09:59:59.9",
        "2013-01-01T10:00:00",
        "2013-01-01T10:00:00.000000001",
        "9999-12-31T23:59:59",
    ];
    let columns: [(&'static str, Vec<Value>); 9] = [
        ("local", locals(&local_times)),
        ("duration", durations.iter().map(|text| Value::Duration(text.parse().unwrap())).collect()),
        ("decimal", decimals.iter().map(|text| decimal(text)).collect()),
        ("time", times.iter().map(|text| Value::Time(text.parse().unwrap())).collect()),
        ("timestamp", timestamps(&instants)),
        ("date", dates.iter().map(|text| Value::Date(text.parse().unwrap())).collect()),
        ("float", [-1e300, -0.5, 0.0, 5e-324, 9.0, 10.0, f64::MAX].map(Value::Float).to_vec()),
        ("bool", vec![Value::Bool(false), Value::Bool(true)]),
        (
            "big",
            vec![
                Value::Int(9),
                Value::Int(10),
                Value::Int(i64::MAX),
                Value::Uint(1 << 63),
                Value::Uint(u64::MAX),
            ],
        ),
    ];
    each(|database| {
        let columns = columns.clone();
        async move {
            for (column, values) in columns {
                // In an order that is not theirs, and one without a value.
                let rows = (0..=values.len()).map(|n| {
                    let value =
                        (n < values.len()).then(|| (column, values[(n * 11 + 3) % values.len()].clone()));
                    Value::record(
                        [("id", Value::Int(n as i64)), ("nothing", Value::Null)].into_iter().chain(value),
                    )
                });
                let distinct = (0..values.len())
                    .map(|n| (n * 11 + 3) % values.len())
                    .collect::<std::collections::BTreeSet<_>>()
                    .len();
                assert_eq!(distinct, values.len(), "{column}");
                database.apply(upsert("kinds", rows.collect())).await.unwrap();
                for descending in [false, true] {
                    let sort = vec![Sort { column: column.into(), descending }];
                    let mut query = Query { filters: vec![], sort, limit: 1, ..Query::default() };
                    let mut found = Vec::new();
                    loop {
                        let page = database.list("kinds", query.clone()).await.unwrap();
                        found.extend(page.rows.iter().filter_map(|row| row.get(column).cloned()));
                        query.after = page.next;
                        if query.after.is_none() {
                            break;
                        }
                    }
                    let mut expected = values.clone();
                    if descending {
                        expected.reverse();
                    }
                    assert_eq!(found, expected, "{column}");
                }
                for (at, value) in values.iter().enumerate() {
                    for (predicate, expected) in [
                        (Predicate::Greater(value.clone()), &values[at + 1..]),
                        (Predicate::GreaterOrEqual(value.clone()), &values[at..]),
                        (Predicate::Less(value.clone()), &values[..at]),
                        (Predicate::LessOrEqual(value.clone()), &values[..=at]),
                        (Predicate::Equal(value.clone()), &values[at..=at]),
                        (Predicate::In(vec![value.clone()]), &values[at..=at]),
                    ] {
                        let message = format!("{column} {predicate:?}");
                        let filters = vec![Filter { column: column.into(), predicate }];
                        let sort = vec![Sort { column: column.into(), descending: false }];
                        let page = database
                            .list("kinds", Query { filters, sort, limit: 99, ..Query::default() })
                            .await
                            .unwrap();
                        let found: Vec<_> =
                            page.rows.iter().filter_map(|row| row.get(column).cloned()).collect();
                        assert_eq!(found, expected, "{message}");
                    }
                }
                let keys = (0..=values.len()).map(|n| key(n as i64)).collect();
                let change = Change::Delete { table: "kinds".into(), keys };
                database
                    .apply(Transaction { changes: vec![change], position: None, once: None })
                    .await
                    .unwrap();
            }
        }
    });
}

#[test]
fn a_value_that_a_column_cannot_hold_is_refused_with_its_path() {
    each(|database| async move {
        let check = |column: &'static str, value: Value, code: &'static str| {
            let database = Arc::clone(&database);
            async move {
                let fine = Value::record([("id", Value::Int(1)), ("nothing", Value::Null)]);
                let row = Value::record([("id", Value::Int(2)), (column, value), ("nothing", Value::Null)]);
                let report = database.apply(upsert("kinds", vec![fine, row])).await.unwrap_err();
                assert_eq!(report.code().id, code, "{report}");
                assert_eq!(report.data_path(), Some(format!("/changes/0/rows/1/{column}").as_str()));
                assert!(!report.is_transient());
            }
        };
        check("int", Value::from("7"), "D0004").await;
        check("int", Value::Uint(u64::MAX), "D0005").await;
        check("float", Value::Float(f64::NAN), "D0005").await;
        check("float", Value::Float(f64::INFINITY), "D0005").await;
        check("date", Value::Date(jiff::civil::date(0, 12, 31)), "D0005").await;
        check("local", Value::LocalDateTime(jiff::civil::datetime(0, 12, 31, 0, 0, 0, 0)), "D0005").await;
        assert_eq!(database.count("kinds").await.unwrap(), 0);
    });
}

#[test]
fn a_negative_zero_is_zero() {
    each(|database| async move {
        let row =
            Value::record([("id", Value::Int(1)), ("float", Value::Float(-0.0)), ("nothing", Value::Null)]);
        database.apply(upsert("kinds", vec![row])).await.unwrap();
        let predicate = Predicate::Equal(Value::Float(0.0));
        let query = Query {
            filters: vec![Filter { column: "float".into(), predicate }],
            limit: 9,
            ..Query::default()
        };
        assert_eq!(database.list("kinds", query).await.unwrap().rows.len(), 1);
    });
}

#[test]
fn an_absent_field_is_stored_as_its_default() {
    each(|database| async move {
        let row = |id, mail, retries| {
            Value::record([("id", Value::Int(id)), ("mail", Value::Bool(mail)), ("retries", retries)])
        };
        let rows = vec![Value::record([("id", Value::Int(1))]), row(2, false, Value::Null)];
        database.apply(upsert("settings", rows)).await.unwrap();
        let found = database.get("settings", vec![key(1), key(2)]).await.unwrap();
        assert_eq!(found, [Some(row(1, true, Value::Int(3))), Some(row(2, false, Value::Null))]);
    });
}

#[test]
fn a_row_without_its_key_is_refused() {
    each(|database| async move {
        let report = database.apply(upsert("customers", vec![Value::record([("name", "Ann".into())])])).await;
        let report = report.unwrap_err();
        assert_eq!((report.code().id, report.data_path()), ("D0002", Some("/changes/0/rows/0/id")));
        assert_eq!(database.count("customers").await.unwrap(), 0);
    });
}

#[test]
fn rows_are_returned_in_the_order_of_the_keys_asked_for() {
    each(|database| async move {
        let rows = (1..=600).map(|id| customer(id, &format!("c{id}"))).collect();
        database.apply(upsert("customers", rows)).await.unwrap();
        let asked: Vec<i64> = (0..1000).map(|n| (n * 7) % 900).collect();
        let found = database.get("customers", asked.iter().map(|id| key(*id)).collect()).await.unwrap();
        assert_eq!(found.len(), asked.len());
        for (id, row) in asked.iter().zip(found) {
            let expected = (1..=600).contains(id).then(|| customer(*id, &format!("c{id}")));
            assert_eq!(row, expected, "{id}");
        }
        assert_eq!(database.get("customers", vec![]).await.unwrap(), []);
        assert_eq!(database.get("customers", vec![vec![Value::Null]]).await.unwrap(), [None]);
    });
}

#[test]
fn an_upsert_replaces_the_whole_row() {
    each(|database| async move {
        let with_city =
            Value::record([("id", Value::Int(1)), ("name", "Ann".into()), ("city", "Oslo".into())]);
        database.apply(upsert("customers", vec![with_city])).await.unwrap();
        database.apply(upsert("customers", vec![customer(1, "Anna")])).await.unwrap();
        assert_eq!(database.get("customers", vec![key(1)]).await.unwrap(), [Some(customer(1, "Anna"))]);
        assert_eq!(database.count("customers").await.unwrap(), 1);
    });
}

#[test]
fn what_a_collected_list_breaks_is_said_of_the_list() {
    each(|database| async move {
        let collect = |items: &[i64]| Transaction {
            changes: vec![Change::Aggregate {
                table: "bags".into(),
                rows: vec![Value::record([
                    ("id", Value::Int(1)),
                    ("a/b", Value::list(items.iter().copied().map(Value::Int).collect())),
                ])],
                merges: Arc::from([("a/b".into(), Merge::Collect)]),
            }],
            ..Transaction::default()
        };
        database.apply(collect(&[7])).await.unwrap();
        for (items, says) in [(&[7][..], "repeats"), (&[8, 9], "3 items")] {
            let report = database.apply(collect(items)).await.unwrap_err();
            let [detail] = report.details() else { panic!("{report:?}") };
            assert_eq!(report.code().id, "D0001");
            assert!(detail.message().contains(says), "{detail}");
            assert!(detail.data_path().unwrap().starts_with("/a~1b"), "{detail}");
        }
    });
}

#[test]
fn a_transaction_that_is_to_happen_once_does_nothing_when_it_comes_again() {
    each(|database| async move {
        let at = |second| Timestamp::from_second(second).unwrap();
        let add = |id: &str, flights, now| Transaction {
            changes: vec![Change::Aggregate {
                table: "totals".into(),
                rows: vec![Value::record([
                    ("carrier", "UA".into()),
                    ("day", Value::Date("2013-01-01".parse().unwrap())),
                    ("flights", Value::Int(flights)),
                ])],
                merges: Arc::from([("flights".into(), Merge::Sum)]),
            }],
            position: None,
            once: Some(Once { id: id.into(), at: at(now), until: at(100), settled: Vec::new() }),
        };
        database.apply(add("a", 1, 0)).await.unwrap();
        database.apply(add("a", 1, 0)).await.unwrap();
        database.apply(add("b", 10, 0)).await.unwrap();
        assert_eq!(database.apply(add("c", i64::MAX, 0)).await.unwrap_err().code().id, "D0005");
        database.apply(add("c", 100, 0)).await.unwrap();
        database.apply(add("a", 1, 99)).await.unwrap();
        let rows = database.list("totals", Query { limit: 9, ..Query::default() }).await.unwrap().rows;
        assert_eq!(rows[0].get("flights"), Some(&Value::Int(111)), "what was refused is not noted");
    });
}

#[test]
fn a_transaction_happens_as_a_whole_or_not_at_all() {
    each(|database| async move {
        let position = Position { offset: 700, line: 12, tail: 0 };
        let good = Transaction {
            changes: vec![
                Change::Upsert {
                    table: "customers".into(),
                    rows: vec![customer(1, "Ann"), customer(2, "Bob")],
                },
                Change::Delete { table: "customers".into(), keys: vec![key(2), key(99)] },
            ],
            position: Some(("flow".into(), position)),
            ..Transaction::default()
        };
        database.apply(good).await.unwrap();
        let nameless = Value::record([("id", Value::Int(4))]);
        let bad = Transaction {
            changes: vec![
                Change::Delete { table: "customers".into(), keys: vec![key(1)] },
                Change::Upsert { table: "customers".into(), rows: vec![customer(3, "Cid"), nameless] },
            ],
            position: Some(("flow".into(), Position { offset: 800, line: 20, tail: 0 })),
            ..Transaction::default()
        };
        let report = database.apply(bad).await.unwrap_err();
        assert_eq!(report.code().id, "Y0104", "{report}");
        assert!(report.message().contains("name"), "{report}");
        let rows = database.get("customers", vec![key(1), key(2), key(3)]).await.unwrap();
        assert_eq!(rows, [Some(customer(1, "Ann")), None, None]);
        assert_eq!(database.position("flow").await.unwrap(), Some(position));
        assert_eq!(database.position("another flow").await.unwrap(), None);
    });
}

#[test]
fn of_transactions_that_wait_together_only_the_failing_ones_fail() {
    each(|database| async move {
        let mut waiting = JoinSet::new();
        for id in 0..200 {
            let database = Arc::clone(&database);
            waiting.spawn(async move {
                let nameless = Value::record([("id", Value::Int(id))]);
                let fails = id % 10 == 3;
                let row = if fails { nameless } else { customer(id, "x") };
                let result = database.apply(upsert("customers", vec![customer(1000 + id, "y"), row])).await;
                assert_eq!(result.is_err(), fails, "{id}: {result:?}");
                // What apply has returned for is seen by the next read.
                let seen = database.get("customers", vec![key(1000 + id)]).await.unwrap();
                assert_eq!(seen[0].is_some(), !fails, "{id}");
            });
        }
        while let Some(result) = waiting.join_next().await {
            result.unwrap();
        }
        assert_eq!(database.count("customers").await.unwrap(), 2 * 180);
    });
}

#[test]
fn measures_merge_and_absent_sides_count_as_nothing() {
    each(|database| async move {
        let merges: Arc<[(Str, Merge)]> = Arc::from([
            ("flights".into(), Merge::Sum),
            ("delay".into(), Merge::Max),
            ("first".into(), Merge::Min),
            ("price".into(), Merge::Sum),
            ("last".into(), Merge::Last),
        ]);
        let row = |fields: Vec<(&'static str, Value)>| {
            let key = [("carrier", "UA".into()), ("day", Value::Date("2013-01-01".parse().unwrap()))];
            Value::record(key.into_iter().chain(fields))
        };
        let at = |text: &str| timestamps(&[text]).remove(0);
        let rows = [
            row(vec![("flights", 1.into()), ("delay", Value::Float(5.0)), ("price", decimal("0.1"))]),
            row(vec![("flights", 1.into()), ("first", at("2013-01-01T07:00:00Z")), ("last", "a".into())]),
            row(vec![("delay", Value::Float(-3.0)), ("first", at("2013-01-01T06:59:59.9Z"))]),
            row(vec![("price", decimal("12345678901234567890.2")), ("last", "b".into())]),
        ];
        for rows in [rows[..2].to_vec(), rows[2..].to_vec()] {
            let changes =
                vec![Change::Aggregate { table: "totals".into(), rows, merges: Arc::clone(&merges) }];
            database.apply(Transaction { changes, ..Transaction::default() }).await.unwrap();
        }
        let key = vec!["UA".into(), Value::Date("2013-01-01".parse().unwrap())];
        let expected = row(vec![
            ("flights", 2.into()),
            ("delay", Value::Float(5.0)),
            ("first", at("2013-01-01T06:59:59.9Z")),
            ("price", decimal("12345678901234567890.3")),
            ("last", "b".into()),
        ]);
        assert_eq!(database.get("totals", vec![key]).await.unwrap(), [Some(expected)]);
    });
}

#[test]
fn an_average_is_of_all_that_was_added_whatever_the_batches_and_goes_with_its_row() {
    each(|database| async move {
        let merges: Arc<[(Str, Merge)]> = Arc::from([
            ("flights".into(), Merge::Sum),
            ("price".into(), Merge::Average),
            ("delay".into(), Merge::Average),
        ]);
        let key = || vec!["UA".into(), Value::Date("2013-01-01".parse().unwrap())];
        let row = |fields: Vec<(&'static str, Value)>| {
            let key = [("carrier", key().remove(0)), ("day", key().remove(1))];
            Value::record(key.into_iter().chain(fields))
        };
        let add = |prices: &[Option<&str>]| {
            let price = |price: &Option<&str>| {
                let price = price.map(|price| ("price", decimal(price)));
                row([("flights", Value::Int(1)), ("delay", Value::Float(1.5))]
                    .into_iter()
                    .chain(price)
                    .collect())
            };
            let rows = prices.iter().map(price).collect();
            let changes =
                vec![Change::Aggregate { table: "totals".into(), rows, merges: Arc::clone(&merges) }];
            database.apply(Transaction { changes, ..Transaction::default() })
        };
        let held = || async { database.get("totals", vec![key()]).await.unwrap().remove(0) };
        let average = |price: &str, flights: i64| {
            let fields = vec![
                ("flights", Value::Int(flights)),
                ("delay", Value::Float(1.5)),
                ("price", decimal(price)),
            ];
            Some(row(fields))
        };
        add(&[None]).await.unwrap();
        assert_eq!(held().await.unwrap().get("price"), None);
        add(&[Some("0.10"), Some("0.25"), None]).await.unwrap();
        assert_eq!(held().await, average("0.175", 4));
        add(&[Some("12345678901234567890.20")]).await.unwrap();
        assert_eq!(held().await, average("4115226300411522630.1833333333333333333333", 5));
        // Another writes the column: nothing is added to what is not an average.
        let changes = vec![Change::Upsert { table: "totals".into(), rows: vec![average("7", 5).unwrap()] }];
        database.apply(Transaction { changes, ..Transaction::default() }).await.unwrap();
        assert_eq!(add(&[Some("1")]).await.unwrap_err().code().id, "F0024");
        assert_eq!(held().await, average("7", 5));
        let changes = vec![Change::Delete { table: "totals".into(), keys: vec![key()] }];
        database.apply(Transaction { changes, ..Transaction::default() }).await.unwrap();
        add(&[Some("1"), Some("2")]).await.unwrap();
        assert_eq!(held().await, average("1.5", 2));
    });
}

#[test]
fn what_measures_come_to_has_to_follow_the_contract() {
    each(|database| async move {
        let row =
            |fields: Vec<(&'static str, Value)>| Value::record([("id", 1.into())].into_iter().chain(fields));
        let add = |field: &'static str, merge: Merge, value: Value| Transaction {
            changes: vec![Change::Aggregate {
                table: "bounded".into(),
                rows: vec![row(vec![(field, value)])],
                merges: Arc::from([(Str::new(field), merge)]),
            }],
            ..Transaction::default()
        };
        for (field, merge, good, bad) in [
            ("level", Merge::Sum, Value::Int(60), Value::Int(41)),
            ("level", Merge::Last, Value::Int(60), Value::Int(-1)),
            ("price", Merge::Sum, decimal("60.00"), decimal("40.01")),
            ("price", Merge::Average, decimal("60.00"), decimal("200")),
            ("name", Merge::Last, "abc".into(), "abcd".into()),
            ("name", Merge::Max, "abc".into(), "bcde".into()),
            ("delay", Merge::Sum, Value::Float(1e308), Value::Float(1e308)),
            ("list", Merge::Collect, Value::list(vec![1.into()]), Value::list(vec![2.into()])),
        ] {
            database.apply(add(field, merge, good.clone())).await.unwrap();
            let refused = database.apply(add(field, merge, bad.clone())).await.unwrap_err();
            let (at, code) = (refused.data_path().unwrap_or_default(), refused.code().id);
            assert!(at.starts_with("/changes/0/rows/0") && ["D0001", "D0005"].contains(&code), "{refused}");
            let held = database.get("bounded", vec![vec![1.into()]]).await.unwrap();
            assert_eq!(held, [Some(row(vec![(field, good)]))], "{field} {merge:?}");
            let changes = vec![Change::Delete { table: "bounded".into(), keys: vec![vec![1.into()]] }];
            database.apply(Transaction { changes, ..Transaction::default() }).await.unwrap();
            // Of the first message of a key the same is asked.
            if merge != Merge::Sum && merge != Merge::Collect {
                assert!(database.apply(add(field, merge, bad)).await.is_err(), "{field} {merge:?}");
            }
        }
    });
}

#[test]
fn a_sum_that_overflows_is_refused_and_changes_nothing() {
    each(|database| async move {
        let row = |flights| {
            Value::record([
                ("carrier", "UA".into()),
                ("day", Value::Date("2013-01-01".parse().unwrap())),
                ("flights", Value::Int(flights)),
            ])
        };
        let add = |flights| Transaction {
            changes: vec![Change::Aggregate {
                table: "totals".into(),
                rows: vec![row(flights)],
                merges: Arc::from([("flights".into(), Merge::Sum)]),
            }],
            ..Transaction::default()
        };
        database.apply(add(i64::MAX)).await.unwrap();
        let refused = database.apply(add(1)).await.unwrap_err();
        assert_eq!(refused.code().id, "D0005");
        assert_eq!(refused.message(), "the sum of 9223372036854775807 and 1 is too large to be stored");
        let rows = database.list("totals", Query { limit: 9, ..Query::default() }).await.unwrap().rows;
        assert_eq!(rows, [row(i64::MAX)]);
    });
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    each(|database| async move {
        let query = Query { after: Some(vec![Value::Int(1), Value::Int(2)]), limit: 5, ..Query::default() };
        assert_eq!(database.list("customers", query).await.unwrap_err().code().id, "A0105");
    });
}

#[test]
fn preparing_again_changes_nothing() {
    each(|database| async move {
        database.apply(upsert("customers", vec![customer(1, "Ann")])).await.unwrap();
        database.prepare(&tables()).await.unwrap();
        assert_eq!(database.count("customers").await.unwrap(), 1);
    });
}

/// A row of the model: small domains, so that ties and NULLs are frequent.
fn rows() -> impl Strategy<Value = Vec<(String, Option<String>, Option<i64>)>> {
    let text = prop_oneof![Just("a"), Just("B"), Just("é"), Just("a'\""), Just("")].prop_map(str::to_owned);
    proptest::collection::vec(
        (text.clone(), proptest::option::of(text), proptest::option::of(-2i64..3)),
        0..40,
    )
}

fn sorts() -> impl Strategy<Value = Vec<Sort>> {
    let column = prop_oneof![Just("name"), Just("city"), Just("rank"), Just("id")];
    proptest::collection::vec((column, any::<bool>()), 0..4).prop_map(|sorts| {
        sorts.into_iter().map(|(column, descending)| Sort { column: column.into(), descending }).collect()
    })
}

fn filters() -> impl Strategy<Value = Vec<Filter>> {
    let int = (-2i64..3).prop_map(Value::Int);
    let predicate = prop_oneof![
        int.clone().prop_map(Predicate::Equal),
        int.clone().prop_map(Predicate::NotEqual),
        int.clone().prop_map(Predicate::Less),
        int.clone().prop_map(Predicate::LessOrEqual),
        int.clone().prop_map(Predicate::Greater),
        int.clone().prop_map(Predicate::GreaterOrEqual),
        proptest::collection::vec(int, 0..3).prop_map(Predicate::In),
        any::<bool>().prop_map(Predicate::IsNull),
        Just(Predicate::Equal(Value::Null)),
    ];
    proptest::collection::vec(
        predicate.prop_map(|predicate| Filter { column: "rank".into(), predicate }),
        0..3,
    )
}

fn holds(predicate: &Predicate, rank: Option<&Value>) -> bool {
    let compared = |other: &Value| Some(rank?.as_i64()?.cmp(&other.as_i64()?));
    match predicate {
        Predicate::Equal(Value::Null) => rank.is_none(),
        Predicate::Equal(other) => rank == Some(other),
        Predicate::NotEqual(other) => rank != Some(other),
        Predicate::Less(other) => compared(other) == Some(Ordering::Less),
        Predicate::LessOrEqual(other) => matches!(compared(other), Some(Ordering::Less | Ordering::Equal)),
        Predicate::Greater(other) => compared(other) == Some(Ordering::Greater),
        Predicate::GreaterOrEqual(other) => {
            matches!(compared(other), Some(Ordering::Greater | Ordering::Equal))
        }
        Predicate::In(others) => others.iter().any(|other| rank == Some(other)),
        Predicate::IsNull(is_null) => rank.is_none() == *is_null,
    }
}

fn compare(a: &Value, b: &Value, sorts: &[Sort]) -> Ordering {
    let by_column = |column: &str| match (a.get(column), b.get(column)) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => a.cmp(b),
        (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    let sorted = sorts.iter().map(|sort| {
        let order = by_column(&sort.column);
        if sort.descending { order.reverse() } else { order }
    });
    // A column that stands twice decides nothing the second time.
    let counts = |at: &usize| sorts[..*at].iter().all(|sort| sort.column != sorts[*at].column);
    let descending = (0..sorts.len()).rfind(counts).is_some_and(|at| sorts[at].descending);
    let by_key = if descending { by_column("id").reverse() } else { by_column("id") };
    sorted.fold(Ordering::Equal, Ordering::then).then(by_key)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn walking_the_pages_equals_filtering_and_sorting_a_list(
        rows in rows(), sort in sorts(), filters in filters(), limit in 1usize..7
    ) {
        each(|database| {
            let (rows, sort, filters) = (rows.clone(), sort.clone(), filters.clone());
            async move {
                let rows: Vec<_> = rows.into_iter().enumerate().map(|(id, (name, city, rank))| {
                    let optional = [("city", city.map(Value::from)), ("rank", rank.map(Value::from))];
                    let required = [("id", Value::from(id as i64)), ("name", Value::from(name))];
                    let present = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
                    Value::record(required.into_iter().chain(present))
                }).collect();
                database.apply(upsert("customers", rows.clone())).await.unwrap();
                let mut expected: Vec<_> = rows.into_iter()
                    .filter(|row| filters.iter().all(|filter| holds(&filter.predicate, row.get("rank"))))
                    .collect();
                expected.sort_by(|a, b| compare(a, b, &sort));
                let mut found = Vec::new();
                let mut query = Query { filters, sort, limit, ..Query::default() };
                loop {
                    let page = database.list("customers", query.clone()).await.unwrap();
                    assert!(page.rows.len() == limit || page.next.is_none());
                    found.extend(page.rows);
                    match page.next {
                        Some(next) => query.after = Some(next),
                        None => break,
                    }
                }
                assert_eq!(found, expected);
            }
        });
    }
}

#[tokio::test]
async fn looking_at_a_database_creates_and_changes_nothing_and_what_is_absent_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/shop.db");
    let empty = async || {
        let observed = SqliteDatabase::observe(&file).unwrap();
        assert_eq!(observed.position("flow").await.unwrap(), None);
        observed.prepare(&tables()).await.unwrap();
        assert_eq!(observed.count("customers").await.unwrap(), 0);
        assert_eq!(observed.get("customers", vec![key(1), key(2)]).await.unwrap(), [None, None]);
        let query = Query { limit: 9, ..Query::default() };
        assert_eq!(observed.list("customers", query).await.unwrap().rows, []);
        observed.apply(Transaction::default()).await.unwrap_err();
        observed.close().await;
    };
    empty().await;
    assert!(!file.parent().unwrap().exists(), "nothing was made");

    // A file without any of the tables.
    SqliteDatabase::open(&file).unwrap().close().await;
    let before = std::fs::read(&file).unwrap();
    let beside = || std::fs::read_dir(file.parent().unwrap()).unwrap().count();
    let files = beside();
    empty().await;
    assert!(std::fs::read(&file).unwrap() == before, "looking changes nothing");
    assert_eq!(beside(), files, "looking makes no file");

    // Beside a process that uses it.
    let used = SqliteDatabase::open(&file).unwrap();
    used.prepare(&tables()).await.unwrap();
    let change = Change::Upsert { table: "customers".into(), rows: vec![customer(1, "Ann")] };
    let position = Some(("flow".into(), Position { offset: 7, line: 2, tail: 0 }));
    used.apply(Transaction { changes: vec![change], position, once: None }).await.unwrap();
    let observed = SqliteDatabase::observe(&file).unwrap();
    observed.prepare(&tables()).await.unwrap();
    assert_eq!(observed.get("customers", vec![key(1)]).await.unwrap(), [Some(customer(1, "Ann"))]);
    assert_eq!(observed.position("flow").await.unwrap().map(|it| (it.offset, it.line)), Some((7, 2)));
}
