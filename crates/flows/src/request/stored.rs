//! The stored form of what a request brings about: JSON, by names that outlive an edit of the flow.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tenon_contracts::json::{self, Decoder};
use tenon_errors::Report;
use tenon_model::{Headers, Name, Shape, Str, Value};
use tenon_plan::{Flow, Table};
use tenon_ports::{
    Change, Merge, Record,
    topic::{Producer, requests},
};

use super::due::{Due, Part, unfinished};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    parts: Vec<StoredPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredPart {
    Rows { system: String, changes: Vec<StoredChange> },
    Records { topic: String, identity: String, mark: u64, records: Vec<StoredRecord> },
}

/// Rows and values of keys are JSON by their contract, which reads them again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredChange {
    Upsert { table: String, rows: Vec<String> },
    Aggregate { table: String, rows: Vec<String>, merges: Vec<(String, StoredMerge)> },
    Delete { table: String, keys: Vec<Vec<String>> },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredMerge {
    Sum,
    Min,
    Max,
    Last,
    First,
    Collect,
    Average,
}

#[derive(Serialize, Deserialize)]
struct StoredRecord {
    part: u32,
    key: Option<String>,
    /// In base64.
    value: String,
    headers: Vec<(String, String)>,
    time: String,
}

/// The form in which effects are stored.
pub(super) fn store(due: &Due) -> Bytes {
    let parts = due.0.iter().map(store_part).collect();
    // Texts and numbers under text keys: nothing that JSON cannot say.
    serde_json::to_vec(&Stored { version: VERSION, parts }).unwrap_or_default().into()
}

/// Reads that form by what `flow` knows of its tables.
///
/// # Errors
/// `F0030` if the flow does not write one of the tables any more, or a row is not one of its contract.
pub(super) fn load(bytes: &[u8], flow: &Flow, number: u64) -> Result<Due, Report> {
    let stored: Stored = serde_json::from_slice(bytes).map_err(|error| unfinished(flow, error))?;
    if stored.version != VERSION {
        return Err(unfinished(flow, "another version of Tenon has begun it"));
    }
    let parts = stored.parts.into_iter().map(|part| Loader { flow, number }.part(part));
    Ok(Due(parts.collect::<Result<_, _>>()?))
}

fn store_part(part: &Part) -> StoredPart {
    match part {
        Part::Rows { system, changes } => StoredPart::Rows {
            system: system.as_str().to_owned(),
            changes: changes.iter().map(store_change).collect(),
        },
        Part::Records { topic, identity, mark, records } => StoredPart::Records {
            topic: topic.as_str().to_owned(),
            identity: identity.to_string(),
            mark: *mark,
            records: records.iter().map(store_record).collect(),
        },
    }
}

fn store_change(change: &Change) -> StoredChange {
    let texts = |rows: &[Value]| rows.iter().map(json::to_string).collect::<Vec<_>>();
    match change {
        Change::Upsert { table, rows } => {
            StoredChange::Upsert { table: table.to_string(), rows: texts(rows) }
        }
        Change::Aggregate { table, rows, merges } => StoredChange::Aggregate {
            table: table.to_string(),
            rows: texts(rows),
            merges: merges.iter().map(|(measure, merge)| (measure.to_string(), (*merge).into())).collect(),
        },
        Change::Delete { table, keys } => StoredChange::Delete {
            table: table.to_string(),
            keys: keys.iter().map(|key| texts(key)).collect(),
        },
    }
}

fn store_record(record: &Record) -> StoredRecord {
    StoredRecord {
        part: record.producer.as_ref().map_or(0, |producer| producer.part),
        key: record.key.as_ref().map(Str::to_string),
        value: BASE64_STANDARD.encode(&record.value),
        headers: record.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        time: record.time.to_string(),
    }
}

#[derive(Clone, Copy)]
struct Loader<'f> {
    flow: &'f Flow,
    number: u64,
}

impl Loader<'_> {
    fn part(self, part: StoredPart) -> Result<Part, Report> {
        let name = |text: &str| Name::new(text).ok_or_else(|| self.failed(format!("`{text}` is not a name")));
        Ok(match part {
            StoredPart::Rows { system, changes } => Part::Rows {
                system: name(&system)?,
                changes: changes.into_iter().map(|change| self.change(change)).collect::<Result<_, _>>()?,
            },
            StoredPart::Records { topic, identity, mark, records } => Part::Records {
                topic: name(&topic)?,
                identity: identity.into(),
                mark,
                records: records.into_iter().map(|record| self.record(record)).collect::<Result<_, _>>()?,
            },
        })
    }

    fn change(self, change: StoredChange) -> Result<Change, Report> {
        Ok(match change {
            StoredChange::Upsert { table, rows } => {
                let rows = self.rows(&table, &rows)?;
                Change::Upsert { table: table.into(), rows }
            }
            StoredChange::Aggregate { table, rows, merges } => {
                let rows = self.rows(&table, &rows)?;
                let merges =
                    merges.into_iter().map(|(measure, merge)| (measure.into(), merge.into())).collect();
                Change::Aggregate { table: table.into(), rows, merges }
            }
            StoredChange::Delete { table, keys } => {
                let shapes = key_shapes(self.table(&table)?);
                let key = |key: Vec<String>| {
                    key.iter().zip(&shapes).map(|(text, shape)| self.value(shape, text)).collect()
                };
                let keys = keys.into_iter().map(key).collect::<Result<_, _>>()?;
                Change::Delete { table: table.into(), keys }
            }
        })
    }

    fn rows(self, table: &str, rows: &[String]) -> Result<Vec<Value>, Report> {
        let shape = &self.table(table)?.contract.shape;
        rows.iter().map(|text| self.value(shape, text)).collect()
    }

    fn value(self, shape: &Shape, text: &str) -> Result<Value, Report> {
        let decoded = Decoder::new(shape).and_then(|decoder| decoder.decode(text.as_bytes()));
        decoded.map_err(|report| {
            unfinished(self.flow, "a row no longer follows its contract").with_details([report])
        })
    }

    fn table(&self, name: &str) -> Result<&Table, Report> {
        let mut written = self.flow.steps.iter().filter_map(|step| step.kind.writes());
        let table = written.find(|table| table.name.as_str() == name);
        table
            .map(AsRef::as_ref)
            .ok_or_else(|| self.failed(format!("the flow no longer writes the table `{name}`")))
    }

    fn record(self, record: StoredRecord) -> Result<Record, Report> {
        let StoredRecord { part, key, value, headers: pairs, time } = record;
        let value = BASE64_STANDARD.decode(value).map_err(|error| self.failed(error.to_string()))?;
        let mut headers = Headers::new();
        pairs.into_iter().for_each(|(name, value)| headers.set(name, value));
        Ok(Record {
            key: key.map(Str::from),
            value: value.into(),
            headers,
            time: time.parse().map_err(|error: jiff::Error| self.failed(error.to_string()))?,
            producer: Some(Producer { name: requests(&self.flow.name), sequence: self.number, part }),
        })
    }

    fn failed(&self, why: String) -> Report {
        unfinished(self.flow, why)
    }
}

/// The shapes of a table's key columns.
fn key_shapes(table: &Table) -> Vec<Shape> {
    let columns = table.schema.key.iter().map(|column| &table.schema.columns[*column].name);
    columns.filter_map(|name| table.contract.shape.field(name)).map(|field| field.shape).collect()
}

impl From<Merge> for StoredMerge {
    fn from(merge: Merge) -> Self {
        match merge {
            Merge::Sum => Self::Sum,
            Merge::Min => Self::Min,
            Merge::Max => Self::Max,
            Merge::Last => Self::Last,
            Merge::First => Self::First,
            Merge::Collect => Self::Collect,
            Merge::Average => Self::Average,
        }
    }
}

impl From<StoredMerge> for Merge {
    fn from(merge: StoredMerge) -> Self {
        match merge {
            StoredMerge::Sum => Self::Sum,
            StoredMerge::Min => Self::Min,
            StoredMerge::Max => Self::Max,
            StoredMerge::Last => Self::Last,
            StoredMerge::First => Self::First,
            StoredMerge::Collect => Self::Collect,
            StoredMerge::Average => Self::Average,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc as Shared;

    use super::*;
    use crate::testing::{FlowBuilder, name, row};

    fn record(value: &'static [u8]) -> Record {
        let mut headers = Headers::new();
        headers.set("ce-id", "api-key:0::3:ann:k \"1\"");
        Record {
            key: Some("a".into()),
            value: Bytes::from_static(value),
            headers,
            time: "2013-01-01T10:00:00.123456789Z".parse().unwrap(),
            producer: Some(Producer { name: "flow (requests)".into(), sequence: 7, part: 2 }),
        }
    }

    #[test]
    fn effects_come_back_as_they_were_stored() {
        let flow = FlowBuilder::from_requests().upsert("rows").aggregate("sums", "row.key", "row.n").build();
        let merges = Shared::from([("n".into(), Merge::Average), ("m".into(), Merge::Last)]);
        let due = Due(vec![
            Part::Rows {
                system: name("db"),
                changes: vec![
                    Change::Upsert { table: "rows".into(), rows: vec![row("a", 1), row("b", i64::MIN)] },
                    Change::Aggregate { table: "sums".into(), rows: vec![row("a", 1)], merges },
                    Change::Delete { table: "rows".into(), keys: vec![vec!["a".into()]] },
                ],
            },
            Part::Records {
                topic: name("output"),
                identity: "c0ffee".into(),
                mark: 17,
                records: vec![record(b"{\"key\":1}"), record(b"\0\xff")],
            },
        ]);
        let loaded = load(&store(&due), &flow, 7).unwrap();
        let [Part::Rows { system, changes }, Part::Records { topic, identity, mark, records }] =
            loaded.0.as_slice()
        else {
            panic!("other parts")
        };
        assert_eq!((system, topic, identity.as_str(), *mark), (&name("db"), &name("output"), "c0ffee", 17));
        assert_eq!(records.as_slice(), [record(b"{\"key\":1}"), record(b"\0\xff")]);
        let Part::Rows { changes: stored, .. } = &due.0[0] else { panic!("no rows") };
        assert_eq!(format!("{changes:?}"), format!("{stored:?}"));
    }

    #[test]
    fn what_the_flow_does_not_write_any_more_is_refused() {
        let flow = FlowBuilder::from_requests().upsert("rows").build();
        for table in ["gone", "rows"] {
            let row = Value::record([("key", Value::from("a"))]);
            let changes = vec![Change::Upsert { table: table.into(), rows: vec![row] }];
            let stored = store(&Due(vec![Part::Rows { system: name("db"), changes }]));
            let report = load(&stored, &flow, 7).map(drop).unwrap_err();
            assert_eq!(report.code().id, "F0030", "{report}");
        }
    }
}
