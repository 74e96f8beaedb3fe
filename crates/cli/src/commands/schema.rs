//! `tenon schema`: the JSON Schema of the project format.

use tenon_errors::Reports;

use crate::{
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(output: &Output) -> Result<Exit, Reports> {
    output.json(&tenon_plan::format_schema());
    Ok(SUCCESS)
}
