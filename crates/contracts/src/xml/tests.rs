//! What is read, and what is refused with its place.

use tenon_errors::catalogue::data::BAD_XML;

use super::{Event, Limits, Reader};
use crate::charset::xml as decode;

const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 64, attributes: 1_000 };

/// Every piece, in one line.
fn events(text: &str) -> Result<String, String> {
    let mut reader = Reader::new(text, None, &BAD_XML, LIMITS).map_err(|report| report.to_string())?;
    let mut out = String::new();
    loop {
        match reader.next().map_err(|report| report.to_string())? {
            Event::Start { name, attributes, .. } => {
                let attributes: String =
                    attributes.iter().map(|it| format!(" {}={:?}", it.name, it.value)).collect();
                out += &format!("<{name}{attributes}>");
            }
            Event::End { .. } => out += "</>",
            Event::Text { text, .. } => out += &text,
            Event::Done => return Ok(out),
        }
    }
}

#[test]
fn a_document_is_read_with_its_namespaces() {
    let cases = [
        ("<a/>", "<a></>"),
        ("<?xml version='1.0'?>\n<!-- x --><a b='1' c = \"2\"></a>\n", "<a b=\"1\" c=\"2\"></>"),
        ("<a xmlns='u'><b/><c xmlns=''/></a>", "<{u}a><{u}b></><c></></>"),
        ("<p:a xmlns:p='u' p:b='1' b='2'/>", "<{u}a {u}b=\"1\" b=\"2\"></>"),
        ("<a>x &lt; &#65;&#x42;<![CDATA[<&>]]>\r\ny</a>", "<a>x < AB<&>\ny</>"),
        ("<a b='x&#10;y\nz&amp;'/>", "<a b=\"x\\ny z&\"></>"),
        ("<?xml version=\"1.0\" encoding = 'UTF-8' standalone='yes' ?><a/>", "<a></>"),
        ("<?xml-model href='xml'?><!-- - --><a><?p a?b>?></a><?p?>\n<!---->", "<a></>"),
        (
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xmlns:p='u'><a xmlns:p='v'/></a>",
            "<a><a></></>",
        ),
        ("<a b='>' c=\"'\">]]&gt;\u{85}</a>", "<a b=\">\" c=\"'\">]]>\u{85}</>"),
        ("<ü xml:lang='de'/>", "<ü {http://www.w3.org/XML/1998/namespace}lang=\"de\"></>"),
    ];
    for (text, expected) in cases {
        assert_eq!(events(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    let cases = [
        ("", "no element"),
        ("x", "inside of elements"),
        ("<a>", "inside an element"),
        ("<a></b>", "line 1, column 4"),
        ("<a/><b/>", "one element at its top"),
        ("<a b='1' b='2'/>", "`b` appears twice"),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "appears twice"),
        ("<a b='1'c='2'/>", "expected a space"),
        ("<a b=1/>", "not in quotes"),
        ("<a b/>", "expected `=`"),
        ("<a b='<'/>", "has a `<`"),
        ("<a b='&x;'/>", "a reference to what XML does not define"),
        ("<a>\n  &x;</a>", "`&x;` is not a reference that XML defines (line 2, column 3)"),
        ("<a>&#0;</a>", "is not a reference that XML defines"),
        ("<p:a/>", "the prefix `p` is not declared"),
        ("<1a/>", "not a valid name"),
        ("<a>]]></a>", "`]]>`"),
        ("<a>\u{1}</a>", "U+0001"),
        ("<a><!-- a -- b --></a>", "line 1"),
        (" <?xml version='1.0'?><a/>", "only allowed at the very start (line 1, column 2)"),
        ("\n<?xml version='1.0'?><a/>", "only allowed at the very start (line 2, column 1)"),
        ("<!-- x --><?xml version='1.0'?><a/>", "only allowed at the very start"),
        ("<a><?xml version='1.0'?></a>", "only allowed at the very start"),
        ("<a/><?xml?>", "only allowed at the very start"),
        ("<?xml version='1.1'?><a/>", "in version \"1.1\" of XML, and only 1.0 is read"),
        ("<?xml version='2.0' encoding='UTF-8'?><a/>", "in version \"2.0\" of XML"),
        ("<?xml?><a/>", "the declaration has a `version`"),
        ("<?xml encoding='UTF-8'?><a/>", "the declaration has a `version`"),
        ("<?xml encoding='UTF-8' version='1.0'?><a/>", "the declaration has a `version`"),
        ("<?xml version='1.0' version='1.0'?><a/>", "the declaration has a `version`"),
        ("<?xml version='1.0' more='1'?><a/>", "the declaration has a `version`"),
        ("<?xml version='1.0' encoding='-'?><a/>", "\"-\" is not a valid name of an encoding"),
        ("<?xml version='1.0' standalone='maybe'?><a/>", "`standalone` is \"maybe\""),
        ("<?xml version=1.0?><a/>", "the value of `version` is not in quotes"),
        ("<?xml version='1.0'encoding='UTF-8'?><a/>", "expected a space"),
        ("<?XML version='1.0'?><a/>", "`<?XML` is reserved"),
        ("<a><?xMl x?></a>", "`<?xMl` is reserved"),
        ("<??><a/>", "\"\" is not a valid name of an instruction"),
        ("<? x?><a/>", "\"\" is not a valid name of an instruction"),
        ("<a/><?1 x?>", "\"1\" is not a valid name of an instruction"),
        ("<?a:b x?><a/>", "\"a:b\" is not a valid name of an instruction"),
        ("\u{FEFF}<a/>", "byte order mark"),
        ("<a/>\u{FEFF}", "inside of elements"),
        ("<a/>&#32;", "inside of elements"),
        ("<![CDATA[]]><a/>", "inside of elements"),
        ("<a xmlns='u' xmlns='v'/>", "`xmlns` appears twice (line 1, column 14)"),
        ("<a xmlns:p='u' xmlns:p='u'/>", "`xmlns:p` appears twice"),
        ("<a xmlns:p=''/>", "bound to no namespace"),
        ("<a xmlns:xml='u'/>", "belong together"),
        ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "belong together"),
        ("<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "belong together"),
        ("<a xmlns:xmlns='u'/>", "cannot be declared"),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "cannot be declared"),
        ("<xmlns:a/>", "the prefix `xmlns` is not declared"),
        ("<a p:b='1'/>", "the prefix `p` is not declared"),
        ("<a><!-- --- --></a>", "line 1"),
        ("<a><!-- ---></a>", "line 1"),
        ("<a b='\u{FFFE}'/>", "U+FFFE"),
        ("<a:b:c xmlns:a='u'/>", "not a valid name"),
        ("<a></a b='1'>", "line 1, column 4"),
        ("<a><b></a></b>", "line 1, column 7"),
        ("</a>", "line 1, column 1"),
        ("<a/></a>", "line 1, column 5"),
        ("<a>x", "inside an element"),
        ("x<a/>", "inside of elements"),
        ("<a/>x", "inside of elements"),
        ("<a>& </a>", "line 1, column 4"),
        ("<a>&#xD800;</a>", "is not a reference that XML defines"),
        ("<a><!ELEMENT a ANY></a>", "neither a comment nor a CDATA section"),
    ];
    for (text, part) in cases {
        let refused = events(text).unwrap_err();
        assert!(refused.contains(part), "{text}: {refused}");
    }
}

#[test]
fn hostile_documents_are_refused_at_once() {
    let laughs = "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><a>&c;</a>";
    let outside = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>";
    for text in [laughs, outside] {
        assert!(events(text).unwrap_err().contains("no entity is expanded"), "{text}");
    }
    assert!(events(&"<a>".repeat(100_000)).unwrap_err().contains("more than 64 levels"));
    let many: String = (0..2_000).map(|n| format!(" a{n}=''")).collect();
    assert!(events(&format!("<a{many}/>")).unwrap_err().contains("more than 1000 attributes"));
    let large = format!("<a b='{}'/>", "x".repeat(2 << 20));
    assert!(events(&large).unwrap_err().contains("bytes, and 1048576 are allowed"));
}

#[test]
fn the_encoding_is_that_of_mark_or_declaration() {
    let utf_16 = |big: bool| -> Vec<u8> {
        "<a>ü</a>"
            .encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let marked = [vec![0xFF, 0xFE], utf_16(false)].concat();
    let latin = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xFC</a>".to_vec();
    // Each byte is the character of its number, as IANA has it and not the web.
    let controls = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\x80\x9F</a>";
    assert!(decode(controls).unwrap().ends_with("<a>\u{80}\u{9F}</a>"));
    let utf_8 = "\u{FEFF}<a>ü</a>".as_bytes().to_vec();
    for bytes in [utf_16(true), utf_16(false), marked, latin, utf_8] {
        assert!(decode(&bytes).unwrap().ends_with("<a>ü</a>"));
    }
    for bytes in [&b"<a>\xFC</a>"[..], b"<?xml version='1.0' encoding='none'?><a/>", b"\xFF\xFE<\0a\0\xD8"] {
        assert_eq!(decode(bytes).unwrap_err().code().id, "D0105");
    }
}
