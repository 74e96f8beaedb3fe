//! The evaluator: one function from a node to its result.

use tenon_errors::{Place, Report, catalogue::expression::EXPRESSION_LIMIT};
use tenon_model::Value;

use super::{
    Budget, Context, Failure, Node, Op, PathNode, Root, Val, budget, collections, fields, loops, messages,
    operators, uncommon,
};
use crate::{Frame, Message, functions::Run, sensitive::without_values};

/// What an evaluation reads and keeps.
#[derive(Debug)]
pub(crate) struct Machine<'a> {
    values: &'a [Value],
    pub(super) places: &'a [Place],
    /// What `uuid()` is drawn from; constants have no message.
    pub(super) message: Option<&'a Message>,
    /// How often something was drawn.
    pub(super) drawn: u32,
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
    /// The result of this node. What most expressions are made of is here, and every other kind is a call, so that little is kept on the
    /// stack for it.
    pub(crate) fn evaluate(&self, machine: &mut Machine<'_>) -> Result<Val, Report> {
        match &self.op {
            Op::Constant(value) => Ok(value.clone()),
            Op::Path(path) => self.path(path, machine),
            Op::Call(function, arguments) => self.call(function, arguments, machine),
            Op::Binary(operator, parts) => self.binary(*operator, &parts.0, &parts.1, machine),
            Op::Join(parts) => self.join(parts, machine).map(|text| Val::Data(Value::String(text))),
            Op::And(operands) => operators::logic(operands, false, machine),
            Op::Or(operands) => operators::logic(operands, true, machine),
            Op::Conditional(parts) => {
                if parts.0.truth(machine, "?:")? {
                    parts.1.evaluate(machine)
                } else {
                    parts.2.evaluate(machine)
                }
            }
            Op::Field(operand, step, get) => self.field(operand, step, *get, machine),
            Op::Index(parts, get) => self.index(&parts.0, &parts.1, *get, machine),
            Op::Search(search) => self.search(search, machine),
            Op::Draw(draw, at) => self.draw(*draw, at.as_deref(), machine).map(Val::Data),
            Op::Now => self.now(machine),
            Op::List(items) => collections::list(items, machine).map(Val::Data),
            Op::Map(entries) => collections::map(entries, machine).map(Val::Data),
            Op::Not(operand) => operand.truth(machine, "!").map(|truth| Val::bool(!truth)),
            Op::Negate(operand) => self.negate(operand, machine),
            Op::IsPresent(operand) => uncommon::is_present(operand, machine),
            Op::Wrap(operand) => operand.evaluate(machine).map(Val::some),
            Op::Loop(spec) => loops::run(self, spec, machine),
            Op::Bind(parts) => uncommon::bind(&parts.0, &parts.1, machine),
            Op::Block(slots, body) => self.block(slots, body, machine),
            Op::Message(node) => messages::make(self, node, machine).map(Val::Data),
            Op::Made(fields, convert) => self.made(fields, convert, machine),
            Op::Member(operand, step, get, types) => self.member(operand, step, *get, types, machine),
            Op::TypeOf(operand, types) => uncommon::type_of(operand, types, machine),
            Op::ToEnum(operand, ty) => self.to_enum(operand, ty, machine),
            Op::OptMap { parts, flat } => self.opt_map(&parts.0, &parts.1, *flat, machine),
            Op::Quiet(parts) => uncommon::quiet(&parts.0, &parts.1, machine),
            Op::Fail(report) => Err(report.clone()),
        }
    }

    /// The result, where it leaves the expression: what was made here is bounded.
    pub(crate) fn result(&self, machine: &mut Machine<'_>) -> Result<Val, Report> {
        let result = self.evaluate(machine)?;
        let is_given = matches!(self.op, Op::Constant(_) | Op::Path(_) | Op::Field(..) | Op::Index(..));
        if let Val::Data(value @ (Value::List(_) | Value::Map(_)))
        | Val::Present(value @ (Value::List(_) | Value::Map(_))) = &result
            && !is_given
        {
            budget::weigh(value, &mut machine.context.budget)
                .map_err(|failure| machine.report(self, failure, ""))?;
        }
        Ok(result)
    }

    /// The value that a path leads to, where nothing has to be made of it: it is there, and of the kind that is wanted.
    #[inline]
    pub(crate) fn given<'m>(&self, machine: &'m Machine<'_>) -> Option<&'m Value> {
        let Op::Path(path) = &self.op else { return None };
        let root = match path.root {
            Root::Slot(slot) => machine.values.get(slot)?,
            Root::Local(at) => match machine.locals.get(at)? {
                Val::Data(value) => value,
                _ => return None,
            },
        };
        fields::given(root, path)
    }

    /// The same of what is there as long as the node and the frame are: constants, and variables that no macro gives.
    #[inline]
    pub(super) fn lent<'n>(&'n self, machine: &Machine<'n>) -> Option<&'n Value> {
        match &self.op {
            Op::Constant(Val::Data(value)) => Some(value),
            Op::Path(path) => match path.root {
                Root::Slot(slot) => fields::given(machine.values.get(slot)?, path),
                Root::Local(_) => None,
            },
            _ => None,
        }
    }

    /// The result, which has to be data.
    pub(crate) fn data(&self, machine: &mut Machine<'_>) -> Result<Value, Report> {
        // What can only be data is not wrapped on its way.
        match &self.op {
            Op::Path(_) => {
                if let Some(value) = self.given(machine) {
                    return Ok(value.clone());
                }
            }
            Op::Constant(Val::Data(value)) => return Ok(value.clone()),
            Op::Call(function, arguments) => {
                if let Run::Data(run) = function.run {
                    return self.call_on_data(function, run, arguments, machine);
                }
            }
            Op::Join(parts) => return self.join(parts, machine).map(Value::String),
            Op::Conditional(parts) => {
                let chosen = if parts.0.truth(machine, "?:")? { &parts.1 } else { &parts.2 };
                return chosen.data(machine);
            }
            _ => {}
        }
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
}
