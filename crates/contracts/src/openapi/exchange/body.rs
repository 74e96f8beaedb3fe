//! Bodies of requests.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use tenon_errors::{
    Report, Reports,
    catalogue::{contract::UNSUPPORTED_KEYWORD, data::CONTRACT_VIOLATION},
};
use tenon_model::{Str, Value};

use super::multipart;
use crate::{
    json,
    openapi::{
        self, Encoding, Location, MediaType,
        media::{Family, family},
        style::{Form as Look, Style, encode, text_of},
    },
    validate::Validator,
};

/// The body of a request.
#[derive(Debug)]
pub(super) struct Body {
    forms: Vec<Form>,
}

/// One form of a body.
#[derive(Debug)]
struct Form {
    media_type: HeaderValue,
    writes: Writes,
    /// Whether a value has this form, where there are several.
    validator: Option<Validator>,
}

#[derive(Debug)]
enum Writes {
    Json,
    /// One JSON value in each line.
    Lines,
    Text,
    Octets,
    Pairs(Vec<Encoding>),
    Parts(Vec<Encoding>),
}

impl Body {
    pub(super) fn new(body: &openapi::Body) -> Result<Self, Reports> {
        let mut forms = Vec::new();
        for content in &body.content {
            let Some(form) = Form::new(content) else { continue };
            let validator = match body.content.len() {
                1 => None,
                _ => Some(Validator::new(&content.shape).map_err(|report| report.at(content.place.clone()))?),
            };
            forms.push(Form { validator, ..form });
        }
        if !forms.is_empty() || body.content.is_empty() {
            return Ok(Self { forms });
        }
        let names: Vec<_> = body.content.iter().map(|content| format!("`{}`", content.name)).collect();
        let message = format!("a body in {} cannot be written", names.join(" or "));
        let report = Report::new(&UNSUPPORTED_KEYWORD, message).at(body.place.clone());
        Err(report.hint("describe the body as JSON, a form, multipart, text or octets").into())
    }

    /// The body that says `value`; its media type goes to `headers`.
    pub(super) fn write(&self, value: Option<&Value>, headers: &mut HeaderMap) -> Result<Bytes, Report> {
        let Some(value) = value else { return Ok(Bytes::new()) };
        let has_form = |form: &&Form| form.validator.as_ref().is_none_or(|it| it.check(value).is_ok());
        let Some(form) = self.forms.iter().find(has_form) else {
            let message = "has none of the forms that a body of this operation may have";
            return Err(Report::new(&CONTRACT_VIOLATION, message).path("/body"));
        };
        let mut media_type = form.media_type.clone();
        let bytes = match &form.writes {
            Writes::Json => json::to_string(value).into_bytes(),
            Writes::Lines => {
                let mut out = Vec::new();
                for item in value.as_list().unwrap_or(std::slice::from_ref(value)) {
                    json::encode(item, &mut out);
                    out.push(b'\n');
                }
                out
            }
            Writes::Text => text_of(value).into_bytes(),
            Writes::Octets => octets(value),
            Writes::Pairs(encodings) => pairs(value, encodings)?.into_bytes(),
            Writes::Parts(encodings) => {
                let (boundary, body) = multipart::write(value, encodings)?;
                let named = format!("{}; boundary={boundary}", media_type.to_str().unwrap_or_default());
                media_type = HeaderValue::try_from(named).unwrap_or(media_type);
                body
            }
        };
        headers.insert(header::CONTENT_TYPE, media_type);
        Ok(Bytes::from(bytes))
    }
}

impl Form {
    /// The form of bodies of this media type; `None` where it cannot be written.
    fn new(content: &MediaType) -> Option<Self> {
        let name = content.name.as_str();
        let kind = family(name);
        let writes = match kind {
            Family::Json if is_json(name) => Writes::Json,
            Family::Stream if !name.contains("event-stream") => Writes::Lines,
            Family::Text => Writes::Text,
            Family::Form if name.starts_with("multipart/") => Writes::Parts(content.encodings.clone()),
            Family::Form => Writes::Pairs(content.encodings.clone()),
            Family::Other => Writes::Octets,
            _ => return None,
        };
        // A range says what is allowed; what is sent is one type.
        let sent = match (kind, name.contains('*')) {
            (_, false) => name,
            (Family::Json, _) => "application/json",
            (Family::Text, _) => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        };
        let media_type = HeaderValue::try_from(sent).ok()?;
        Some(Self { media_type, writes, validator: None })
    }
}

/// Whether values of this media type are written as JSON: others have the same values, and another notation.
pub(super) fn is_json(name: &str) -> bool {
    let bare = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    bare.ends_with("/json") || bare.ends_with("+json") || bare == "*/*" || bare == "application/*"
}

pub(super) fn octets(value: &Value) -> Vec<u8> {
    match value {
        Value::Bytes(bytes) => bytes.to_vec(),
        value => text_of(value).into_bytes(),
    }
}

/// The fields of a form (WHATWG URL, section 5), each by its style.
fn pairs(value: &Value, encodings: &[Encoding]) -> Result<String, Report> {
    let mut written: Vec<String> = Vec::new();
    for (name, value) in fields(value)? {
        let encoding = encodings.iter().find(|encoding| encoding.property == name);
        let style = encoding.and_then(|encoding| encoding.style);
        let is_json = style.is_none() && matches!(value, Value::Map(_));
        let style = style.unwrap_or(Style { form: Look::Form, explode: true, allow_reserved: false });
        let text = is_json.then(|| Value::from(json::to_string(value).as_str()));
        let pair = encode(&name, text.as_ref().unwrap_or(value), style, Location::Query);
        written.push(pair.map_err(|report| {
            let path = format!("/body{}", report.data_path().unwrap_or_default());
            report.path(path)
        })?);
    }
    written.retain(|pair| !pair.is_empty());
    Ok(written.join("&"))
}

/// The fields of a record by their names.
pub(super) fn fields(value: &Value) -> Result<Vec<(Str, &Value)>, Report> {
    let Some(map) = value.as_map() else {
        let message = format!("is {}, and a form has fields", value.kind_name());
        return Err(Report::new(&CONTRACT_VIOLATION, message).path("/body"));
    };
    Ok(map.iter().map(|(key, value)| (Str::from(key.to_string()), value)).collect())
}
