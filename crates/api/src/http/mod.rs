//! The HTTP server: connections and their limits, routing, and what happens to every request whatever its protocol.
//!
//! A protocol (REST, GraphQL) gives a list of `router::Mount`s; [`Service`] is the routes of one plan, and [`serve()`] hands
//! each request to the service that is current. Start reading at `service`.

pub(crate) mod accept;
pub(crate) mod body;
mod brake;
pub(crate) mod budget;
mod compress;
pub(crate) mod conditional;
mod connection;
mod cors;
mod door;
pub(crate) mod exchange;
pub(crate) mod faults;
mod follow;
mod frames;
pub(crate) mod gate;
mod head;
pub(crate) mod health;
pub(crate) mod held;
mod identity;
mod keys;
mod listener;
mod log;
pub(crate) mod media;
mod metadata;
mod meter;
mod pages;
mod peer;
mod pulse;
mod refused;
pub(crate) mod room;
pub(crate) mod router;
mod serve;
mod service;
mod target;
mod thinned;
mod turns;
mod uses;
mod viewer;
mod wire;

#[cfg(test)]
mod aside;
#[cfg(test)]
mod pressure;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod tests;

pub use health::{Probes, Unready};
pub use keys::{Authentication, Introspect, KeyRefresh};
pub use listener::Listener;
pub use pages::StaticPage;
#[cfg(test)]
pub(crate) use serve::serve_with;
pub use serve::{Stop, serve};
pub use service::Service;
