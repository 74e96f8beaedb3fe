//! A server that answers as it is told, and keeps what it was asked.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What a request was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Method and target.
    pub(crate) line: String,
    /// The headers, by names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How a request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// With this status, media type and body.
    Of(u16, &'static str, String),
    /// With these headers beside.
    With(u16, Vec<(&'static str, &'static str)>, String),
    /// The connection is closed.
    Closed,
    /// With a body that is shorter than was said.
    Truncated,
    /// Not at all, while the server lives.
    Never,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Of(status, "application/json", body.to_owned())
    }
}

type Script = Box<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// The server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    next: Arc<Mutex<VecDeque<Reply>>>,
    script: Arc<Mutex<Script>>,
}

impl Server {
    /// A server on a free port that answers as `script` says.
    pub(crate) async fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
            next: Arc::default(),
            script: Arc::new(Mutex::new(Box::new(script))),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    /// Answers the next requests so, before the script is asked again.
    pub(crate) fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.next.lock().unwrap().extend(replies);
    }

    /// Answers by another script from now on.
    pub(crate) fn becomes(&self, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    async fn serve(&self, stream: TcpStream) {
        let (reading, mut writing) = stream.into_split();
        let mut reading = BufReader::new(reading);
        while let Some(asked) = read(&mut reading).await {
            self.asked.lock().unwrap().push(asked.clone());
            let next = self.next.lock().unwrap().pop_front();
            let reply = next.unwrap_or_else(|| (self.script.lock().unwrap())(&asked));
            let text = match reply {
                Reply::Of(status, media_type, body) => {
                    written(status, &[("content-type", media_type)], &body, body.len())
                }
                Reply::With(status, headers, body) => written(status, &headers, &body, body.len()),
                Reply::Truncated => written(200, &[("content-type", "application/json")], "{\"na", 100),
                Reply::Closed => return,
                Reply::Never => return std::future::pending().await,
            };
            if writing.write_all(text.as_bytes()).await.is_err() || text.contains("content-length: 100\r\n") {
                return;
            }
        }
    }
}

fn written(status: u16, headers: &[(&str, &str)], body: &str, length: usize) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = if status == 204 { String::new() } else { format!("content-length: {length}\r\n") };
    format!("HTTP/1.1 {status} Said\r\n{headers}{length}\r\n{body}")
}

async fn read(from: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let line = lines.first()?.rsplit_once(' ')?.0.to_owned();
    let header = |line: &String| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    let headers: Vec<_> = lines.iter().skip(1).filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    from.read_exact(&mut body).await.ok()?;
    Some(Asked { line, headers, body: String::from_utf8(body).unwrap() })
}
