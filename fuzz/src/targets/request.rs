//! Requests as they come over the network: heads, parameters, bodies and GraphQL documents, to a server whose operations answer at once.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    path::Path,
    sync::{Arc, LazyLock},
    time::Duration,
};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use jiff::Timestamp;
use tenon_api::{Listener, Probes, Service, Stop, serve};
use tenon_connectors::memory::ManualClock;
use tenon_contracts::{json::Decoder, sample};
use tenon_errors::Report;
use tenon_model::{Shape, Value};
use tenon_monitoring::Metrics;
use tenon_plan::{Api, DataFiles, Facts, Operation, OperationKind, Plan, compile};
use tenon_ports::{Call, Clock, Page, Reply, folder::MemoryFolder, operation::Request};
use tenon_security::{api_key::ApiKeys, authenticate::Authenticator};
use tokio::runtime::{Builder, Runtime};

use crate::{Target, seeds};

pub(super) const REQUEST: Target = Target { name: "request", seeds: of_request, run: request };

/// What stands in for every operation: rows and replies made of its contract.
struct Made {
    row: Value,
}

#[async_trait]
impl tenon_ports::Operation for Made {
    async fn call(&self, call: Call) -> Result<Reply, Report> {
        Ok(match call.request {
            Request::Get(keys) => Reply::Rows(keys.iter().map(|_| Some(self.row.clone())).collect()),
            Request::List(query) => {
                Reply::Page(Page { rows: vec![self.row.clone(); query.limit.min(2)], next: None })
            }
            Request::Send(_) => Reply::Sent(self.row.clone()),
        })
    }
}

fn made(shape: &Shape) -> Value {
    let text = sample::made(shape).expect("the contract has a value").to_string();
    Decoder::new(shape).and_then(|decoder| decoder.decode(text.as_bytes())).expect("what is made is valid")
}

/// The example of four formats, served as GraphQL too.
fn plan() -> Plan {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/orders");
    let text = |path: &str| fs::read_to_string(root.join(path)).expect("the example is there");
    let project = text("tenon.yaml").replace(
        "expose: { rest: /v1 }",
        "expose: { rest: /v1, graphql: /graphql, soap: { path: /soap, namespace: 'urn:f' } }",
    );
    let contracts = super::project::CONTRACTS.iter().map(|path| ((*path).to_owned(), text(path)));
    let folder = MemoryFolder::new(contracts.chain([("tenon.yaml".to_owned(), project)]));
    let facts = Facts { data: DataFiles::Ignore, connectors: tenon_connectors::ALL, secrets: &|_| true };
    let mut plan = compile(&folder, &|_| None, &facts).plan.expect("the example is right");
    plan.server.limits.read_timeout = Duration::from_millis(500);
    plan
}

fn service(plan: &Plan) -> Service {
    let operation = |_: &Api, definition: &Operation| -> Arc<dyn tenon_ports::Operation> {
        let row = match &definition.kind {
            OperationKind::Get { table } | OperationKind::List { table, .. } => made(&table.contract.shape),
            OperationKind::Send { output, .. } => made(&output.shape),
        };
        Arc::new(Made { row })
    };
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let keys = ApiKeys::new(Vec::new()).expect("no keys are keys");
    let authenticators = vec![Arc::new(Authenticator::new("shop", keys, Vec::new()))];
    let (service, _) =
        Service::new(plan, &operation, authenticators, &Metrics::new(), &clock, Vec::new(), &Probes::none())
            .expect("it can be served");
    service
}

static SERVER: LazyLock<(Runtime, SocketAddr)> = LazyLock::new(|| {
    let runtime =
        Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("the runtime starts");
    let plan = plan();
    let services = Arc::new(ArcSwap::from_pointee(service(&plan)));
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = runtime.block_on(Listener::bind(address)).expect("there is a free port");
    let address = listener.local_addr();
    runtime.spawn(serve(Arc::new(listener), services, None, plan.server.limits, Stop::new()));
    (runtime, address)
});

fn of_request() -> Vec<Vec<u8>> {
    let with_body = |path: &str, media: &str, body: &str| {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: {media}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
    };
    let query = "query Q($n: Int, $with: Boolean = true) { sales(first: $n, filter: { customer: { equals: \\\"a\\\" } }) { ...on SalesPage { items @include(if: $with) { number sku } } __typename } }";
    let graphql = format!("{{\"query\":\"{query}\",\"variables\":{{\"n\":2}},\"operationName\":\"Q\"}}");
    let mut all = seeds::texts(&[
        "GET /v1/sales?customer=a&sort=-number&limit=2&number=7 HTTP/1.1\r\nhost: a\r\naccept: application/json;q=0.5, text/csv\r\nconnection: close\r\n\r\n",
        "GET /v1/sales/7/ABC%2F1?fields=sku HTTP/1.1\r\nhost: a\r\nif-none-match: \"x\", W/\"y\"\r\naccept-encoding: gzip, zstd;q=0\r\n\r\n",
        "GET /v1/sales?after=eyJhIjoxfQ HTTP/1.1\r\nhost: a\r\n\r\nGET /healthz HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /graphql?query=%7B__schema%7Btypes%7Bname%20fields%7Bname%7D%7D%7D%7D HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /soap?wsdl HTTP/1.1\r\nhost: a\r\n\r\nGET /soap?xsd=1 HTTP/1.1\r\nhost: \"<&\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST /v1/purchases HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\nidempotency-key: \"k\"\r\n\r\n5\r\n{\"num\r\n0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ]);
    let bodies = [
        with_body("/graphql", "application/json", &graphql),
        with_body(
            "/v1/purchases",
            "application/json",
            "{\"number\":1,\"customer\":\"a\",\"day\":\"2013-01-01\",\"line\":[]}",
        ),
        with_body(
            "/soap",
            "text/xml",
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><sales xmlns='urn:f'><sort>-number</sort><limit>2</limit></sales></e:Body></e:Envelope>",
        ),
        with_body(
            "/soap",
            "application/soap+xml; charset=utf-8; action=\"urn:f:nothing\"",
            "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Header><h xmlns='urn:h' e:mustUnderstand='1'/></e:Header><e:Body/></e:Envelope>",
        ),
        with_body("/v1/purchases", "application/xml", "<purchase><number>1</number></purchase>"),
        with_body("/v1/purchases", "application/x-www-form-urlencoded", "number=1&line=%zz"),
    ];
    all.extend(bodies.map(String::into_bytes));
    all
}

/// What the server answers: its first status.
fn request(bytes: &[u8]) -> u64 {
    let (_, address) = &*SERVER;
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let waits = stream.set_read_timeout(Some(Duration::from_secs(30)));
    waits.expect("reading may take its time");
    // The server may answer, and close, before it has read all.
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    let told = stream.read_to_end(&mut answer);
    let is_late =
        |error: &std::io::Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    assert!(!told.as_ref().is_err_and(is_late), "no answer: {}", bytes.escape_ascii());
    let status: u64 =
        answer.get(9..12).and_then(|it| std::str::from_utf8(it).ok()?.parse().ok()).unwrap_or(0);
    // SOAP 1.1 has 500 for every fault, and says in its code whose it is.
    let has = |word: &str| answer.windows(word.len()).any(|it| it == word.as_bytes());
    let is_callers = ["Client", "VersionMismatch", "MustUnderstand"].map(|code| format!(">soap:{code}<"));
    let is_fault = is_callers.iter().any(|code| has(code));
    assert!(status != 500 || is_fault, "{}", answer.escape_ascii());
    status
}
