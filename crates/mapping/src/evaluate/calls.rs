//! Calls of functions: their arguments, and what they need besides.

use tenon_errors::Report;
use tenon_model::{Instant, Value};

use super::{Context, Failure, Machine, Node, SearchNode, Val, value::kind_name};
use crate::functions::{Draw, Function, Run, identifiers};

impl Node {
    /// What the clock shows, as data: here alone one becomes the other.
    #[inline(never)]
    pub(super) fn now(&self, machine: &Machine<'_>) -> Result<Val, Report> {
        let now = machine.context.now;
        Instant::try_from(now).map(|now| Val::Data(Value::Timestamp(now))).map_err(|why| {
            machine.report(self, Failure::because(format!("the time of the clock, {now}, {why}")), "now")
        })
    }

    /// An id that is the same whenever the message is processed, and another for each place and call.
    #[inline(never)]
    pub(super) fn draw(
        &self,
        draw: Draw,
        at: Option<&Node>,
        machine: &mut Machine<'_>,
    ) -> Result<Value, Report> {
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

    pub(super) fn call(
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
            Run::Draw | Run::Results(_) | Run::Macro(_) => match arguments {
                [a] => self.apply(function, &[a.evaluate(machine)?], machine),
                [a, b] => self.apply(function, &[a.evaluate(machine)?, b.evaluate(machine)?], machine),
                many => {
                    let values: Result<Vec<Val>, Report> =
                        many.iter().map(|argument| argument.evaluate(machine)).collect();
                    self.apply(function, &values?, machine)
                }
            },
        }
    }

    fn apply(
        &self,
        function: &'static Function,
        values: &[Val],
        machine: &mut Machine<'_>,
    ) -> Result<Val, Report> {
        function.apply(values, &mut machine.context).map_err(|failure| {
            let kinds: Vec<_> = values.iter().map(Val::kind_name).collect();
            machine.report_kinds(self, failure, function.name, &kinds)
        })
    }

    #[inline(never)]
    pub(super) fn search(&self, node: &SearchNode, machine: &mut Machine<'_>) -> Result<Val, Report> {
        let text = node.text.data(machine)?;
        let rest: Result<Vec<Value>, Report> = node.rest.iter().map(|part| part.data(machine)).collect();
        let rest = rest?;
        node.search.run(&node.pattern, &text, &rest, &mut machine.context).map_err(|failure| {
            let kinds: Vec<_> = [&text].into_iter().chain(&rest).map(kind_name).collect();
            machine.report_kinds(self, failure, node.name, &kinds)
        })
    }

    /// Calls with up to three arguments, which is nearly all of them, need no allocation.
    pub(super) fn call_on_data(
        &self,
        function: &'static Function,
        run: fn(&[Value], &mut Context) -> Result<Value, Failure>,
        arguments: &[Node],
        machine: &mut Machine<'_>,
    ) -> Result<Value, Report> {
        match arguments {
            [] => self.run(function, run, &[], machine),
            [a] => match a.lent(machine) {
                Some(value) => self.run(function, run, std::slice::from_ref(value), machine),
                None => self.run(function, run, &[a.data(machine)?], machine),
            },
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
}
