//! Systems that are measured at their port, whatever connector they are of.

mod database;
mod health;
mod state;
mod topic;

pub(crate) use database::MeasuredDatabase;
pub(crate) use health::Health;
pub(crate) use state::{MeasuredState, PART as STATE_PART};
pub(crate) use topic::{MeasuredSource, MeasuredTopic};
