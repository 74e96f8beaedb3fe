//! The plan that the tests serve.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use tenon_connectors::sqlite::SqliteConnector;
use tenon_contracts::{Contract, Reader, sql::TableSchema};
use tenon_errors::Place;
use tenon_model::{ContractRef, Field, Kind, Name, Shape, Str, Value, units::Rate};
use tenon_plan::{
    Api, Auth, Cors, Effects, Flow, GraphqlExposure, Input, Limits, OnFailure, Operation, OperationKind,
    Plan, RateLimit, Reference, Retry, Route, Segment, System, Table,
};
use tenon_security::{authorize::Access, firewall::IpRules};

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn contract(text: &str, fields: Vec<Field>) -> Arc<Contract> {
    Arc::new(Contract {
        reference: ContractRef { name: name(text), version: 1 },
        shape: Shape::record(fields),
        title: None,
        doc: Some(format!("A {text}.").into()),
        file: "contracts/test.json".into(),
        origin: tenon_contracts::Origin::default(),
        examples: Vec::new(),
        codecs: Vec::new(),
    })
}

pub(crate) fn table(
    text: &str,
    contract: Arc<Contract>,
    key: &str,
    references: Vec<Reference>,
) -> Arc<Table> {
    let schema = TableSchema::new(text, &contract.shape, &[key.into()], &[]).unwrap();
    let system = Arc::new(System { name: name("db"), connector: &SqliteConnector, location: "a.db".into() });
    Arc::new(Table { name: name(text), system, contract, schema: Arc::new(schema), references })
}

pub(crate) fn status_shape() -> Shape {
    Shape::of(Kind::Enum(Arc::from(["scheduled", "departed", "cancelled"].map(Value::from))))
}

pub(crate) fn route(method: &str, path: &str) -> Route {
    let segments = path.split('/').skip(1).map(|part| match part.strip_prefix('{') {
        Some(name) => Segment::Parameter(name.trim_end_matches('}').into()),
        None => Segment::Literal(part.into()),
    });
    Route { method: method.into(), path: path.into(), segments: segments.collect() }
}

pub(crate) fn operation(text: &str, routed: Route, access: Access, kind: OperationKind) -> Operation {
    let status = if matches!(kind, OperationKind::Send { .. }) { 202 } else { 200 };
    Operation {
        name: name(text),
        doc: None,
        route: Some(routed),
        access,
        kind,
        limit: None,
        cache: None,
        timeout: Duration::from_secs(5),
        status,
    }
}

/// An API of flights and airlines: `/v1` as REST, `/graphql` as GraphQL.
pub(crate) fn plan(limits: Limits) -> Plan {
    let airline = contract(
        "airline",
        vec![Field::required("carrier", Shape::string()), Field::required("name", Shape::string())],
    );
    let flight = contract(
        "flight",
        vec![
            Field::required("id", Shape::string()),
            Field::required("carrier", Shape::string()),
            Field::required("number", Shape::INT),
            Field::required("departure", Shape::TIMESTAMP),
            Field::required("status", status_shape()),
            Field::optional("tail_number", Shape::string()),
        ],
    );
    let new_flight = contract(
        "new-flight",
        vec![
            Field::required("carrier", Shape::string()),
            Field::required("number", Shape::INT),
            Field::optional("distance_km", Shape::FLOAT),
            Field::optional("fare", Shape::DECIMAL),
        ],
    );
    let accepted = contract(
        "accepted-flight",
        vec![Field::required("id", Shape::string()), Field::required("status", status_shape())],
    );
    let airlines = table("airlines", airline, "carrier", Vec::new());
    let reference =
        Reference { name: name("airline"), table: name("airlines"), columns: vec!["carrier".into()] };
    let flights = table("flights", flight, "id", vec![reference]);
    let read = || Access::Scope("flights:read".into());
    let flow = flow(&new_flight);
    let list = OperationKind::List {
        table: Arc::clone(&flights),
        filter: vec!["carrier".into(), "status".into(), "number".into()],
        sort: vec!["departure".into(), "id".into()],
        page_size: 2,
        max_page_size: 4,
    };
    let send = OperationKind::Send { flow, input: new_flight, output: accepted };
    let mut operations = vec![
        operation("flights", route("GET", "/flights"), read(), list),
        operation(
            "flight",
            route("GET", "/flights/{id}"),
            read(),
            OperationKind::Get { table: Arc::clone(&flights) },
        ),
        operation("createFlight", route("POST", "/flights"), Access::Scope("flights:write".into()), send),
        operation(
            "airline",
            route("GET", "/airlines/{carrier}"),
            Access::Open,
            OperationKind::Get { table: Arc::clone(&airlines) },
        ),
    ];
    let limit = Rate { count: 20, per: Duration::from_secs(1) };
    operations[1].limit = Some(RateLimit { rate: limit, per_client: true });
    operations[3].cache = Some(Duration::from_secs(30));
    let api = Api {
        name: name("flights"),
        place: Place::file("tenon.yaml"),
        auth: Auth::default(),
        cors: Some(Cors { origins: vec!["https://app.example".into()], max_age: Duration::from_secs(600) }),
        rest: Some("/v1".into()),
        graphql: Some(GraphqlExposure {
            path: "/graphql".into(),
            introspection: true,
            max_depth: 8,
            max_answer: 1 << 20,
        }),
        soap: None,
        grpc: None,
        operations: operations.into_iter().map(Arc::new).collect(),
        references: BTreeMap::new(),
    };
    Plan {
        version: Plan::UNVERSIONED,
        name: name("test"),
        server: tenon_plan::Server {
            internal: None,
            pages: tenon_plan::Pages::default(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            listen_is_given: true,
            clients: None,
            tls: None,
            firewall: IpRules::default(),
            limits,
        },
        contracts: BTreeMap::new(),
        remotes: BTreeMap::new(),
        systems: BTreeMap::new(),
        tables: [airlines, flights].into_iter().map(|table| (table.name.clone(), table)).collect(),
        topics: BTreeMap::new(),
        flows: Vec::new(),
        apis: vec![Arc::new(api)],
    }
}

fn flow(contract: &Arc<Contract>) -> Arc<Flow> {
    Arc::new(Flow {
        name: name("create-flight"),
        stands_for: None,
        after: Vec::new(),
        input: Input::Request(Arc::new(Reader::new(contract, &[]).unwrap())),
        contract: Arc::clone(contract),
        part: None,
        variables: Vec::new(),
        caller: None,
        steps: Vec::new(),
        reply: None,
        retry: Retry::default(),
        on_failure: OnFailure::default(),
        dead_letters: tenon_ports::LetterRetention::default(),
        effects: Effects::Mixed,
        fingerprint: Str::default(),
    })
}
