//! `systems`: what a project connects to. A kind of system is one entry in [`KINDS`].

use std::{collections::HashMap, sync::Arc};

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        project::{BAD_VALUE, UNREADABLE_FILE, WRONG_SYSTEM},
        system::UNSUPPORTED_URL,
    },
    nearest::nearest,
};
use tenon_model::{Name, Str};
use tenon_ports::{Descriptor, Key, Spec, SpecValue as Value};

use super::{Context, files, names::Defined};
use crate::{
    System, SystemKind,
    parse::{Object, Project, object::a},
};

/// One kind of system.
pub(crate) struct Kind {
    /// Its description; the name is the word that a project uses.
    pub(crate) descriptor: &'static Descriptor,
    key: Key,
    lower: fn(Object<'_>, &mut Context<'_>) -> Option<SystemKind>,
}

/// Every kind of system.
pub(crate) static KINDS: &[Kind] = &[
    Kind {
        descriptor: &FILES,
        key: Key::optional("files", Value::Object(FILES.spec), "", FILES.summary),
        lower: lower_files,
    },
    Kind {
        descriptor: &SQL,
        key: Key::optional("sql", Value::Object(SQL.spec), "", SQL.summary),
        lower: lower_sql,
    },
    Kind {
        descriptor: &BROKER,
        key: Key::optional("broker", Value::Object(BROKER.spec), "", BROKER.summary),
        lower: lower_broker,
    },
];

/// A system: exactly one of the kinds.
pub(crate) static SYSTEM: Spec = Spec {
    name: "system",
    doc: "What a system is and where: one of these kinds.",
    keys: &[KINDS[0].key, KINDS[1].key, KINDS[2].key],
};

static FILES: Descriptor = Descriptor {
    name: "files",
    summary: "Files in a folder of the project.",
    spec: &Spec {
        name: "files system",
        doc: "Files in a folder of the project; flows read them as sources.",
        keys: &[Key::optional(
            "folder",
            Value::Path,
            "",
            "The folder, relative to the project; the project folder itself without it.",
        )],
    },
    guarantees: &[
        "Rows are read in order, each at least once; after a restart reading goes on where it left off.",
    ],
    codes: &[],
    example: "exports: { files: { folder: exports } }",
};

static SQL: Descriptor = Descriptor {
    name: "sql",
    summary: "An SQL database.",
    spec: &Spec {
        name: "sql system",
        doc: "An SQL database; its tables are made from their contracts.",
        keys: &[Key::required(
            "url",
            Value::Setting,
            "Where it is: `sqlite://FILE`, a file in the state folder.",
        )],
    },
    guarantees: &["A transaction is applied as a whole and is durable when it is confirmed."],
    codes: &[&UNSUPPORTED_URL],
    example: "shopdb: { sql: { url: \"${DATABASE_URL:sqlite://shop.db}\" } }",
};

static BROKER: Descriptor = Descriptor {
    name: "broker",
    summary: "A message broker.",
    spec: &Spec {
        name: "broker system",
        doc: "A message broker; it holds the topics.",
        keys: &[Key::required(
            "url",
            Value::Setting,
            "Where it is: `embedded` for the broker that is built in.",
        )],
    },
    guarantees: &[
        "A message is durable when its publishing is confirmed.",
        "Messages of one key are delivered in order.",
    ],
    codes: &[&UNSUPPORTED_URL],
    example: "events: { broker: { url: \"${BROKER_URL:embedded}\" } }",
};

/// What the engine keeps in the state folder; a database there would be taken for it.
const OWN_STATE: &[&str] =
    &["tenon.db", "tenon.db-wal", "tenon.db-shm", "lock", "control.sock", "topics", "secrets", "tls"];

/// Reads `systems`.
pub(crate) fn check(project: &Project, context: &mut Context<'_>) -> Defined<System> {
    let mut systems = Defined::new("system");
    let mut databases: HashMap<Str, Name> = HashMap::new();
    for (name, key, node) in project.section("systems") {
        let system = kind(node, context).map(|kind| Arc::new(System { name: name.clone(), kind }));
        if let Some(SystemKind::Sqlite { path }) = system.as_deref().map(|system| &system.kind)
            && let Some(other) = databases.insert(path.clone(), name.clone())
        {
            let message =
                format!("`{other}` and `{name}` are the same database, and would wait for each other");
            let report = Report::new(&BAD_VALUE, message).at(key.place());
            context.problem(report.hint("name one system in all tables, or give each its own file"));
        }
        systems.define(name, key, system);
    }
    systems
}

/// The system that `node` names, if it is of the kind `word`; a problem if it is of another one.
pub(crate) fn of_kind(
    node: &Node,
    word: &str,
    systems: &Defined<System>,
    context: &mut Context<'_>,
) -> Option<Arc<System>> {
    let system = systems.find(node, context)?;
    if system.kind_word() == word {
        return Some(system);
    }
    let message = format!(
        "`{}` is {}, and {} is wanted",
        system.name,
        a(&format!("{} system", system.kind_word())),
        a(&format!("{word} system"))
    );
    let fitting = systems.names_of(|system| system.kind_word() == word);
    let hint = match fitting.first() {
        Some(name) => format!("write `{name}`"),
        None => format!("define {} under `systems`", a(&format!("{word} system"))),
    };
    context.problem(Report::new(&WRONG_SYSTEM, message).at(node.place()).hint(hint));
    None
}

fn kind(node: &Node, context: &mut Context<'_>) -> Option<SystemKind> {
    let [(key, value)] = node.entries()? else { return None };
    let kind = KINDS.iter().find(|kind| Some(kind.descriptor.name) == key.as_str())?;
    value.entries()?;
    (kind.lower)(Object::new(value), context)
}

fn lower_files(object: Object<'_>, context: &mut Context<'_>) -> Option<SystemKind> {
    let Some(node) = object.get("folder") else { return Some(SystemKind::Files { folder: Str::default() }) };
    let folder = normalized(&object.text("folder")?);
    if files::outside(&folder).is_some() {
        return None;
    }
    if context.folder.list(&folder).is_empty() {
        let message = format!("there is no folder `{folder}` with files in the project");
        let report = Report::new(&UNREADABLE_FILE, message).at(node.place());
        let files = context.folder.list("");
        let folders = files.iter().filter_map(|file| file.rsplit_once('/')).map(|(folder, _)| folder);
        context.problem(match nearest(&folder, folders) {
            Some(meant) => report.hint(format!("write `{meant}`")),
            None => report.hint("put the files there, or correct the path"),
        });
        return None;
    }
    Some(SystemKind::Files { folder })
}

fn normalized(folder: &str) -> Str {
    let folder = folder.trim_end_matches('/');
    let folder = folder.strip_prefix("./").unwrap_or(folder);
    Str::new(if folder == "." { "" } else { folder })
}

fn lower_sql(object: Object<'_>, context: &mut Context<'_>) -> Option<SystemKind> {
    let node = object.get("url")?;
    let url = context.setting(node)?;
    let Some(path) = url.strip_prefix("sqlite://") else {
        return unsupported(node, &url, "an SQL system", "sqlite://FILE", context);
    };
    if path.is_empty() || path.contains(['?', ':']) {
        let message = format!("`{url}` names no file");
        context.problem(Report::new(&BAD_VALUE, message).at(node.place()).hint("write `sqlite://NAME.db`"));
        return None;
    }
    if let Some(report) = files::outside(path) {
        let hint = "write a path relative to the state folder, for example `sqlite://shop.db`";
        context.problem(report.at(node.place()).hint(hint));
        return None;
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    let first = path.split('/').next().unwrap_or_default();
    if OWN_STATE.iter().any(|own| own.eq_ignore_ascii_case(first)) {
        let message = format!("Tenon keeps its own state in `{first}`, beside the database");
        let report = Report::new(&BAD_VALUE, message).at(node.place());
        context.problem(report.hint("choose another name, for example `sqlite://shop.db`"));
        return None;
    }
    Some(SystemKind::Sqlite { path: Str::new(path) })
}

fn lower_broker(object: Object<'_>, context: &mut Context<'_>) -> Option<SystemKind> {
    let node = object.get("url")?;
    let url = context.setting(node)?;
    if url == "embedded" {
        return Some(SystemKind::EmbeddedBroker);
    }
    unsupported(node, &url, "a broker", "embedded", context)
}

/// The URL itself is not repeated: it may hold a password.
fn unsupported(
    node: &Node,
    url: &str,
    what: &str,
    supported: &str,
    context: &mut Context<'_>,
) -> Option<SystemKind> {
    let message = match url.split_once("://") {
        Some((scheme, _)) => {
            format!("there is no connector for {what} at `{scheme}://`; this build supports `{supported}`")
        }
        None => format!("the URL of {what} has no scheme; this build supports `{supported}`"),
    };
    context.problem(
        Report::new(&UNSUPPORTED_URL, message).at(node.place()).hint(format!("write `{supported}`")),
    );
    None
}

impl Defined<System> {
    fn names_of(&self, wanted: impl Fn(&System) -> bool) -> Vec<Name> {
        self.iter().filter(|(_, system)| wanted(system)).map(|(name, _)| name.clone()).collect()
    }
}
