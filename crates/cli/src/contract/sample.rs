//! `tenon contract sample`: values of a contract.

use serde_json::json;
use tenon_contracts::sample::{self, Sample, Samples};
use tenon_errors::{Report, catalogue::engine::BAD_USAGE, render};

use super::{Problems, args::Sort, open::open_one};
use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(contract: &str, count: usize, seed: u64, kind: Sort, output: &Output) -> Result<Exit, Problems> {
    let opened = open_one(contract)?;
    let sort = match kind {
        Sort::Valid => sample::Sort::Valid,
        Sort::Boundary => sample::Sort::Boundary,
        Sort::Invalid => sample::Sort::Invalid,
    };
    let samples: Vec<Sample> = Samples::new(&opened.definition.shape, sort, seed).take(count).collect();
    if samples.is_empty() && count > 0 {
        if let Some(path) = sample::circle(&opened.definition.shape) {
            let message =
                format!("no value of `{contract}` ends: it would go on in `{path}` as it did before");
            let report = Report::new(&BAD_USAGE, message);
            return Err(report.hint("let a field on the way be absent or null, or a list be empty").into());
        }
        let report = Report::new(&BAD_USAGE, format!("no such value of `{contract}` could be made"));
        return Err(report
            .hint("give the contract examples, or loosen a pattern that nothing was found for")
            .into());
    }
    let entry = |sample: &Sample| match &sample.broken {
        Some(report) => {
            json!({ "value": sample.value, "at": sample.path, "breaks": render::json(report) }).to_string()
        }
        None => sample.value.to_string(),
    };
    if output.is_json() {
        output.entries(&samples.iter().map(entry).collect::<Vec<_>>());
        return Ok(SUCCESS);
    }
    for sample in &samples {
        match &sample.broken {
            Some(report) => output.line(format!("{}\n  breaks {report}", sample.value)),
            None => output.line(sample.value.to_string()),
        }
    }
    Ok(SUCCESS)
}
