//! Stands for the systems that a project calls: answers as the `answer` fences of a case say, and keeps what was asked.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use tenon_engine::Remotes;
use tenon_errors::{
    Report,
    catalogue::{
        engine::BAD_TEST,
        system::{CANNOT_CONNECT, CONNECTION_BROKE},
    },
};
use tenon_ports::{Asking, Received, Remote, Unanswered};

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
}

/// What a system answers.
#[derive(Debug, Clone)]
enum Answer {
    Reply(Received),
    /// The connection ends before there is an answer.
    Closed,
    /// There is no connection.
    Unreachable,
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

    /// Adds an answer: a request line, an empty line, and a reply.
    ///
    /// # Errors
    /// `E0102` if the text is none.
    pub(crate) fn add(&self, system: &str, text: &str) -> Result<(), Report> {
        let (line, reply) = text.split_once("\n\n").unwrap_or((text, ""));
        let line = line.trim();
        if line.split_whitespace().count() != 2 || line.contains('\n') {
            let report = Report::new(&BAD_TEST, format!("`{line}` is not a method and a path"));
            return Err(report.hint("begin with the request, as in `GET /customers/7`, and an empty line"));
        }
        let answer = Answer::parse(reply)?;
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.given.entry((system.to_owned(), line.to_owned())).or_default().push_back(answer);
        Ok(())
    }

    /// What a system was asked, one request per line.
    pub(crate) fn asked(&self, system: &str) -> Vec<String> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.asked.get(system).cloned().unwrap_or_default()
    }

    fn take(&self, system: &str, line: &str, asked: String) -> Option<Answer> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.asked.entry(system.to_owned()).or_default().push(asked);
        let given = inner.given.get_mut(&(system.to_owned(), line.to_owned()))?;
        if given.len() > 1 { given.pop_front() } else { given.front().cloned() }
    }
}

impl Answer {
    fn parse(text: &str) -> Result<Self, Report> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.trim().lines();
        let first = lines.next().unwrap_or_default().trim();
        let status = match first {
            "closed" => return Ok(Self::Closed),
            "unreachable" => return Ok(Self::Unreachable),
            status => status.parse().ok().filter(|it: &StatusCode| (100..600).contains(&it.as_u16())).ok_or_else(|| {
                let report = Report::new(&BAD_TEST, format!("`{status}` is not a status"));
                report.hint("write a status such as `200`; or `closed` for a connection that ends without an answer, or `unreachable`")
            })?,
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            let header = line.split_once(':').and_then(|(name, value)| {
                Some((HeaderName::try_from(name.trim()).ok()?, HeaderValue::try_from(value.trim()).ok()?))
            });
            let (name, value) =
                header.ok_or_else(|| Report::new(&BAD_TEST, format!("`{line}` is not a header")))?;
            headers.append(name, value);
        }
        let body = body.trim();
        let body = match body.strip_prefix("<base64>") {
            Some(coded) => BASE64_STANDARD
                .decode(coded.trim())
                .map_err(|error| Report::new(&BAD_TEST, format!("the body is not base64: {error}")))?,
            None => body.as_bytes().to_vec(),
        };
        if !body.is_empty() {
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        Ok(Self::Reply(Received { status, headers, body: Bytes::from(body) }))
    }
}

impl Remotes for Answers {
    fn remote(&self, planned: &tenon_plan::Remote) -> Arc<dyn Remote> {
        Arc::new(Mock {
            system: planned.name.to_string(),
            recognises_repeats: planned.reaching.idempotency_key.is_some(),
            answers: self.clone(),
        })
    }
}

/// One system.
struct Mock {
    system: String,
    recognises_repeats: bool,
    answers: Answers,
}

#[async_trait]
impl Remote for Mock {
    async fn call(&self, asking: Asking) -> Result<Received, Unanswered> {
        let line = format!("{} {}", asking.outgoing.method, asking.outgoing.target);
        let body = &asking.outgoing.body;
        let shown =
            serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body)));
        let asked = if body.is_empty() {
            json!({ "request": line })
        } else {
            json!({ "request": line, "body": shown })
        };
        let failed =
            |report: Report, may_have_acted| Unanswered { report, may_have_acted, concerns_all: false };
        match self.answers.take(&self.system, &line, asked.to_string()) {
            Some(Answer::Reply(reply)) => Ok(reply),
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
                let report = Report::new(&BAD_TEST, message);
                let hint = format!("add a fence `answer {}` that begins with `{line}`", self.system);
                Err(failed(report.hint(hint), false))
            }
        }
    }

    fn recognises_repeats(&self) -> bool {
        self.recognises_repeats
    }
}
