//! Whether a value of a type fits a shape, and what has to be done to it on the way.
//!
//! The rule: what a type proves is required of it (kind, nullability, absence, unlisted fields, membership of an enum, a
//! bound or length that the source states and the target does not allow). What only a value can show (a pattern, a
//! bound that the source leaves open, what is in a value of which nothing is known) is allowed here and validated after
//! the mapping has run. Integers widen to doubles and decimals by themselves, exactly; every other conversion has to be
//! named. Where the source is one of several shapes, each of them has to fit.
//!
//! [`tenon_model::relate`] decides that; `judge` asks it, `words` has what is said of what it finds, and `making` what is done
//! to a value that fits.

mod judge;
mod making;
mod misfit;
mod record;
mod union;
mod words;

use tenon_model::{Shape, relate::Standing};

pub(crate) use self::misfit::{Misfit, a};
use self::{judge::Judge, making::Making, words::Misfits};
use crate::{
    evaluate::convert::{Conversion, simplified},
    types::Ty,
};

/// What has to be done to a `ty` to make it a `shape`; absence and null of the value itself are the caller's.
pub(crate) fn fits(ty: &Ty, shape: &Shape) -> Result<Conversion, Vec<Misfit>> {
    let mut misfits = Misfits::default();
    Judge::new(&mut misfits).judge(ty, shape);
    if !misfits.found.is_empty() {
        return Err(misfits.found);
    }
    let mut making = Making::default();
    let convert = making.of(ty, shape).map_err(|misfit| vec![*misfit])?;
    Ok(simplified(convert, making.table))
}

/// How values of a type stand to a shape, whatever they do about null.
fn standing(ty: &Ty, shape: &Shape) -> Standing {
    Judge::new(&mut Misfits::default()).judge(ty, shape)
}
