//! What has to be kept of the messages that pass while others are dead letters or wait: the keys that move on, so that a
//! replay does not overwrite them, and letters whose message comes again.

use std::collections::HashSet;

use tenon_errors::Report;
use tenon_model::Str;
use tenon_plan::Flow;
use tenon_ports::{DeadLetterQuery, Position};

use crate::{World, identity::Identity, watched::places};

/// How many letters are looked at a time.
const PAGE: usize = 1_000;

/// Which dead letters of a flow there are when it starts.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Whether there are any. Where there are none, nothing is kept, which costs nothing.
    pub(super) watching: bool,
    /// Those whose messages come again: they are settled anew, by whatever comes of them now.
    pub(super) coming: HashSet<Str>,
}

impl Watch {
    /// Looks for the letters of the flow that reads on from `from`.
    pub(super) async fn start(
        flow: &Flow,
        world: &World,
        identity: &Identity,
        from: Position,
    ) -> Result<Self, Report> {
        let query = DeadLetterQuery {
            flow: Some(Str::new(flow.name.as_str())),
            limit: 1,
            ..DeadLetterQuery::default()
        };
        if world.state.dead_letters(query).await?.is_empty() {
            world.watched.ends(&flow.name);
            world.state.forget_moves(&flow.name).await?;
            return Ok(Self::default());
        }
        world.watched.begins(&flow.name, places(flow));
        let (prefix, mut after) = identity.letters_from(from);
        let mut coming = HashSet::new();
        loop {
            let query = DeadLetterQuery {
                id: Some(prefix.clone()),
                after: Some(after),
                limit: PAGE,
                ..DeadLetterQuery::default()
            };
            let page = world.state.dead_letters(query).await?;
            let Some(last) = page.last() else { return Ok(Self { watching: true, coming }) };
            after = last.id.clone();
            coming.extend(page.into_iter().map(|letter| letter.id));
        }
    }
}
