//! The commands as they are typed: what they print, and what they end with.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    path::Path,
    process::{Command, Output},
};

fn tenon(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("READER_KEY")
        .env_remove("UPDATE")
        .output()
        .unwrap()
}

#[track_caller]
fn check(folder: &Path, arguments: &[&str], code: i32, contains: &str) -> String {
    let output = tenon(folder, arguments);
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    assert!(text.contains(contains), "{arguments:?} does not say `{contains}`: {text}");
    text
}

fn starter() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &["init", "p"], 0, "tenon.yaml");
    folder
}

#[test]
fn a_new_project_runs_and_passes_its_own_tests() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"], 0, "load-customers");
    check(&project, &["check"], 0, ": ok (");
    check(&project, &["test"], 0, "2 passed, 0 failed");
    check(&project, &["tables"], 0, "customers  2");
    check(&project, &["dead", "list"], 0, "load-customers  1:map  D0001  1");
    check(&project, &["dead", "replay", "--dry-run"], 1, "0 would pass, 1 failed");
    check(&project, &["docs", "export", "out"], 0, " files to out");
    assert!(project.join("out").is_dir());
    check(folder.path(), &["init", "p"], 2, "is a project already");
}

#[test]
fn a_database_that_is_missing_is_shown_as_that_until_it_is_accepted() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"], 0, "load-customers");
    check(&project, &["state", "accept", "p.db"], 2, "`p.db` in the state folder is sound");
    check(&project, &["state", "accept", "customers.db"], 2, "name one of its parts: `p.db`, `tenon.db`");
    check(&project, &["state", "verify", ".tenon"], 0, "sound");
    std::fs::remove_file(project.join(".tenon/p.db")).unwrap();
    check(&project, &["tables"], 3, "customers  missing (Y0205)");
    let output = tenon(&project, &["tables", "--format", "json"]);
    let tables: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &tables[0]["problems"][0]["code"]), (Some(3), &"Y0205".into()));
    check(&project, &["state", "accept", "p.db"], 0, "the next start takes `p.db` as it is found");
    check(&project, &["tables"], 0, "customers  0");
}

#[test]
fn a_run_names_only_pages_that_are_served() {
    let folder = starter();
    let project = folder.path().join("p");
    let main = project.join("tenon.yaml");
    let text = std::fs::read_to_string(&main).unwrap();
    for (server, named) in [
        ("{ pages: { docs: public } }", true),
        ("{ pages: { docs: internal }, internal: '127.0.0.1:0' }", true),
        ("{ pages: { docs: none } }", false),
    ] {
        std::fs::write(&main, format!("{text}\nserver: {server}\n")).unwrap();
        let run = ["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"];
        let said = check(&project, &run, 0, "is served at");
        assert_eq!(said.contains("/docs"), named, "{server}: {said}");
    }
}

#[test]
fn a_new_project_is_named_like_its_folder_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &["init", "my shop"], 0, "cd 'my shop'\n");
    let text = std::fs::read_to_string(folder.path().join("my shop/tenon.yaml")).unwrap();
    assert!(text.contains("project: my-shop\n") && text.contains("sqlite://my-shop.db"), "{text}");
    std::fs::create_dir(folder.path().join("here")).unwrap();
    let text = check(&folder.path().join("here"), &["init", "."], 0, "tenon run --dev");
    assert!(!text.contains("cd "), "{text}");
    check(folder.path(), &["init", "my shop/tenon.yaml"], 2, "is not a folder");
    check(folder.path(), &["init", "."], 2, "exists and is not empty");
}

/// A project whose flows read a file and topics; `sums` and `load` are as given.
fn shop(folder: &Path, sums: &str, load: &str) {
    let sale = r#"{ "type": "object", "additionalProperties": false, "required": ["store", "amount"], "properties": {
        "store": { "type": "string" }, "amount": { "type": "integer" } } }"#;
    let project = format!(
        "project: shop
systems:
  here: {{ files: {{}} }}
  db: {{ sql: {{ url: \"sqlite://shop.db\" }} }}
  bus: {{ broker: {{ url: embedded }} }}
tables:
  totals: {{ in: db, contract: sale, key: store }}
  sales: {{ in: db, contract: sale, key: store }}
  sales2: {{ in: db, contract: sale, key: store }}
topics:
  orders: {{ in: bus, contract: sale }}
  orders-v2: {{ in: bus, contract: sale }}
flows:
  fill: {{ from: {{ file: {{ in: here, path: day.csv, contract: sale }} }}, steps: [publish: orders, publish: orders-v2] }}
  load: {{ from: {{ file: {{ in: here, path: day.csv, contract: sale }} }}, steps: [{load}] }}
  sums:
    from: {sums}
    steps: [aggregate: {{ into: totals, key: {{ store: sale.store }}, fields: {{ amount: {{ sum: sale.amount }} }} }}]
"
    );
    std::fs::create_dir_all(folder.join("contracts/sale")).unwrap();
    std::fs::write(folder.join("contracts/sale/1.json"), sale).unwrap();
    std::fs::write(folder.join("day.csv"), "store,amount\nS1,1\nS2,2\nS1,3\n").unwrap();
    std::fs::write(folder.join("tenon.yaml"), project).unwrap();
}

#[test]
fn a_flow_that_would_count_again_says_which_flags_decide() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "--until-idle", "--listen", "127.0.0.1:0"];
    shop(folder.path(), "orders", "upsert: sales");
    check(folder.path(), &["check"], 0, ": ok (");
    check(folder.path(), &run, 0, "sums");
    check(folder.path(), &["check"], 0, ": ok (");
    shop(folder.path(), "orders-v2", "upsert: sales");
    let text = check(
        folder.path(),
        &["check"],
        1,
        "error[F0020]: `sums` already counted `orders` into `totals`, and would now count `orders-v2`, which may hold the same",
    );
    assert!(text.contains("help: say `--rebuild sums`"), "{text}");
    let text = check(folder.path(), &run, 1, "sums stopped: [F0020]");
    assert!(text.contains("= help: say `--rebuild sums`") && text.contains("`--as-new sums`"), "{text}");
    let line = text.lines().find(|line| line.contains("a flow has failed")).unwrap();
    assert!(line.contains("\"flow\":\"sums\"") && line.contains("\"hint\":\"say `--rebuild sums`"), "{line}");
    check(folder.path(), &[&run[..], &["--rebuild", "sums"]].concat(), 0, "sums");
    // Under another name as well, whatever it reads then.
    let project = std::fs::read_to_string(folder.path().join("tenon.yaml")).unwrap();
    for (from, hint) in [("orders-v2", "--rebuild adds"), ("orders", "--as-new adds")] {
        shop(folder.path(), from, "upsert: sales");
        let renamed =
            std::fs::read_to_string(folder.path().join("tenon.yaml")).unwrap().replace("sums:", "adds:");
        std::fs::write(folder.path().join("tenon.yaml"), renamed).unwrap();
        let text = check(
            folder.path(),
            &["check"],
            1,
            "error[F0020]: `sums`, no longer in the project, already counted `orders-v2` into `totals`",
        );
        assert!(text.contains(hint), "{text}");
        check(folder.path(), &run, 1, "adds stopped: [F0020]");
    }
    std::fs::write(folder.path().join("tenon.yaml"), project).unwrap();
    let text = check(folder.path(), &["tables", "totals"], 0, "S1");
    assert!(text.contains('4'), "{text}");
    check(folder.path(), &["check"], 0, ": ok (");
}

#[test]
fn a_table_that_is_new_to_a_flow_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let run = ["run", "--until-idle", "--listen", "127.0.0.1:0"];
    shop(folder.path(), "orders", "upsert: sales");
    check(folder.path(), &run, 0, "load");
    let text = check(folder.path(), &["check"], 0, ": ok (");
    assert!(!text.contains("F0025"), "{text}");
    shop(folder.path(), "orders", "upsert: sales2");
    let text =
        check(folder.path(), &["check"], 0, "warning[F0025]: the table `sales2` is new to the flow `load`");
    assert!(text.contains("`tenon run --rebuild load`"), "{text}");
    let text = check(folder.path(), &run, 0, "the table `sales2` is new to the flow `load`");
    assert!(text.contains("`tenon run --rebuild load`"), "{text}");
    check(folder.path(), &[&run[..], &["--rebuild", "load"]].concat(), 0, "load");
    check(folder.path(), &["tables"], 0, "sales2  2");
    let text = check(folder.path(), &run, 0, "load");
    assert!(!text.contains("F0025"), "{text}");
}

#[test]
fn dead_letters_are_not_dropped_by_mistake() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"], 0, "D0001");
    check(&project, &["dead", "drop"], 2, "E0002");
    check(&project, &["dead", "drop", ""], 2, "E0002");
    check(
        &project,
        &["dead", "show", "nothing-like-it"],
        1,
        "[F0003]: there is no dead letter `nothing-like-it`",
    );
    check(&project, &["dead", "drop", "--code", "D0001"], 0, "1 dropped");
    check(&project, &["dead", "list"], 0, "no dead letters");
}

#[test]
fn nothing_kept_is_no_failure() {
    let folder = starter();
    let project = folder.path().join("p");
    for arguments in [&["list"][..], &["show"], &["replay"], &["replay", "--dry-run"], &["drop", "--all"]] {
        check(&project, &[&["dead"], arguments].concat(), 0, "no dead letters");
    }
}

#[test]
fn dead_letters_are_selected_by_names_that_are_known() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"], 0, "D0001");
    check(&project, &["dead", "list", "--flow", "load-customer"], 1, "use `load-customers`");
    check(&project, &["dead", "list", "--flow", "x"], 1, "use one that exists: `load-customers`");
    check(&project, &["dead", "drop", "--code", "D001"], 2, "write `D0001`");
    let text = check(&project, &["dead", "list", "--code", "d0001"], 0, "/email: ");
    assert!(text.contains("load-customers  1:map  D0001  1"), "{text}");
    let text = check(&project, &["dead", "list", "--code", "F0001"], 0, "no dead letters");
    assert!(!text.contains("COUNT"), "{text}");
    check(&project, &["dead", "show"], 0, "failed    1 time,");
    let text = check(&project, &["dead", "show", "--limit", "0"], 0, "the first 0 are shown");
    assert!(!text.contains("failed    1 time,"), "{text}");
}

#[test]
fn a_run_fails_on_dead_letters_where_that_is_wanted_and_says_in_words_that_there_are_some() {
    let folder = starter();
    let project = folder.path().join("p");
    let run = ["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"];
    let text = check(&project, &[&run[..], &["--fail-on-dead"]].concat(), 1, "became a dead letter");
    assert!(text.contains("load-customers: 1 message"), "{text}");
    check(&project, &[&run[..], &["--fail-on-dead"]].concat(), 0, "FLOW");
    check(&project, &["run", "--fail-on-dead"], 2, "--until-idle");
}

#[test]
fn dead_letters_are_masked_unless_they_are_revealed() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"], 0, "D0001");
    for arguments in [&["dead", "show"][..], &["dead", "list", "--format", "json"]] {
        let text = check(&project, arguments, 0, "3,Alan Turing,***");
        assert!(!text.contains("not an address"), "{text}");
        check(&project, &[arguments, &["--reveal"]].concat(), 0, "3,Alan Turing,not an address");
    }
}

#[test]
fn a_project_that_does_not_hold_ends_with_one_and_names_every_problem() {
    let folder = starter();
    let project = folder.path().join("p");
    let file = project.join("tenon.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let broken = text
        .replace("customer_row.name.trim()", "customer_row.nmae.trim()")
        .replace("table: customers", "table: custmers");
    std::fs::write(&file, broken).unwrap();
    let text = check(&project, &["check", "--dev"], 1, "M0003");
    assert!(text.contains("P0201") && text.contains("`customers`"), "{text}");
    let json = tenon(&project, &["check", "--dev", "--format", "json"]);
    let reports: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(reports.as_array().unwrap().len() >= 2);
    assert_eq!(reports[0]["places"][0]["file"], "tenon.yaml");
}

#[test]
fn codes_are_explained_and_slips_get_a_suggestion() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &["explain", "m0006"], 0, "absent-value");
    check(folder.path(), &["explain", "unknown-kee"], 2, "tenon explain unknown-key");
    check(folder.path(), &["check"], 1, "P0001");
    check(folder.path(), &["chekc"], 2, "check");
    check(folder.path(), &["schema"], 0, "$schema");
    check(folder.path(), &["completions", "bash"], 0, "_tenon");
}

#[test]
fn a_document_or_a_folder_of_documents_is_run_on_the_project_around_it() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["test", "tests/customers.md"], 0, "2 passed, 0 failed");
    check(&project, &["test", "./tests"], 0, "2 passed, 0 failed");
    check(&project.join("tests"), &["test", "customers.md"], 0, "2 passed, 0 failed");
    check(folder.path(), &["test", "p/tests/customers.md"], 0, "tests/customers.md:1");
    check(&project, &["test", "tests/nope.md"], 1, "there is no such file: `tests/nope.md`");
}

#[test]
fn machines_get_one_document_or_a_line_for_each_entry() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"], 0, "D0001");
    for arguments in
        [&["tables", "customers"][..], &["tables"], &["topics"], &["dead", "list"], &["explain", "--list"]]
    {
        let document = tenon(&project, &[arguments, &["--format", "json"]].concat());
        let list: Vec<serde_json::Value> = serde_json::from_slice(&document.stdout).unwrap();
        let lines = tenon(&project, &[arguments, &["--format", "jsonl"]].concat());
        let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&lines.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(list, lines, "{arguments:?}");
    }
}

#[test]
fn what_is_left_out_of_a_listing_is_said() {
    let folder = starter();
    let project = folder.path().join("p");
    let text = check(&project, &["run", "--dev", "--until-idle", "--listen", "127.0.0.1:0"], 0, "STEP");
    assert!(text.contains("load-customers"), "{text}");
    let text = check(&project, &["run", "--until-idle", "--listen", "127.0.0.1:0"], 0, "FLOW");
    assert!(!text.contains("STEP"), "nothing was read again: {text}");
    check(&project, &["tables", "customers", "--limit", "1"], 0, "1 of 2 shown; see --limit");
    let text = check(&project, &["tables", "customers", "--where", "id=2"], 0, "Grace");
    assert!(!text.contains("Ada") && !text.contains("shown"), "{text}");
    check(&project, &["tables", "customers", "--where", "email="], 0, "Grace");
    let text = check(&project, &["tables", "customers"], 0, "email");
    assert!(text.starts_with("id  name"), "columns below their names: {text}");
    let text = check(&project, &["tables", "customers", "--format", "csv"], 0, "id,name");
    assert!(text.contains("\r\n2,Grace"), "{text}");
    check(&project, &["tables", "--format", "csv"], 2, "name a table");
    check(&project, &["tables", "customers", "--where", "nmae=x"], 2, "write `name`");
    check(
        &project,
        &["tables", "customers", "--where", "id=two"],
        2,
        "`id=two` is not a condition: expected integer",
    );
    check(&project, &["topics"], 0, "no topics");
}

#[test]
fn a_command_that_serves_nothing_needs_no_secret() {
    let folder = starter();
    let project = folder.path().join("p");
    let checked = check(&project, &["check"], 0, "p: ok");
    assert!(checked.contains("note: `READER_KEY` is not set here"), "{checked}");
    check(&project, &["run", "--until-idle"], 1, "S0101");
    for arguments in [
        &["tables"][..],
        &["tables", "customers"],
        &["topics"],
        &["dead", "list"],
        &["docs", "export", "out"],
    ] {
        check(&project, arguments, 0, "");
    }
    let openapi = std::fs::read_to_string(project.join("out/openapi.json")).unwrap();
    assert!(openapi.contains("127.0.0.1:8080"), "the address of the project: {openapi}");
}

#[test]
fn updating_writes_placeholders_for_what_varies() {
    let folder = starter();
    let project = folder.path().join("p");
    let text = std::fs::read_to_string(project.join("tenon.yaml")).unwrap();
    let contract = r#"{ "type": "object", "properties": { "id": { "type": "string", "format": "uuid" }, "at": { "type": "string", "format": "date-time" }, "n": { "type": "integer" } }, "required": ["id", "at", "n"], "additionalProperties": false }"#;
    let asked = r#"{ "type": "object", "properties": { "n": { "type": "integer" } }, "required": ["n"], "additionalProperties": false }"#;
    for (name, text) in [("receipt", contract), ("asked", asked)] {
        std::fs::create_dir_all(project.join("contracts").join(name)).unwrap();
        std::fs::write(project.join("contracts").join(name).join("1.json"), text).unwrap();
    }
    let more = "flows:\n  ask:\n    steps:\n      - log: { message: '\"asked\"' }\n    reply: { id: uuid(), at: now(), n: asked.n }\n";
    std::fs::write(project.join("ask.yaml"), more).unwrap();
    let (before, after) = text.split_once("    operations:\n").unwrap();
    let operation =
        "      ask: { rest: POST /ask, flow: ask, input: asked, output: receipt, scope: customers:read }\n";
    std::fs::write(project.join("tenon.yaml"), format!("{before}    operations:\n{operation}{after}"))
        .unwrap();
    let document = "# Asked\n\n```request\nPOST /v1/ask\nx-api-key: ${secret:READER_KEY}\n\n{ \"n\": 7 }\n```\n\n```response\n200\n\n{}\n```\n";
    std::fs::write(project.join("tests/ask.md"), document).unwrap();
    let update = Command::new(env!("CARGO_BIN_EXE_tenon"))
        .args(["test", "tests/ask.md"])
        .env("UPDATE", "1")
        .current_dir(&project)
        .output()
        .unwrap();
    let written = std::fs::read_to_string(project.join("tests/ask.md")).unwrap();
    let said = String::from_utf8_lossy(&update.stdout);
    assert!(
        written.contains("\"id\": \"<uuid>\"") && written.contains("\"at\": \"<timestamp>\""),
        "{said}\n{written}"
    );
    assert!(written.contains("\"n\": 7"), "{written}");
    check(&project, &["test", "tests/ask.md"], 0, "1 passed, 0 failed");
}

#[test]
fn a_name_that_nothing_has_is_answered_with_those_that_there_are() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["tables", "nope", "--dev"], 1, "use one that exists: `customers`");
    check(&project, &["topics", "nope", "--dev"], 1, "the project has no topics");
    check(
        &project,
        &["run", "--dev", "--restart-source", "nope"],
        1,
        "use one that exists: `load-customers`",
    );
}

#[test]
fn the_project_is_found_from_inside_it_and_named_in_the_same_way_by_all_commands() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project.join("contracts"), &["check", "--dev"], 0, ": ok (");
    check(&project.join("contracts"), &["tables", "--dev"], 0, "customers  0");
    check(&project.join("data"), &["test"], 0, "2 passed");
    for arguments in
        [&["check", "p"][..], &["check", "-C", "p"], &["tables", "-C", "p"], &["tables", "--project", "p"]]
    {
        check(folder.path(), &[arguments, &["--dev"]].concat(), 0, "");
    }
    check(folder.path(), &["test", "-C", "p", "tests/customers.md"], 0, "2 passed");
    check(folder.path(), &["test", "p"], 0, "2 passed");
    check(folder.path(), &["check", "p", "-C", "p"], 2, "cannot be used with");
    check(folder.path(), &["tables", "-C", "p/tenon.yaml", "--dev"], 0, "customers");
    check(&project, &["tables", "-C", "tenon.yaml", "--dev"], 0, "customers");
    check(folder.path(), &["check", "p/contracts"], 1, "name the folder of the project: `p`");
    check(folder.path(), &["check", "pp"], 1, "write `p`");
    check(folder.path(), &["check", "nowhere"], 1, "start one with `tenon init NAME`");
}

#[test]
fn an_address_to_listen_on_is_an_ip_address_and_a_port() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["run", "--dev", "--until-idle", "--listen", "localhost:0"], 0, "127.0.0.1:");
    check(&project, &["run", "--listen", "example.org:80"], 2, "an IP address and a port are needed");
}

/// Publishes the rows of a file to a topic.
const NOTES: &str = "project: notes
systems:
  files: { files: { folder: data } }
  bus: { broker: { url: embedded } }
topics:
  notes: { in: bus, contract: note }
flows:
  load:
    from: { file: { in: files, path: notes.csv, format: csv, contract: note } }
    steps: [{ publish: notes }]
";

#[test]
fn what_is_sound_around_a_damaged_record_is_shown_and_skipping_it_is_an_order() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path();
    for inner in ["contracts/note", "data"] {
        std::fs::create_dir_all(project.join(inner)).unwrap();
    }
    let contract =
        r#"{ "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } }"#;
    std::fs::write(project.join("contracts/note/1.json"), contract).unwrap();
    std::fs::write(project.join("tenon.yaml"), NOTES).unwrap();
    std::fs::write(project.join("data/notes.csv"), "id\none\ntwo\nthree\nfour\n").unwrap();
    check(project, &["run", "--until-idle"], 0, "load");
    check(project, &["state", "skip", "topics/notes"], 0, "nothing is damaged");
    let segment = project.join(".tenon/topics/notes/00000000000000000000.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    let at = bytes.windows(5).position(|window| window == b"three").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&segment, bytes).unwrap();

    let text = check(project, &["topics", "notes"], 3, "1 record with offset 2 is lost");
    for shown in
        ["0  {\"id\":\"one\"}", "1  {\"id\":\"two\"}", "3  {\"id\":\"four\"}", "00000000.log", "at byte "]
    {
        assert!(text.contains(shown), "no `{shown}`: {text}");
    }
    assert!(text.contains("tenon state skip topics/notes"), "{text}");
    let text = check(project, &["topics"], 3, "[Y0201]");
    assert!(text.contains("notes  4") && !text.contains("are skipped"), "nobody has said so: {text}");
    check(project, &["state", "skip", "topics/notes"], 0, "1 record with offset 2 is lost");
    let text = check(
        project,
        &["topics", "notes"],
        0,
        "the messages from offset 2 to 2 were damaged and are skipped",
    );
    assert!(text.contains("four") && !text.contains("Y0201"), "{text}");
    check(project, &["topics", "--format", "json"], 0, "\"skipped\"");
    let text = check(project, &["run", "--until-idle"], 0, "load");
    assert!(text.contains("are skipped") && text.contains("2 to 2"), "each start says so: {text}");
}

#[test]
fn a_table_larger_than_a_page_is_shown_as_far_as_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path(), "orders", "upsert: sales");
    let rows = (0..300).map(|n| format!("{n}{},1\n", "x".repeat(50_000))).collect::<String>();
    std::fs::write(folder.path().join("day.csv"), format!("store,amount\n{rows}")).unwrap();
    check(folder.path(), &["run", "--until-idle", "--listen", "127.0.0.1:0", "--dev"], 0, "FLOW");
    let lines = |limit: &str| {
        let shown = check(folder.path(), &["tables", "sales", "--format", "jsonl", "--limit", limit], 0, "");
        shown.lines().filter(|line| line.starts_with('{')).count()
    };
    assert_eq!((lines("250"), lines("1000")), (250, 300), "a page ends at 8 MiB");
}

#[test]
fn a_key_is_made_with_the_hash_that_the_project_takes() {
    let folder = starter();
    let project = folder.path().join("p");
    let made = check(&project, &["key", "make"], 0, "hash: \"sha256:");
    let field = |name: &str| {
        let line = made.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_matches('"').to_owned()
    };
    let (key, hash) = (field("key:"), field("hash:"));
    assert!(key.starts_with("tenon_") && !check(&project, &["key", "make"], 0, "key:").contains(&key));
    let typed = |arguments: &[&str], text: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tenon"))
            .args(arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, shown) = typed(&["key", "make", "--stdin"], &format!("{key}\n"));
    assert_eq!((code, shown.trim()), (Some(0), format!("hash: \"{hash}\"").as_str()));
    assert_eq!(typed(&["key", "make", "--stdin"], "short\n").0, Some(1));
    let (code, shown) = typed(&["key", "password"], "correct horse\n");
    assert!(code == Some(0) && shown.starts_with("hash: \"$2y$12$"), "{shown}");
    assert_eq!(typed(&["key", "password"], "two\nlines\n").0, Some(2));
    let main = std::fs::read_to_string(project.join("tenon.yaml")).unwrap();
    assert!(main.contains("${secret:READER_KEY}"), "{main}");
    let hashed = main.replace("key: \"${secret:READER_KEY}\"", &format!("hash: \"{hash}\", owner: ann"));
    std::fs::write(project.join("tenon.yaml"), hashed).unwrap();
    check(&project, &["key", "list"], 0, "ann");
    check(&project, &["key", "list"], 0, "does not run");
}

#[test]
fn a_ban_is_kept_for_the_next_start_and_a_token_is_for_development() {
    let folder = starter();
    let project = folder.path().join("p");
    check(&project, &["ban", "list"], 0, "nobody is banned");
    check(&project, &["ban", "add"], 2, "--principal");
    check(&project, &["ban", "add", "--address", "10.0.0.1/8"], 1, "S0107");
    check(
        &project,
        &["ban", "add", "--credential", "reader", "--for", "1h", "--reason", "leaked"],
        0,
        "next start",
    );
    check(&project, &["ban", "list"], 0, "credential  reader");
    check(&project, &["ban", "lift", "--credential", "raeder"], 1, "as before");
    check(&project, &["ban", "lift", "--credential", "reader"], 0, "admitted again");
    check(&project, &["token", "--scope", "read"], 2, "for development alone");
    check(&project, &["token", "--dev", "--scope", "read"], 2, "add `auth.jwt` to an API");
}
