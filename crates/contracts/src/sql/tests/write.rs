//! Shapes as tables, and back.

use std::sync::Arc;

use tenon_model::{
    Field, Kind, Shape, Value,
    shape::{FloatRange, IntRange, Length, List, Text},
};

use crate::{
    relate::{Direction, OpenRecords, Relation, Role, relate},
    sql::{Dialect, read_file, record, write_as},
};

fn integer(min: i128, max: i128) -> Shape {
    Shape::of(Kind::Int(IntRange { min: Some(min), max: Some(max), multiple_of: None }))
}

fn text(min: Option<u64>, max: Option<u64>) -> Shape {
    Shape::of(Kind::String(Arc::new(Text { length: Length { min, max }, ..Text::default() })))
}

fn shape() -> Shape {
    let state: Arc<[Value]> = Arc::from([Value::from("new"), Value::from("it's \\ done")]);
    let with = |name: &str, shape: Shape, value: Value| Field {
        default: Some(value),
        ..Field::optional(name, shape)
    };
    Shape::record(vec![
        Field {
            doc: Some("It's counted.".into()),
            ..Field::required("id", integer(i64::MIN.into(), i64::MAX.into()))
        },
        Field::required("small", integer(-32_768, 32_767)),
        Field::required("percent", integer(0, 100)),
        Field::required("name", text(Some(1), Some(20))),
        Field::optional("note", text(None, None).nullable()),
        Field::required("price", Shape::of(Kind::Decimal(FloatRange::of_digits(10, 2).unwrap()))),
        Field::required("weight", Shape::FLOAT),
        Field::required("on", Shape::DATE),
        with("state", Shape::of(Kind::Enum(state)), Value::from("new")),
        with("open", Shape::BOOL, Value::Bool(true)),
        with("a \"b`", integer(1, 5), Value::Int(2)),
        Field::optional("photo", Shape::of(Kind::Bytes(Length { min: None, max: Some(100) })).nullable()),
    ])
}

#[test]
fn what_tables_can_say_comes_back_in_every_dialect() {
    for (dialect, name) in Dialect::ALL {
        let written = write_as("orders", &shape(), *dialect).unwrap();
        let losses: Vec<_> = written.losses.iter().filter(|it| !it.message.contains("description")).collect();
        assert!(losses.is_empty(), "{name}: {losses:?}");
        let file = read_file("1.sql", &written.text, None)
            .unwrap_or_else(|it| panic!("{name} {}: {it:?}", written.text));
        assert_eq!(file.dialect, *dialect, "{}", written.text);
        assert!(file.notes.is_empty(), "{name}: {:?}", file.notes);
        let again = record(&file.tables[0]);
        for direction in [Direction::Backward, Direction::Forward] {
            let how = Relation { direction, role: Role::Message, open: OpenRecords::Strict };
            let changes = relate(&shape(), &again, how).changes;
            assert!(changes.is_empty(), "{name} {direction:?}: {changes:#?}\n{}", written.text);
        }
    }
}

#[test]
fn the_text_is_that_of_the_dialect() {
    let shape = Shape::record(vec![
        Field::required("id", Shape::UUID),
        Field::required("at", Shape::TIMESTAMP),
        Field::optional("tags", Shape::list(Shape::string().nullable()).nullable()),
        Field::required("data", Shape::of(Kind::Any)),
    ]);
    let text = |dialect| write_as("orders", &shape, dialect).unwrap().text;
    assert_eq!(
        text(Dialect::Postgres),
        "-- dialect: postgresql\nCREATE TABLE \"orders\" (\n  \"id\" uuid NOT NULL,\n  \"at\" timestamp with time zone NOT NULL,\n  \
         \"tags\" text[],\n  \"data\" jsonb\n);\n"
    );
    assert_eq!(
        text(Dialect::MySql),
        "-- dialect: mysql\nCREATE TABLE `orders` (\n  `id` char(36) NOT NULL,\n  `at` timestamp(6) NOT NULL,\n  `tags` json,\n  `data` json\n);\n"
    );
}

#[test]
fn what_a_dialect_cannot_say_is_a_loss() {
    let mut open = tenon_model::Record::new(vec![
        Field::optional("a", Shape::INT),
        Field::required("b", Shape::map(Shape::INT)),
        Field::required("c", Shape::DURATION),
        Field { deprecated: true, ..Field::required("d", integer(0, u64::MAX.into())) },
    ]);
    open.rest = Some(Shape::ANY);
    let losses = |dialect| -> Vec<String> {
        let written = write_as("t", &Shape::of(Kind::Record(Arc::new(open.clone()))), dialect).unwrap();
        written.losses.iter().map(|loss| format!("{}: {}", loss.path, loss.message)).collect()
    };
    for part in [
        "may have further fields",
        "a: may be absent",
        "b: is map",
        "c: is an exact length",
        "d: is deprecated",
    ] {
        assert!(
            losses(Dialect::Sqlite).iter().any(|loss| loss.contains(part)),
            "{part}: {:#?}",
            losses(Dialect::Sqlite)
        );
    }
    assert!(losses(Dialect::Postgres).iter().any(|loss| loss.contains("d: is an integer beyond 64 bits")));
    assert!(!losses(Dialect::MySql).iter().any(|loss| loss.contains("d: is an integer beyond 64 bits")));
    assert_eq!(
        write_as("t", &Shape::INT, Dialect::Postgres).unwrap_err().iter().next().unwrap().code().id,
        "C0008"
    );
}

#[test]
fn what_an_array_does_not_check_of_its_items_is_lost_of_the_items() {
    let list = |item: Shape, length: Length, unique: bool| {
        Shape::of(Kind::List(Arc::new(List { item, length, unique })))
    };
    let any = Length::default();
    let some = Length { min: Some(1), max: None };
    let price = Shape::of(Kind::Decimal(FloatRange::of_digits(10, 2).unwrap()));
    let cases: [(Shape, &[&str]); 6] = [
        (list(integer(0, 5).nullable(), any, false), &["a[]: has bounds, which are not checked there"]),
        (list(text(Some(2), None).nullable(), any, false), &["a[]: has bounds, which are not checked there"]),
        (list(text(None, Some(9)).nullable(), any, false), &[]),
        (list(price.nullable(), any, false), &[]),
        (
            list(Shape::BOOL.nullable(), some, true),
            &[
                "a: has a least or a greatest number of items, which is not checked there",
                "a: has no two equal items, which is not checked there",
            ],
        ),
        (list(Shape::BOOL, any, false), &["a[]: is not null, and may be there"]),
    ];
    for (shape, expected) in cases {
        let table = Shape::record(vec![Field::required("a", shape.clone())]);
        let written = write_as("t", &table, Dialect::Postgres).unwrap();
        let losses: Vec<_> = written.losses.iter().map(|it| format!("{}: {}", it.path, it.message)).collect();
        assert_eq!(losses, expected, "{shape:?}");
    }
}

#[test]
fn tables_of_projects_are_written_for_other_databases() {
    let shape =
        Shape::record(vec![Field::required("id", Shape::string()), Field::required("day", Shape::DATE)]);
    let schema = crate::sql::TableSchema::new("t", &shape, &["id".into()], &[vec!["day".into()]]).unwrap();
    assert_eq!(
        schema.ddl(Dialect::MySql),
        [
            "CREATE TABLE `t` (\n  `id` varchar(191) NOT NULL,\n  `day` date NOT NULL,\n  PRIMARY KEY (`id`)\n)",
            "CREATE INDEX `t(day)` ON `t` (`day`)"
        ]
    );
}
