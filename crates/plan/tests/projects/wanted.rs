//! Flows read of their messages what their steps need, and come to the same as if they read all of it.

use std::{collections::HashSet, sync::Arc};

use tenon_contracts::{
    Said,
    json::Decoder,
    sample::{Samples, Sort},
};
use tenon_mapping::{Expression, Frame};
use tenon_model::{Str, Value};
use tenon_plan::{Flow, Input, StepKind};

use crate::support;

const ORDER: &str = r#"{ "type": "object", "required": ["id", "lines", "customer"], "additionalProperties": false, "properties": {
  "id": { "type": "integer", "minimum": 1, "maximum": 99 }, "note": { "type": "string", "maxLength": 9 },
  "state": { "enum": ["open", "shut"], "default": "open" }, "price": { "type": ["number", "null"], "minimum": 0 },
  "customer": { "type": "object", "required": ["name"], "properties": {
    "name": { "type": "string" }, "mail": { "type": "string" }, "vip": { "type": "boolean" } }, "additionalProperties": false },
  "lines": { "type": "array", "maxItems": 5, "items": { "type": "object", "required": ["sku", "count"], "properties": {
    "sku": { "type": "string" }, "count": { "type": "integer", "minimum": 0, "maximum": 9 }, "unit": { "type": "string" } },
    "additionalProperties": false } },
  "boxes": { "type": "object", "additionalProperties": false, "properties": {
    "a": { "type": "object", "properties": { "w": { "type": "integer" } } }, "b": { "type": "object", "properties": { "w": { "type": "integer" } } } } },
  "counts": { "type": "object", "additionalProperties": { "type": "integer", "minimum": 0, "maximum": 9 } },
  "pay": { "oneOf": [
    { "type": "object", "required": ["kind", "card"], "properties": { "kind": { "const": "card" }, "card": { "type": "string" } } },
    { "type": "object", "required": ["kind", "bank"], "properties": { "kind": { "const": "bank" }, "bank": { "type": "integer" } } } ] },
  "unread": { "type": "array", "items": { "type": "object", "properties": { "deep": { "type": "string", "maxLength": 2 } } } } } }"#;
const PART: &str = r#"{ "type": "object", "required": ["id"], "additionalProperties": true, "properties": { "id": { "type": "integer" } } }"#;

/// The flow of a project with these steps, whose input is a file or a topic.
fn flow(from: &str, steps: &[&str]) -> Arc<Flow> {
    flow_of(("contracts/order/1.json", ORDER), from, steps)
}

/// The same, where the file of the contract is given.
fn flow_of(contract: (&str, &str), from: &str, steps: &[&str]) -> Arc<Flow> {
    let steps: String = steps.iter().map(|step| format!("      - {step}\n")).collect();
    let project = format!(
        "project: shop
systems:
  files: {{ files: {{ folder: data }} }}
  db: {{ sql: {{ url: \"sqlite://shop.db\" }} }}
  bus: {{ broker: {{ url: embedded }} }}
topics:
  parts: {{ in: bus, contract: part }}
  orders: {{ in: bus, contract: order }}
  copies: {{ in: bus, contract: order }}
flows:
  take:
    from: {from}
    steps:
{steps}"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        contract,
        ("contracts/part/1.json", PART),
        ("data/orders.jsonl", "{}"),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec();
    let outcome = support::check(files);
    let rendered = support::rendered(&outcome);
    let plan = outcome.plan.unwrap_or_else(|_| panic!("{rendered}"));
    Arc::clone(&plan.flows[0])
}

const FILE: &str = "{ file: { in: files, path: orders.jsonl, format: jsonl, contract: order } }";

fn part_of(flow: &Flow) -> Option<Vec<String>> {
    let Input::File(file) = &flow.input else { return None };
    let ways = file.format.part.as_ref()?;
    let mut ways: Vec<String> =
        ways.iter().map(|way| way.iter().map(Str::as_str).collect::<Vec<_>>().join(".")).collect();
    ways.sort();
    Some(ways)
}

/// All that the steps make of a message: what each expression and each mapping gives, or refuses.
fn outcome(flow: &Flow, message: &Value) -> Vec<String> {
    let mut frame = Frame::new(vec![Value::Null; flow.variables.len()], jiff::Timestamp::UNIX_EPOCH);
    frame.values[0] = message.clone();
    let mut told = Vec::new();
    for step in &flow.steps {
        let mut made = Vec::new();
        let mut say = |expression: &Expression, frame: &Frame| {
            let value = expression.evaluate(frame);
            told.push(format!("{} {value:?}", expression.text()));
            value.ok().flatten().unwrap_or_default()
        };
        match &step.kind {
            StepKind::Let(values) => {
                for (slot, value) in values {
                    let value = say(value, &frame);
                    frame.values[*slot] = value;
                }
            }
            StepKind::Filter(condition) => drop(say(condition, &frame)),
            StepKind::Reject(reject) => {
                say(&reject.when, &frame);
                say(&reject.message, &frame);
            }
            StepKind::Each { list, slot } => {
                let items = say(list, &frame);
                made.push((*slot, items.as_list().and_then(<[Value]>::first).cloned().unwrap_or_default()));
            }
            StepKind::Log(log) => {
                say(&log.message, &frame);
                log.fields.iter().for_each(|(_, value)| drop(say(value, &frame)));
            }
            StepKind::Map { mapping, slot, .. } => {
                let value = mapping.run(&frame);
                told.push(format!("{value:?}"));
                made.push((*slot, value.unwrap_or_default()));
            }
            StepKind::Publish { slot, .. } => told.push(format!("{:?}", frame.values[*slot])),
            other => panic!("no {} here", other.word()),
        }
        for (slot, value) in made {
            frame.values[slot] = value;
        }
    }
    told
}

#[test]
fn a_flow_comes_to_the_same_whether_it_reads_a_part_or_all_of_a_message() {
    let flows: &[&[&str]] = &[
        &[
            "filter: order.state == \"open\" && order.lines.exists(l, l.count > 3)",
            "map: { to: part, fields: { id: order.id } }",
            "publish: parts",
        ],
        &[
            "map: { to: part, fields: { id: size(order.lines), name: order.customer.name } }",
            "publish: parts",
        ],
        &[
            "map: { to: part, fields: { id: order.id, skus: { each: order.lines, as: l, item: l.sku } } }",
            "publish: parts",
        ],
        &[
            "map: { to: part, fields: { id: order.id, lines: { each: order.lines, as: l, fields: { sku: l.sku, n: \"has(l.unit) ? l.unit : 'none'\" } } } }",
            "publish: parts",
        ],
        &["map: { to: part, fields: { ...: order.customer, id: order.id } }", "publish: parts"],
        &[
            "let: { who: order.customer }",
            "map: { to: part, fields: { id: order.id, name: who.name, mail: who.?mail } }",
            "publish: parts",
        ],
        &[
            "map: { to: part, fields: { id: 'order.?counts[?\"a\"].orValue(0)', price: 'has(order.price) && order.price != null ? order.price : 0.0' } }",
            "publish: parts",
        ],
        &[
            "map: { to: part, fields: { id: order.id, first: \"order.lines.filter(l, l.count > 2).map(l, l.sku)\" } }",
            "publish: parts",
        ],
        &["map: { to: part, fields: { id: order.id, kind: '\"x\"' } }", "publish: parts"],
        &[
            "map: { to: part, fields: { id: \"order.lines.map(l, l.count).size() + (has(order.note) ? 1 : 0)\", pay: order.?pay } }",
            "publish: parts",
        ],
        &[
            "reject: { when: order.id > 50, message: '\"large: \" + string(order.id)' }",
            "{ each: order.lines, as: line }",
            "log: { message: '\"line\"' }",
        ],
        &[
            "log: { message: '\"n\"', fields: { same: order.lines == order.lines, count: order.lines.size() } }",
        ],
        &["map: { to: part, fields: { ...: order } }", "publish: parts"],
        // Macros go over the fields of a record, too.
        &[
            "map: { to: part, fields: { id: \"size(order.customer.transformList(k, v, k)) + (order.customer.name == '' ? 100 : 0)\" } }",
            "publish: parts",
        ],
        &[
            "filter: has(order.boxes)",
            "map: { to: part, fields: { id: \"size(order.boxes.transformList(k, v, has(v.w) && v.w > 6, k))\" } }",
            "publish: parts",
        ],
        &[
            "map: { to: part, fields: { id: \"order.customer.exists(k, k == 'mail') && order.customer.name != '' ? 1 : 2\" } }",
            "publish: parts",
        ],
        &["log: { message: '\"whole\"', fields: { all: order } }"],
    ];
    let (mut parts, mut compared, mut refused, mut different) = (0, 0, 0, HashSet::new());
    for steps in flows {
        let flow = flow(FILE, steps);
        let Input::File(file) = &flow.input else { panic!("a file") };
        let Some(ways) = &file.format.part else { continue };
        parts += 1;
        let whole = Decoder::new(&flow.contract.shape).unwrap();
        let part = Decoder::of_judged_part(&flow.contract.shape, ways).unwrap();
        for sort in [Sort::Valid, Sort::Boundary, Sort::Invalid] {
            for sample in Samples::new(&flow.contract.shape, sort, 11).take(150) {
                let text = sample.value.to_string();
                match (whole.decode(text.as_bytes()), part.decode(text.as_bytes())) {
                    (Ok(whole), Ok(part)) => {
                        compared += 1;
                        if whole != part {
                            different.insert(steps);
                        }
                        assert_eq!(outcome(&flow, &whole), outcome(&flow, &part), "{steps:?} {text}");
                    }
                    (whole, part) => {
                        refused += 1;
                        let (whole, part) =
                            (whole.map_err(|it| format!("{it:?}")), part.map_err(|it| format!("{it:?}")));
                        assert_eq!(whole.err(), part.err(), "{steps:?} {text}");
                    }
                }
            }
        }
    }
    assert_eq!(parts, flows.len() - 1, "the last flow reads all of its message");
    assert_eq!(different.len(), parts - 1, "each but the one that copies all of it leaves something out");
    assert!(compared > 2_000 && refused > 500, "{compared} {refused}");
}

const IN_AVRO: &str = r#"{ "type": "record", "name": "Order", "fields": [
  { "name": "id", "type": "int" }, { "name": "note", "type": ["null", "string"], "default": null },
  { "name": "customer", "type": { "type": "record", "name": "Customer", "fields": [
    { "name": "name", "type": "string" }, { "name": "mail", "type": ["null", "string"], "default": null } ] } },
  { "name": "lines", "type": { "type": "array", "items": { "type": "record", "name": "Line", "fields": [
    { "name": "sku", "type": "string" }, { "name": "count", "type": "int" }, { "name": "at", "type": { "type": "int", "logicalType": "date" } } ] } } },
  { "name": "counts", "type": { "type": "map", "values": "long" } }, { "name": "pay", "type": ["string", "long"] } ] }"#;
const IN_PROTOBUF: &str = "syntax = \"proto3\"; message Order { int32 id = 1; optional string note = 2; Customer customer = 3;
  repeated Line lines = 4; map<string, int64> counts = 5; oneof pay { string card = 6; int64 bank = 7; } repeated string unread = 8;
  message Customer { string name = 1; optional string mail = 2; } message Line { string sku = 1; int32 count = 2; Customer for = 3; } }";

/// The value without octets that are made up for what the contract does not know.
fn known(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::list(items.iter().map(known).collect()),
        Value::Map(map) => {
            let fields = map.iter().filter(|(key, _)| key.as_str() != Some("unknown_fields"));
            Value::Map(Arc::new(fields.map(|(key, value)| (key.clone(), known(value))).collect()))
        }
        other => other.clone(),
    }
}

/// What flows from topics in other encodings come to.
fn comes_to_the_same(contract: (&str, &str), flows: &[&[&str]]) {
    let (mut compared, mut smaller) = (0, HashSet::new());
    for steps in flows {
        let flow = flow_of(contract, "orders", steps);
        let Input::Topic(topic) = &flow.input else { panic!("a topic") };
        let codec = flow.contract.codecs.first().unwrap();
        let said = Said { content_type: Some(codec.encoding().media_types[0]), ..Said::default() };
        let decoder = Decoder::new(&flow.contract.shape).unwrap();
        let part = flow.part.as_ref().unwrap();
        for sample in Samples::new(&flow.contract.shape, Sort::Valid, 3).take(100) {
            let mut bytes = Vec::new();
            let value = known(&decoder.decode(sample.value.to_string().as_bytes()).unwrap());
            if codec.encode(&value, &mut bytes).is_err() {
                continue;
            }
            let whole = topic.reader.read(&bytes, said).unwrap();
            let part = topic.reader.read_part(&bytes, said, Some(part)).unwrap();
            assert_eq!(outcome(&flow, &whole), outcome(&flow, &part), "{steps:?} {whole}");
            compared += 1;
            if part != whole {
                smaller.insert(steps);
            }
        }
    }
    assert_eq!(smaller.len(), flows.len(), "each leaves something out");
    assert!(compared > 200, "{compared}");
}

#[test]
fn a_flow_comes_to_the_same_whatever_encoding_it_reads_a_part_of() {
    let lines = ["filter: order.lines.exists(l, l.count > 3)", "map: { to: part, fields: { id: order.id } }"];
    let each = ["{ each: order.lines, as: line }", "log: { message: line.sku, fields: { all: line } }"];
    let counts = ["log: { message: '\"n\"', fields: { some: order.counts.size(), id: order.id } }"];
    comes_to_the_same(
        ("contracts/order/1.avsc", IN_AVRO),
        &[
            &lines,
            &each,
            &counts,
            &[
                "log: { message: order.customer.name, fields: { note: order.note, mail: order.customer.mail } }",
            ],
            &["log: { message: '\"n\"', fields: { pay: order.pay } }"],
        ],
    );
    comes_to_the_same(
        ("contracts/order/1.proto", IN_PROTOBUF),
        &[
            &lines,
            &each,
            &counts,
            &["log: { message: '\"n\"', fields: { has: has(order.note), name: order.?customer.?name } }"],
            &["log: { message: '\"n\"', fields: { card: order.?card, bank: has(order.bank) } }"],
        ],
    );
}

#[test]
fn what_is_handed_on_as_it_is_is_read_as_a_whole() {
    assert_eq!(part_of(&flow(FILE, &["publish: orders"])), None);
    assert_eq!(part_of(&flow(FILE, &["filter: order.id > 1", "publish: orders"])), None);
    assert_eq!(part_of(&flow(FILE, &["let: { all: order }", "log: { message: '\"n\"' }"])), None);
    let ways = part_of(&flow(
        FILE,
        &["filter: order.lines.exists(l, l.count > order.id)", "log: { message: order.?note.orValue(\"\") }"],
    ));
    assert_eq!(ways.unwrap(), ["id", "lines.count", "note"]);
}

#[test]
fn a_flow_from_a_topic_has_a_reader_of_its_part() {
    let reads = flow("orders", &["filter: order.id > 1", "log: { message: '\"n\"' }"]);
    let text = r#"{"id":2,"lines":[],"customer":{"name":"a"},"unread":[{"deep":"abc"}]}"#;
    let Input::Topic(topic) = &reads.input else { panic!("a topic") };
    let read = |text: &str| topic.reader.read_part(text.as_bytes(), Said::default(), reads.part.as_ref());
    assert_eq!(read(text).unwrap_err().details()[0].data_path().unwrap(), "/unread/0/deep");
    let value = read(&text.replace("abc", "ab")).unwrap();
    assert_eq!(value, Value::record([("id", Value::Int(2))]));
    assert!(flow("orders", &["publish: copies"]).part.is_none());
}
