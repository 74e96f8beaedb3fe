//! Replies: by status and media type, decoded and held against what is described.

use http::{HeaderValue, StatusCode, header};
use tenon_errors::{
    Report, Reports,
    catalogue::{contract::UNSUPPORTED_KEYWORD, system::UNEXPECTED_REPLY},
};
use tenon_model::{Kind, Shape, Str, Value};

use super::body::is_json;
use crate::{
    format::{Answer, Incoming, MediaType as Named, Refusal, beginning},
    json::Decoder,
    openapi::{
        MediaType, Request,
        media::{Family, family},
    },
    text::ScalarDecoder,
};

/// The replies of a request.
#[derive(Debug)]
pub(super) struct Replies {
    replies: Vec<Reply>,
    /// Whether one of them says that all went well; else `default` does.
    has_success: bool,
    accept: Vec<Str>,
}

#[derive(Debug)]
struct Reply {
    status: Str,
    /// Its position among the failures.
    failure: Option<usize>,
    contents: Vec<Content>,
}

#[derive(Debug)]
struct Content {
    media_type: Str,
    /// `None` for a form that cannot be read.
    reads: Option<Reads>,
}

#[derive(Debug)]
enum Reads {
    Json(Decoder),
    Lines(Decoder),
    Text(ScalarDecoder),
    Octets,
}

impl Replies {
    pub(super) fn new(request: &Request) -> Result<Self, Reports> {
        let has_success = request.replies.iter().any(super::super::Reply::is_success);
        let (mut replies, mut accept, mut failures) = (Vec::new(), Vec::new(), 0);
        for described in &request.replies {
            let is_success = described.is_success() || (!has_success && described.status == "default");
            let contents: Vec<Content> =
                described.content.iter().map(Content::new).collect::<Result<_, Report>>()?;
            if is_success && !contents.is_empty() && contents.iter().all(|content| content.reads.is_none()) {
                let names: Vec<_> = contents.iter().map(|it| format!("`{}`", it.media_type)).collect();
                let message = format!("a reply in {} cannot be read", names.join(" or "));
                let report = Report::new(&UNSUPPORTED_KEYWORD, message).at(described.place.clone());
                return Err(report.hint("describe the reply as JSON, text or octets").into());
            }
            let readable = contents.iter().filter(|content| content.reads.is_some());
            for content in readable {
                if !accept.contains(&content.media_type) {
                    accept.push(content.media_type.clone());
                }
            }
            let failure = (!described.is_success()).then(|| {
                failures += 1;
                failures - 1
            });
            replies.push(Reply { status: described.status.clone(), failure, contents });
        }
        Ok(Self { replies, has_success, accept })
    }

    /// What is accepted, in the order of the description (RFC 9110, section 12.5.1).
    pub(super) fn accept(&self) -> Option<HeaderValue> {
        let all = match self.accept.is_empty() {
            true => return None,
            false => self.accept.join(", "),
        };
        HeaderValue::try_from(all).ok()
    }

    /// What `reply` means; one without a body whatever it says, where the request was for its head alone.
    pub(super) fn read(&self, reply: &Incoming<'_>, is_head: bool) -> Result<Answer, Report> {
        let described = self.described(reply.status);
        let by_default = described.is_some_and(|found| found.status == "default");
        if by_default && self.has_success && reply.status.is_success() {
            // It went well, and nothing says what that means.
            let message = format!(
                "the reply is {}, which the description only has as a failure",
                reply.status.as_u16()
            );
            return Err(Report::new(&UNEXPECTED_REPLY, message).hint("add the reply to the description"));
        }
        let is_success =
            reply.status.is_success() || (by_default && !self.has_success && !is_failure(reply.status));
        if !is_success {
            return Ok(Answer::Failed(refusal(described, reply)));
        }
        let Some(described) = described else {
            let known: Vec<_> = self.replies.iter().map(|it| format!("`{}`", it.status)).collect();
            let message = match known.is_empty() {
                // Nothing is known of what it answers, so that anything is right.
                true => return Ok(Answer::Done(Value::Null)),
                false => format!(
                    "the reply is {}, and the description has {}",
                    reply.status.as_u16(),
                    known.join(", ")
                ),
            };
            return Err(Report::new(&UNEXPECTED_REPLY, message).hint("add the reply to the description"));
        };
        if is_head {
            return Ok(Answer::Done(Value::Null));
        }
        described.value(reply).map(Answer::Done)
    }

    /// The reply that is described for `status`: exactly, as a range, or as what all others are.
    fn described(&self, status: StatusCode) -> Option<&Reply> {
        let exact = status.as_str();
        let range = format!("{}XX", &exact[..1]);
        let of = |name: &str| self.replies.iter().find(|reply| reply.status == name);
        of(exact).or_else(|| of(&range)).or_else(|| of("default"))
    }
}

fn item_of(shape: &Shape) -> Option<Shape> {
    match &shape.resolved().kind {
        Kind::List(list) => Some(list.item.clone()),
        _ => None,
    }
}

fn is_failure(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error() || status.is_redirection()
}

impl Content {
    fn new(content: &MediaType) -> Result<Self, Report> {
        let name = content.name.as_str();
        let at = |report: Report| report.at(content.place.clone());
        let item = content.item.clone().or_else(|| item_of(&content.shape));
        let reads = match family(name) {
            Family::Json if is_json(name) => Some(Reads::Json(Decoder::new(&content.shape).map_err(at)?)),
            Family::Stream if !name.contains("event-stream") => {
                let item = item.unwrap_or_else(|| content.shape.clone());
                Some(Reads::Lines(Decoder::new(&item).map_err(at)?))
            }
            Family::Text => Some(Reads::Text(ScalarDecoder::new(&content.shape).map_err(at)?)),
            Family::Other => Some(Reads::Octets),
            _ => None,
        };
        Ok(Self { media_type: content.name.clone(), reads })
    }

    /// How closely it names what a reply says of itself; 0 where it does not.
    fn closeness(&self, essence: &str) -> u8 {
        let bare = self.media_type.split(';').next().unwrap_or_default().trim();
        let kind = bare.strip_suffix("/*");
        match () {
            () if bare.eq_ignore_ascii_case(essence) => 4,
            // What is called by another name is the same notation.
            () if is_json(bare) && bare != "*/*" && is_json(essence) => 3,
            () if bare == "*/*" => 1,
            () => match (kind, essence.split_once('/')) {
                (Some(kind), Some((of, _))) if kind.eq_ignore_ascii_case(of) => 2,
                _ => 0,
            },
        }
    }
}

impl Reply {
    /// What the body says.
    fn value(&self, reply: &Incoming<'_>) -> Result<Value, Report> {
        if self.contents.is_empty() {
            // A body that nobody has described says nothing that could be relied on.
            return Ok(Value::Null);
        }
        let said = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let named = said.map(Named::parse);
        let content = match &named {
            Some(named) => {
                let closest = self.contents.iter().max_by_key(|content| content.closeness(named.essence));
                closest.filter(|content| content.closeness(named.essence) > 0)
            }
            None => self.contents.first(),
        };
        let Some(content) = content else {
            let known: Vec<_> = self.contents.iter().map(|it| format!("`{}`", it.media_type)).collect();
            let message = format!(
                "the reply is `{}`, and the description has {}",
                named.map(|named| named.essence).unwrap_or_default(),
                known.join(", ")
            );
            let report = Report::new(&UNEXPECTED_REPLY, message).because(beginning(reply.body));
            return Err(report.hint("look at what the system answers: it may be the page of a proxy"));
        };
        let Some(reads) = &content.reads else {
            let message = format!("the reply is `{}`, which cannot be read", content.media_type);
            return Err(Report::new(&UNEXPECTED_REPLY, message));
        };
        reads.value(reply.body).map_err(|report| {
            let message = "the reply does not follow the description of the system";
            let details =
                if report.details().is_empty() { vec![report.clone()] } else { report.details().to_vec() };
            Report::new(&UNEXPECTED_REPLY, message).with_details(details).because(beginning(reply.body))
        })
    }
}

impl Reads {
    fn value(&self, body: &[u8]) -> Result<Value, Report> {
        match self {
            Self::Json(decoder) => decoder.decode(body),
            Self::Lines(decoder) => {
                let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
                // A record separator may stand before each (RFC 7464).
                let lines = lines.map(|line| line.strip_prefix(b"\x1e").unwrap_or(line));
                lines.map(|line| decoder.decode(line)).collect::<Result<_, _>>().map(Value::list)
            }
            Self::Text(decoder) => match std::str::from_utf8(body) {
                Ok(text) => decoder.decode(text),
                Err(_) => Err(Report::new(&UNEXPECTED_REPLY, "the text of the reply is not UTF-8")),
            },
            Self::Octets => Ok(Value::Bytes(body.into())),
        }
    }
}

fn refusal(described: Option<&Reply>, reply: &Incoming<'_>) -> Refusal {
    let value = described.filter(|it| !it.contents.is_empty()).and_then(|it| it.value(reply).ok());
    Refusal::by_status(reply, described.and_then(|it| it.failure), value)
}
