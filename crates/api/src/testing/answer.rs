//! Answers as a client reads them.

use tokio::io::AsyncReadExt;

/// An answer as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// Reads one answer to its end.
    pub(crate) async fn read(stream: &mut (impl AsyncReadExt + Unpin)) -> Self {
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = Self::parse(&bytes, false) {
                return answer;
            }
            match stream.read_buf(&mut bytes).await {
                Ok(0) | Err(_) => return Self::parse(&bytes, true).unwrap_or_else(Self::nothing),
                Ok(_) => {}
            }
        }
    }

    fn nothing() -> Self {
        Self { status: 0, headers: Vec::new(), body: String::new() }
    }

    fn parse(bytes: &[u8], ended: bool) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        (ended || body.len() >= length).then(|| Self { status, headers, body: body.to_owned() })
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Every value of a header.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of the problem that this is.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        self.json()["code"].as_str().unwrap_or("").to_owned()
    }
}
