//! Keys, references and IDs.

use super::{document, read, schema};
use crate::{format::Codec, xsd::Document};

const SHOP: &str = "
<xs:element name='shop'><xs:complexType><xs:sequence>
  <xs:element name='product' maxOccurs='unbounded' minOccurs='0'><xs:complexType>
    <xs:sequence><xs:element name='weight' type='xs:decimal' minOccurs='0' nillable='true'/></xs:sequence>
    <xs:attribute name='id' type='xs:decimal'/><xs:attribute name='kind' type='xs:string'/></xs:complexType></xs:element>
  <xs:element name='order' maxOccurs='unbounded' minOccurs='0'><xs:complexType>
    <xs:attribute name='of' type='xs:decimal'/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType>
  <xs:key name='product'><xs:selector xpath='product'/><xs:field xpath='@id'/></xs:key>
  <xs:unique name='weight'><xs:selector xpath='.//product'/><xs:field xpath='weight'/><xs:field xpath='@kind'/></xs:unique>
  <xs:keyref name='of' refer='product'><xs:selector xpath='order'/><xs:field xpath='@of'/></xs:keyref>
</xs:element>";

/// Decodes `xml`; what is wrong, if something is, and that writing the same says the same.
fn told(schema: &Document, root: &str, xml: &str) -> Vec<String> {
    let Err(report) = schema.codec(root).unwrap().decode(xml.as_bytes()) else { return Vec::new() };
    let detail = |it: &tenon_errors::Report| {
        format!("{} {} {}", it.code().id, it.data_path().unwrap_or_default(), it.message())
    };
    report.details().iter().map(detail).collect()
}

fn check(schema: &Document, root: &str, cases: &[(&str, &[&str])]) {
    for (xml, expected) in cases {
        let told = told(schema, root, xml);
        assert_eq!(told.len(), expected.len(), "{xml}: {told:#?}");
        for (told, expected) in told.iter().zip(*expected) {
            assert!(told.contains(expected), "{xml}: {told}");
        }
    }
}

#[test]
fn keys_are_unique_and_references_lead_to_them() {
    let schema = read(SHOP);
    check(
        &schema,
        "shop",
        &[
            ("<shop><product id='1'/><product id='2'/><order of='1.0'/></shop>", &[]),
            (
                "<shop><product id='1'/><product id='1.0'/></shop>",
                &["D0005 /product/1 1.0 of `product` appears twice (line 1, column 24)"],
            ),
            ("<shop><product/></shop>", &["D0005 /product/0 field 1 of the key `product` is missing"]),
            (
                "<shop><product id='1'/><order of='2'/></shop>",
                &["D0005  2 of the keyref `of` is not a value of `product` (line 1, column 24)"],
            ),
            ("<shop><order/></shop>", &[]),
            (
                "<shop><product id='1' kind='a'><weight>2</weight></product><product id='2' kind='a'><weight>2.0</weight></product></shop>",
                &["/product/1 (2.0, \"a\") of `weight` appears twice"],
            ),
            (
                "<shop><product id='1' kind='b'><weight>2</weight></product><product id='2' kind='a'><weight>2.0</weight></product></shop>",
                &[],
            ),
            (
                "<shop xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><product id='1' kind='b'><weight xsi:nil='1'/></product><product id='2' kind='b'><weight xsi:nil='true'/></product></shop>",
                &[],
            ),
        ],
    );
}

#[test]
fn what_breaks_a_key_is_not_written() {
    let schema = read(SHOP);
    let codec = schema.codec("shop").unwrap();
    let value = codec.decode(b"<shop><product id='1'/><product id='2'/><order of='2'/></shop>").unwrap();
    let mut out = b"before".to_vec();
    codec.encode(&value, &mut out).unwrap();
    assert_eq!(codec.decode(&out[6..]).unwrap(), value);
    let twice = codec.decode(b"<shop><product id='1'/></shop>").unwrap();
    let product = twice.get("product").unwrap().as_list().unwrap()[0].clone();
    let mut map = twice.as_map().unwrap().clone();
    map.insert("product", tenon_model::Value::list(vec![product.clone(), product]));
    let mut out = b"before".to_vec();
    let report = codec.encode(&tenon_model::Value::Map(map.into()), &mut out).unwrap_err();
    assert_eq!(report.details()[0].data_path(), Some("/product/1"), "{report}");
    assert_eq!(out, b"before");
}

#[test]
fn a_key_of_elements_inside_is_what_references_outside_mean() {
    let schema = read(
        "<xs:element name='r'><xs:complexType><xs:sequence>
           <xs:element name='part' maxOccurs='unbounded'><xs:complexType><xs:sequence>
             <xs:element name='k' type='xs:string' maxOccurs='unbounded'/></xs:sequence></xs:complexType>
             <xs:key name='k'><xs:selector xpath='k'/><xs:field xpath='.'/></xs:key></xs:element>
           <xs:element name='ref' type='xs:string' minOccurs='0' maxOccurs='unbounded'/>
         </xs:sequence></xs:complexType>
         <xs:keyref name='r' refer='k'><xs:selector xpath='ref'/><xs:field xpath='.'/></xs:keyref></xs:element>",
    );
    check(
        &schema,
        "r",
        &[
            ("<r><part><k>a</k></part><part><k>b</k></part><ref>a</ref><ref>b</ref></r>", &[]),
            // Two parts have it, so that it is not known which is meant.
            ("<r><part><k>a</k></part><part><k>a</k></part><ref>a</ref></r>", &["`k`"]),
            ("<r><part><k>a</k><k>a</k></part></r>", &["/part/0/k/1 \"a\" of `k` appears twice"]),
        ],
    );
}

#[test]
fn ids_are_unique_in_a_document() {
    let schema = read(
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='a' maxOccurs='unbounded'><xs:complexType>
           <xs:attribute name='id' type='xs:ID'/><xs:attribute name='to' type='xs:IDREFS'/></xs:complexType></xs:element>
         </xs:sequence></xs:complexType></xs:element>",
    );
    check(
        &schema,
        "r",
        &[
            ("<r><a to='y x'/><a id='x'/><a id='y'/></r>", &[]),
            ("<r><a id='x'/><a id='x'/></r>", &["/a/1/id the ID \"x\" appears twice"]),
            ("<r><a to='x'/></r>", &["the document has no ID `x`"]),
        ],
    );
}

#[test]
fn keys_that_are_no_keys_are_refused() {
    let element = |inside: &str| format!("<xs:element name='a' type='xs:string'>{inside}</xs:element>");
    let cases = [
        ("<xs:key name='k'><xs:selector xpath='a'/></xs:key>", "at least one `field`"),
        ("<xs:key name='k'><xs:selector xpath='a[1]'/><xs:field xpath='.'/></xs:key>", "the step `a[1]`"),
        ("<xs:key name='k'><xs:selector xpath='@a'/><xs:field xpath='.'/></xs:key>", "selects attributes"),
        (
            "<xs:keyref name='k' refer='x'><xs:selector xpath='a'/><xs:field xpath='.'/></xs:keyref>",
            "there is no key `x`",
        ),
        (
            "<xs:key name='x'><xs:selector xpath='a'/><xs:field xpath='.'/><xs:field xpath='@a'/></xs:key><xs:keyref name='k' refer='x'><xs:selector xpath='a'/><xs:field xpath='.'/></xs:keyref>",
            "has 2 fields",
        ),
    ];
    for (inside, part) in cases {
        let reports = document(&schema(&element(inside)), &[]).unwrap_err();
        assert!(reports.iter().any(|it| it.message().contains(part)), "{inside}: {reports:?}");
    }
}

#[test]
fn what_stands_in_for_an_attribute_is_a_value_of_the_document() {
    let schema = read(
        "<xs:element name='r'><xs:complexType><xs:sequence><xs:element name='n' maxOccurs='unbounded'><xs:complexType>
           <xs:attribute name='id' type='xs:ID'/><xs:attribute name='to' type='xs:IDREF' default='a'/>
           <xs:attribute name='k' type='xs:int' default='1'/></xs:complexType></xs:element></xs:sequence></xs:complexType>
           <xs:unique name='k'><xs:selector xpath='n'/><xs:field xpath='@k'/></xs:unique></xs:element>",
    );
    let cases: [(&str, &[&str]); 4] = [
        ("<r><n id='a'/></r>", &[]),
        ("<r><n id='b'/></r>", &["D0005  the document has no ID `a` to refer to"]),
        ("<r><n id='a'/><n/></r>", &["D0005 /n/1 1 of `k` appears twice"]),
        ("<r><n id='a'/><n k='2'/></r>", &[]),
    ];
    check(&schema, "r", &cases);
}
