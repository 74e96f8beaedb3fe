//! `tenon docs export`: OpenAPI, GraphQL schema and the site as files.

use std::{fs, path::Path};

use tenon_docs::files::{Medium, files, graphql_schema};
use tenon_errors::{Report, Reports, catalogue::engine::IO_FAILED, counted};

use super::{plan, serving_nothing};
use crate::{
    args::Docs,
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(docs: Docs, output: &Output) -> Result<Exit, Reports> {
    let Docs::Export { folder, project } = docs;
    let options = serving_nothing(project.into());
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let mut files = files(&plan, Medium::Exported);
    for api in &plan.apis {
        if let Some(schema) = tenon_api::graphql_schema(&plan, api)? {
            files.extend(graphql_schema(api, schema));
        }
    }
    for file in &files {
        write(&folder, &file.path, &file.content)?;
    }
    output.line(format!("wrote {} to {}", counted(files.len(), "file"), folder.display()));
    Ok(SUCCESS)
}

fn write(folder: &Path, name: &str, content: &str) -> Result<(), Report> {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap_or(folder))
        .and_then(|()| fs::write(&path, content))
        .map_err(|error| Report::new(&IO_FAILED, format!("`{}` cannot be written: {error}", path.display())))
}
