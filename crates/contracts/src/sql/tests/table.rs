//! Which tables come from which contracts.

use std::sync::Arc;

use tenon_model::{Field, Kind, Record, Shape, Str, Value, shape::Union};

use crate::sql::*;

fn shape() -> Shape {
    let status = Shape::of(Kind::Enum(Arc::from([Value::from("a"), Value::from("b")])));
    Shape::record(vec![
        Field::required("id", Shape::string()),
        Field::required("number", Shape::INT),
        Field::optional("at", Shape::TIMESTAMP),
        Field::required("price", Shape::DECIMAL.nullable()),
        Field::required("status", status),
        Field::optional("lines", Shape::list(Shape::INT)),
        Field::required("a \"quote\"", Shape::BOOL),
    ])
}

fn names(names: &[&str]) -> Vec<Str> {
    names.iter().map(Str::new).collect()
}

fn messages(shape: &Shape, key: &[&str], indexes: &[&[&str]]) -> Vec<String> {
    let indexes: Vec<_> = indexes.iter().map(|index| names(index)).collect();
    let reports = TableSchema::new("t", shape, &names(key), &indexes).unwrap_err();
    reports
        .iter()
        .map(|report| {
            assert_eq!(report.code().id, "C0101");
            report.message().to_owned()
        })
        .collect()
}

#[test]
fn the_statements_follow_from_the_contract() {
    let schema = TableSchema::new("flights", &shape(), &names(&["id"]), &[names(&["number", "at"])]).unwrap();
    assert_eq!(
        schema.ddl(Dialect::Sqlite),
        [
            r#"CREATE TABLE IF NOT EXISTS "flights" (
  "id" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "at" TEXT,
  "price" TEXT COLLATE decimal,
  "status" TEXT NOT NULL,
  "lines" TEXT,
  "a ""quote""" INTEGER NOT NULL,
  PRIMARY KEY ("id")
) STRICT"#,
            r#"CREATE INDEX IF NOT EXISTS "flights(number,at)" ON "flights" ("number", "at", "id")"#,
        ]
    );
    let types: Vec<_> = schema.columns.iter().map(|column| (column.column_type, column.nullable)).collect();
    assert_eq!(
        types,
        [
            (ColumnType::Text, false),
            (ColumnType::Integer, false),
            (ColumnType::Timestamp, true),
            (ColumnType::Decimal, true),
            (ColumnType::Text, false),
            (ColumnType::Json, true),
            (ColumnType::Boolean, false),
        ]
    );
}

#[test]
fn no_two_indexes_and_tables_have_one_name() {
    let columns =
        ["b", "c", "b_c", "b,c", "b)", "b\\"].map(|name| Field::required(name, Shape::INT)).to_vec();
    let shape = Shape::record([vec![Field::required("id", Shape::INT)], columns].concat());
    let indexes = [&["b"][..], &["b", "c"], &["b_c"], &["b,c"], &["b)"], &["b\\", "c"], &["b", "b,c"]];
    let mut made = std::collections::BTreeSet::new();
    for table in ["a", "a_b"] {
        let indexes: Vec<_> = indexes.iter().map(|index| names(index)).collect();
        let schema = TableSchema::new(table, &shape, &names(&["id"]), &indexes).unwrap();
        made.extend(schema.indexes.iter().map(|index| schema.index_name(index).to_lowercase()));
    }
    assert_eq!(made.len(), 2 * indexes.len(), "{made:?}");
    assert!(made.iter().all(|name| tenon_model::Name::new(name).is_none()), "{made:?}");
}

#[test]
fn integers_that_a_sign_leaves_no_room_for_are_text_in_the_order_of_numbers() {
    let range =
        tenon_model::shape::IntRange { min: Some(0), max: Some(i128::from(u64::MAX)), multiple_of: None };
    let shape = Shape::record(vec![Field::required("id", Shape::of(Kind::Int(range)))]);
    let schema = TableSchema::new("t", &shape, &names(&["id"]), &[]).unwrap();
    assert!(schema.ddl(Dialect::Sqlite)[0].contains("\"id\" TEXT NOT NULL COLLATE decimal"));
}

#[test]
fn a_single_integer_key_is_the_row_number() {
    let schema = TableSchema::new("t", &shape(), &names(&["number"]), &[]).unwrap();
    assert!(schema.ddl(Dialect::Sqlite)[0].ends_with(") STRICT"));
}

#[test]
fn small_rows_lie_in_the_tree_of_their_key() {
    let names_only = Shape::record(vec![
        Field::required("code", Shape::string()),
        Field::required("name", Shape::string()),
    ]);
    let ddl = |indexes: &[Vec<Str>]| {
        let schema = TableSchema::new("t", &names_only, &names(&["code"]), indexes).unwrap();
        schema.ddl(Dialect::Sqlite).remove(0)
    };
    assert!(ddl(&[]).ends_with(") STRICT, WITHOUT ROWID"));
    assert!(ddl(&[names(&["name"])]).ends_with(") STRICT"));
}

#[test]
fn every_reason_against_a_table_is_named() {
    assert_eq!(
        messages(&shape(), &["at", "lines", "idd", "id", "id"], &[&["nmber"], &["lines"]]),
        [
            "the key of table `t` names `idd`, which its contract does not have",
            "the key of table `t` names `id` twice",
            "the key of table `t` names `at`, which may be absent or null",
            "the key of table `t` names `lines`, which is list of integer",
            "the index of table `t` names `nmber`, which its contract does not have",
            "an index of table `t` names `lines`, which is list of integer",
        ]
    );
    assert_eq!(messages(&shape(), &[], &[]), ["table `t` has no key"]);
    assert_eq!(
        messages(&Shape::list(shape()), &["id"], &[]),
        ["rows are objects, and what the table `t` holds is list of object"]
    );
    let either = |name: &str| (name.into(), shape());
    let either =
        Shape::of(Kind::Union(Arc::new(Union { tag: None, variants: vec![either("1"), either("2")] })));
    assert_eq!(
        messages(&either, &["id"], &[]),
        ["rows are objects of one form, and what the table `t` holds has 2 alternatives"]
    );
    let mut open = Record::new(vec![Field::required("id", Shape::INT), Field::required("ID", Shape::INT)]);
    open.rest = Some(Shape::ANY);
    assert_eq!(
        messages(&Shape::of(Kind::Record(Arc::new(open))).nullable(), &["id"], &[]),
        [
            "table `t` cannot hold null, which its contract allows",
            "table `t` cannot keep the further fields that its contract allows",
            "table `t` cannot tell the columns `id` and `ID` apart",
        ]
    );
}
