//! Expressions (CEL, the Common Expression Language) and mapping templates, checked against contracts and compiled.
//!
//! An expression is read ([`syntax`](crate::Expression::compile)), checked against the [`Shape`](tenon_model::Shape)s of
//! the variables in its [`Scope`] and compiled once; then it runs on any number of [`Frame`]s. A [`Mapping`] is a
//! template in the shape of its output, checked contract to contract.
//!
//! This crate knows no project folder, no YAML, no wire format, no IO and no clock: places come from a [`Locate`],
//! the time from the frame. Start reading at [`expression`], then [`mapping`]; the functions are in [`functions`].

mod check;
mod evaluate;
pub mod expression;
mod fits;
pub mod functions;
pub mod mapping;
pub mod messages;
pub mod path;
pub mod place;
mod reads;
pub mod scope;
mod sensitive;
mod syntax;
pub mod template;
pub mod types;

pub use expression::Expression;
pub use functions::{Function, Origin, catalogue};
pub use mapping::{Lineage, Mapping};
pub use path::{Path, Step};
pub use place::{Inline, Locate, Located, Source};
pub use scope::{Frame, Message, Scope};
pub use template::{Remaining, Template};
pub use types::Type;
