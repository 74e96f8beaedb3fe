//! What a flow finds under a name that it has read before, and whether it may be counted.

use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::{Flow, Input};
use tenon_ports::Checkpoint;

use crate::{
    changed,
    counting::Surroundings,
    lost::is_of,
    stream::{Stream, source_of},
};

/// How what was opened stands to what is remembered under its name.
pub(crate) enum Standing {
    /// It is gone on with.
    Known(Checkpoint),
    /// Nothing of this name was read before.
    New,
    /// Something else was read under this name.
    Other,
    /// It is to be read from its start.
    Again,
}

impl Standing {
    pub(crate) fn of(stored: Option<Checkpoint>, stream: &Stream, is_topic: bool) -> Self {
        match stored {
            None => Self::New,
            Some(stored) if stored.afresh => Self::Again,
            Some(stored) if stored.fingerprint == stream.fingerprint => Self::Known(stored),
            Some(stored) if is_topic && is_of(&stored, &stream.fingerprint) => Self::Known(stored),
            Some(_) => Self::Other,
        }
    }
}

/// The name of the source holds something else than the flow has read under it.
///
/// # Errors
/// `F0020` where that would be counted on top of what was counted, and nobody has said that it is new.
pub(crate) fn other_content(flow: &Flow, stream: &Stream, around: &Surroundings) -> Result<(), Report> {
    let source = &stream.source;
    let what = what(flow, source);
    if let Some(report) = around.refuses(flow, &what) {
        return Err(report);
    }
    tracing::warn!(
        flow = %flow.name,
        %source,
        "{what}; it is read from its start as another delivery, and rows that are not in it stay as they are"
    );
    Ok(())
}

/// Why `flow` would refuse what it finds under the name of its source, if it would: by its checkpoints among `read`, it has read
/// something else than what has this `fingerprint`, and would count that on top.
#[must_use]
pub fn refused(
    flow: &Flow,
    around: &Surroundings,
    read: &[(Str, Checkpoint)],
    fingerprint: &Str,
) -> Option<Report> {
    let stream = Stream::new(&source_of(flow), fingerprint);
    let is_topic = matches!(flow.input, Input::Topic(_));
    match Standing::of(known(flow, read).cloned(), &stream, is_topic) {
        Standing::Other => around.refuses(flow, &what(flow, &stream.source)),
        Standing::Known(_) | Standing::New | Standing::Again => None,
    }
}

fn what(flow: &Flow, source: &Str) -> String {
    match flow.input {
        Input::Topic(_) => format!("the topic `{source}` was created again after `{}` read it", flow.name),
        _ => format!("`{source}` is not what `{}` has read under this name", flow.name),
    }
}

/// The checkpoint of `flow` in what it reads, among `read`.
#[must_use]
pub fn known<'c>(flow: &'c Flow, read: &'c [(Str, Checkpoint)]) -> Option<&'c Checkpoint> {
    let source = source_of(flow);
    let of = |source: &str| changed::own(flow, read).find(|it| it.source == source);
    of(&source).or_else(|| of(""))
}
