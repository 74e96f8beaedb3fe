//! `tenon contract infer`: a contract that data speaks for.

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use tenon_errors::{
    Place, Report,
    catalogue::{data::BAD_JSON, engine::BAD_USAGE},
    counted,
};

use super::{
    Problems,
    args::DataFormat,
    data::{self, Data},
    seen::Seen,
};
use crate::{
    exit::{Exit, SUCCESS},
    output::{Output, columns},
};

pub fn run(
    paths: &[PathBuf],
    enums: bool,
    format: Option<DataFormat>,
    output: &Output,
) -> Result<Exit, Problems> {
    let mut seen = Seen::default();
    for data in data::all(paths, format)? {
        look(&data, &mut seen)?;
    }
    if seen.count == 0 {
        let report = Report::new(&BAD_USAGE, "there is no value in the data");
        return Err(report.hint("name files that hold at least one value").into());
    }
    let mut schema = seen.schema(enums);
    if let Some(object) = schema.as_object_mut() {
        object.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    }
    let mut rows = vec![["PATH", "SEEN", "NULL", "KINDS", "REMARKS"].map(str::to_owned).to_vec()];
    seen.told("", &mut rows);
    if output.is_json() {
        let (_, places) = rows.split_at(1);
        let place = |row: &Vec<String>| json!({ "path": row[0], "seen": row[1].parse::<u64>().ok(), "null": row[2].parse::<u64>().ok(), "kinds": row[3], "remarks": row[4] });
        output.json(&json!({ "schema": schema, "seen": places.iter().map(place).collect::<Json>() }));
        return Ok(SUCCESS);
    }
    output.line(format!("{schema:#}"));
    output.note(format!(
        "{} seen in {}\n{}",
        counted(seen.count, "value"),
        counted(paths.len(), "file"),
        columns(&rows)
    ));
    Ok(SUCCESS)
}

fn look(data: &Data, seen: &mut Seen) -> Result<(), Report> {
    let records = data.records();
    if data.format != DataFormat::Csv {
        for record in records {
            let value: Json = serde_json::from_slice(record.bytes).map_err(|error| {
                let place =
                    Place { line: line(record.line, error.line()), ..Place::file(data.name.as_str()) };
                Report::new(&BAD_JSON, format!("it is not JSON: {error}")).at(place)
            })?;
            match value {
                // A document that is a list holds the values.
                Json::Array(values) if data.format == DataFormat::Json => {
                    values.iter().for_each(|it| seen.add(it));
                }
                value => seen.add(&value),
            }
        }
        return Ok(());
    }
    let Some((header, rows)) = records.split_first() else { return Ok(()) };
    let names = data::cells(header.bytes)?;
    for row in rows {
        let place = Place { line: line(row.line, 1), ..Place::file(data.name.as_str()) };
        let cells = data::cells(row.bytes).map_err(|report| report.at(place))?;
        seen.add_row();
        for (name, cell) in names.iter().zip(&cells) {
            // An empty cell is an absent field, as where rows are read.
            let field = seen.field(name);
            if !cell.is_empty() {
                field.add_cell(cell);
            }
        }
    }
    Ok(())
}

fn line(start: usize, within: usize) -> u32 {
    u32::try_from(start + within.saturating_sub(1)).unwrap_or(u32::MAX)
}
