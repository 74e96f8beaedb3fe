//! Where files declare what is at a path.

use crate::{
    format::{Format, InMemory, Sought, Source},
    xsd::Xsd,
};

const ORDER: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:c='urn:common'>
  <xs:include schemaLocation='../shared/line.xsd'/>
  <xs:import namespace='urn:common' schemaLocation='../shared/common.xsd'/>
  <xs:element name='order'>
    <xs:complexType>
      <xs:sequence>
        <xs:element name='id' type='xs:string'/>
        <xs:element name='line' type='Line' maxOccurs='9'/>
        <xs:element ref='c:price'/>
        <xs:element name='state' type='c:State'/>
      </xs:sequence>
      <xs:attribute name='no' type='c:State'/>
    </xs:complexType>
  </xs:element>
</xs:schema>";
const LINE: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>
  <xs:complexType name='Line'>
    <xs:sequence>
      <xs:element name='sku' type='xs:string'/>
      <xs:choice><xs:element name='a' type='Line'/><xs:element name='b' type='xs:int'/></xs:choice>
    </xs:sequence>
  </xs:complexType>
  <xs:complexType name='LongLine'>
    <xs:complexContent><xs:extension base='Line'>
      <xs:sequence><xs:element name='note' type='xs:string'/></xs:sequence>
    </xs:extension></xs:complexContent>
  </xs:complexType>
</xs:schema>";
const COMMON: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:common'>
  <xs:element name='price'><xs:complexType mixed='true'>
    <xs:sequence><xs:element name='b' type='xs:int'/></xs:sequence><xs:attribute name='currency' type='xs:string'/>
  </xs:complexType></xs:element>
  <xs:simpleType name='State'><xs:restriction base='xs:string'><xs:enumeration value='new'/></xs:restriction></xs:simpleType>
</xs:schema>";

#[test]
fn a_part_is_where_it_is_declared_in_whichever_file() {
    let files = [("contracts/shared/line.xsd", LINE), ("contracts/shared/common.xsd", COMMON)];
    let source = Source { file: "contracts/order/1.xsd", text: ORDER, files: &InMemory(&files) };
    let check = |path: &str, field: &str, value: &str| {
        let at = |sought| Xsd.locate(&source, "order", path, sought).unwrap().to_string();
        assert_eq!((at(Sought::Field).as_str(), at(Sought::Value).as_str()), (field, value), "{path}");
    };
    let own = |line: u32, column: u32| format!("contracts/order/1.xsd:{line}:{column}");
    let line = |line: u32, column: u32| format!("contracts/shared/line.xsd:{line}:{column}");
    let common = |line: u32, column: u32| format!("contracts/shared/common.xsd:{line}:{column}");
    check("", &own(4, 3), &own(4, 3));
    check("id", &own(7, 9), &own(7, 9));
    check("line", &own(8, 9), &line(2, 3));
    check("line[].sku", &line(4, 7), &line(4, 7));
    check("line[].a.b", &line(5, 52), &line(5, 52));
    check("line[].note", &line(10, 20), &line(10, 20));
    check("price", &own(9, 9), &common(2, 28));
    check("price.currency", &common(3, 68), &common(3, 68));
    check("price.content[].b", &common(3, 18), &common(3, 18));
    check("state", &own(10, 9), &common(5, 3));
    check("no", &own(12, 7), &common(5, 3));
    check("line[].gone.x", &own(8, 9), &line(2, 3));
    assert_eq!(Xsd.locate(&source, "gone", "", Sought::Field), None);
    // A file of types alone.
    let source = Source { file: "contracts/shared/line.xsd", text: LINE, files: &InMemory(&[]) };
    let at = |name: &str, path: &str| Xsd.locate(&source, name, path, Sought::Value).unwrap().to_string();
    assert_eq!((at("LongLine", ""), at("LongLine", "sku")), (line(8, 3), line(4, 7)));
}

#[test]
fn what_stands_for_an_element_is_found_as_well() {
    let text = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>
  <xs:element name='head' abstract='true'/>
  <xs:element name='one' substitutionGroup='head'><xs:complexType><xs:attribute name='a' type='xs:int'/></xs:complexType></xs:element>
  <xs:element name='two' substitutionGroup='head' type='xs:int'/>
  <xs:element name='top'><xs:complexType><xs:sequence><xs:element ref='head'/></xs:sequence></xs:complexType></xs:element>
</xs:schema>";
    let source = Source { file: "a.xsd", text, files: &InMemory(&[]) };
    let at = |path: &str| Xsd.locate(&source, "top", path, Sought::Value).unwrap().to_string();
    assert_eq!(
        (at("head.a"), at("head.value"), at("head.element")),
        ("a.xsd:3:67".into(), "a.xsd:5:55".into(), "a.xsd:5:55".into())
    );
}
