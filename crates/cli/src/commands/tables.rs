//! `tenon tables`: how much tables hold, and their rows.

use serde_json::{Value, json};
use tenon_contracts::json;
use tenon_engine::inspect;
use tenon_errors::Reports;
use tenon_ports::Query;

use super::{options, plan, runtime};
use crate::{
    args::Project,
    exit::{Exit, SUCCESS},
    output::{Output, columns},
};

pub fn run(table: Option<&str>, limit: usize, project: Project, output: &Output) -> Result<Exit, Reports> {
    let options = options(project);
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let runtime = runtime()?;
    if let Some(name) = table {
        let table = inspect::find(&plan.tables, name, "table")?;
        let database = runtime.block_on(inspect::database(table, &options))?;
        let query = Query { limit, ..Query::default() };
        let page = runtime.block_on(database.list(&table.name, query))?;
        output.entries(&page.rows.iter().map(json::to_string).collect::<Vec<_>>());
        return Ok(SUCCESS);
    }
    let mut rows =
        vec![vec!["TABLE".to_owned(), "ROWS".to_owned(), "CONTRACT".to_owned(), "SYSTEM".to_owned()]];
    for table in plan.tables.values() {
        let database = runtime.block_on(inspect::database(table, &options))?;
        let count = runtime.block_on(database.count(&table.name))?;
        rows.push(vec![
            table.name.to_string(),
            count.to_string(),
            table.contract.reference.to_string(),
            table.system.name.to_string(),
        ]);
    }
    if output.is_json() {
        let object = |row: &Vec<String>| json!({ "table": row[0], "rows": row[1].parse::<u64>().ok(), "contract": row[2], "system": row[3] });
        output.json(&rows.iter().skip(1).map(object).collect::<Value>());
    } else {
        output.line(columns(&rows));
    }
    Ok(SUCCESS)
}
