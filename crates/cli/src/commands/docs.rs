//! `tenon docs export`: OpenAPI, GraphQL schema and the site as files.

use std::{fs, path::Path};

use tenon_errors::{Report, Reports, catalogue::engine::IO_FAILED};

use super::{options, plan};
use crate::{
    args::Docs,
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(docs: Docs, output: &Output) -> Result<Exit, Reports> {
    let Docs::Export { folder, project } = docs;
    let options = options(project.into());
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let mut files = vec![
        ("index.html".to_owned(), tenon_docs::site::page(&plan)),
        ("openapi.json".to_owned(), pretty(&tenon_docs::openapi::document(&plan))),
    ];
    for api in &plan.apis {
        if let Some(schema) = tenon_api::graphql_schema(&plan, api)? {
            files.push((format!("{}.graphql", api.name), schema));
        }
    }
    for (name, content) in files {
        write(&folder, &name, &content)?;
        output.line(folder.join(name).display().to_string());
    }
    Ok(SUCCESS)
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn write(folder: &Path, name: &str, content: &str) -> Result<(), Report> {
    let path = folder.join(name);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, content))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display())))
}
