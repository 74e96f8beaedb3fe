//! What a flow reads, as what is remembered of it between runs: names, contents, and who consumes them.

use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::{Flow, Input};
use tenon_ports::{Checkpoint, Database, Position, State, input};

/// A source with a certain content: a file as it was when it was read first, or a topic until it is made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    /// What the project calls it.
    pub(crate) source: Str,
    /// What tells its content from others under that name.
    pub(crate) fingerprint: Str,
}

impl Stream {
    pub(crate) fn new(source: &Str, fingerprint: &Str) -> Self {
        Self { source: source.clone(), fingerprint: fingerprint.clone() }
    }

    /// The stream as input ids name it.
    pub(crate) fn name(&self) -> Str {
        input::stream_name(&self.source, &self.fingerprint)
    }

    /// By what databases and topics know `flow` as a reader of this stream.
    pub(crate) fn consumer(&self, flow: &str) -> Str {
        input::consumer(flow, &self.name())
    }
}

/// The name of what `flow` reads, as checkpoints keep it.
pub(crate) fn source_of(flow: &Flow) -> Str {
    match &flow.input {
        Input::File(file) => plain(&file.shown()),
        Input::Topic(topic) => Str::new(topic.name.as_str()),
        Input::Request(_) => Str::default(),
    }
}

/// A path in the one spelling by which equal ones are recognised.
fn plain(path: &str) -> Str {
    let parts: Vec<_> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    format!("{}{}", if path.starts_with('/') { "/" } else { "" }, parts.join("/")).into()
}

/// The checkpoint of `flow` in `source`. One of an earlier Tenon, which does not say what it is in, is taken for one in what
/// the flow reads now.
pub(crate) async fn stored(
    state: &dyn State,
    flow: &str,
    source: &str,
) -> Result<Option<Checkpoint>, Report> {
    match state.checkpoint(flow, source).await? {
        None => state.checkpoint(flow, "").await,
        found => Ok(found),
    }
}

/// The names by which `flow` may be known as a reader of `stream`: the one that counts comes first, then those by which the
/// same was known before the checkpoint `known` was brought up to date.
pub(crate) fn consumers(flow: &str, stream: &Stream, known: Option<&Checkpoint>) -> Vec<Str> {
    let mut names = vec![stream.consumer(flow)];
    let Some(known) = known else { return names };
    if known.source.is_empty() {
        names.push(Str::new(flow));
    } else if known.fingerprint != stream.fingerprint {
        names.push(Stream::new(&stream.source, &known.fingerprint).consumer(flow));
    }
    names
}

/// The position that `database` holds under the first of these names that it knows.
pub(crate) async fn position(database: &dyn Database, names: &[Str]) -> Result<Option<Position>, Report> {
    for name in names {
        if let Some(position) = database.position(name).await? {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

/// The position of `flow` in the topic of this identity, where its database keeps it.
///
/// # Errors
/// What the database reports.
pub async fn position_in_topic(
    flow: &Flow,
    identity: &Str,
    database: &dyn Database,
) -> Result<Option<Position>, Report> {
    let stream = Stream::new(&source_of(flow), identity);
    // An earlier Tenon kept it under the name of the flow alone.
    position(database, &[stream.consumer(&flow.name), Str::new(flow.name.as_str())]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_are_one_name() {
        for path in ["data/day1.csv", "./data/day1.csv", "data//./day1.csv", "data/day1.csv/"] {
            assert_eq!(plain(path), "data/day1.csv", "{path}");
        }
        assert_eq!(plain("/srv/day1.csv"), "/srv/day1.csv");
    }

    #[test]
    fn every_name_content_and_flow_is_a_consumer_of_its_own() {
        let consumer = |flow: &str, source: &str, fingerprint: &str| {
            Stream::new(&source.into(), &fingerprint.into()).consumer(flow)
        };
        let first = consumer("sums", "day1.csv", "30-ab");
        assert!(first.starts_with("sums@"));
        let others =
            [("sums", "day2.csv", "30-ab"), ("sums", "day1.csv", "31-ab"), ("totals", "day1.csv", "30-ab")];
        assert!(others.iter().all(|(flow, source, print)| consumer(flow, source, print) != first));
    }
}
