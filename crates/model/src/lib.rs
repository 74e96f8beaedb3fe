//! The data that moves ([`Value`]), what it is allowed to be ([`Shape`]), and what a message carries ([`Payload`], [`Headers`]).
//!
//! This crate knows no wire format, no IO and no clock. Start reading at [`value`], then [`shape`].

mod clipped;
pub mod decimal;
mod describe;
pub mod digits;
pub mod duration;
pub mod instant;
pub mod local;
pub mod map;
pub mod message;
pub mod name;
pub mod period;
pub mod relate;
pub mod rfc3339;
pub mod same;
pub mod sensitive;
pub mod shape;
pub mod short;
pub mod trace;
pub mod types;
pub mod units;
pub mod value;

pub use decimal::Decimal;
pub use instant::Instant;
pub use map::{Key, Map};
pub use message::{ContractRef, Headers, Payload};
pub use name::Name;
pub use period::Period;
pub use shape::{Field, Format, Kind, Record, Sensitivity, Shape};
pub use short::Short;
pub use smol_str::SmolStr as Str;
pub use trace::{TraceContext, trace_state};
pub use types::{Named, Types};
pub use value::Value;
