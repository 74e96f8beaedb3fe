//! Servers that behave, and those that do not; clients of them.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use jiff::Timestamp;
use tenon_client::{Client, Endpoint, Request, Retry, Settings};
use tenon_ports::{Clock, Effect};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
};

/// A server that ends with this.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// How many connections were made to it.
    pub(crate) connections: Arc<AtomicUsize>,
    /// How many requests were read, where requests are.
    pub(crate) requests: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }
}

/// An address where every connection is refused: its port is taken, and nobody listens.
pub(crate) struct Closed {
    pub(crate) address: SocketAddr,
    _socket: TcpSocket,
}

impl Closed {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { address: socket.local_addr().unwrap(), _socket: socket }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A server that does with each connection, by its number from 0, as `handle` says.
pub(crate) async fn raw<F, Fut>(handle: F) -> Server
where
    F: Fn(TcpStream, usize) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut handled = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            handled.spawn(handle(stream, count.fetch_add(1, SeqCst)));
        }
    });
    Server { address, connections, requests: Arc::default(), _tasks: tasks }
}

/// A server that answers each request, by its number from 0, as `answer` says, in HTTP/1.1 or 2.
pub(crate) async fn answering<A, Fut>(answer: A) -> Server
where
    A: Fn(http::Request<Bytes>, usize) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let server = raw(move |stream, _| {
        let (answer, requests) = (answer.clone(), Arc::clone(&count));
        serve(stream, answer, requests)
    })
    .await;
    Server { requests, ..server }
}

/// Answers the requests of one connection.
pub(crate) async fn serve<S, A, Fut>(stream: S, answer: A, requests: Arc<AtomicUsize>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    A: Fn(http::Request<Bytes>, usize) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let (answer, number) = (answer.clone(), requests.fetch_add(1, SeqCst));
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
            Ok::<_, Infallible>(answer(http::Request::from_parts(parts, body), number).await)
        }
    });
    // Clients that leave are part of the tests.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

pub(crate) fn reply(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// Reads a request without a body up to its end, and gives it.
pub(crate) async fn read_request(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// A server that answers the first request of each connection with these bytes, and closes it.
pub(crate) async fn says(answer: impl Into<Vec<u8>>) -> Server {
    let answer: Vec<u8> = answer.into();
    raw(move |mut stream, _| {
        let answer = answer.clone();
        async move {
            read_request(&mut stream).await;
            stream.write_all(&answer).await.unwrap();
        }
    })
    .await
}

/// The time, by the runtime's clock.
pub(crate) struct RuntimeClock(tokio::time::Instant);

impl RuntimeClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(tokio::time::Instant::now()))
    }
}

#[async_trait]
impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_700_000_000).unwrap() + self.0.elapsed()
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

/// Settings of `erp`, at these URLs; repeats are not waited for.
pub(crate) fn settings(urls: &[&str]) -> Settings {
    let endpoints = urls.iter().map(|url| Endpoint::from(url.parse::<http::Uri>().unwrap())).collect();
    let wait = Duration::from_millis(1)..Duration::from_millis(2);
    let retry = Retry { wait, ..Retry::default() };
    Settings { retry, ..Settings::new("erp", endpoints, RuntimeClock::new()) }
}

/// Settings of `erp`, which is called once.
pub(crate) fn once(url: &str) -> Settings {
    let settings = settings(&[url]);
    Settings { retry: Retry { attempts: 1, ..settings.retry.clone() }, ..settings }
}

pub(crate) fn client(url: &str) -> Client {
    Client::new(settings(&[url])).unwrap()
}

pub(crate) fn get(target: &str) -> Request {
    Request::new(Method::GET, target, Effect::Safe)
}

pub(crate) fn post(target: &str, body: impl Into<Bytes>) -> Request {
    Request { body: body.into(), ..Request::new(Method::POST, target, Effect::Acts) }
}
