//! Documents as values and back.

use std::sync::Arc;

use tenon_model::Value;

use super::{document, read};
use crate::{format::Codec, json, validate::Validator, xsd::Document};

/// That `xml` is the value that JSON writes as `expected`, follows the shape, and is written as `canonical`.
fn check(schema: &Document, root: &str, xml: &str, expected: &str, canonical: &str) {
    let codec = schema.codec(root).unwrap();
    let value = codec.decode(xml.as_bytes()).unwrap_or_else(|report| panic!("{xml}: {report}"));
    assert_eq!(json::to_string(&value), expected, "{xml}");
    let shape = &schema.schema().types.into_iter().find(|it| it.name == root).unwrap().shape;
    Validator::new(shape).unwrap().check(&value).unwrap_or_else(|report| panic!("{xml}: {report}"));
    let mut out = Vec::new();
    codec.encode(&value, &mut out).unwrap_or_else(|report| panic!("{xml}: {report}"));
    let written = String::from_utf8(out).unwrap();
    assert_eq!(written, canonical, "{xml}");
    assert_eq!(codec.decode(written.as_bytes()).unwrap(), value, "{written}");
}

/// That `xml` is refused with a detail that has each of `expected`: code, path, and a part of the message or hint.
fn refuse(schema: &Document, root: &str, xml: &str, expected: &[(&str, &str, &str)]) {
    let report = schema.codec(root).unwrap().decode(xml.as_bytes()).unwrap_err();
    let details = if report.details().is_empty() { std::slice::from_ref(&report) } else { report.details() };
    assert_eq!(details.len(), expected.len(), "{xml}: {report}");
    for (detail, (code, path, part)) in details.iter().zip(expected) {
        let says = format!("{}; {}", detail.message(), detail.advice().unwrap_or_default());
        assert_eq!(
            (detail.code().id, detail.data_path().unwrap_or_default()),
            (*code, *path),
            "{xml}: {says}"
        );
        assert!(says.contains(part), "{xml}: {says}");
    }
}

const ORDER: &str = "
<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:shop' targetNamespace='urn:shop' elementFormDefault='qualified'>
  <xs:element name='order' type='Order'/>
  <xs:complexType name='Order'>
    <xs:sequence>
      <xs:element name='placed-at' type='xs:dateTime'/>
      <xs:element name='note' type='xs:string' minOccurs='0' nillable='true'/>
      <xs:choice>
        <xs:element name='card' type='xs:token'/>
        <xs:element name='invoice' type='xs:boolean'/>
      </xs:choice>
      <xs:element name='line' maxOccurs='unbounded'>
        <xs:complexType>
          <xs:sequence><xs:element name='price' type='Money'/></xs:sequence>
          <xs:attribute name='count' type='xs:positiveInteger' default='1'/>
        </xs:complexType>
      </xs:element>
    </xs:sequence>
    <xs:attribute name='id' type='xs:int' use='required'/>
  </xs:complexType>
  <xs:complexType name='Money'>
    <xs:simpleContent><xs:extension base='xs:decimal'><xs:attribute name='currency' type='xs:string' fixed='EUR'/></xs:extension></xs:simpleContent>
  </xs:complexType>
</xs:schema>";

#[test]
fn a_document_is_a_record() {
    let schema = document(ORDER, &[]).unwrap();
    let xml = "<?xml version='1.0'?>\n<s:order xmlns:s='urn:shop' id=' 7 '>\n  <s:placed-at>2013-01-01T10:00:00+01:00</s:placed-at>\
        <s:card> a  b </s:card><s:line count='2'><s:price>1.50</s:price></s:line><s:line><s:price>+2</s:price></s:line></s:order>";
    let expected = r#"{"id":7,"placed_at":"2013-01-01T09:00:00Z","card":"a b","line":[{"count":2,"price":{"currency":"EUR","value":1.50}},{"count":1,"price":{"currency":"EUR","value":2}}]}"#;
    let canonical = r#"<order xmlns="urn:shop" id="7"><placed-at>2013-01-01T09:00:00Z</placed-at><card>a b</card><line count="2"><price currency="EUR">1.50</price></line><line count="1"><price currency="EUR">2</price></line></order>"#;
    let canonical = canonical.replace(
        "xmlns=\"urn:shop\"",
        "xmlns=\"urn:shop\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    );
    check(&schema, "order", xml, expected, &canonical);
}

#[test]
fn violations_have_paths_and_places() {
    let schema = document(ORDER, &[]).unwrap();
    let order =
        |attributes: &str, inside: &str| format!("<order xmlns='urn:shop' {attributes}>\n{inside}</order>");
    let at = "<placed-at>2013-01-01T10:00:00Z</placed-at>";
    let line = "<line><price>1</price></line>";
    refuse(
        &schema,
        "order",
        &order("", &format!("{at}<card>x</card>{line}")),
        &[("D0002", "/id", "`id` is missing (line 1, column 1)")],
    );
    refuse(
        &schema,
        "order",
        &order("id='x'", &format!("{at}<card>x</card>{line}")),
        &[("D0006", "/id", "is not an integer (line 1")],
    );
    refuse(
        &schema,
        "order",
        &order("id='1' di='2'", &format!("{at}<card>x</card>{line}")),
        &[("D0003", "/di", "use `id`")],
    );
    refuse(
        &schema,
        "order",
        &order("id='1'", &format!("{at}{line}")),
        &[("D0003", "/line", "one of `note`, `card`, `invoice` is expected (line 2, column 44)")],
    );
    refuse(
        &schema,
        "order",
        &order("id='1'", &format!("{at}<card>x</card><invoice>true</invoice>{line}")),
        &[("D0003", "/invoice", "`line` is expected")],
    );
    refuse(
        &schema,
        "order",
        &order("id='1'", &format!("{at}<card>x</card>")),
        &[("D0002", "/line", "`line` is missing")],
    );
    refuse(
        &schema,
        "order",
        &order(
            "id='1'",
            &format!("{at}<card>x</card><line><price>1,5</price></line><line><price>x</price></line>"),
        ),
        &[
            ("D0006", "/line/0/price/value", "is not a decimal number"),
            ("D0006", "/line/1/price/value", "is not a decimal number"),
        ],
    );
    refuse(
        &schema,
        "order",
        &order(
            "id='1'",
            &format!("{at}<card>x</card><line count='0'><price currency='USD'>1</price></line>"),
        ),
        &[("D0006", "/line/0/count", "is less than"), ("D0005", "/line/0/price/currency", "which is fixed")],
    );
    refuse(
        &schema,
        "order",
        &order("id='1'", &format!("text{at}<card>x</card>{line}")),
        &[("D0004", "", "stands between elements")],
    );
    refuse(&schema, "order", "<order id='1'/>", &[("D0004", "", "`{urn:shop}order` is expected")]);
    let unqualified = format!("<s:order xmlns:s='urn:shop' id='1'><card>x</card>{line}</s:order>");
    refuse(
        &schema,
        "order",
        &unqualified,
        &[
            ("D0003", "/card", "`placed-at` is expected"),
            ("D0003", "/line", "expected"),
            ("D0002", "/placed_at", "missing"),
        ],
    );
    refuse(&schema, "order", "<order", &[("D0301", "", "line 1")]);
}

#[test]
fn types_and_elements_that_stand_for_others_are_told_by_a_tag() {
    let schema = read(
        "<xs:element name='zoo'><xs:complexType><xs:sequence>
           <xs:element name='animal' type='Animal' maxOccurs='unbounded'/><xs:element ref='sign' minOccurs='0'/>
         </xs:sequence></xs:complexType></xs:element>
         <xs:complexType name='Animal' abstract='true'><xs:sequence><xs:element name='name' type='xs:string'/></xs:sequence></xs:complexType>
         <xs:complexType name='Cat'><xs:complexContent><xs:extension base='Animal'><xs:attribute name='lives' type='xs:int'/></xs:extension></xs:complexContent></xs:complexType>
         <xs:complexType name='Dog'><xs:complexContent><xs:extension base='Animal'><xs:sequence><xs:element name='bark' type='xs:int'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
         <xs:element name='sign' type='xs:string' abstract='true'/>
         <xs:element name='warning' substitutionGroup='sign'/><xs:element name='arrow' substitutionGroup='sign'/>",
    );
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let inside = r#"<animal xsi:type="Cat" lives="9"><name>Tom</name></animal><animal xsi:type="Dog"><name>Rex</name><bark>1</bark></animal><arrow>left</arrow>"#;
    let xml = format!("<zoo {xsi}>{inside}</zoo>");
    let expected = r#"{"animal":[{"type":"Cat","lives":9,"name":"Tom"},{"type":"Dog","name":"Rex","bark":1}],"sign":{"element":"arrow","value":"left"}}"#;
    check(&schema, "zoo", &xml, expected, &xml);
    refuse(
        &schema,
        "zoo",
        "<zoo><animal><name>x</name></animal></zoo>",
        &[("D0004", "/animal/0", "is abstract, and no `xsi:type` names one of `Cat`, `Dog`")],
    );
    let unknown = format!("<zoo {xsi}><animal xsi:type='Cow'/></zoo>");
    refuse(&schema, "zoo", &unknown, &[("D0004", "/animal/0", "`Cow` is not one of")]);
}

#[test]
fn mixed_and_open_content_keep_their_order() {
    let schema = read(
        "<xs:element name='p'><xs:complexType mixed='true'><xs:choice minOccurs='0' maxOccurs='unbounded'>
           <xs:element name='b' type='xs:string'/><xs:element name='br'><xs:complexType/></xs:element>
         </xs:choice></xs:complexType></xs:element>
         <xs:element name='box'><xs:complexType><xs:sequence><xs:any processContents='skip' maxOccurs='2'/></xs:sequence>
           <xs:anyAttribute processContents='skip'/></xs:complexType></xs:element>",
    );
    let xml = "<p>one <b>two</b><br></br> &lt;three&gt;</p>";
    check(&schema, "p", xml, r#"{"content":["one ",{"b":"two"},{"br":{}}," <three>"]}"#, xml);
    let xml = r#"<box a="1"><x xmlns="u" y="1">t<z></z></x></box>"#;
    let expected = r#"{"any":[{"name":"x","namespace":"u","attributes":{"y":"1"},"content":["t",{"name":"z","namespace":"u","attributes":{},"content":[]}]}],"any_attributes":{"a":"1"}}"#;
    check(&schema, "box", xml, expected, xml);
}

#[test]
fn nil_defaults_lists_and_unions() {
    let schema = read(
        "<xs:element name='r'><xs:complexType><xs:all>
           <xs:element name='n' type='xs:int' nillable='true'/>
           <xs:element name='d' type='xs:string' default='dd' minOccurs='0'/>
           <xs:element name='l' type='L' minOccurs='0'/><xs:element name='u' type='U' minOccurs='0'/>
           <xs:element name='h' type='xs:hexBinary' minOccurs='0'/>
         </xs:all></xs:complexType></xs:element>
         <xs:simpleType name='L'><xs:list itemType='xs:short'/></xs:simpleType>
         <xs:simpleType name='U'><xs:union memberTypes='xs:integer'><xs:simpleType><xs:restriction base='xs:string'><xs:enumeration value='unbounded'/></xs:restriction></xs:simpleType></xs:union></xs:simpleType>",
    );
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let xml = format!("<r {xsi}><u>unbounded</u><d/><h>0aFF</h><l> 1  2 </l><n xsi:nil='1'/></r>");
    let expected = r#"{"n":null,"d":"dd","l":[1,2],"u":"unbounded","h":"Cv8="}"#;
    let canonical =
        format!("<r {xsi}><n xsi:nil=\"true\"></n><d>dd</d><l>1 2</l><u>unbounded</u><h>0AFF</h></r>");
    check(&schema, "r", &xml, expected, &canonical);
    check(
        &schema,
        "r",
        &format!("<r {xsi}><n>1</n><u>5</u></r>"),
        r#"{"n":1,"u":5}"#,
        &format!("<r {xsi}><n>1</n><u>5</u></r>"),
    );
    refuse(&schema, "r", "<r><n>1</n><n>2</n></r>", &[("D0003", "/n", "is not allowed here")]);
    refuse(&schema, "r", "<r/>", &[("D0002", "/n", "missing")]);
    refuse(
        &schema,
        "r",
        "<r><n>1</n><l>1 99999</l><u>x</u></r>",
        &[("D0006", "/l", "item 2"), ("D0006", "/u", "is not an integer, and")],
    );
}

#[test]
fn fields_come_in_the_order_of_the_contract_with_what_stands_in_for_those_that_are_absent() {
    let schema = read(
        "<xs:element name='r'><xs:complexType><xs:choice minOccurs='0' maxOccurs='unbounded'>
           <xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int'/><xs:element name='c' type='T'/>
         </xs:choice><xs:attribute name='x' type='xs:int' default='7'/><xs:attribute name='y' type='xs:int'/>
         <xs:attribute name='z' type='xs:token' fixed='Z'/><xs:anyAttribute processContents='skip'/></xs:complexType></xs:element>
         <xs:complexType name='T'><xs:simpleContent><xs:extension base='xs:int'><xs:attribute name='u' type='xs:int' default='1'/></xs:extension></xs:simpleContent></xs:complexType>
         <xs:element name='d' type='T' default='5'/>
         <xs:element name='o'><xs:complexType><xs:sequence><xs:choice>
           <xs:element name='one' type='xs:int'/><xs:element name='many' type='xs:int' maxOccurs='2'/></xs:choice>
           <xs:element name='last' type='xs:int' minOccurs='0' maxOccurs='2'/></xs:sequence></xs:complexType></xs:element>",
    );
    check(
        &schema,
        "r",
        "<r z='Z' other='o' y='2'><c>1</c><b>2</b><a>3</a><c u='4'>5</c><a>6</a></r>",
        r#"{"x":7,"y":2,"z":"Z","a":[3,6],"b":[2],"c":[{"u":1,"value":1},{"u":4,"value":5}],"any_attributes":{"other":"o"}}"#,
        r#"<r x="7" y="2" z="Z" other="o"><a>3</a><a>6</a><b>2</b><c u="1">1</c><c u="4">5</c></r>"#,
    );
    let absent = r#"{"x":7,"z":"Z","a":[],"b":[],"c":[],"any_attributes":{}}"#;
    check(&schema, "r", "<r/>", absent, r#"<r x="7" z="Z"></r>"#);
    check(&schema, "d", "<d/>", r#"{"u":1,"value":5}"#, r#"<d u="1">5</d>"#);
    // An alternative that is not taken is absent, and no list of none.
    check(&schema, "o", "<o><one>1</one></o>", r#"{"one":1,"last":[]}"#, "<o><one>1</one></o>");
    check(
        &schema,
        "o",
        "<o><many>1</many><last>2</last></o>",
        r#"{"many":[1],"last":[2]}"#,
        "<o><many>1</many><last>2</last></o>",
    );
}

#[test]
fn occurrences_are_counted() {
    let schema = read(
        "<xs:element name='r'><xs:complexType><xs:sequence>
           <xs:element name='a' type='xs:int' minOccurs='2' maxOccurs='3'/>
           <xs:sequence minOccurs='0' maxOccurs='2'><xs:element name='b' type='xs:int'/><xs:element name='c' type='xs:int'/></xs:sequence>
         </xs:sequence></xs:complexType></xs:element>",
    );
    let a = |count: usize| "<a>1</a>".repeat(count);
    let xml = format!("<r>{}<b>1</b><c>2</c><b>3</b><c>4</c></r>", a(2));
    check(&schema, "r", &xml, r#"{"a":[1,1],"b":[1,3],"c":[2,4]}"#, &xml);
    check(
        &schema,
        "r",
        &format!("<r>{}</r>", a(3)),
        r#"{"a":[1,1,1],"b":[],"c":[]}"#,
        &format!("<r>{}</r>", a(3)),
    );
    for bad in [
        a(1),
        a(4),
        format!("{}<b>1</b>", a(2)),
        format!("{}<c>1</c>", a(2)),
        format!("{}{}", a(2), "<b>1</b><c>2</c>".repeat(3)),
    ] {
        let report = schema.codec("r").unwrap().decode(format!("<r>{bad}</r>").as_bytes()).unwrap_err();
        assert!(matches!(report.details()[0].code().id, "D0002" | "D0003"), "{bad}: {report}");
    }
}

#[test]
fn what_does_not_follow_the_schema_is_not_written() {
    let schema = document(ORDER, &[]).unwrap();
    let codec = schema.codec("order").unwrap();
    let value = Value::record([
        ("id", Value::Int(1)),
        ("card", Value::from("x")),
        ("invoice", Value::Bool(true)),
        ("lines", Value::Null),
    ]);
    let report = codec.encode(&value, &mut Vec::new()).unwrap_err();
    let told: Vec<_> =
        report.details().iter().map(|it| (it.code().id, it.data_path().unwrap_or_default())).collect();
    assert_eq!(
        told,
        [("D0003", "/lines"), ("D0002", "/placed_at"), ("D0002", "/line"), ("D0003", "/invoice")],
        "{report}"
    );
}

#[test]
fn what_xml_cannot_hold_is_not_written() {
    let schema = read(
        "<xs:element name='r'><xs:complexType mixed='true'><xs:sequence>
           <xs:element name='t' type='xs:string'/><xs:any processContents='lax' minOccurs='0'/></xs:sequence>
           <xs:attribute name='a' type='xs:string'/></xs:complexType></xs:element>
         <xs:element name='p'><xs:complexType><xs:sequence><xs:element name='t' type='xs:string'/></xs:sequence>
           <xs:attribute name='a' type='xs:string'/></xs:complexType></xs:element>",
    );
    for (root, document) in [
        ("p", "<p a='X'><t>text</t></p>"),
        ("p", "<p a='text'><t>X</t></p>"),
        ("r", "<r a='t'>X<t>t</t></r>"),
    ] {
        let codec = schema.codec(root).unwrap();
        let value = codec.decode(document.as_bytes()).unwrap();
        for odd in ['\u{0}', '\u{1}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            let broken = with(&value, &odd.to_string());
            let report = codec.encode(&broken, &mut Vec::new()).unwrap_err();
            assert!(
                format!("{report:?}").contains("which XML cannot hold"),
                "{document} {odd:?}: {report:?}"
            );
        }
        for fine in ["\t\n\r", "\u{85}é", "\u{10ffff}", "<&>\"'"] {
            let kept = with(&value, fine);
            let mut out = Vec::new();
            codec.encode(&kept, &mut out).unwrap();
            assert_eq!(codec.decode(&out).unwrap(), kept, "{document} {fine:?}");
        }
    }
}

/// `value` with `text` in place of each `X`.
fn with(value: &Value, text: &str) -> Value {
    match value {
        Value::String(found) if found == "X" => Value::from(text),
        Value::List(items) => Value::list(items.iter().map(|item| with(item, text)).collect()),
        Value::Map(map) => {
            Value::Map(Arc::new(map.iter().map(|(key, it)| (key.clone(), with(it, text))).collect()))
        }
        other => other.clone(),
    }
}
