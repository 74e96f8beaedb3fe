//! `log: { message, level, fields }`.

use tenon_document::Node;
use tenon_errors::{Report, catalogue::project::BAD_NAME};
use tenon_model::Str;
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Kind, Lowering};
use crate::{
    Level, Log, StepKind,
    check::{expressions, sensitive},
    parse::Object,
};

const KEY: Key = Key::optional("log", Value::Object(&SPEC), "", "Writes a line to the log.");

pub(super) const KIND: Kind = Kind { descriptor: &DESCRIPTOR, key: KEY, lower, beside: None };

static SPEC: Spec = Spec {
    name: "log step",
    doc: "Writes a line to the log, with the flow, the step and the trace of the message.",
    keys: &[
        Key::required("message", Value::Expression, "What the line says: a text."),
        Key::optional(
            "level",
            Value::Word(&["debug", "info", "warn", "error"]),
            "info",
            "How much it matters.",
        ),
        Key::optional(
            "fields",
            Value::Fields(&Value::Expression),
            "",
            "Values beside the text, by name: members of the line in the JSON log.",
        ),
    ],
};

static DESCRIPTOR: Descriptor = Descriptor {
    name: "log",
    summary: "Writes a line to the log, with the flow, the step and the trace of the message.",
    spec: &SPEC,
    guarantees: &[
        "A message that is tried again is logged again.",
        "A line of the JSON log has the fields as members, as JSON values, beside `timestamp`, `level`, `target`, `message`, \
         `flow`, `step`, `origin` (file and line, or topic and offset) and `trace_id`: no field can be called like these. A \
         text or value of more than 4,096 letters is clipped.",
        "The line cannot show what a contract calls personal or secret: `check` refuses that.",
    ],
    codes: &[&BAD_NAME],
    example: "log: { message: '\"a large order\"', level: warn, fields: { id: order.id, total: order.total } }",
};

fn lower(node: &Node, lowering: &mut Lowering<'_, '_>) -> Option<StepKind> {
    node.entries()?;
    let object = Object::new(node);
    if !lowering.variables.are_known() {
        return None;
    }
    let message = object.get("message").and_then(|node| {
        let expression = compile(node, "the text of `log`", lowering)?;
        expressions::require_text(&expression, node, lowering.context)?;
        Some(expression)
    });
    let mut fields = Some(Vec::new());
    for (key, node) in object.get("fields").and_then(Node::entries).unwrap_or_default() {
        require_free(key, lowering);
        let field = compile(node, "a field of `log`", lowering);
        fields = fields.zip(field).map(|(mut fields, field)| {
            fields.push((Str::new(key.as_str().unwrap_or_default()), field));
            fields
        });
    }
    let level = match object.text("level").as_deref() {
        Some("debug") => Level::Debug,
        Some("warn") => Level::Warn,
        Some("error") => Level::Error,
        _ => Level::Info,
    };
    Some(StepKind::Log(Log { level, message: message?, fields: fields? }))
}

/// A member of a line that is there twice is read differently by every reader.
fn require_free(key: &Node, lowering: &mut Lowering<'_, '_>) {
    let name = key.as_str().unwrap_or_default();
    if Log::OWN.contains(&name) {
        let report = Report::new(&BAD_NAME, format!("every line of the log has a `{name}` of its own"));
        lowering.context.problem(report.at(key.place()).hint("choose another name"));
    }
}

fn compile(node: &Node, what: &str, lowering: &mut Lowering<'_, '_>) -> Option<tenon_mapping::Expression> {
    let expression = expressions::compile(node, &lowering.variables.scope, lowering.context)?;
    sensitive::refuse(&expression, node, what, lowering.variables, lowering.context)?;
    Some(expression)
}
