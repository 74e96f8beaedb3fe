//! `systems`: what a project connects to. What a system is used for is one of [`KINDS`]; the URL chooses the connector.

use std::{collections::BTreeMap, sync::Arc};

use tenon_document::Node;
use tenon_errors::{
    Report,
    catalogue::{
        project::{BAD_VALUE, WRONG_SYSTEM},
        system::{FILE_AWAITED, UNSUPPORTED_URL},
    },
    nearest::nearest,
};
use tenon_model::{Name, Str};
use tenon_ports::{Connector, Descriptor, Key, Role, Spec, SpecValue as Value, connector};

use super::{
    Context,
    names::Defined,
    remotes::{self, CALLABLE},
};
use crate::{
    System,
    parse::{Object, Project, object::a},
};

/// A kind of system: the object that a project writes, and the role that it stands for.
pub(crate) struct Kind {
    /// Its description; the name is the word of the role.
    pub(crate) descriptor: &'static Descriptor,
    role: Role,
    key: Key,
}

/// Every kind of system, beside those whose operations are called ([`CALLABLE`]).
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        descriptor: &FILES,
        role: Role::Files,
        key: Key::optional("files", Value::Object(FILES.spec), "", FILES.summary),
    },
    Kind {
        descriptor: &SQL,
        role: Role::Sql,
        key: Key::optional("sql", Value::Object(SQL.spec), "", SQL.summary),
    },
    Kind {
        descriptor: &BROKER,
        role: Role::Broker,
        key: Key::optional("broker", Value::Object(BROKER.spec), "", BROKER.summary),
    },
];

/// A system: exactly one of the kinds.
pub(crate) static SYSTEM: Spec =
    Spec { name: "system", doc: "What a system is and where: one of these kinds.", keys: &KEYS };

/// How many keys a system may have.
const ALL: usize = KINDS.len() + CALLABLE.len() + remotes::BESIDE.len();

/// The kinds, those whose operations are called, and what stands beside these.
static KEYS: [Key; ALL] = {
    let mut keys = [KINDS[0].key; ALL];
    let mut at = 0;
    while at < ALL {
        keys[at] = if at < KINDS.len() {
            KINDS[at].key
        } else if at < KINDS.len() + CALLABLE.len() {
            let it = CALLABLE[at - KINDS.len()].descriptor;
            Key::optional(it.name, Value::Object(it.spec), "", it.summary)
        } else {
            remotes::BESIDE[at - KINDS.len() - CALLABLE.len()]
        };
        at += 1;
    }
    keys
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
    guarantees: &["Rows are read in order; after a restart reading goes on where it left off."],
    codes: &[],
    example: "exports: { files: { folder: exports } }",
};

static SQL: Descriptor = Descriptor {
    name: "sql",
    summary: "An SQL database.",
    spec: &Spec {
        name: "sql system",
        doc: "An SQL database; its tables are made from their contracts.",
        keys: &[Key::required("url", Value::Setting, "Where it is. Its scheme chooses the connector.")],
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
        keys: &[Key::required("url", Value::Setting, "Where it is. Its scheme chooses the connector.")],
    },
    guarantees: &[
        "A message is durable when its publishing is confirmed.",
        "Messages of one key are delivered in order.",
    ],
    codes: &[&UNSUPPORTED_URL],
    example: "events: { broker: { url: \"${BROKER_URL:embedded}\" } }",
};

/// Reads `systems`.
pub(crate) fn check(project: &Project, context: &mut Context<'_>) -> Defined<System> {
    let mut systems = Defined::new("system");
    let mut places = Places::default();
    for (name, key, node) in project.section("systems") {
        if let Some(kind) = remotes::kind(node) {
            let what = a(&format!("{} system", kind.descriptor.name));
            systems.note_other(name, format!("{what}, whose operations are called"));
            continue;
        }
        let system = system(name.clone(), node, context).map(Arc::new);
        if let Some(report) = system.as_deref().and_then(|system| places.take(system)) {
            context.problem(
                report.at(key.place()).hint("keep one of the systems, or give each a place of its own"),
            );
        }
        systems.define(name, key, system);
    }
    systems
}

/// Where the databases and brokers are, by scheme and location.
#[derive(Default)]
struct Places(BTreeMap<(&'static str, String), Name>);

impl Places {
    /// Takes the place of `system`; what is wrong where another one has it, or needs a part of it.
    fn take(&mut self, system: &System) -> Option<Report> {
        let what = match system.role() {
            Role::Files => return None,
            Role::Sql => "database",
            Role::Broker => "broker",
        };
        let scheme = system.connector.descriptor().scheme;
        // Some file systems do not tell capitals from small letters.
        let location = system.location.to_lowercase();
        let name = &system.name;
        let mut others = self.0.iter().filter(|((other, _), _)| *other == scheme);
        let report = others.find_map(|((_, place), other)| {
            let message = if *place == location {
                format!("`{other}` and `{name}` are the same {what}, and would wait for each other")
            } else if is_below(&location, place) {
                format!("`{name}` is in a folder that is the {what} `{other}`")
            } else if is_below(place, &location) {
                format!("`{other}` is in a folder that is the {what} `{name}`")
            } else {
                return None;
            };
            Some(Report::new(&BAD_VALUE, message))
        });
        self.0.insert((scheme, location), name.clone());
        report
    }
}

/// Whether the file at `path` is in a folder that `other` says.
fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
}

/// The system that `node` names, if it has the role; a problem if it has another one.
pub(crate) fn of_role(
    node: &Node,
    role: Role,
    systems: &Defined<System>,
    context: &mut Context<'_>,
) -> Option<Arc<System>> {
    let system = systems.find(node, context)?;
    if system.role() == role {
        return Some(system);
    }
    let message = format!(
        "`{}` is {}, and {} is needed",
        system.name,
        a(&format!("{} system", system.role().word())),
        a(&format!("{} system", role.word()))
    );
    let fitting = systems.names_of(|system| system.role() == role);
    let hint = match fitting.first() {
        Some(name) => format!("write `{name}`"),
        None => format!("define {} under `systems`", a(&format!("{} system", role.word()))),
    };
    context.problem(Report::new(&WRONG_SYSTEM, message).at(node.place()).hint(hint));
    None
}

fn system(name: Name, node: &Node, context: &mut Context<'_>) -> Option<System> {
    let [(key, value)] = node.entries()? else { return None };
    let kind = KINDS.iter().find(|kind| Some(kind.descriptor.name) == key.as_str())?;
    value.entries()?;
    let object = Object::new(value);
    let role = kind.role;
    let (connector, location) = match role {
        Role::Files => folder(object, context)?,
        Role::Sql | Role::Broker => place(role, object.get("url")?, context)?,
    };
    Some(System { name, connector, location })
}

fn folder(object: Object<'_>, context: &mut Context<'_>) -> Option<(&'static dyn Connector, Str)> {
    let connector = connector::of_role(context.connectors(), Role::Files).next()?;
    let Some(node) = object.get("folder") else { return Some((connector, Str::default())) };
    // A path that leads outside was reported when the object was read.
    let folder = connector.location(&object.text("folder")?).ok()?;
    if !context.looks_at_data() || !context.folder.list(&folder).is_empty() {
        return Some((connector, folder));
    }
    let message = format!("there is no folder `{folder}` with files in the project");
    let report = Report::new(&FILE_AWAITED, message).at(node.place());
    let files = context.folder.list("");
    let folders = files.iter().filter_map(|file| file.rsplit_once('/')).map(|(folder, _)| folder);
    context.warning(match nearest(&folder, folders) {
        Some(meant) => report.hint(format!("write `{meant}`")),
        None => report.hint("put the files there, or correct the path"),
    });
    Some((connector, folder))
}

/// The connector that a URL chooses, and the place that it names. The URL itself is never shown: it may hold a password.
fn place(role: Role, node: &Node, context: &mut Context<'_>) -> Option<(&'static dyn Connector, Str)> {
    let url = context.setting(node)?;
    if let Some(connector) = connector::choose(context.connectors(), role, &url) {
        let location = connector.location(&url);
        return Some((connector, context.take_at(node, location)?));
    }
    let known: Vec<_> =
        connector::of_role(context.connectors(), role).map(|it| it.descriptor().url).collect();
    let supported = known.join("`, `");
    let what = if role == Role::Sql { "an SQL system" } else { "a broker" };
    let message = match url.split_once("://") {
        Some((scheme, _)) => {
            format!("there is no connector for {what} at `{scheme}://`; this build supports `{supported}`")
        }
        None => format!("the URL of {what} has no scheme; this build supports `{supported}`"),
    };
    let hint = format!("write `{}`", known.first().copied().unwrap_or_default());
    context.problem(Report::new(&UNSUPPORTED_URL, message).at(node.place()).hint(hint));
    None
}

impl Defined<System> {
    fn names_of(&self, wanted: impl Fn(&System) -> bool) -> Vec<Name> {
        self.iter().filter(|(_, system)| wanted(system)).map(|(name, _)| name.clone()).collect()
    }
}
