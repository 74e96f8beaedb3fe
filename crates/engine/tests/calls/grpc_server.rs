//! A server of HTTP/2 without TLS that ends each call as it is told, and keeps what it was asked.

use std::{
    collections::VecDeque,
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::{body::Frame, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

/// What a call was.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// How a call ends.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// With this body, and these fields after it, or in the head where there is no body.
    Of(Vec<u8>, Vec<(&'static str, &'static str)>),
    /// As by something that does not speak gRPC.
    Http(u16, &'static str),
    /// In the middle of its answer.
    Reset,
    /// Not at all, while the server lives.
    Never,
}

type Script = Box<dyn Fn(&Asked) -> End + Send + Sync>;
type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// The server.
#[derive(Clone)]
pub(crate) struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Asked>>>,
    next: Arc<Mutex<VecDeque<End>>>,
    script: Arc<Mutex<Script>>,
}

impl Server {
    /// A server on a free port that ends calls as `script` says.
    pub(crate) async fn start(script: impl Fn(&Asked) -> End + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            asked: Arc::default(),
            next: Arc::default(),
            script: Arc::new(Mutex::new(Box::new(script))),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.connections.fetch_add(1, SeqCst);
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections were made to it.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    /// Ends the next calls so, before the script is asked again.
    pub(crate) fn next(&self, ends: impl IntoIterator<Item = End>) {
        self.next.lock().unwrap().extend(ends);
    }

    /// Ends calls by another script from now on.
    pub(crate) fn becomes(&self, script: impl Fn(&Asked) -> End + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    async fn serve(self, stream: TcpStream) {
        let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let server = self.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        // Clients that leave are part of the tests.
        let _ =
            http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: http::Request<hyper::body::Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
        let asked = Asked { method, path, headers: parts.headers, body };
        self.asked.lock().unwrap().push(asked.clone());
        let next = self.next.lock().unwrap().pop_front();
        match next.unwrap_or_else(|| (self.script.lock().unwrap())(&asked)) {
            End::Of(body, fields) if body.is_empty() => {
                let mut response = of(200, "application/grpc", Vec::new());
                response.headers_mut().extend(map(fields));
                response
            }
            End::Of(body, fields) if fields.is_empty() => {
                of(200, "application/grpc", vec![Ok(Frame::data(body.into()))])
            }
            End::Of(body, fields) => {
                let frames = vec![Ok(Frame::data(body.into())), Ok(Frame::trailers(map(fields)))];
                of(200, "application/grpc", frames)
            }
            End::Http(status, page) => of(status, "text/html", vec![Ok(Frame::data(page.into()))]),
            End::Reset => {
                let frames =
                    vec![Ok(Frame::data(Bytes::from_static(b"\0\0"))), Err(std::io::Error::other("broken"))];
                of(200, "application/grpc", frames)
            }
            End::Never => std::future::pending().await,
        }
    }
}

fn of(
    status: u16,
    media_type: &'static str,
    frames: Vec<Result<Frame<Bytes>, std::io::Error>>,
) -> Response<Body> {
    let mut response = Response::new(StreamBody::new(stream::iter(frames)).boxed_unsync());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert("content-type", HeaderValue::from_static(media_type));
    response
}

fn map(fields: Vec<(&'static str, &'static str)>) -> HeaderMap {
    let pair = |(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    fields.into_iter().map(pair).collect()
}
