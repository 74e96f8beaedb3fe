//! Requests that are signed.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use jiff::Timestamp;
use tenon_client::{
    Credentials,
    credentials::{HmacSignature, SigV4},
};
use tenon_ports::{
    Clock,
    remote::{DateForm, Encoding, Hash, SignedPart},
};
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

fn at(moment: &str) -> Arc<dyn Clock> {
    Arc::new(At(moment.parse().unwrap()))
}

fn request(
    method: &str,
    url: &str,
    headers: &[(&'static str, &'static str)],
    body: &'static str,
) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(body.as_bytes()));
    *request.method_mut() = method.parse::<Method>().unwrap();
    *request.uri_mut() = url.parse().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    request
}

fn sigv4(service: &'static str, session: Option<&str>) -> SigV4 {
    SigV4 {
        system: "aws".into(),
        region: "us-east-1".into(),
        service: service.into(),
        key_id: "AKIDEXAMPLE".into(),
        key: SecretText::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        session: session.map(SecretText::new),
        clock: at("2015-08-30T12:36:00Z"),
    }
}

async fn authorization(signs: &impl Credentials, mut request: Request<Bytes>) -> String {
    signs.apply(&mut request).await.unwrap();
    let value = &request.headers()[header::AUTHORIZATION];
    assert!(value.is_sensitive());
    value.to_str().unwrap().to_owned()
}

/// The names of signed headers beside `host` and `x-amz-date`, and the signature, of AWS' own test suite for Signature Version 4.
#[tokio::test]
async fn requests_are_signed_as_aws_does() {
    type Case =
        (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);
    const CASES: &[Case] = &[
        (
            "GET",
            "/",
            &[],
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            "/",
            &[("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")],
            "host;my-header1;x-amz-date",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            "GET",
            "/",
            &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            &[],
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "GET",
            "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            &[],
            "host;x-amz-date",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ),
        (
            "GET",
            "//example//",
            &[],
            "host;x-amz-date",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
        ),
        (
            "GET",
            "/example/..",
            &[],
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            &[],
            "host;x-amz-date",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        ),
        (
            "POST",
            "/?Param1=value1",
            &[],
            "host;x-amz-date",
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        ),
        (
            "POST",
            "/",
            &[("my-header1", "VALUE1"), ("accept-encoding", "gzip")],
            "host;my-header1;x-amz-date",
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        ),
    ];
    for (method, target, headers, names, signature) in CASES {
        let request = request(method, &format!("https://example.amazonaws.com{target}"), headers, "");
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, \
             Signature={signature}"
        );
        assert_eq!(authorization(&sigv4("service", None), request).await, expected, "{method} {target}");
    }
}

#[tokio::test]
async fn the_token_of_a_session_is_signed_as_well() {
    let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    let request = request("GET", "https://example.amazonaws.com/", &[], "");
    let text = authorization(&sigv4("service", Some(token)), request).await;
    let names = "SignedHeaders=host;x-amz-date;x-amz-security-token";
    let signature = "Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8";
    assert!(text.ends_with(&format!("{names}, {signature}")), "{text}");
}

/// The examples of "Authenticating Requests: Using the Authorization Header" in the API reference of Amazon S3.
#[tokio::test]
async fn objects_are_signed_by_their_names_and_contents() {
    let s3 = || SigV4 {
        key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        key: SecretText::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        clock: at("2013-05-24T00:00:00Z"),
        ..sigv4("s3", None)
    };
    let host = "https://examplebucket.s3.amazonaws.com";
    let get = request("GET", &format!("{host}/test.txt"), &[("range", "bytes=0-9")], "");
    let put = request(
        "PUT",
        &format!("{host}/test%24file.text"),
        &[("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
        "Welcome to Amazon S3.",
    );
    let list = request("GET", &format!("{host}/?lifecycle"), &[], "");
    let cases = [
        (get, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        (put, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        (list, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    ];
    for (request, signature) in cases {
        let text = authorization(&s3(), request).await;
        assert!(text.ends_with(&format!("Signature={signature}")), "{text}");
    }
}

fn hmac(key: &str, signed: Vec<SignedPart>) -> HmacSignature {
    HmacSignature {
        system: "erp".into(),
        key: SecretText::new(key),
        hash: Hash::Sha256,
        signed,
        header: HeaderName::from_static("x-signature"),
        prefix: "sha256=".into(),
        encoding: Encoding::Hex,
        date: None,
        clock: at("2026-11-30T09:39:39.5Z"),
    }
}

async fn signature(signs: HmacSignature, mut request: Request<Bytes>) -> String {
    signs.apply(&mut request).await.unwrap();
    request.headers()["x-signature"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_body_is_signed_with_a_shared_key() {
    // RFC 4231, test case 2; and its other hash functions.
    let request = || request("POST", "http://erp/", &[], "what do ya want for nothing?");
    let jefe = || hmac("Jefe", vec![SignedPart::Body]);
    let sha256 = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(signature(jefe(), request()).await, sha256);
    let sha512 = HmacSignature { hash: Hash::Sha512, prefix: "".into(), ..jefe() };
    let text = signature(sha512, request()).await;
    assert!(text.starts_with("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"), "{text}");
    let sha384 =
        HmacSignature { hash: Hash::Sha384, encoding: Encoding::Base64, prefix: "".into(), ..jefe() };
    let text = signature(sha384, request()).await;
    assert_eq!(text, "r0XS43ZIQDFhf3jStYprG5x+9GT1oBtH5C7Dc2MiRF6OIkDKXmnix4syOez6shZJ");
}

#[tokio::test]
async fn every_part_of_a_request_can_be_signed() {
    // The signature of parts is that of their text.
    let dates = [
        (DateForm::Seconds, "1796031579"),
        (DateForm::Milliseconds, "1796031579500"),
        (DateForm::Iso, "2026-11-30T09:39:39Z"),
        (DateForm::Http, "Mon, 30 Nov 2026 09:39:39 GMT"),
    ];
    for (form, date) in dates {
        let parts = vec![
            SignedPart::Method,
            SignedPart::Text("|".into()),
            SignedPart::Host,
            SignedPart::Path,
            SignedPart::Text("?".into()),
            SignedPart::Query,
            SignedPart::Date,
            SignedPart::Header(HeaderName::from_static("x-a")),
            SignedPart::Header(HeaderName::from_static("x-missing")),
            SignedPart::Header(header::HOST),
            SignedPart::BodyHash,
        ];
        let request = request("POST", "http://erp:81/a%20b?c=d", &[("x-a", "b")], "abc");
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let whole = format!("POST|erp:81/a%20b?c=d{date}berp:81{hash}");
        let dated = Some((HeaderName::from_static("x-date"), form));
        let by_parts = signature(HmacSignature { date: dated, ..hmac("k", parts) }, request.clone()).await;
        let as_text = signature(hmac("k", vec![SignedPart::Text(whole.into())]), request.clone()).await;
        assert_eq!(by_parts, as_text, "{form:?}");
    }
}
