//! The macros: calls whose arguments are parts of the expression, which the checker expands.

use super::{Function, Run};

/// Which macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    Has,
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
    TransformList,
    TransformMap,
    TransformMapEntry,
    SortBy,
    OptMap,
    OptFlatMap,
    Bind,
    Block,
    Index,
    IterVar,
    GetExt,
    HasExt,
}

impl Macro {
    /// How it is called.
    pub(crate) fn signature(self) -> &'static str {
        match self {
            Self::Has => "has(a.b) -> bool",
            Self::All => "list.all(x, bool) -> bool",
            Self::Exists => "list.exists(x, bool) -> bool",
            Self::ExistsOne => "list.exists_one(x, bool) -> bool",
            Self::Map => "list.map(x, A) -> list(A)",
            Self::Filter => "list.filter(x, bool) -> list",
            Self::TransformList => "list.transformList(i, x, A) -> list(A)",
            Self::TransformMap => "map.transformMap(k, x, A) -> map",
            Self::TransformMapEntry => "map.transformMapEntry(k, x, {K: A}) -> map",
            Self::SortBy => "list.sortBy(x, A) -> list",
            Self::OptMap => "optional.optMap(x, A) -> optional(A)",
            Self::OptFlatMap => "optional.optFlatMap(x, optional(A)) -> optional(A)",
            Self::Bind => "cel.bind(x, A, B) -> B",
            Self::Block => "cel.block([A, ...], B) -> B",
            Self::Index => "cel.index(n) -> A",
            Self::IterVar => "cel.iterVar(depth, n) -> A",
            Self::GetExt => "proto.getExt(message, a.b.c) -> A",
            Self::HasExt => "proto.hasExt(message, a.b.c) -> bool",
        }
    }
}

const fn entry(name: &'static str, kind: Macro, doc: &'static str, example: &'static str) -> Function {
    Function { name, doc, example, overloads: &[], run: Run::Macro(kind) }
}

pub(super) const ALL: &[Function] = &[
    entry("has", Macro::Has, "Whether a field is there.", "has({'gate': 'B7'}.gate)"),
    entry("all", Macro::All, "Whether a test is true of every item.", "[1, 2, 3].all(n, n > 0)"),
    entry(
        "exists",
        Macro::Exists,
        "Whether a test is true of at least one item.",
        "[1, 2, 3].exists(n, n > 2)",
    ),
    entry(
        "exists_one",
        Macro::ExistsOne,
        "Whether a test is true of exactly one item.",
        "[1, 2, 3].exists_one(n, n > 2)",
    ),
    entry(
        "existsOne",
        Macro::ExistsOne,
        "Whether a test is true of exactly one item; also with index or key.",
        "[5, 6].existsOne(i, n, i == 1 && n == 6)",
    ),
    entry(
        "map",
        Macro::Map,
        "A list of what an expression makes of each item; with three arguments, of each item that passes a test.",
        "[1, 2].map(n, n * 2) == [2, 4] && [1, 2].map(n, n > 1, n * 2) == [4]",
    ),
    entry("filter", Macro::Filter, "The items that pass a test.", "[1, 2, 3].filter(n, n != 2) == [1, 3]"),
    entry(
        "transformList",
        Macro::TransformList,
        "As `map`, with index or key and item.",
        "['a', 'b'].transformList(i, x, string(i) + x) == ['0a', '1b']",
    ),
    entry(
        "transformMap",
        Macro::TransformMap,
        "A map with the same keys and what an expression makes of key and value.",
        "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}",
    ),
    entry(
        "transformMapEntry",
        Macro::TransformMapEntry,
        "A map of the entries that an expression makes of key and value.",
        "{'a': 'b'}.transformMapEntry(k, v, {v: k}) == {'b': 'a'}",
    ),
    entry(
        "sortBy",
        Macro::SortBy,
        "The items in ascending order of what an expression makes of each.",
        "[{'n': 2}, {'n': 1}].sortBy(x, x.n)[0].n == 1",
    ),
    entry(
        "optMap",
        Macro::OptMap,
        "What an expression makes of the value of an optional, if there is one.",
        "optional.of(2).optMap(n, n * 2).orValue(0) == 4",
    ),
    entry(
        "optFlatMap",
        Macro::OptFlatMap,
        "As `optMap`, where the expression gives an optional itself.",
        "optional.of({'a': 1}).optFlatMap(x, x.?b).orValue(0) == 0",
    ),
    entry("cel.bind", Macro::Bind, "Gives a value a name.", "cel.bind(x, 3, x * x) == 9"),
    entry(
        "cel.block",
        Macro::Block,
        "What is made of values that are computed once, each of which may use those before it. Optimizers write it; people write `cel.bind`.",
        "cel.block([3, cel.index(0) * 2], cel.index(0) + cel.index(1)) == 9",
    ),
    entry(
        "cel.index",
        Macro::Index,
        "A value of the `cel.block` around it, by its position.",
        "cel.block(['a', cel.index(0) + 'b'], cel.index(1)) == 'ab'",
    ),
    entry(
        "cel.iterVar",
        Macro::IterVar,
        "The variable of a macro, where an optimizer has named it by depth and number.",
        "[1, 2].map(cel.iterVar(0, 0), cel.iterVar(0, 0) * 2) == [2, 4]",
    ),
    entry(
        "proto.getExt",
        Macro::GetExt,
        "An extension of a Protobuf message, by its full name.",
        "proto.getExt({'[shop.v1.priority]': 3}, shop.v1.priority) == 3",
    ),
    entry(
        "proto.hasExt",
        Macro::HasExt,
        "Whether an extension of a Protobuf message is there.",
        "!proto.hasExt({'[shop.v1.priority]': 3}, shop.v1.weight)",
    ),
];
