//! Columns that a query could not name, or would name together with something else.

use crate::support;

#[test]
fn a_column_that_reads_as_something_else_in_a_query_is_refused() {
    let contract = r#"{ "type": "object", "required": ["id"], "additionalProperties": false, "properties": {
        "id": { "type": "string" }, "id[ne]": { "type": "string" }, "-id": { "type": "string" },
        "id,limit": { "type": "string" }, "limit": { "type": "integer" } } }"#;
    for (asked, expected) in [
        ("filter: [limit, -id, \"id,limit\"], sort: [limit, \"id[ne]\"]", None),
        ("filter: [\"id[ne]\"]", Some("what is in brackets")),
        ("sort: [\"-id\"]", Some("reverses its order")),
        ("sort: [\"id,limit\"]", Some("separated by commas")),
    ] {
        let project = format!(
            "project: p
systems: {{ db: {{ sql: {{ url: 'sqlite://p.db' }} }} }}
tables: {{ rows: {{ in: db, contract: row, key: id }} }}
apis:
  p:
    auth: none
    expose: {{ rest: /v1 }}
    operations: {{ rows: {{ rest: GET /rows, table: rows, {asked} }} }}
"
        );
        let files = [("tenon.yaml", project.as_str()), ("contracts/row/1.json", contract)];
        let outcome = support::check(files.map(|(path, text)| (path.to_owned(), text.into())).to_vec());
        let rendered = support::rendered(&outcome);
        match expected {
            None => assert!(outcome.plan.is_ok(), "{asked}: {rendered}"),
            Some(words) => assert!(outcome.plan.is_err() && rendered.contains(words), "{asked}: {rendered}"),
        }
    }
}
