//! The documentation site of a project: one HTML page without outside resources, so that it works offline, and a page for
//! each code.

mod contracts;
mod flows;
mod lineage;
mod operations;
mod picture;
mod stores;
#[cfg(test)]
mod tests;
mod usage;

use tenon_errors::Code;
use tenon_model::ContractRef;
use tenon_plan::Plan;

use crate::{explain, files::Medium, html::escape};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

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

/// The whole site as one HTML document, as it is read in `medium`.
#[must_use]
pub fn page(plan: &Plan, medium: Medium) -> String {
    let sections = [
        picture::section(plan),
        usage::section(plan),
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
    let links = links(plan, medium);
    shell(
        &title,
        &format!(
            "<main id=\"main\"><h1>{title}</h1>\
             <p class=\"find\" hidden><label for=\"search\">Search</label> <input id=\"search\" type=\"search\" \
             placeholder=\"a field, a path, a code ( / )\"> <output id=\"found\" for=\"search\"></output> \
             <a class=\"contents\" href=\"#contents\">Contents</a></p>{body}</main>\
             <nav id=\"contents\" aria-label=\"Contents\"><p class=\"title\">{title}</p>{links}{navigation}</nav>\
             <script>{SCRIPT}</script>"
        ),
    )
}

/// The page of a code.
#[must_use]
pub fn code_page(code: &Code, medium: Medium) -> String {
    let back = match medium {
        Medium::Served => "../docs",
        Medium::Exported => "../index.html",
    };
    let text = crate::html::markdown(&explain::markdown(code));
    let body = format!(
        "<main id=\"main\" class=\"single\"><p><a href=\"{back}\">All documentation</a></p>{text}</main>"
    );
    shell(&escape(&format!("{} {}", code.id, code.name)), &body)
}

fn shell(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\
         <a class=\"skip\" href=\"#main\">Skip to the content</a>{body}</body></html>\n"
    )
}

/// What is beside this page. Links are relative, so that they work below any path and from a folder.
fn links(plan: &Plan, medium: Medium) -> String {
    let mut links = vec![("openapi.json".to_owned(), "OpenAPI 3.1".to_owned())];
    let schemas: Vec<_> = plan.apis.iter().filter(|api| api.graphql.is_some()).collect();
    for api in &schemas {
        let name = if schemas.len() > 1 {
            format!("GraphQL schema of {}", api.name)
        } else {
            "GraphQL schema".to_owned()
        };
        links.extend(crate::files::schema_path(api).map(|path| (path, name)));
    }
    if medium == Medium::Served {
        let services = plan.apis.iter().filter_map(|api| api.grpc.as_ref());
        links.extend(services.map(|grpc| (format!("{}.proto", grpc.service), grpc.service.to_string())));
        let described = plan.apis.iter().filter_map(|api| Some((api, api.soap.as_ref()?)));
        for (api, soap) in described.filter(|(_, soap)| soap.described.is_some()) {
            let path = format!("{}?wsdl", soap.path.trim_start_matches('/'));
            links.push((path, format!("WSDL of {}", api.name)));
        }
        links.push(("metrics".to_owned(), "Metrics".to_owned()));
        links.push(("readyz".to_owned(), "Health".to_owned()));
    }
    let items: String = links
        .iter()
        .map(|(path, name)| format!("<a href=\"{}\">{}</a>", escape(path), escape(name)))
        .collect();
    format!("<p class=\"links\">{items}</p>")
}

fn navigation(section: &Section) -> String {
    let entries: String = section
        .entries
        .iter()
        .map(|entry| format!("<li><a href=\"#{}\">{}</a></li>", escape(&entry.anchor), escape(&entry.name)))
        .collect();
    format!("<p class=\"part\"><a href=\"#{}\">{}</a></p><ul>{entries}</ul>", section.anchor, section.title)
}

fn render(section: &Section) -> String {
    let entries: String = section
        .entries
        .iter()
        .map(|entry| format!("<article id=\"{}\">{}</article>", escape(&entry.anchor), entry.body))
        .collect();
    format!("<section id=\"{}\"><h2>{}</h2>{entries}</section>", section.anchor, section.title)
}

/// A table of cells that are HTML. It scrolls by itself where it is wider than the screen, also by keyboard.
fn table<const N: usize>(label: &str, heads: &[&str; N], rows: &[[String; N]]) -> String {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    let rows: String = rows
        .iter()
        .map(|row| {
            let cells: String = row.iter().map(|cell| format!("<td>{cell}</td>")).collect();
            format!("<tr>{cells}</tr>")
        })
        .collect();
    format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table><thead><tr>{heads}</tr></thead>\
         <tbody>{rows}</tbody></table></div>",
        escape(label)
    )
}

/// A link to a documented thing: a table, a topic, a flow.
fn anchored(kind: &str, name: &str) -> String {
    format!("<a href=\"#{kind}-{0}\">{0}</a>", escape(name))
}

/// A link to a version of a contract.
fn contract_link(reference: &ContractRef) -> String {
    format!(
        "<a href=\"#{}\"><code>{}</code></a>",
        escape(&contract_anchor(reference)),
        escape(&reference.name)
    )
}

fn contract_anchor(reference: &ContractRef) -> String {
    format!("contract-{}-{}", reference.name, reference.version)
}
