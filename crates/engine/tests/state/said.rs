//! What the log says of one failure: one line, which names everything that does not run for it.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use crate::shop::{Shop, remove};

/// Keeps what is logged on this thread, each line as its fields.
#[derive(Default, Clone)]
struct Said(Arc<Mutex<Vec<(Level, String)>>>);

impl Said {
    fn errors(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        lines.iter().filter(|(level, _)| *level <= Level::WARN).map(|(_, line)| line.clone()).collect()
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 += &format!("{}={value:?} ", field.name());
    }
}

impl Subscriber for Said {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tenon")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push((*event.metadata().level(), line.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_part_that_cannot_be_used_is_one_line_with_every_flow_that_does_not_run() {
    let cases =
        [("topics/sales", "part=\"sales\" flows=load, sell, sum "), ("shop.db", "part=\"db\" flows=sum ")];
    for (part, named) in cases {
        let shop = Shop::new();
        shop.run().await;
        remove(&shop.state().join(part));
        let said = Said::default();
        let guard = tracing::subscriber::set_default(said.clone());
        let seen = shop.run().await;
        drop(guard);
        assert!(seen.failed.contains(&"Y0205"), "{seen:?}");
        let lines = said.errors();
        assert!(
            matches!(lines.as_slice(), [line] if line.contains(named) && line.contains("Y0205")),
            "{lines:#?}"
        );
    }
}
