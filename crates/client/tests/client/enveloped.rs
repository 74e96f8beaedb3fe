//! Credentials in the envelopes of messages.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair, PublicKeyData};
use tenon_client::{
    Credentials, Identity,
    credentials::{MessageSignature, PasswordForm, UsernameToken, WsSecurity},
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
    WsSecurity::new("erp", token, life.map(Duration::from_secs), None, clock).unwrap()
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
        let Err(report) = WsSecurity::new("erp", Some(token), None, None, clock) else { panic!() };
        assert!(report.code().id == "Y0410" && !report.message().contains("hunter2"), "{report}");
    }
}

/// A certificate with its key.
fn identity(key: &KeyPair) -> Identity {
    let certificate = CertificateParams::new(vec!["tenon".to_owned()]).unwrap().self_signed(key).unwrap();
    Identity { chain: certificate.pem(), key: SecretText::new(key.serialize_pem()) }
}

#[tokio::test]
async fn body_name_and_time_are_signed_in_their_canonical_form() {
    // Attributes out of order, prefixes that nobody uses, an empty element, a character by number.
    let message = "<soap:Envelope xmlns:soap=\"urn:s\" xmlns:unused=\"urn:u\"><soap:Body><a xmlns=\"urn:a\" xmlns:n=\"urn:n\" n:d='1' c='2'><b/>x &amp; &#121;</a></soap:Body></soap:Envelope>";
    let keys: [(KeyPair, &'static dyn VerificationAlgorithm, &str); 2] = [
        (KeyPair::generate().unwrap(), &ECDSA_P256_SHA256_FIXED, "#ecdsa-sha256"),
        (KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap(), &RSA_PKCS1_2048_8192_SHA256, "#rsa-sha256"),
    ];
    for (key, algorithm, name) in keys {
        let signature = MessageSignature::new("erp", &identity(&key)).unwrap();
        let user = UsernameToken {
            user: "me".into(),
            password: SecretText::new("hunter2"),
            form: PasswordForm::Text,
        };
        let clock = Arc::new(At("2026-01-02T03:04:05.6789Z".parse().unwrap()));
        let life = Some(Duration::from_secs(60));
        let credentials = WsSecurity::new("erp", Some(user), life, Some(signature), clock).unwrap();
        let text = sent(&credentials, message).await.unwrap();

        let wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
        let once = between(&text, "URI=\"#body-", "\"");
        assert!(
            text.contains(&format!("<soap:Body xmlns:wsu=\"{wsu}\" wsu:Id=\"body-{once}\"><a xmlns")),
            "{text}"
        );
        let body = format!(
            "<soap:Body xmlns:soap=\"urn:s\" xmlns:wsu=\"{wsu}\" wsu:Id=\"body-{once}\"><a xmlns=\"urn:a\" xmlns:n=\"urn:n\" c=\"2\" n:d=\"1\"><b></b>x &amp; y</a></soap:Body>"
        );
        let stamp = format!(
            "<wsu:Timestamp xmlns:wsu=\"{wsu}\" wsu:Id=\"time-{once}\"><wsu:Created>2026-01-02T03:04:05.678Z</wsu:Created><wsu:Expires>2026-01-02T03:05:05.678Z</wsu:Expires></wsu:Timestamp>"
        );
        for (what, canonical) in [("body", body), ("time", stamp)] {
            let reference = between(&text, &format!("URI=\"#{what}-{once}\""), "</ds:Reference>");
            let value = STANDARD.encode(digest(&SHA256, canonical.as_bytes()));
            assert_eq!(between(reference, "<ds:DigestValue>", "<"), value, "{what}");
        }
        assert!(text.contains(&format!("URI=\"#user-{once}\"")) && text.contains(name), "{text}");

        let signed = format!(
            "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{}</ds:SignedInfo>",
            between(&text, "<ds:SignedInfo>", "</ds:SignedInfo>")
        );
        let value = STANDARD.decode(between(&text, "<ds:SignatureValue>", "<")).unwrap();
        let public = UnparsedPublicKey::new(algorithm, key.der_bytes());
        public.verify(signed.as_bytes(), &value).unwrap();
        let shown = between(&text, "<wsse:BinarySecurityToken ", "</wsse:BinarySecurityToken>");
        assert!(
            shown.contains(&format!("wsu:Id=\"key-{once}\""))
                && text.contains(&format!("<wsse:Reference URI=\"#key-{once}\""))
        );
    }
}

#[test]
fn a_key_of_another_certificate_signs_nothing() {
    let (one, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let mixed = Identity { key: SecretText::new(other.serialize_pem()), ..identity(&one) };
    let none = Identity { chain: "no certificate".to_owned(), ..identity(&one) };
    for identity in [mixed, none, identity(&ed25519)] {
        let Err(report) = MessageSignature::new("erp", &identity) else { panic!() };
        assert!(report.code().id == "S0104" && report.message().contains("`erp`"), "{report}");
    }
}
