//! VRL, the Vector Remap Language.

use std::{error::Error, fs};

use vrl::{
    compiler::{Context, Program, TargetValue, TimeZone, state::RuntimeState},
    value::{Secrets, Value},
};

use crate::Outcome;

/// A program, ready to run.
pub(crate) struct Remap(Program);

impl Remap {
    pub(crate) fn open(file: &str) -> Result<Self, Box<dyn Error>> {
        let compiled = vrl::compiler::compile(&fs::read_to_string(file)?, &vrl::stdlib::all());
        Ok(Self(compiled.map_err(|problems| format!("{problems:?}"))?.program))
    }

    pub(crate) fn transform(&self, row: &[u8], out: &mut Vec<u8>) -> Outcome {
        let value: Value = serde_json::from_slice(row)?;
        let mut target =
            TargetValue { value, metadata: Value::Object(Default::default()), secrets: Secrets::default() };
        let (mut state, zone) = (RuntimeState::default(), TimeZone::default());
        let mut context = Context::new(&mut target, &mut state, &zone);
        let made = self.0.resolve(&mut context).map_err(|error| error.to_string())?;
        Ok(serde_json::to_writer(out, &made)?)
    }
}
