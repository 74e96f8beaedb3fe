//! Where data rests: tables and topics.

use tenon_plan::Plan;

use super::{Entry, Section, contract_link};
use crate::html::escape;

pub(super) fn tables(plan: &Plan) -> Section {
    let entries = plan
        .tables
        .values()
        .map(|table| {
            let references: String = table
                .references
                .iter()
                .map(|reference| {
                    format!("<dt>{}</dt><dd><a href=\"#table-{1}\">{1}</a></dd>", escape(&reference.name), escape(&reference.table))
                })
                .collect();
            let ddl = table.schema.ddl(tenon_contracts::sql::Dialect::Sqlite).join(";\n");
            let body = format!(
                "<h3>{}</h3><p>In {}, rows follow {}.</p><dl>{references}</dl><details><summary>DDL</summary><pre>{}</pre></details>",
                escape(&table.name),
                escape(&table.system.name),
                contract_link(&table.contract.reference.name),
                escape(&ddl),
            );
            Entry { anchor: format!("table-{}", table.name), name: table.name.to_string(), body }
        })
        .collect();
    Section { anchor: "tables", title: "Tables", entries }
}

pub(super) fn topics(plan: &Plan) -> Section {
    let entries = plan
        .topics
        .values()
        .map(|topic| {
            let key = topic.key.as_ref().map_or("none".to_owned(), |key| format!("<code>{}</code>", escape(key.text())));
            let keep = topic.retention.age.map_or("forever".to_owned(), |age| format!("{age:?}"));
            let body = format!(
                "<h3>{}</h3><p>In {}, messages follow {}.</p><dl><dt>Key</dt><dd>{key}</dd><dt>Kept</dt><dd>{keep}</dd></dl>",
                escape(&topic.name),
                escape(&topic.system.name),
                contract_link(&topic.contract.reference.name),
            );
            Entry { anchor: format!("topic-{}", topic.name), name: topic.name.to_string(), body }
        })
        .collect();
    Section { anchor: "topics", title: "Topics", entries }
}
