//! Descriptions of APIs and of messages on the command line: the examples of the book, run.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, process::Command};

use serde_json::Value as Json;

const BOOK: &str = include_str!("../../../book/2-data.md");

/// The blocks of the book in the language `language`.
fn blocks(language: &str) -> impl Iterator<Item = &'static str> {
    let start = format!("```{language}\n");
    BOOK.split("\n```\n").filter_map(move |part| part.rsplit_once(start.as_str()).map(|(_, block)| block))
}

/// A folder with the files of the book.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    for block in blocks("yaml") {
        let Some((first, text)) = block.split_once('\n') else { continue };
        if let Some(name) =
            first.strip_prefix("# ").filter(|name| matches!(*name, "shop.yaml" | "events.yaml"))
        {
            write(name, &format!("{text}\n"));
        }
    }
    let shop = fs::read_to_string(folder.path().join("shop.yaml")).unwrap();
    let next = shop
        .replace("enum: [open, paid]", "enum: [open, paid, gone]")
        .replace("{ name: fields, in: query, ", "{ name: fields, in: query, required: true, ");
    assert_ne!(shop, next);
    write("next.yaml", &next);
    write("order.json", "{ \"state\": \"lost\" }\n");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
    let output = command.current_dir(folder).args(arguments).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text.lines().map(|line| format!("{}\n", line.trim_end())).collect())
}

#[test]
fn the_book_shows_what_is_said_of_descriptions() {
    let folder = folder();
    let mut count = 0;
    for block in blocks("console") {
        let Some((command, expected)) = block.split_once('\n') else { continue };
        let Some(arguments) = command.strip_prefix("$ tenon contract ") else { continue };
        let arguments: Vec<&str> = std::iter::once("contract").chain(arguments.split(' ')).collect();
        let (_, said) = run(folder.path(), &arguments);
        assert_eq!(said.trim_end(), expected.trim_end(), "{command}");
        count += 1;
    }
    assert!(count >= 4, "{count}");
}

#[test]
fn the_type_of_a_file_is_named_by_name_or_pointer() {
    let folder = folder();
    let two = "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths: {}\ncomponents:\n  schemas:\n    \
               Order: { type: object, required: [state] }\n    OrderLine: { type: object }\n";
    fs::write(folder.path().join("two.yaml"), two).unwrap();
    let check = |contract: &str, code: i32, part: &str| {
        let (ended, said) = run(folder.path(), &["contract", "validate", contract, "order.json"]);
        assert_eq!(ended, Some(code), "{contract}: {said}");
        assert!(said.contains(part), "{contract}: {said}");
    };
    check("two.yaml#Order", 0, "1 value valid");
    check("two.yaml#/components/schemas/Order", 0, "1 value valid");
    check("two.yaml#order-line", 0, "1 value valid");
    check("two.yaml#Ordr", 2, "write `two.yaml#Order`");
    check("two.yaml", 2, "has several types: `Order`, `OrderLine`");
}

#[test]
fn operations_are_told_to_machines() {
    let folder = folder();
    let (_, said) = run(folder.path(), &["contract", "show", "shop.yaml", "--format", "json"]);
    let shown: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(shown["operations"][0]["address"], "GET /orders/{id}");
    assert_eq!(
        shown["operations"][1]["input"]["properties"]["body"]["properties"]["state"]["enum"][1],
        "paid"
    );
    let (code, said) =
        run(folder.path(), &["contract", "diff", "shop.yaml", "next.yaml", "--format", "json"]);
    let told: Json = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &told[0]["backward"]), (Some(1), &Json::Bool(false)));
    assert_eq!(told[0]["changes"][0]["rule"], "part-required");
    let (_, said) = run(folder.path(), &["contract", "diff", "shop.yaml", "next.yaml", "--sarif"]);
    let log: Json = serde_json::from_str(&said).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let (code, _) = run(folder.path(), &["contract", "diff", "shop.yaml#Order", "next.yaml#Order"]);
    assert_eq!(code, Some(0), "a wider type is read by whoever has the new one");
}
