//! `tenon call` against a server that answers.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    thread,
};

const PROJECT: &str = "project: shop
systems:
  geo:
    http:
      url: \"http://ADDRESS/v1\"
      operations:
        place: { request: \"GET /places/{id}\", input: question, output: place }
        keep: { request: \"POST /places\", input: place, output: place }
    auth: { bearer: \"${secret:GEO_TOKEN}\" }
  erp:
    soap: { wsdl: systems/erp.wsdl, url: \"http://ADDRESS/orders/\" }
";
const ERP: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:erp" targetNamespace="urn:erp">
  <types><xs:schema targetNamespace="urn:erp" elementFormDefault="qualified">
    <xs:element name="SubmitOrder"><xs:complexType><xs:sequence>
      <xs:element name="Sku" type="xs:string"/><xs:element name="Quantity" type="xs:int"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="SubmitOrderResponse"><xs:complexType><xs:sequence><xs:element name="Number" type="xs:long"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="OutOfStock"><xs:complexType><xs:sequence><xs:element name="Left" type="xs:int"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></types>
  <message name="submit"><part name="p" element="t:SubmitOrder"/></message><message name="submitted"><part name="p" element="t:SubmitOrderResponse"/></message>
  <message name="out"><part name="p" element="t:OutOfStock"/></message>
  <portType name="Orders"><operation name="SubmitOrder"><input message="t:submit"/><output message="t:submitted"/><fault name="OutOfStock" message="t:out"/></operation></portType>
  <binding name="OrdersSoap" type="t:Orders"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="SubmitOrder"><soap:operation soapAction="urn:erp/submit"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
      <fault name="OutOfStock"><soap:fault name="OutOfStock" use="literal"/></fault></operation></binding>
</definitions>"#;
const QUESTION: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": { "id": { "type": "string", "examples": ["a"] } } }"#;
const PLACE: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["name"],
  "properties": { "name": { "type": "string" } } }"#;

/// A project whose system answers each request as `answer` says, with what was asked.
fn project(answer: fn(&str) -> (u16, &'static str)) -> tempfile::TempDir {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let (status, text) = answer(&head);
            let media_type = if text.starts_with('<') { "text/xml" } else { "application/json" };
            let reply = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                text.len()
            );
            reader.into_inner().write_all(reply.as_bytes()).unwrap();
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("tenon.yaml", &PROJECT.replace("ADDRESS", &address.to_string()));
    write("systems/erp.wsdl", ERP);
    write("contracts/question/1.json", QUESTION);
    write("contracts/place/1.json", PLACE);
    write("secrets/GEO_TOKEN", "tok-123");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenon"));
    let output = command.current_dir(folder).arg("call").args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn nowhere(_: &str) -> (u16, &'static str) {
    (404, r#"{"why":"no such place"}"#)
}

#[test]
fn what_systems_offer_is_listed_and_described() {
    let folder = project(nowhere);
    for arguments in [&[][..], &["geo"]] {
        let (code, out, _) = run(folder.path(), arguments);
        assert_eq!(code, Some(0));
        assert!(
            out.contains("geo.place") && out.contains("GET /places/{id}") && out.contains("geo.keep"),
            "{out}"
        );
    }
    let (code, out, _) = run(folder.path(), &["geo.place", "--describe"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("INPUT") && out.contains(r#"tenon call geo.place --input '{"id":"#), "{out}");
}

#[test]
fn a_dry_run_shows_the_request_and_no_secret() {
    let folder = project(nowhere);
    let (code, out, error) = run(folder.path(), &["geo.keep", "--input", r#"{"name":"a b"}"#, "--dry-run"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.starts_with("POST http://127.0.0.1:") && out.contains("/v1/places\n"), "{out}");
    assert!(out.contains("content-type: application/json") && out.ends_with("{\"name\":\"a b\"}\n"), "{out}");
    assert!(!format!("{out}{error}").contains("tok-123"));
}

#[test]
fn an_answer_is_shown_with_how_long_it_took() {
    let answer = |head: &str| {
        let is_right =
            head.starts_with("GET /v1/places/a%20b ") && head.contains("authorization: Bearer tok-123\r\n");
        if is_right { (200, r#"{"name":"Here"}"#) } else { (400, "{}") }
    };
    let folder = project(answer);
    let (code, out, error) = run(folder.path(), &["geo.place", "--input", r#"{"id":"a b"}"#]);
    assert_eq!((code, out.as_str()), (Some(0), "{\"name\":\"Here\"}\n"), "{error}");
    assert!(error.contains("200") && error.contains(" ms"), "{error}");
}

#[test]
fn what_goes_wrong_is_told() {
    let folder = project(nowhere);
    let fails = |arguments: &[&str], wanted: &[&str]| {
        let (code, _, error) = run(folder.path(), arguments);
        assert_ne!(code, Some(0));
        for wanted in wanted {
            assert!(error.contains(wanted), "{wanted}: {error}");
        }
    };
    fails(&["geo.place", "--input", r#"{"id":"a"}"#], &["Y0422", "404", "no such place"]);
    fails(&["geo.place"], &["is not one of `geo.place`", "--describe"]);
    fails(&["geo.place", "--input", "{"], &["is not one of `geo.place`"]);
    fails(&["geo.plaec"], &["has no operation `plaec`", "geo.place"]);
    fails(&["goe.place"], &["`goe`", "geo"]);
    fails(&["geo.place", "--input", "@none.json"], &["none.json", "cannot be read"]);
    let bad = project(|_| (200, r#"{"nam":"Here"}"#));
    let (code, out, error) = run(bad.path(), &["geo.place", "--input", r#"{"id":"a"}"#]);
    assert!(
        code != Some(0) && out.contains("nam") && error.contains("Y0420") && error.contains("name"),
        "{out}{error}"
    );
}

#[test]
fn an_operation_of_soap_is_described_shown_and_called() {
    let answer = |head: &str| {
        let is_right =
            head.starts_with("POST /orders/ ") && head.contains("soapaction: \"urn:erp/submit\"\r\n");
        if !is_right {
            return (400, "<h1>no</h1>");
        }
        (
            200,
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><SubmitOrderResponse xmlns='urn:erp'><Number>7</Number></SubmitOrderResponse></e:Body></e:Envelope>",
        )
    };
    let folder = project(answer);
    let (code, out, _) = run(folder.path(), &["erp"]);
    assert!(code == Some(0) && out.contains("erp.SubmitOrder") && out.contains("urn:erp/submit"), "{out}");
    let (code, out, _) = run(folder.path(), &["erp.SubmitOrder", "--describe"]);
    let example = "tenon call erp.SubmitOrder --input '{\"Sku\":";
    assert!(code == Some(0) && out.contains(example), "{out}");
    let (_, fails) = out.split_once("FAILS WITH OutOfStock\n").unwrap();
    assert!(fails.contains("Left") && fails.contains("integer"), "{out}");
    let (_, out, _) = run(folder.path(), &["erp.SubmitOrder", "--describe", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["failures"][0]["name"], "OutOfStock");
    let value = &told["failures"][0]["value"]["$defs"]["OutOfStock"];
    assert_eq!(value["properties"]["Left"]["type"], "integer", "{out}");

    let input = r#"{"Sku":"a & b","Quantity":2}"#;
    let (code, out, error) = run(folder.path(), &["erp.SubmitOrder", "--input", input, "--dry-run"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.starts_with("POST http://127.0.0.1:") && out.contains("/orders/\n"), "{out}");
    assert!(
        out.contains("soapaction: \"urn:erp/submit\"\n")
            && out.contains("content-type: text/xml; charset=utf-8"),
        "{out}"
    );
    assert!(out.ends_with("<soap:Body><SubmitOrder xmlns=\"urn:erp\"><Sku>a &amp; b</Sku><Quantity>2</Quantity></SubmitOrder></soap:Body></soap:Envelope>\n"), "{out}");

    let (code, out, error) = run(folder.path(), &["erp.SubmitOrder", "--input", input]);
    assert_eq!((code, out.as_str()), (Some(0), "{\"Number\":7}\n"), "{error}");
    let (code, _, error) =
        run(folder.path(), &["erp.SubmitOrder", "--input", r#"{"Sku":"a","Quantity":"x"}"#]);
    assert!(code != Some(0) && error.contains("Quantity") && error.contains("--describe"), "{error}");
}

#[test]
fn a_fault_is_told_with_all_that_it_says() {
    let folder = project(|_| {
        (
            500,
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><e:Fault><faultcode>e:Server.Stock</faultcode><faultstring>two are left</faultstring>\
             <faultactor>urn:warehouse</faultactor><detail><Other xmlns='urn:erp'>x</Other></detail></e:Fault></e:Body></e:Envelope>",
        )
    });
    let (code, _, error) = run(folder.path(), &["erp.SubmitOrder", "--input", r#"{"Sku":"a","Quantity":2}"#]);
    assert_ne!(code, Some(0));
    for wanted in
        ["Y0424", "answered Server.Stock", "it says: two are left", "urn:warehouse", "\"name\":\"Other\""]
    {
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
}

#[test]
fn a_method_of_grpc_is_described_and_its_request_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let project =
        "project: shop\nsystems: { stock: { grpc: { proto: stock.proto, url: \"http://127.0.0.1:9\" } } }\n";
    let proto = "syntax = \"proto3\"; package shop; message Sku { string sku = 1; } message Level { int32 left = 1; }\n\
                 service Stock { rpc Get(Sku) returns (Level); rpc Load(stream Sku) returns (Level); }\n";
    fs::write(folder.path().join("tenon.yaml"), project).unwrap();
    fs::write(folder.path().join("stock.proto"), proto).unwrap();
    let (code, out, _) = run(folder.path(), &["stock"]);
    assert!(code == Some(0) && out.contains("stock.Get") && !out.contains("Load"), "{out}");
    let (code, out, _) = run(folder.path(), &["stock.Get", "--describe"]);
    assert!(code == Some(0) && out.contains("left") && out.contains("tenon call stock.Get"), "{out}");
    let (code, out, error) = run(folder.path(), &["stock.Get", "--input", r#"{"sku":"a"}"#, "--dry-run"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.starts_with("POST http://127.0.0.1:9/shop.Stock/Get\n"), "{out}");
    assert!(
        out.contains("content-type: application/grpc+proto\n") && out.ends_with("\n<base64> AAAAAAMKAWE=\n"),
        "{out}"
    );
    let (code, _, error) = run(folder.path(), &["stock.Get", "--input", r#"{"sku":"a"}"#]);
    assert!(code != Some(0) && error.contains("cannot be reached"), "{error}");
}
