//! Entity tags and preconditions (RFC 9110, sections 8.8 and 13): an answer that the client holds already is not sent again, and
//! what was changed since the client read it is not changed in its name.

use std::hash::{DefaultHasher, Hasher};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::fmt::strtime;
use tenon_errors::{
    Report,
    catalogue::api::{MALFORMED_REQUEST, PRECONDITION_FAILED, PRECONDITION_UNKNOWN},
};

use super::exchange::{Answer, Failure, empty};

/// What the tag of a compressed answer ends with: its bytes are others, and its tag is as good (section 8.8.3.3).
const COMPRESSED: &str = "-gzip";

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

/// The tag of what has the tag `state` in JSON, in another form with this body. It is told from all others, as strong tags have to
/// be (section 8.8.1), and says which state it is of, for whoever asks that nothing has changed.
pub(crate) fn of_form(state: &HeaderValue, body: &[u8]) -> HeaderValue {
    let joined =
        [state.as_bytes().strip_suffix(b"\"").unwrap_or_default(), b"-", &etag(body).as_bytes()[1..]]
            .concat();
    HeaderValue::from_bytes(&joined).unwrap_or_else(|_| state.clone())
}

/// The tag of the state that `tag` is of, whatever its form.
fn state_of(tag: &str) -> String {
    match tag.split_once('-') {
        Some((state, form))
            if form.get(..16).is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit())) =>
        {
            format!("{state}\"")
        }
        _ => tag.to_owned(),
    }
}

/// The tag of the same answer, compressed.
pub(super) fn compressed(tag: &HeaderValue) -> Option<HeaderValue> {
    let opaque = tag.to_str().ok()?.strip_suffix('"')?;
    HeaderValue::from_str(&format!("{opaque}{COMPRESSED}\"")).ok()
}

/// `answer` with its entity tag; 304 without a body if the client holds it already.
///
/// # Errors
/// `A0116` if the client wants another state than this one.
pub(crate) fn conditional(request: &HeaderMap, answer: Answer, tag: HeaderValue) -> Result<Answer, Failure> {
    let (mut answer, mut tag) = (answer, tag);
    let text = tag.clone();
    let state = text.to_str().ok();
    if let Some(wanted) = Wanted::read(request, &header::IF_MATCH)?
        && !wanted.names(state, true)
    {
        return Err(changed());
    }
    // One that cannot be read names nothing, which costs one transfer.
    let held = Wanted::read(request, &header::IF_NONE_MATCH).unwrap_or(None);
    if let Some(held) = held.filter(|held| held.names(state, false)) {
        let mut unchanged = empty(StatusCode::NOT_MODIFIED);
        std::mem::swap(unchanged.headers_mut(), answer.headers_mut());
        unchanged.headers_mut().remove(header::CONTENT_TYPE);
        answer = unchanged;
        // What the client holds may be the compressed answer.
        if let Some(compressed) = compressed(&tag).filter(|tag| held.names_exactly(tag)) {
            tag = compressed;
        }
    }
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

/// What a request that acts asks of the state that it finds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Preconditions {
    matches: Option<Wanted>,
    matches_none: Option<Wanted>,
    /// Not to be modified since some time, where no tag says it better (section 13.2.2).
    unmodified_since: bool,
}

impl Preconditions {
    /// Those of `request`; `None` if it has none. `If-Modified-Since` is none of a request that acts (section 13.1.3).
    ///
    /// # Errors
    /// `A0113` for one that cannot be read: it is not ignored.
    pub(crate) fn of(request: &HeaderMap) -> Result<Option<Self>, Failure> {
        let matches = Wanted::read(request, &header::IF_MATCH)?;
        let unmodified_since = matches.is_none() && says_when(request);
        let matches_none = Wanted::read(request, &header::IF_NONE_MATCH)?;
        let these = Self { matches, matches_none, unmodified_since };
        Ok(Some(these).filter(|these| *these != Self::default()))
    }

    /// Whether they hold for the resource as it is: its tag, or `None` if there is none.
    ///
    /// # Errors
    /// `A0116` if not, `A0117` for a time, since that of the last change is not known.
    pub(crate) fn hold(&self, state: Option<&HeaderValue>) -> Result<(), Failure> {
        if self.unmodified_since {
            return Err(unknown(
                "it is not known when the resource was last modified",
                "send `If-Match` with its `ETag`",
            ));
        }
        let state = state.and_then(|tag| tag.to_str().ok());
        let matches = self.matches.as_ref().is_none_or(|wanted| wanted.names_state(state, true));
        let is_other = self.matches_none.as_ref().is_none_or(|held| !held.names_state(state, false));
        if matches && is_other { Ok(()) } else { Err(changed()) }
    }
}

/// The forms of an HTTP date (RFC 9110, section 5.6.7).
const DATES: &[&str] = &["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// Whether `If-Unmodified-Since` is one date: anything else is ignored (section 13.1.4).
fn says_when(request: &HeaderMap) -> bool {
    let mut values = request.get_all(header::IF_UNMODIFIED_SINCE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Ok(text) = value.to_str() else { return false };
    let is_date = |form: &&str| strtime::parse(form, text).and_then(|time| time.to_datetime()).is_ok();
    DATES.iter().any(is_date)
}

/// What `If-Match` or `If-None-Match` names.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// Any state, as long as there is one.
    Any,
    /// Entity tags, with whether each is weak.
    Tags(Vec<(bool, String)>),
}

impl Wanted {
    fn read(request: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Failure> {
        let malformed = || {
            let message = format!("the header `{name}` is neither `*` nor a list of entity tags");
            Failure::from(
                Report::new(&MALFORMED_REQUEST, message).hint("send the `ETag` as it came, with its quotes"),
            )
        };
        let mut lines = request.get_all(name).iter().peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        let (mut tags, mut any) = (Vec::new(), false);
        for line in lines {
            let mut rest = line.to_str().map_err(|_| malformed())?;
            loop {
                rest = rest.trim_start_matches([' ', '\t', ',']);
                if rest.is_empty() {
                    break;
                }
                if let Some(after) = rest.strip_prefix('*') {
                    (any, rest) = (true, after);
                } else {
                    let (weak, tag) = rest.strip_prefix("W/").map_or((false, rest), |tag| (true, tag));
                    let opaque = tag.strip_prefix('"').ok_or_else(malformed)?;
                    let end = opaque.find('"').ok_or_else(malformed)?;
                    tags.push((weak, format!("\"{}\"", &opaque[..end])));
                    rest = &opaque[end + 1..];
                }
                let after = rest.trim_start_matches([' ', '\t']);
                if !after.is_empty() && !after.starts_with(',') {
                    return Err(malformed());
                }
            }
        }
        match (any, tags.is_empty()) {
            (true, true) => Ok(Some(Self::Any)),
            (false, false) => Ok(Some(Self::Tags(tags))),
            _ => Err(malformed()),
        }
    }

    /// Whether it names the state with this tag, or its compressed form: by strong comparison, in which weak tags are equal
    /// to nothing, or by weak comparison (section 8.8.3.2).
    fn names(&self, state: Option<&str>, strong: bool) -> bool {
        let Some(state) = state else { return false };
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|(weak, tag)| {
                let plain = tag.strip_suffix("-gzip\"").map(|opaque| format!("{opaque}\""));
                !(strong && *weak) && (tag == state || plain.is_some_and(|plain| plain == state))
            }),
        }
    }

    /// The same, for the state in any of its forms: a client that has read one of them has seen it.
    fn names_state(&self, state: Option<&str>, strong: bool) -> bool {
        match self {
            Self::Any => self.names(state, strong),
            Self::Tags(tags) => {
                let tags = tags.iter().map(|(weak, tag)| (*weak, state_of(tag))).collect();
                Self::Tags(tags).names(state, strong)
            }
        }
    }

    fn names_exactly(&self, tag: &HeaderValue) -> bool {
        matches!(self, Self::Tags(tags) if tags.iter().any(|(_, held)| tag.as_bytes() == held.as_bytes()))
    }
}

fn changed() -> Failure {
    let report =
        Report::new(&PRECONDITION_FAILED, "the resource is not in the state that the request asks for")
            .hint("read it again, and repeat the request with its current `ETag`");
    Failure::with_status(report, StatusCode::PRECONDITION_FAILED)
}

/// The refusal of a precondition that there is nothing to hold against.
pub(crate) fn unknown(reason: &str, hint: &str) -> Failure {
    let report = Report::new(&PRECONDITION_UNKNOWN, format!("the precondition cannot be checked: {reason}"))
        .hint(hint);
    Failure::with_status(report, StatusCode::PRECONDITION_FAILED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::exchange::answer;

    const JSON: HeaderValue = HeaderValue::from_static("application/json");

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn what_the_client_holds_is_not_sent_again() {
        let tag = etag(b"{}");
        let text = tag.to_str().unwrap();
        let packed = compressed(&tag).unwrap();
        for (held, status, sent) in [
            (text, 304, &tag),
            (&format!("W/{text}"), 304, &tag),
            (&format!("\"a,b\", {text}"), 304, &tag),
            (packed.to_str().unwrap(), 304, &packed),
            ("*", 304, &tag),
            ("\"a\"", 200, &tag),
            ("", 200, &tag),
            (text.trim_matches('"'), 200, &tag),
        ] {
            let request = headers(&[(header::IF_NONE_MATCH, held)]);
            let answer = conditional(&request, answer(StatusCode::OK, JSON, "{}"), tag.clone()).unwrap();
            assert_eq!(answer.status(), status, "{held}");
            assert_eq!(answer.headers()[header::ETAG], sent, "{held}");
            assert_eq!(answer.body().is_empty(), status == 304);
        }
    }

    #[test]
    fn another_state_than_is_wanted_is_not_sent() {
        let tag = etag(b"{}");
        let text = tag.to_str().unwrap();
        for (wanted, status) in [(text, Ok(200)), ("*", Ok(200)), ("\"a\"", Err(412)), ("a", Err(400))] {
            let request = headers(&[(header::IF_MATCH, wanted), (header::IF_UNMODIFIED_SINCE, "x")]);
            let answer = conditional(&request, answer(StatusCode::OK, JSON, "{}"), tag.clone());
            let seen = answer.map(|it| it.status().as_u16()).map_err(|failure| failure.status.as_u16());
            assert_eq!(seen, status, "{wanted}");
        }
    }

    #[test]
    fn preconditions_hold_or_do_not_and_are_never_ignored() {
        use header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
        const DATE: &str = "Sat, 29 Oct 1994 19:43:31 GMT";
        let there = HeaderValue::from_static("\"1\"");
        for (request, there_is, there_is_none) in [
            (&[(IF_MATCH, "\"1\"")][..], Ok(()), Err("A0116")),
            (&[(IF_MATCH, "\"0\", \"1-gzip\"")], Ok(()), Err("A0116")),
            (&[(IF_MATCH, "W/\"1\"")], Err("A0116"), Err("A0116")),
            (&[(IF_MATCH, "\"2\"")], Err("A0116"), Err("A0116")),
            (&[(IF_MATCH, "*")], Ok(()), Err("A0116")),
            (&[(IF_NONE_MATCH, "*")], Err("A0116"), Ok(())),
            (&[(IF_NONE_MATCH, "W/\"1\"")], Err("A0116"), Ok(())),
            (&[(IF_NONE_MATCH, "\"2\"")], Ok(()), Ok(())),
            (&[(IF_MATCH, "\"1\""), (IF_UNMODIFIED_SINCE, DATE)], Ok(()), Err("A0116")),
            (&[(IF_UNMODIFIED_SINCE, DATE)], Err("A0117"), Err("A0117")),
            (&[(IF_UNMODIFIED_SINCE, "Saturday, 29-Oct-94 19:43:31 GMT")], Err("A0117"), Err("A0117")),
            (&[(IF_UNMODIFIED_SINCE, "Sat Oct 29 19:43:31 1994")], Err("A0117"), Err("A0117")),
            (&[(IF_UNMODIFIED_SINCE, "Tue Nov  1 19:43:31 1994")], Err("A0117"), Err("A0117")),
            (&[(IF_UNMODIFIED_SINCE, "blah")], Ok(()), Ok(())),
            (&[(IF_UNMODIFIED_SINCE, "Sat, 32 Oct 1994 19:43:31 GMT")], Ok(()), Ok(())),
            (&[(IF_UNMODIFIED_SINCE, "1994-10-29T19:43:31Z")], Ok(()), Ok(())),
            (&[(IF_MODIFIED_SINCE, DATE)], Ok(()), Ok(())),
            (&[(IF_MATCH, "1")], Err("A0113"), Err("A0113")),
            (&[(IF_NONE_MATCH, "*, \"1\"")], Err("A0113"), Err("A0113")),
            (&[(IF_MATCH, "\"1\" \"2\"")], Err("A0113"), Err("A0113")),
        ] {
            for (state, expected) in [(Some(&there), there_is), (None, there_is_none)] {
                let held = Preconditions::of(&headers(request))
                    .and_then(|these| these.map_or(Ok(()), |these| these.hold(state)));
                assert_eq!(
                    held.map_err(|failure| failure.report.code().id),
                    expected,
                    "{request:?} {state:?}"
                );
            }
        }
    }

    #[test]
    fn every_form_of_a_state_has_a_tag_of_its_own_and_names_the_state() {
        let state = etag(b"{}");
        let form = of_form(&state, b"<r/>");
        let packed = compressed(&form).unwrap();
        for tag in [&state, &form, &packed] {
            let text = tag.to_str().unwrap();
            let held = Preconditions::of(&headers(&[(header::IF_MATCH, text)])).unwrap().unwrap();
            assert!(held.hold(Some(&state)).is_ok(), "{text}");
            assert!(held.hold(Some(&etag(b"[]"))).is_err(), "{text}");
        }
        // What the client holds in one form is sent in another.
        let request = headers(&[(header::IF_NONE_MATCH, form.to_str().unwrap())]);
        let answered = conditional(&request, answer(StatusCode::OK, JSON, "{}"), state.clone()).unwrap();
        assert_eq!(answered.status(), 200);
        let request = headers(&[(header::IF_NONE_MATCH, packed.to_str().unwrap())]);
        let answered = conditional(&request, answer(StatusCode::OK, JSON, "<r/>"), form.clone()).unwrap();
        assert_eq!(answered.status(), 304);
    }

    #[test]
    fn another_body_has_another_tag() {
        assert_ne!(etag(b"a"), etag(b"b"));
        assert_eq!(etag(b"a").len(), 18);
    }
}
