//! `tenon contract` as it is typed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{fs, process::Command};

use serde_json::Value as Json;

use self::common::contract::check;

const OLD: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": false,
  "properties": {
    "id": { "type": "string", "maxLength": 8 },
    "count": { "type": "integer", "minimum": 1 }
  } }"#;

/// A folder with two versions of a contract, and data.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("old.json", OLD);
    write("new.json", &OLD.replace("\"minimum\": 1", "\"minimum\": 5"));
    write("good.jsonl", "{\"id\":\"a\",\"count\":1}\n\n{\"id\":\"b\"}\n");
    write("bad.jsonl", "{\"id\":\"a\"}\n{\"count\":0}\n");
    write("rows.csv", "id,count\na,1\nb,0\n");
    write("seen.csv", "id,at,size\na,2026-01-31,1\nb,2026-02-01,\n");
    folder
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_contract_is_shown_with_its_fields_and_constraints() {
    let folder = folder();
    check(
        folder.path(),
        &["show", "old.json"],
        0,
        &["old.json (JSON Schema)", "required", "at most 8 characters", "no other fields"],
    );
    let shown = json(&check(folder.path(), &["show", "old.json", "--format", "json"], 0, &[]));
    assert_eq!(shown["schema"]["properties"]["count"]["minimum"], 1);
    check(folder.path(), &["show", "nothing"], 2, &["neither a file nor a contract `nothing`"]);
}

#[test]
fn data_is_held_against_a_contract_with_the_place_of_every_violation() {
    let folder = folder();
    check(folder.path(), &["validate", "old.json", "good.jsonl"], 0, &["2 values valid, 0 refused"]);
    check(
        folder.path(),
        &["validate", "old.json", "bad.jsonl"],
        1,
        &["bad.jsonl:2: [D0002] /id", "bad.jsonl:2: [D0005] /count"],
    );
    let found =
        json(&check(folder.path(), &["validate", "old.json", "rows.csv", "--format", "json"], 1, &[]));
    assert_eq!((&found[0]["line"], &found[0]["violation"]["path"]), (&Json::from(3), &Json::from("/count")));
    fs::write(folder.path().join("data.txt"), "{}").unwrap();
    check(folder.path(), &["validate", "old.json", "data.txt"], 2, &["--data-format"]);
}

#[test]
fn what_breaks_is_named_with_its_place_and_an_example_and_gates() {
    let folder = folder();
    let said = [
        "new.json:4:5",
        "backward [range-narrowed] `count` could be less before",
        "example {\"id\":",
        "is refused: /count: 1 is less than",
        "forward compatible",
    ];
    check(folder.path(), &["diff", "old.json", "new.json"], 1, &said);
    check(folder.path(), &["diff", "old.json", "new.json", "--fail-on", "forward"], 0, &[]);
    check(
        folder.path(),
        &["diff", "old.json", "new.json", "--role", "reply"],
        0,
        &["backward compatible, forward 1 break"],
    );
    check(
        folder.path(),
        &["diff", "old.json", "old.json", "--fail-on", "full"],
        0,
        &["backward compatible, forward compatible"],
    );
    let found = json(&check(folder.path(), &["diff", "old.json", "new.json", "--format", "json"], 1, &[]));
    assert_eq!(found[0]["changes"][0]["witness"]["value"]["count"], 1);
    let log = json(&check(folder.path(), &["diff", "old.json", "new.json", "--sarif"], 1, &[]));
    assert_eq!(log["version"], "2.1.0");
    let result = &log["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&Json::from("range-narrowed"), &Json::from("error")));
}

#[test]
fn a_revision_is_compared_with_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let ended = Command::new("git").current_dir(folder.path()).args(identity).args(arguments).output();
        assert!(ended.unwrap().status.success(), "{arguments:?}");
    };
    fs::create_dir_all(folder.path().join("contracts/order")).unwrap();
    let file = folder.path().join("contracts/order/1.json");
    fs::write(&file, OLD).unwrap();
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "first"]);
    fs::write(&file, OLD.replace("8", "4")).unwrap();
    check(
        folder.path(),
        &["diff", "HEAD:contracts", "contracts"],
        1,
        &["contracts/order/1.json:3:5", "length-narrowed"],
    );
    check(
        folder.path(),
        &["diff", "git:HEAD:contracts/order/1.json", "contracts/order/1.json"],
        1,
        &["length-narrowed"],
    );
    fs::remove_file(&file).unwrap();
    check(
        folder.path(),
        &["diff", "HEAD:contracts", "contracts"],
        1,
        &["order/1.json", "contract-removed", "backward 1 break"],
    );
}

#[test]
fn a_break_in_a_file_that_is_referred_to_is_placed_there_also_in_a_revision() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let ended = Command::new("git").current_dir(folder.path()).args(identity).args(arguments).output();
        assert!(ended.unwrap().status.success(), "{arguments:?}");
    };
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let line = "syntax = \"proto3\";\nmessage Line {\n  int64 price = 1; }\n";
    write("order.proto", "syntax = \"proto3\";\nimport \"line.proto\";\nmessage Order { Line line = 1; }\n");
    git(&["init", "-q"]);
    for price in ["int64", "bool"] {
        write("line.proto", &line.replace("int64", price));
        git(&["add", "."]);
        git(&["commit", "-qm", price]);
    }
    for (new, place) in [("order.proto", "line.proto:3:8"), ("HEAD:order.proto", "HEAD:line.proto:3:8")] {
        check(folder.path(), &["diff", "HEAD~1:order.proto", new], 1, &[place, "kind-changed"]);
    }
}

#[test]
fn samples_are_the_same_for_the_same_seed_and_invalid_ones_say_what_they_break() {
    let folder = folder();
    let sample = |more: &[&str]| {
        let arguments = [&["sample", "old.json", "--format", "jsonl"], more].concat();
        check(folder.path(), &arguments, 0, &[])
    };
    assert_eq!(sample(&["--seed", "7"]), sample(&["--seed", "7"]));
    assert_eq!(sample(&["--count", "3"]).lines().count(), 3);
    fs::write(folder.path().join("made.jsonl"), sample(&["--count", "30", "--kind", "boundary"])).unwrap();
    check(folder.path(), &["validate", "old.json", "made.jsonl"], 0, &["30 values valid"]);
    let broken = sample(&["--count", "30", "--kind", "invalid"]);
    assert!(broken.lines().all(|line| json(line)["breaks"]["code"].is_string()), "{broken}");
    assert!(broken.contains("less than the minimum of 1"), "{broken}");
}

#[test]
fn a_contract_is_proposed_that_reads_the_data_it_was_made_of() {
    let folder = folder();
    let schema = check(folder.path(), &["infer", "seen.csv"], 0, &["all are date"]);
    let read = json(&schema);
    assert_eq!(read["properties"]["at"]["format"], "date");
    assert_eq!(read["required"], serde_json::json!(["id", "at"]));
    fs::write(folder.path().join("seen.json"), schema).unwrap();
    check(folder.path(), &["validate", "seen.json", "seen.csv"], 0, &["2 values valid"]);
}

#[test]
fn contracts_are_converted_and_looked_over() {
    let folder = folder();
    check(folder.path(), &["convert", "old.json", "--to", "json-schema", "--out", "again.json"], 0, &[]);
    check(folder.path(), &["diff", "old.json", "again.json", "--fail-on", "full"], 0, &[]);
    check(folder.path(), &["convert", "old.json", "--to", "jsn"], 2, &["there is no contract format `jsn`"]);
    check(folder.path(), &["lint", "old.json"], 0, &["[no-description] `id`", "old.json:3:5"]);
}

#[test]
fn what_only_the_format_of_a_contract_says_is_told_with_its_place_where_it_is_converted() {
    let folder = tempfile::tempdir().unwrap();
    let text = "syntax = \"proto3\";\nmessage Order {\n  string id = 7;\n  reserved 2;\n}\n";
    fs::write(folder.path().join("order.proto"), text).unwrap();
    let said = [
        "lost: the whole has numbers of its own for its fields: `id = 7` (order.proto:2:9)",
        "lost: the whole reserves the number `2` (order.proto:4:12)",
    ];
    check(folder.path(), &["convert", "order.proto", "--to", "json"], 0, &said);
    let found =
        json(&check(folder.path(), &["convert", "order.proto", "--to", "json", "--format", "json"], 0, &[]));
    let losses = found["losses"].as_array().unwrap();
    let reserved = losses.iter().find(|it| it["message"] == "reserves the number `2`").unwrap();
    assert_eq!((&reserved["file"], &reserved["line"]), (&Json::from("order.proto"), &Json::from(4)));
}

#[test]
fn a_contract_with_imports_is_imported_with_the_files_that_it_imports() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "api/shop.proto",
        "syntax = \"proto3\";\nimport \"common/money.proto\";\nmessage Order { common.Money total = 1; }\n",
    );
    write(
        "api/common/money.proto",
        "syntax = \"proto3\";\npackage common;\nmessage Money { int64 cents = 1; }\n",
    );
    check(
        folder.path(),
        &["import", "api/shop.proto"],
        0,
        &["contracts/order/1.proto", "common/money.proto"],
    );
    check(folder.path(), &["show", "contracts/order/1.proto"], 0, &["total.cents"]);
    write("common/money.proto", "syntax = \"proto3\";");
    check(
        folder.path(),
        &["import", "api/shop.proto", "--name", "again"],
        2,
        &["another `common/money.proto`"],
    );
    let schema = |inside: &str| {
        format!("<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">{inside}</xs:schema>")
    };
    write(
        "xml/shop/invoice.xsd",
        &schema("<xs:include schemaLocation=\"../types.xsd\"/><xs:element name=\"invoice\" type=\"total\"/>"),
    );
    write(
        "xml/types.xsd",
        &schema(
            "<xs:complexType name=\"total\"><xs:attribute name=\"cents\" type=\"xs:int\"/></xs:complexType>",
        ),
    );
    check(folder.path(), &["import", "xml/shop/invoice.xsd"], 0, &["schemas/invoice/types.xsd"]);
    check(folder.path(), &["show", "contracts/invoice/1.xsd"], 0, &["cents"]);
}
