//! What the tests of this crate share: a small plan, operations over rows in memory, and a server on a free port.

mod answer;
mod backend;
mod plan;
mod server;

pub(crate) use answer::Answer;
pub(crate) use backend::{Backend, Fake, FixedClock};
pub(crate) use plan::{contract, name, operation, plan, route, table};
pub(crate) use server::{EDITOR, READER, Server, gate, service, tight};
