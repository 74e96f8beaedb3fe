//! Optional values (cel-spec, optional values extension).

use tenon_model::Value;

use super::{
    Answer,
    Form::{A, Bool, Optional},
    Function, Overload, Run, no_overload,
};
use crate::evaluate::{Failure, Val, value::is_zero};

pub(super) const ALL: &[Function] = &[
    Function {
        name: "optional.of",
        doc: "An optional that has this value.",
        example: "optional.of(1).hasValue()",
        overloads: &[Overload::function(&[A], Optional(&A))],
        run: Run::Results(|args, _| args.first().cloned().map(Val::some).ok_or(Failure::NoOverload)),
    },
    Function {
        name: "optional.ofNonZeroValue",
        doc: "An optional that has this value, unless it is null, zero, false or empty.",
        example: "!optional.ofNonZeroValue('').hasValue()",
        overloads: &[Overload::function(&[A], Optional(&A))],
        run: Run::Results(|args, _| of_non_zero(args)),
    },
    Function {
        name: "optional.none",
        doc: "An optional without a value.",
        example: "!optional.none().hasValue()",
        overloads: &[Overload::function(&[], Optional(&A))],
        run: Run::Results(|_, _| Ok(Val::Absent)),
    },
    Function {
        name: "hasValue",
        doc: "Whether an optional has a value.",
        example: "{'gate': 'B7'}.?gate.hasValue()",
        overloads: &[Overload::method(&[Optional(&A)], Bool)],
        run: Run::Results(|args, _| Ok(Val::bool(opened(args)?.is_some()))),
    },
    Function {
        name: "value",
        doc: "The value of an optional; fails if there is none.",
        example: "optional.of(1).value() == 1",
        overloads: &[Overload::method(&[Optional(&A)], A)],
        run: Run::Results(|args, _| {
            opened(args)?.ok_or_else(|| Failure::because("the optional has no value"))
        }),
    },
    Function {
        name: "or",
        doc: "The optional, or another where it has no value.",
        example: "optional.none().or(optional.of(2)).value() == 2",
        overloads: &[Overload::method(&[Optional(&A), Optional(&A)], Optional(&A))],
        run: Run::Results(|args, _| or(args)),
    },
    Function {
        name: "orValue",
        doc: "The value of an optional, or another where it has none.",
        example: "optional.none().orValue(2) == 2",
        overloads: &[Overload::method(&[Optional(&A), A], A)],
        run: Run::Results(|args, _| or_value(args)),
    },
];

fn opened(args: &[Val]) -> Answer<Option<Val>> {
    args.first().cloned().and_then(Val::into_optional).ok_or(Failure::NoOverload)
}

fn of_non_zero(args: &[Val]) -> Answer<Val> {
    match args {
        [Val::Data(value)] if is_zero(value) => Ok(Val::Absent),
        [other] => Ok(Val::some(other.clone())),
        _ => no_overload(),
    }
}

fn or(args: &[Val]) -> Answer<Val> {
    match args {
        [Val::Absent, other @ (Val::Absent | Val::Present(_) | Val::Wrapped(_))] => Ok(other.clone()),
        [first @ (Val::Present(_) | Val::Wrapped(_)), _] => Ok(first.clone()),
        _ => no_overload(),
    }
}

fn or_value(args: &[Val]) -> Answer<Val> {
    match args {
        [Val::Present(value), _] => Ok(Val::Data(Value::clone(value))),
        [Val::Wrapped(inner), _] => Ok((**inner).clone()),
        [Val::Absent, other] => Ok(other.clone()),
        _ => no_overload(),
    }
}
