//! A folder of this benchmark as a pipeline: its two contracts and the mapping of its only flow.

use std::{error::Error, fs, path::PathBuf};

use tenon_contracts::{json, json::Decoder, json_schema, validate::Validator};
use tenon_document::{Node, Tree, parse};
use tenon_mapping::{Frame, Inline, Located, Mapping, Scope, Source, Template, Type};
use tenon_model::{Shape, Value};

type Problem = Box<dyn Error>;

/// A transformation, ready to run.
pub(crate) struct Case {
    pub(crate) decoder: Decoder,
    /// What holds for values of the source.
    pub(crate) input: Validator,
    mapping: Mapping,
    output: Validator,
}

impl Case {
    /// The case in the folder `name`.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn open(name: &str) -> Result<Self, Problem> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
        let project = parse("tenon.yaml", &fs::read_to_string(folder.join("tenon.yaml"))?).map_err(told)?;
        let flow = project.get("flows").and_then(Node::entries).and_then(|flows| flows.first());
        let (_, flow) = flow.ok_or("the project has no flow")?;
        let from = flow.get("from").and_then(|from| from.get("file")).ok_or("the flow reads no file")?;
        let steps = flow.get("steps").and_then(Node::as_list).ok_or("the flow has no steps")?;
        let map = steps.iter().find_map(|step| step.get("map")).ok_or("the flow maps nothing")?;

        let shape = |node: &Node, key: &str| -> Result<(String, Shape), Problem> {
            let name = node.get(key).and_then(Node::as_str).ok_or("a contract is not named")?;
            let text = fs::read_to_string(folder.join(format!("contracts/{name}/1.json")))?;
            Ok((name.replace('-', "_"), schema(&text)?))
        };
        let ((variable, source), (_, target)) = (shape(from, "contract")?, shape(map, "to")?);
        let template = template(map.get("fields").ok_or("the mapping has no fields")?)?;
        let scope = Scope::new().with(variable, Type::of(source.clone()));
        Ok(Self {
            decoder: Decoder::new(&source)?,
            input: Validator::new(&source)?,
            mapping: Mapping::compile(&template, &target, &scope).map_err(told)?,
            output: Validator::new(&target)?,
        })
    }

    /// Decodes and validates `row`, maps it, validates what comes out and appends it as JSON.
    ///
    /// # Errors
    /// The report of what is wrong with it.
    pub(crate) fn transform(&self, row: &[u8], out: &mut Vec<u8>) -> Result<(), tenon_errors::Report> {
        let value = self.map(self.decoder.decode(row)?)?;
        self.output.check(&value)?;
        json::encode(&value, out);
        Ok(())
    }

    /// The mapping alone.
    ///
    /// # Errors
    /// The report of the expression that fails.
    pub(crate) fn map(&self, value: Value) -> Result<Value, tenon_errors::Report> {
        self.mapping.run(&Frame::new(vec![value], jiff::Timestamp::UNIX_EPOCH))
    }
}

/// The type that a JSON Schema says.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn schema(text: &str) -> Result<Shape, Problem> {
    let schema = json_schema::read(&parse("1.json", text).map_err(told)?).map_err(told)?;
    Ok(schema.into_only().ok_or("the contract has no type")?.shape)
}

/// What the plan makes of a template, as far as these projects use it.
fn template(node: &Node) -> Result<Template, Problem> {
    let source = |node: &Node| -> Result<Source, Problem> {
        let text = node.as_str().ok_or("an expression is not text")?;
        Ok(Source::new(text, Inline::new("tenon.yaml", text)))
    };
    match node.tree() {
        Tree::Map(_) if node.get("each").is_some() => Ok(Template::Each {
            list: source(node.get("each").ok_or("no list")?)?,
            name: Located::new(node.get("as").and_then(Node::as_str).unwrap_or("it").into(), node.place()),
            item: Box::new(template(node.get("fields").ok_or("a list without fields")?)?),
            place: node.place(),
        }),
        Tree::Map(entries) => {
            let field = |(key, value): &(Node, Node)| -> Result<_, Problem> {
                let name = key.as_str().unwrap_or_default();
                Ok((Located::new(name.into(), key.place()), template(value)?))
            };
            let fields = entries.iter().map(field).collect::<Result<_, _>>()?;
            Ok(Template::Record { fields, remaining: None, place: node.place() })
        }
        _ => source(node).map(Template::Expression),
    }
}

/// Reports as one error.
fn told(reports: impl std::fmt::Debug) -> String {
    format!("{reports:?}")
}
