//! Compressed answers: gzip where the client takes it and the body gets smaller by it (RFC 9110, section 12.5.3).

use std::{io::Write, sync::OnceLock};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{conditional, exchange::Answer, head::list};

/// Smaller bodies fit into one packet as they are.
const LEAST: usize = 1 << 10;

const GZIP: HeaderValue = HeaderValue::from_static("gzip");

/// How much work a compressed body is worth.
pub(super) enum Effort<'e> {
    /// Little: the client waits.
    Now,
    /// All, once: it is kept here for many answers.
    Once(&'e OnceLock<Bytes>),
}

/// Compresses `answer` if it is worth it and the client takes it. Where the answer depends on what the client takes, it
/// says so. What is compressed already stays as it is.
pub(super) async fn compress(answer: &mut Answer, request: &HeaderMap, effort: Effort<'_>) {
    if answer.headers().contains_key(header::CONTENT_ENCODING) {
        return;
    }
    // A 304 has the `Vary` of the answer that it stands for.
    let unchanged = answer.status() == StatusCode::NOT_MODIFIED;
    let is_text = answer.headers().get(header::CONTENT_TYPE).is_some_and(is_text);
    let is_worth_it = is_text && answer.body().len() >= LEAST;
    if !unchanged && !is_worth_it {
        return;
    }
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    if unchanged || !takes_gzip(request) {
        return;
    }
    let plain = answer.body();
    let body = match effort {
        Effort::Once(kept) if let Some(kept) = kept.get() => kept.clone(),
        Effort::Once(kept) => {
            let best = || kept.get_or_init(|| gzip(plain, Compression::best())).clone();
            tenon_compute::sized(plain.len(), best).await
        }
        Effort::Now => tenon_compute::sized(plain.len(), || gzip(plain, Compression::fast())).await,
    };
    if body.len() >= answer.body().len() {
        return;
    }
    *answer.body_mut() = body;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_ENCODING, GZIP);
    // Other bytes have another tag. It stays strong, for it is what clients send with their changes.
    let tag = headers.get(header::ETAG).and_then(conditional::compressed);
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
}

fn gzip(body: &[u8], level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), level);
    // Writing into memory does not fail; if it did, the body would stay as it is.
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.map_or_else(|_| Bytes::copy_from_slice(body), Bytes::from)
}

/// Everything that is served is text of some kind; what comes to be that is not is most often compressed in itself.
fn is_text(media_type: &HeaderValue) -> bool {
    let text = media_type.to_str().unwrap_or("");
    let essence = text.split(';').next().unwrap_or("").trim();
    let of_application = ["application/json", "application/xml"].contains(&essence);
    of_application || essence.starts_with("text/") || essence.ends_with("+json") || essence.ends_with("+xml")
}

/// Whether `Accept-Encoding` names gzip, or everything, with a quality above none.
fn takes_gzip(request: &HeaderMap) -> bool {
    let (mut gzip, mut any) = (None, None);
    for coding in list(request, &header::ACCEPT_ENCODING) {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let mut parameters = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        let weight = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let quality = weight.map_or(1.0, |(_, q)| q.trim().parse().unwrap_or(0.0_f32));
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                gzip = Some(quality > 0.0);
            }
            "*" => any = Some(quality > 0.0),
            _ => {}
        }
    }
    gzip.or(any).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::http::exchange::answer;

    const JSON: HeaderValue = HeaderValue::from_static("application/json");

    fn request(accept: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(accept).unwrap());
        headers
    }

    async fn compressed(accept: &str, media_type: &'static str, body: &str) -> Answer {
        let media_type = HeaderValue::from_static(media_type);
        let mut answer = answer(StatusCode::OK, media_type, body.to_owned());
        answer.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"a\""));
        compress(&mut answer, &request(accept), Effort::Now).await;
        answer
    }

    #[test]
    fn gzip_is_used_where_the_client_takes_it() {
        for (accept, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.1", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("br", false),
            ("", false),
            ("gzip;q=x", false),
            ("gzip;Q=0", false),
            ("gzip ; Q = 0.000", false),
            ("gzip;level=9;q=0", false),
            ("gzip;Q=0.5", true),
            ("*;Q=0", false),
            (";;,,==", false),
        ] {
            assert_eq!(takes_gzip(&request(accept)), expected, "{accept:?}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_compressed_body_is_the_same_body_with_a_tag_of_its_own() {
        let text = "{\"carrier\":\"UA\"}".repeat(200);
        let answer = compressed("gzip", "application/json", &text).await;
        let (headers, body) = (answer.headers(), answer.body());
        assert!(body.len() < text.len() / 10);
        assert_eq!(
            (&headers[header::CONTENT_ENCODING], &headers[header::VARY]),
            (&GZIP, &HeaderValue::from_static("accept-encoding"))
        );
        assert_eq!(headers[header::ETAG], "\"a-gzip\"");
        let mut read = String::new();
        GzDecoder::new(body.as_ref()).read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }

    #[tokio::test]
    async fn what_is_large_is_compressed_away_from_the_threads_that_serve() {
        let places = tenon_compute::AllPlaces::take().await;
        let mut large = answer(StatusCode::OK, JSON, "a".repeat(tenon_compute::SHORT_BYTES + 1));
        let (taken, kept) = (request("gzip"), OnceLock::new());
        for effort in [Effort::Now, Effort::Once(&kept)] {
            assert!(futures_util::poll!(Box::pin(compress(&mut large, &taken, effort))).is_pending());
        }
        drop(places);
        compress(&mut large, &taken, Effort::Once(&kept)).await;
        assert_eq!(large.headers()[header::CONTENT_ENCODING], "gzip");
    }

    #[tokio::test]
    async fn what_gains_nothing_stays_as_it_is() {
        let long = "a".repeat(LEAST);
        for (accept, media_type, body, vary) in [
            ("gzip", "application/json", "{}", false),
            ("gzip", "image/png", long.as_str(), false),
            ("br", "text/html; charset=utf-8", &long, true),
        ] {
            let answer = compressed(accept, media_type, body).await;
            assert!(answer.headers().get(header::CONTENT_ENCODING).is_none(), "{media_type}");
            assert_eq!(answer.headers().contains_key(header::VARY), vary, "{media_type}");
            assert_eq!(
                (answer.body().as_ref(), &answer.headers()[header::ETAG]),
                (body.as_bytes(), &HeaderValue::from_static("\"a\""))
            );
        }
        let mut twice = compressed("gzip", "text/plain", &long).await;
        let once = twice.body().clone();
        compress(&mut twice, &request("gzip"), Effort::Now).await;
        assert_eq!(*twice.body(), once);
        let mut unchanged = answer(StatusCode::NOT_MODIFIED, JSON, "");
        compress(&mut unchanged, &request("gzip"), Effort::Now).await;
        assert!(unchanged.headers().contains_key(header::VARY));
    }
}
