//! Contracts and projects in encodings other than UTF-8.

use crate::support;

const XSD: &str = r#"<?xml version="1.0" encoding="LABEL"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:element name="order"><xs:complexType><xs:sequence>
    <xs:element name="Größe" type="xs:int"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"#;
const JSON: &str = r#"{ "type": "object", "additionalProperties": false, "properties": { "größe": { "type": "integer" } } }"#;
const YAML: &str = "type: object\nadditionalProperties: false\nproperties: { größe: { type: integer } }\n";

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn utf_16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The only field of the contract in `file`, or the problems.
fn field(file: &str, bytes: Vec<u8>) -> Result<String, String> {
    let project = utf_16("project: shop\n");
    let files = vec![("tenon.yaml".to_owned(), project), (format!("contracts/order/{file}"), bytes)];
    let outcome = support::check(files);
    match &outcome.plan {
        Ok(plan) => {
            let contract = plan.contracts.values().next().unwrap();
            Ok(contract.shape.as_record().unwrap().fields()[0].name.to_string())
        }
        Err(_) => Err(support::rendered(&outcome)),
    }
}

#[test]
fn a_contract_is_read_in_the_encoding_that_it_has() {
    for label in ["ISO-8859-1", "windows-1252", "latin1"] {
        assert_eq!(field("1.xsd", latin_1(&XSD.replace("LABEL", label))), Ok("Größe".to_owned()), "{label}");
    }
    for (file, text, name) in [
        ("1.xsd", &*XSD.replace("LABEL", "UTF-16"), "Größe"),
        ("1.json", JSON, "größe"),
        ("1.yaml", YAML, "größe"),
    ] {
        assert_eq!(field(file, utf_16(text)), Ok(name.to_owned()), "{file}");
        let marked = format!("\u{feff}{}", text.replace("UTF-16", "UTF-8"));
        assert_eq!(field(file, marked.into_bytes()), Ok(name.to_owned()), "{file}");
    }
}

#[test]
fn bytes_of_no_encoding_are_told_with_their_place() {
    for (file, bytes, says) in [
        ("1.json", latin_1(JSON), format!("not UTF-8 from byte {} (0xF6)", JSON.find('ö').unwrap())),
        ("1.yaml", latin_1(YAML), format!("not UTF-8 from byte {} (0xF6)", YAML.find('ö').unwrap())),
        ("1.xsd", latin_1(&XSD.replace("LABEL", "UTF-8")), "not UTF-8 from byte".to_owned()),
        ("1.xsd", latin_1(&XSD.replace("LABEL", "klingon")), "declared as `klingon`".to_owned()),
    ] {
        let told = field(file, bytes).unwrap_err();
        assert!(told.contains("P0002") && told.contains(&says), "{file}: {told}");
    }
}
