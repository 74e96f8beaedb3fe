//! The lines that are logged while a test runs, by their codes.

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

/// Keeps the codes of what is logged on this thread until it is dropped.
pub(crate) struct LoggedCodes {
    codes: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl LoggedCodes {
    /// Keeps them from now on.
    pub(crate) fn start() -> Self {
        let codes = Arc::default();
        let guard = tracing::subscriber::set_default(Listener(Arc::clone(&codes)));
        Self { codes, _guard: guard }
    }

    /// Takes those since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.codes.lock().unwrap())
    }
}

struct Listener(Arc<Mutex<Vec<String>>>);

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
        event.record(&mut Code(&self.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Code<'a>(&'a Mutex<Vec<String>>);

impl Visit for Code<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "code" {
            self.0.lock().unwrap().push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
