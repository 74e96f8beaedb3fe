//! One attempt at one endpoint: the request is written anew, with credentials, and redirects are followed where that is allowed.

use std::{sync::atomic::AtomicBool, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, Uri, header};
use tenon_errors::{Report, catalogue::system::REQUEST_UNSENDABLE};

use crate::{
    Credentials, Redirects, Request,
    caller::Subject,
    endpoint::Endpoint,
    exchange::{Answer, Asked, exchange},
    failure::Trouble,
    system::System,
};

/// Headers that the client sets, or that are about one connection (RFC 9110, section 7.6.1).
const OWN: &[header::HeaderName] = &[
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
];
/// How many redirects are followed one after the other.
const MOST_REDIRECTS: usize = 5;

/// Sends `request`, for whose answer there is so much time `left`, to `endpoint`, once, with these credentials; `is_sent` is set before
/// the server can see any of it.
pub(crate) async fn attempt(
    system: &System,
    request: &Request,
    left: Duration,
    endpoint: &Endpoint,
    credentials: Option<&dyn Credentials>,
    is_sent: &AtomicBool,
) -> Result<Answer, Trouble> {
    let mut url = endpoint.target.at(&request.target).map_err(Trouble::own)?;
    let mut redirects = MOST_REDIRECTS;
    loop {
        let answer = once(system, request, left, endpoint, credentials, url.clone(), is_sent).await?;
        let follows = system.settings.redirects == Redirects::SameHost && redirects > 0;
        let Some(next) = follows.then(|| redirect(request, endpoint, &url, &answer)).flatten() else {
            return Ok(answer);
        };
        (url, redirects) = (next, redirects - 1);
    }
}

/// Sends the request to one URL, and once more with new credentials where the server refuses those that it had.
async fn once(
    system: &System,
    request: &Request,
    left: Duration,
    endpoint: &Endpoint,
    credentials: Option<&dyn Credentials>,
    url: Uri,
    is_sent: &AtomicBool,
) -> Result<Answer, Trouble> {
    let mut is_first = true;
    loop {
        let mut message = message(request, url.clone(), left).map_err(Trouble::own)?;
        let Some(credentials) = credentials else {
            return send(system, request, endpoint, message, is_sent).await;
        };
        credentials.apply(&mut message).await.map_err(Trouble::own)?;
        let sent = message.headers().clone();
        let answer = send(system, request, endpoint, message, is_sent).await?;
        let is_refused = answer.meant() == StatusCode::UNAUTHORIZED && is_first;
        if !is_refused || !credentials.refused(&sent).await {
            return Ok(answer);
        }
        is_first = false;
    }
}

async fn send(
    system: &System,
    request: &Request,
    endpoint: &Endpoint,
    message: http::Request<Bytes>,
    is_sent: &AtomicBool,
) -> Result<Answer, Trouble> {
    let lease = endpoint.pool.lease().await?;
    let place = request.place();
    let asked = Asked {
        system: &system.settings.name,
        url: &endpoint.target.url,
        place: &place,
        authority: &endpoint.target.authority,
        read: system.settings.timeouts.read,
        most: system.settings.most,
        is_sent,
    };
    let mut answer = exchange(&asked, &endpoint.pool, lease, message).await?;
    answer.standing = request.protocol.as_ref().and_then(|protocol| protocol.standing(&answer.incoming()));
    Ok(answer)
}

/// The request as it is sent to `url`, without credentials.
fn message(request: &Request, url: Uri, left: Duration) -> Result<http::Request<Bytes>, Report> {
    let odd = |what: String| Report::new(&REQUEST_UNSENDABLE, what);
    if request.method == Method::CONNECT {
        return Err(odd("the method `CONNECT` is for proxies, and is not sent".to_owned()));
    }
    if let Some(name) = OWN.iter().find(|name| request.headers.contains_key(*name)) {
        return Err(odd(format!("the header `{name}` is set by the client, and may not be set")));
    }
    let mut message = http::Request::new(request.body.clone());
    *message.method_mut() = request.method.clone();
    *message.uri_mut() = url;
    *message.headers_mut() = request.headers.clone();
    if let Some(subject) = &request.subject {
        message.extensions_mut().insert(Subject(subject.clone()));
    }
    let headers = message.headers_mut();
    if !headers.contains_key(header::ACCEPT_ENCODING) {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(protocol) = &request.protocol {
        headers.extend(protocol.deadline(left));
        if protocol.reads_trailers() {
            headers.insert(header::TE, HeaderValue::from_static("trailers"));
        }
    }
    Ok(message)
}

/// Where an answer leads that is a redirect of what only reads, on the same server (RFC 9110, section 15.4).
fn redirect(request: &Request, endpoint: &Endpoint, from: &Uri, answer: &Answer) -> Option<Uri> {
    let leads = matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308);
    if !leads || !matches!(request.method, Method::GET | Method::HEAD) {
        return None;
    }
    endpoint.target.follow(from, answer.headers.get(header::LOCATION)?.to_str().ok()?)
}
