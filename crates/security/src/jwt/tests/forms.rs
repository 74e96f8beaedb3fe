//! What has the form of a token.

use super::*;

#[test]
fn what_is_not_a_token_is_refused() {
    let good = of(&claims());
    for (text, cause) in [
        (String::new(), "no dots"),
        ("a".to_owned(), "no dots"),
        ("a.b".to_owned(), "one dot"),
        ("..".to_owned(), "the header cannot be read"),
        (format!("{good}.x"), "more than two dots"),
        (format!("{good}.{good}"), "more than two dots"),
        (good.replacen('.', "=.", 1), "the header cannot be read"),
        (format!(" {good}"), "the header cannot be read"),
        (format!("{good}\n"), "the signature does not verify"),
        ("ä.ö.ü".to_owned(), "the header cannot be read"),
        (format!("{}.{}.", b64("[]"), b64("{}")), "the header cannot be read"),
        (format!("{}.{}.", b64("{} {}"), b64("{}")), "the header cannot be read"),
        (format!("{}.{}.", b64([0xff]), b64("{}")), "the header cannot be read"),
        (format!("{}.{}.", b64("{}"), b64("{}")), "no `alg`"),
        (format!("{}.a.b", b64("[".repeat(10_000))), "the header cannot be read"),
        ("a".repeat(MAX_TOKEN_SIZE + 1), "more than 16384"),
    ] {
        refused(&verifier(), &text, cause);
    }
}

#[test]
fn the_header_is_read_strictly() {
    for (header, cause) in [
        (r#"{"alg":"none","alg":"EdDSA","kid":"ed"}"#, "appears twice"),
        (r#"{"alg":"EdDSA","kid":"x","kid":"ed"}"#, "appears twice"),
        (r#"{"alg":"EdDSA","kid":"ed","\u0061lg":"none"}"#, "appears twice"),
        (r#"{"alg":"EdDSA","kid":"ed","x":1,"x":1}"#, "appears twice"),
        (r#"{"alg":["EdDSA"],"kid":"ed"}"#, "`alg` is not text"),
        (r#"{"alg":"EdDSA","kid":7}"#, "`kid` is not text"),
        (r#"{"alg":"EdDSA","kid":"ed","crit":["exp"]}"#, "crit"),
        (r#"{"alg":"EdDSA","kid":"ed","crit":null}"#, "crit"),
        (r#"{"alg":"EdDSA","kid":"ed","b64":false,"crit":["b64"]}"#, "crit"),
        (r#"{"alg":"EdDSA","kid":"ed","typ":"logout+jwt"}"#, "not that of an access token"),
        (r#"{"alg":"EdDSA","kid":"ed","typ":"dpop+jwt"}"#, "not that of an access token"),
        (r#"{"alg":"EdDSA","kid":"ed","typ":null}"#, "not that of an access token"),
        (r#"{"Alg":"EdDSA","kid":"ed"}"#, "no `alg`"),
    ] {
        refused(&verifier(), &headed(header), cause);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_is_a_token_and_none_panics(text in "\\PC{0,80}|[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,90}") {
        proptest::prop_assert!(verifier().verify(&text, now()).is_err());
    }

    #[test]
    fn a_token_with_one_byte_changed_does_not_hold(position in 0_usize..1000, with in 0x20_u8..0x7f) {
        static GOOD: OnceLock<String> = OnceLock::new();
        let good = GOOD.get_or_init(|| of(&claims()));
        let mut bytes = good.clone().into_bytes();
        let position = position % bytes.len();
        proptest::prop_assume!(bytes[position] != with);
        bytes[position] = with;
        proptest::prop_assert!(verifier().verify(std::str::from_utf8(&bytes).unwrap(), now()).is_err());
    }
}
