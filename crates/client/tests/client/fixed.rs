//! Credentials that stay the same.

use std::sync::Arc;

use http::header;
use tenon_client::{
    Client, Credentials, Settings,
    credentials::{ApiKey, Basic, Bearer},
};
use tenon_errors::Report;
use tenon_security::SecretText;

use crate::server::{answering, get, reply, settings};

/// What a server sees of a call with these credentials: the URL, and the header `authorization` or `x-key`.
async fn seen(credentials: impl Credentials + 'static, target: &str) -> String {
    let server = answering(|request, _| async move {
        let of = |name| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let key = of(header::AUTHORIZATION.as_str()).or(of("x-key")).unwrap_or_default();
        reply(200, format!("{} {key}", request.uri()))
    })
    .await;
    let settings = Settings { credentials: Some(Arc::new(credentials)), ..settings(&[&server.url()]) };
    let response = Client::new(settings).unwrap().send(get(target)).await.unwrap();
    String::from_utf8(response.body.to_vec()).unwrap()
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text)
}

fn refused<T>(credentials: Result<T, Report>) -> String {
    let report = credentials.err().unwrap();
    assert_eq!(report.code().id, "Y0410");
    assert!(!report.to_string().contains("hunter2"), "{report}");
    report.message().to_owned()
}

#[tokio::test]
async fn a_user_and_a_password_are_sent_as_rfc_7617_writes_them() {
    // The examples of its sections 2 and 2.1.
    let basic = Basic::new("erp", "Aladdin", &secret("open sesame")).unwrap();
    assert_eq!(seen(basic, "/").await, "/ Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    let basic = Basic::new("erp", "test", &secret("123£")).unwrap();
    assert_eq!(seen(basic, "/").await, "/ Basic dGVzdDoxMjPCow==");
    let with_colon = Basic::new("erp", "a", &secret("b:c")).unwrap();
    assert_eq!(seen(with_colon, "/").await, "/ Basic YTpiOmM=");
}

#[tokio::test]
async fn a_token_is_sent_as_a_bearers() {
    assert_eq!(
        seen(Bearer::new("erp", &secret("mF_9.B5f-4.1JqM")).unwrap(), "/").await,
        "/ Bearer mF_9.B5f-4.1JqM"
    );
}

#[tokio::test]
async fn a_key_stands_in_a_header_or_in_the_query() {
    let key = secret("a&b=c d+é");
    assert_eq!(seen(ApiKey::header("erp", "X-Key", &secret("abc")).unwrap(), "/").await, "/ abc");
    let escaped = "key=a%26b%3Dc%20d%2B%C3%A9";
    assert_eq!(seen(ApiKey::query("key", &key), "/a").await, format!("/a?{escaped} "));
    assert_eq!(seen(ApiKey::query("key", &key), "/a?b=c").await, format!("/a?b=c&{escaped} "));
}

#[test]
fn secrets_that_cannot_be_sent_are_refused_without_being_shown() {
    let broken = secret("hunter2\n");
    assert_eq!(
        refused(Bearer::new("erp", &broken)),
        "a secret of `erp` has characters that no header may have"
    );
    assert_eq!(
        refused(Basic::new("erp", "a", &broken)),
        "the user of `erp` or its password has control characters"
    );
    assert_eq!(
        refused(Basic::new("erp", "a:b", &secret("hunter2"))),
        "the user of `erp` has a colon, which ends users"
    );
    assert_eq!(
        refused(ApiKey::header("erp", "a b", &secret("hunter2"))),
        "`a b` is not the name of a header"
    );
    refused(ApiKey::header("erp", "x-key", &broken));
}
