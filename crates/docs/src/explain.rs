//! What `tenon explain` shows: the page of everything that has a name in Tenon.

use std::fmt::Write as _;

use tenon_errors::{Code, catalogue, nearest};
use tenon_mapping::Function;
use tenon_monitoring::{family::Family, metrics};
use tenon_ports::{Connector, ConnectorDescriptor, Descriptor};

use crate::value;

/// Something that can be explained.
#[derive(Debug, Clone, Copy)]
pub enum Topic {
    /// A code of a report.
    Code(&'static Code),
    /// An object of a project, a kind of system, or a step.
    Object(&'static Descriptor),
    /// A connector, by the scheme of its URL.
    Connector(&'static ConnectorDescriptor),
    /// A function of the expression language.
    Function(&'static Function),
    /// A metric.
    Metric(&'static Family),
}

impl Topic {
    /// Its name: what finds it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Code(code) => code.id,
            Self::Object(object) => object.name,
            Self::Connector(connector) => connector.scheme,
            Self::Function(function) => function.name,
            Self::Metric(metric) => metric.name,
        }
    }

    /// What kind of thing it is: `code`, `object`, `connector`, `function`, `metric`.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Object(_) => "object",
            Self::Connector(_) => "connector",
            Self::Function(_) => "function",
            Self::Metric(_) => "metric",
        }
    }

    /// What it is, in one line.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Code(code) => code.title,
            Self::Object(object) => object.summary,
            Self::Connector(connector) => connector.summary,
            Self::Function(function) => function.doc,
            Self::Metric(metric) => metric.help,
        }
    }

    /// Its page, as Markdown that starts with a heading.
    #[must_use]
    pub fn markdown(self) -> String {
        match self {
            Self::Code(code) => markdown(code),
            Self::Object(object) => format!("# {}\n\n{}", object.name, self::object(object)),
            Self::Connector(connector) => format!("# {}\n\n{}", connector.scheme, self::connector(connector)),
            Self::Function(function) => self::function(function),
            Self::Metric(metric) => format!(
                "# {}\n\n{}\n\nUnit `{}`, labels: {}.\n",
                metric.name,
                metric.help,
                metric.unit,
                words(metric.labels)
            ),
        }
    }
}

/// Everything that can be explained, in the order of the reference.
pub fn topics<'c>(connectors: &'c [&'static dyn Connector]) -> impl Iterator<Item = Topic> + 'c {
    let connectors = connectors.iter().map(|connector| Topic::Connector(connector.descriptor()));
    catalogue::all()
        .map(Topic::Code)
        .chain(tenon_plan::descriptors().map(Topic::Object))
        .chain(connectors)
        .chain(tenon_mapping::catalogue().map(Topic::Function))
        .chain(metrics::ALL.iter().copied().map(Topic::Metric))
}

/// Everything of this name, whatever the case: the id or name of a code, an object, a step, the scheme of a connector, a
/// function, a metric. Some names stand for several things.
#[must_use]
pub fn find(name: &str, connectors: &[&'static dyn Connector]) -> Vec<Topic> {
    let is_named = |topic: &Topic| {
        let also = if let Topic::Code(code) = topic { code.name } else { "" };
        topic.name().eq_ignore_ascii_case(name) || (!also.is_empty() && also == name)
    };
    topics(connectors).filter(is_named).collect()
}

/// The name that was most likely meant.
#[must_use]
pub fn suggest(name: &str, connectors: &[&'static dyn Connector]) -> Option<&'static str> {
    let names = topics(connectors).flat_map(|topic| {
        let also = if let Topic::Code(code) = topic { Some(code.name) } else { None };
        std::iter::once(topic.name()).chain(also)
    });
    nearest(name, names)
}

/// What `tenon check` says where it meets this code, if it can.
#[must_use]
pub fn example(code: &Code) -> Option<&'static str> {
    EXAMPLES.iter().find(|(id, _)| *id == code.id).map(|(_, said)| said.trim_end())
}

/// The page of a code, as Markdown.
#[must_use]
pub fn markdown(code: &Code) -> String {
    let example = example(code).map_or(String::new(), |said| {
        format!("\nFor example, `tenon check` says:\n\n```text\n{said}\n```\n")
    });
    format!(
        "# {id} {name}\n\n**{title}.** Kind `{kind}`, fault of the {fault}, retry: {retry}.\n\n{page}\n{example}",
        id = code.id,
        name = code.name,
        title = code.title,
        kind = code.kind.name(),
        fault = code.fault.name(),
        retry = code.retry.name(),
        page = code.page.trim(),
    )
}

/// What an object is, without a heading.
pub(crate) fn object(object: &Descriptor) -> String {
    let mut page = format!("{}\n\n{}", object.summary, value::table(object.spec));
    page += &promises(object.guarantees, object.codes);
    let _ = write!(page, "\n```yaml\n{}\n```\n", object.example.trim());
    page
}

/// What a connector is, without a heading.
pub(crate) fn connector(connector: &ConnectorDescriptor) -> String {
    let mut page = format!(
        "{} A `{}` system with the URL `{}`.\n\n{}\n",
        connector.summary,
        connector.role.word(),
        connector.url,
        connector.page.trim()
    );
    page += &promises(connector.guarantees, connector.codes);
    if !connector.metrics.is_empty() {
        let names: Vec<_> = connector.metrics.iter().map(|metric| metric.name).collect();
        let _ = write!(page, "\nMetrics: {}.\n", words(&names));
    }
    let _ = write!(page, "\n```yaml\n{}\n```\n", connector.example.trim());
    page
}

fn promises(guarantees: &[&str], codes: &[&Code]) -> String {
    let mut page = String::new();
    if !guarantees.is_empty() {
        page += "\nGuarantees:\n\n";
        guarantees.iter().for_each(|guarantee| page += &format!("* {guarantee}\n"));
    }
    if !codes.is_empty() {
        let codes: Vec<_> = codes.iter().map(|code| format!("`{}` {}", code.id, code.name)).collect();
        let _ = write!(page, "\nCodes: {}.\n", codes.join(", "));
    }
    page
}

fn function(function: &Function) -> String {
    let signatures = function.signatures().join("\n");
    format!(
        "# {}\n\n{}\n\n```text\n{signatures}\n```\n\nExample: `{}`\n",
        function.name, function.doc, function.example
    )
}

/// `a`, `b`; or `none`.
fn words(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

#[cfg(test)]
mod tests {
    use tenon_errors::catalogue;

    use super::*;

    #[test]
    fn every_code_has_a_page_that_starts_with_its_id() {
        for code in catalogue::all() {
            let page = markdown(code);
            assert!(page.starts_with(&format!("# {} {}\n", code.id, code.name)));
        }
    }

    #[test]
    fn codes_that_a_check_meets_have_a_failing_example() {
        let shown = catalogue::all().filter(|code| example(code).is_some()).count();
        assert!(shown >= 40, "{shown} codes have an example");
        assert!(markdown(&tenon_errors::catalogue::expression::UNKNOWN_FIELD).contains("error[M0003]"));
    }

    #[test]
    fn everything_that_has_a_name_is_found_by_it() {
        for topic in topics(tenon_connectors::ALL) {
            let found = find(topic.name(), tenon_connectors::ALL);
            assert!(found.iter().any(|it| it.kind() == topic.kind()), "{}", topic.name());
            let page = topic.markdown();
            assert!(page.starts_with(&format!("# {}", topic.name())) && page.ends_with('\n'), "{page}");
        }
        for (name, kind) in [
            ("lookup", "object"),
            ("sqlite", "connector"),
            ("m0003", "code"),
            ("lookup-missed", "code"),
            ("now", "function"),
            ("table", "object"),
            ("http_server_active_requests", "metric"),
        ] {
            assert!(find(name, tenon_connectors::ALL).iter().any(|it| it.kind() == kind), "{name}");
        }
        assert!(find("", tenon_connectors::ALL).is_empty());
        assert_eq!(suggest("lokup", tenon_connectors::ALL), Some("lookup"));
    }
}
