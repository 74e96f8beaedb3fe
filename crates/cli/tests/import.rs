//! `tenon contract import` and `bundle` as they are typed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path};

use serde_json::Value as Json;

use self::common::contract::check;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tenon.yaml"), "name: shop\n").unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

const SHOP: &str = "type Query { order(id: ID!): Order }\n\"An order.\"\ntype Order { id: ID! lines: [OrderLine!]! state: State! }\n\
    type OrderLine { sku: String! }\ninput OrderInput { id: String!, count: Int! = 1 }\nenum State { NEW OLD @deprecated }\n";

#[test]
fn each_type_of_a_graphql_schema_becomes_a_contract() {
    let folder = folder(&[("shop.graphql", SHOP)]);
    let wrote = [
        "wrote contracts/order/1.graphql (GraphQL)",
        "wrote contracts/order-line/1.graphql",
        "wrote contracts/state/1.graphql",
    ];
    check(folder.path(), &["import", "shop.graphql"], 0, &wrote);
    let order = read(folder.path(), "contracts/order/1.graphql");
    assert!(order.contains("\"An order.\"\ntype Order {") && order.contains("type OrderLine {"), "{order}");
    let input = read(folder.path(), "contracts/order-input/1.graphql");
    assert!(input.contains("input OrderInput {\n  id: String!\n  count: Int! = 1\n}"), "{input}");
    assert!(read(folder.path(), "contracts/state/1.graphql").contains("OLD @deprecated"));
    check(folder.path(), &["show", "order-input"], 0, &["contracts/order-input/1.graphql (GraphQL)"]);
    check(
        folder.path(),
        &["import", "shop.graphql"],
        2,
        &["there is `contracts/order/1.graphql` already", "--force"],
    );
    check(folder.path(), &["import", "shop.graphql", "--force"], 0, &["wrote contracts/order/1.graphql"]);
}

#[test]
fn some_types_are_chosen_named_and_tried_without_writing() {
    let folder = folder(&[("shop.graphql", SHOP)]);
    check(
        folder.path(),
        &["import", "shop.graphql", "--types", "order-line", "--name", "line", "--to", "json", "--dry-run"],
        0,
        &["would write contracts/line/1.json (JSON Schema)"],
    );
    assert!(!folder.path().join("contracts").exists());
    check(
        folder.path(),
        &["import", "shop.graphql", "--types", "Ordr,X"],
        2,
        &["no type `Ordr`", "write `Order`", "no type `X`"],
    );
    check(folder.path(), &["import", "shop.graphql", "--name", "a"], 2, &["4 types cannot have one name"]);
    check(folder.path(), &["import", "nothing.graphql"], 2, &["there is no file `nothing.graphql`"]);
    check(folder.path(), &["import", "tenon.yaml", "--from", "cobol"], 2, &["no contract format `cobol`"]);
}

#[test]
fn a_file_of_one_type_is_kept_as_it_is() {
    let text = "# kept\ntype Order { id: ID! }\n";
    let folder = folder(&[("api/order.gql", text)]);
    check(folder.path(), &["import", "api/order.gql"], 0, &["wrote contracts/order/1.graphql"]);
    assert_eq!(read(folder.path(), "contracts/order/1.graphql"), text);
    let found = check(folder.path(), &["import", "api/order.gql", "--force", "--format", "json"], 0, &[]);
    let found: Json = serde_json::from_str(&found).unwrap();
    assert_eq!(
        (&found["contracts"][0]["contract"], &found["contracts"][0]["losses"]),
        (&Json::from("order"), &Json::Array(vec![]))
    );
    fs::rename(folder.path().join("contracts/order/1.graphql"), folder.path().join("contracts/order/1.json"))
        .unwrap();
    check(
        folder.path(),
        &["import", "api/order.gql", "--force"],
        2,
        &["there is `contracts/order/1.json` already", "remove it"],
    );
}

#[test]
fn types_whose_data_hangs_on_the_file_keep_it_whole() {
    let text = "syntax = \"proto3\";\npackage shop;\nmessage Order { string id = 7; Line line = 9; }\nmessage Line { int32 count = 3; }\n";
    let folder = folder(&[("shop.proto", text)]);
    check(
        folder.path(),
        &["import", "shop.proto"],
        0,
        &["wrote contracts/order/1.proto", "wrote contracts/line/1.proto"],
    );
    assert_eq!(read(folder.path(), "contracts/line/1.proto"), text);
}

const DUMP: &str = "CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(50) NOT NULL);\n\
    CREATE TABLE order_lines (order_id bigint, \"on\" date, customer_id bigint NOT NULL REFERENCES customers, note text CHECK (note ~ 'x'),\n\
    PRIMARY KEY (order_id, \"on\"));\nCREATE INDEX i ON order_lines (customer_id);\nCREATE TABLE logs (line text);\n";

#[test]
fn tables_become_contracts_and_a_section_of_tables_is_proposed() {
    let folder = folder(&[("dump.sql", DUMP)]);
    let yaml = check(
        folder.path(),
        &["import", "dump.sql"],
        0,
        &["a check of the table `order_lines` is not enforced"],
    );
    assert_eq!(
        yaml,
        "tables:\n  customers:\n    in: db\n    contract: customers\n    key: id\n  order-lines:\n    in: db\n    contract: order-lines\n    \
         key: [order_id, \"on\"]\n    index: [customer_id]\n    references:\n      customer: { table: customers, by: customer_id }\n  \
         # logs: the table has no primary key\n"
    );
    let table = read(folder.path(), "contracts/customers/1.sql");
    assert!(table.contains("\"name\" varchar(50) NOT NULL"), "{table}");
    check(folder.path(), &["show", "order-lines"], 0, &["customer_id"]);
    check(folder.path(), &["convert", "customers", "--to", "mysql"], 0, &["`name` varchar(50) NOT NULL"]);
}

#[test]
fn a_schema_of_several_files_is_one_file_afterwards() {
    let order = r##"{ "type": "object", "properties": { "price": { "$ref": "common/money.json" }, "tax": { "$ref": "common/money.json#/$defs/rate" } } }"##;
    let money = r##"{ "type": "object", "required": ["unit"], "properties": { "unit": { "$ref": "unit.json" } }, "$defs": { "rate": { "type": "number" } } }"##;
    let folder = folder(&[
        ("schemas/order.json", order),
        ("schemas/common/money.json", money),
        ("schemas/common/unit.json", r#"{ "enum": ["EUR", "USD"] }"#),
        ("alone.json", r#"{ "type": "string" }"#),
        ("a.proto", "syntax = \"proto3\";\nimport \"b.proto\";\nmessage A { B b = 1; }\n"),
        ("b.proto", "syntax = \"proto3\";\nmessage B { string x = 1; }\n"),
    ]);
    check(folder.path(), &["bundle", "schemas/order.json", "--out", "one.json"], 0, &["3 files are one"]);
    fs::remove_dir_all(folder.path().join("schemas/common")).unwrap();
    fs::write(folder.path().join("good.json"), r#"{ "price": { "unit": "EUR" }, "tax": 0.5 }"#).unwrap();
    fs::write(folder.path().join("bad.json"), r#"{ "price": { "unit": "DM" }, "tax": "x" }"#).unwrap();
    check(folder.path(), &["validate", "one.json", "good.json"], 0, &["1 value valid"]);
    check(folder.path(), &["validate", "one.json", "bad.json"], 1, &["/price/unit", "/tax"]);
    check(folder.path(), &["import", "one.json", "--name", "order"], 0, &["wrote contracts/order/1.json"]);
    check(folder.path(), &["validate", "order", "bad.json"], 1, &["/price/unit", "/tax"]);
    check(folder.path(), &["bundle", "alone.json"], 0, &["there is nothing to bundle"]);
    check(folder.path(), &["bundle", "a.proto"], 1, &["C0008", "`a.proto` refers to `b.proto`"]);
}

/// Protobuf and XML Schema have no form for several packages or namespaces in one file.
#[test]
fn files_that_cannot_be_one_are_put_into_one_folder() {
    let xsd = |target: &str, inside: &str| {
        format!(
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:m='urn:m' targetNamespace='{target}'>{inside}</xs:schema>"
        )
    };
    let order = "<xs:import namespace='urn:m' schemaLocation='../common/money.xsd'/><xs:element name='order' type='m:Money'/>";
    let money = "<xs:simpleType name='Money'><xs:restriction base='xs:decimal'/></xs:simpleType>";
    let folder = folder(&[
        (
            "api/shop/order.proto",
            "syntax = \"proto3\";\nimport \"common/unit.proto\";\nmessage Order { Unit unit = 1; }\n",
        ),
        ("api/common/unit.proto", "syntax = \"proto3\";\nmessage Unit { string name = 1; }\n"),
        ("xml/shop/order.xsd", &xsd("urn:o", order)),
        ("xml/common/money.xsd", &xsd("urn:m", money)),
        (
            "broken.proto",
            "syntax = \"proto3\";\nimport \"api/common/unit.proto\";\nmessage A { Unti unit = 1; }\n",
        ),
    ]);
    check(folder.path(), &["bundle", "api/shop/order.proto"], 1, &["C0008", "--out FOLDER"]);
    check(
        folder.path(),
        &["bundle", "api/shop/order.proto", "--out", "proto"],
        0,
        &["2 files are in `proto`"],
    );
    check(
        folder.path(),
        &["bundle", "xml/shop/order.xsd", "--out", "xsd"],
        0,
        &["`shop/order.xsd` refers to the others"],
    );
    fs::write(folder.path().join("proto/common/unit.proto"), "// another one").unwrap();
    let again = ["bundle", "api/shop/order.proto", "--out", "proto"];
    check(folder.path(), &again, 1, &["unit.proto` is there already", "empty folder"]);
    fs::remove_dir_all(folder.path().join("proto")).unwrap();
    check(folder.path(), &again, 0, &["2 files are in `proto`"]);
    check(folder.path(), &["bundle", "broken.proto", "--out", "broken"], 1, &["Unti"]);
    assert!(!folder.path().join("broken").exists());
    fs::remove_dir_all(folder.path().join("api")).unwrap();
    fs::remove_dir_all(folder.path().join("xml")).unwrap();
    check(folder.path(), &["show", "proto/order.proto"], 0, &["unit"]);
    check(folder.path(), &["show", "xsd/shop/order.xsd"], 0, &["order"]);
}
