//! What the formats of rows have in common.

use std::sync::Arc;

use bytes::Bytes;
use tenon_errors::{Place, Report, catalogue::data::BAD_ENCODING};
use tenon_model::{Headers, Payload, Str, Value};
use tenon_ports::{Arrival, Origin, Position};

/// What is kept of a row that is too large to be kept whole.
pub(crate) const CLIPPED: usize = 64 << 10;

/// The file that rows are read from, for reports and origins.
pub(crate) struct File {
    name: Str,
    shared: Arc<str>,
    encoding: Option<&'static str>,
}

impl File {
    pub(crate) fn new(name: Str, encoding: Option<&'static str>) -> Self {
        Self { shared: Arc::from(name.as_str()), name, encoding }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn encoding(&self) -> Option<&'static str> {
        self.encoding
    }

    /// The start of a line.
    pub(crate) fn place(&self, line: u64) -> Place {
        Place { line: u32::try_from(line).unwrap_or(u32::MAX), ..Place::file(Arc::clone(&self.shared)) }
    }

    /// The row at `position`, after which reading goes on at `next`.
    pub(crate) fn arrival(
        &self,
        position: Position,
        next: Position,
        bytes: Bytes,
        decoded: Result<Value, Report>,
    ) -> Arrival {
        let placed = |report: Report| {
            let report = self.in_encoding(report);
            if report.places().is_empty() { report.at(self.place(position.line)) } else { report }
        };
        Arrival {
            origin: Origin { source: self.name.clone(), position },
            next,
            bytes,
            clipped: false,
            payload: decoded.map(Payload::of_value).map_err(placed),
            key: None,
            headers: Headers::new(),
            time: None,
        }
    }

    /// Rows are read as UTF-8, whatever the file is in: a report about that names what the file should have been in.
    fn in_encoding(&self, report: Report) -> Report {
        let Some(encoding) = self.encoding.filter(|_| report.code() == &BAD_ENCODING) else { return report };
        let mut other = Report::new(&BAD_ENCODING, format!("the row holds bytes that are not {encoding}"));
        if let Some(path) = report.data_path() {
            other = other.path(path);
        }
        other.hint("name the encoding of the file")
    }
}
