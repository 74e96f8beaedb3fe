//! Documents as they are delivered, and as they should not be.

use std::io::{Read, Write, repeat};

use tenon_contracts::{
    Contract,
    format::{NoFiles, encoding},
    json::to_string,
};
use tenon_model::{ContractRef, Name};
use tenon_ports::{Arrival, Checkpoint, Compression, FileFormat, OpenedSource, RowFormat, Source, XmlFormat};

use super::items::Items;
use crate::rows::{input::Input, open, tests::Memory};

const ORDER: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
  <xs:element name="order">
    <xs:complexType>
      <xs:sequence><xs:element name="note" type="xs:string" minOccurs="0"/></xs:sequence>
      <xs:attribute name="id" type="xs:int" use="required"/>
    </xs:complexType>
  </xs:element>
</xs:schema>"#;

fn format(schema: &str, path: &[&str]) -> FileFormat {
    let reference = ContractRef { name: Name::new("order").unwrap(), version: 1 };
    let (contract, _) =
        Contract::read(&reference, "contracts/order/1.xsd", &schema.into(), &NoFiles).unwrap();
    let codec = contract.codec(&encoding::XML).unwrap().clone();
    FileFormat::of(RowFormat::Xml(XmlFormat { items: path.iter().map(|it| (*it).into()).collect(), codec }))
}

async fn source(content: impl AsRef<[u8]>, format: &FileFormat, at: Option<Checkpoint>) -> OpenedSource {
    open(Memory::boxed("a.xml", content), format, &tenon_model::Shape::ANY, at).await.unwrap()
}

/// The lines and values of the rows, or their places and codes, and the report of what ends the document early.
async fn read(content: impl AsRef<[u8]>, format: &FileFormat) -> (Vec<String>, String) {
    let (arrivals, failure) = drain(source(content, format, None).await.source).await;
    let told = |arrival: Arrival| match arrival.payload {
        Ok(payload) => format!("{} {}", arrival.origin.position.line, to_string(&payload.value.unwrap())),
        Err(report) => format!("{} {}", report.places()[0], report.code().id),
    };
    (arrivals.into_iter().map(told).collect(), failure)
}

async fn drain(mut source: Box<dyn Source>) -> (Vec<Arrival>, String) {
    let mut found = Vec::new();
    loop {
        match source.next(2).await {
            Err(report) => return (found, report.to_string()),
            Ok(batch) => {
                found.extend(batch.arrivals);
                if batch.end {
                    return (found, String::new());
                }
            }
        }
    }
}

#[tokio::test]
async fn the_elements_at_a_path_are_rows_and_so_is_a_document() {
    let check = async |content: &str, path: &[&str], expected: &[&str]| {
        let (found, failure) = read(content, &format(ORDER, path)).await;
        assert_eq!(
            (found, failure.as_str()),
            (expected.iter().map(|&it| it.to_owned()).collect(), ""),
            "{content}"
        );
    };
    check("<?xml version=\"1.0\"?>\n<!-- x -->\n<order id='1'/>\n", &[], &["3 {\"id\":1}"]).await;
    check("\u{feff}<orders/>", &["orders", "order"], &[]).await;
    check(
        "\u{feff}<?xml version='1.0' encoding='UTF-8'?><?x?><p:a xmlns:p='u'><p:b p:c='1'/></p:a>",
        &["a", "b", "order"],
        &[],
    )
    .await;
    let several = "<!-- <orders> --><orders made='>'><head><order id='9'/></head>text<![CDATA[<order]]>\n<order id='1'/>\n\
        <order\n id='2'><note>&lt;/order></note></order ><?end?></orders><!-- -->";
    check(several, &["orders", "order"], &["2 {\"id\":1}", "3 {\"id\":2,\"note\":\"</order>\"}"]).await;
    let days = "<a><day><order id='1'/></day><day/><other/><day><order id='2'/><order id='3'/></day></a>";
    check(days, &["a", "day", "order"], &["1 {\"id\":1}", "1 {\"id\":2}", "1 {\"id\":3}"]).await;
}

#[tokio::test]
async fn rows_know_the_namespaces_around_them() {
    let schema = ORDER.replacen("<xs:schema ", "<xs:schema targetNamespace='urn:shop' xmlns='urn:shop' ", 1);
    let format = format(&schema, &["all", "part", "order"]);
    let content = "<s:all xmlns:s='urn:shop' xmlns='urn:other'><part xmlns='urn:shop'><order id='1'><note>a</note></order>\
        </part><part><s:order id='2'><s:note>b</s:note></s:order><order id='3'/></part></s:all>";
    let (found, failure) = read(content, &format).await;
    assert_eq!(
        (found, failure.as_str()),
        (
            vec![
                "1 {\"id\":1,\"note\":\"a\"}".to_owned(),
                "1 {\"id\":2,\"note\":\"b\"}".to_owned(),
                "a.xml#/all/part[2]/order[2]:1:161 D0001".to_owned(),
            ],
            ""
        )
    );
    // As a dead letter keeps it, a row can be read again alone.
    let arrivals = source(content, &format, None).await.source.next(9).await.unwrap().arrivals;
    assert_eq!(arrivals[0].bytes, "<order xmlns:s='urn:shop' xmlns='urn:shop' id='1'><note>a</note></order>");
}

#[tokio::test]
async fn a_bad_row_costs_only_itself() {
    let long = "y".repeat(100_000);
    let content = format!(
        "<a><order id='x'/>\n<order id='1'><note></nope></order><order id='2'>&e;</order>\n <order id='3'><note>{long}\
         </note></order><order id='4'/></a>"
    );
    let mut format = format(ORDER, &["a", "order"]);
    format.max_row = 80_000;
    let (found, failure) = read(&content, &format).await;
    // Where a row ends is told by depth: an element inside the second one is ended by another tag.
    assert_eq!(
        found,
        [
            "a.xml#/a/order[1]:1:4 D0001",
            "a.xml#/a/order[2]:2:1 D0301",
            "a.xml#/a/order[3]:2:36 D0301",
            "a.xml#/a/order[4]:3:2 D0104",
            "3 {\"id\":4}",
        ]
    );
    assert_eq!(failure, "");
}

#[tokio::test]
async fn a_document_that_is_broken_ends_after_what_was_whole() {
    for (content, says) in [
        ("<a><order id='1'/>", "[D0301] the document ends inside `a`"),
        ("<a><order id='1'/><order id='2'>", "the document ends inside `order`"),
        ("<a><order id='1'/><order ", "the document ends inside"),
        ("<a><order id='1'/></b>", "`</b>` does not end `<a>`"),
        ("<a><order id='1'/><order id='2'></a>", "`</a>` does not end `<order>`"),
        ("<a><order id='1'/></a><a/>", "one element at its top"),
        ("<a><order id='1'/></a>x", "text is only allowed inside"),
        ("<a><order id='1'/></a><![CDATA[x]]>", "text is only allowed inside"),
        ("<a><order id='1'/></a></a>", "ends no element"),
        ("<!DOCTYPE a><a><order id='1'/></a>", "DOCTYPE"),
        ("<a><order id='1'/><x><!ENTITY e 'f'></x></a>", "DOCTYPE"),
        ("<a b><order id='1'/></a>", "the tag of `a` is not well-formed: expected `=` and a value"),
        ("<a b='1' b='2'><order id='1'/></a>", "the attribute `b` appears twice"),
        ("<a xmlns='u' xmlns='v'><order id='1'/></a>", "the attribute `xmlns` appears twice"),
        ("<p:a><order id='1'/></p:a>", "the prefix `p` is not declared"),
        ("<a b='&x;'><order id='1'/></a>", "a reference to what XML does not define"),
        ("<?><a><order id='1'/></a>", ""),
        (" <?xml version='1.0'?><a><order id='1'/></a>", "only allowed at the very start"),
        ("<!-- --><?xml version='1.0'?><a><order id='1'/></a>", "only allowed at the very start"),
        ("\u{feff} <?xml version='1.0'?><a><order id='1'/></a>", "only allowed at the very start"),
        ("<?xml version='1.1'?><a><order id='1'/></a>", "in version \"1.1\" of XML, and only 1.0 is read"),
        ("<?xml?><a><order id='1'/></a>", "the declaration has a `version`"),
        ("<?XML x?><a><order id='1'/></a>", "`<?XML` is reserved"),
        ("<a><order id='1'/><?xml version='1.0'?></a>", "only allowed at the very start"),
        ("<a><order id='1'/><?1?></a>", "not a valid name of an instruction"),
        ("<a><order id='1'/><!-- a -- b --></a>", "`--` is not allowed inside of a comment"),
        ("<a><order id='1'/>x]]>y</a>", "`]]>` is only allowed"),
        ("<a><order id='1'/><b c='<'/></a>", "`<` is not allowed in the value"),
        ("<a><order id='1'/>< order/></a>", "expected the name of an element"),
        ("<!-- -->", "the document has no element"),
        ("<b><order id='1'/></b>", "[D0108] `a.xml` has nothing at `/a`: the document is `b`"),
        ("<a><Order/><x/><Order/></a>", "has nothing at `/a/order`: `/a` holds `Order`, `x`"),
        ("<a><order id='1'/><!-- ", "the document ends inside a tag"),
    ] {
        let (found, failure) = read(content, &format(ORDER, &["a", "order"])).await;
        let is_read = content.starts_with("<a><order id='1'/>");
        assert_eq!(found.len(), usize::from(is_read), "{content}");
        assert!(
            failure.contains(says) || says == "DOCTYPE" && failure.contains("D0301"),
            "{content}: {failure}"
        );
    }
}

#[tokio::test]
async fn a_document_that_is_no_row_says_where_rows_are_named() {
    let format = format(ORDER, &[]);
    let arrivals = source("<orders><order id='1'/></orders>", &format, None)
        .await
        .source
        .next(9)
        .await
        .unwrap()
        .arrivals;
    let report = arrivals[0].payload.as_ref().unwrap_err();
    assert!(report.advice().unwrap_or_default().contains("`items`"), "{report:?}");
}

#[tokio::test]
async fn reading_goes_on_after_each_row() {
    let content = "<a xmlns:p='q'><b><order id='1'/>\n<order id='2'/>,</b><b>\n<order id='3'/></b></a>";
    let format = format(ORDER, &["a", "b", "order"]);
    let opened = source(content, &format, None).await;
    let fingerprint = opened.fingerprint.clone();
    let (all, _) = drain(opened.source).await;
    assert_eq!(all.len(), 3);
    for (at, arrival) in all.iter().enumerate() {
        let checkpoint =
            Checkpoint { position: arrival.next, fingerprint: fingerprint.clone(), ..Checkpoint::default() };
        let (rest, failure) = drain(source(content, &format, Some(checkpoint)).await.source).await;
        let origins = |arrivals: &[Arrival]| {
            arrivals.iter().map(|it| (it.origin.clone(), it.next, it.bytes.clone())).collect::<Vec<_>>()
        };
        assert_eq!((origins(&rest), failure.as_str()), (origins(&all[at + 1..]), ""));
    }
}

#[tokio::test]
async fn encodings_are_declared_and_layers_lie_below() {
    let format = format(ORDER, &["a", "order"]);
    let text = "<?xml version='1.0' encoding='ISO-8859-1'?><a><order id='1'><note>\u{e9}</note></order></a>";
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let expected = (vec!["1 {\"id\":1,\"note\":\"\u{e9}\"}".to_owned()], String::new());
    assert_eq!(read(&latin, &format).await, expected);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&latin).unwrap();
    let gzip = FileFormat { compression: Compression::Gzip, ..format.clone() };
    assert_eq!(read(packed.finish().unwrap(), &gzip).await, expected);
    let wide: Vec<u8> =
        text.replace("ISO-8859-1", "UTF-16").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&wide, &format).await, expected);
    let (found, _) = read(b"<a><order id='1'><note>\xe9</note></order><order id='2'/></a>", &format).await;
    assert_eq!(found, ["a.xml#/a/order[1]:1:4 D0105", "1 {\"id\":2}"]);
    let unknown = "<?xml version='1.0' encoding='ebcdic'?><a/>";
    let refused = open(Memory::boxed("a.xml", unknown), &format, &tenon_model::Shape::ANY, None).await;
    assert_eq!(refused.err().unwrap().code().id, "D0105");
}

#[test]
fn what_is_large_and_no_row_is_never_held() {
    let length = 64 << 20;
    let parts: [Box<dyn Read + Send>; 7] = [
        Box::new(&b"<a><!-- "[..]),
        Box::new(repeat(b'x').take(length)),
        Box::new(&b" --><b c='"[..]),
        Box::new(repeat(b'>').take(length)),
        Box::new(&b"'>"[..]),
        Box::new(repeat(b' ').take(length)),
        Box::new(&b"</b><order/></a>"[..]),
    ];
    let reader = parts.into_iter().reduce(|all, part| Box::new(all.chain(part))).unwrap();
    let path = ["a".into(), "order".into()].into_iter().collect();
    let mut items = Items::new(Input::endless(reader), path, 100, "a.xml".into());
    assert_eq!(items.next().unwrap().unwrap().bytes, "<order/>");
    assert!(items.input().window().len() < 1 << 20);
    assert!(items.next().unwrap().is_none());
}
