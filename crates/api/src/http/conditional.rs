//! Entity tags: an answer that the client holds already is not sent again (RFC 9110, section 13).

use std::hash::{DefaultHasher, Hasher};

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::exchange::{Answer, empty};

/// A strong entity tag of `body`. It may change with Tenon's version, which costs one transfer.
pub(crate) fn etag(body: &[u8]) -> HeaderValue {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    // With its fixed keys it is the same in every process, so that instances behind a balancer agree.
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    let hash = hasher.finish();
    let mut text = [b'"'; 18];
    for (position, digit) in text[1..17].iter_mut().enumerate() {
        *digit = HEX[(hash >> (60 - 4 * position)) as usize & 15];
    }
    HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("\"\""))
}

/// `answer` with its entity tag; 304 without a body if the client holds it already.
pub(crate) fn conditional(request: &HeaderMap, answer: Answer, tag: HeaderValue) -> Answer {
    let mut answer = answer;
    if matches(request, &tag) {
        let mut unchanged = empty(StatusCode::NOT_MODIFIED);
        std::mem::swap(unchanged.headers_mut(), answer.headers_mut());
        unchanged.headers_mut().remove(header::CONTENT_TYPE);
        answer = unchanged;
    }
    answer.headers_mut().insert(header::ETAG, tag);
    answer
}

/// Whether `If-None-Match` names `tag`, by weak comparison.
fn matches(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|held| held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::exchange::{JSON, answer};

    #[test]
    fn what_the_client_holds_is_not_sent_again() {
        let tag = etag(b"{}");
        let tag_text = tag.to_str().unwrap().to_owned();
        for (held, status) in [
            (tag_text.clone(), 304),
            (format!("W/{tag_text}"), 304),
            (format!("\"a\", {tag_text}"), 304),
            ("*".to_owned(), 304),
            ("\"a\"".to_owned(), 200),
            (String::new(), 200),
        ] {
            let mut request = HeaderMap::new();
            request.insert(header::IF_NONE_MATCH, HeaderValue::from_str(&held).unwrap());
            let answer = conditional(&request, answer(StatusCode::OK, JSON, "{}"), tag.clone());
            assert_eq!(answer.status(), status, "{held}");
            assert_eq!(answer.headers()[header::ETAG], tag);
            assert_eq!(answer.body().is_empty(), status == 304);
        }
    }

    #[test]
    fn another_body_has_another_tag() {
        assert_ne!(etag(b"a"), etag(b"b"));
        assert_eq!(etag(b"a").len(), 18);
    }
}
