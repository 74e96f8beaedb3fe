//! What descriptions say, and what is left out or refused.

use super::{SCHEMA, SHOP, description, document, read, shop};
use crate::{
    format::{Format, InMemory, Sought, Source},
    wsdl::{SoapVersion, Style, Wsdl},
};

fn names(shape: &tenon_model::Shape) -> Vec<String> {
    shape
        .as_record()
        .map(|it| it.fields().iter().map(|field| field.name.to_string()).collect())
        .unwrap_or_default()
}

#[test]
fn operations_have_what_goes_in_and_comes_out() {
    let schema = shop().schema();
    let told: Vec<_> = schema.operations.iter().map(|it| (it.name.as_str(), it.address.as_str())).collect();
    assert_eq!(told, [("getOrder", "urn:shop/get"), ("cancel", "Shop/cancel"), ("add", "add")]);
    let get = &schema.operations[0];
    assert_eq!(get.doc.as_deref(), Some("Finds an order."));
    assert_eq!(names(&get.input), ["headers", "body"]);
    assert_eq!(names(&get.input.field("body").unwrap().shape), ["id"]);
    assert_eq!(names(&get.input.field("headers").unwrap().shape), ["session"]);
    assert_eq!(names(&get.output), ["total"]);
    assert_eq!((get.errors[0].name.as_str(), names(&get.errors[0].shape)), ("lost", vec!["id".to_owned()]));
    let cancel = &schema.operations[1];
    assert_eq!((names(&cancel.input), cancel.output.name()), (vec!["body".to_owned()], "one of null".into()));
    assert_eq!(cancel.input.field("body").unwrap().shape.name(), "integer");
    assert_eq!(names(&schema.operations[2].input), ["a", "b"]);
    let types: Vec<_> = schema.types.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(types, ["getOrder", "getOrderResponse", "cancel", "session", "unknown"]);
}

#[test]
fn the_description_keeps_what_only_soap_needs() {
    let shop = shop();
    let description = shop.description();
    let service = &description.services[0];
    assert_eq!((service.name.as_str(), service.doc.as_deref()), ("ShopService", Some("Sells.")));
    let ports: Vec<_> = service
        .ports
        .iter()
        .map(|port| (port.name.as_str(), port.binding, port.address.as_deref()))
        .collect();
    assert_eq!(
        ports,
        [
            ("ShopPort", 0, Some("https://example.com/shop")),
            ("ShopPort12", 1, Some("https://example.com/shop12"))
        ]
    );
    let bindings: Vec<_> = description.bindings.iter().map(|it| (it.name.as_str(), it.version)).collect();
    assert_eq!(
        bindings,
        [("ShopSoap", SoapVersion::V11), ("ShopSoap12", SoapVersion::V12), ("SumsSoap", SoapVersion::V11)]
    );
    let get = &description.bindings[0].operations[0];
    assert!(get.is_wrapped && get.style == Style::Document && get.action == "urn:shop/get");
    let cancel = &description.bindings[0].operations[1];
    assert!(!cancel.is_wrapped && cancel.output.is_none());
    let add = &description.bindings[2].operations[0];
    assert_eq!(add.input.body.as_ref().unwrap().element.to_string(), "{urn:sums}add");
    assert_eq!(
        add.output.as_ref().unwrap().body.as_ref().unwrap().element.to_string(),
        "{urn:sums}addResponse"
    );
}

#[test]
fn a_binding_has_operations_of_its_own() {
    let shop = shop();
    let (operations, exchanges) = shop.of_binding(1);
    // Without the header that only the other binding has.
    assert_eq!(
        (operations.len(), operations[0].name.as_str(), names(&operations[0].input)),
        (1, "getOrder", vec!["id".to_owned()])
    );
    assert!(exchanges.exchange(0).unwrap().is_some() && exchanges.exchange(1).unwrap().is_none());
    let all = shop.schema();
    assert!((0..3).all(|at| all.exchanges.as_ref().unwrap().exchange(at).unwrap().is_some()));
}

#[test]
fn what_cannot_be_called_is_left_out_with_its_reason() {
    let operation = |inside: &str| {
        format!(
            "<message name='get'><part name='p' element='t:getOrder'/></message><message name='typed'><part name='p' type='xs:int'/></message>
             <message name='two'><part name='p' element='t:getOrder'/><part name='q' element='t:cancel'/></message>
             <portType name='P'><operation name='o'><input message='t:get'/></operation><operation name='other'>{inside}</operation></portType>
             <binding name='B' type='t:P'><soap:binding transport='http://schemas.xmlsoap.org/soap/http'/>
             <operation name='o'><soap:operation/><input><soap:body use='literal'/></input></operation>"
        )
    };
    let literal = "<operation name='other'><soap:operation/><input><soap:body use='literal'/></input></operation></binding>";
    let cases = [
        ("<input message='t:typed'/>", literal, "has a type and no element"),
        ("<input message='t:two'/>", literal, "its body has 2 parts"),
        ("<output message='t:get'/>", literal, "tells them without being asked"),
        ("<output message='t:get'/><input message='t:get'/>", literal, "asks its clients"),
        (
            "<input message='t:get'/>",
            "<operation name='other'><soap:operation style='rpc'/><input><soap:body use='encoded'/></input></operation></binding>",
            "it uses encoded messages",
        ),
        (
            "<input message='t:get'/>",
            "<operation name='other'><soap:operation style='rpc'/><input><soap:body use='literal'/></input></operation></binding>",
            "in a message of style rpc",
        ),
    ];
    for (inside, bound, part) in cases {
        let read = read(&description(SCHEMA, &format!("{}{bound}", operation(inside))));
        let schema = read.schema();
        let names: Vec<_> = schema.operations.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["o"], "{inside}");
        let note = schema.notes.iter().find(|note| note.code().id == "C0002").unwrap();
        assert!(note.message().contains("`other`") && note.message().contains(part), "{inside}: {note}");
        assert!(note.places()[0].line > 1);
    }
    let http = description(
        SCHEMA,
        "<portType name='P'/><binding name='B' type='t:P'><http:binding xmlns:http='http://schemas.xmlsoap.org/wsdl/http/' verb='GET'/></binding>
         <service name='S'><port name='p' binding='t:B'/></service>",
    );
    let read = read(&http);
    assert!(read.schema().notes.iter().any(|note| note.message().contains("it is not to SOAP")));
    assert!(read.description().services[0].ports.is_empty());
}

#[test]
fn extensions_and_attachments_are_noted() {
    let inside = "<wsp:Policy xmlns:wsp='http://www.w3.org/ns/ws-policy'/>
      <message name='get'><part name='p' element='t:getOrder'/><part name='file' type='xs:base64Binary'/></message>
      <portType name='P'><operation name='o'><input message='t:get'/></operation></portType>
      <binding name='B' type='t:P'><soap:binding transport='http://schemas.xmlsoap.org/soap/http'/>
        <wsaw:UsingAddressing xmlns:wsaw='http://www.w3.org/2006/05/addressing/wsdl'/>
        <operation name='o'><input><mime:multipartRelated xmlns:mime='http://schemas.xmlsoap.org/wsdl/mime/'>
          <mime:part><soap:body use='literal' parts='p'/></mime:part><mime:part><mime:content part='file'/></mime:part></mime:multipartRelated></input></operation></binding>";
    let schema = read(&description(SCHEMA, inside)).schema();
    for part in
        ["`Policy` of `http://www.w3.org/ns/ws-policy`", "`UsingAddressing`", "the attachments of `o`"]
    {
        assert!(schema.notes.iter().any(|note| note.message().contains(part)), "{part}: {:#?}", schema.notes);
    }
    assert_eq!(names(&schema.operations[0].input), ["id"]);
    let required = inside.replace(
        "UsingAddressing ",
        "UsingAddressing wsdl:required='true' xmlns:wsdl='http://schemas.xmlsoap.org/wsdl/' ",
    );
    let read = read(&description(SCHEMA, &required));
    assert!(read.schema().operations.is_empty() && read.description().bindings.is_empty());
    assert!(read.schema().notes.iter().any(|note| note.message().contains("it requires the extension")));
}

#[test]
fn files_and_schemas_of_several_namespaces_belong_together() {
    let main = "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:soap='http://schemas.xmlsoap.org/wsdl/soap/' xmlns:a='urn:abstract' targetNamespace='urn:main'>
      <import namespace='urn:abstract' location='parts/abstract.wsdl'/>
      <binding name='B' type='a:P'><soap:binding transport='http://schemas.xmlsoap.org/soap/http'/>
        <operation name='o'><soap:operation soapAction='x'/><input><soap:body use='literal'/></input></operation></binding></definitions>";
    let parts = "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:m='urn:main' xmlns:x='urn:x' targetNamespace='urn:abstract' xmlns:t='urn:abstract'>
      <import namespace='urn:main' location='../1.wsdl'/>
      <types>
        <xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:x' xmlns:y='urn:y'><xs:import namespace='urn:y'/>
          <xs:import namespace='urn:z' schemaLocation='z.xsd'/><xs:element name='in' type='y:T'/></xs:schema>
        <xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:y' xmlns:z='urn:z'><xs:import namespace='urn:z'/>
          <xs:complexType name='T'><xs:sequence><xs:element name='z' type='z:Z'/></xs:sequence></xs:complexType></xs:schema>
      </types>
      <message name='m'><part name='p' element='x:in'/></message>
      <portType name='P'><operation name='o'><input message='t:m'/></operation></portType></definitions>";
    let z = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:z'><xs:simpleType name='Z'><xs:restriction base='xs:date'/></xs:simpleType></xs:schema>";
    let read = document(
        main,
        &[("shop/parts/abstract.wsdl", parts), ("shop/parts/z.xsd", z), ("shop/1.wsdl", main)],
    )
    .unwrap();
    let schema = read.schema();
    assert_eq!(names(&schema.operations[0].input), ["z"]);
    assert_eq!(schema.operations[0].input.field("z").unwrap().shape.name(), "date");
}

#[test]
fn what_is_no_valid_description_is_refused_at_its_place() {
    let cases = [
        (
            "<message name='m'><part name='p'/></message><portType name='P'><operation name='o'><input message='t:m'/></operation></portType><binding name='B' type='t:P'><soap:binding transport='http://schemas.xmlsoap.org/soap/http'/><operation name='o'><input/></operation></binding>",
            "either `element` or `type`",
        ),
        ("<binding name='B' type='t:Nothing'/>", "there is no port type"),
        ("<message name='a'/><message name='a'/>", "declared twice"),
        ("<mesage name='a'/>", "is not allowed at the top"),
        ("<import location='http://example.com/a.wsdl'/>", "nothing is fetched from the network"),
        ("<import location='none.wsdl'/>", "there is no file `shop/none.wsdl`"),
        ("<service name='S'><port name='p' binding='t:B'/></service>", "there is no binding"),
        (
            "<message name='m'><part name='p' element='t:lost'/></message><portType name='P'><operation name='o'><input message='t:m'/></operation></portType><binding name='B' type='t:P'><soap:binding transport='http://schemas.xmlsoap.org/soap/http'/><operation name='o'><input><soap:body use='literal'/></input></operation></binding>",
            "which no schema declares",
        ),
    ];
    for (inside, part) in cases {
        let reports =
            document(&description(SCHEMA, inside), &[]).err().unwrap_or_else(|| panic!("{inside} was read"));
        let found = reports.iter().find(|it| it.message().contains(part));
        assert!(found.is_some_and(|it| it.places()[0].line > 1), "{inside}: {reports:#?}");
    }
    let version_2 = "<description xmlns='http://www.w3.org/ns/wsdl'/>";
    let reports = document(version_2, &[]).unwrap_err();
    assert!(reports.iter().next().unwrap().advice().unwrap().contains("2.0 is not read"));
    // Nothing is wrong with the description that the other tests read.
    assert!(document(&description(SCHEMA, SHOP), &[]).is_ok());
}

/// With names that have no prefix, and types for encoded messages.
const ENCODED: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:a" targetNamespace="urn:a">
  <types><xsd:schema targetNamespace="urn:a">
    <xsd:import namespace="http://schemas.xmlsoap.org/soap/encoding/" schemaLocation="http://schemas.xmlsoap.org/soap/encoding/"/>
    <xsd:complexType name="Texts"><xsd:complexContent><xsd:restriction base="soapenc:Array">
      <xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="xsd:string[]"/>
    </xsd:restriction></xsd:complexContent></xsd:complexType>
    <xsd:complexType name="Item"><xsd:sequence><xsd:element name="label" type="soapenc:string" minOccurs="0"/></xsd:sequence></xsd:complexType>
    <xsd:element name="item" type="tns:Item"/><xsd:element name="count" type="xsd:int"/>
  </xsd:schema></types>
  <message name="In"><part name="a" element="tns:item"/></message>
  <message name="Out"><part name="a" element="count"/></message>
  <message name="Texts"><part name="a" type="tns:Texts"/></message>
  <portType name="P">
    <operation name="go"><input message="In"/><output message="Out"/></operation>
    <operation name="old"><input message="Texts"/><output message="Out"/></operation>
  </portType>
  <binding name="B" type="P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="go"><soap:operation soapAction="go"/>
      <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
    <operation name="old"><soap:operation soapAction="old" style="rpc"/>
      <input><soap:body use="encoded"/></input><output><soap:body use="encoded"/></output></operation>
  </binding>
  <service name="S"><port name="p" binding="B"><soap:address location="https://example.com/"/></port></service>
</definitions>"#;

#[test]
fn what_is_encoded_is_left_out_by_name_and_the_rest_is_read() {
    let schema = read(ENCODED).schema();
    let operations: Vec<_> = schema.operations.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(operations, ["go"]);
    let told: Vec<_> = schema.notes.iter().map(|note| note.message().to_owned()).collect();
    assert!(!told.iter().any(|it| it.contains("anyAttribute")), "{told:#?}");
    for words in [
        "the operation `old` of `B` is left out: it uses encoded messages",
        "`P` has no prefix, and is read as `{urn:a}P`",
        "`count` has no prefix, and is read as `{urn:a}count`",
    ] {
        assert!(told.iter().any(|it| it.contains(words)), "{words}: {told:#?}");
    }
}

#[test]
fn a_part_of_a_type_is_where_its_schema_declares_it() {
    let text = "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:shop'>
  <types><xs:schema targetNamespace='urn:shop' xmlns:s='urn:shared'>
    <xs:import namespace='urn:shared' schemaLocation='line.xsd'/>
    <xs:element name='order'><xs:complexType><xs:sequence>
      <xs:element name='line' type='s:Line'/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:schema></types>
</definitions>";
    let line = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:shared'>
  <xs:complexType name='Line'><xs:attribute name='sku' type='xs:string'/></xs:complexType>
</xs:schema>";
    let source = Source { file: "shop/1.wsdl", text, files: &InMemory(&[("shop/line.xsd", line)]) };
    let at = |path: &str, sought| Wsdl.locate(&source, "order", path, sought).unwrap().to_string();
    assert_eq!(at("line", Sought::Field), "shop/1.wsdl:5:7");
    assert_eq!(at("line", Sought::Value), "shop/line.xsd:2:3");
    assert_eq!(at("line.sku", Sought::Field), "shop/line.xsd:2:31");
}
