//! Reaches HTTP servers: the outbound side of Tenon.
//!
//! A [`Client`] stands for one system: its endpoints, how calls are spread over them, how long they may take, when they are made
//! again, and what proves who is calling. It keeps connections (HTTP/1.1 and HTTP/2), and says of every failure whether the
//! request may have been carried out.
//!
//! This crate knows no plan, no flow, no contract and no description of an API. Start reading at [`settings`] and [`message`],
//! then [`client`].

mod attempt;
mod body;
mod budget;
mod call;
pub mod caller;
pub mod client;
mod connect;
pub mod credentials;
mod endpoint;
mod exchange;
pub mod failure;
mod health;
mod measures;
pub mod message;
pub mod names;
mod pool;
mod random;
pub mod reach;
mod retry;
mod secret;
pub mod settings;
pub mod status;
mod system;
mod target;
pub mod trust;
mod upload;

pub use caller::Credentials;
pub use client::Client;
pub use failure::Failure;
pub use message::{Protocol, Request, Response};
pub use names::{Names, SystemNames};
pub use reach::Reach;
pub use settings::{
    Balance, Breaker, Ejection, Endpoint, FailedShare, HealthCheck, Redirects, Retry, Settings, Timeouts,
    Versions,
};
pub use status::{EndpointStatus, State};
pub use trust::{Identity, Roots, Trust};
