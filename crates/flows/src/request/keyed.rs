//! Requests that may be sent again: they get the first reply, and have one effect
//! (draft-ietf-httpapi-idempotency-key-header). And requests without a key whose effects go to several places: they get a key
//! that nobody else knows, so that the next start finishes what a process had begun when it ended.
//!
//! Before anything happens, a claim is stored: the key, the reply, and everything that is to happen. What happens carries
//! the claim's number: records as their producer's, transactions in the database itself. So after a crash, or a failure in
//! the middle, a repeat finds out what is missing, does that and nothing else, and gives the reply of the claim.

use jiff::{SignedDuration, Timestamp};
use tenon_errors::{
    Report,
    catalogue::{
        data::TOO_LARGE,
        delivery::{KEY_REUSED, REQUEST_IN_HAND},
    },
};
use tenon_model::{Name, Str, Value};
use tenon_plan::Flow;
use tenon_ports::{Call, Claim, ClaimId, operation::Request};

use super::{
    Bound,
    carry::{Begun, Claimed, Found},
    digest,
    due::Due,
    hand::InHand,
    reply, stored,
};
use crate::{World, batch::Effect, program::Lane};

/// For how long a key is remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// The most bytes of a reply and what the request brings about.
const MOST_BYTES: usize = 8 << 20;

/// One request with a key, in hand until this is dropped.
pub(super) struct Keyed {
    in_hand: InHand,
    caller: Str,
    request: Str,
    /// Whether the key is ours: then nobody repeats the request, and nothing of it is kept once it is done.
    is_ours: bool,
}

/// What our keys begin with. No key of a client does, and no caller is called like this.
const OURS: &str = " ours";

/// Whether the key of a claim is ours.
fn is_ours(id: &ClaimId) -> bool {
    id.key.starts_with(OURS)
}

impl Keyed {
    /// Takes the request in hand, if it has a key.
    ///
    /// # Errors
    /// `F0010` if it is in hand already.
    pub(super) fn take(flow: &Flow, world: &World, call: &Call) -> Result<Option<Self>, Report> {
        let (Some(key), Request::Send(value)) = (&call.idempotency_key, &call.request) else {
            return Ok(None);
        };
        let id = ClaimId { flow: Str::new(flow.name.as_str()), key: key.key.clone() };
        let in_hand = world.hand.take(id)?;
        let request = digest::digest_of(value, &flow.contract.shape);
        Ok(Some(Self { in_hand, caller: key.caller.clone(), request, is_ours: false }))
    }

    /// Takes a request without a key in hand, under one of ours.
    pub(super) fn ours(flow: &Flow, world: &World) -> Result<Self, Report> {
        let key = smol_str::format_smolstr!("{OURS} {:016x}", world.hand.number(world.clock.now()));
        let in_hand = world.hand.take(ClaimId { flow: Str::new(flow.name.as_str()), key })?;
        Ok(Self { in_hand, caller: OURS.into(), request: Str::default(), is_ours: true })
    }

    /// The claim that an earlier request with this key has left.
    ///
    /// # Errors
    /// `F0011` if that was another request; what the state reports.
    pub(super) async fn held(&self, world: &World, request: &Value) -> Result<Option<Claim>, Report> {
        let held = world.state.claimed(self.in_hand.id(), world.clock.now()).await?;
        if held.as_ref().is_some_and(|held| !digest::is_of(&held.request, request, &self.request)) {
            let message = "this `Idempotency-Key` was used for a request with another content";
            return Err(Report::new(&KEY_REUSED, message).hint("choose a new key for each request"));
        }
        Ok(held)
    }

    /// Stores the claim, and then carries out the effects.
    ///
    /// # Errors
    /// What the state reports, before anything has happened; what a system reports.
    pub(super) async fn carry_out(
        self,
        bound: &Bound,
        effects: &[Effect],
        reply: &Value,
    ) -> Result<(), Report> {
        let (world, flow) = (&bound.world, &bound.program.flow);
        let now = world.clock.now();
        let number = world.hand.number(now);
        let due = Due::of(&bound.program, effects, number).await?;
        let (reply, said) = match self.is_ours {
            true => Default::default(),
            false => reply::store(flow, reply)?,
        };
        let claim = Claim {
            caller: self.caller.clone(),
            request: self.request.clone(),
            reply,
            said,
            number,
            due: (!due.0.is_empty()).then(|| stored::store(&due)),
            until: now.saturating_add(KEPT).unwrap_or(Timestamp::MAX),
            places: due.places(flow),
        };
        require_small(&claim)?;
        let until = claim.until;
        let over = world.hand.over();
        if world.state.claim(self.in_hand.id().clone(), claim, now).await?.is_some() {
            return Err(Report::new(
                &REQUEST_IN_HAND,
                "another process is processing a request with this `Idempotency-Key`",
            )
            .hint("send it again a little later"));
        }
        world.hand.are_gone(over);
        let claimed = Claimed { flow, world, id: self.in_hand.id(), number, until };
        match claimed.begin(&due).await {
            Begun::Done => {
                let transactions = claimed.transactions(&due);
                self.close_later(world, number, transactions);
                Ok(())
            }
            // Nobody sends it again: the caller is told, and nothing of it happens later, out of order.
            Begun::Nothing(report) | Begun::Some(report) if self.is_ours => {
                if let Err(failure) = world.state.release(number).await {
                    tracing::debug!(flow = %flow.name, %failure, "a claim could not be released");
                }
                Err(report)
            }
            Begun::Nothing(report) => {
                if let Err(failure) = world.state.release(number).await {
                    // Then a repeat finds it begun, and does the same again.
                    tracing::debug!(flow = %flow.name, %failure, "a claim could not be released");
                }
                Err(report)
            }
            Begun::Some(report) => Err(report),
        }
    }

    /// Carries out what is missing of the effects of an earlier request, and returns what that was to be replied.
    ///
    /// # Errors
    /// `F0030` if they cannot be carried out any more; what a system reports, also of effects that had all happened: where
    /// it cannot be opened, nobody knows whether they are still there. `F0032` where its reply cannot be read any more.
    pub(super) async fn finish(self, bound: &Bound, held: Claim) -> Result<Value, Report> {
        let (world, flow) = (&bound.world, &bound.program.flow);
        bound.program.lanes.iter().try_for_each(Lane::is_open)?;
        if let Some(due) = &held.due {
            let due = stored::load(due, flow, held.number)?;
            let found = Found::look(flow, world, [&due]).await?;
            let (id, until) = (self.in_hand.id(), held.until);
            let claimed = Claimed { flow, world, id, number: held.number, until };
            claimed.finish(&due, &found).await?;
            let transactions = claimed.transactions(&due);
            self.close_later(world, held.number, transactions);
        }
        reply::load(flow, &held)
    }
}

impl Keyed {
    /// Closes the claim without letting the reply wait: until that is stored, a repeat looks for the effects, and finds them.
    fn close_later(self, world: &World, number: u64, transactions: Vec<(Name, Str)>) {
        let (world, id) = (world.clone(), self.in_hand.id().clone());
        // From here on, whoever has the key in hand is somebody else.
        drop(self);
        tokio::spawn(async move {
            if let Err(report) = close(&world, &id, number, transactions).await {
                tracing::debug!(%report, "a claim could not be closed");
            }
        });
    }
}

/// Notes that all effects of a claim are durable; one of ours, which nobody asks for again, is forgotten. From then on nobody
/// carries them out again, so that databases need not recognise these transactions any more, and are told so.
pub(super) async fn close(
    world: &World,
    id: &ClaimId,
    number: u64,
    transactions: Vec<(Name, Str)>,
) -> Result<(), Report> {
    let is_over = match is_ours(id) {
        true => world.state.forget(number).await?,
        false => world.state.complete(number).await?,
    };
    if is_over {
        world.hand.are_over(id, transactions);
    }
    Ok(())
}

fn require_small(claim: &Claim) -> Result<(), Report> {
    let bytes = claim.reply.len() + claim.due.as_ref().map_or(0, bytes::Bytes::len);
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    let message =
        format!("the request leads to {bytes} bytes, and at most {MOST_BYTES} are kept until it is done");
    Err(Report::new(&TOO_LARGE, message).hint("send less at a time"))
}
