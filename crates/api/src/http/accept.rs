//! Content negotiation: which of the media types that can be served the client wants most (RFC 9110, section 12.5.1).

use http::{HeaderMap, StatusCode, header};
use tenon_errors::{Report, catalogue::api::NOT_ACCEPTABLE};

use super::exchange::Failure;

/// More ranges than this are not looked at.
const MOST_RANGES: usize = 32;

/// The position in `offered` (such as `application/json`) of what the client prefers; of equals the first. Without an
/// `Accept` header that is the first one. `A0109` if the client accepts none.
pub(crate) fn choose(headers: &HeaderMap, offered: &[&str]) -> Result<usize, Failure> {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .take(MOST_RANGES)
        .peekable();
    if ranges.peek().is_none() {
        return Ok(0);
    }
    let mut best: Vec<(u8, u16)> = vec![(0, 0); offered.len()];
    for range in ranges {
        let (media_type, quality) = parse(range);
        for (offer, best) in offered.iter().zip(&mut best) {
            if let Some(precision) = precision(media_type, offer).filter(|precision| *precision > best.0) {
                *best = (precision, quality);
            }
        }
    }
    let most = best.iter().map(|(_, quality)| *quality).max().unwrap_or(0);
    match best.iter().position(|(_, quality)| *quality == most) {
        Some(position) if most > 0 => Ok(position),
        _ => Err(not_acceptable(headers, offered)),
    }
}

/// The media type of a range, and its quality in thousandths.
fn parse(range: &str) -> (&str, u16) {
    let (media_type, parameters) = range.split_once(';').unwrap_or((range, ""));
    let quality = parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_, value)| value.trim().parse::<f32>().ok())
        .unwrap_or(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000")]
    let quality = (quality.clamp(0.0, 1.0) * 1000.0) as u16;
    (media_type.trim(), quality)
}

/// How precisely `range` names `offer`: 3 in full, 2 by its type, 1 as anything.
fn precision(range: &str, offer: &str) -> Option<u8> {
    if range.eq_ignore_ascii_case(offer) {
        return Some(3);
    }
    if range == "*/*" {
        return Some(1);
    }
    let wanted = range.strip_suffix("/*")?;
    let (kind, _) = offer.split_once('/')?;
    wanted.eq_ignore_ascii_case(kind).then_some(2)
}

fn not_acceptable(headers: &HeaderMap, offered: &[&str]) -> Failure {
    let wanted: Vec<_> = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok()).collect();
    let message = format!("the client accepts {:?}, which is not served here", wanted.join(", "));
    let report = Report::new(&NOT_ACCEPTABLE, message).hint(format!("accept one of {}", offered.join(", ")));
    Failure::with_status(report, StatusCode::NOT_ACCEPTABLE)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const OFFERED: &[&str] = &["application/json", "application/graphql-response+json"];

    fn chosen(accept: &str) -> Option<usize> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        choose(&headers, OFFERED).ok()
    }

    #[test]
    fn the_most_precise_range_gives_the_quality() {
        for (accept, expected) in [
            ("", Some(0)),
            ("*/*", Some(0)),
            ("application/*", Some(0)),
            ("application/graphql-response+json", Some(1)),
            ("application/graphql-response+json, application/json;q=0.9", Some(1)),
            ("application/graphql-response+json;q=0.5, */*", Some(0)),
            ("application/json;q=0, */*", Some(1)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("APPLICATION/JSON; q=1", Some(0)),
            (";;;,,,===", None),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
    }
}
