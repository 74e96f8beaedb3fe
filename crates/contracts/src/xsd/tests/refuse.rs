//! What is refused, with its code and place.

use super::{document, schema};

#[test]
fn what_is_no_valid_schema_is_refused_at_its_place() {
    let cases = [
        ("<xs:element name='a' type='xs:strnig'/>", "C0001", "no type `strnig`"),
        ("<xs:element name='a' type='B'/><xs:complexType name='Bb'/>", "C0001", "there is no type `B`"),
        ("<xs:element name='a' type='p:B'/>", "C0001", "the prefix of `p:B` is not declared"),
        ("<xs:element name='a'/><xs:element name='a'/>", "C0001", "declared twice"),
        ("<xs:element/>", "C0001", "no `name`"),
        (
            "<xs:complexType name='A'><xs:sequence><xs:element name='a' form='on'/></xs:sequence></xs:complexType>",
            "C0001",
            "`form` is \"on\"",
        ),
        (
            "<xs:complexType name='A'><xs:attribute name='a' form='on'/></xs:complexType>",
            "C0001",
            "`form` is \"on\"",
        ),
        ("<xs:elment name='a'/>", "C0001", "is not allowed at the top"),
        (
            "<xs:complexType name='A'><xs:sequence><xs:elment/></xs:sequence></xs:complexType>",
            "C0001",
            "is not allowed in `sequence`",
        ),
        ("<xs:simpleType name='A'><xs:restriction base='A'/></xs:simpleType>", "C0001", "made of itself"),
        (
            "<xs:complexType name='A'><xs:complexContent><xs:extension base='A'/></xs:complexContent></xs:complexType>",
            "C0001",
            "derived from itself",
        ),
        (
            "<xs:group name='G'><xs:sequence><xs:group ref='G'/></xs:sequence></xs:group>",
            "C0001",
            "deeper than",
        ),
        (
            "<xs:simpleType name='A'><xs:restriction base='xs:string'><xs:pattern value='('/></xs:restriction></xs:simpleType>",
            "C0005",
            "cannot be run",
        ),
        (
            "<xs:simpleType name='A'><xs:restriction base='xs:int'><xs:enumeration value='x'/></xs:restriction></xs:simpleType>",
            "C0001",
            "\"x\" is not an integer",
        ),
        (
            "<xs:simpleType name='A'><xs:restriction base='xs:int'><xs:minInclusive value='2'/><xs:maxInclusive value='1'/></xs:restriction></xs:simpleType>",
            "C0001",
            "no value lies inside",
        ),
        ("<xs:element name='a' type='xs:int' default='x'/>", "C0006", "is not an integer"),
        (
            "<xs:attribute name='a' type='xs:int'/><xs:complexType name='A'><xs:attribute ref='a' default='x'/></xs:complexType>",
            "C0006",
            "is not an integer",
        ),
        (
            "<xs:complexType name='A'><xs:sequence><xs:element name='a' minOccurs='2'/></xs:sequence></xs:complexType>",
            "C0001",
            "`minOccurs` is 2",
        ),
        (
            "<xs:complexType name='A'><xs:sequence><xs:element name='a' type='xs:int' minOccurs='0'/><xs:element name='a' type='xs:int'/></xs:sequence></xs:complexType>",
            "C0001",
            "`a` could belong to two parts",
        ),
        (
            "<xs:complexType name='A'><xs:choice><xs:element name='a' type='xs:int'/><xs:sequence><xs:element name='a' type='xs:int'/><xs:element name='b'/></xs:sequence></xs:choice></xs:complexType>",
            "C0001",
            "could belong to two parts",
        ),
        (
            "<xs:complexType name='A'><xs:sequence><xs:element name='a' type='xs:int' maxOccurs='unbounded'/><xs:any processContents='skip'/></xs:sequence></xs:complexType>",
            "C0001",
            "could belong to two parts",
        ),
        (
            "<xs:element name='h' type='xs:int'/><xs:element name='m' type='xs:int' substitutionGroup='h'/><xs:complexType name='A'><xs:choice><xs:element ref='h'/><xs:element ref='m'/></xs:choice></xs:complexType>",
            "C0001",
            "`m` could belong to two parts",
        ),
        (
            "<xs:complexType name='A'><xs:sequence><xs:any notNamespace='##local' processContents='skip'/></xs:sequence></xs:complexType>",
            "C0002",
            "`notNamespace` is of version 1.1",
        ),
        (
            "<xs:complexType name='A'><xs:sequence><xs:element name='a' type='xs:int'/><xs:element name='a' type='xs:string'/></xs:sequence></xs:complexType>",
            "C0001",
            "has two types in one content",
        ),
        (
            "<xs:include schemaLocation='http://example.com/a.xsd'/>",
            "C0001",
            "nothing is read from the network",
        ),
        (
            "<xs:complexType name='A'><xs:assert test='@a'/></xs:complexType>",
            "C0002",
            "`assert` is of version 1.1",
        ),
        (
            "<xs:simpleType name='A'><xs:restriction base='xs:int'><xs:assertion test='$value gt 1'/></xs:restriction></xs:simpleType>",
            "C0002",
            "`assertion` is of version 1.1",
        ),
        (
            "<xs:simpleType name='A'><xs:restriction base='xs:int'><xs:minInclusve value='1'/></xs:restriction></xs:simpleType>",
            "C0001",
            "`minInclusve` is not allowed in `restriction`",
        ),
        ("<xs:include schemaLocation='none.xsd'/>", "C0004", "there is no file `order/none.xsd`"),
    ];
    for (inside, code, part) in cases {
        let text = schema(&format!("\n{inside}"));
        let reports = match document(&text, &[]) {
            Ok(read) => panic!("{inside} was read as {:?}", read.schema().types),
            Err(reports) => reports,
        };
        let first = reports.iter().next().unwrap();
        assert_eq!((first.code().id, first.places()[0].line), (code, 2), "{inside}: {reports:?}");
        assert!(first.message().contains(part), "{inside}: {reports:?}");
    }
}

/// XML Schema Part 1, section 4.2.3: what is imported may be missing, as long as nothing refers to it.
#[test]
fn of_what_is_imported_and_missing_nothing_can_be_used() {
    for location in ["http://example.com/u.xsd", "none.xsd"] {
        let import = format!("\n<xs:import namespace='urn:u' schemaLocation='{location}'/>");
        let read = super::read(&format!("{import}<xs:element name='a' type='xs:int'/>")).schema();
        let note = read.notes.iter().find(|note| note.message().contains(location));
        assert!(note.unwrap().message().contains("nothing of the namespace `urn:u` is known"));

        let used = format!("{import}<xs:element name='a' type='u:A' xmlns:u='urn:u'/>");
        let reports = document(&schema(&used), &[]).unwrap_err();
        let first = reports.iter().next().unwrap();
        assert!(first.message().contains("there is no type `{urn:u}A`"), "{first:?}");
        assert!(first.advice().is_some_and(|hint| hint.contains(location)), "{first:?}");
    }
}

#[test]
fn deterministic_models_are_not_refused() {
    let cases = [
        "<xs:sequence><xs:element name='a' type='xs:int' minOccurs='2' maxOccurs='2'/><xs:element name='a' type='xs:int'/></xs:sequence>",
        "<xs:choice minOccurs='0' maxOccurs='unbounded'><xs:element name='a' type='xs:int'/><xs:element name='b' type='xs:int' maxOccurs='unbounded'/></xs:choice>",
        "<xs:sequence><xs:element name='a' type='xs:int' minOccurs='0'/><xs:element name='b' type='xs:int'/><xs:element name='a' type='xs:int'/></xs:sequence>",
    ];
    for model in cases {
        super::read(&format!("<xs:complexType name='A'>{model}</xs:complexType>"));
    }
}

#[test]
fn groups_that_are_used_twice_say_the_same_twice() {
    super::read(
        "<xs:element name='dummy'><xs:complexType><xs:sequence><xs:group ref='G'/><xs:element name='z' type='Z'/></xs:sequence>
           <xs:attributeGroup ref='a'/><xs:attributeGroup ref='b'/></xs:complexType></xs:element>
         <xs:complexType name='Z'><xs:group ref='G'/></xs:complexType>
         <xs:group name='G'><xs:sequence><xs:element name='g' type='xs:string'><xs:key name='k'><xs:selector xpath='.'/><xs:field xpath='.'/></xs:key></xs:element></xs:sequence></xs:group>
         <xs:attributeGroup name='a'><xs:attributeGroup ref='b'/></xs:attributeGroup>
         <xs:attributeGroup name='b'><xs:attribute name='x' type='xs:string'/></xs:attributeGroup>",
    );
}

#[test]
fn attributes_that_say_nothing_are_noted() {
    let schema = super::read("<xs:element name='a' type='xs:int' nilable='true'/>").schema();
    assert!(schema.notes.iter().any(|note| note.message().contains("`nilable` says nothing in `element`")));
}

#[test]
fn what_is_not_xml_is_refused() {
    for text in
        ["", "<a", "<!DOCTYPE a []><xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>", "<a></b>"]
    {
        let reports = document(text, &[]).unwrap_err();
        assert_eq!(reports.iter().next().unwrap().code().id, "P0003", "{text}");
    }
    assert_eq!(document("<a/>", &[]).unwrap_err().iter().next().unwrap().code().id, "C0001");
}
