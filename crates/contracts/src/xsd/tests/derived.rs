//! `xsi:type`, `xsi:nil`, `block` and `final`.

use super::{document, read, schema};
use crate::{format::Codec, json, xsd::Document};

const XSI: &str =
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:xs='http://www.w3.org/2001/XMLSchema'";

/// What the document is in JSON, or the first thing that is wrong.
fn read_as(schema: &Document, root: &str, xml: &str) -> String {
    match schema.codec(root).unwrap().decode(xml.as_bytes()) {
        Ok(value) => json::to_string(&value),
        Err(report) => report.details().first().unwrap_or(&report).message().to_owned(),
    }
}

fn check(schema: &Document, root: &str, cases: &[(&str, &str)]) {
    for (inside, expected) in cases {
        let xml = inside.replacen('>', &format!(" {XSI}>"), 1);
        let told = read_as(schema, root, &xml);
        assert!(told.contains(expected), "{xml}: {told}");
    }
}

#[test]
fn the_type_of_a_simple_value_is_one_that_is_derived() {
    let schema = read(
        "<xs:element name='n' type='xs:decimal'/>
         <xs:element name='blocked' type='xs:decimal' block='restriction'/>
         <xs:element name='u' type='U'/>
         <xs:element name='s' type='Small'/>
         <xs:simpleType name='Small'><xs:restriction base='xs:int'><xs:maxInclusive value='9'/></xs:restriction></xs:simpleType>
         <xs:simpleType name='Smaller'><xs:restriction base='Small'><xs:maxInclusive value='5'/></xs:restriction></xs:simpleType>
         <xs:simpleType name='U'><xs:union memberTypes='xs:int xs:string'/></xs:simpleType>
         <xs:complexType name='Money'><xs:simpleContent><xs:extension base='xs:decimal'><xs:attribute name='of' type='xs:string'/></xs:extension></xs:simpleContent></xs:complexType>",
    );
    check(
        &schema,
        "n",
        &[
            ("<n xsi:type='xs:int'>5</n>", "5"),
            ("<n xsi:type='xs:int'>5.5</n>", "is not an integer"),
            ("<n xsi:type='xs:string'>5</n>", "the type `xs:string` is not derived from `decimal`"),
            ("<n xsi:type='xs:nothing'>5</n>", "is not derived"),
            ("<n xsi:type='Money' of='EUR'>5</n>", "adds attributes"),
            ("<n xsi:nil='perhaps'>5</n>", "neither true nor false"),
            ("<n xsi:nil='true'></n>", "cannot be nil"),
            ("<n xsi:schemaLocation='urn:x x.xsd'>5</n>", "5"),
        ],
    );
    check(
        &schema,
        "blocked",
        &[
            ("<blocked xsi:type='xs:decimal'>5</blocked>", "5"),
            ("<blocked xsi:type='xs:int'>5</blocked>", "is blocked here"),
        ],
    );
    check(
        &schema,
        "u",
        &[
            ("<u xsi:type='xs:string'>5</u>", "\"5\""),
            ("<u>5</u>", "5"),
            ("<u xsi:type='xs:date'>5</u>", "not derived"),
        ],
    );
    check(
        &schema,
        "s",
        &[
            ("<s xsi:type='Smaller'>5</s>", "5"),
            ("<s xsi:type='Smaller'>6</s>", "is greater than 5"),
            ("<s xsi:type='xs:int'>6</s>", "not derived"),
        ],
    );
}

#[test]
fn what_is_blocked_stands_for_nothing() {
    let schema = read(
        "<xs:element name='open' type='Base'/><xs:element name='closed' type='Base' block='extension'/>
         <xs:element name='r'><xs:complexType><xs:sequence><xs:element ref='head'/></xs:sequence></xs:complexType></xs:element>
         <xs:element name='head' type='Base' block='restriction'/>
         <xs:element name='wide' type='Wide' substitutionGroup='head'/><xs:element name='narrow' type='Narrow' substitutionGroup='head'/>
         <xs:complexType name='Base'><xs:sequence><xs:element name='a' type='xs:int' minOccurs='0'/></xs:sequence></xs:complexType>
         <xs:complexType name='Wide'><xs:complexContent><xs:extension base='Base'><xs:attribute name='b' type='xs:int'/></xs:extension></xs:complexContent></xs:complexType>
         <xs:complexType name='Narrow'><xs:complexContent><xs:restriction base='Base'><xs:sequence/></xs:restriction></xs:complexContent></xs:complexType>",
    );
    check(&schema, "open", &[("<open xsi:type='Wide' b='1'></open>", r#"{"type":"Wide","b":1}"#)]);
    check(
        &schema,
        "closed",
        &[
            ("<closed xsi:type='Wide' b='1'></closed>", "the type `Wide` is blocked here"),
            ("<closed xsi:type='Narrow'></closed>", r#"{"type":"Narrow"}"#),
        ],
    );
    check(
        &schema,
        "r",
        &[("<r><wide b='1'></wide></r>", "wide"), ("<r><narrow></narrow></r>", "is not allowed here")],
    );
    let value = schema
        .codec("open")
        .unwrap()
        .decode(format!("<open {XSI} xsi:type='Wide' b='1'/>").as_bytes())
        .unwrap();
    let report = schema.codec("closed").unwrap().encode(&value, &mut Vec::new()).unwrap_err();
    assert!(report.details()[0].message().contains("is blocked here"), "{report}");
}

#[test]
fn null_has_no_place_for_attributes() {
    let schema = read(
        "<xs:element name='a' nillable='true'><xs:complexType><xs:attribute name='b' type='xs:int'/></xs:complexType></xs:element>
         <xs:element name='c' nillable='true'><xs:complexType><xs:attribute name='b' type='xs:int' use='required'/></xs:complexType></xs:element>",
    );
    check(
        &schema,
        "a",
        &[
            ("<a xsi:nil='true'></a>", "null"),
            ("<a xsi:nil='true' b='1'></a>", "for which null has no place"),
        ],
    );
    check(&schema, "c", &[("<c xsi:nil='true'></c>", "the required attribute `b` is missing")]);
    let report = schema.codec("c").unwrap().encode(&tenon_model::Value::Null, &mut Vec::new()).unwrap_err();
    assert!(report.details()[0].message().contains("has to have the attribute `b`"), "{report}");
}

#[test]
fn final_types_and_foreign_members_are_refused() {
    let cases = [
        (
            "<xs:complexType name='A' final='extension'/><xs:complexType name='B'><xs:complexContent><xs:extension base='A'/></xs:complexContent></xs:complexType>",
            "the type `A` is final",
        ),
        (
            "<xs:simpleType name='A' final='#all'><xs:restriction base='xs:int'/></xs:simpleType><xs:simpleType name='B'><xs:list itemType='A'/></xs:simpleType>",
            "the type `A` is final",
        ),
        (
            "<xs:element name='h' type='xs:int' final='restriction'/><xs:element name='m' type='xs:byte' substitutionGroup='h'/>",
            "`h` is final",
        ),
        (
            "<xs:element name='h' type='xs:int'/><xs:element name='m' type='xs:string' substitutionGroup='h'/>",
            "is not derived from that of `h`",
        ),
        ("<xs:element name='h' block='everything'/>", "has the word"),
    ];
    for (inside, part) in cases {
        let reports = document(&schema(inside), &[]).err().unwrap_or_else(|| panic!("{inside} was read"));
        assert!(reports.iter().any(|it| it.message().contains(part)), "{inside}: {reports:?}");
    }
}

#[test]
fn wildcards_of_several_groups_and_of_a_base_are_joined() {
    let schema = read(
        "<xs:element name='both'><xs:complexType><xs:attributeGroup ref='A'/><xs:attributeGroup ref='B'/></xs:complexType></xs:element>
         <xs:element name='either' type='Wide'/>
         <xs:attributeGroup name='A'><xs:anyAttribute namespace='urn:a urn:b' processContents='skip'/></xs:attributeGroup>
         <xs:attributeGroup name='B'><xs:anyAttribute namespace='urn:b urn:c' processContents='skip'/></xs:attributeGroup>
         <xs:complexType name='Base'><xs:attributeGroup ref='A'/></xs:complexType>
         <xs:complexType name='Wide'><xs:complexContent><xs:extension base='Base'><xs:attributeGroup ref='B'/></xs:extension></xs:complexContent></xs:complexType>",
    );
    let with = |root: &str, namespace: &str| format!("<{root} xmlns:p='urn:{namespace}' p:x='1'/>");
    for (root, namespace, is_allowed) in [
        ("both", "a", false),
        ("both", "b", true),
        ("both", "c", false),
        ("either", "a", true),
        ("either", "c", true),
        ("either", "d", false),
    ] {
        let decoded = schema.codec(root).unwrap().decode(with(root, namespace).as_bytes());
        assert_eq!(decoded.is_ok(), is_allowed, "{root} {namespace}");
    }
}
