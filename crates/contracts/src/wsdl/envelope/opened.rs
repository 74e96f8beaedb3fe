//! Messages as whoever is asked takes them: looked at once, to find the operation, and then read by it.

use std::borrow::Cow;

use tenon_errors::{
    Report,
    catalogue::data::{BAD_ENCODING, TOO_LARGE},
};
use tenon_model::Value;

use super::{Envelope, Peek, decode::MAX_BYTES, peek::peek_text, security::is_security};
use crate::{
    charset::{self, Charset},
    wsdl::description::QName,
};

/// A message with what is seen at a first look.
#[derive(Debug)]
pub struct Opened<'b> {
    text: Cow<'b, str>,
    peek: Peek,
}

impl<'b> Opened<'b> {
    /// Looks at the message `bytes`, which came with the word `charset` on its encoding.
    ///
    /// # Errors
    /// `D0104` for more than 16 MiB, `D0105` for an encoding that is not known and for bytes that are not of theirs, `D0301` for what is no
    /// envelope up to the first element of its body.
    pub fn new(bytes: &'b [u8], charset: Option<&str>) -> Result<Self, Report> {
        if bytes.len() > MAX_BYTES {
            let message = format!("the message has {} bytes, and {MAX_BYTES} are allowed", bytes.len());
            return Err(Report::new(&TOO_LARGE, message));
        }
        let charset = match charset.map(|label| (label, Charset::named(label.as_bytes()))) {
            Some((label, None)) => {
                let message = format!("the message is in the encoding `{label}`, which is not known");
                return Err(Report::new(&BAD_ENCODING, message).hint("send it in UTF-8"));
            }
            Some((_, known)) => known,
            None => None,
        };
        let text = charset::xml_in(bytes, charset)?;
        let peek = peek_text(&text)?;
        Ok(Self { text, peek })
    }

    /// What is seen at a first look.
    #[must_use]
    pub fn peek(&self) -> &Peek {
        &self.peek
    }
}

impl Envelope {
    /// The value that the request `message` holds. Headers that have to be understood and are not described are a violation: look at
    /// [`misunderstood`](Self::misunderstood) first.
    ///
    /// # Errors
    /// As for [`decode_request`](Self::decode_request).
    pub fn request_in(&self, message: &Opened<'_>, knows_tokens: bool) -> Result<Value, Report> {
        let is_more = message.peek.security.as_ref().is_some_and(|it| it.other.is_some());
        self.request_known(&message.text, knows_tokens && !is_more)
    }

    /// The first header of `message` that has to be understood, and that the operation does not have. One of WS-Security is understood
    /// where it says nothing but when the message was made, and who has sent it, if whoever asks `knows_tokens`.
    #[must_use]
    pub fn misunderstood<'m>(&self, message: &'m Opened<'_>, knows_tokens: bool) -> Option<&'m QName> {
        let security = message.peek.security.as_ref();
        let is_secure = security.is_some_and(|it| it.other.is_none() && (knows_tokens || it.token.is_none()));
        let is_known = |header: &QName| {
            is_secure && is_security(&header.to_name())
                || self.operation.input.headers.iter().any(|it| it.element == *header)
        };
        message.peek.to_understand.iter().find(|header| !is_known(header))
    }
}
