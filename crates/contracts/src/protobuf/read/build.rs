//! Messages, enumerations and services with their names resolved and their rules checked.

use std::collections::HashMap;

use tenon_errors::{
    Report, Reports,
    catalogue::contract::{ASSERTS_NOTHING, BAD_CONTRACT, UNSUPPORTED_KEYWORD},
};
use tenon_model::{Key, Str, Value};

use super::{
    ast::{self, Constant, Opt},
    features::Features,
    files::Loaded,
    lex::Span,
    names::{EnumAt, MessageAt, Names, Symbol},
    options::{self, Level},
};
use crate::{
    format::Effect,
    protobuf::definitions::{
        Definitions, Enum, Field, Member, Message, Method, Numbers, Oneof, Service, WellKnown,
    },
};

/// Under which name a record holds the fields that its contract does not know.
const UNKNOWN_FIELDS: &str = "unknown_fields";

/// What is being built.
pub(super) struct Builder<'b, 'f> {
    pub(super) names: &'b Names<'f>,
    pub(super) reports: &'b mut Reports,
    pub(super) notes: Vec<Report>,
    /// By file, message and enumeration.
    pub(super) file_features: Vec<Features>,
    pub(super) message_features: Vec<Features>,
    pub(super) enums: Vec<Enum>,
    noted: HashMap<String, ()>,
}

/// What `files` define; the problems are added to `reports`.
pub(super) fn build<'f>(files: &'f [Loaded], reports: &mut Reports) -> (Names<'f>, Definitions, Vec<Report>) {
    let mut names = Names::of(files);
    reports.extend(std::mem::take(&mut names.problems));
    let mut builder = Builder {
        names: &names,
        reports,
        notes: Vec::new(),
        file_features: Vec::new(),
        message_features: Vec::new(),
        enums: Vec::new(),
        noted: HashMap::new(),
    };
    builder.features();
    builder.enums = names.enums.iter().map(|definition| builder.enumeration(definition)).collect();
    let mut messages: Vec<Message> = Vec::new();
    for (id, message) in names.messages.iter().enumerate() {
        let made = builder.message(id, message);
        messages.push(made);
    }
    builder.extensions(&mut messages);
    for message in &mut messages {
        message.index();
    }
    let services = builder.services(&files[0]);
    let by_name = messages.iter().enumerate().map(|(id, message)| (message.name.clone(), id)).collect();
    let Builder { enums, notes, .. } = builder;
    let paths = names.paths();
    (names, Definitions { messages, enums, services, by_name, paths }, notes)
}

impl<'f> Builder<'_, 'f> {
    fn features(&mut self) {
        let names = self.names;
        for (at, loaded) in names.files.iter().enumerate() {
            self.options(at, "", Level::File, &loaded.file.options);
            let features = self.merged(at, Features::of(loaded.file.syntax), &loaded.file.options);
            self.file_features.push(features);
        }
        for message in &names.messages {
            let around = self.around(message.file, message.parent);
            let features = self.merged(message.file, around, &message.ast.options);
            self.message_features.push(features);
        }
    }

    pub(super) fn around(&self, file: usize, parent: Option<usize>) -> Features {
        parent.map_or_else(|| self.file_features[file], |parent| self.message_features[parent])
    }

    /// `features` with what `options` say otherwise.
    pub(super) fn merged(&mut self, file: usize, features: Features, options: &[Opt]) -> Features {
        let mut unknown = Vec::new();
        let merged = features.with(options, &mut unknown);
        for problem in unknown {
            self.problem(file, &problem.option.span, problem.message, "use a feature of the edition");
        }
        let loaded = &self.names.files[file];
        let set = options.iter().find(|option| option.feature().is_some() || option.is("features"));
        if let Some(option) = set.filter(|_| !loaded.file.syntax.is_edition()) {
            let message = "only editions have features".to_owned();
            self.problem(file, &option.span, message, "begin the file with `edition = \"2023\";`");
        }
        merged
    }

    fn message(&mut self, id: usize, at: &MessageAt<'f>) -> Message {
        self.options(at.file, &at.name, Level::Message, &at.ast.options);
        if let Some(option) = at.ast.options.iter().find(|option| option.is("message_set_wire_format")) {
            let report = Report::new(&UNSUPPORTED_KEYWORD, "message sets are not supported");
            let report = report.at(self.names.files[at.file].place(&option.span));
            self.reports.push(report.hint("use extensions of an ordinary message"));
        }
        self.check_numbers(at);
        let mut fields = Vec::new();
        let mut oneofs: Vec<Oneof> = Vec::new();
        for oneof in &at.ast.oneofs {
            self.options(at.file, &at.name, Level::Oneof, &oneof.options);
            oneofs.push(Oneof { name: Str::new(&oneof.name.text), fields: Vec::new() });
        }
        for field in &at.ast.fields {
            let scope = &at.name;
            let around = self.message_features[id];
            let Some(made) = self.field(at.file, scope, around, field) else { continue };
            if let Some(oneof) = made.oneof {
                oneofs[oneof].fields.push(fields.len());
            }
            fields.push(made);
        }
        for (position, oneof) in at.ast.oneofs.iter().enumerate() {
            if !at.ast.fields.iter().any(|field| field.oneof == Some(position)) {
                let message = format!("the oneof `{}` has no fields", oneof.name.text);
                self.problem(at.file, &oneof.name.span, message, "add a field, or remove the oneof");
            }
        }
        self.check_json_names(id, at, &fields);
        let mut unknown = UNKNOWN_FIELDS.to_owned();
        while fields.iter().any(|field| *field.name == *unknown) {
            unknown.push('_');
        }
        Message {
            name: Str::new(&at.name),
            fields,
            oneofs,
            well_known: WellKnown::of_name(&at.name),
            unknown: Key::from(unknown),
            numbers: Numbers::default(),
            positions: HashMap::new(),
        }
    }

    fn extensions(&mut self, messages: &mut [Message]) {
        let names = self.names;
        for (at, loaded) in names.files.iter().enumerate() {
            self.extensions_in(at, &loaded.file.package, &loaded.file.body, None, messages);
        }
        for (id, message) in names.messages.iter().enumerate() {
            self.extensions_in(message.file, &message.name, &message.ast.body, Some(id), messages);
        }
    }

    fn extensions_in(
        &mut self,
        file: usize,
        scope: &str,
        body: &ast::Body,
        parent: Option<usize>,
        messages: &mut [Message],
    ) {
        for extend in &body.extends {
            let target = self.names.find(file, scope, &extend.target, |it| matches!(it, Symbol::Message(_)));
            let Some(Symbol::Message(target)) = self.reports.take(target) else { continue };
            for field in &extend.fields {
                let around = self.around(file, parent);
                let full = super::names::joined(scope, &field.name.text);
                let made = self.extension(file, scope, around, field, &full);
                self.check_extension(file, field, target, &messages[target]);
                let is_taken =
                    |made: &Field| messages[target].fields.iter().any(|known| known.number == made.number);
                if let Some(made) = made.filter(|made| !is_taken(made)) {
                    messages[target].fields.push(made);
                }
            }
        }
    }

    fn enumeration(&mut self, at: &EnumAt<'f>) -> Enum {
        self.options(at.file, &at.name, Level::Enum, &at.ast.options);
        let around = self.around(at.file, at.parent);
        let features = self.merged(at.file, around, &at.ast.options);
        self.check_members(at, features.is_closed);
        let is_null = at.name == "google.protobuf.NullValue";
        let mut by_number = HashMap::new();
        let mut by_name = HashMap::new();
        let mut members = Vec::new();
        for member in &at.ast.members {
            self.options(at.file, &at.name, Level::Member, &member.options);
            let Ok(number) = i32::try_from(member.number) else { continue };
            let name = Str::new(&member.name.text);
            let value = if is_null { Value::Null } else { Value::String(name.clone()) };
            by_number.entry(number).or_insert(value);
            by_name.insert(name.clone(), number);
            members.push(Member {
                name,
                number,
                doc: member.doc.as_deref().map(Str::new),
                is_deprecated: is_deprecated(&member.options),
            });
        }
        Enum { name: Str::new(&at.name), members, is_closed: features.is_closed, is_null, by_number, by_name }
    }

    fn services(&mut self, loaded: &Loaded) -> Vec<Service> {
        loaded.file.services.iter().map(|service| self.service(loaded, service)).collect()
    }

    fn service(&mut self, loaded: &Loaded, service: &ast::Service) -> Service {
        let name = super::names::joined(&loaded.file.package, &service.name.text);
        self.options(0, &name, Level::Service, &service.options);
        let mut methods = Vec::new();
        for method in &service.methods {
            self.options(0, &name, Level::Method, &method.options);
            let message = |builder: &mut Self, wanted: &ast::Name| {
                let found = builder.names.find(0, &name, wanted, |it| matches!(it, Symbol::Message(_)));
                match builder.reports.take(found) {
                    Some(Symbol::Message(id)) => Some(id),
                    _ => None,
                }
            };
            let (input, output) = (message(self, &method.input), message(self, &method.output));
            let (Some(input), Some(output)) = (input, output) else { continue };
            methods.push(Method {
                name: Str::new(&method.name.text),
                input,
                output,
                is_client_streaming: method.is_client_streaming,
                is_server_streaming: method.is_server_streaming,
                effect: effect(&method.options),
                is_deprecated: is_deprecated(&method.options),
                doc: method.doc.as_deref().map(Str::new),
                place: loaded.place(&method.name.span),
            });
        }
        Service {
            name: Str::new(&name),
            doc: service.doc.as_deref().map(Str::new),
            is_deprecated: is_deprecated(&service.options),
            methods,
        }
    }

    /// Whether every option exists; those that could say something of data and are no part of Protobuf are noted.
    pub(super) fn options(&mut self, file: usize, scope: &str, level: Level, list: &[Opt]) {
        let loaded = &self.names.files[file];
        for option in list {
            let Some((first, is_extension)) = option.path.first() else { continue };
            if !is_extension {
                if !options::exists(level, first) {
                    let message = format!("{} has no option `{first}`", level.name());
                    self.problem(
                        file,
                        &option.span,
                        message,
                        "put the name of an option of your own in parentheses",
                    );
                } else if option.path.len() == 1
                    && let Some(expected) = options::expected(first, &option.value)
                {
                    let message = format!("the option `{first}` has to be {expected}");
                    self.problem(file, &option.value_span, message, "correct the value");
                }
                continue;
            }
            let name = ast::Name { text: first.clone(), span: option.span.clone() };
            let scope = if scope.is_empty() { &loaded.file.package } else { scope };
            let found = self.names.find(file, scope, &name, |it| it == Symbol::Extension);
            if self.reports.take(found).is_some() && level.is_of_data() && !self.noted.contains_key(first) {
                self.noted.insert(first.clone(), ());
                let message = format!("the option `({first})` is kept out of what is checked");
                let report = Report::new(&ASSERTS_NOTHING, message).at(loaded.place(&option.span));
                self.notes.push(report.hint("check what it asks for in a step of the flow"));
            }
        }
    }

    pub(super) fn problem(&mut self, file: usize, span: &Span, message: String, hint: &str) {
        let place = self.names.files[file].place(span);
        self.reports.push(Report::new(&BAD_CONTRACT, message).at(place).hint(hint));
    }
}

pub(super) fn is_deprecated(options: &[Opt]) -> bool {
    is_set(options, "deprecated")
}

/// What a method does (`idempotency_level`, descriptor.proto): it acts, where nothing is said.
fn effect(options: &[Opt]) -> Effect {
    let said = options.iter().find(|option| option.is("idempotency_level")).map(|option| &option.value);
    match said {
        Some(Constant::Word(word)) if word == "NO_SIDE_EFFECTS" => Effect::Safe,
        Some(Constant::Word(word)) if word == "IDEMPOTENT" => Effect::Idempotent,
        _ => Effect::Acts,
    }
}

/// Whether the option `name` is true.
pub(super) fn is_set(options: &[Opt], name: &str) -> bool {
    options
        .iter()
        .any(|option| option.is(name) && matches!(&option.value, Constant::Word(word) if word == "true"))
}
