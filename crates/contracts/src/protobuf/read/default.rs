//! The defaults of fields, which are written as options, as values.

use std::sync::Arc;

use tenon_model::{Str, Value};

use super::ast::Constant;
use crate::{
    number,
    protobuf::{
        codec::single,
        definitions::{Enum, Scalar},
    },
};

/// The member that `constant` names.
pub(super) fn of_enum(constant: &Constant, members: &Enum) -> Result<Value, String> {
    let Constant::Word(name) = constant else {
        return Err("the default is not the name of a member".to_owned());
    };
    let number = members.by_name.get(&**name);
    let value = number.and_then(|number| members.by_number.get(number));
    value.cloned().ok_or_else(|| format!("`{}` has no member `{name}`", members.name))
}

/// The scalar that `constant` is; a double may be infinite or none.
pub(super) fn of_scalar(constant: &Constant, scalar: Scalar) -> Result<Value, String> {
    if let Some(bounds) = scalar.bounds() {
        return integer(constant, scalar, bounds);
    }
    match (scalar, constant) {
        (Scalar::Bool, Constant::Word(word)) => {
            word.parse().map(Value::Bool).map_err(|_| format!("`{word}` is neither true nor false"))
        }
        (Scalar::String, Constant::Text(text)) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Value::String(Str::new(text))),
            Err(_) => Err("the default is not UTF-8".to_owned()),
        },
        (Scalar::Bytes, Constant::Text(text)) => Ok(Value::Bytes(Arc::from(&text[..]))),
        (Scalar::Double | Scalar::Float, constant) => float(constant, scalar),
        _ => Err(format!("the default is not of the type `{}`", scalar.name())),
    }
}

fn integer(constant: &Constant, scalar: Scalar, (min, max): (i128, i128)) -> Result<Value, String> {
    let Constant::Int { is_negative, magnitude } = constant else {
        return Err(format!("the default is not of the type `{}`", scalar.name()));
    };
    let n = if *is_negative { -i128::from(*magnitude) } else { i128::from(*magnitude) };
    let value = number::integer(n).filter(|_| (min..=max).contains(&n));
    value.ok_or_else(|| format!("{n} does not fit into `{}`, which is from {min} to {max}", scalar.name()))
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as protoc reads it")]
fn float(constant: &Constant, scalar: Scalar) -> Result<Value, String> {
    let n = match constant {
        Constant::Float(n) => *n,
        Constant::Int { is_negative, magnitude } => {
            if *is_negative {
                -(*magnitude as f64)
            } else {
                *magnitude as f64
            }
        }
        Constant::Word(word) if matches!(word.as_str(), "inf" | "infinity") => f64::INFINITY,
        Constant::Word(word) if word == "nan" => f64::NAN,
        _ => return Err(format!("the default is not of the type `{}`", scalar.name())),
    };
    Ok(Value::Float(if scalar == Scalar::Float { single(n as f32) } else { n }))
}
