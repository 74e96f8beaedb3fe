//! No input panics, and large ones are refused at once.

use proptest::prelude::*;

use super::{SCHEMA, SHOP, description, document, shop};
use crate::wsdl::peek;

#[test]
fn hostile_messages_are_refused() {
    let get = shop().envelope("ShopSoap", "getOrder").unwrap();
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let inside = |body: &str| format!("<e:Envelope xmlns:e='{soap}'><e:Body>{body}</e:Body></e:Envelope>");
    let deep = inside(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    let laughs = format!(
        "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>{}",
        inside("<getOrder xmlns='urn:shop'><id>&b;</id></getOrder>")
    );
    let external = format!("<!DOCTYPE x SYSTEM 'file:///etc/passwd'>{}", inside(""));
    let large = inside(&"x".repeat(50 << 20));
    let fault = inside(&format!(
        "<e:Fault><detail>{}{}</detail></e:Fault>",
        "<d>".repeat(100_000),
        "</d>".repeat(100_000)
    ));
    for (text, code) in
        [(&deep, "D0103"), (&laughs, "D0301"), (&external, "D0301"), (&large, "D0104"), (&fault, "D0103")]
    {
        assert_eq!(
            get.decode_reply(text.as_bytes()).unwrap_err().code().id,
            code,
            "{}",
            &text[..200.min(text.len())]
        );
    }
    assert_eq!(peek(laughs.as_bytes()).unwrap_err().code().id, "D0301");
    let wrong = "<?xml version='1.0' encoding='utf-16'?><a/>";
    assert_eq!(get.decode_reply(wrong.as_bytes()).unwrap_err().code().id, "D0105");
    assert_eq!(get.decode_reply(b"\xFF\xFEx").unwrap_err().code().id, "D0105");
}

#[test]
fn hostile_descriptions_are_refused() {
    let deep = format!("<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'>{}", "<types>".repeat(100_000));
    assert_eq!(document(&deep, &[]).unwrap_err().iter().next().unwrap().code().id, "D0103");
    let large = " ".repeat(50 << 20);
    assert_eq!(document(&large, &[]).unwrap_err().iter().next().unwrap().code().id, "D0104");
    let laughs = "<!DOCTYPE x [<!ENTITY a 'ha'>]><definitions xmlns='http://schemas.xmlsoap.org/wsdl/'>&a;</definitions>";
    assert_eq!(document(laughs, &[]).unwrap_err().iter().next().unwrap().code().id, "P0003");
    for declaration in [" <?xml version='1.0'?>", "<?xml version='1.1'?>"] {
        let text = format!("{declaration}<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>");
        assert_eq!(document(&text, &[]).unwrap_err().iter().next().unwrap().code().id, "P0003");
    }
    // Files that import each other end, and one that imports itself does.
    let circle = |other: &str| {
        format!(
            "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'><import location='{other}'/></definitions>"
        )
    };
    let (one, two) = (circle("2.wsdl"), circle("1.wsdl"));
    assert!(document(&one, &[("shop/1.wsdl", &one), ("shop/2.wsdl", &two)]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_damaged_description_panics(from in 0usize..3_000, length in 0usize..60) {
        let text = description(SCHEMA, SHOP);
        let cut = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (cut(from), cut(from + length));
        let _ = document(&format!("{}{}", &text[..start], &text[end..]), &[]);
    }
}
