//! Credentials in the envelopes of messages.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use tenon_client::{
    Credentials,
    credentials::{PasswordForm, UsernameToken, WsSecurity},
};
use tenon_ports::Clock;
use tenon_security::SecretText;

/// A clock that stands.
struct At(Timestamp);

#[async_trait]
impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }

    async fn sleep(&self, _: Duration) {}
}

const ENVELOPE: &str = "<soap:Envelope xmlns:soap=\"urn:s\"><soap:Header><h/></soap:Header><soap:Body><a>1</a></soap:Body></soap:Envelope>";

fn security(user: Option<(&str, &str, PasswordForm)>, life: Option<u64>) -> WsSecurity {
    let token = user.map(|(user, password, form)| UsernameToken {
        user: user.into(),
        password: SecretText::new(password),
        form,
    });
    let clock = Arc::new(At("2026-01-02T03:04:05.6789Z".parse().unwrap()));
    WsSecurity::new("erp", token, life.map(Duration::from_secs), clock).unwrap()
}

async fn sent(credentials: &WsSecurity, body: &'static str) -> Result<String, tenon_errors::Report> {
    let mut request = Request::new(Bytes::from_static(body.as_bytes()));
    credentials.apply(&mut request).await?;
    Ok(String::from_utf8(request.into_body().to_vec()).unwrap())
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

#[tokio::test]
async fn a_name_and_a_password_stand_in_a_header_that_has_to_be_understood() {
    let text = sent(&security(Some(("a&b", "<hunter2>", PasswordForm::Text)), None), ENVELOPE).await.unwrap();
    assert!(text.starts_with("<soap:Envelope xmlns:soap=\"urn:s\"><soap:Header><wsse:Security "), "{text}");
    assert!(
        text.ends_with("</wsse:Security><h/></soap:Header><soap:Body><a>1</a></soap:Body></soap:Envelope>"),
        "{text}"
    );
    assert!(text.contains("soap:mustUnderstand=\"1\""), "{text}");
    assert!(text.contains("<wsse:Username>a&amp;b</wsse:Username>"), "{text}");
    assert!(text.contains("#PasswordText\">&lt;hunter2&gt;</wsse:Password></wsse:UsernameToken>"), "{text}");
    assert!(!text.contains("Timestamp") && !text.contains("Nonce"), "{text}");
}

#[tokio::test]
async fn a_digest_is_of_a_number_that_is_used_once() {
    let credentials = security(Some(("me", "hunter2", PasswordForm::Digest)), None);
    let (first, second) =
        (sent(&credentials, ENVELOPE).await.unwrap(), sent(&credentials, ENVELOPE).await.unwrap());
    let nonce = |text: &str| between(text, "#Base64Binary\">", "</wsse:Nonce>").to_owned();
    assert_ne!(nonce(&first), nonce(&second));
    assert!(!first.contains("hunter2") && first.contains("#PasswordDigest\">"), "{first}");
    assert_eq!(between(&first, "<wsu:Created>", "<"), "2026-01-02T03:04:05.678Z");
}

#[tokio::test]
async fn a_time_stamp_says_until_when_a_message_holds() {
    let text = sent(&security(None, Some(300)), "<s:Envelope><s:Body/></s:Envelope>").await.unwrap();
    assert_eq!(between(&text, "<wsu:Created>", "<"), "2026-01-02T03:04:05.678Z");
    assert_eq!(between(&text, "<wsu:Expires>", "<"), "2026-01-02T03:09:05.678Z");
    assert!(
        text.contains("<s:Envelope><s:Header><wsse:Security") && !text.contains("UsernameToken"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_no_envelope_is_not_sent_and_what_xml_cannot_have_is_refused() {
    let credentials = security(Some(("me", "hunter2", PasswordForm::Text)), None);
    let report = sent(&credentials, "{\"a\":1}").await.unwrap_err();
    assert_eq!(report.code().id, "Y0409");
    for (user, password) in [("a\n", "b"), ("a", "hunter2\u{0}")] {
        let token = UsernameToken {
            user: user.into(),
            password: SecretText::new(password),
            form: PasswordForm::Text,
        };
        let clock = Arc::new(At(Timestamp::UNIX_EPOCH));
        let Err(report) = WsSecurity::new("erp", Some(token), None, clock) else { panic!() };
        assert!(report.code().id == "Y0410" && !report.message().contains("hunter2"), "{report}");
    }
}
