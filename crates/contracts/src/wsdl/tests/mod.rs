//! Reading descriptions, and messages by them.

mod envelope;
mod hostile;
mod read;
mod serve;

use tenon_errors::Reports;

use super::Document;
use crate::format::{InMemory, Source};

fn document(text: &str, files: &[(&str, &str)]) -> Result<Document, Reports> {
    Document::read(&Source { file: "shop/1.wsdl", text, files: &InMemory(files) })
}

fn read(text: &str) -> Document {
    document(text, &[]).unwrap_or_else(|reports| panic!("{reports:#?}"))
}

/// A description in `urn:shop` with these schemas and these other parts.
fn description(schema: &str, inside: &str) -> String {
    format!(
        "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:soap='http://schemas.xmlsoap.org/wsdl/soap/'
  xmlns:soap12='http://schemas.xmlsoap.org/wsdl/soap12/' xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:shop' targetNamespace='urn:shop'>
  <types><xs:schema targetNamespace='urn:shop' elementFormDefault='qualified'>{schema}</xs:schema></types>
  {inside}</definitions>"
    )
}

const SCHEMA: &str = "
  <xs:element name='getOrder'><xs:complexType><xs:sequence><xs:element name='id' type='xs:int'/></xs:sequence></xs:complexType></xs:element>
  <xs:element name='getOrderResponse'><xs:complexType><xs:sequence><xs:element name='total' type='xs:decimal' minOccurs='0'/></xs:sequence></xs:complexType></xs:element>
  <xs:element name='cancel' type='xs:int'/>
  <xs:element name='session' type='xs:string'/>
  <xs:element name='unknown'><xs:complexType><xs:sequence><xs:element name='id' type='xs:int'/></xs:sequence></xs:complexType></xs:element>";

const SHOP: &str = "
  <message name='get'><part name='p' element='t:getOrder'/></message>
  <message name='got'><part name='p' element='t:getOrderResponse'/></message>
  <message name='bare'><part name='p' element='t:cancel'/></message>
  <message name='head'><part name='s' element='t:session'/></message>
  <message name='lost'><part name='f' element='t:unknown'/></message>
  <message name='sum'><part name='a' type='xs:int'/><part name='b' type='xs:int'/></message>
  <message name='total'><part name='sum' type='xs:int'/></message>
  <portType name='Shop'>
    <operation name='getOrder'><documentation>Finds an order.</documentation><input message='t:get'/><output message='t:got'/><fault name='lost' message='t:lost'/></operation>
    <operation name='cancel'><input message='t:bare'/></operation>
    <operation name='tell'><output message='t:got'/></operation>
  </portType>
  <portType name='Sums'><operation name='add'><input message='t:sum'/><output message='t:total'/></operation></portType>
  <binding name='ShopSoap' type='t:Shop'>
    <soap:binding transport='http://schemas.xmlsoap.org/soap/http'/>
    <operation name='getOrder'><soap:operation soapAction='urn:shop/get'/>
      <input><soap:header message='t:head' part='s' use='literal'/><soap:body use='literal'/></input>
      <output><soap:body use='literal'/></output><fault name='lost'><soap:fault name='lost' use='literal'/></fault></operation>
    <operation name='cancel'><soap:operation soapAction=''/><input><soap:body use='literal'/></input></operation>
    <operation name='tell'><output><soap:body use='literal'/></output></operation>
  </binding>
  <binding name='ShopSoap12' type='t:Shop'>
    <soap12:binding transport='http://schemas.xmlsoap.org/soap/http'/>
    <operation name='getOrder'><soap12:operation soapAction='urn:shop/get'/>
      <input><soap12:body use='literal'/></input><output><soap12:body use='literal'/></output>
      <fault name='lost'><soap12:fault name='lost' use='literal'/></fault></operation>
  </binding>
  <binding name='SumsSoap' type='t:Sums'>
    <soap:binding style='rpc' transport='http://schemas.xmlsoap.org/soap/http'/>
    <operation name='add'><soap:operation soapAction='add'/><input><soap:body use='literal' namespace='urn:sums'/></input>
      <output><soap:body use='literal' namespace='urn:sums'/></output></operation>
  </binding>
  <service name='ShopService'><documentation>Sells.</documentation>
    <port name='ShopPort' binding='t:ShopSoap'><soap:address location='https://example.com/shop'/></port>
    <port name='ShopPort12' binding='t:ShopSoap12'><soap12:address location='https://example.com/shop12'/></port>
  </service>";

fn shop() -> Document {
    read(&description(SCHEMA, SHOP))
}
