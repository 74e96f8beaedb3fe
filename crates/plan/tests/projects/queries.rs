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
        accepted(contract, asked, expected);
    }
}

#[test]
fn a_table_is_not_sorted_by_periods() {
    let contract = r#"{ "type": "object", "required": ["id", "term"], "additionalProperties": false, "properties": {
        "id": { "type": "string" }, "term": { "type": "string", "format": "period" },
        "starts": { "type": "string", "format": "date-time-local" } } }"#;
    for (asked, expected) in [
        ("filter: [term, starts], sort: [starts]", None),
        ("sort: [term]", Some("`term` is a period, whose months have 28 to 31 days, and has no order")),
    ] {
        accepted(contract, asked, expected);
    }
}

/// That `check` accepts a list that is `asked` so, or says `expected` words of it.
#[track_caller]
fn accepted(contract: &str, asked: &str, expected: Option<&str>) {
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
