//! What schemas become, as JSON Schema shows it.

use super::{document, read};
use crate::{format::Codec, json_schema};

/// That the only type of the schema is what this JSON Schema says.
fn check(inside: &str, expected: &str) {
    let schema = read(inside).schema();
    assert_eq!(json_schema::write(&schema.types[0].shape).to_string(), expected, "{inside}");
}

#[test]
fn built_in_types_have_their_kinds() {
    let cases = [
        ("xs:string", r#"{"type":"string"}"#),
        ("xs:boolean", r#"{"type":"boolean"}"#),
        ("xs:integer", r#"{"type":"integer"}"#),
        ("xs:positiveInteger", r#"{"type":"integer","minimum":1}"#),
        ("xs:unsignedByte", r#"{"type":"integer","minimum":0,"maximum":255}"#),
        ("xs:decimal", r#"{"type":"number","format":"decimal"}"#),
        ("xs:double", r#"{"type":"number"}"#),
        ("xs:date", r#"{"type":"string","format":"date"}"#),
        ("xs:dateTimeStamp", r#"{"type":"string","format":"date-time"}"#),
        (
            "xs:dateTime",
            r#"{"anyOf":[{"type":"string","format":"date-time"},{"type":"string","format":"date-time-local"}]}"#,
        ),
        ("xs:duration", r#"{"type":"string","format":"period"}"#),
        ("xs:dayTimeDuration", r#"{"type":"string","format":"duration"}"#),
        ("xs:time", r#"{"type":"string","format":"time-local"}"#),
        ("xs:base64Binary", r#"{"type":"string","contentEncoding":"base64"}"#),
        ("xs:anyType", "{}"),
    ];
    for (name, expected) in cases {
        check(&format!("<xs:element name='a' type='{name}'/>"), expected);
    }
}

#[test]
fn facets_become_constraints() {
    let restriction = |base: &str, facets: &str| {
        format!(
            "<xs:element name='a'><xs:simpleType><xs:restriction base='xs:{base}'>{facets}</xs:restriction></xs:simpleType></xs:element>"
        )
    };
    let cases = [
        (
            "string",
            "<xs:minLength value='1'/><xs:maxLength value='5'/>",
            r#"{"type":"string","minLength":1,"maxLength":5}"#,
        ),
        (
            "string",
            "<xs:pattern value='[A-Z]{3}'/><xs:pattern value='x'/>",
            r#"{"type":"string","pattern":"^(?:[A-Z]{3}|x)$"}"#,
        ),
        (
            "string",
            "<xs:enumeration value='a'/><xs:enumeration value='b'/>",
            r#"{"enum":["a","b"],"type":"string"}"#,
        ),
        (
            "int",
            "<xs:minExclusive value='0'/><xs:maxInclusive value='9'/>",
            r#"{"type":"integer","minimum":1,"maximum":9}"#,
        ),
        ("integer", "<xs:totalDigits value='3'/>", r#"{"type":"integer","minimum":-999,"maximum":999}"#),
        (
            "decimal",
            "<xs:fractionDigits value='2'/>",
            r#"{"type":"number","multipleOf":0.01,"format":"decimal"}"#,
        ),
        ("dateTime", "<xs:pattern value='.*Z'/>", r#"{"type":"string","format":"date-time"}"#),
        (
            "dateTime",
            "<xs:explicitTimezone value='prohibited'/>",
            r#"{"type":"string","format":"date-time-local"}"#,
        ),
        (
            "hexBinary",
            "<xs:length value='3'/>",
            r#"{"type":"string","contentEncoding":"base64","minLength":4,"maxLength":4}"#,
        ),
    ];
    for (base, facets, expected) in cases {
        check(&restriction(base, facets), expected);
    }
}

#[test]
fn a_type_may_contain_itself() {
    let schema = read(
        "<xs:element name='tree' type='Tree'/>
         <xs:complexType name='Tree'><xs:sequence><xs:element name='child' type='Tree' minOccurs='0' maxOccurs='unbounded'/></xs:sequence></xs:complexType>",
    )
    .schema();
    let tree = &schema.types[0].shape;
    assert!(tree.field("child").unwrap().shape.name().contains("Tree"));
}

#[test]
fn groups_restrictions_and_files_are_followed() {
    let files = [
        (
            "money.xsd",
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:simpleType name='Amount'><xs:restriction base='xs:decimal'/></xs:simpleType></xs:schema>",
        ),
        (
            "party.xsd",
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:party'><xs:complexType name='Party'><xs:attribute name='id' type='xs:string'/></xs:complexType></xs:schema>",
        ),
        (
            "base.xsd",
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:o' targetNamespace='urn:o'><xs:complexType name='Base'><xs:sequence><xs:element name='one' type='xs:int'/></xs:sequence></xs:complexType></xs:schema>",
        ),
    ];
    let text = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:o' xmlns:p='urn:party' targetNamespace='urn:o'>
        <xs:include schemaLocation='../money.xsd'/><xs:import namespace='urn:party' schemaLocation='../party.xsd'/>
        <xs:redefine schemaLocation='../base.xsd'><xs:complexType name='Base'><xs:complexContent><xs:extension base='Base'>
          <xs:sequence><xs:element name='two' type='xs:int'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:redefine>
        <xs:element name='order'><xs:complexType><xs:sequence><xs:group ref='G'/><xs:element name='base' type='Base'/></xs:sequence><xs:attributeGroup ref='A'/></xs:complexType></xs:element>
        <xs:group name='G'><xs:sequence><xs:element name='amount' type='Amount'/><xs:element name='buyer' type='p:Party'/></xs:sequence></xs:group>
        <xs:attributeGroup name='A'><xs:attribute name='lang' type='xs:language'/></xs:attributeGroup></xs:schema>";
    let schema = document(text, &files).unwrap().schema();
    let order = schema.types[0].shape.as_record().unwrap();
    let names: Vec<_> = order.fields().iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["lang", "amount", "buyer", "base"]);
    let base = order.field("base").unwrap().1.shape.as_record().unwrap();
    assert_eq!(base.fields().iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn documentation_is_kept() {
    let schema = read(
        "<xs:element name='a'><xs:annotation><xs:documentation>What it\n  is.</xs:documentation></xs:annotation>
         <xs:complexType><xs:attribute name='b' type='xs:int'><xs:annotation><xs:documentation>A number.</xs:documentation></xs:annotation></xs:attribute></xs:complexType></xs:element>",
    )
    .schema();
    assert_eq!(schema.types[0].doc.as_deref(), Some("What it is."));
    assert_eq!(schema.types[0].shape.field("b").unwrap().doc.as_deref(), Some("A number."));
}

#[test]
fn what_is_not_checked_or_named_otherwise_is_noted() {
    let schema = read(
        "<xs:element name='a'><xs:complexType><xs:choice maxOccurs='unbounded'><xs:element name='id' type='xs:int'/><xs:element name='x' type='xs:int'/></xs:choice><xs:attribute name='id' type='D'/></xs:complexType>
           <xs:unique name='u'><xs:selector xpath='id'/><xs:field xpath='.'/></xs:unique></xs:element>
         <xs:simpleType name='D'><xs:restriction base='xs:date'><xs:minInclusive value='2000-01-01'/></xs:restriction></xs:simpleType>",
    )
    .schema();
    let notes: Vec<String> = schema.notes.iter().map(ToString::to_string).collect();
    for part in [
        "`unique` (`u`) is checked where XML is read and written, and nowhere else",
        "a bound is checked where XML is read",
        "becomes the field `id_2`",
        "their order among each other is not kept",
    ] {
        assert!(notes.iter().any(|note| note.contains(part)), "{part}: {notes:#?}");
    }
}

#[test]
fn namespaces_of_w3c_need_no_file() {
    let document = read(
        "<xs:import namespace='http://www.w3.org/1999/xlink' schemaLocation='http://www.w3.org/1999/xlink.xsd'/>
         <xs:import namespace='http://www.w3.org/2000/09/xmldsig#'/>
         <xs:element name='a'><xs:complexType>
           <xs:sequence><xs:element ref='ds:DigestValue' xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/></xs:sequence>
           <xs:attributeGroup ref='xml:specialAttrs'/>
           <xs:attribute ref='x:show' xmlns:x='http://www.w3.org/1999/xlink'/>
         </xs:complexType></xs:element>",
    );
    let codec = document.codec("a").unwrap();
    let text = |space: &str| {
        format!(
            "<a xml:space='{space}' x:show='new' xmlns:x='http://www.w3.org/1999/xlink'>
             <DigestValue xmlns='http://www.w3.org/2000/09/xmldsig#'>AAEC</DigestValue></a>"
        )
    };
    assert!(codec.decode(text("preserve").as_bytes()).is_ok());
    assert!(codec.decode(text("kept").as_bytes()).is_err());
    assert!(
        document.schema().notes.iter().all(|note| note.places().iter().all(|it| &*it.file == "order/1.xsd"))
    );
}

#[test]
fn a_file_of_the_project_goes_before_what_is_known_of_its_namespace() {
    let text = super::schema(
        "<xs:import namespace='http://www.w3.org/1999/xlink' schemaLocation='own.xsd'/>
         <xs:element name='a'><xs:complexType><xs:attribute ref='x:own' xmlns:x='http://www.w3.org/1999/xlink'/></xs:complexType></xs:element>",
    );
    let own = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='http://www.w3.org/1999/xlink'>
        <xs:attribute name='own' type='xs:int'/></xs:schema>";
    assert!(document(&text, &[("order/own.xsd", own)]).is_ok());
}
