//! A shop, and messages to it.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use tenon_engine::{Options, Running, load};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(crate) const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// What an API of the shop has beside its operations.
pub(crate) const BY_FILE: &str = "auth: none
    expose: { rest: /v1, soap: { path: /soap, wsdl: services/shop.wsdl } }";

/// Its operations by the description.
pub(crate) const OPERATIONS: &str = "place:
        rest: POST /orders
        input: order
        output: placed
        flow: place
        soap:
          fields:
            customer: request.body.customer
            session: request.headers.?session.orValue('')
            counts: request.body.line.map(line, line.count)
          faults:
            refused: { on: [denied, conflict], detail: { customer: request.body.customer } }
      heard: { soap: tell, input: tell, output: told, flow: tell }
      add: { input: terms, output: sum, flow: add }
      order: { rest: 'GET /orders/{number}', table: orders, soap: none }";

const PROJECT: &str = "project: shop
server: { listen: '127.0.0.1:0', limits: { body: 64KiB } }
systems: { db: { sql: { url: 'sqlite://shop.db' } } }
tables: { orders: { in: db, contract: kept, key: number } }
flows:
  place:
    steps:
      - reject: { when: order.customer == 'mallory', message: \"'not ' + order.customer\", kind: denied }
      - reject: { when: order.customer == 'nobody', message: \"'nobody is not served'\" }
      - map: { to: kept, fields: { number: size(order.counts), customer: order.customer, session: order.session } }
      - upsert: orders
    reply: { number: kept.number, at: { value: '2026-01-31T12:00:00Z' } }
  tell:
    steps:
      - map: { to: kept, fields: { number: { value: 99 }, customer: tell.customer, session: { value: '' } } }
      - upsert: orders
    reply: { customer: tell.customer }
  add:
    steps:
      - log: { message: \"'adding'\" }
    reply: { sum: terms.a + terms.b }
apis:
  shop:
    API
    operations:
      OPERATIONS
";

/// Contracts by their names.
const CONTRACTS: &[(&str, &str)] = &[
    (
        "order",
        r#"{ "type": "object", "additionalProperties": false, "required": ["customer", "session", "counts"],
  "properties": { "customer": { "type": "string", "maxLength": 10 }, "session": { "type": "string" },
    "counts": { "type": "array", "items": { "type": "integer" } } } }"#,
    ),
    (
        "kept",
        r#"{ "type": "object", "additionalProperties": false, "required": ["number", "customer", "session"],
  "properties": { "number": { "type": "integer" }, "customer": { "type": "string" }, "session": { "type": "string" },
    "note": { "type": "string" } } }"#,
    ),
    (
        "placed",
        r#"{ "type": "object", "additionalProperties": false, "required": ["number", "at"],
  "properties": { "number": { "type": "integer" }, "at": { "type": "string", "format": "date-time" } } }"#,
    ),
    (
        "tell",
        r#"{ "type": "object", "additionalProperties": false, "required": ["customer"], "properties": { "customer": { "type": "string" } } }"#,
    ),
    (
        "told",
        r#"{ "type": "object", "additionalProperties": false, "required": ["customer"], "properties": { "customer": { "type": "string" } } }"#,
    ),
    (
        "terms",
        r#"{ "type": "object", "additionalProperties": false, "required": ["a", "b"],
  "properties": { "a": { "type": "integer" }, "b": { "type": "integer" } } }"#,
    ),
    (
        "sum",
        r#"{ "type": "object", "additionalProperties": false, "required": ["sum"],
  "properties": { "sum": { "type": "integer", "minimum": -2147483648, "maximum": 2147483647 } } }"#,
    ),
];

/// A project with an API that is served as SOAP.
pub(crate) struct Shop(tempfile::TempDir);

impl Shop {
    /// One whose API says this of itself, and has these operations.
    pub(crate) fn new(api: &str, operations: &str) -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        for (name, text) in CONTRACTS {
            shop.file(&format!("contracts/{name}/1.json"), text);
        }
        shop.file("services/shop.wsdl", include_str!("shop.wsdl"));
        shop.file("services/types/shop.xsd", include_str!("shop.xsd"));
        shop.file("tenon.yaml", &PROJECT.replace("API", api).replace("OPERATIONS", operations));
        shop
    }

    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The same with a part of the project written otherwise.
    pub(crate) fn but(self, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.path().join("tenon.yaml")).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        self.file("tenon.yaml", &text.replace(from, to));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn options(&self) -> Options {
        Options::new(self.path().to_owned(), None, true)
    }

    pub(crate) async fn start(&self) -> Served {
        let plan = load(&self.options()).plan.unwrap_or_else(|reports| panic!("{reports:#?}"));
        let running =
            Running::start(plan, self.options()).await.unwrap_or_else(|reports| panic!("{reports:#?}"));
        Served { address: running.address().unwrap(), _running: running }
    }

    /// What `check` says: the problems, or the warnings.
    pub(crate) fn told(&self) -> Vec<String> {
        let loaded = load(&self.options());
        let reports: Vec<_> = match loaded.plan {
            Ok(_) => loaded.warnings.into_iter().collect(),
            Err(reports) => reports.into_iter().collect(),
        };
        reports.iter().map(|report| format!("{} {}", report.code().id, report.message())).collect()
    }
}

/// A shop that runs.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    _running: Running,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The text of the first element that is called so, in whatever namespace.
    pub(crate) fn text(&self, element: &str) -> Option<&str> {
        let at =
            [format!("<{element}>"), format!(":{element}>"), format!("<{element} "), format!(":{element} ")];
        let start = at.iter().filter_map(|tag| Some(self.body.find(tag.as_str())? + tag.len())).min()?;
        let rest = &self.body[start..];
        let rest = if self.body[..start].ends_with('>') { rest } else { rest.split_once('>')?.1 };
        Some(&rest[..rest.find('<')?])
    }
}

impl Served {
    pub(crate) async fn send(&self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut request = format!("{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        if !body.is_empty() {
            request += &format!("content-length: {}\r\n", body.len());
        }
        headers.iter().for_each(|(name, value)| request += &format!("{name}: {value}\r\n"));
        request += "\r\n";
        stream.write_all(&[request.as_bytes(), body].concat()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer { status: head[9..12].parse().unwrap(), head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Sends a message in SOAP 1.1.
    pub(crate) async fn by_11(&self, action: &str, header: &str, body: &str) -> Answer {
        let action = format!("\"{action}\"");
        let headers = [("content-type", "text/xml; charset=utf-8"), ("soapaction", action.as_str())];
        self.send("POST /soap", &headers, envelope(SOAP11, header, body).as_bytes()).await
    }

    /// Sends a message in SOAP 1.2.
    pub(crate) async fn by_12(&self, action: &str, header: &str, body: &str) -> Answer {
        let media_type = format!("application/soap+xml; charset=utf-8; action=\"{action}\"");
        let body = envelope(SOAP12, header, body);
        self.send("POST /soap", &[("content-type", &media_type)], body.as_bytes()).await
    }
}

pub(crate) fn envelope(namespace: &str, header: &str, body: &str) -> String {
    let header = if header.is_empty() { String::new() } else { format!("<e:Header>{header}</e:Header>") };
    format!("<e:Envelope xmlns:e=\"{namespace}\">{header}<e:Body>{body}</e:Body></e:Envelope>")
}

/// An order of two lines.
pub(crate) fn order(customer: &str) -> String {
    format!(
        "<s:place xmlns:s='urn:shop' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><s:customer>{customer}</s:customer>\
         <s:line count='2'><s:price>1.50</s:price></s:line>\
         <s:line count='1' i:type='s:Discounted'><s:price>9.99</s:price><s:percent>10</s:percent></s:line></s:place>"
    )
}
