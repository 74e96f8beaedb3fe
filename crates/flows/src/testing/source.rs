//! A finite source, like the rows of a file.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tenon_errors::{Report, catalogue::data::BAD_CSV};
use tenon_model::{Headers, Payload, Str, Value};
use tenon_ports::{Arrival, Batch, Checkpoint, OpenedSource, Origin, Position, Source};

use super::Gate;
use crate::SourceFactory;

/// Bytes of each row.
const ROW: u64 = 10;

/// The rows of a file.
#[derive(Clone)]
pub(crate) struct Rows {
    pub(crate) arrivals: Arc<Vec<Arrival>>,
    pub(crate) fingerprint: Str,
    pub(crate) gate: Gate,
    /// Whether a file that is shorter than the checkpoint is read from its start.
    pub(crate) restarts_when_shorter: bool,
}

struct Reading {
    rows: Rows,
    at: usize,
}

/// Row `number` with this value.
pub(crate) fn arrival(number: u64, value: Value) -> Arrival {
    let cell = |name: &str| value.get(name).map(|cell| cell.to_string().replace('"', ""));
    let bytes = match (cell("key"), cell("n")) {
        (Some(key), Some(n)) => format!("{key},{n}\r\n"),
        _ => format!("row {number}"),
    };
    Arrival {
        origin: Origin {
            source: "rows.csv".into(),
            position: Position { offset: number * ROW, line: number + 2, tail: 0 },
        },
        next: Position { offset: (number + 1) * ROW, line: number + 3, tail: 0 },
        bytes: Bytes::from(bytes),
        clipped: false,
        payload: Ok(Payload::of_value(value)),
        key: None,
        headers: Headers::new(),
        time: None,
    }
}

/// Row `number`, which cannot be read.
pub(crate) fn broken(number: u64) -> Arrival {
    Arrival { payload: Err(Report::new(&BAD_CSV, "torn")), ..arrival(number, Value::Null) }
}

impl Rows {
    pub(crate) fn new(gate: &Gate, arrivals: Vec<Arrival>) -> Self {
        Self {
            arrivals: Arc::new(arrivals),
            fingerprint: "first".into(),
            gate: gate.clone(),
            restarts_when_shorter: false,
        }
    }

    /// Opens the rows as a runner asks for.
    pub(crate) fn factory(&self) -> SourceFactory {
        let rows = self.clone();
        Box::new(move |checkpoint: Option<Checkpoint>| {
            let rows = rows.clone();
            Box::pin(async move {
                rows.gate.point().await;
                let same = checkpoint.filter(|checkpoint| checkpoint.fingerprint == rows.fingerprint);
                let from = same.map_or(0, |checkpoint| checkpoint.position.offset);
                let at = rows.arrivals.iter().take_while(|row| row.origin.position.offset < from).count();
                let at = if rows.restarts_when_shorter && at == rows.arrivals.len() { 0 } else { at };
                let fingerprint = rows.fingerprint.clone();
                let source = Box::new(Reading { rows, at });
                Ok(OpenedSource { source, fingerprint, context: Bytes::from_static(b"key,n") })
            })
        })
    }
}

#[async_trait]
impl Source for Reading {
    async fn next(&mut self, max: usize) -> Result<Batch, Report> {
        self.rows.gate.point().await;
        let end = (self.at + max).min(self.rows.arrivals.len());
        let arrivals = self.rows.arrivals[self.at..end].to_vec();
        self.at = end;
        Ok(Batch { arrivals, end: end == self.rows.arrivals.len() })
    }

    async fn commit(&mut self, _: Position) -> Result<(), Report> {
        Ok(())
    }

    fn lag(&self) -> Option<u64> {
        None
    }

    fn progress(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        Some(self.at as f64 / self.rows.arrivals.len().max(1) as f64)
    }
}
