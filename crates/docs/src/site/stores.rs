//! Where data rests: tables and topics.

use tenon_contracts::sql::Dialect;
use tenon_plan::{Plan, Reference, Table, Topic};

use super::{Entry, Section, anchored, contract_link};
use crate::{html::escape, units};

pub(super) fn tables(plan: &Plan) -> Section {
    let entries = plan.tables.values().map(|table| entry(plan, table)).collect();
    Section { anchor: "tables", title: "Tables", entries }
}

fn entry(plan: &Plan, table: &Table) -> Entry {
    let key = table.schema.key.iter().map(|at| code(&table.schema.columns[*at].name));
    let mut body = format!(
        "<h3>{}</h3><p>In {}, rows follow {}.</p><dl><dt>Key</dt><dd>{}</dd>",
        escape(&table.name),
        escape(&table.system.name),
        contract_link(&table.contract.reference),
        key.collect::<Vec<_>>().join(" "),
    );
    for reference in &table.references {
        body += &format!("<dt>{}</dt><dd>{}</dd>", escape(&reference.name), leads(plan, reference));
    }
    let ddl = table.schema.ddl(Dialect::Sqlite).join(";\n");
    body +=
        &format!("</dl><details><summary>DDL</summary><pre tabindex=\"0\">{}</pre></details>", escape(&ddl));
    Entry { anchor: format!("table-{}", table.name), name: table.name.to_string(), body }
}

/// The columns that hold the key of another table, and that table with its key.
fn leads(plan: &Plan, reference: &Reference) -> String {
    let own: Vec<_> = reference.columns.iter().map(|column| code(column)).collect();
    let key: Vec<_> = plan.tables.get(&reference.table).map_or(Vec::new(), |table| {
        table.schema.key.iter().map(|at| code(&table.schema.columns[*at].name)).collect()
    });
    format!("{} → {} ({})", own.join(" "), anchored("table", &reference.table), key.join(" "))
}

pub(super) fn topics(plan: &Plan) -> Section {
    let entries = plan
        .topics
        .values()
        .map(|topic| {
            let key = topic.key.as_ref().map_or("none".to_owned(), |key| code(key.text()));
            let body = format!(
                "<h3>{}</h3><p>In {}, messages follow {}.</p><dl><dt>Key</dt><dd>{key}</dd><dt>Encoding</dt><dd>{}</dd><dt>Kept</dt><dd>{}</dd></dl>",
                escape(&topic.name),
                escape(&topic.system.name),
                contract_link(&topic.contract.reference),
                escape(topic.writer.encoding().name),
                kept(topic),
            );
            Entry { anchor: format!("topic-{}", topic.name), name: topic.name.to_string(), body }
        })
        .collect();
    Section { anchor: "topics", title: "Topics", entries }
}

fn kept(topic: &Topic) -> String {
    let age = topic.retention.age.map(units::duration);
    let size = topic.retention.size.map(|size| format!("at most {}", units::size(size)));
    match [age, size].into_iter().flatten().collect::<Vec<_>>().as_slice() {
        [] => "without a limit".to_owned(),
        limits => limits.join(", "),
    }
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}
