//! The evaluator: one function from a node to its result.

use smol_str::SmolStrBuilder;
use tenon_errors::{Place, Report, catalogue::expression::EXPRESSION_LIMIT};
use tenon_model::{Instant, Str, Value};

use super::{
    Budget, Context, Failure, Node, Op, PathNode, Root, SearchNode, Val, arithmetic, budget, collections,
    compare, fields, loops, messages, value::kind_name,
};
use crate::{
    Frame, Message,
    functions::{Draw, Function, Run, identifiers},
    sensitive::without_values,
    syntax::Binary,
};

/// What an evaluation reads and keeps.
#[derive(Debug)]
pub(crate) struct Machine<'a> {
    values: &'a [Value],
    places: &'a [Place],
    /// What `uuid()` is drawn from; constants have no message.
    message: Option<&'a Message>,
    /// How often something was drawn.
    drawn: u32,
    pub(crate) locals: Vec<Val>,
    pub(crate) context: Context,
}

impl<'a> Machine<'a> {
    /// A machine for one evaluation, or for all expressions of one mapping.
    pub(crate) fn new(frame: &'a Frame, places: &'a [Place]) -> Self {
        Self {
            values: &frame.values,
            places,
            message: Some(&frame.message),
            drawn: 0,
            locals: Vec::new(),
            context: Context { budget: Budget::new(budget::STEPS), now: frame.now },
        }
    }

    /// A machine without variables, for constants.
    pub(crate) fn folding(places: &'a [Place]) -> Self {
        Self {
            values: &[],
            places,
            message: None,
            drawn: 0,
            locals: Vec::new(),
            context: Context { budget: Budget::new(budget::FOLDING_STEPS), now: jiff::Timestamp::UNIX_EPOCH },
        }
    }

    /// The report of a failure of `node`.
    pub(crate) fn report(&self, node: &Node, failure: Failure, what: &str) -> Report {
        self.report_kinds(node, failure, what, &["these values"])
    }

    /// The report of a failure of `node`, which was about values of `kinds`.
    pub(crate) fn report_kinds(&self, node: &Node, failure: Failure, what: &str, kinds: &[&str]) -> Report {
        let place = self.places.get(node.at as usize).cloned().unwrap_or_else(|| Place::file("expression"));
        let report = failure.report(place, what, kinds);
        match &node.op {
            Op::Quiet(parts) => without_values(report, &parts.1),
            _ => report,
        }
    }

    /// Whether a report says that the steps are used up, which no other operand makes good.
    pub(crate) fn is_exhausted(&self, report: &Report) -> bool {
        report.code().id == EXPRESSION_LIMIT.id
    }
}

impl Node {
    /// The result of this node.
    pub(crate) fn evaluate(&self, machine: &mut Machine<'_>) -> Result<Val, Report> {
        match &self.op {
            Op::Constant(value) => Ok(value.clone()),
            Op::Path(path) => self.path(path, machine),
            Op::Field(operand, step, get) => {
                let operand = operand.evaluate(machine)?;
                fields::select(operand, step, *get)
                    .map_err(|failure| machine.report(self, failure, &step.name))
            }
            Op::Index(parts, get) => {
                let operand = parts.0.evaluate(machine)?;
                let key = parts.1.data(machine)?;
                fields::index(&operand, &key, *get).map_err(|failure| {
                    machine.report_kinds(self, failure, "[]", &[operand.kind_name(), key.kind_name()])
                })
            }
            Op::Call(function, arguments) => self.call(function, arguments, machine),
            Op::Search(search) => self.search(search, machine),
            Op::Draw(draw, at) => self.draw(*draw, at.as_deref(), machine).map(Val::Data),
            Op::Now => self.now(machine),
            Op::List(items) => collections::list(items, machine).map(Val::Data),
            Op::Map(entries) => collections::map(entries, machine).map(Val::Data),
            Op::Not(operand) => operand.truth(machine, "!").map(|truth| Val::bool(!truth)),
            Op::Negate(operand) => {
                let value = operand.data(machine)?;
                arithmetic::negate(&value)
                    .map(Val::Data)
                    .map_err(|failure| machine.report_kinds(self, failure, "-", &[value.kind_name()]))
            }
            Op::Binary(operator, parts) => self.binary(*operator, &parts.0, &parts.1, machine),
            Op::Join(parts) => self.join(parts, machine).map(|text| Val::Data(Value::String(text))),
            Op::And(operands) => logic(operands, false, machine),
            Op::Or(operands) => logic(operands, true, machine),
            Op::Conditional(parts) => {
                if parts.0.truth(machine, "?:")? {
                    parts.1.evaluate(machine)
                } else {
                    parts.2.evaluate(machine)
                }
            }
            Op::IsPresent(operand) => {
                let present = match operand.evaluate(machine)? {
                    Val::Absent | Val::Data(Value::Null) | Val::Present(Value::Null) => false,
                    _ => true,
                };
                Ok(Val::bool(present))
            }
            Op::Wrap(operand) => operand.evaluate(machine).map(Val::some),
            Op::Loop(spec) => loops::run(self, spec, machine),
            Op::Bind(parts) => {
                let value = parts.0.evaluate(machine)?;
                with_local(value, &parts.1, machine)
            }
            Op::Block(slots, body) => self.block(slots, body, machine),
            Op::Message(node) => messages::make(self, node, machine).map(Val::Data),
            Op::Member(operand, step, get, types) => {
                let operand = operand.evaluate(machine)?;
                messages::member(operand, step, *get, types)
                    .map_err(|failure| machine.report(self, failure, &step.name))
            }
            Op::TypeOf(operand, types) => {
                operand.evaluate(machine).map(|value| Val::Type(messages::type_name(&value, types)))
            }
            Op::ToEnum(operand, ty) => {
                let value = operand.evaluate(machine)?;
                messages::to_enum(&value, ty)
                    .map_err(|failure| machine.report_kinds(self, failure, &ty.name, &[value.kind_name()]))
            }
            Op::OptMap { parts, flat } => self.opt_map(&parts.0, &parts.1, *flat, machine),
            Op::Quiet(parts) => parts.0.evaluate(machine).map_err(|report| without_values(report, &parts.1)),
            Op::Fail(report) => Err(report.clone()),
        }
    }

    /// The result, which has to be data.
    pub(crate) fn data(&self, machine: &mut Machine<'_>) -> Result<Value, Report> {
        match self.evaluate(machine)? {
            Val::Data(value) => Ok(value),
            other => other.into_data().map_err(|failure| machine.report(self, failure, "")),
        }
    }

    /// The result, which has to be a bool.
    pub(crate) fn truth(&self, machine: &mut Machine<'_>, what: &str) -> Result<bool, Report> {
        match self.evaluate(machine)? {
            Val::Data(Value::Bool(truth)) => Ok(truth),
            other => Err(machine.report_kinds(self, Failure::NoOverload, what, &[other.kind_name()])),
        }
    }

    /// What the clock shows, as data: here alone one becomes the other.
    fn now(&self, machine: &Machine<'_>) -> Result<Val, Report> {
        let now = machine.context.now;
        Instant::try_from(now).map(|now| Val::Data(Value::Timestamp(now))).map_err(|why| {
            machine.report(self, Failure::because(format!("the time of the clock, {now}, {why}")), "now")
        })
    }

    /// An id that is the same whenever the message is processed, and another for each place and call.
    fn draw(&self, draw: Draw, at: Option<&Node>, machine: &mut Machine<'_>) -> Result<Value, Report> {
        let time = at.map(|at| at.data(machine)).transpose()?;
        let Some(message) = machine.message else {
            return Err(machine.report(
                self,
                Failure::because("there is no message to draw an id for"),
                "uuid",
            ));
        };
        let place = machine.places.get(self.at as usize).map(ToString::to_string).unwrap_or_default();
        let name = format!("{}\n{}\n{}\n{place}\n{}", message.flow, message.id, message.part, machine.drawn);
        machine.drawn += 1;
        let nanosecond = match time {
            Some(Value::Timestamp(at)) => at.as_nanosecond(),
            Some(_) => return Err(machine.report(self, Failure::NoOverload, "uuid7")),
            None => message.time.as_nanosecond(),
        };
        identifiers::drawn(draw, &name, nanosecond)
            .map(Value::Uuid)
            .map_err(|failure| machine.report(self, failure, "uuid7"))
    }

    fn path(&self, path: &PathNode, machine: &Machine<'_>) -> Result<Val, Report> {
        let result = match path.root {
            Root::Slot(slot) => match machine.values.get(slot) {
                Some(value) => fields::read(value, path),
                None => Err(Failure::because(format!("the variable `{}` has no value here", path.name))),
            },
            Root::Local(at) => match machine.locals.get(at) {
                Some(Val::Data(value)) => fields::read(value, path),
                Some(Val::Failed(report)) => return Err(Report::clone(report)),
                Some(other) => path
                    .steps
                    .iter()
                    .try_fold(other.clone(), |operand, step| fields::select(operand, step, path.get)),
                None => Err(Failure::because(format!("the variable `{}` has no value here", path.name))),
            },
        };
        result.map_err(|failure| machine.report(self, failure, &path.name))
    }

    fn call(
        &self,
        function: &'static Function,
        arguments: &[Node],
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        match function.run {
            Run::Data(run) => self.call_on_data(function, run, arguments, machine).map(Val::Data),
            Run::Search(search) => {
                let values: Result<Vec<Value>, Report> =
                    arguments.iter().map(|argument| argument.data(machine)).collect();
                let values = values?;
                search.compile_and_run(&values, &mut machine.context).map_err(|failure| {
                    let kinds: Vec<_> = values.iter().map(kind_name).collect();
                    machine.report_kinds(self, failure, function.name, &kinds)
                })
            }
            Run::Now => self.now(machine),
            Run::Draw | Run::Results(_) | Run::Macro(_) => {
                let values: Result<Vec<Val>, Report> =
                    arguments.iter().map(|argument| argument.evaluate(machine)).collect();
                let values = values?;
                function.apply(&values, &mut machine.context).map_err(|failure| {
                    let kinds: Vec<_> = values.iter().map(Val::kind_name).collect();
                    machine.report_kinds(self, failure, function.name, &kinds)
                })
            }
        }
    }

    fn search(&self, node: &SearchNode, machine: &mut Machine<'_>) -> Result<Val, Report> {
        let text = node.text.data(machine)?;
        let rest: Result<Vec<Value>, Report> = node.rest.iter().map(|part| part.data(machine)).collect();
        let rest = rest?;
        node.search.run(&node.pattern, &text, &rest, &mut machine.context).map_err(|failure| {
            let kinds: Vec<_> = [&text].into_iter().chain(&rest).map(kind_name).collect();
            machine.report_kinds(self, failure, node.name, &kinds)
        })
    }

    /// Calls with up to three arguments, which is nearly all of them, need no allocation.
    fn call_on_data(
        &self,
        function: &'static Function,
        run: fn(&[Value], &mut Context) -> Result<Value, Failure>,
        arguments: &[Node],
        machine: &mut Machine<'_>,
    ) -> Result<Value, Report> {
        match arguments {
            [] => self.run(function, run, &[], machine),
            [a] => self.run(function, run, &[a.data(machine)?], machine),
            [a, b] => self.run(function, run, &[a.data(machine)?, b.data(machine)?], machine),
            [a, b, c] => {
                self.run(function, run, &[a.data(machine)?, b.data(machine)?, c.data(machine)?], machine)
            }
            many => {
                let values: Result<Vec<Value>, Report> =
                    many.iter().map(|argument| argument.data(machine)).collect();
                self.run(function, run, &values?, machine)
            }
        }
    }

    fn run(
        &self,
        function: &'static Function,
        run: fn(&[Value], &mut Context) -> Result<Value, Failure>,
        values: &[Value],
        machine: &mut Machine<'_>,
    ) -> Result<Value, Report> {
        run(values, &mut machine.context).map_err(|failure| {
            let kinds: Vec<_> = values.iter().map(kind_name).collect();
            machine.report_kinds(self, failure, function.name, &kinds)
        })
    }

    fn binary(
        &self,
        operator: Binary,
        left: &Node,
        right: &Node,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let left = left.evaluate(machine)?;
        let right = right.evaluate(machine)?;
        operate(operator, &left, &right, &mut machine.context).map_err(|failure| {
            machine.report_kinds(self, failure, operator.symbol(), &[left.kind_name(), right.kind_name()])
        })
    }

    fn join(&self, parts: &[Node], machine: &mut Machine<'_>) -> Result<Str, Report> {
        let mut joined = SmolStrBuilder::new();
        for part in parts {
            match part.data(machine)? {
                Value::String(text) => {
                    let spent = machine.context.budget.spend_bytes(text.len());
                    spent.map_err(|failure| machine.report(self, failure, "+"))?;
                    joined.push_str(&text);
                }
                other => {
                    return Err(machine.report_kinds(
                        part,
                        Failure::NoOverload,
                        "+",
                        &["text", other.kind_name()],
                    ));
                }
            }
        }
        Ok(joined.finish())
    }

    /// A slot that fails does so for those who read it, as if it were evaluated there.
    fn block(&self, slots: &[Node], body: &Node, machine: &mut Machine<'_>) -> Result<Val, Report> {
        let depth = machine.locals.len();
        for slot in slots {
            let value = match slot.evaluate(machine) {
                Err(report) if machine.is_exhausted(&report) => {
                    machine.locals.truncate(depth);
                    return Err(report);
                }
                other => other.unwrap_or_else(|report| Val::Failed(report.into())),
            };
            machine.locals.push(value);
        }
        let result = body.evaluate(machine);
        machine.locals.truncate(depth);
        result
    }

    fn opt_map(
        &self,
        operand: &Node,
        body: &Node,
        flat: bool,
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        let operand = operand.evaluate(machine)?;
        let kind = operand.kind_name();
        match operand.into_optional() {
            Some(Some(inner)) => {
                let result = with_local(inner, body, machine)?;
                Ok(if flat { result } else { Val::some(result) })
            }
            Some(None) => Ok(Val::Absent),
            None => Err(machine.report_kinds(self, Failure::NoOverload, "optMap", &[kind])),
        }
    }
}

fn with_local(value: Val, body: &Node, machine: &mut Machine<'_>) -> Result<Val, Report> {
    machine.locals.push(value);
    let result = body.evaluate(machine);
    machine.locals.pop();
    result
}

fn operate(operator: Binary, left: &Val, right: &Val, context: &mut Context) -> Result<Val, Failure> {
    match operator {
        Binary::Equal => return Ok(Val::bool(compare::equal_results(left, right))),
        Binary::NotEqual => return Ok(Val::bool(!compare::equal_results(left, right))),
        _ => {}
    }
    let (Val::Data(left), Val::Data(right)) = (left, right) else { return Err(Failure::NoOverload) };
    match operator {
        Binary::In => {
            context.budget.spend(right.as_list().map_or(1, <[_]>::len))?;
            loops::contains(left, right).map(Val::bool)
        }
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual => {
            relation(operator, left, right)
        }
        _ => arithmetic::arithmetic(operator, left, right, context).map(Val::Data),
    }
}

fn relation(operator: Binary, left: &Value, right: &Value) -> Result<Val, Failure> {
    let Some(order) = compare::compare(left, right) else {
        // NaN is neither smaller nor greater than anything.
        let numbers = compare::is_number(left) && compare::is_number(right);
        return if numbers { Ok(Val::FALSE) } else { Err(Failure::NoOverload) };
    };
    Ok(Val::bool(match operator {
        Binary::Less => order.is_lt(),
        Binary::LessOrEqual => order.is_le(),
        Binary::Greater => order.is_gt(),
        _ => order.is_ge(),
    }))
}

/// `&&` and `||`: an operand that decides overrules a failure on either side of it (cel-spec, "Logical Operators").
fn logic(operands: &[Node], decisive: bool, machine: &mut Machine<'_>) -> Result<Val, Report> {
    let what = if decisive { "||" } else { "&&" };
    let mut failed = None;
    for operand in operands {
        match operand.truth(machine, what) {
            Ok(truth) if truth == decisive => return Ok(Val::bool(decisive)),
            Ok(_) => {}
            Err(report) if machine.is_exhausted(&report) => return Err(report),
            Err(report) => failed = failed.or(Some(report)),
        }
    }
    failed.map_or(Ok(Val::bool(!decisive)), Err)
}
