//! A folder of this benchmark as a pipeline: the input, the mapping and the contract of its only flow, as the plan has them.

use std::{error::Error, path::PathBuf};

use tenon_connectors::file::DiskFolder;
use tenon_contracts::{json, json::Decoder, json_schema, validate::Validator};
use tenon_document::parse;
use tenon_mapping::{Frame, Mapping};
use tenon_model::{Shape, Value};
use tenon_plan::{DataFiles, Facts, Input, StepKind};

type Problem = Box<dyn Error>;

/// A transformation, ready to run.
pub(crate) struct Case {
    /// Reads whole messages.
    pub(crate) decoder: Decoder,
    /// Reads of a message what the flow needs, and holds the rest against the contract.
    part: Decoder,
    /// What holds for values of the source.
    pub(crate) input: Validator,
    mapping: Mapping,
    output: Validator,
}

impl Case {
    /// The case in the folder `name`.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn open(name: &str) -> Result<Self, Problem> {
        let folder = DiskFolder::open(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)).map_err(told)?;
        let facts = Facts { data: DataFiles::Ignore, connectors: tenon_connectors::ALL, secrets: &|_| true };
        let plan = tenon_plan::compile(&folder, &|_| None, &facts).plan.map_err(told)?;
        let flow = plan.flows.first().ok_or("the project has no flow")?;
        let Input::File(file) = &flow.input else { return Err("the flow reads no file".into()) };
        let source = &flow.contract.shape;
        let map = flow.steps.iter().find_map(|step| match &step.kind {
            StepKind::Map { mapping, validator, .. } => Some((mapping.clone(), validator.clone())),
            _ => None,
        });
        let (mapping, output) = map.ok_or("the flow maps nothing")?;
        Ok(Self {
            decoder: Decoder::new(source)?,
            part: match &file.format.part {
                Some(ways) => Decoder::of_judged_part(source, ways)?,
                None => Decoder::new(source)?,
            },
            input: Validator::new(source)?,
            mapping,
            output,
        })
    }

    /// Decodes and validates `row`, maps it, validates what comes out and appends it as JSON.
    ///
    /// # Errors
    /// The report of what is wrong with it.
    pub(crate) fn transform(&self, row: &[u8], out: &mut Vec<u8>) -> Result<(), tenon_errors::Report> {
        let value = self.map(self.part.decode(row)?)?;
        self.output.check(&value)?;
        json::encode(&value, out);
        Ok(())
    }

    /// The mapping alone.
    ///
    /// # Errors
    /// The report of the expression that fails.
    pub(crate) fn map(&self, value: Value) -> Result<Value, tenon_errors::Report> {
        self.mapping.run(&Frame::new(vec![value], jiff::Timestamp::UNIX_EPOCH))
    }
}

/// The type that a JSON Schema says.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn schema(text: &str) -> Result<Shape, Problem> {
    let schema = json_schema::read(&parse("1.json", text).map_err(told)?).map_err(told)?;
    Ok(schema.into_only().ok_or("the contract has no type")?.shape)
}

/// Reports as one error.
fn told(reports: impl std::fmt::Debug) -> String {
    format!("{reports:?}")
}
