//! A proxy that everything goes through: tunnels for `https` and HTTP/2, the absolute form of requests else.

use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Dial, addresses, wire::Wire};
use crate::{failure::Trouble, target::Target};

/// The most bytes of the head of the proxy's answer.
const MOST: usize = 16 << 10;

/// The proxy. The project names it, so that its address may be of any network; it finds the addresses of the systems itself.
pub(crate) struct Proxy {
    pub(crate) target: Target,
    /// What proves who is calling, to the proxy.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// A connection to the endpoint of `dial`, or to the proxy itself where that reads requests.
    pub(super) async fn reach(&self, dial: &Dial) -> Result<Box<dyn Wire>, Trouble> {
        let failed = |why: &str| dial.failed(&format!("the proxy {} {why}", self.target.url));
        let found = addresses::of(&*dial.names, &self.target.host).await;
        let found = found.map_err(|why| failed(&format!("cannot be reached: {why}")))?;
        let stream = addresses::connect(&found, self.target.port).await;
        let mut stream = stream.map_err(|why| failed(&format!("cannot be reached: {why}")))?;
        if dial.forwarding().is_some() {
            return Ok(Box::new(stream));
        }
        let (host, port) = (&dial.target.host, dial.target.port);
        let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let mut request = format!("CONNECT {place} HTTP/1.1\r\nhost: {place}\r\n").into_bytes();
        if let Some(authorization) = &self.authorization {
            request.extend_from_slice(b"proxy-authorization: ");
            request.extend_from_slice(authorization.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        let broke = |error: std::io::Error| failed(&format!("broke the connection ({error})"));
        stream.write_all(&request).await.map_err(broke)?;
        let mut head = Vec::new();
        // One by one: what comes after the head is the server's.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= MOST {
                return Err(failed("answers without an end"));
            }
            head.push(stream.read_u8().await.map_err(broke)?);
        }
        let line = String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap_or_default());
        let status = line.split(' ').nth(1).unwrap_or_default();
        if !line.starts_with("HTTP/1.") || status.len() != 3 {
            return Err(failed("does not speak HTTP"));
        }
        if !status.starts_with('2') {
            return Err(failed(&format!("refuses to connect, with the status {status}")));
        }
        Ok(Box::new(stream))
    }
}
