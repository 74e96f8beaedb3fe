//! Calls of functions and methods: finding the entry, choosing the overload.

use std::ops::Range;

use tenon_errors::{
    catalogue::expression::{ABSENT_VALUE, TYPE_MISMATCH, UNKNOWN_FUNCTION},
    nearest,
};
use tenon_model::{Str, Value};

use super::{Checked, Checker, certain::item_count, ranges, synonyms::meant};
use crate::{
    evaluate::{Node, Op, Val},
    functions::{Draw, Function, Overload, Run, Style, catalogue, find, never_taken},
    syntax::Ast,
    types::{Ty, View, joined},
};

impl Checker<'_, '_> {
    pub(super) fn call(
        &mut self,
        ast: &Ast,
        target: Option<&Ast>,
        name: &Str,
        name_span: &Range<usize>,
        arguments: &[Ast],
    ) -> Checked {
        let namespace = target.and_then(|target| self.namespace(target));
        let full = match &namespace {
            Some(namespace) => Str::from(format!("{namespace}.{name}")),
            None => name.clone(),
        };
        let receiver = if namespace.is_some() { None } else { target };
        let Some(function) = find(&full) else {
            let named = target.map_or(Some(name.to_string()), |target| {
                target.dotted().map(|target| format!("{target}.{name}"))
            });
            let rooted = target.is_some_and(Ast::is_rooted);
            if let Some(made) = named.and_then(|named| self.enum_call(ast, &named, rooted, arguments)) {
                return made;
            }
            return self.unknown_function(ast, &full, name_span, receiver, arguments);
        };
        if let Run::Macro(kind) = function.run {
            return self.expand(ast, kind, function.name, receiver, name_span, arguments);
        }
        let style = if receiver.is_some() { Style::Method } else { Style::Function };
        let count = arguments.len() + usize::from(receiver.is_some());
        if !function.overloads.iter().any(|overload| overload.style == style && overload.takes_count(count)) {
            self.wrong_count(function, name_span, style, arguments.len());
            return self.failed(ast);
        }
        let parts: Vec<&Ast> = receiver.into_iter().chain(arguments).collect();
        let (nodes, types) = self.arguments(function.name, &parts);
        let overload = self.choose_overload(function, style, &parts, &types, name_span);
        if matches!(function.name, "sort" | "min" | "max") {
            parts.iter().zip(&types).for_each(|(part, ty)| self.check_order(function.name, part, ty));
        }
        let result = overload.unwrap_or(Ty::DYN);
        let constants: Vec<_> = nodes.iter().map(constant).collect();
        let never = never_taken(function, &constants, nodes.last().and_then(item_count));
        let op = self.operation(function, nodes, &types, &parts);
        let checked = self.make(op, &ast.span, refined(function, &types, result));
        if let Some((at, why)) = never {
            self.fails(&checked, parts.get(at).copied().unwrap_or(ast), why);
        }
        self.fold(checked)
    }

    /// The namespace that a target names, where it is no variable: `math` in `math.abs(x)`.
    fn namespace(&self, target: &Ast) -> Option<String> {
        let dotted = target.dotted()?;
        let root = dotted.split('.').next().unwrap_or_default();
        if self.resolve(root, false).is_some() || self.environment.scope.lookup(&dotted).is_some() {
            return None;
        }
        let prefix = format!("{dotted}.");
        catalogue().any(|function| function.name.starts_with(&prefix)).then_some(dotted)
    }

    fn unknown_function(
        &mut self,
        ast: &Ast,
        name: &str,
        span: &Range<usize>,
        receiver: Option<&Ast>,
        arguments: &[Ast],
    ) -> Checked {
        // What the arguments have wrong is worth knowing as well, where they are not parts of an unknown macro.
        if let Some(receiver) = receiver {
            let _ = self.check(receiver);
        } else {
            for argument in arguments {
                let _ = self.check(argument);
            }
        }
        let hint = match name.rsplit_once('.') {
            Some((namespace, last)) => {
                let names = in_namespace(namespace);
                match nearest(last, names.iter().copied()) {
                    Some(near) => format!("write `{namespace}.{near}`"),
                    None => format!("use one of `{namespace}.{}`", names.join(&format!("`, `{namespace}."))),
                }
            }
            None => match meant(name) {
                Some(meant) => format!("write `{meant}`"),
                None => "see the list of functions in the reference".to_owned(),
            },
        };
        self.report(&UNKNOWN_FUNCTION, span, format!("there is no function `{name}`"), hint);
        self.failed(ast)
    }

    fn wrong_count(&mut self, function: &Function, span: &Range<usize>, style: Style, count: usize) {
        let other_style = !function.overloads.iter().any(|overload| overload.style == style);
        let message = match (other_style, style) {
            (true, Style::Function) => format!("`{}` is a method", function.name),
            (true, Style::Method) => format!("`{}` is not a method", function.name),
            (false, _) => format!("`{}` does not take {count} argument{}", function.name, plural(count)),
        };
        self.report(&UNKNOWN_FUNCTION, span, message, format!("call it as {}", signatures(function)));
    }

    /// The type of the result; what does not fit is reported.
    fn choose_overload(
        &mut self,
        function: &'static Function,
        style: Style,
        parts: &[&Ast],
        types: &[Ty],
        span: &Range<usize>,
    ) -> Option<Ty> {
        let fitting: Vec<(&Overload, Ty)> = function
            .overloads
            .iter()
            .filter(|overload| overload.style == style)
            .filter_map(|overload| overload.apply(types).map(|ty| (overload, ty)))
            .collect();
        let Some((first, result)) = fitting.first() else {
            if let Some(result) = of_variants(function, style, types, 0) {
                for (part, ty) in parts.iter().zip(types) {
                    let _ = self.not_null(part, ty.clone());
                }
                return Some(result);
            }
            self.no_overload(function, parts, types, span);
            return None;
        };
        for (position, (part, ty)) in parts.iter().zip(types).enumerate() {
            let form = first.takes.get(position).or(first.takes.last());
            if ty.may_be_null() && form.is_some_and(|form| !form.allows_null()) {
                let _ = self.not_null(part, ty.clone());
            }
        }
        // With a value of which nothing is known, any overload that fits may be the one.
        let unsure = types.iter().any(has_unknown);
        let same = fitting.iter().all(|(_, other)| other == result);
        Some(if unsure && !same { Ty::DYN } else { result.clone() })
    }

    fn no_overload(&mut self, function: &Function, parts: &[&Ast], types: &[Ty], span: &Range<usize>) {
        let optional = parts.iter().zip(types).find(|(_, ty)| matches!(ty.view(), View::Optional(_)));
        let takes_optional = function.overloads.iter().any(Overload::takes_optional);
        if let (Some((part, ty)), false) = (optional, takes_optional) {
            let _ = self.not_null(part, ty.clone());
            return;
        }
        let kinds: Vec<String> = types.iter().map(Ty::name).collect();
        let message = format!("`{}` does not take {}", function.name, kinds.join(" and "));
        let hint = if function.name == "optMap" || takes_optional && optional.is_none() {
            "make it an optional: `a.?b`, or `optional.of(x)`".to_owned()
        } else {
            format!("call it as {}", signatures(function))
        };
        self.report(&TYPE_MISMATCH, span, message, hint);
    }

    fn operation(
        &mut self,
        function: &'static Function,
        mut nodes: Vec<Node>,
        types: &[Ty],
        parts: &[&Ast],
    ) -> Op {
        if let Run::Search(search) = function.run {
            return self.search(function, search, nodes, parts);
        }
        self.constant_arguments(function.name, &nodes, parts);
        match (function.name, nodes.as_slice()) {
            ("now", []) => return Op::Now,
            ("type", [_]) => {
                if let Some(op) = self.type_of(&mut nodes) {
                    return op;
                }
            }
            ("uuid", []) => return Op::Draw(Draw::Plain, None),
            ("uuid7", _) => return Op::Draw(Draw::Ordered, nodes.pop().map(Box::new)),
            ("sum", [_]) => {
                // An empty list has no item that would show of which kind its sum is.
                if let Some(zero) = types.first().and_then(zero_of) {
                    nodes.push(Node::new(Op::Constant(Val::Data(zero)), 0));
                }
            }
            _ => {}
        }
        Op::Call(function, nodes.into())
    }
}

impl Checker<'_, '_> {
    /// Reports that an optional is used where its content is needed.
    pub(super) fn needs_content(&mut self, ast: &Ast, what: &str) {
        let message = format!("{} is optional, and `{what}` needs a value", self.quote(ast));
        self.report(&ABSENT_VALUE, &ast.span, message, format!("write `{}.orValue(...)`", self.source(ast)));
    }
}

fn constant(node: &Node) -> Option<&Value> {
    match node.constant() {
        Some(Val::Data(value)) => Some(value),
        _ => None,
    }
}

/// The functions of a namespace, without it.
fn in_namespace(namespace: &str) -> Vec<&'static str> {
    catalogue().filter_map(|function| function.name.strip_prefix(namespace)?.strip_prefix('.')).collect()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn signatures(function: &Function) -> String {
    let lines: Vec<_> = function.signatures().into_iter().take(4).map(|line| format!("`{line}`")).collect();
    lines.join(" or ")
}

/// Whether some part of a type is unknown.
fn has_unknown(ty: &Ty) -> bool {
    match ty.view() {
        View::Dyn | View::Nothing => true,
        View::List(item) => has_unknown(&item),
        View::Optional(inner) => has_unknown(inner),
        _ => false,
    }
}

/// The most unions among the arguments of a call whose variants are gone through.
const MAX_UNIONS: usize = 3;

/// What a function gives where it takes each variant of the arguments that are one of several shapes.
fn of_variants(function: &Function, style: Style, types: &[Ty], depth: usize) -> Option<Ty> {
    let overloads = || function.overloads.iter().filter(|overload| overload.style == style);
    if depth > 0
        && let Some(result) = overloads().find_map(|overload| overload.apply(types))
    {
        return Some(result);
    }
    if depth > MAX_UNIONS {
        return None;
    }
    let at = types.iter().position(|ty| matches!(ty.view(), View::Union(_)))?;
    let whole = types[at].non_null();
    let View::Union(union) = whole.view() else { return None };
    let mut result: Option<Ty> = None;
    for (_, variant) in &union.variants {
        let mut types = types.to_vec();
        types[at] = Ty::Data(variant.clone());
        let one = of_variants(function, style, &types, depth + 1)?;
        result = Some(result.map_or(one.clone(), |before| joined(&before, &one)));
    }
    result
}

/// More exact types than the overloads can say.
fn refined(function: &Function, types: &[Ty], result: Ty) -> Ty {
    let greatest = function.name == "math.greatest";
    match function.name {
        "math.greatest" | "math.least" => {
            ranges::extreme(types, greatest).unwrap_or_else(|| one_of(types, result))
        }
        "flatten" if types.len() == 1 => flat(&types[0]).map_or(result, Ty::list),
        _ => result,
    }
}

/// One of the arguments, or of the items of a list.
fn one_of(types: &[Ty], result: Ty) -> Ty {
    if !result.is_dyn() {
        return result;
    }
    let items: Vec<Ty> = match types {
        [only] => match only.view() {
            View::List(item) => vec![item],
            _ => return result,
        },
        _ => types.to_vec(),
    };
    items.iter().fold(Ty::Nothing, |before, ty| joined(&before, ty))
}

/// What the items of a list are where those of lists in it stand in their place.
fn flat(list: &Ty) -> Option<Ty> {
    let View::List(item) = list.view() else { return None };
    let mut whole = Ty::Nothing;
    let variants: Vec<Ty> = match item.view() {
        View::Union(union) => union.variants.iter().map(|(_, variant)| Ty::Data(variant.clone())).collect(),
        _ => vec![item.clone()],
    };
    for variant in &variants {
        whole = match variant.view() {
            View::List(inner) => joined(&whole, &inner),
            View::Union(_) => return None,
            _ => joined(&whole, variant),
        };
    }
    Some(if item.may_be_null() { whole.or_null() } else { whole })
}

fn zero_of(list: &Ty) -> Option<Value> {
    let View::List(item) = list.view() else { return None };
    Some(match item.view() {
        View::Float => Value::Float(0.0),
        View::Uint => Value::Uint(0),
        View::Decimal => Value::from(tenon_model::Decimal::from(0)),
        View::Duration => Value::Duration(jiff::SignedDuration::ZERO),
        _ => return None,
    })
}
