//! `map`: a message of another contract, made by a mapping and checked against that contract.

use tenon_contracts::validate::Validator;
use tenon_errors::Report;
use tenon_mapping::Mapping;

use super::At;
use crate::batch::{Batch, Next};

/// Runs the mapping. Types were proven by the plan; the validator checks what they cannot say, such as patterns.
#[expect(clippy::unnecessary_wraps, reason = "all steps have the same form")]
pub(crate) fn run(
    (mapping, validator, slot): (&Mapping, &Validator, usize),
    at: At<'_>,
    batch: &mut Batch,
) -> Result<(), Report> {
    batch.each(at.step, |item, _| {
        let value = mapping.run(&item.frame)?;
        validator.check(&value)?;
        item.frame.values[slot] = value;
        Ok(Next::On)
    });
    Ok(())
}
