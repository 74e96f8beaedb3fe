//! A line of the log as one JSON object.

use std::fmt;

use serde_json::{Map, Value};
use tenon_flows::PROJECT_LOG;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The field of a line of the project whose text is a JSON object with members of the line.
const FIELDS: &str = "fields";

/// Writes `timestamp`, `level`, the message and fields of the event, its `target`, and what the project adds.
pub(super) struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writeln!(writer, "{}", line(event)?)
    }
}

fn line(event: &Event<'_>) -> Result<String, fmt::Error> {
    let metadata = event.metadata();
    let mut time = String::new();
    SystemTime.format_time(&mut Writer::new(&mut time))?;
    let mut members = Members(Map::new());
    members.0.insert("timestamp".into(), time.into());
    members.0.insert("level".into(), metadata.level().as_str().into());
    event.record(&mut members);
    members.0.insert("target".into(), metadata.target().into());
    let of_project = match metadata.target() {
        PROJECT_LOG => members.0.shift_remove(FIELDS),
        _ => None,
    };
    Ok(with_members(Value::Object(members.0).to_string(), of_project.as_ref().and_then(Value::as_str)))
}

/// The object `line` with the members of the object `more`, as they are written.
fn with_members(mut line: String, more: Option<&str>) -> String {
    let inner = more.and_then(|more| more.strip_prefix('{')?.strip_suffix('}'));
    if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
        line.pop();
        line.push(',');
        line.push_str(inner);
        line.push('}');
    }
    line
}

/// The fields of an event, as JSON values.
struct Members(Map<String, Value>);

impl Members {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Members {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::with_members;

    #[test]
    fn what_a_project_adds_are_members_of_the_line() {
        let line = || "{\"level\":\"INFO\"}".to_owned();
        assert_eq!(with_members(line(), Some("{\"total\":1.10}")), "{\"level\":\"INFO\",\"total\":1.10}");
        assert_eq!(with_members(line(), Some("{}")), line());
        assert_eq!(with_members(line(), None), line());
    }
}
