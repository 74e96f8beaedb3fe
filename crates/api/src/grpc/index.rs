//! What is known of the services: their descriptors, by file and by what is defined in it.

use std::{collections::HashMap, sync::Arc};

use tenon_contracts::{
    format::{NoFiles, Source},
    protobuf::{self, Described},
};
use tenon_errors::Reports;
use tenon_model::Value;
use tenon_plan::Plan;

use super::message::{field, text};

/// The files of all services.
pub(super) struct Index {
    services: Vec<String>,
    files: Vec<Described>,
    by_file: HashMap<String, usize>,
    by_symbol: HashMap<String, usize>,
}

impl Index {
    /// What `plan` serves, and the services in `own`, each by its name and its description.
    pub(super) fn new(plan: &Plan, own: &[(&str, &str, &str)]) -> Result<Self, Reports> {
        let mut index = Self {
            services: Vec::new(),
            files: Vec::new(),
            by_file: HashMap::new(),
            by_symbol: HashMap::new(),
        };
        for exposure in plan.apis.iter().filter_map(|api| api.grpc.as_ref()) {
            index.add(&exposure.service, exposure.files.iter().cloned());
        }
        for (service, file, text) in own {
            let source = Source { file, text, files: &NoFiles };
            index.add(service, protobuf::descriptors(&source)?);
        }
        Ok(index)
    }

    fn add(&mut self, service: &str, files: impl IntoIterator<Item = Described>) {
        self.services.push(service.to_owned());
        for file in files {
            if self.by_file.contains_key(&file.file) {
                continue;
            }
            let at = self.files.len();
            self.by_file.insert(file.file.clone(), at);
            for symbol in &file.symbols {
                self.by_symbol.entry(symbol.clone()).or_insert(at);
            }
            self.files.push(file);
        }
    }

    /// The answer to a request.
    pub(super) fn answer(&self, request: &Value) -> Value {
        let of = |name: &str| field(request, name).map(text);
        let said = if of("list_services").is_some() {
            let service = |name: &String| Value::record([("name", Value::from(name.as_str()))]);
            let services = self.services.iter().map(service).collect();
            ("list_services_response", Value::record([("service", Value::list(services))]))
        } else if let Some(name) = of("file_by_filename") {
            self.file(self.by_file.get(&name), &name)
        } else if let Some(symbol) = of("file_containing_symbol") {
            self.file(self.by_symbol.get(symbol.trim_start_matches('.')), &symbol)
        } else {
            unknown(12, "extensions are not looked up")
        };
        let host = field(request, "host").cloned().unwrap_or_default();
        let host = if host.is_null() { Value::from("") } else { host };
        Value::record([("valid_host", host), ("original_request", request.clone()), said])
    }

    /// A file, and those that it needs after it.
    fn file(&self, found: Option<&usize>, name: &str) -> (&'static str, Value) {
        let Some(found) = found else {
            return unknown(5, &format!("there is no `{}`", tenon_errors::clip(name, 100)));
        };
        let mut needed = vec![*found];
        let mut next = 0;
        while let Some(at) = needed.get(next) {
            let imports =
                self.files[*at].imports.iter().filter_map(|import| self.by_file.get(import)).copied();
            let more: Vec<usize> = imports.filter(|import| !needed.contains(import)).collect();
            needed.extend(more);
            next += 1;
        }
        let bytes = needed.into_iter().map(|at| Value::Bytes(Arc::clone(&self.files[at].bytes)));
        ("file_descriptor_response", Value::record([("file_descriptor_proto", Value::list(bytes.collect()))]))
    }
}

fn unknown(code: i64, message: &str) -> (&'static str, Value) {
    let said = [("error_code", Value::Int(code)), ("error_message", Value::from(message))];
    ("error_response", Value::record(said))
}
