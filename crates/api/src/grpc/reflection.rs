//! `grpc.reflection`, in v1 and v1alpha: what is served, told to those who have no `.proto`
//! (<https://github.com/grpc/grpc/blob/master/doc/server-reflection.md>).
//!
//! It is a stream both ways: each question is answered when it comes, as tools ask the next one after that.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tenon_contracts::{
    format::{Codec, NoFiles, Source},
    protobuf::{self, codec::Binary},
};
use tenon_errors::Reports;
use tenon_plan::Plan;
use tokio::time::timeout;

use super::{health, index::Index, said};
use crate::http::{
    exchange::{Answer, Exchange, Failure, Handler, answer},
    held::{Streamed, Trailers},
    router::Mount,
};

const DESCRIPTION: &str = include_str!("reflection.proto");
const PACKAGES: [&str; 2] = ["grpc.reflection.v1", "grpc.reflection.v1alpha"];
/// The most bytes of a question, and the most questions of a stream.
const MOST_BYTES: usize = 64 << 10;
const MOST_QUESTIONS: usize = 10_000;
/// What stands before a message.
const HEAD: usize = 5;

/// Both versions, for the services of `plan`.
pub(crate) fn mount(plan: &Plan) -> Result<Vec<Mount>, Reports> {
    if plan.apis.iter().all(|api| api.grpc.is_none()) {
        return Ok(Vec::new());
    }
    let texts = PACKAGES.map(|package| DESCRIPTION.replace(PACKAGES[0], package));
    let names = PACKAGES.map(|package| format!("{package}.ServerReflection"));
    let index = Arc::new(Index::new(
        plan,
        &[
            (health::SERVICE, "grpc/health/v1/health.proto", health::DESCRIPTION),
            (&names[0], "grpc/reflection/v1/reflection.proto", &texts[0]),
            (&names[1], "grpc/reflection/v1alpha/reflection.proto", &texts[1]),
        ],
    )?);
    let mut mounts = Vec::new();
    for ((package, text), name) in PACKAGES.iter().zip(&texts).zip(&names) {
        let read = protobuf::read(&Source { file: "reflection.proto", text, files: &NoFiles })?;
        let codec = |message: &str| Binary::new(&read.definitions, &format!("{package}.{message}"));
        let codecs = codec("ServerReflectionRequest").zip(codec("ServerReflectionResponse"));
        let Some((request, response)) = codecs else { continue };
        let handler =
            Arc::new(Reflection(Arc::new(Speaking { index: Arc::clone(&index), request, response })));
        mounts.push(Mount::at(Method::POST, &format!("/{name}/ServerReflectionInfo"), handler));
    }
    Ok(mounts)
}

struct Reflection(Arc<Speaking>);

/// What is known, and how it is said.
struct Speaking {
    index: Arc<Index>,
    request: Binary,
    response: Binary,
}

#[async_trait]
impl Handler for Reflection {
    async fn handle(&self, exchange: Exchange<'_>) -> Result<Answer, Failure> {
        said::require(exchange.head)?;
        let patience = exchange.limits.read_timeout;
        let begun =
            Asking { speaking: Arc::clone(&self.0), body: exchange.body, held: BytesMut::new(), asked: 0 };
        let answers = stream::unfold(begun, move |mut asking| async move {
            // A client that asks nothing more is not waited for.
            let next = timeout(patience, asking.next()).await.ok().flatten()?;
            Some((next, asking))
        });
        let mut answer =
            answer(StatusCode::OK, HeaderValue::from_static("application/grpc+proto"), Bytes::new());
        let trailers = HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-status"),
            HeaderValue::from_static("0"),
        )]);
        answer.extensions_mut().insert(Trailers(trailers));
        answer.extensions_mut().insert(Streamed::new(answers.boxed()));
        Ok(answer)
    }
}

/// A stream of questions.
struct Asking {
    speaking: Arc<Speaking>,
    body: Incoming,
    held: BytesMut,
    asked: usize,
}

impl Asking {
    /// The answer to the next question; `None` after the last one, and where what comes is none.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(question) = self.question()? {
                self.asked += 1;
                return self.speaking.answer(&question).filter(|_| self.asked <= MOST_QUESTIONS);
            }
            if let Ok(data) = self.body.frame().await?.ok()?.into_data() {
                self.held.extend_from_slice(&data);
            }
        }
    }

    /// The next question, if it is here as a whole; `None` for what is none.
    #[allow(clippy::option_option, reason = "nothing can be read, and nothing is there yet")]
    fn question(&mut self) -> Option<Option<Bytes>> {
        let Some((head, _)) = self.held.split_first_chunk::<HEAD>() else { return Some(None) };
        let [flag, length @ ..] = *head;
        let length = u32::from_be_bytes(length) as usize;
        if flag != 0 || length > MOST_BYTES {
            return None;
        }
        if self.held.len() < HEAD + length {
            return Some(None);
        }
        self.held.advance(HEAD);
        Some(Some(self.held.split_to(length).freeze()))
    }
}

impl Speaking {
    fn answer(&self, question: &[u8]) -> Option<Bytes> {
        let request = self.request.decode(question).ok()?;
        let mut bytes = vec![0; HEAD];
        self.response.encode(&self.index.answer(&request), &mut bytes).ok()?;
        let length = u32::try_from(bytes.len() - HEAD).ok()?;
        bytes[1..HEAD].copy_from_slice(&length.to_be_bytes());
        Some(bytes.into())
    }
}
