//! Content negotiation: which of the media types that can be served the client wants most (RFC 9110, section 12.5.1).

use http::{HeaderMap, StatusCode, header};
use tenon_contracts::format::MediaType;
use tenon_errors::{Report, catalogue::api::NOT_ACCEPTABLE};

use super::{exchange::Failure, media::VERSION};

/// More ranges than this are not looked at.
const MOST_RANGES: usize = 32;

/// The position in `offered` (such as `application/json`) of what the client prefers; of equals the first. Without an
/// `Accept` header that is the first one. `A0109` if the client accepts none.
pub(crate) fn choose(headers: &HeaderMap, offered: &[&str]) -> Result<usize, Failure> {
    choose_of(headers, offered, None).map(|choice| choice.position)
}

/// What a client prefers.
pub(crate) struct Choice {
    pub(crate) position: usize,
    /// Whether it asks for the version that there is by its number.
    pub(crate) names_version: bool,
}

/// As [`choose`], of what is offered in this version: a range that asks for another one accepts none of it.
pub(crate) fn choose_of(
    headers: &HeaderMap,
    offered: &[&str],
    version: Option<u32>,
) -> Result<Choice, Failure> {
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
        return Ok(Choice { position: 0, names_version: false });
    }
    let mut best: Vec<(u8, u16)> = vec![(0, 0); offered.len()];
    for range in ranges {
        let (media_type, quality) = parse(range);
        let named = version.and_then(|version| Some((version, MediaType::parse(range).parameter(VERSION)?)));
        if named.is_some_and(|(version, named)| named != version.to_string()) {
            continue;
        }
        for (offer, best) in offered.iter().zip(&mut best) {
            let precision =
                precision(media_type, offer).map(|it| if named.is_some() { it | NAMED } else { it });
            if let Some(precision) = precision.filter(|precision| *precision > best.0) {
                *best = (precision, quality);
            }
        }
    }
    let most = best.iter().map(|(_, quality)| *quality).max().unwrap_or(0);
    match best.iter().position(|(_, quality)| *quality == most) {
        Some(position) if most > 0 => Ok(Choice { position, names_version: best[position].0 & NAMED != 0 }),
        _ => Err(not_acceptable(headers, offered, version)),
    }
}

/// The bit of a precision that says that the version is named: such a range is more precise than any without.
const NAMED: u8 = 4;

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

fn not_acceptable(headers: &HeaderMap, offered: &[&str], version: Option<u32>) -> Failure {
    let wanted: Vec<_> = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok()).collect();
    let message = format!("the client accepts {:?}, which is not served here", wanted.join(", "));
    let is_named = |range: &&str| MediaType::parse(range).parameter(VERSION).is_some();
    let version =
        version.filter(|_| wanted.iter().flat_map(|value| value.split(',')).any(|it| is_named(&it)));
    let offer = |offered: &&str| match version {
        Some(version) => format!("{offered}; {VERSION}={version}"),
        None => (*offered).to_owned(),
    };
    let offered: Vec<String> = offered.iter().map(offer).collect();
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

    #[test]
    fn a_range_that_asks_for_a_version_accepts_that_alone() {
        for (accept, expected) in [
            ("application/json; version=2", Some((0, true))),
            ("application/json; Version=\"2\"; q=0.5", Some((0, true))),
            ("application/json; version=1", None),
            ("application/json; version=1, */*", Some((0, false))),
            ("application/json; version=2; q=0, */*; q=0.1", Some((1, false))),
            ("*/*; version=2", Some((0, true))),
            ("application/json", Some((0, false))),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
            let choice = choose_of(&headers, OFFERED, Some(2)).ok();
            assert_eq!(choice.map(|it| (it.position, it.names_version)), expected, "{accept:?}");
        }
    }
}
