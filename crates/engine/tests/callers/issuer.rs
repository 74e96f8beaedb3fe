//! An issuer of tokens: a small HTTP server that answers by what is asked, and counts.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Semaphore,
};

/// What was asked: the request line, the head, and the body.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) target: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

type Answers = Arc<dyn Fn(&Asked) -> (u16, String) + Send + Sync>;

/// A server on loopback.
pub(crate) struct Issuer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Requests wait for a permit each while it is closed off.
    gate: Arc<Semaphore>,
    task: tokio::task::JoinHandle<()>,
}

impl Issuer {
    /// Answers every request by `answers`, at once.
    pub(crate) async fn start(answers: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, answers)
    }

    pub(crate) fn on(
        listener: TcpListener,
        answers: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().unwrap();
        let (asked, gate) = (Arc::default(), Arc::new(Semaphore::new(1 << 20)));
        let (seen, opened, answers) = (Arc::clone(&asked), Arc::clone(&gate), Arc::new(answers) as Answers);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&seen), Arc::clone(&opened), Arc::clone(&answers)));
            }
        });
        Self { address, asked, gate, task }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Holds back all answers until `open`.
    pub(crate) fn close(&self) {
        self.gate.forget_permits(1 << 20);
    }

    pub(crate) fn open(&self) {
        self.gate.add_permits(1 << 20);
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: tokio::net::TcpStream,
    seen: Arc<Mutex<Vec<Asked>>>,
    gate: Arc<Semaphore>,
    answers: Answers,
) {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    let (head, length) = loop {
        let Ok(read @ 1..) = stream.read(&mut piece).await else { return };
        bytes.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            break (head.to_owned(), head.len() + 4 + length.unwrap_or(0));
        }
    };
    while bytes.len() < length {
        let Ok(read @ 1..) = stream.read(&mut piece).await else { return };
        bytes.extend_from_slice(&piece[..read]);
    }
    let body = String::from_utf8_lossy(&bytes[head.len() + 4..]).into_owned();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    let asked = Asked { target, head, body };
    seen.lock().unwrap().push(asked.clone());
    let _open = gate.acquire().await.unwrap();
    let (status, body) = answers(&asked);
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
}
