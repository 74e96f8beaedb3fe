//! The mapping alone: flights as JSON lines in, mapped JSON lines out, as jq, jaq and JSONata do it in `bench/mapping`.
//! Arguments: the project of the benchmark and the input file.

use std::{
    io::{BufWriter, Write},
    path::PathBuf,
};

use tenon_engine::Options;
use tenon_mapping::Frame;
use tenon_plan::StepKind;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let project = arguments.next().ok_or("the project is missing")?;
    let input = std::fs::read(arguments.next().ok_or("the input is missing")?)?;
    let options = Options::new(PathBuf::from(project), None, true);
    let plan = tenon_engine::load(&options).plan.map_err(|reports| format!("{reports:?}"))?;
    let flow = plan.flow("map-flights").ok_or("the project has no flow map-flights")?;
    let mapping = flow.steps.iter().find_map(|step| match &step.kind {
        StepKind::Map { mapping, validator, .. } => Some((mapping, validator)),
        _ => None,
    });
    let (mapping, validator) = mapping.ok_or("the flow maps nothing")?;
    let decoder = tenon_contracts::json::Decoder::new(&flow.contract.shape)?;
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut line = Vec::new();
    let mut frame = Frame::new(Vec::new(), jiff::Timestamp::now());
    for row in input.split(|byte| *byte == b'\n').filter(|row| !row.is_empty()) {
        frame.values.clear();
        frame.values.push(decoder.decode(row)?);
        let value = mapping.run(&frame)?;
        validator.check(&value)?;
        line.clear();
        tenon_contracts::json::encode(&value, &mut line);
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(out.flush()?)
}
