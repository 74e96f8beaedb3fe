//! One request on one connection, and what its failure says about the server.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use hyper::body::Incoming;
use tenon_errors::{
    Code, Report,
    catalogue::system::{
        CALL_TIMED_OUT, CONNECTION_BROKE, RESPONSE_TOO_LARGE, RESPONSE_UNREADABLE, TLS_REFUSED,
    },
};
use tenon_ports::remote::Standing;

use crate::{
    body::{self, Broken},
    connect::{Proxy, of_client, wire::Watch},
    failure::{Trouble, chain, find},
    pool::{Lease, MOST_HEAD, Pool, Sender},
    upload::Upload,
};

/// Who is asked for what, as reports say it, and what bounds the exchange.
pub(crate) struct Asked<'r> {
    pub(crate) system: &'r str,
    pub(crate) url: &'r str,
    /// Method and path.
    pub(crate) place: &'r str,
    pub(crate) authority: &'r str,
    /// The longest wait for the next bytes.
    pub(crate) read: Duration,
    /// The most bytes of a body.
    pub(crate) most: usize,
    /// Set before the request is handed to the connection: from then on, a call that is ended may have acted.
    pub(crate) is_sent: &'r AtomicBool,
}

/// An answer of a server.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
    /// What it means, where its status does not say it.
    pub(crate) standing: Option<Standing>,
}

impl Answer {
    /// The status that it stands for.
    pub(crate) fn meant(&self) -> StatusCode {
        self.standing.map_or(self.status, |standing| standing.status)
    }

    /// The answer, as the protocol reads it.
    pub(crate) fn incoming(&self) -> tenon_ports::remote::Incoming<'_> {
        let Self { status, headers, body, trailers, .. } = self;
        tenon_ports::remote::Incoming { status: *status, headers, body, trailers }
    }
}

/// Sends `request`, whose URL is absolute, and reads the answer whole. The connection is kept after that.
pub(crate) async fn exchange(
    asked: &Asked<'_>,
    pool: &Pool,
    mut lease: Lease,
    request: http::Request<Bytes>,
) -> Result<Answer, Trouble> {
    let response = head(asked, pool.forwarding(), &mut lease, request).await?;
    let (parts, incoming) = response.into_parts();
    let mut headers = parts.headers;
    let is_gzip = body::is_gzip(&headers);
    let read = body::read(incoming, is_gzip, asked.most, asked.read).await;
    let (body, trailers) = read.map_err(|broken| asked.broken(broken, &lease.watch))?;
    if is_gzip {
        headers.remove(header::CONTENT_ENCODING);
        headers.remove(header::CONTENT_LENGTH);
    }
    pool.give_back(lease, kept_for(&headers)).await;
    Ok(Answer { status: parts.status, headers, body, trailers, standing: None })
}

/// The head of the answer. As long as the request is being written, the server is not late.
async fn head(
    asked: &Asked<'_>,
    proxy: Option<&Proxy>,
    lease: &mut Lease,
    mut request: http::Request<Bytes>,
) -> Result<http::Response<Incoming>, Trouble> {
    let watch = lease.watch.clone();
    let before = watch.written();
    let is_one = matches!(lease.sender, Sender::One(_));
    if is_one {
        write_for_one(&mut request, asked.authority, proxy);
    }
    let (parts, body) = request.into_parts();
    let (upload, taken) = Upload::new(body);
    let request = http::Request::from_parts(parts, upload);
    asked.is_sent.store(true, Relaxed);
    let sending = async {
        match &mut lease.sender {
            Sender::One(sender) => sender.try_send_request(request).await,
            Sender::Two(sender) => sender.try_send_request(request).await,
        }
    };
    tokio::pin!(sending);
    loop {
        let late = taken.last() + asked.read;
        let Ok(outcome) = tokio::time::timeout_at(late, &mut sending).await else {
            if taken.last() + asked.read > late {
                continue;
            }
            return Err(asked.late(asked.read));
        };
        return outcome.map_err(|mut error| {
            let is_returned = error.take_message().is_some();
            // The bytes of HTTP/2 may be those of others.
            let is_unwritten = is_one && watch.written() == before;
            asked.failed(&error.into_error(), is_returned || is_unwritten, &watch)
        });
    }
}

/// How long the server keeps a connection without a request (`Keep-Alive: timeout=5`, RFC 2068, section 19.7.1.1).
fn kept_for(headers: &HeaderMap) -> Option<Duration> {
    let parameters = headers.get("keep-alive")?.to_str().ok()?.split(',');
    let seconds = parameters.filter_map(|it| it.trim().split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case("timeout").then(|| value.trim().parse().ok()).flatten()
    });
    seconds.map(Duration::from_secs)
}

/// HTTP/1.1 says the host in a header, and the path alone in its first line unless a proxy reads it (RFC 9112, section 3.2).
fn write_for_one(request: &mut http::Request<Bytes>, authority: &str, proxy: Option<&Proxy>) {
    if let Ok(host) = HeaderValue::from_str(authority) {
        request.headers_mut().insert(header::HOST, host);
    }
    // A method that is meant to have a body says that it has none (RFC 9110, section 8.6).
    if request.body().is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(request.method()) {
        request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    if let Some(proxy) = proxy {
        if let Some(authorization) = &proxy.authorization {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
        return;
    }
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    if let Ok(path) = path.parse::<Uri>() {
        *request.uri_mut() = path;
    }
}

impl Asked<'_> {
    /// No bytes came for this time.
    fn late(&self, wait: Duration) -> Trouble {
        let what = format!("did not answer within {} ms", wait.as_millis());
        Trouble::sent(self.report(&CALL_TIMED_OUT, &what, true))
    }

    fn broken(&self, broken: Broken, watch: &Watch) -> Trouble {
        match broken {
            Broken::Late(wait) => {
                let what = format!("sent nothing more of its answer for {} ms", wait.as_millis());
                Trouble::sent(self.report(&CALL_TIMED_OUT, &what, true))
            }
            Broken::TooLarge => {
                let what = format!("answers with more than {} bytes", self.most);
                Trouble::sent(self.report(&RESPONSE_TOO_LARGE, &what, true)).lasting().innocent()
            }
            Broken::Garbled(why) => {
                let what = format!("sent a body that is not compressed as it says ({why})");
                Trouble::sent(self.report(&RESPONSE_UNREADABLE, &what, true)).lasting()
            }
            Broken::Ended(error) => self.refused(watch).unwrap_or_else(|| {
                let what = format!("closed the connection before its answer was whole ({})", chain(&error));
                Trouble::sent(self.report(&CONNECTION_BROKE, &what, true))
            }),
        }
    }

    /// What `error` says, of a request that was certainly not written if `is_unsent`.
    fn failed(&self, error: &hyper::Error, is_unsent: bool, watch: &Watch) -> Trouble {
        if let Some(trouble) = self.refused(watch) {
            return trouble;
        }
        self.misread(error).unwrap_or_else(|| {
            let is_unsent = is_unsent || is_unprocessed(error);
            let what = match is_unsent {
                true => format!("closed the connection before the request was read ({})", chain(error)),
                false => format!("closed the connection before its answer was whole ({})", chain(error)),
            };
            let report = self.report(&CONNECTION_BROKE, &what, !is_unsent);
            if is_unsent { Trouble::unsent(report) } else { Trouble::sent(report) }
        })
    }

    /// The server refuses the client's certificate: it says so after the handshake.
    fn refused(&self, watch: &Watch) -> Option<Trouble> {
        let why = watch.alert().and_then(of_client)?;
        let message = format!("`{}` cannot be called at {}: {why}", self.system, self.url);
        let report = Report::new(&TLS_REFUSED, message);
        // A server that has said nothing has not come as far as to read requests.
        let trouble = if watch.has_read() { Trouble::sent(report) } else { Trouble::unsent(report) };
        Some(trouble.here())
    }

    /// What is wrong with a head that came.
    fn misread(&self, error: &hyper::Error) -> Option<Trouble> {
        let by_us = find::<h2::Error>(error).filter(|error| error.is_library()).and_then(h2::Error::reason);
        let (code, what) = if error.is_parse_too_large() || by_us == Some(h2::Reason::ENHANCE_YOUR_CALM) {
            (&RESPONSE_TOO_LARGE, format!("answers with a head of more than {MOST_HEAD} bytes"))
        } else if by_us.is_some() {
            // HTTP/2 is not told which of them it is.
            let what = format!("answers with a head that is not HTTP, or has more than {MOST_HEAD} bytes");
            (&RESPONSE_UNREADABLE, what)
        } else if error.is_parse() {
            (&RESPONSE_UNREADABLE, format!("does not answer in HTTP ({})", chain(error)))
        } else {
            return None;
        };
        Some(Trouble::sent(self.report(code, &what, true)).lasting())
    }

    fn report(&self, code: &'static Code, what: &str, may_have_acted: bool) -> Report {
        let sent = if may_have_acted { "the request may have been carried out" } else { "nothing was done" };
        let message = format!("`{}` at {} {what}, to `{}`: {sent}", self.system, self.url, self.place);
        Report::new(code, message)
    }
}

/// Whether the server says that it has not processed the request (RFC 9113, section 8.7): the stream is refused, or the connection
/// is going away and the stream is above the last one that it processes. Streams up to that end with another error.
fn is_unprocessed(error: &(dyn Error + 'static)) -> bool {
    find::<h2::Error>(error).is_some_and(|error| {
        error.is_remote()
            && (error.is_go_away()
                || (error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)))
    })
}

#[cfg(test)]
mod tests {
    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;
    use crate::connect::wire::Watched;

    const SECOND: Duration = Duration::from_secs(1);

    /// Sends a long body to `server`, which is late after ten seconds: the status, or the code.
    async fn send<F: Future<Output = ()>>(server: impl FnOnce(DuplexStream) -> F) -> String {
        let (client, other) = duplex(64 << 10);
        let (wire, watch) = Watched::new(Box::new(client));
        let mut builder = http1::Builder::new();
        builder.max_buf_size(MOST_HEAD);
        let (sender, connection) = builder.handshake(TokioIo::new(wire)).await.unwrap();
        tokio::spawn(connection);
        let mut lease = Lease::new(Sender::One(sender), watch);
        let asked = Asked {
            system: "erp",
            url: "http://erp",
            place: "POST /",
            authority: "erp",
            read: 10 * SECOND,
            most: 1_000,
            is_sent: &AtomicBool::new(false),
        };
        let mut request = http::Request::new(Bytes::from(vec![1; 1 << 20]));
        *request.uri_mut() = Uri::from_static("http://erp/");
        let (outcome, ()) = tokio::join!(head(&asked, None, &mut lease, request), server(other));
        match outcome {
            Ok(response) => response.status().to_string(),
            Err(trouble) => trouble.report.code().id.to_owned(),
        }
    }

    async fn read(server: &mut DuplexStream, bytes: usize) {
        let mut part = vec![0; bytes];
        server.read_exact(&mut part).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_takes_a_long_body_slowly_is_not_late() {
        let slow = |mut server: DuplexStream| async move {
            for _ in 0..8 {
                tokio::time::sleep(3 * SECOND).await;
                read(&mut server, 128 << 10).await;
            }
            server.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        };
        assert_eq!(send(slow).await, "204 No Content");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stops_to_take_a_long_body_is_late() {
        let stops = |mut server: DuplexStream| async move {
            read(&mut server, 128 << 10).await;
            tokio::time::sleep(11 * SECOND).await;
        };
        assert_eq!(send(stops).await, "Y0402");
    }
}
