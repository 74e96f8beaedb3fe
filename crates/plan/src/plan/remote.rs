//! The systems whose operations are called.

use std::{collections::BTreeMap, sync::Arc};

use tenon_contracts::format::{Effect, Exchange, Exchanges, Failure, Operation};
use tenon_errors::{Report, Reports};
use tenon_model::{Name, Shape, Str};
use tenon_ports::remote::Reaching;

/// A system whose operations are called.
#[derive(Debug)]
pub struct Remote {
    /// Its name.
    pub name: Name,
    /// How it is reached.
    pub reaching: Reaching,
    /// What it offers, in the order of its description.
    pub operations: Vec<Operation>,
    /// What calling operations does, where the project says it.
    pub effects: BTreeMap<Str, Effect>,
    /// What its description has and cannot be called, each with the reason.
    pub left_out: Vec<Report>,
    pub(crate) exchanges: Arc<dyn Exchanges>,
}

impl Remote {
    /// The operation of this name, ready to be called; `None` if there is none, or it is not one that is called.
    ///
    /// # Errors
    /// Why it cannot be called.
    pub fn operation(&self, name: &str) -> Result<Option<Called>, Reports> {
        let Some(position) = self.operations.iter().position(|operation| operation.name == name) else {
            return Ok(None);
        };
        let Some(exchange) = self.exchanges.exchange(position)? else { return Ok(None) };
        let declared = &self.operations[position];
        Ok(Some(Called {
            system: self.name.clone(),
            name: Str::from(format!("{}.{}", self.name, declared.name)),
            input: declared.input.clone(),
            output: declared.output.clone(),
            failures: declared.errors.clone(),
            effect: self.effects.get(&declared.name).copied().unwrap_or_else(|| exchange.effect()),
            exchange,
            at_most: self.reaching.at_most,
        }))
    }
}

/// An operation of another system, ready to be called.
#[derive(Debug, Clone)]
pub struct Called {
    /// The system.
    pub system: Name,
    /// The name that a project writes: `crm.getCustomer`.
    pub name: Str,
    /// What it takes.
    pub input: Shape,
    /// What it answers.
    pub output: Shape,
    /// How it fails, by its description.
    pub failures: Vec<Failure>,
    /// What calling does.
    pub effect: Effect,
    /// How it is asked for.
    pub exchange: Arc<dyn Exchange>,
    /// How many calls the system takes at the same time.
    pub at_most: usize,
}
