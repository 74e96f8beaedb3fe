//! A header of WS-Security in each message of SOAP: who is calling, a time stamp, and a signature
//! ([SOAP Message Security 1.1.1](http://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-SOAPMessageSecurity-v1.1.1-os.html)).

mod envelope;
mod signature;
mod username;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::rand;
use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::system::{BAD_CLIENT, REQUEST_UNSENDABLE},
};
use tenon_ports::Clock;

use self::{
    envelope::{Envelope, declared},
    signature::Part,
};
pub use self::{
    signature::MessageSignature,
    username::{PasswordForm, UsernameToken},
};
use super::hex;
use crate::Credentials;

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// What is never sent twice, in bytes: enough that nobody guesses it.
const NONCE: usize = 16;

/// A header of WS-Security, which whoever receives the message has to understand.
pub struct WsSecurity {
    user: Option<UsernameToken>,
    life: Option<Duration>,
    signature: Option<MessageSignature>,
    clock: Arc<dyn Clock>,
}

impl WsSecurity {
    /// What `system` is sent: who is calling, until when a message holds, and what signs both and the body.
    ///
    /// # Errors
    /// `Y0410` for names and passwords that XML cannot have.
    pub fn new(
        system: &str,
        user: Option<UsernameToken>,
        life: Option<Duration>,
        signature: Option<MessageSignature>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Report> {
        let texts = user.iter().flat_map(|token| [token.user.as_str(), token.password.expose()]);
        let is_odd = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        if texts.into_iter().flat_map(str::chars).any(is_odd) {
            let message =
                format!("the user of `{system}` or its password has characters that XML cannot have");
            let report = Report::new(&BAD_CLIENT, message);
            return Err(report.hint("look for a line break at the end of the password"));
        }
        Ok(Self { user, life, signature, clock })
    }

    /// The message with the header; `None` for what is no envelope.
    fn secured(&self, message: &[u8], now: Timestamp, nonce: &[u8]) -> Option<Vec<u8>> {
        let envelope = Envelope::of(message)?;
        let (namespaces, once) = (format!(" xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\""), hex(nonce));
        // Without a signature nobody refers to the parts.
        let id = |what: &str| match self.signature {
            Some(_) => format!(" wsu:Id=\"{what}-{once}\""),
            None => String::new(),
        };
        let mut parts = Vec::new();
        let mut signed = |what: &str, alone: String| parts.push(Part { id: format!("{what}-{once}"), alone });
        let mut inside = String::new();
        if let Some(life) = self.life {
            let stamp = timestamp(&id("time"), now, life);
            signed("time", declared(&stamp, &namespaces));
            inside.push_str(&stamp);
        }
        if let Some(user) = &self.user {
            let token = user.element(&id("user"), &moment(now), nonce);
            signed("user", declared(&token, &namespaces));
            inside.push_str(&token);
        }
        let mut of_body = String::new();
        if let Some(signature) = &self.signature {
            of_body = format!(" xmlns:wsu=\"{WSU}\"{}", id("body"));
            signed("body", envelope.body_alone(&of_body));
            inside.push_str(&signature.elements(&format!("key-{once}"), &parts)?);
        }
        let block = format!(
            "<wsse:Security{namespaces} {}:mustUnderstand=\"1\">{inside}</wsse:Security>",
            envelope.prefix
        );
        Some(envelope.with(&block, &of_body))
    }
}

#[async_trait]
impl Credentials for WsSecurity {
    /// Each message has a time and a number of its own, also when it is sent again.
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let unsendable = |what: &str| Report::new(&REQUEST_UNSENDABLE, what.to_owned());
        let mut nonce = [0; NONCE];
        rand::fill(&mut nonce).map_err(|_| unsendable("the system has no random numbers"))?;
        let secured = self.secured(request.body(), self.clock.now(), &nonce);
        *request.body_mut() =
            secured.map(Bytes::from).ok_or_else(|| unsendable("what is sent is no envelope of SOAP"))?;
        Ok(())
    }
}

/// When a message was made, and until when it holds (section 10).
fn timestamp(attributes: &str, now: Timestamp, life: Duration) -> String {
    let expires = now.checked_add(life).unwrap_or(Timestamp::MAX);
    format!(
        "<wsu:Timestamp{attributes}><wsu:Created>{}</wsu:Created><wsu:Expires>{}</wsu:Expires></wsu:Timestamp>",
        moment(now),
        moment(expires)
    )
}

/// In UTC, as every time in the header, to the millisecond: some receivers read no more digits.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
