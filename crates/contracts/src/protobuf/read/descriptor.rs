//! Files as descriptors (`google/protobuf/descriptor.proto`), which those ask for who have no `.proto`.
//!
//! Options of others are left out, and so are comments: what describes the messages is all there.

use std::sync::{Arc, LazyLock};

use tenon_errors::{Report, Reports, catalogue::contract::BAD_CONTRACT};
use tenon_model::Value;

use super::{
    ast::{self, Constant, Label, Numbers, Opt, Syntax, Ty},
    build,
    files::{self, Loaded},
    names::{Names, Symbol, joined},
};
use crate::{
    format::{Codec, NoFiles, Source},
    protobuf::{
        codec::Binary,
        definitions::{Definitions, Field, Scalar, Type},
    },
};

/// A file as its descriptor.
#[derive(Debug, Clone)]
pub struct Described {
    /// What it is called, by itself and where it is imported.
    pub file: String,
    /// `google.protobuf.FileDescriptorProto`.
    pub bytes: Arc<[u8]>,
    /// The full names of what it defines: messages, enumerations, services and their methods.
    pub symbols: Vec<String>,
    /// The files that it imports.
    pub imports: Vec<String>,
}

/// The descriptor of descriptors.
static OWN: LazyLock<Arc<Definitions>> = LazyLock::new(|| {
    let text = "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\";";
    let source = Source { file: "own.proto", text, files: &NoFiles };
    super::read(&source).map(|read| read.definitions).unwrap_or_default()
});

/// The file of `source`, which is the first, and what it imports.
///
/// # Errors
/// As [`super::read`].
pub fn descriptors(source: &Source<'_>) -> Result<Vec<Described>, Reports> {
    let mut reports = Reports::new();
    let files = files::load(source, &mut reports);
    if !reports.is_empty() {
        return Err(reports.sorted());
    }
    let (names, definitions, _) = build::build(&files, &mut reports);
    if !reports.is_empty() {
        return Err(reports.sorted());
    }
    let describing = Describing { names: &names, definitions: &definitions };
    let all = files.iter().enumerate().map(|(at, loaded)| describing.file(at, loaded));
    Ok(all.collect::<Result<Vec<_>, _>>()?)
}

struct Describing<'d> {
    names: &'d Names<'d>,
    definitions: &'d Definitions,
}

type Fields = Vec<(&'static str, Value)>;

impl Describing<'_> {
    fn file(&self, at: usize, loaded: &Loaded) -> Result<Described, Report> {
        let (file, package) = (&loaded.file, loaded.file.package.as_str());
        let imports: Vec<String> =
            loaded.imports.iter().map(|(import, _)| self.names.files[*import].path.to_string()).collect();
        let public = loaded.imports.iter().enumerate().filter(|(_, (_, is_public))| *is_public);
        let public = public.map(|(position, _)| number(position)).collect();
        let mut symbols = Vec::new();
        let mut fields = vec![
            ("name", text(&loaded.path)),
            ("dependency", Value::list(imports.iter().map(|import| text(import)).collect())),
            ("public_dependency", Value::list(public)),
        ];
        if !package.is_empty() {
            fields.push(("package", text(package)));
        }
        self.body(
            at,
            package,
            &file.body,
            &mut fields,
            &mut symbols,
            ["message_type", "enum_type", "extension"],
        );
        fields.push((
            "service",
            Value::list(file.services.iter().map(|it| self.service(at, package, it, &mut symbols)).collect()),
        ));
        match file.syntax {
            Syntax::Proto2 => {}
            Syntax::Proto3 => fields.push(("syntax", text("proto3"))),
            Syntax::Edition2023 | Syntax::Edition2024 => {
                let edition =
                    if file.syntax == Syntax::Edition2023 { "EDITION_2023" } else { "EDITION_2024" };
                fields.extend([("syntax", text("editions")), ("edition", text(edition))]);
            }
        }
        fields.extend(options(&file.options));
        let mut bytes = Vec::new();
        let codec = Binary::new(&OWN, "google.protobuf.FileDescriptorProto")
            .ok_or_else(|| Report::new(&BAD_CONTRACT, "there is no descriptor of descriptors"))?;
        codec.encode(&Value::record(fields), &mut bytes)?;
        Ok(Described { file: loaded.path.to_string(), bytes: bytes.into(), symbols, imports })
    }

    /// What a file and a message hold alike, under these names.
    fn body(
        &self,
        at: usize,
        scope: &str,
        body: &ast::Body,
        fields: &mut Fields,
        symbols: &mut Vec<String>,
        [messages, enums, extensions]: [&'static str; 3],
    ) {
        let mut inner: Vec<Value> = Vec::new();
        if let Some(at) = fields.iter().position(|(name, _)| *name == messages)
            && let (_, Value::List(known)) = fields.remove(at)
        {
            inner.extend(known.iter().cloned());
        }
        inner.extend(body.messages.iter().map(|message| self.message(at, scope, message, symbols)));
        fields.push((messages, Value::list(inner)));
        let listed = body.enums.iter().map(|it| enumeration(scope, it, symbols)).collect();
        fields.push((enums, Value::list(listed)));
        let extended = body.extends.iter().flat_map(|extend| {
            extend.fields.iter().filter_map(|field| self.extension(at, scope, &extend.target, field))
        });
        fields.push((extensions, Value::list(extended.collect())));
    }

    fn message(&self, at: usize, scope: &str, ast: &ast::Message, symbols: &mut Vec<String>) -> Value {
        let full = joined(scope, &ast.name.text);
        symbols.push(full.clone());
        let known =
            self.definitions.message(&full).map(|(_, message)| &message.fields[..]).unwrap_or_default();
        let mut oneofs: Vec<Value> =
            ast.oneofs.iter().map(|oneof| Value::record([("name", text(&oneof.name.text))])).collect();
        let (mut listed, mut entries) = (Vec::new(), Vec::new());
        let is_proto3 = self.names.files[at].file.syntax == Syntax::Proto3;
        for field in &ast.fields {
            let Some(made) = known.iter().find(|made| *made.name == *field.name.text) else { continue };
            let mut fields = self.field(&full, field, made, &mut entries);
            if is_proto3 && matches!(field.label, Some((Label::Optional, _))) {
                fields
                    .extend([("proto3_optional", Value::Bool(true)), ("oneof_index", number(oneofs.len()))]);
                oneofs.push(Value::record([("name", text(&format!("_{}", field.name.text)))]));
            }
            listed.push(Value::record(fields));
        }
        let mut fields = vec![
            ("name", text(&ast.name.text)),
            ("field", Value::list(listed)),
            ("oneof_decl", Value::list(oneofs)),
            ("nested_type", Value::list(entries)),
            ("extension_range", ranges(&ast.extensions, 1)),
            ("reserved_range", ranges(&ast.reserved, 1)),
            ("reserved_name", Value::list(ast.reserved_names.iter().map(|name| text(&name.text)).collect())),
        ];
        self.body(at, &full, &ast.body, &mut fields, symbols, ["nested_type", "enum_type", "extension"]);
        fields.extend(options(&ast.options));
        Value::record(fields)
    }

    /// A field; of a map, the message of its entries is added to `entries`.
    fn field(&self, message: &str, ast: &ast::Field, made: &Field, entries: &mut Vec<Value>) -> Fields {
        let label = match (&ast.ty, ast.label.as_ref().map(|(label, _)| *label)) {
            (Ty::Map(..), _) | (_, Some(Label::Repeated)) => "LABEL_REPEATED",
            (_, Some(Label::Required)) => "LABEL_REQUIRED",
            _ => "LABEL_OPTIONAL",
        };
        let mut fields = vec![
            ("name", text(&ast.name.text)),
            ("number", Value::Int(i64::from(made.number))),
            ("label", text(label)),
            ("json_name", text(&made.json_name)),
        ];
        if let Ty::Map(key, _) = &ast.ty {
            let entry = format!("{}Entry", upper_camel(&ast.name.text));
            fields.extend(of_message("TYPE_MESSAGE", &format!("{message}.{entry}")));
            let part = |name: &str, at: i64, ty: Fields| {
                let mut fields = vec![
                    ("name", text(name)),
                    ("number", Value::Int(at)),
                    ("label", text("LABEL_OPTIONAL")),
                    ("json_name", text(name)),
                ];
                fields.extend(ty);
                Value::record(fields)
            };
            let parts = vec![part("key", 1, of_scalar(*key)), part("value", 2, self.ty(made.ty))];
            entries.push(Value::record([
                ("name", text(&entry)),
                ("field", Value::list(parts)),
                ("options", Value::record([("map_entry", Value::Bool(true))])),
            ]));
        } else {
            // An edition says by a feature that a message lies between a start and an end.
            fields.extend(match (&ast.ty, made.ty) {
                (Ty::Named(_), Type::Group(id)) => self.ty(Type::Message(id)),
                (_, ty) => self.ty(ty),
            });
        }
        fields.extend(ast.oneof.map(|oneof| ("oneof_index", number(oneof))));
        let default = ast.options.iter().find(|option| option.is("default"));
        fields.extend(default.and_then(|option| Some(("default_value", text(&constant(&option.value)?)))));
        fields.extend(options(&ast.options));
        fields
    }

    fn ty(&self, ty: Type) -> Fields {
        match ty {
            Type::Scalar(scalar) => of_scalar(scalar),
            Type::Enum(id) => of_message("TYPE_ENUM", &self.definitions.enums[id].name),
            Type::Message(id) => of_message("TYPE_MESSAGE", &self.definitions.messages[id].name),
            Type::Group(id) => of_message("TYPE_GROUP", &self.definitions.messages[id].name),
        }
    }

    fn extension(&self, at: usize, scope: &str, target: &ast::Name, field: &ast::Field) -> Option<Value> {
        let found = self.names.find(at, scope, target, |it| matches!(it, Symbol::Message(_)));
        let Ok(Symbol::Message(target)) = found else { return None };
        let target = &self.definitions.messages[target];
        let name = format!("[{}]", joined(scope, &field.name.text));
        let made = target.fields.iter().find(|made| *made.name == *name)?;
        let made = Field { json_name: super::lower_camel(&field.name.text).into(), ..made.clone() };
        let mut fields = self.field(scope, field, &made, &mut Vec::new());
        fields.push(("extendee", text(&format!(".{}", target.name))));
        Some(Value::record(fields))
    }

    fn service(&self, at: usize, package: &str, ast: &ast::Service, symbols: &mut Vec<String>) -> Value {
        let full = joined(package, &ast.name.text);
        symbols.push(full.clone());
        let of = |name: &ast::Name| {
            let found = self.names.find(at, &full, name, |it| matches!(it, Symbol::Message(_)));
            match found {
                Ok(Symbol::Message(id)) => text(&format!(".{}", self.definitions.messages[id].name)),
                _ => text(&name.text),
            }
        };
        let method = |method: &ast::Method| {
            symbols.push(format!("{full}.{}", method.name.text));
            let mut fields = vec![
                ("name", text(&method.name.text)),
                ("input_type", of(&method.input)),
                ("output_type", of(&method.output)),
            ];
            fields.extend(method.is_client_streaming.then_some(("client_streaming", Value::Bool(true))));
            fields.extend(method.is_server_streaming.then_some(("server_streaming", Value::Bool(true))));
            fields.extend(options(&method.options));
            Value::record(fields)
        };
        let methods = ast.methods.iter().map(method).collect();
        let mut fields = vec![("name", text(&ast.name.text)), ("method", Value::list(methods))];
        fields.extend(options(&ast.options));
        Value::record(fields)
    }
}

fn enumeration(scope: &str, ast: &ast::Enum, symbols: &mut Vec<String>) -> Value {
    symbols.push(joined(scope, &ast.name.text));
    let member = |member: &ast::Member| {
        let mut fields = vec![("name", text(&member.name.text)), ("number", Value::Int(member.number))];
        fields.extend(options(&member.options));
        Value::record(fields)
    };
    let mut fields = vec![
        ("name", text(&ast.name.text)),
        ("value", Value::list(ast.members.iter().map(member).collect())),
        ("reserved_range", ranges(&ast.reserved, 0)),
        ("reserved_name", Value::list(ast.reserved_names.iter().map(|name| text(&name.text)).collect())),
    ];
    fields.extend(options(&ast.options));
    Value::record(fields)
}

/// The options of Protobuf itself, features among them; `default` and `json_name` are no options of a descriptor.
fn options(list: &[Opt]) -> Option<(&'static str, Value)> {
    let own = list.iter().filter(|option| option.path.len() == 1 && !option.path[0].1);
    let own = own.filter(|option| !["default", "json_name", "features"].contains(&&*option.path[0].0));
    let mut fields: Vec<(String, Value)> =
        own.filter_map(|option| Some((option.path[0].0.clone(), value(&option.value)?))).collect();
    let features =
        list.iter().filter_map(|option| Some((option.feature()?.to_owned(), value(&option.value)?)));
    let features: Vec<_> = features.collect();
    if !features.is_empty() {
        fields.push(("features".to_owned(), Value::Map(Arc::new(features.into_iter().collect()))));
    }
    (!fields.is_empty()).then(|| ("options", Value::Map(Arc::new(fields.into_iter().collect()))))
}

fn value(constant: &Constant) -> Option<Value> {
    match constant {
        Constant::Word(word) if word == "true" => Some(Value::Bool(true)),
        Constant::Word(word) if word == "false" => Some(Value::Bool(false)),
        Constant::Word(word) => Some(text(word)),
        Constant::Text(bytes) => Some(text(&String::from_utf8_lossy(bytes))),
        _ => None,
    }
}

/// A default as descriptors have it: as text.
fn constant(constant: &Constant) -> Option<String> {
    match constant {
        Constant::Word(word) => Some(word.clone()),
        Constant::Int { is_negative, magnitude } => {
            Some(format!("{}{magnitude}", if *is_negative { "-" } else { "" }))
        }
        Constant::Float(float) => Some(float.to_string()),
        Constant::Text(bytes) => Some(match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.escape_ascii().to_string(),
        }),
        Constant::Message(_) | Constant::List => None,
    }
}

fn of_scalar(scalar: Scalar) -> Fields {
    vec![("type", text(&format!("TYPE_{}", scalar.name().to_ascii_uppercase())))]
}

fn of_message(ty: &str, name: &str) -> Fields {
    vec![("type", text(ty)), ("type_name", text(&format!(".{name}")))]
}

/// Ranges of numbers; their ends are so much above the last one.
fn ranges(ranges: &[Numbers], above: i64) -> Value {
    let range = |range: &Numbers| {
        Value::record([("start", Value::Int(range.first)), ("end", Value::Int(range.last + above))])
    };
    Value::list(ranges.iter().map(range).collect())
}

/// `unit_prices` as `UnitPrices`.
fn upper_camel(name: &str) -> String {
    let mut camel = String::new();
    let mut is_upper = true;
    for c in name.chars() {
        match c {
            '_' => is_upper = true,
            c if is_upper => {
                camel.push(c.to_ascii_uppercase());
                is_upper = false;
            }
            c => camel.push(c),
        }
    }
    camel
}

fn text(text: &str) -> Value {
    Value::from(text)
}

fn number(position: usize) -> Value {
    Value::Int(i64::try_from(position).unwrap_or(i64::MAX))
}
