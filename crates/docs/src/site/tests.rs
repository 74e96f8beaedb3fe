//! The site of the example project.

use std::collections::BTreeSet;

use crate::{
    files::{File, Medium, files, graphql_schema},
    testing::{flights, project},
};

const ASKING: &str = "project: shop\nsystems:\n  crm: { http: { url: \"http://127.0.0.1:1\", operations: { submit: \
                      { request: POST /orders, input: order, output: order } } } }\napis:\n  shop:\n    auth: none\n    \
                      expose: { rest: /v1 }\n    operations:\n      submit: { rest: POST /orders, call: crm.submit }\n";
const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id"], "properties": { "id": { "type": "string" } } }"#;

fn exported() -> Vec<File> {
    let plan = flights();
    let mut files = files(&plan, Medium::Exported);
    files.extend(graphql_schema(&plan.apis[0], "type Query".to_owned()));
    files
}

/// The values of an attribute in HTML.
fn attributes<'h>(html: &'h str, name: &str) -> impl Iterator<Item = &'h str> {
    let start = format!(" {name}=\"");
    html.match_indices(&start)
        .map(|(at, _)| &html[at + start.len()..])
        .filter_map(|rest| rest.split('"').next())
        .collect::<Vec<_>>()
        .into_iter()
}

#[test]
fn every_link_of_the_exported_site_leads_somewhere_in_it() {
    let files = exported();
    let paths: BTreeSet<_> = files.iter().map(|file| file.path.as_str()).collect();
    for file in files.iter().filter(|file| file.path.ends_with(".html")) {
        let anchors: Vec<_> = attributes(&file.content, "id").collect();
        assert_eq!(anchors.iter().collect::<BTreeSet<_>>().len(), anchors.len(), "an id is there twice");
        for link in attributes(&file.content, "href").filter(|link| !link.starts_with("data:")) {
            let target = match link.strip_prefix('#') {
                Some(anchor) => {
                    assert!(anchors.contains(&anchor), "{}: {link}", file.path);
                    continue;
                }
                None if file.path.starts_with("problems/") => link.strip_prefix("../").unwrap_or(link),
                None => link,
            };
            assert!(link.contains("://") || paths.contains(target), "{}: {link}", file.path);
        }
    }
    assert!(paths.contains("graphql/schema.graphql"));
}

#[test]
fn files_are_served_where_problems_lead() {
    let files = files(&flights(), Medium::Served);
    let routes: BTreeSet<_> = files.iter().map(File::route).collect();
    for route in ["/docs", "/openapi.json", "/problems/A0104"] {
        assert!(routes.contains(route), "{route}");
    }
    assert!(
        files[0].content.contains("href=\"metrics\"") && !exported()[0].content.contains("href=\"metrics\"")
    );
}

#[test]
fn the_site_says_what_the_project_says() {
    let page = &exported()[0].content;
    for text in [
        "<dt>Kept</dt><dd>400d</dd>",
        "<code>1:lookup</code> the row of <a href=\"#table-airlines\">airlines</a>",
        // Through the `let` step: the day comes from the message and the airport's row.
        "<td><code>day</code></td><td><code>flight_row.time_hour</code>, <a href=\"#table-airports\">airports</a><code>.timezone</code></td>",
        "<td><code>airline</code></td><td><a href=\"#table-airlines\">airlines</a><code>.name</code></td>",
        "<td><code>status</code></td><td>a constant</td>",
        "Lineage of <code>1:aggregate</code>",
        "<code>carrier</code> → <a href=\"#table-airlines\">airlines</a> (<code>carrier</code>)",
        "curl --globoff &#39;http://127.0.0.1:8080/v1/flights/{id}&#39;",
        "<main id=\"main\"><h1>flights</h1>",
        "200 calls in 1s for each client",
        "id=\"using-authentication\"",
        "id=\"using-graphql\"",
        "rel=\"icon\"",
        "id=\"search\"",
        "<title>flow load-airlines</title>",
        "table airports is looked up by flow",
        "<code>sort=-",
    ] {
        assert!(page.contains(text), "{text}");
    }
    for text in ["..</p>", "<th></th>", "<th scope=\"col\"></th>", "34560000s", "href=\"/"] {
        assert!(!page.contains(text), "{text}");
    }
    assert_eq!(
        page.matches("<table>").count(),
        page.matches("class=\"wide\"").count() + page.matches("<h3>Filters").count()
    );
}

#[test]
fn an_aggregate_is_shown_as_the_project_says_it() {
    let number = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "n"], "properties": {
        "id": { "type": "string" }, "n": { "type": "integer" } } }"#;
    let plan = project(&[
        (
            "tenon.yaml",
            "project: p\nsystems:\n  files: { files: {} }\n  db: { sql: { url: \"sqlite://p.db\" } }\n\
             tables:\n  sums: { in: db, contract: row, key: id }\n\
             flows:\n  add:\n    from: { file: { in: files, path: a.jsonl, format: jsonl, contract: row } }\n    steps:\n\
             \x20     - aggregate: { into: sums, key: { id: row.id }, fields: { n: { count: true } } }\n",
        ),
        ("contracts/row/1.json", number),
    ]);
    let page = &files(&plan, Medium::Exported)[0].content;
    assert!(page.contains("<code>count: true</code>") && !page.contains("(true) ? 1 : 0"));
}

#[test]
fn lineage_says_what_comes_from_the_clock_the_caller_and_from_nowhere() {
    let contract = r#"{ "type": "object", "additionalProperties": false, "properties": {
        "id": { "type": "string", "format": "uuid" }, "at": { "type": "string", "format": "date-time" },
        "who": { "type": "string" }, "day": { "type": "string" }, "state": { "type": "string" },
        "copy": { "type": "string" }, "text": { "type": "string" } } }"#;
    let flow = r#"project: notes
systems: { bus: { broker: { url: embedded } } }
topics: { notes: { in: bus, contract: note } }
apis:
  notes:
    auth: { api_keys: { app: { key: "${secret:APP}", scopes: [write] } } }
    expose: { rest: /v1 }
    operations: { add: { rest: POST /notes, input: note, output: note, flow: add, scope: write } }
flows:
  add:
    steps:
      - let: { time: now(), day: "string(time)", kind: "'open'" }
      - map: { to: note, fields: { id: uuid7(), at: now(), who: caller.subject, day: day, state: { value: new }, copy: kind, text: "note.?text.orValue('')" } }
      - publish: notes
    reply: { id: note.id }
"#;
    let plan = project(&[("tenon.yaml", flow), ("contracts/note/1.json", contract)]);
    let page = &files(&plan, Medium::Exported)[0].content;
    for (field, from) in [
        ("id", "a new id"),
        ("at", "the clock"),
        ("who", "the caller: <code>subject</code>"),
        ("day", "the clock"),
        ("state", "a constant"),
        ("copy", "<code>&#39;open&#39;</code>"),
        ("text", "<code>note.text</code>"),
    ] {
        let row = format!("<td><code>{field}</code></td><td>{from}</td>");
        assert!(page.contains(&row), "{row}");
    }
}

#[test]
fn an_operation_of_another_system_is_shown_with_what_it_takes_and_where_that_goes() {
    let plan = project(&[("tenon.yaml", ASKING), ("contracts/order/1.json", ORDER)]);
    let files = files(&plan, Medium::Exported);
    let page = &files.iter().find(|file| file.path == "index.html").unwrap().content;
    for part in [
        "<dt>Asks</dt><dd><code>crm.submit</code></dd>",
        "Asks the operation crm.submit.",
        "href=\"#contract-crm.submit.request-1\"",
        "id=\"contract-crm.submit.request-1\"",
        "id=\"contract-crm.submit.reply-1\"",
        "Lineage of <code>1:call</code>",
        "the answer of <code>crm.submit</code>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("flow-shop.submit"), "it is no flow of the project");
}

#[test]
fn what_is_served_as_soap_says_where_and_how_it_is_called() {
    let text = ASKING
        .replace("rest: /v1 }", "rest: /v1, soap: /soap }")
        .replace("{ rest: POST /orders,", "{ soap: Submit,");
    let plan = project(&[("tenon.yaml", &text), ("contracts/order/1.json", ORDER)]);
    let page = &files(&plan, Medium::Served)[0].content;
    let line =
        "<b class=\"method SOAP\">SOAP</b> <code>/soap</code> <code>Submit</code> (SOAP 1.1, SOAP 1.2)";
    assert!(page.contains(line), "{page}");
    assert!(page.contains("<a href=\"soap?wsdl\">WSDL of shop</a>"), "{page}");
    assert!(!files(&plan, Medium::Exported)[0].content.contains("?wsdl"));
}
