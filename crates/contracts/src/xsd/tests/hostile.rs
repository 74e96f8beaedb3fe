//! No input panics, and large ones are refused at once.

use proptest::prelude::*;

use super::{document, read, schema};
use crate::format::Codec;

#[test]
fn groups_that_multiply_are_refused() {
    let mut inside = String::from(
        "<xs:group name='g0'><xs:sequence><xs:element name='e' type='xs:int'/></xs:sequence></xs:group>",
    );
    for n in 1..40 {
        let before = n - 1;
        inside += &format!(
            "<xs:group name='g{n}'><xs:sequence><xs:group ref='g{before}'/><xs:group ref='g{before}'/></xs:sequence></xs:group>"
        );
    }
    let reports = document(&schema(&inside), &[]).unwrap_err();
    assert!(reports.iter().any(|report| report.message().contains("more than 100000 parts")), "{reports:?}");
}

#[test]
fn unions_that_multiply_are_refused() {
    let mut inside =
        String::from("<xs:simpleType name='u0'><xs:union memberTypes='xs:int xs:date'/></xs:simpleType>");
    for n in 1..60 {
        let before = n - 1;
        inside += &format!(
            "<xs:simpleType name='u{n}'><xs:union memberTypes='u{before} u{before}'/></xs:simpleType>"
        );
    }
    let reports = document(&schema(&inside), &[]).unwrap_err();
    assert!(
        reports.iter().any(|report| report.message().contains("more than 1000 alternatives")),
        "{reports:?}"
    );
}

#[test]
fn what_stands_for_an_element_may_contain_it() {
    let schema = read(
        "<xs:element name='expression' type='E' abstract='true'/><xs:complexType name='E' abstract='true'/>
         <xs:element name='number' type='N' substitutionGroup='expression'/>
         <xs:element name='sum' type='S' substitutionGroup='expression'/>
         <xs:complexType name='N'><xs:complexContent><xs:extension base='E'><xs:attribute name='value' type='xs:int'/></xs:extension></xs:complexContent></xs:complexType>
         <xs:complexType name='S'><xs:complexContent><xs:extension base='E'><xs:sequence><xs:element ref='expression' maxOccurs='unbounded'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
         <xs:element name='top'><xs:complexType><xs:sequence><xs:element ref='expression'/></xs:sequence></xs:complexType></xs:element>",
    );
    let codec = schema.codec("top").unwrap();
    let value =
        codec.decode(b"<top><sum><number value='1'/><sum><number value='2'/></sum></sum></top>").unwrap();
    let shape = &schema.schema().of_name("top").unwrap().shape.clone();
    crate::validate::Validator::new(shape).unwrap().check(&value).unwrap();
    let mut out = Vec::new();
    codec.encode(&value, &mut out).unwrap();
    assert_eq!(codec.decode(&out).unwrap(), value);
}

#[test]
fn deep_documents_are_refused() {
    let schema = read(
        "<xs:element name='a' type='A'/><xs:complexType name='A'><xs:sequence><xs:element name='a' type='A' minOccurs='0'/></xs:sequence></xs:complexType>",
    );
    let codec = schema.codec("a").unwrap();
    assert_eq!(codec.decode("<a>".repeat(100_000).as_bytes()).unwrap_err().code().id, "D0103");
    let open = read("<xs:element name='a' type='xs:anyType'/>");
    assert_eq!(open.codec("a").unwrap().decode("<a>".repeat(50).as_bytes()).unwrap_err().code().id, "D0103");
    let laughs = "<!DOCTYPE a [<!ENTITY b 'ha'>]><a>&b;</a>";
    assert_eq!(codec.decode(laughs.as_bytes()).unwrap_err().code().id, "D0301");
}

#[test]
fn schemas_and_documents_that_are_not_xml_1_0_from_the_start_are_refused() {
    for (declaration, place, says) in [
        ("\n<?xml version='1.0'?>", "order/1.xsd:2:1", "only allowed at the very start"),
        ("<?xml version='1.1'?>", "order/1.xsd:1:1", "in version \"1.1\" of XML"),
    ] {
        let reports = document(&format!("{declaration}{}", schema("")), &[]).unwrap_err();
        let [report] = &*reports.iter().collect::<Vec<_>>() else { panic!("{reports:?}") };
        assert_eq!((report.code().id, report.places()[0].to_string().as_str()), ("P0003", place));
        assert!(report.message().contains(says), "{report}");
        let codec = read("<xs:element name='a' type='xs:int'/>").codec("a").unwrap();
        let report = codec.decode(format!("{declaration}<a>1</a>").as_bytes()).unwrap_err();
        assert_eq!(report.code().id, "D0301");
        assert!(report.message().contains(says), "{report}");
    }
}

const PIECES: &[&str] = &[
    "<xs:element name='a'",
    "<xs:complexType name='A'>",
    "<xs:complexType>",
    "</xs:complexType>",
    "<xs:sequence>",
    "</xs:sequence>",
    "<xs:choice maxOccurs='unbounded'>",
    "</xs:choice>",
    " type='A'",
    " type='xs:int'",
    "/>",
    ">",
    "</xs:element>",
    "<xs:any/>",
    "<xs:simpleType name='S'>",
    "<xs:restriction base='xs:decimal'>",
    "<xs:totalDigits value='2'/>",
    "</xs:restriction>",
    "</xs:simpleType>",
    "<xs:attribute name='b' type='S'/>",
    "<xs:group ref='g'/>",
];

proptest! {
    #[test]
    fn no_schema_panics(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12)) {
        let _ = document(&schema(&pieces.concat()), &[]);
    }

    #[test]
    fn no_document_panics(text in "(<a>|</a>|<b c='1'/>|&lt;|<!--|-->|<!\\[CDATA\\[|\\]\\]>|<a b=|x| |é|\u{0}){0,10}") {
        let schema = read("<xs:element name='a'><xs:complexType mixed='true'><xs:sequence><xs:any maxOccurs='unbounded' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>");
        let codec = schema.codec("a").unwrap();
        if let Ok(value) = codec.decode(text.as_bytes()) {
            let mut out = Vec::new();
            codec.encode(&value, &mut out).unwrap();
            prop_assert_eq!(codec.decode(&out).unwrap(), value);
        }
    }
}
