//! Paths that go up and down again: what they mean, and where they may not lead.

use tenon_plan::Input;

use crate::support;

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": { "id": { "$ref": "../../contracts/order/../id/1.json" } } }"#;
const ID: &str = r#"{ "type": "string" }"#;

/// The compiled project whose paths are these.
fn check(folder: &str, file: &str, database: &str, certificate: &str) -> tenon_plan::Outcome {
    let project = format!(
        "project: shop
server: {{ listen: \"127.0.0.1:0\", tls: {{ certificate: {certificate}, key: tls/key.pem }} }}
systems:
  files: {{ files: {{ folder: {folder} }} }}
  db: {{ sql: {{ url: \"sqlite://{database}\" }} }}
tables:
  orders: {{ in: db, contract: order, key: id }}
flows:
  load:
    from: {{ file: {{ in: files, path: {file}, contract: order }} }}
    steps: [{{ upsert: orders }}]
"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("contracts/order/1.json", ORDER),
        ("contracts/id/1.json", ID),
        ("data/day/orders.csv", "id\n1\n"),
        ("tls/cert.pem", ""),
        ("tls/key.pem", ""),
    ];
    support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec())
}

#[test]
fn a_path_that_comes_back_is_the_file_that_it_leads_to() {
    for (folder, file) in [
        ("data", "day/orders.csv"),
        ("data/day/..", "day/../day/orders.csv"),
        ("other/../data/day", "x/../orders.csv"),
        ("x/..", "data/x/../day/orders.csv"),
    ] {
        let plan = check(folder, file, "sub/../shop.db", "tls/x/../cert.pem").plan;
        let plan = plan.unwrap_or_else(|reports| panic!("{folder} {file}: {reports:?}"));
        let Input::File(input) = &plan.flows[0].input else { panic!("a file") };
        assert_eq!(input.shown(), "data/day/orders.csv", "{folder} {file}");
        assert_eq!(plan.systems["db"].location, "shop.db");
    }
}

#[test]
fn a_path_that_leads_out_is_refused() {
    let good = ["data", "day/orders.csv", "shop.db", "tls/cert.pem"];
    for bad in ["../x", "a/../../x", "data/../../data", "/x"] {
        for at in 0..good.len() {
            let mut paths = good;
            paths[at] = bad;
            let outcome = check(paths[0], paths[1], paths[2], paths[3]);
            let codes = outcome.plan.unwrap_err().iter().map(|it| it.code().id).collect::<Vec<_>>();
            assert!(codes.contains(&"P0005"), "{paths:?}: {codes:?}");
        }
    }
    // What Tenon keeps for itself stays its own.
    let codes = check("data", "day/orders.csv", "x/../tenon.db", "tls/cert.pem").plan.unwrap_err();
    assert_eq!(codes.iter().map(|it| it.code().id).collect::<Vec<_>>(), ["P0104"]);
}

#[test]
fn a_reference_of_a_contract_does_not_leave_the_project() {
    for reference in
        ["../../../contracts/id/1.json", "../../../../../contracts/id/1.json", "/contracts/id/1.json"]
    {
        let order = ORDER.replace("../../contracts/order/../id/1.json", reference);
        let files = [
            ("tenon.yaml", "project: shop\n"),
            ("contracts/order/1.json", order.as_str()),
            ("contracts/id/1.json", ID),
        ];
        let outcome =
            support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec());
        assert!(outcome.plan.is_err(), "{reference}");
    }
}
