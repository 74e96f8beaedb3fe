//! `tenon tables`: how much tables hold, and their rows.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenon_contracts::{json, text};
use tenon_engine::inspect;
use tenon_errors::{Report, Reports, catalogue::engine::BAD_USAGE, counted, nearest, render};
use tenon_plan::Table;
use tenon_ports::{Database, Filter, Page, Predicate, Query};

use super::{plan, runtime, serving_nothing};
use crate::{
    args::{Format, Project},
    exit::{self, Exit, SUCCESS},
    grid,
    output::{Output, columns},
};

/// The rows of one table.
pub fn rows(
    name: &str,
    conditions: &[String],
    limit: usize,
    project: Project,
    output: &Output,
) -> Result<Exit, Reports> {
    let options = serving_nothing(project);
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let table = inspect::find(&plan.tables, name, "table")?;
    let filters: Vec<_> =
        conditions.iter().map(|condition| filter(table, condition)).collect::<Result<_, _>>()?;
    let is_filtered = !filters.is_empty();
    let runtime = runtime()?;
    let database = runtime.block_on(inspect::database(table, &options))?;
    let page = runtime.block_on(listed(database.as_ref(), table, limit, filters))?;
    let columns: Vec<&str> = table.schema.columns.iter().map(|column| column.name.as_str()).collect();
    match output.format() {
        Format::Text => {
            let (text, cut) = grid::text(&columns, &page.rows, grid::width_of_cells());
            output.line(text);
            if cut > 0 {
                output.note(format!(
                    "{} cut; --format json, jsonl and csv have them whole",
                    counted(cut, "cell")
                ));
            }
        }
        Format::Csv => output.line(grid::csv(&columns, &page.rows)),
        Format::Json | Format::Jsonl => {
            output.entries(&page.rows.iter().map(json::to_string).collect::<Vec<_>>());
        }
    }
    if page.next.is_some() {
        let shown = page.rows.len();
        let total = if is_filtered {
            "more".to_owned()
        } else {
            runtime.block_on(database.count(&table.name))?.to_string()
        };
        output.note(format!("{shown} of {total} shown; see --limit and --where"));
    }
    Ok(SUCCESS)
}

/// The first `limit` rows: of a large table they are several pages.
async fn listed(
    database: &dyn Database,
    table: &Table,
    limit: usize,
    filters: Vec<Filter>,
) -> Result<Page, Report> {
    let mut query = Query { limit, filters, ..Query::default() };
    let mut page = database.list(&table.name, query.clone()).await?;
    while page.rows.len() < limit
        && let Some(after) = page.next.take()
    {
        (query.limit, query.after) = (limit - page.rows.len(), Some(after));
        let next = database.list(&table.name, query.clone()).await?;
        page.rows.extend(next.rows);
        page.next = next.next;
    }
    Ok(page)
}

/// Reads `column=value`, the value as its contract has it.
fn filter(table: &Table, condition: &str) -> Result<Filter, Report> {
    let Some((name, value)) = condition.split_once('=') else {
        let report = Report::new(&BAD_USAGE, format!("`{condition}` is not a condition"));
        return Err(report.hint("write `--where COLUMN=VALUE`"));
    };
    let Some(column) = table.schema.columns.iter().find(|column| column.name == name) else {
        let known: Vec<_> = table.schema.columns.iter().map(|column| column.name.as_str()).collect();
        let report = Report::new(&BAD_USAGE, format!("the table `{}` has no column `{name}`", table.name));
        return Err(match nearest(name, known.iter().copied()) {
            Some(meant) => report.hint(format!("write `{meant}`")),
            None => report.hint(format!("use one that exists: `{}`", known.join("`, `"))),
        });
    };
    let predicate = if value.is_empty() {
        Predicate::IsNull(true)
    } else {
        let read = text::scalar(value, &column.shape);
        Predicate::Equal(read.map_err(|report| {
            Report::new(&BAD_USAGE, format!("`{condition}` is not a condition: {}", report.message()))
                .hint(format!("write a value as the column has it: {}", column.shape.name()))
        })?)
    };
    Ok(Filter { column: column.name.clone(), predicate })
}

/// All tables.
pub fn run(project: Project, output: &Output) -> Result<Exit, Reports> {
    let options = serving_nothing(project);
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let runtime = runtime()?;
    let mut rows = vec![["TABLE", "ROWS", "CONTRACT", "SYSTEM"].map(str::to_owned).to_vec()];
    let (mut objects, mut failed, mut failures) = (Vec::new(), BTreeSet::new(), Reports::new());
    for table in plan.tables.values() {
        let count =
            runtime.block_on(async { inspect::database(table, &options).await?.count(&table.name).await });
        // One that cannot be read does not hide the others.
        let count = count.map_err(|report| {
            let (shown, problems) = (inspect::condition(&report), json!([render::json(&report)]));
            if failed.insert(table.system.name.clone()) {
                failures.push(report);
            }
            (shown, problems)
        });
        let (name, contract, system) = (&table.name, &table.contract.reference, &table.system.name);
        let mut object = json!({ "table": name.as_str(), "rows": count.as_ref().ok(), "contract": contract.to_string(), "system": system.as_str() });
        let shown = match count {
            Ok(count) => count.to_string(),
            Err((shown, problems)) => {
                object["problems"] = problems;
                shown
            }
        };
        objects.push(object);
        rows.push(vec![name.to_string(), shown, contract.to_string(), system.to_string()]);
    }
    if output.is_json() {
        // The problems stand with the tables that have them.
        output.json(&Value::Array(objects));
        return Ok(if failures.is_empty() { SUCCESS } else { exit::code_of(&failures) });
    }
    if plan.tables.is_empty() {
        output.line("no tables");
    } else {
        output.line(columns(&rows));
    }
    failures.finish(SUCCESS)
}
