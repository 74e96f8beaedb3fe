//! The documentation site of a project: one HTML page without outside resources, so that it works offline.

mod contracts;
mod flows;
mod operations;
mod stores;

use tenon_plan::Plan;

use crate::html::escape;

const STYLE: &str = include_str!("style.css");

/// A titled part of the page.
struct Section {
    anchor: &'static str,
    title: &'static str,
    entries: Vec<Entry>,
}

/// One documented thing, with the anchor that the navigation leads to.
struct Entry {
    anchor: String,
    name: String,
    body: String,
}

/// The whole site as one HTML document.
#[must_use]
pub fn page(plan: &Plan) -> String {
    let sections = [
        operations::section(plan),
        flows::section(plan),
        stores::tables(plan),
        stores::topics(plan),
        contracts::section(plan),
    ];
    let sections: Vec<_> = sections.into_iter().filter(|section| !section.entries.is_empty()).collect();
    let navigation: String = sections.iter().map(navigation).collect();
    let body: String = sections.iter().map(render).collect();
    let title = escape(&plan.name);
    shell(&title, &format!("<nav><h1>{title}</h1>{}{navigation}</nav><main>{body}</main>", links(plan)))
}

/// A page for one text, such as the explanation of a code.
#[must_use]
pub fn text_page(title: &str, markdown: &str) -> String {
    shell(&escape(title), &format!("<main class=\"single\">{}</main>", crate::html::markdown(markdown)))
}

fn shell(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
}

fn links(plan: &Plan) -> String {
    let mut links = vec![("/openapi.json".to_owned(), "OpenAPI 3.1")];
    for api in &plan.apis {
        if let Some(graphql) = &api.graphql {
            links.push((format!("{}/schema.graphql", graphql.path), "GraphQL schema"));
        }
    }
    links.push(("/metrics".to_owned(), "Metrics"));
    links.push(("/readyz".to_owned(), "Health"));
    let items: String =
        links.iter().map(|(path, name)| format!("<a href=\"{}\">{name}</a>", escape(path))).collect();
    format!("<p class=\"links\">{items}</p>")
}

fn navigation(section: &Section) -> String {
    let entries: String = section
        .entries
        .iter()
        .map(|entry| format!("<li><a href=\"#{}\">{}</a></li>", escape(&entry.anchor), escape(&entry.name)))
        .collect();
    format!("<h2><a href=\"#{}\">{}</a></h2><ul>{entries}</ul>", section.anchor, section.title)
}

fn render(section: &Section) -> String {
    let entries: String = section
        .entries
        .iter()
        .map(|entry| format!("<article id=\"{}\">{}</article>", escape(&entry.anchor), entry.body))
        .collect();
    format!("<section id=\"{}\"><h2>{}</h2>{entries}</section>", section.anchor, section.title)
}

/// A link to the newest version of a contract.
fn contract_link(name: &str) -> String {
    format!("<a href=\"#contract-{0}\"><code>{0}</code></a>", escape(name))
}
