//! Every file of a project's documentation: what a server shows beside the APIs, and what is exported to a folder.

use tenon_errors::catalogue;
use tenon_plan::{Api, Plan};

use crate::{openapi, site};

/// Where the documentation is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// From the server of the project, with live pages beside it.
    Served,
    /// From a folder.
    Exported,
}

/// A page or specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it lies in a folder, relative: `problems/D0001.html`.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub content: String,
}

impl File {
    /// Where a server has it: `/problems/D0001`, `/docs` for the site itself.
    #[must_use]
    pub fn route(&self) -> String {
        match self.path.strip_suffix(".html") {
            Some("index") => "/docs".to_owned(),
            Some(page) => format!("/{page}"),
            None => format!("/{}", self.path),
        }
    }
}

const HTML: &str = "text/html; charset=utf-8";

/// The site, the OpenAPI description and the pages of the codes. The links between them, and to the GraphQL schemas
/// ([`graphql_schema`]), are relative.
#[must_use]
pub fn files(plan: &Plan, medium: Medium) -> Vec<File> {
    let file = |path: &str, media_type, content| File { path: path.to_owned(), media_type, content };
    let document = openapi::document(plan);
    let openapi = match medium {
        Medium::Served => document.to_string(),
        Medium::Exported => serde_json::to_string_pretty(&document).unwrap_or_default() + "\n",
    };
    let mut files = vec![
        file("index.html", HTML, site::page(plan, medium)),
        file("openapi.json", "application/json", openapi),
    ];
    let codes = catalogue::all();
    files.extend(
        codes.map(|code| file(&format!("problems/{}.html", code.id), HTML, site::code_page(code, medium))),
    );
    files
}

/// The file of the GraphQL schema of `api`, whose text is `sdl`; `None` if it is not served as GraphQL.
#[must_use]
pub fn graphql_schema(api: &Api, sdl: String) -> Option<File> {
    Some(File { path: schema_path(api)?, media_type: "text/plain; charset=utf-8", content: sdl })
}

/// Where the GraphQL schema of `api` is, relative to the site.
pub(crate) fn schema_path(api: &Api) -> Option<String> {
    let path = api.graphql.as_ref()?.path.trim_matches('/');
    Some(if path.is_empty() { "schema.graphql".to_owned() } else { format!("{path}/schema.graphql") })
}
