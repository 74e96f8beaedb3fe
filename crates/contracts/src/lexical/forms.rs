//! The forms of text that are known by name: the formats of JSON Schema that have no kind of their own.

use std::net::{Ipv4Addr, Ipv6Addr};

use tenon_model::{Decimal, Format, digits, rfc3339};

use super::{email, hostname, pointer, regular, template, uri};

/// Whether `text` has the form `format`. Takes time in its length.
pub(crate) fn has_format(text: &str, format: Format) -> bool {
    match format {
        Format::Email => email::is_email(text),
        Format::IdnEmail => email::is_idn_email(text),
        Format::Hostname => hostname::is_hostname(text),
        Format::IdnHostname => hostname::is_idn_hostname(text),
        Format::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
        Format::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
        Format::Uri => uri::is_uri(text, uri::Letters::Ascii),
        Format::UriReference => uri::is_reference(text, uri::Letters::Ascii),
        Format::UriTemplate => template::is_template(text),
        Format::Iri => uri::is_uri(text, uri::Letters::Unicode),
        Format::IriReference => uri::is_reference(text, uri::Letters::Unicode),
        Format::JsonPointer => pointer::is_pointer(text),
        Format::RelativeJsonPointer => pointer::is_relative_pointer(text),
        Format::Time => rfc3339::is_full_time(text),
        Format::Decimal => digits::is_number(text) && text.parse::<Decimal>().is_ok(),
        Format::Regex => regular::is_regular_expression(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        let cases: &[(Format, &[&str], &[&str])] = &[
            (
                Format::Email,
                &[
                    "a@b",
                    "joe.bloggs@example.com",
                    "te~st@example.com",
                    "a@[127.0.0.1]",
                    "a@[IPv6:::1]",
                    "\"joe bloggs\"@example.com",
                    "\"joe..bloggs\"@example.com",
                    "\"joe@bloggs\"@example.com",
                    r#""a\"b"@example.com"#,
                    "a@xn--bcher-kva.example",
                ],
                &[
                    "",
                    "a",
                    "@b",
                    ".a@b",
                    "a.@b",
                    "a..b@c",
                    "a b@c",
                    "a@b c",
                    "a@-b",
                    "\"a@b",
                    "\"a\"b\"@c",
                    "\"é\"@c",
                    "é@c",
                ],
            ),
            (
                Format::IdnEmail,
                &["실례@실례.테스트", "joe.bloggs@example.com", "\"실 례\"@example.com"],
                &["", "2962", "@x", "é@", "é é@example.com"],
            ),
            (
                Format::Hostname,
                &[
                    "example.com",
                    "a",
                    "xn--4gbwdl.xn--wgbh1c",
                    "1host",
                    "r3---sn-ab5l6ne7.googlevideo.com",
                    "xn--bcher-kva",
                ],
                &[
                    "",
                    "-a",
                    "a-",
                    "a..b",
                    "a_b",
                    "a.",
                    "xn--X",
                    "xn--",
                    "XN--aa---o47jg78q",
                    "bücher.de",
                    &"x".repeat(64),
                ],
            ),
            (
                Format::IdnHostname,
                &["실례.테스트", "example.com", "bücher.de", "l·l", "xn--bcher-kva", "a。b"],
                &["", "〮한국", "-a", "a·l", "·", "א׳׳a-", "☃☃☃.com", "A\u{0301}é b", &"실".repeat(64)],
            ),
            (Format::Ipv4, &["127.0.0.1"], &["127.0.0", "256.0.0.1", "01.0.0.1", "127.0.0.1 "]),
            (
                Format::Ipv6,
                &["::1", "2001:db8::1", "::ffff:1.2.3.4"],
                &["", "12345::", "::1%eth0", "1.2.3.4"],
            ),
            (
                Format::Uri,
                &[
                    "https://example.com/a?b=c#d",
                    "urn:isbn:1",
                    "http://[::1]:80/",
                    "mailto:a@b",
                    "x:",
                    "http://example.com:/",
                    "file:///etc/hosts",
                    "http://user:pass@example.com:8080/p;a=1/?q[]=1",
                ],
                &[
                    "",
                    "example.com",
                    "/a",
                    "http://a b",
                    "http://a/%zz",
                    "http://a/[b]",
                    "http://[::1/",
                    "1x:a",
                    "a:#b#c",
                    "http://ä/",
                    "http://example.com:abc/path",
                    "http://example.com:80a",
                    "http://a@b@c/",
                    "http://[1.2.3.4]/",
                    "http://[::1]x/",
                    ":a",
                    "\\\\WINDOWS\\share",
                ],
            ),
            (
                Format::UriReference,
                &[
                    "",
                    "/a/b",
                    "//example.com/a",
                    "a/b?c#d",
                    "#x",
                    "?q",
                    "./a:b",
                    "https://example.com",
                    "abc",
                ],
                &["\\\\a", "a b", "#a#b", "1:b/c", "//a:x/", "%", "é"],
            ),
            (
                Format::Iri,
                &["http://ƒøø.ßår/?∂éœ=πîx#πîüx", "http://[2001:db8::1]", "urn:ü"],
                &["", "/abc", "âππ", "http://2001:0db8:85a3:0000:0000:8a2e:0370:7334", "http://a/\u{e000}"],
            ),
            (Format::IriReference, &["", "/âππ", "#ƒ", "âππ"], &["\\\\WINDOWS", "#ƒ\\ä", "a b"]),
            (
                Format::UriTemplate,
                &[
                    "",
                    "http://example.com/dictionary/{term:1}/{term}",
                    "http://example.com/dictionary",
                    "dictionary/{term:1}/{term}",
                    "{?q,lang*}",
                    "{+path}/here",
                    "{#frag.ment}",
                    "{/a%20b}",
                ],
                &[
                    "http://example.com/dictionary/{term:1}/{term",
                    "{}",
                    "{a:0}",
                    "{a:10000}",
                    "}",
                    "{!a}x\"",
                    "a b",
                    "{a,}",
                ],
            ),
            (
                Format::JsonPointer,
                &["", "/", "/a~0b/~1c", "/foo//bar", "/ä b"],
                &["a", "#", "/a~", "/a~2", "#/a", "0/a"],
            ),
            (
                Format::RelativeJsonPointer,
                &["0", "1", "0/a/b", "2/0/baz/1/zip", "0#", "120/foo/bar"],
                &["", "/foo", "-1", "+1/a", "0##", "01/a", "01#", "a", "1a"],
            ),
            (
                Format::Regex,
                &[
                    "",
                    "([abc])+\\s+$",
                    "(?=a)b",
                    "(?<year>\\d{4})-\\k<year>",
                    "^[\\-_]\\/\\@$",
                    "a{2,}",
                    "\\u0041\\cA",
                    "x{",
                    "[^]",
                ],
                &[
                    "^(abc]", "(", ")", "a**", "*a", "[", "\\", "[b-a]", "a{2,1}", "(?", "\\Z", "(?<1a>b)",
                    "(?'n'a)",
                ],
            ),
        ];
        for (format, good, bad) in cases {
            for text in *good {
                assert!(has_format(text, *format), "{text:?} is a good {}", format.name());
            }
            for text in *bad {
                assert!(!has_format(text, *format), "{text:?} is a bad {}", format.name());
            }
        }
    }
}
