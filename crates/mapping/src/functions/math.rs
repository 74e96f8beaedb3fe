//! The `math` extension, and Tenon's `round` to digits.

use std::cmp::Ordering;

use bigdecimal::{BigDecimal, RoundingMode};
use tenon_model::{Decimal as Exact, Value};

use super::{
    Answer,
    Form::{Bool, Decimal, Float, Int, List, Number, Uint},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Context, Failure, arithmetic, compare};

const EXTREMES: &[Overload] = &[
    Overload::repeating(&[Int], Int),
    Overload::repeating(&[Float], Float),
    Overload::repeating(&[Uint], Uint),
    Overload::repeating(&[Decimal], Decimal),
    Overload::function(&[List(&Int)], Int),
    Overload::function(&[List(&Float)], Float),
    Overload::function(&[List(&Uint)], Uint),
    Overload::function(&[List(&Decimal)], Decimal),
    // Numbers of several kinds, of which only a run shows which is given.
    Overload::repeating(&[Number, Number], Number),
    Overload::function(&[List(&Number)], Number),
];
const WHOLE: &[Overload] = &[Overload::function(&[Float], Float), Overload::function(&[Decimal], Decimal)];
const TEST: &[Overload] = &[Overload::function(&[Float], Bool)];
const BITS: &[Overload] = &[Overload::function(&[Int, Int], Int), Overload::function(&[Uint, Uint], Uint)];
const SHIFT: &[Overload] = &[Overload::function(&[Int, Int], Int), Overload::function(&[Uint, Int], Uint)];
const SAME: &[Overload] = &[
    Overload::function(&[Int], Int),
    Overload::function(&[Float], Float),
    Overload::function(&[Uint], Uint),
    Overload::function(&[Decimal], Decimal),
];

pub(super) const ALL: &[Function] = &[
    Function {
        name: "math.greatest",
        doc: "The greatest of some numbers, or of a list of them.",
        example: "math.greatest(1, 3, 2) == 3",
        overloads: EXTREMES,
        run: Run::Data(|args, context| extreme(args, context, Ordering::Greater)),
    },
    Function {
        name: "math.least",
        doc: "The smallest of some numbers, or of a list of them.",
        example: "math.least(1.5, -2.0) == -2.0",
        overloads: EXTREMES,
        run: Run::Data(|args, context| extreme(args, context, Ordering::Less)),
    },
    Function {
        name: "math.ceil",
        doc: "The smallest whole number not below a number.",
        example: "math.ceil(1.2) == 2.0",
        overloads: WHOLE,
        run: Run::Data(|args, _| whole(args, f64::ceil, RoundingMode::Ceiling)),
    },
    Function {
        name: "math.floor",
        doc: "The greatest whole number not above a number.",
        example: "math.floor(-1.2) == -2.0",
        overloads: WHOLE,
        run: Run::Data(|args, _| whole(args, f64::floor, RoundingMode::Floor)),
    },
    Function {
        name: "math.round",
        doc: "The nearest whole number; halves go away from zero.",
        example: "math.round(1.5) == 2.0",
        overloads: WHOLE,
        run: Run::Data(|args, _| whole(args, f64::round, RoundingMode::HalfUp)),
    },
    Function {
        name: "math.trunc",
        doc: "The number without its fraction.",
        example: "math.trunc(-1.7) == -1.0",
        overloads: WHOLE,
        run: Run::Data(|args, _| whole(args, f64::trunc, RoundingMode::Down)),
    },
    Function {
        name: "round",
        doc: "The number rounded to so many digits after the point (0 to 15); halves go away from zero.",
        example: "round(2.345, 1) == 2.3 && round(decimal('2.345'), 2) == decimal('2.35')",
        overloads: &[Overload::function(&[Float, Int], Float), Overload::function(&[Decimal, Int], Decimal)],
        run: Run::Data(|args, _| round(args)),
    },
    Function {
        name: "math.abs",
        doc: "The number without its sign.",
        example: "math.abs(-1) == 1",
        overloads: SAME,
        run: Run::Data(|args, _| absolute(args)),
    },
    Function {
        name: "math.sign",
        doc: "-1, 0 or 1, of the kind of the number.",
        example: "math.sign(-2.5) == -1.0",
        overloads: SAME,
        run: Run::Data(|args, _| sign(args)),
    },
    Function {
        name: "math.sqrt",
        doc: "The square root, a double; NaN of a negative number.",
        example: "math.sqrt(9) == 3.0",
        overloads: &[
            Overload::function(&[Float], Float),
            Overload::function(&[Int], Float),
            Overload::function(&[Uint], Float),
        ],
        run: Run::Data(|args, _| square_root(args)),
    },
    Function {
        name: "math.isNaN",
        doc: "Whether a double is not a number.",
        example: "math.isNaN(0.0 / 0.0)",
        overloads: TEST,
        run: Run::Data(|args, _| test(args, f64::is_nan)),
    },
    Function {
        name: "math.isInf",
        doc: "Whether a double is infinite.",
        example: "math.isInf(1.0 / 0.0)",
        overloads: TEST,
        run: Run::Data(|args, _| test(args, f64::is_infinite)),
    },
    Function {
        name: "math.isFinite",
        doc: "Whether a double is neither infinite nor NaN.",
        example: "math.isFinite(1.5)",
        overloads: TEST,
        run: Run::Data(|args, _| test(args, f64::is_finite)),
    },
    Function {
        name: "math.bitAnd",
        doc: "The bits that both integers have.",
        example: "math.bitAnd(5, 3) == 1",
        overloads: BITS,
        run: Run::Data(|args, _| bits(args, |a, b| a & b)),
    },
    Function {
        name: "math.bitOr",
        doc: "The bits that either integer has.",
        example: "math.bitOr(5, 3) == 7",
        overloads: BITS,
        run: Run::Data(|args, _| bits(args, |a, b| a | b)),
    },
    Function {
        name: "math.bitXor",
        doc: "The bits that exactly one of two integers has.",
        example: "math.bitXor(5, 3) == 6",
        overloads: BITS,
        run: Run::Data(|args, _| bits(args, |a, b| a ^ b)),
    },
    Function {
        name: "math.bitNot",
        doc: "The bits that an integer does not have.",
        example: "math.bitNot(1) == -2",
        overloads: &[Overload::function(&[Int], Int), Overload::function(&[Uint], Uint)],
        run: Run::Data(|args, _| match args {
            [Value::Int(n)] => Ok(Value::Int(!n)),
            [Value::Uint(n)] => Ok(Value::Uint(!n)),
            _ => no_overload(),
        }),
    },
    Function {
        name: "math.bitShiftLeft",
        doc: "The bits moved left by so many places; zeros come in.",
        example: "math.bitShiftLeft(1, 4) == 16",
        overloads: SHIFT,
        run: Run::Data(|args, _| shift(args, u64::checked_shl)),
    },
    Function {
        name: "math.bitShiftRight",
        doc: "The bits moved right by so many places; zeros come in.",
        example: "math.bitShiftRight(16, 4) == 1",
        overloads: SHIFT,
        run: Run::Data(|args, _| shift(args, u64::checked_shr)),
    },
];

fn extreme(args: &[Value], context: &mut Context, wanted: Ordering) -> Answer<Value> {
    let items = match args {
        [Value::List(items)] => items.as_slice(),
        other => other,
    };
    context.budget.spend(items.len())?;
    let Some((first, rest)) = items.split_first() else {
        return Err(Failure::because("an empty list has no greatest or smallest number"));
    };
    let mut best = first;
    if !items.iter().all(compare::is_number) {
        return no_overload();
    }
    for item in rest {
        if compare::compare(item, best) == Some(wanted) {
            best = item;
        }
    }
    Ok(best.clone())
}

fn whole(args: &[Value], float: fn(f64) -> f64, mode: RoundingMode) -> Answer<Value> {
    match args {
        [Value::Float(n)] => Ok(Value::Float(float(*n))),
        [Value::Decimal(n)] => exact(n.as_big().with_scale_round(0, mode)),
        _ => no_overload(),
    }
}

fn exact(number: BigDecimal) -> Answer<Value> {
    Exact::new(number).map(Value::from).map_err(arithmetic::digits)
}

fn round(args: &[Value]) -> Answer<Value> {
    let (number, digits) = match args {
        [number, Value::Int(digits @ 0..=15)] => (number, *digits),
        [_, Value::Int(digits)] => {
            return Err(Failure::because(format!("round takes 0 to 15 digits, not {digits}")));
        }
        _ => return no_overload(),
    };
    match number {
        Value::Float(n) => Ok(Value::Float(round_float(*n, digits))),
        Value::Decimal(n) => exact(n.as_big().with_scale_round(digits, RoundingMode::HalfUp)),
        _ => no_overload(),
    }
}

/// Rounds by scaling; where the scaled number has no digits after the point left to round, it is as it was.
fn round_float(n: f64, digits: i64) -> f64 {
    let scale = 10f64.powi(i32::try_from(digits).unwrap_or(0));
    let scaled = n * scale;
    if scaled.abs() < 9_007_199_254_740_992.0 { scaled.round() / scale } else { n }
}

fn absolute(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Int(n)] => n
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| Failure::because(format!("the size of {n} overflows an integer"))),
        [Value::Uint(n)] => Ok(Value::Uint(*n)),
        [Value::Float(n)] => Ok(Value::Float(n.abs())),
        [Value::Decimal(n)] => exact(n.as_big().abs()),
        _ => no_overload(),
    }
}

fn sign(args: &[Value]) -> Answer<Value> {
    match args {
        [Value::Int(n)] => Ok(Value::Int(n.signum())),
        [Value::Uint(n)] => Ok(Value::Uint((*n).min(1))),
        [Value::Float(n)] if *n == 0.0 || n.is_nan() => Ok(Value::Float(*n)),
        [Value::Float(n)] => Ok(Value::Float(n.signum())),
        [Value::Decimal(n)] => {
            let order = n.as_big().cmp(&BigDecimal::from(0));
            Ok(Value::from(Exact::from(order as i64)))
        }
        _ => no_overload(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a root is a double")]
fn square_root(args: &[Value]) -> Answer<Value> {
    Ok(Value::Float(match args {
        [Value::Float(n)] => n.sqrt(),
        [Value::Int(n)] => (*n as f64).sqrt(),
        [Value::Uint(n)] => (*n as f64).sqrt(),
        _ => return no_overload(),
    }))
}

fn test(args: &[Value], holds: fn(f64) -> bool) -> Answer<Value> {
    let [Value::Float(n)] = args else { return no_overload() };
    Ok(Value::Bool(holds(*n)))
}

fn bits(args: &[Value], combine: fn(u64, u64) -> u64) -> Answer<Value> {
    match args {
        [Value::Int(a), Value::Int(b)] => {
            Ok(Value::Int(combine(a.cast_unsigned(), b.cast_unsigned()).cast_signed()))
        }
        [Value::Uint(a), Value::Uint(b)] => Ok(Value::Uint(combine(*a, *b))),
        _ => no_overload(),
    }
}

fn shift(args: &[Value], by: fn(u64, u32) -> Option<u64>) -> Answer<Value> {
    let [number, Value::Int(places)] = args else { return no_overload() };
    let places = u64::try_from(*places)
        .map_err(|_| Failure::because(format!("bits cannot be shifted by {places} places")))?;
    let shifted = |n: u64| u32::try_from(places).ok().and_then(|places| by(n, places)).unwrap_or(0);
    match number {
        Value::Int(n) => Ok(Value::Int(shifted(n.cast_unsigned()).cast_signed())),
        Value::Uint(n) => Ok(Value::Uint(shifted(*n))),
        _ => no_overload(),
    }
}
