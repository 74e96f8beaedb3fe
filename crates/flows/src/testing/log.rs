//! The lines that are logged while a test runs.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};

/// Keeps what is logged on this thread until it is dropped.
pub(crate) struct Logged {
    lines: Arc<Mutex<Vec<Line>>>,
    _guard: DefaultGuard,
}

/// The fields of a line, in order.
type Line = Vec<(&'static str, String)>;

impl Logged {
    /// Keeps it from now on.
    pub(crate) fn start() -> Self {
        let lines = Arc::default();
        let guard = tracing::subscriber::set_default(Listener(Arc::clone(&lines)));
        Self { lines, _guard: guard }
    }

    /// Takes the codes of the lines since the last call.
    pub(crate) fn codes(&self) -> Vec<String> {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        lines.into_iter().flatten().filter(|(name, _)| *name == "code").map(|(_, value)| value).collect()
    }

    /// Takes the lines since the last call whose message begins like this, each as its fields.
    pub(crate) fn lines(&self, message: &str) -> Vec<String> {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        let is_meant =
            |line: &Line| line.iter().any(|(name, value)| *name == "message" && value.starts_with(message));
        let shown = |line: Line| {
            line.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        lines.into_iter().filter(is_meant).map(shown).collect()
    }
}

struct Listener(Arc<Mutex<Vec<Line>>>);

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Fields(Line);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}
