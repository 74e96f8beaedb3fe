//! `tenon call`: what other systems offer, and calling them.

use std::{fs, io::Read, sync::Arc, time::Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value as Json, json};
use tenon_contracts::{
    format::{Answer, Effect, Failure, Operation, Outgoing},
    json::{self, Decoder},
    json_schema, sample,
};
use tenon_engine::{Options, inspect};
use tenon_errors::{
    Report, Reports,
    catalogue::engine::{BAD_USAGE, IO_FAILED},
};
use tenon_model::{Str, TraceContext, Value};
use tenon_plan::{Called, Remote};
use tenon_ports::Asking;
use uuid::Uuid;

use super::{plan, runtime, serving_nothing};
use crate::{
    args::CallArgs,
    contract::show,
    exit::{Exit, SUCCESS},
    output::{Output, columns},
};

pub fn run(args: CallArgs, output: &Output) -> Result<Exit, Reports> {
    let options = serving_nothing(args.project.into());
    let plan = match plan(&options, output) {
        Ok(plan) => plan,
        Err(failed) => return Ok(failed.show(output)),
    };
    let Some(named) = args.operation else {
        return Ok(list(plan.remotes.values().map(AsRef::as_ref), output));
    };
    let Some((system, operation)) = named.split_once('.') else {
        let remote = inspect::find(&plan.remotes, &named, "system")?;
        return Ok(list([&**remote].into_iter(), output));
    };
    let remote = inspect::find(&plan.remotes, system, "system")?;
    let called = of_name(remote, operation)?;
    if args.describe {
        return Ok(describe(&called, output));
    }
    let input = input(&called, args.input.as_deref())?;
    let outgoing = called.exchange.request(&input)?;
    if args.dry_run {
        return Ok(show_request(remote, &outgoing, output));
    }
    call(&options, remote, &called, outgoing, output)
}

/// What the systems offer.
fn list<'p>(remotes: impl Iterator<Item = &'p Remote>, output: &Output) -> Exit {
    let remotes: Vec<&Remote> = remotes.collect();
    let named = |remote: &Remote| -> Vec<Operation> {
        let name = |operation: &Operation| Operation {
            name: Str::from(format!("{}.{}", remote.name, operation.name)),
            ..operation.clone()
        };
        remote.operations.iter().map(name).collect()
    };
    let operations: Vec<Operation> = remotes.iter().flat_map(|remote| named(remote)).collect();
    if output.is_json() {
        output.json(&operations.iter().map(show::machine).collect::<Json>());
    } else if operations.is_empty() {
        output.note(match remotes.is_empty() {
            true => "the project calls no other system; see `http`, `soap` and `grpc` under `systems`",
            false => "the description has no operations",
        });
    } else {
        output.line(columns(&show::operation_rows(operations.iter())));
    }
    SUCCESS
}

fn of_name(remote: &Remote, name: &str) -> Result<Called, Reports> {
    remote.operation(name)?.ok_or_else(|| {
        let known: Vec<&str> = remote.operations.iter().map(|operation| operation.name.as_str()).collect();
        let report =
            Report::new(&BAD_USAGE, format!("the system `{}` has no operation `{name}`", remote.name));
        Reports::from(match tenon_errors::nearest::nearest(name, known.iter().copied()) {
            Some(meant) => report.hint(format!("write `{}.{meant}`", remote.name)),
            None => report.hint(format!("see `tenon call {}`", remote.name)),
        })
    })
}

/// What goes in and comes out, with an example.
fn describe(called: &Called, output: &Output) -> Exit {
    let example = sample::made(&called.input);
    if output.is_json() {
        output.json(&json!({
            "operation": called.name.as_str(),
            "input": json_schema::write(&called.input),
            "output": json_schema::write(&called.output),
            "failures": called.failures.iter().map(failure).collect::<Vec<_>>(),
            "example": example,
        }));
        return SUCCESS;
    }
    output.line(format!("INPUT\n{}", columns(&show::rows(&called.input))));
    output.line(format!("\nOUTPUT\n{}", columns(&show::rows(&called.output))));
    for failure in &called.failures {
        let rows = show::rows(&failure.shape);
        let value = if rows.is_empty() { String::new() } else { format!("\n{}", columns(&rows)) };
        output.line(format!("\nFAILS WITH {}{value}", failure.name));
    }
    if let Some(example) = example {
        output.line(format!("\nEXAMPLE\ntenon call {} --input '{example}'", called.name));
    }
    SUCCESS
}

fn failure(failure: &Failure) -> Json {
    json!({ "name": failure.name.as_str(), "value": json_schema::write(&failure.shape) })
}

/// The input: JSON, or `@FILE`, or `-` for standard input.
fn input(called: &Called, said: Option<&str>) -> Result<Value, Report> {
    let failed = |name: &str, error: std::io::Error| {
        Report::new(&IO_FAILED, format!("`{name}` cannot be read: {error}"))
    };
    let bytes = match said {
        None => b"{}".to_vec(),
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| failed("standard input", error))?;
            bytes
        }
        Some(text) => match text.strip_prefix('@') {
            Some(file) => fs::read(file).map_err(|error| failed(file, error))?,
            None => text.as_bytes().to_vec(),
        },
    };
    Decoder::new(&called.input)?.decode(&bytes).map_err(|report| {
        let hint = match sample::made(&called.input) {
            Some(example) => format!("write for example `--input '{example}'`; see `--describe`"),
            None => "see `--describe`".to_owned(),
        };
        let message = format!("the input is not one of `{}`: {}", called.name, report.message());
        let details = report.details().to_vec();
        Report::new(&BAD_USAGE, message).hint(hint).with_details(details)
    })
}

/// The request as it would be sent, but for what proves who is calling.
fn show_request(remote: &Remote, outgoing: &Outgoing, output: &Output) -> Exit {
    let url = remote.reaching.instances.first().map(|it| it.url.as_str()).unwrap_or_default();
    let address = format!("{url}{}", outgoing.target);
    let headers: Vec<(String, String)> = outgoing
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = match std::str::from_utf8(&outgoing.body) {
        Ok(text) if !text.contains(|c: char| c.is_control() && !c.is_whitespace()) => text.to_owned(),
        // Bytes of a binary form: what no terminal shows.
        _ => format!("<base64> {}", BASE64_STANDARD.encode(&outgoing.body)),
    };
    if output.is_json() {
        output.json(&json!({
            "method": outgoing.method.as_str(), "url": address, "headers": headers, "body": body,
        }));
        return SUCCESS;
    }
    output.line(format!("{} {address}", outgoing.method));
    for (name, value) in &headers {
        output.line(format!("{name}: {value}"));
    }
    if !body.is_empty() {
        output.line(format!("\n{body}"));
    }
    if remote.reaching.auth.is_some() {
        output.note("what proves who is calling is added when it is sent");
    }
    SUCCESS
}

fn call(
    options: &Options,
    remote: &Remote,
    called: &Called,
    outgoing: Outgoing,
    output: &Output,
) -> Result<Exit, Reports> {
    let runtime = runtime()?;
    let open = inspect::remote(remote, options)?;
    let began = Instant::now();
    let id = Uuid::new_v4().as_u128();
    let asking = Asking {
        operation: called.name.clone(),
        outgoing,
        exchange: Arc::clone(&called.exchange),
        effect: called.effect,
        key: Uuid::new_v4().to_string().into(),
        deadline: None,
        trace: TraceContext { trace_id: id, span_id: Uuid::new_v4().as_u64_pair().0, flags: 0 },
    };
    let reply = runtime.block_on(open.call(asking)).map_err(|unanswered| {
        match unanswered.may_have_acted && called.effect != Effect::Safe {
            true => unanswered
                .report
                .hint("the system may have done what it was asked; look at it before you call again"),
            false => unanswered.report,
        }
    })?;
    output.note(format!("{} in {} ms", reply.status, began.elapsed().as_millis()));
    match called.exchange.answer(&reply.incoming()) {
        Ok(Answer::Done(value)) => {
            output.line(json::to_string(&value));
            Ok(SUCCESS)
        }
        Ok(Answer::Failed(refusal)) => Err(refusal.report(&called.name).into()),
        Err(report) => {
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            output.line(body);
            Err(report.into())
        }
    }
}
