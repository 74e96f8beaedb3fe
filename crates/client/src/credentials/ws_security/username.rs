//! A name and a password
//! ([Username Token Profile 1.1.1](http://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-UsernameTokenProfile-v1.1.1-os.html)).

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use base64::{Engine, engine::general_purpose::STANDARD};
use tenon_model::Str;
use tenon_security::SecretText;

use super::BASE64;

const PROFILE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";

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

impl UsernameToken {
    /// The element, with these attributes.
    pub(super) fn element(&self, attributes: &str, created: &str, nonce: &[u8]) -> String {
        let (kind, password, once) = match self.form {
            PasswordForm::Text => ("PasswordText", escaped(self.password.expose()), String::new()),
            PasswordForm::Digest => {
                let digest = digest(nonce, created, &self.password);
                let nonce = STANDARD.encode(nonce);
                let once = format!(
                    "<wsse:Nonce EncodingType=\"{BASE64}\">{nonce}</wsse:Nonce><wsu:Created>{created}</wsu:Created>"
                );
                ("PasswordDigest", digest, once)
            }
        };
        format!(
            "<wsse:UsernameToken{attributes}><wsse:Username>{}</wsse:Username><wsse:Password Type=\"{PROFILE}#{kind}\">{password}</wsse:Password>{once}</wsse:UsernameToken>",
            escaped(&self.user)
        )
    }
}

/// Base64 of SHA-1 of number, time and password (section 4).
fn digest(nonce: &[u8], created: &str, password: &SecretText) -> String {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in [nonce, created.as_bytes(), password.expose().as_bytes()] {
        context.update(part);
    }
    STANDARD.encode(context.finish())
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
