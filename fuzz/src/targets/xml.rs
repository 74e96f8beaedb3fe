//! XML Schema, and XML by one.

use std::sync::LazyLock;

use tenon_contracts::{
    format::{Format, NoFiles, Source},
    xsd::{Document, XmlCodec, Xsd},
};

use super::{comes_back, outcome_of_all};
use crate::{Target, seeds};

pub(super) const SCHEMA: Target = Target { name: "xsd", seeds: of_schema, run: schema };
pub(super) const DATA: Target = Target { name: "xml", seeds: of_data, run: data };

const EVERYTHING: &str = include_str!("../../types/everything.xsd");
static CODEC: LazyLock<XmlCodec> = LazyLock::new(|| {
    let source = Source { file: "everything.xsd", text: EVERYTHING, files: &NoFiles };
    Document::read(&source).expect("the schema is read").codec("order").expect("it has an order")
});

fn of_schema() -> Vec<Vec<u8>> {
    seeds::texts(&[
        EVERYTHING,
        "<schema xmlns='http://www.w3.org/2001/XMLSchema'><element name='a' type='string'/></schema>",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:simpleType name='s'><xs:restriction base='xs:token'>\
         <xs:pattern value='[\\i-[:]]\\c*'/><xs:maxLength value='9'/></xs:restriction></xs:simpleType></xs:schema>",
    ])
}

fn schema(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let read = Xsd.read(&Source { file: "a.xsd", text, files: &NoFiles });
    for definition in read.iter().flat_map(|schema| &schema.types) {
        let _ = Xsd.write("a", &definition.shape);
    }
    outcome_of_all(&read)
}

fn of_data() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "<order xmlns='urn:shop' id='7'><placed-at>2013-01-01T10:00:00Z</placed-at><note>a &lt; b &#233;</note><card>x y</card>\
         <line count='2'><price>1.50</price></line><line><price>3</price></line></order>",
        "<?xml version='1.0' encoding='UTF-8'?><!-- c --><s:order xmlns:s='urn:shop' id='1'><s:placed-at> 2013-01-01T10:00:00.5+01:00 </s:placed-at>\
         <s:invoice>1</s:invoice><s:line><s:price currency='EUR'>2</s:price></s:line><s:text>mixed <s:b>bold</s:b> more</s:text></s:order>",
        "<order xmlns='urn:shop' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' id='-1'><placed-at>2013-01-01T10:00:00Z</placed-at>\
         <note xsi:nil='true'/><card><![CDATA[a]]></card><line><price>0</price></line><any xmlns='urn:other' k='v'>t<x/></any></order>",
    ])
}

fn data(bytes: &[u8]) -> u64 {
    comes_back(&*CODEC, bytes)
}
