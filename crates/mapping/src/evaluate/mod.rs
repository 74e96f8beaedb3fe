//! Running compiled expressions: a tree of typed nodes over the values of a frame.
//!
//! Names were resolved to slots, fields to positions and constants folded before; what is left per message is walking
//! the tree. A node that fails makes a report with its own place.

pub(crate) mod arithmetic;
pub(crate) mod budget;
pub(crate) mod calendar;
mod calls;
pub(crate) mod collections;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod fields;
pub(crate) mod loops;
pub(crate) mod machine;
pub(crate) mod messages;
pub(crate) mod net;
pub(crate) mod node;
mod operands;
mod operators;
mod uncommon;
pub(crate) mod value;

pub(crate) use budget::{Budget, Context, Failure};
pub(crate) use machine::Machine;
pub(crate) use net::Net;
pub(crate) use node::{
    EntryNode, Get, ItemNode, Loop, LoopKind, MessageNode, Node, Op, PathNode, Root, SearchNode, SetterNode,
    StepNode,
};
pub(crate) use value::Val;
