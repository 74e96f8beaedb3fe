//! A name, a password and a time stamp in the header of each message of SOAP (WS-Security:
//! [SOAP Message Security 1.1.1](http://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-SOAPMessageSecurity-v1.1.1-os.html),
//! [Username Token Profile 1.1.1](http://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-UsernameTokenProfile-v1.1.1-os.html)).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::{
    digest::{Context, SHA1_FOR_LEGACY_USE_ONLY},
    rand,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use jiff::Timestamp;
use tenon_errors::{
    Report,
    catalogue::system::{BAD_CLIENT, REQUEST_UNSENDABLE},
};
use tenon_model::Str;
use tenon_ports::Clock;
use tenon_security::SecretText;

use super::envelope::with_block;
use crate::Credentials;

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const PROFILE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// What is never sent twice, in bytes (Username Token Profile, section 4 asks for enough that nobody guesses it).
const NONCE: usize = 16;

/// A header of WS-Security, which whoever receives the message has to understand.
pub struct WsSecurity {
    user: Option<UsernameToken>,
    life: Option<Duration>,
    clock: Arc<dyn Clock>,
}

/// A name and a password.
pub struct UsernameToken {
    /// The name.
    pub user: Str,
    /// The password.
    pub password: SecretText,
    /// How it is sent.
    pub form: PasswordForm,
}

/// How a password is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordForm {
    /// As it is, which TLS has to keep from others.
    Text,
    /// As the digest of a number that is used once, of the time, and of the password.
    Digest,
}

impl WsSecurity {
    /// What `system` is sent: who is calling, and until when a message holds.
    ///
    /// # Errors
    /// `Y0410` for names and passwords that XML cannot have.
    pub fn new(
        system: &str,
        user: Option<UsernameToken>,
        life: Option<Duration>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Report> {
        let texts = user.iter().flat_map(|token| [token.user.as_str(), token.password.expose()]);
        let is_odd = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        if texts.into_iter().flat_map(str::chars).any(is_odd) {
            let message =
                format!("the user of `{system}` or its password has characters that XML cannot have");
            return Err(
                Report::new(&BAD_CLIENT, message).hint("look for a line break at the end of the password")
            );
        }
        Ok(Self { user, life, clock })
    }

    fn block(&self, prefix: &str, now: Timestamp, nonce: &[u8]) -> String {
        let stamp = self.life.map(|life| timestamp(now, life)).unwrap_or_default();
        let token = self.user.as_ref().map(|user| user.token(now, nonce)).unwrap_or_default();
        format!(
            "<wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\" {prefix}:mustUnderstand=\"1\">{stamp}{token}</wsse:Security>"
        )
    }
}

#[async_trait]
impl Credentials for WsSecurity {
    /// Each message has a time and a number of its own, also when it is sent again.
    async fn apply(&self, request: &mut http::Request<Bytes>) -> Result<(), Report> {
        let unsendable = |what: &str| Report::new(&REQUEST_UNSENDABLE, what.to_owned());
        let mut nonce = [0; NONCE];
        rand::fill(&mut nonce).map_err(|_| unsendable("the system has no random numbers"))?;
        let now = self.clock.now();
        let body = with_block(request.body(), |prefix| self.block(prefix, now, &nonce));
        *request.body_mut() =
            body.map(Bytes::from).ok_or_else(|| unsendable("what is sent is no envelope of SOAP"))?;
        Ok(())
    }
}

impl UsernameToken {
    fn token(&self, now: Timestamp, nonce: &[u8]) -> String {
        let (kind, password, once) = match self.form {
            PasswordForm::Text => ("PasswordText", escaped(self.password.expose()), String::new()),
            PasswordForm::Digest => {
                let created = moment(now);
                let digest = digest(nonce, &created, &self.password);
                let nonce = STANDARD.encode(nonce);
                let once = format!(
                    "<wsse:Nonce EncodingType=\"{BASE64}\">{nonce}</wsse:Nonce><wsu:Created>{created}</wsu:Created>"
                );
                ("PasswordDigest", digest, once)
            }
        };
        format!(
            "<wsse:UsernameToken><wsse:Username>{}</wsse:Username><wsse:Password Type=\"{PROFILE}#{kind}\">{password}</wsse:Password>{once}</wsse:UsernameToken>",
            escaped(&self.user)
        )
    }
}

/// Base64 of SHA-1 of number, time and password (Username Token Profile, section 4).
fn digest(nonce: &[u8], created: &str, password: &SecretText) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in [nonce, created.as_bytes(), password.expose().as_bytes()] {
        context.update(part);
    }
    STANDARD.encode(context.finish())
}

/// When a message was made, and until when it holds (SOAP Message Security, section 10).
fn timestamp(now: Timestamp, life: Duration) -> String {
    let expires = now.checked_add(life).unwrap_or(Timestamp::MAX);
    format!(
        "<wsu:Timestamp><wsu:Created>{}</wsu:Created><wsu:Expires>{}</wsu:Expires></wsu:Timestamp>",
        moment(now),
        moment(expires)
    )
}

/// In UTC, as every time in the header, to the millisecond: some receivers read no more digits.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_profile() {
        // The example of ONVIF's Application Programmer's Guide 1.0, section 6.1.1.3.
        let nonce = STANDARD.decode("LKqI6G/AikKCQrN0zqZFlg==").unwrap();
        let found = digest(&nonce, "2010-09-16T07:50:45Z", &SecretText::new("userpassword"));
        assert_eq!(found, "tuOSpGlFlIXsozq4HFNeeGeFLEI=");
    }
}
