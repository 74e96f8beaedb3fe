//! Stands for the systems that a project calls: answers as the `answer` fences of a case say, and keeps what was asked.
//!
//! What is asked of an HTTP API is named by its request line, and answered by a status. What is asked of a service whose messages have an
//! envelope is named by its operation, and answered by a value or a fault of it, which are written as the service would.

mod answer;
mod operation;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use serde_json::{Value, json};
use tenon_contracts::format::Operation;
use tenon_engine::Remotes;
use tenon_errors::{
    Report,
    catalogue::{
        engine::BAD_TEST,
        system::{CANNOT_CONNECT, CONNECTION_BROKE},
    },
    nearest,
};
use tenon_ports::{Asking, Received, Remote, Unanswered};

use self::{answer::Answer, operation::Answered};
use crate::document::{Case, Kind};

/// The answers of one case.
#[derive(Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    /// By system and request line. Of several answers each is given once, and the last one stays.
    given: HashMap<(String, String), VecDeque<Answer>>,
    /// By system.
    asked: HashMap<String, Vec<String>>,
    /// What was asked and is not answered, each once.
    missing: Vec<Report>,
    /// What has an answer that nothing asked for yet, with how many.
    left: HashMap<(String, String), usize>,
}

impl Answers {
    /// The answers that hold from the start: those before anything is done or looked at.
    ///
    /// # Errors
    /// `E0102` with the fence that is no answer.
    pub(crate) fn of(case: &Case) -> Result<Self, (usize, Report)> {
        let answers = Self::default();
        let is_set_up = |kind: &Kind| matches!(kind, Kind::File(_) | Kind::Answer(_) | Kind::Clock);
        for fence in case.fences.iter().take_while(|fence| is_set_up(&fence.kind)) {
            if let Kind::Answer(system) = &fence.kind {
                answers.add(system, &fence.text).map_err(|report| (fence.line, report))?;
            }
        }
        Ok(answers)
    }

    /// Whether the fence at this position was taken by [`Answers::of`].
    pub(crate) fn is_from_start(case: &Case, position: usize) -> bool {
        let before = &case.fences[..position];
        before.iter().all(|fence| matches!(fence.kind, Kind::File(_) | Kind::Answer(_) | Kind::Clock))
    }

    /// Adds an answer: a request line or an operation, an empty line, and a reply.
    ///
    /// # Errors
    /// `E0102` if the text is none.
    pub(crate) fn add(&self, system: &str, text: &str) -> Result<(), Report> {
        let (line, answer) = parsed(text)?;
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (system.to_owned(), line.to_owned());
        *inner.left.entry(key.clone()).or_default() += 1;
        inner.given.entry(key).or_default().push_back(answer);
        Ok(())
    }

    /// What a system was asked, one request per line.
    pub(crate) fn asked(&self, system: &str) -> Vec<String> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.asked.get(system).cloned().unwrap_or_default()
    }

    /// Which answers the case lacks.
    pub(crate) fn missing(&self) -> Vec<Report> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).missing.clone()
    }

    /// The answers that the case gives and nothing asks for: what they are meant to show is not shown.
    pub(crate) fn unused(&self) -> Vec<Report> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused: Vec<_> = inner.left.iter().filter(|(_, left)| **left > 0).collect();
        unused.sort();
        let report = |((system, line), left): (&(String, String), &usize)| {
            let message = match left {
                1 => format!("`{system}` is not asked for `{line}` as often as it is answered"),
                left => format!("{left} answers of `{system}` to `{line}` are never asked for"),
            };
            Report::new(&BAD_TEST, message).hint("remove the answer, or see what is asked in place of it")
        };
        unused.into_iter().map(report).collect()
    }

    fn lack(&self, report: &Report) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.missing.iter().any(|it| it.message() == report.message()) {
            inner.missing.push(report.clone());
        }
    }

    fn take(&self, system: &str, line: &str, asked: String) -> Option<Answer> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.asked.entry(system.to_owned()).or_default().push(asked);
        let key = (system.to_owned(), line.to_owned());
        inner.left.entry(key.clone()).and_modify(|left| *left = left.saturating_sub(1));
        let given = inner.given.get_mut(&key)?;
        if given.len() > 1 { given.pop_front() } else { given.front().cloned() }
    }
}

/// What is asked for in `text`, and what is answered.
fn parsed(text: &str) -> Result<(&str, Answer), Report> {
    let (line, reply) = text.split_once("\n\n").unwrap_or((text, ""));
    let line = line.trim();
    if !matches!(line.split_whitespace().count(), 1 | 2) || line.contains('\n') {
        let report =
            Report::new(&BAD_TEST, format!("`{line}` is neither a method and a path, nor an operation"));
        let hint = "begin with the request, as in `GET /customers/7`, or the operation of a SOAP or gRPC service, and an empty line";
        return Err(report.hint(hint));
    }
    Ok((line, Answer::parse(reply)?))
}

/// Whether `remote` can be asked what `text` says, and answer so.
///
/// # Errors
/// `E0102` if it cannot, with what its description says.
pub(crate) fn check(remote: &tenon_plan::Remote, text: &str) -> Result<(), Report> {
    let (line, answer) = parsed(text)?;
    let system = &remote.name;
    let called = remote.operations.iter().find_map(|it| remote.operation(&it.name).ok().flatten());
    let has_operations = called.is_some_and(|called| called.exchange.answering().is_some());
    match (has_operations, line.contains(' '), answer) {
        (true, true, _) => {
            let message = format!("`{line}` is no operation of `{system}`");
            return Err(Report::new(&BAD_TEST, message).hint("begin with the name of an operation"));
        }
        (false, false, _) => {
            let message = format!("`{line}` is not a method and a path");
            return Err(
                Report::new(&BAD_TEST, message).hint("begin with the request, as in `GET /customers/7`")
            );
        }
        (false, true, Answer::Said(_)) => {
            let message = format!("`{system}` answers requests, and this says what an operation does");
            return Err(Report::new(&BAD_TEST, message).hint("write a status instead, such as `200`"));
        }
        (false, true, _) => return Ok(()),
        (true, false, answer) => {
            let described = remote.operations.iter().find(|operation| operation.name == line);
            let called = remote.operation(line).ok().flatten();
            let Some((described, called)) = described.zip(called) else {
                let known = remote.operations.iter().map(|operation| operation.name.as_str());
                let report = Report::new(&BAD_TEST, format!("`{system}` has no operation `{line}`"));
                return Err(match nearest(line, known) {
                    Some(meant) => report.hint(format!("write `{meant}`")),
                    None => report.hint(format!("see `tenon call {system}`")),
                });
            };
            let (Some(answering), Answer::Said(said)) = (called.exchange.answering(), answer) else {
                return Ok(());
            };
            Answered { answering, described }.reply(&said)?;
        }
    }
    Ok(())
}

impl Remotes for Answers {
    fn remote(&self, planned: &tenon_plan::Remote) -> Arc<dyn Remote> {
        Arc::new(Mock {
            system: planned.name.to_string(),
            operations: planned.operations.clone(),
            recognises_repeats: planned.reaching.idempotency_key.is_some(),
            answers: self.clone(),
        })
    }
}

/// One system.
struct Mock {
    system: String,
    operations: Vec<Operation>,
    recognises_repeats: bool,
    answers: Answers,
}

/// How a request is named, and how it is shown.
struct Asked<'a> {
    line: String,
    shown: Value,
    /// The operation, where the answer is one of it.
    operation: Option<Answered<'a>>,
}

impl Mock {
    fn asked<'a>(&'a self, asking: &'a Asking) -> Asked<'a> {
        let name = asking.operation.split_once('.').map_or(asking.operation.as_str(), |(_, name)| name);
        let described = self.operations.iter().find(|operation| operation.name == name);
        if let Some((answering, described)) = asking.exchange.answering().zip(described) {
            let operation = Answered { answering, described };
            let shown = operation.shown(&asking.outgoing);
            return Asked { line: name.to_owned(), shown, operation: Some(operation) };
        }
        let line = format!("{} {}", asking.outgoing.method, asking.outgoing.target);
        let body = &asking.outgoing.body;
        let text = || Value::from(String::from_utf8_lossy(body));
        let shown = match body.is_empty() {
            true => json!({ "request": line }),
            false => {
                json!({ "request": line, "body": serde_json::from_slice(body).unwrap_or_else(|_| text()) })
            }
        };
        Asked { line, shown, operation: None }
    }
}

#[async_trait]
impl Remote for Mock {
    async fn call(&self, asking: Asking) -> Result<Received, Unanswered> {
        let Asked { line, shown, operation } = self.asked(&asking);
        let failed =
            |report: Report, may_have_acted| Unanswered { report, may_have_acted, concerns_all: false };
        match self.answers.take(&self.system, &line, shown.to_string()) {
            Some(Answer::Reply(reply)) => Ok(reply),
            // Before the case began, it was seen that the operation can say so.
            Some(Answer::Said(said)) => match operation.map(|operation| operation.reply(&said)) {
                Some(replied) => replied.map_err(|report| failed(report, false)),
                None => Err(failed(Report::new(&BAD_TEST, "an operation is answered by a request"), false)),
            },
            Some(Answer::Closed) => {
                let message = format!("`{}` closed the connection without an answer", self.system);
                Err(failed(Report::new(&CONNECTION_BROKE, message), true))
            }
            Some(Answer::Unreachable) => {
                let message = format!("`{}` cannot be reached: the test says so", self.system);
                Err(failed(Report::new(&CANNOT_CONNECT, message), false))
            }
            None => {
                let message = format!("the test has no answer of `{}` for `{line}`", self.system);
                let hint = format!("add a fence `answer {}` that begins with `{line}`", self.system);
                let report = Report::new(&BAD_TEST, message).hint(hint);
                self.answers.lack(&report);
                Err(failed(report, false))
            }
        }
    }

    fn recognises_repeats(&self) -> bool {
        self.recognises_repeats
    }
}
