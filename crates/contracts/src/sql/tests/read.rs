//! What files say.

use tenon_model::{Field, Kind, Value};

use crate::sql::{Dialect, File, Made, read_file, record};

#[track_caller]
fn read(text: &str) -> File {
    read_file("contracts/order/1.sql", text, None).unwrap_or_else(|reports| panic!("{reports:?}"))
}

/// The fields of the first table, in words: `?` for those that may be left out.
fn told(file: &File) -> Vec<String> {
    let record = record(&file.tables[0]).as_record().unwrap();
    let told = |it: &Field| format!("{}{}: {}", it.name, if it.required { "" } else { "?" }, it.shape.name());
    record.fields().iter().map(told).collect()
}

const POSTGRES: &str = r#"
--
-- PostgreSQL database dump
--
\restrict abc
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TYPE public.state AS ENUM (
    'new',
    'it''s done'
);
CREATE DOMAIN public.percent AS integer CONSTRAINT c CHECK (((VALUE >= 0) AND (VALUE <= 100)));
CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN; CREATE TABLE no (a int); END; $$;
CREATE TABLE public.orders (
    id bigint NOT NULL,
    customer character varying(20) NOT NULL,
    price numeric(10,2) DEFAULT 0.00 NOT NULL,
    state public.state DEFAULT 'new'::public.state NOT NULL,
    share public.percent,
    made_at timestamp(3) with time zone DEFAULT now() NOT NULL,
    local_at timestamp without time zone,
    day date DEFAULT '2020-01-31'::date,
    note text DEFAULT 'it''s; fine'::character varying,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    data jsonb,
    key uuid,
    photo bytea,
    took interval,
    weight real,
    total numeric(12,2) GENERATED ALWAYS AS ((price * (2)::numeric)) STORED,
    kind text NOT NULL,
    count integer,
    CONSTRAINT orders_count_check CHECK (((count > 0) AND (count <= '99'::integer))),
    CONSTRAINT orders_kind_check CHECK ((kind = ANY (ARRAY['a'::text, 'b'::text]))),
    CONSTRAINT orders_note_check CHECK ((char_length((note)::text) <= 10)),
    CONSTRAINT odd CHECK ((price > weight))
);
ALTER TABLE public.orders OWNER TO postgres;
COMMENT ON TABLE public.orders IS 'What is ordered.';
COMMENT ON COLUMN public.orders.price IS 'In euros.';
CREATE SEQUENCE public.orders_id_seq START WITH 1;
CREATE TABLE public.customers ( name text NOT NULL );
COPY public.orders (id, customer) FROM stdin;
1	CREATE TABLE x ('
2	\N
\.
ALTER TABLE ONLY public.orders ALTER COLUMN id SET DEFAULT nextval('public.orders_id_seq'::regclass);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orders ADD CONSTRAINT u UNIQUE (customer, day);
CREATE INDEX orders_day ON public.orders USING btree (day, kind DESC);
CREATE INDEX orders_lower ON public.orders USING btree (lower(customer));
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT fk FOREIGN KEY (customer) REFERENCES public.customers(name) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"#;

#[test]
fn a_dump_of_postgresql_is_read_whole() {
    let file = read(POSTGRES);
    assert_eq!(file.dialect, Dialect::Postgres);
    assert_eq!(
        told(&file),
        [
            "id?: integer",
            "customer: text",
            "price?: decimal",
            "state?: one of \"new\", \"it's done\"",
            "share?: integer or null",
            "made_at?: timestamp",
            "local_at?: local date-time or null",
            "day?: date or null",
            "note?: text or null",
            "tags?: list of text or null",
            "data?: anything",
            "key?: uuid or null",
            "photo?: bytes or null",
            "took?: period or null",
            "weight?: number or null",
            "total?: decimal or null",
            "kind: one of \"a\", \"b\"",
            "count?: integer or null",
        ]
    );
    let table = &file.tables[0];
    let column = |name: &str| table.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(column("id").made, Some(Made::Counted));
    assert_eq!(column("total").made, Some(Made::Generated));
    assert_eq!(column("made_at").made, Some(Made::Computed));
    assert_eq!(column("state").default, Some(Value::from("new")));
    assert_eq!(column("note").default, Some(Value::from("it's; fine")));
    assert_eq!(column("tags").default, Some(Value::list(Vec::new())));
    let digits = |kind: &Kind| if let Kind::Decimal(range) = kind { range.digits } else { None };
    let digits = digits(&column("price").shape.kind).unwrap();
    assert_eq!((digits.precision, digits.scale), (10, 2));
    let range = |name: &str| match &column(name).shape.kind {
        Kind::Int(range) => (range.min, range.max),
        other => panic!("{other:?}"),
    };
    assert_eq!(range("count"), (Some(1), Some(99)));
    assert_eq!(range("share"), (Some(0), Some(100)));
    assert!(matches!(&column("note").shape.kind, Kind::String(text) if text.length.max == Some(10)));
    assert_eq!(
        (table.doc.as_deref(), column("price").doc.as_deref()),
        (Some("What is ordered."), Some("In euros."))
    );
    assert_eq!(
        (&table.key[..], &table.unique[0][..]),
        (&["id".into()][..], &["customer".into(), "day".into()][..])
    );
    assert_eq!(table.indexes, [["day", "kind"]]);
    let reference = &table.references[0];
    assert_eq!((reference.table.as_str(), reference.to[0].as_str()), ("customers", "name"));
    let notes: Vec<_> = file.notes.iter().map(|note| note.message().to_owned()).collect();
    assert_eq!(
        notes,
        [
            "the default of `orders.made_at` is computed by the database",
            "a check of the table `orders` is not enforced",
            "the file holds rows, which say nothing about their tables",
            "an index of `orders` is of an expression or of some rows alone",
        ]
    );
}

const MARIADB: &str = r"
/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `orders`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE `orders` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'It''s counted; yes.',
  `is_open` tinyint(1) NOT NULL DEFAULT 1,
  `size` tinyint(4) DEFAULT NULL,
  `state` enum('new','it\'s (done), yes') CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'new',
  `flags` set('a','b') DEFAULT NULL,
  `price` decimal(10,2) unsigned NOT NULL,
  `data` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`data`)),
  `at` datetime(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  `seen` timestamp NULL DEFAULT NULL,
  `hash` binary(16) DEFAULT NULL,
  `year` year(4) DEFAULT NULL,
  `key` varchar(10) NOT NULL,
  `code` char(3) NOT NULL CHECK (char_length(`code`) = 3),
  `twice` int(11) GENERATED ALWAYS AS (`size` * 2) VIRTUAL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `k` (`key`(5)),
  KEY `by_state` (`state`,`is_open`),
  CONSTRAINT `fk` FOREIGN KEY (`key`) REFERENCES `others` (`id`) ON DELETE SET NULL ON UPDATE NO ACTION,
  CONSTRAINT `c` CHECK (`size` between 1 and 9 and `price` in (1, 2.50))
) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COMMENT='Orders; all.';
LOCK TABLES `orders` WRITE;
INSERT INTO `orders` VALUES (1,'a;b\'c'),(2,'CREATE TABLE');
UNLOCK TABLES;
DELIMITER ;;
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END ;;
DELIMITER ;
";

#[test]
fn a_dump_of_mariadb_is_read_whole() {
    let file = read(MARIADB);
    assert_eq!(file.dialect, Dialect::MySql);
    assert_eq!(
        told(&file),
        [
            "id?: integer",
            "is_open?: bool",
            "size?: integer or null",
            "state?: one of \"new\", \"it's (done), yes\"",
            "flags?: list of one of \"a\", \"b\" or null",
            "price: one of 1, 2.50",
            "data?: anything",
            "at?: local date-time",
            "seen?: timestamp or null",
            "hash?: bytes or null",
            "year?: integer or null",
            "key: text",
            "code: text",
            "twice?: integer or null",
        ]
    );
    let table = &file.tables[0];
    assert_eq!(table.columns[0].doc.as_deref(), Some("It's counted; yes."));
    assert_eq!(table.doc.as_deref(), Some("Orders; all."));
    assert_eq!(table.columns[1].default, Some(Value::Bool(true)));
    assert!(
        matches!(&table.columns[2].shape.kind, Kind::Int(range) if range.min == Some(1) && range.max == Some(9))
    );
    assert_eq!((table.unique.len(), table.indexes.len(), table.references.len()), (1, 1, 1));
    assert!(matches!(&table.columns[12].shape.kind, Kind::String(text) if text.length.min == Some(3)));
}

#[test]
fn tables_of_sqlite_are_read_by_their_declared_types() {
    let file = read(
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE IF NOT EXISTS [orders] (id INTEGER PRIMARY KEY, at DATETIME, \
         any, price DECIMAL(10, 2) NOT NULL, name VARYING CHARACTER(255) NOT NULL DEFAULT '', odd STRANGE TYPE, ok BOOLEAN NOT NULL DEFAULT 0, \
         parent INTEGER REFERENCES orders);\nINSERT INTO orders VALUES(1,2);\nCREATE UNIQUE INDEX u ON orders(name);\nCOMMIT;",
    );
    assert_eq!(file.dialect, Dialect::Sqlite);
    assert_eq!(
        told(&file),
        [
            "id?: integer",
            "at?: local date-time or null",
            "any?: anything",
            "price: decimal",
            "name?: text",
            "odd?: anything",
            "ok?: bool",
            "parent?: integer or null"
        ]
    );
    assert_eq!(
        (file.tables[0].key.len(), file.tables[0].unique.len(), file.tables[0].references.len()),
        (1, 1, 1)
    );
}

#[test]
fn changes_in_the_same_file_are_applied() {
    let file = read(
        "-- dialect: postgres\nCREATE TABLE t (a int, b int, \"C\" text);\nALTER TABLE t ADD COLUMN d text DEFAULT 'x', ADD CONSTRAINT k PRIMARY KEY (a);\n\
         ALTER TABLE t ALTER COLUMN b SET NOT NULL, ALTER b SET DEFAULT 5, DROP COLUMN \"C\";\nALTER TABLE t ALTER COLUMN d TYPE varchar(3);\n\
         ALTER TABLE t ALTER COLUMN a ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 1);",
    );
    assert_eq!(told(&file), ["a?: integer", "b?: integer", "d?: text or null"]);
    assert_eq!(file.tables[0].columns[1].default, Some(Value::Int(5)));
}

#[test]
fn problems_are_told_with_their_places() {
    let check = |text: &str, expected: &[(u32, &str)]| {
        let reports = read_file("1.sql", text, None).unwrap_err();
        let found: Vec<_> = reports.iter().map(|it| (it.places()[0].line, it.message().to_owned())).collect();
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for ((line, message), (wanted, part)) in found.iter().zip(expected) {
            assert!(line == wanted && message.contains(part), "{line} {message}, not {wanted} {part}");
        }
    };
    check(
        "CREATE TABLE a (x int,\n x text);\nCREATE TABLE a (y int);\nCREATE TABLE b (y int, PRIMARY KEY (z));\nCREATE TABLE c (y int",
        &[(2, "the column `x` twice"), (3, "created twice"), (4, "no column `z`"), (5, "expected `)`")],
    );
    check("SELECT 1;", &[(1, "no table")]);
    check("CREATE TABLE a (x text DEFAULT 'open);", &[(1, "has no end"), (1, "expected `)`")]);
    check("/* open\nCREATE TABLE a (x int);", &[(1, "no `*/`")]);
}

#[test]
fn what_a_path_leads_to_has_its_line() {
    use crate::{
        format::{Format, NoFiles, Sought, Source},
        sql::Sql,
    };
    let text = "CREATE TABLE a (x int);\nCREATE TABLE b (\n  id bigint PRIMARY KEY,\n  note text\n);\n";
    let at = |name: &str, path: &str| {
        let source = Source { file: "a.sql", text, files: &NoFiles };
        Sql.locate(&source, name, path, Sought::Field).map(|place| (place.line, place.column))
    };
    assert_eq!(at("b", "note"), Some((4, 3)));
    assert_eq!(at("b", "gone"), Some((2, 14)));
}
