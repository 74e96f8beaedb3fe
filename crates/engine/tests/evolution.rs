//! Contracts that stored data follows: which changes are read on, and which are refused before a message is lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use tenon_engine::{Options, Running, load};
use tenon_errors::Report;

const PROJECT: &str = "project: shop
systems:
  here: { files: {} }
  db: { sql: { url: \"sqlite://shop.db\" } }
  bus: { broker: { url: embedded } }
tables:
  kept: { in: db, contract: kept@1, key: id }
topics:
  orders: { in: bus, contract: order, key: order.id }
flows:
  load:
    from: { file: { in: here, path: orders.jsonl, format: jsonl, contract: row } }
    steps: [{ map: { to: order, fields: { id: row.id } } }, { publish: orders }]
  keep:
    from: orders
    steps: [{ map: { to: kept@1, fields: { id: order.id } } }, { upsert: kept }]
";
const ID: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" } FIELDS } }"#;

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.file("tenon.yaml", PROJECT);
        for contract in ["row", "order", "kept"] {
            project.contract(contract, "");
        }
        project.file("orders.jsonl", "{ \"id\": \"a\" }\n{ \"id\": \"b\" }\n{ \"id\": 3 }\n");
        project
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes a contract with these fields beside `id`.
    fn contract(&self, name: &str, fields: &str) {
        self.file(&format!("contracts/{name}/1.json"), &ID.replace("FIELDS", fields));
    }

    /// Makes a contract take less than it did.
    fn narrow(&self, name: &str) {
        let text = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
          "properties": { "id": { "type": "string", "pattern": "^c" } } }"#;
        self.file(&format!("contracts/{name}/1.json"), text);
    }

    fn lose_own_state(&self) {
        for name in ["tenon.db", "tenon.db-wal", "tenon.db-shm", "tenon.db-mark"] {
            let _ = fs::remove_file(self.path().join(".tenon").join(name));
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// What `check` says.
    fn problems(&self) -> Vec<String> {
        match load(&Options::new(self.path().to_owned(), None, true)).plan {
            Ok(_) => Vec::new(),
            Err(reports) => {
                let place = |report: &Report| report.places().first().map(ToString::to_string);
                let shown = |report: &Report| {
                    let at = place(report).unwrap_or_default();
                    format!("{at} {} {}", report.code().id, report.message())
                };
                reports.iter().map(shown).collect()
            }
        }
    }

    async fn run(&self) {
        let options = Options::new(self.path().to_owned(), None, true);
        let plan = load(&options).plan.unwrap_or_else(|reports| panic!("{reports:?}"));
        let running = Running::start(plan, options).await.unwrap_or_else(|reports| panic!("{reports:?}"));
        running.idle().await;
        running.drain().await;
    }
}

#[tokio::test]
async fn a_contract_that_stored_messages_follow_may_only_read_more() {
    let project = Project::new();
    project.contract("order", r#", "note": { "type": "integer" }"#);
    assert_eq!(project.problems(), Vec::<String>::new(), "nothing is stored yet");
    assert!(!project.path().join(".tenon/tenon.db").exists(), "a check makes no state");
    project.run().await;

    project.contract("order", r#", "note": { "type": "string" }"#);
    assert_eq!(
        project.problems(),
        [
            "contracts/order/1.json:2:48 C0201 the messages of the topic `orders` follow `order@1` as it was, and it no longer reads all of them: `note` was integer, and is now text; for example, {id: \"text\", note: 1} is refused: /note: expected text, found 1"
        ]
    );

    // Wider, and one more: accepted, and remembered from then on.
    project.contract("order", r#", "note": { "type": "number" }, "more": { "type": "string" }"#);
    assert!(project.problems()[0].contains("a double, which cannot hold all of those"));
    project.contract("order", r#", "note": { "type": ["integer", "string"] }, "more": { "type": "string" }"#);
    assert_eq!(project.problems(), Vec::<String>::new());
    project.run().await;
    project.contract("order", r#", "note": { "type": ["integer", "string"] }"#);
    assert!(project.problems()[0].contains("`more` was a field of the contract, and no longer is"));
}

#[tokio::test]
async fn dead_letters_and_rows_hold_their_contracts_as_topics_do() {
    let project = Project::new();
    project.run().await;
    project.file(
        "contracts/row/1.json",
        r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
      "properties": { "id": { "type": "string", "maxLength": 5 } } }"#,
    );
    assert!(
        project.problems()[0].starts_with(
            "contracts/row/1.json:2:23 C0201 the dead letters of the flow `load` follow `row@1` as it was"
        ),
        "{:?}",
        project.problems()
    );
    project.contract("row", "");
    project.file(
        "contracts/kept/1.json",
        r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
      "properties": { "id": { "type": "string", "pattern": "^c" } } }"#,
    );
    let problems = project.problems();
    assert!(
        problems
            .iter()
            .any(|it| it.starts_with("contracts/kept/1.json:2:23 C0201 the rows of the table `kept`")),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_damaged_note_of_a_contract_is_made_up_for_by_what_the_state_remembers() {
    let project = Project::new();
    project.contract("order", r#", "note": { "type": "integer", "maximum": 10 }"#);
    project.run().await;
    let note = project.path().join(".tenon/topics/orders/contract.json");
    let whole = fs::read_to_string(&note).unwrap();
    let changed = |from: &str, to: &str| whole.replacen(from, to, 1);
    // The second is JSON as before, with another bound; of the last the contract is none.
    let damages = [String::new(), changed("10", "90"), changed("{", "[")];
    for damage in damages {
        fs::write(&note, &damage).unwrap();
        assert_eq!(project.problems(), Vec::<String>::new(), "{damage}");
        project.contract("order", r#", "note": { "type": "integer", "maximum": 9 }"#);
        let problems = project.problems();
        assert!(problems[0].contains("`note` could be greater before"), "{damage}: {problems:?}");
        project.contract("order", r#", "note": { "type": "integer", "maximum": 10 }"#);
        project.run().await;
        assert_eq!(fs::read_to_string(&note).unwrap(), whole, "it is written again");
    }
}

#[tokio::test]
async fn a_note_of_a_contract_that_nothing_makes_up_for_is_named() {
    let project = Project::new();
    project.run().await;
    let damage = |path: &str, sql: &str| {
        let connection = rusqlite::Connection::open(project.path().join(path)).unwrap();
        connection.execute(sql, []).unwrap();
    };
    damage(".tenon/shop.db", "UPDATE _tenon_contracts SET text = 'x'");
    assert_eq!(project.problems(), Vec::<String>::new());
    damage(".tenon/tenon.db", "UPDATE contracts SET text = 'x' WHERE holder = 'table'");
    assert_eq!(
        project.problems(),
        [
            "contracts/kept/1.json:1:1 C0201 the note of which contract the rows of the table `kept` follow is damaged, so it is not known whether `kept@1` reads them"
        ]
    );
}

#[tokio::test]
async fn a_topic_that_turns_to_a_newer_version_has_to_read_what_it_holds() {
    let project = Project::new();
    project.run().await;
    project.file(
        "contracts/order/2.json",
        r#"{ "type": "object", "required": ["id", "at"], "additionalProperties": false,
      "properties": { "id": { "type": "string" }, "at": { "type": "string" } } }"#,
    );
    let text = PROJECT.replace("fields: { id: row.id }", "fields: { id: row.id, at: row.id }");
    project.file("tenon.yaml", &text);
    assert_eq!(
        project.problems(),
        [
            "contracts/order/2.json:2:51 C0201 the messages of the topic `orders` follow `order@1`, and `order@2` does not read all of them: `at` is now required, and stored data may lack it; for example, {id: \"text\"} is refused: /at: the required field `at` is missing"
        ]
    );
}

#[tokio::test]
async fn what_data_follows_is_kept_with_the_data() {
    let project = Project::new();
    project.run().await;
    let state = project.path().join(".tenon");
    let told = || {
        let problems = project.problems();
        let of = |what: &str| problems.iter().any(|it| it.contains(&format!("C0201 the {what}")));
        (
            of("messages of the topic `orders` follow `order@1`"),
            of("rows of the table `kept` follow `kept@1`"),
        )
    };
    let copy = tempfile::tempdir().unwrap();
    tenon_connectors::backup::backup(&state, &copy.path().join("copy")).unwrap();
    project.lose_own_state();
    assert_eq!(told(), (false, false));
    project.narrow("order");
    project.narrow("kept");
    assert_eq!(told(), (true, true));

    fs::remove_dir_all(&state).unwrap();
    assert_eq!(told(), (false, false), "nothing is stored");
    fs::remove_dir_all(&state).unwrap();
    tenon_connectors::backup::restore(&copy.path().join("copy"), &state).unwrap();
    project.lose_own_state();
    assert_eq!(told(), (true, true), "a copy has it as well");

    fs::write(state.join("topics/orders/contract.json"), "{").unwrap();
    let problems = project.problems();
    assert!(problems.iter().any(|it| it.contains("Y0201") && it.contains("contract.json")), "{problems:?}");
}

#[tokio::test]
async fn a_note_of_a_contract_that_is_lost_with_tenon_db_is_noticed() {
    let project = Project::new();
    project.run().await;
    let state = project.path().join(".tenon");
    let note = state.join("topics/orders/contract.json");
    let whole = fs::read_to_string(&note).unwrap();
    let unsound = || {
        let problems = tenon_connectors::backup::verify(&state).unwrap();
        problems.iter().any(|it| it.code().id == "Y0201" && it.message().contains("contract.json"))
    };
    assert!(!unsound());
    for damage in [None, Some("{")] {
        match damage {
            None => fs::remove_file(&note).unwrap(),
            Some(text) => fs::write(&note, text).unwrap(),
        }
        assert!(unsound(), "{damage:?}");
        project.lose_own_state();
        project.narrow("order");
        let problems = project.problems();
        assert!(
            problems
                .iter()
                .any(|it| it.contains("C0201 the messages of the topic `orders` follow `order@1`")),
            "{damage:?}: {problems:?}"
        );
        project.contract("order", "");
        assert_eq!(project.problems(), Vec::<String>::new());
        project.run().await;
        assert_eq!(fs::read_to_string(&note).unwrap(), whole, "it is written again");
        assert!(!unsound());
    }
    // A copy has the sound one of the two, since nothing stands in there.
    fs::write(&note, "{").unwrap();
    let copies = tempfile::tempdir().unwrap();
    tenon_connectors::backup::backup(&state, &copies.path().join("copy")).unwrap();
    assert_eq!(fs::read_to_string(copies.path().join("copy/topics/orders/contract.json")).unwrap(), whole);
    // What is taken as it is found follows what it says itself.
    fs::remove_file(&note).unwrap();
    tenon_engine::state::accept(&Options::new(project.path().to_owned(), None, true), "topics/orders")
        .await
        .unwrap();
    assert!(!unsound());
}

#[tokio::test]
async fn rules_that_look_at_whole_values_are_remembered_as_well() {
    let project = Project::new();
    let order = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "$ref": "../../id.json" }, "no": { "type": "string" } }, "not": { "minProperties": 2 } }"#;
    project.file("contracts/order/1.json", order);
    project.file("id.json", r#"{ "type": "string" }"#);
    project.run().await;
    assert_eq!(project.problems(), Vec::<String>::new());

    // Another layout of the same, and another text for people: nothing has changed.
    let same = order.replace("\n  ", " ");
    project.file("contracts/order/1.json", &same.replacen('{', r#"{ "title": "An order","#, 1));
    assert_eq!(project.problems(), Vec::<String>::new());

    // Another rule, and another text of a file that it refers to.
    project.file("contracts/order/1.json", &order.replace("minProperties", "maxProperties"));
    assert!(
        project.problems()[0].contains("has rules that look at the whole value"),
        "{:?}",
        project.problems()
    );
    project.file("contracts/order/1.json", &same);
    project.file("id.json", r#"{ "type": "string", "maxLength": 0 }"#);
    assert!(project.problems()[0].contains("C0201"), "{:?}", project.problems());
}

#[tokio::test]
async fn a_change_in_a_file_that_a_contract_refers_to_is_placed_there() {
    let project = Project::new();
    let order = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": { "id": { "type": "string" }, "no": { "$ref": "../../shared/no.json" },
    "own": { "type": "integer", "maximum": 90 },
    "lines": { "type": "array", "items": { "$ref": "../../shared/line.json#/$defs/line" } } } }"#;
    let line = r#"{ "$defs": { "line": { "type": "object", "additionalProperties": false,
  "properties": { "sku": { "type": "string" }, "price": { "type": "integer", "maximum": 90 } } } } }"#;
    project.file("contracts/order/1.json", order);
    project.file("shared/no.json", "\n{ \"type\": \"string\" }");
    project.file("shared/line.json", line);
    project.run().await;
    assert_eq!(project.problems(), Vec::<String>::new());

    project.file("shared/no.json", "\n{ \"type\": \"string\", \"maxLength\": 0 }");
    let problems = project.problems();
    assert!(problems[0].starts_with("shared/no.json:2:1 C0201"), "{problems:?}");
    project.file("shared/no.json", "\n{ \"type\": \"string\" }");

    project.file("shared/line.json", &line.replace("90", "9"));
    let problems = project.problems();
    assert!(problems[0].starts_with("shared/line.json:2:48 C0201"), "{problems:?}");
    project.file("shared/line.json", &line.replace("\"additional", "\"required\": [\"sku\"], \"additional"));
    let problems = project.problems();
    assert!(problems[0].starts_with("shared/line.json:2:19 C0201"), "{problems:?}");
    project.file("shared/line.json", line);

    // What the contract says itself is placed in its own file.
    project.file("contracts/order/1.json", &order.replace("90", "9"));
    let problems = project.problems();
    assert!(problems[0].starts_with("contracts/order/1.json:3:5 C0201"), "{problems:?}");
}

#[tokio::test]
async fn so_is_one_in_a_file_of_another_format() {
    let proto = "syntax = \"proto3\";\nimport \"shared/line.proto\";\nmessage Order { string id = 1; Line line = 2; }\n";
    let line = "syntax = \"proto3\";\nmessage Line { string sku = 1;\n  int64 price = 2; }\n";
    let xsd = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:include schemaLocation='../../shared/line.xsd'/>
      <xs:element name='order'><xs:complexType><xs:sequence><xs:element name='id' type='xs:string'/>
      <xs:element name='line' type='Line' minOccurs='0'/></xs:sequence></xs:complexType></xs:element></xs:schema>";
    let xsd_line =
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:complexType name='Line'><xs:sequence>
      <xs:element name='price' type='xs:long'/></xs:sequence></xs:complexType></xs:schema>";
    let graphql = "type Order { id: String! line: Line }\ntype Line { sku: String\n  price: Float }\n";
    let sql = "CREATE TABLE orders (id text NOT NULL,\n  price bigint);\nCREATE TABLE \"order\" (id text NOT NULL,\n  price bigint);\n";
    let avro = r#"{ "type": "record", "name": "Order", "fields": [{ "name": "id", "type": "string" },
      { "name": "price", "type": ["null", "long"], "default": null }] }"#;
    for (file, contract, shared, changed, place) in [
        (
            "order/1.proto",
            proto,
            Some(("line.proto", line)),
            ("int64 price", "string price"),
            "shared/line.proto:3:10",
        ),
        ("order/1.xsd", xsd, Some(("line.xsd", xsd_line)), ("xs:long", "xs:byte"), "shared/line.xsd:2:7"),
        (
            "order/1.graphql",
            graphql,
            None,
            ("price: Float", "price: Boolean"),
            "contracts/order/1.graphql:3:3",
        ),
        ("order/1.sql", sql, None, ("bigint", "smallint"), "contracts/order/1.sql:4:3"),
        ("order/1.avsc", avro, None, ("\"long\"", "\"string\""), "contracts/order/1.avsc:2:17"),
    ] {
        let project = Project::new();
        fs::remove_file(project.path().join("contracts/order/1.json")).unwrap();
        project.file(&format!("contracts/{file}"), contract);
        if let Some((name, text)) = shared {
            project.file(&format!("shared/{name}"), text);
        }
        project.run().await;
        assert_eq!(project.problems(), Vec::<String>::new(), "{file}");
        match shared {
            Some((name, text)) => {
                project.file(&format!("shared/{name}"), &text.replace(changed.0, changed.1));
            }
            None => project.file(&format!("contracts/{file}"), &contract.replace(changed.0, changed.1)),
        }
        let problems = project.problems();
        assert!(problems[0].starts_with(&format!("{place} C0201")), "{file}: {problems:?}");
    }
}
