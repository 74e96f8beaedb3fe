//! Clients of the peers, speaking just enough of their protocols to publish and wait for the acknowledgement.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::Worker;

/// A connection read line by line.
struct Lines {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    line: String,
}

impl Lines {
    async fn open(address: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let (read, write) = stream.into_split();
        Ok(Self { read: BufReader::new(read), write, line: String::new() })
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.write.write_all(bytes).await.map_err(|error| error.to_string())
    }

    async fn line(&mut self) -> Result<&str, String> {
        self.line.clear();
        let read = self.read.read_line(&mut self.line).await.map_err(|error| error.to_string())?;
        if read == 0 { Err("the peer closed the connection".to_owned()) } else { Ok(self.line.trim_end()) }
    }
}

/// Appends to a Redis stream with `XADD` (RESP2). The server runs with `appendfsync always`.
pub struct Redis {
    lines: Lines,
    command: Vec<u8>,
}

impl Redis {
    /// Connects.
    ///
    /// # Errors
    /// Why not.
    pub async fn connect(address: &str, payload: &[u8]) -> Result<Self, String> {
        let mut command = Vec::new();
        command.extend_from_slice(b"*5\r\n$4\r\nXADD\r\n$5\r\nbench\r\n$1\r\n*\r\n$1\r\nv\r\n");
        command.extend_from_slice(format!("${}\r\n", payload.len()).as_bytes());
        command.extend_from_slice(payload);
        command.extend_from_slice(b"\r\n");
        Ok(Self { lines: Lines::open(address).await?, command })
    }
}

impl Worker for Redis {
    async fn once(&mut self) -> Result<(), String> {
        let command = std::mem::take(&mut self.command);
        self.lines.send(&command).await?;
        self.command = command;
        if !self.lines.line().await?.starts_with('$') {
            return Err(format!("Redis: {}", self.lines.line));
        }
        self.lines.line().await.map(drop)
    }
}

/// Publishes to a NATS `JetStream` stream and waits for its acknowledgement. The server runs with `sync_interval: always`.
pub struct Nats {
    lines: Lines,
    command: Vec<u8>,
}

impl Nats {
    /// Connects; `worker` numbers the inbox.
    ///
    /// # Errors
    /// Why not.
    pub async fn connect(address: &str, worker: usize, payload: &[u8]) -> Result<Self, String> {
        let mut lines = Lines::open(address).await?;
        lines.line().await?;
        let hello =
            format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB _INBOX.{worker} 1\r\nPING\r\n");
        lines.send(hello.as_bytes()).await?;
        lines.line().await?;
        let mut command = format!("PUB bench _INBOX.{worker} {}\r\n", payload.len()).into_bytes();
        command.extend_from_slice(payload);
        command.extend_from_slice(b"\r\n");
        Ok(Self { lines, command })
    }

    /// Makes a file-backed stream on the subject `bench`.
    ///
    /// # Errors
    /// Why not.
    pub async fn create_stream(address: &str) -> Result<(), String> {
        let request = br#"{"name":"BENCH","subjects":["bench"],"storage":"file","retention":"limits"}"#;
        let mut lines = Lines::open(address).await?;
        lines.line().await?;
        let head = format!(
            "CONNECT {{\"verbose\":false}}\r\nSUB _INBOX.s 1\r\nPUB $JS.API.STREAM.CREATE.BENCH _INBOX.s {}\r\n",
            request.len()
        );
        lines.send(&[head.as_bytes(), request, b"\r\n"].concat()).await?;
        lines.line().await?;
        let reply = lines.line().await?;
        if reply.contains("\"error\"") { Err(format!("NATS: {reply}")) } else { Ok(()) }
    }
}

impl Worker for Nats {
    async fn once(&mut self) -> Result<(), String> {
        let command = std::mem::take(&mut self.command);
        self.lines.send(&command).await?;
        self.command = command;
        loop {
            let line = self.lines.line().await?;
            if line.starts_with("PING") {
                self.lines.send(b"PONG\r\n").await?;
            } else if line.starts_with("MSG") {
                let acknowledged = self.lines.line().await?;
                return if acknowledged.contains("\"seq\"") {
                    Ok(())
                } else {
                    Err(format!("NATS: {acknowledged}"))
                };
            } else if line.starts_with("-ERR") {
                return Err(format!("NATS: {line}"));
            }
        }
    }
}
