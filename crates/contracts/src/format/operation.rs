//! What a description of a system says can be asked of it.

use tenon_errors::Place;
use tenon_model::{Shape, Str};

/// An operation that a description declares: a method of a service, a request of an API, a message that is sent or received.
///
/// It is what the protocols have in common. How a value becomes a request (paths, headers, envelopes) stays in the format's folder.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What the description calls it: `getOrder`, `shop.Orders.Submit`.
    pub name: Str,
    /// How its protocol addresses it, for people: `GET /orders/{id}`, `query orders`.
    pub address: Str,
    /// What it does.
    pub doc: Option<Str>,
    /// Whether the description advises against it.
    pub deprecated: bool,
    /// What it takes. What comes in several parts (parameters and a body) is a record of them.
    pub input: Shape,
    /// What it answers.
    pub output: Shape,
    /// What it answers where it fails.
    pub errors: Vec<Failure>,
    /// Whether its input is a stream of values.
    pub streams_input: bool,
    /// Whether its output is a stream of values.
    pub streams_output: bool,
    /// Where it is declared.
    pub place: Place,
}

/// A way in which an operation fails.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What the description calls it: a status (`404`, `4XX`, `default`) or the name of a fault.
    pub name: Str,
    /// What is answered.
    pub shape: Shape,
    /// When.
    pub doc: Option<Str>,
}
