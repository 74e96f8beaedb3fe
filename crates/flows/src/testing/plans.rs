//! Plans of small flows over rows `{ key, n }`.

use std::{sync::Arc, time::Duration};

use tenon_connectors::{embedded::EmbeddedConnector, file::FileConnector, sqlite::SqliteConnector};
use tenon_contracts::{
    Contract, Reader, Writer, format::encoding::JSON, reader::SchemaIds, sql::TableSchema,
    validate::Validator,
};
use tenon_errors::{
    Place,
    catalogue::delivery::{LOOKUP_MISSED, REJECTED_CONFLICT},
};
use tenon_mapping::{Expression, Inline, Located, Mapping, Scope, Source, Template, Type};
use tenon_model::{
    ContractRef, Field, Name, Shape, Str, Value,
    shape::{Kind, Text},
};
use tenon_plan::{
    Aggregate, Delete, Effects, FileInput, Flow, FlowReply, Input, Level, Log, Lookup, Missing, OnFailure,
    Reject, Retry, Step, StepKind, System, Table, Topic,
};
use tenon_ports::{Connector, CsvFormat, FileFormat, LetterRetention, Merge, Retention, RowFormat, WhenFull};

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn system(text: &str, connector: &'static dyn Connector) -> Arc<System> {
    Arc::new(System { name: name(text), connector, location: Str::default() })
}

/// A row of every contract in these tests.
pub(crate) fn row(key: &str, n: i64) -> Value {
    Value::record([("key", Value::from(key)), ("n", Value::Int(n))])
}

pub(crate) fn row_shape() -> Shape {
    Shape::record(vec![Field::required("key", Shape::string()), Field::required("n", Shape::INT)])
}

pub(crate) fn contract() -> Arc<Contract> {
    Arc::new(Contract {
        reference: ContractRef { name: name("row"), version: 1 },
        shape: row_shape(),
        title: None,
        doc: None,
        file: "contracts/row/1.json".into(),
        origin: tenon_contracts::Origin::default(),
        examples: Vec::new(),
        codecs: Vec::new(),
    })
}

pub(crate) fn table(table: &str) -> Arc<Table> {
    Arc::new(Table {
        name: name(table),
        system: system(if table.starts_with("second") { "second" } else { "db" }, &SqliteConnector),
        contract: contract(),
        schema: Arc::new(TableSchema::new(table, &row_shape(), &["key".into()], &[]).unwrap()),
        references: Vec::new(),
    })
}

fn reader() -> Arc<Reader> {
    Arc::new(Reader::new(&contract(), &[]).unwrap())
}

/// A topic keyed by the message's key.
pub(crate) fn topic(topic: &str) -> Arc<Topic> {
    Arc::new(Topic {
        name: name(topic),
        system: system("bus", &EmbeddedConnector),
        contract: contract(),
        key: None,
        retention: Retention::default(),
        reader: reader(),
        writer: Arc::new(Writer::new(&contract(), &JSON, &SchemaIds::default()).unwrap()),
    })
}

/// Builds a flow step by step. Its message is `row`.
pub(crate) struct FlowBuilder {
    flow: Flow,
    scope: Scope,
    slot: usize,
}

impl FlowBuilder {
    fn new(input: Input) -> Self {
        let retry =
            Retry { attempts: 4, backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(1) };
        let flow = Flow {
            name: name("flow"),
            stands_for: None,
            after: Vec::new(),
            input,
            contract: contract(),
            part: None,
            variables: vec!["row".into()],
            caller: None,
            steps: Vec::new(),
            reply: None,
            retry,
            on_failure: OnFailure::DeadLetter,
            dead_letters: LetterRetention::default(),
            effects: Effects::Mixed,
            fingerprint: "mapping-1".into(),
        };
        Self { flow, scope: Scope::new().with("row", Type::of(row_shape())), slot: 0 }
    }

    pub(crate) fn from_rows() -> Self {
        let format = FileFormat::of(RowFormat::Csv(CsvFormat::default()));
        let system = system("files", &FileConnector);
        Self::new(Input::File(FileInput { system, path: "rows.csv".into(), format }))
    }

    pub(crate) fn from_topic() -> Self {
        Self::new(Input::Topic(topic("input")))
    }

    pub(crate) fn from_requests() -> Self {
        Self::new(Input::Request(reader()))
    }

    pub(crate) fn publish(self) -> Self {
        let slot = self.slot;
        self.step(StepKind::Publish { topic: topic("output"), slot })
    }

    /// Publishes under the key of the message that came in.
    pub(crate) fn publish_keyed(self) -> Self {
        let scope = Scope::new().with("row", Type::of(row_shape()));
        let key = Expression::compile("row.key", &Inline::new("flows.yaml", "row.key"), &scope).unwrap();
        let topic = Arc::new(Topic { key: Some(key), ..Arc::into_inner(topic("output")).unwrap() });
        let slot = self.slot;
        self.step(StepKind::Publish { topic, slot })
    }

    pub(crate) fn upsert(self, into: &str) -> Self {
        let slot = self.slot;
        self.step(StepKind::Upsert { table: table(into), slot })
    }

    pub(crate) fn filter(self, condition: &str) -> Self {
        let condition = self.expression(condition);
        self.step(StepKind::Filter(condition))
    }

    pub(crate) fn log(self, message: &str) -> Self {
        let message = self.expression(message);
        self.step(StepKind::Log(Log { level: Level::Info, message, fields: Vec::new() }))
    }

    pub(crate) fn each(mut self, list: &str, variable: &str) -> Self {
        let (list, slot) = (self.expression(list), self.flow.variables.len());
        self.flow.variables.push(variable.into());
        self.scope = self.scope.with(variable, Type::of(Shape::INT));
        self.step(StepKind::Each { list, slot })
    }

    /// Rejects the message where the condition is true.
    pub(crate) fn reject(self, when: &str, message: &str) -> Self {
        let (when, message) = (self.expression(when), self.expression(message));
        self.step(StepKind::Reject(Reject { when, message, code: &REJECTED_CONFLICT }))
    }

    pub(crate) fn delete(self, from: &str, key: &str) -> Self {
        let key = vec![self.expression(key)];
        self.step(StepKind::Delete(Delete { table: table(from), key }))
    }

    pub(crate) fn lookup(mut self, of: &str, key: &str, variable: &str, missing: Missing) -> Self {
        let key = vec![self.expression(key)];
        let (shape, slot) = (row_shape(), self.flow.variables.len());
        let shape = if missing == Missing::None { shape.nullable() } else { shape };
        self.flow.variables.push(variable.into());
        self.scope = self.scope.with(variable, Type::of(shape));
        self.step(StepKind::Lookup(Lookup { table: table(of), key, slot, missing, code: &LOOKUP_MISSED }))
    }

    /// Maps to another row.
    pub(crate) fn map(mut self, key: &str, n: &str) -> Self {
        let mapping = self.mapping(key, n);
        let slot = self.flow.variables.len();
        self.flow.variables.push("mapped".into());
        self.scope = self.scope.with("mapped", Type::of(row_shape()));
        self.slot = slot;
        let validator = Validator::new(&row_shape()).unwrap();
        self.step(StepKind::Map { mapping, contract: contract(), validator, slot })
    }

    pub(crate) fn aggregate(self, into: &str, key: &str, n: &str) -> Self {
        let row = self.mapping(key, n);
        let merges = Arc::from([(Str::new("n"), Merge::Sum)]);
        self.step(StepKind::Aggregate(Aggregate { table: table(into), row, merges, said: Arc::default() }))
    }

    pub(crate) fn aggregate_last(self, into: &str, key: &str, n: &str) -> Self {
        let row = self.mapping(key, n);
        let merges = Arc::from([(Str::new("n"), Merge::Last)]);
        self.step(StepKind::Aggregate(Aggregate { table: table(into), row, merges, said: Arc::default() }))
    }

    pub(crate) fn reply(mut self, key: &str, n: &str) -> Self {
        let constrained =
            Shape::of(Kind::String(Arc::new(Text { pattern: Some("^.+$".into()), ..Text::default() })));
        let shape =
            Shape::record(vec![Field::required("key", constrained), Field::required("n", Shape::INT)]);
        let validator = Validator::new(&shape).unwrap();
        self.flow.reply = Some(FlowReply {
            mapping: self.mapping(key, n),
            validator,
            writer: Writer::new(&contract(), &JSON, &SchemaIds::default()).unwrap(),
            reader: Reader::new(&contract(), &[]).unwrap(),
            is_answer: false,
        });
        self
    }

    pub(crate) fn stops_at_failures(mut self) -> Self {
        self.flow.on_failure = OnFailure::Stop;
        self
    }

    /// Keeps so many dead letters.
    pub(crate) fn keeps(mut self, count: u64, full: WhenFull) -> Self {
        self.flow.dead_letters = LetterRetention { count, full, ..LetterRetention::default() };
        self
    }

    /// All effects go into the database.
    pub(crate) fn atomic(mut self) -> Self {
        self.flow.effects = Effects::Database(Arc::clone(&table("any").system));
        self
    }

    pub(crate) fn build(self) -> Arc<Flow> {
        Arc::new(self.flow)
    }

    fn step(mut self, kind: StepKind) -> Self {
        let label = format!("{}:{}", self.flow.steps.len() + 1, kind.word()).into();
        self.flow.steps.push(Step { label, kind });
        self
    }

    fn expression(&self, text: &str) -> Expression {
        Expression::compile(text, &Inline::new("flows.yaml", text), &self.scope).unwrap()
    }

    fn mapping(&self, key: &str, n: &str) -> Mapping {
        let place = Place::file("flows.yaml");
        let field = |field: &str, text: &str| {
            let source = Source::new(text, Inline::new("flows.yaml", text));
            (Located::new(Str::new(field), place.clone()), Template::Expression(source))
        };
        let fields = vec![field("key", key), field("n", n)];
        let template = Template::Record { fields, remaining: None, place: place.clone() };
        Mapping::compile(&template, &row_shape(), &self.scope).unwrap()
    }
}
