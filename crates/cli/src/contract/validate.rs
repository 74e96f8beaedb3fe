//! `tenon contract validate`: data held against a contract.

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use tenon_contracts::{
    json::Decoder,
    text::{
        RowDecoder, RowRules,
        csv::{Cells, Dialect, split},
    },
};
use tenon_errors::{Report, Reports, counted, render};
use tenon_model::Shape;

use super::{
    Problems,
    args::DataFormat,
    data::{self, Data},
    open::open_one,
};
use crate::{
    exit::{Exit, FAILED, SUCCESS},
    output::Output,
};

/// A value that does not follow the contract.
struct Refused {
    file: String,
    line: usize,
    report: Report,
}

impl Refused {
    /// The violations, each for itself.
    fn violations(&self) -> &[Report] {
        match self.report.details() {
            [] => std::slice::from_ref(&self.report),
            details => details,
        }
    }
}

pub fn run(
    contract: &str,
    paths: &[PathBuf],
    format: Option<DataFormat>,
    output: &Output,
) -> Result<Exit, Problems> {
    let opened = open_one(contract)?;
    let (mut refused, mut count) = (Vec::new(), 0);
    for data in data::all(paths, format)? {
        count += judge(&data, &opened.definition.shape, &mut refused)?;
    }
    if output.is_json() {
        output.json(&refused.iter().flat_map(machine).collect());
    } else {
        for it in &refused {
            for violation in it.violations() {
                let at = violation.part().unwrap_or("the whole");
                output.line(format!(
                    "{}:{}: [{}] {at}: {}",
                    it.file,
                    it.line,
                    violation.code().id,
                    violation.message()
                ));
                violation.advice().into_iter().for_each(|hint| output.line(format!("  = help: {hint}")));
            }
        }
        let valid = count - refused.len();
        output.line(format!(
            "{} valid, {} refused by {}",
            counted(valid, "value"),
            refused.len(),
            opened.file
        ));
    }
    Ok(if refused.is_empty() { SUCCESS } else { FAILED })
}

fn machine(refused: &Refused) -> Vec<Json> {
    let of = |violation: &Report| json!({ "file": refused.file, "line": refused.line, "violation": render::json(violation) });
    refused.violations().iter().map(of).collect()
}

/// How many values there are; what is refused is added.
fn judge(data: &Data, shape: &Shape, refused: &mut Vec<Refused>) -> Result<usize, Reports> {
    let records = data.records();
    let mut add = |line: usize, judged: Result<(), Report>| {
        refused.extend(judged.err().map(|report| Refused { file: data.name.clone(), line, report }));
    };
    if data.format != DataFormat::Csv {
        let decoder = Decoder::new(shape)?;
        records.iter().for_each(|record| add(record.line, decoder.decode(record.bytes).map(drop)));
        return Ok(records.len());
    }
    let Some((header, rows)) = records.split_first() else { return Ok(0) };
    let names = data::cells(header.bytes)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let decoder = RowDecoder::new(shape, &names, &RowRules::default())?;
    let mut cells = Cells::default();
    for row in rows {
        let judged = split(&mut cells, row.bytes, Dialect::default()).and_then(|cells| decoder.decode(cells));
        add(row.line, judged.map(drop));
    }
    Ok(rows.len())
}
