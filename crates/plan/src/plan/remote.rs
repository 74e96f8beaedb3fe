//! The systems whose operations are called.

use std::sync::Arc;

use tenon_contracts::format::{Effect, Exchange, Exchanges, Operation};
use tenon_errors::Reports;
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
    exchanges: Arc<dyn Exchanges>,
}

impl Remote {
    /// A system with `operations`, which are asked for as `exchanges` say.
    #[must_use]
    pub(crate) fn new(
        name: Name,
        reaching: Reaching,
        operations: Vec<Operation>,
        exchanges: Arc<dyn Exchanges>,
    ) -> Self {
        Self { name, reaching, operations, exchanges }
    }

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
            failures: declared.errors.iter().map(|failure| failure.name.clone()).collect(),
            effect: exchange.effect(),
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
    /// How it fails, by the names of its description.
    pub failures: Vec<Str>,
    /// What calling does.
    pub effect: Effect,
    /// How it is asked for.
    pub exchange: Arc<dyn Exchange>,
    /// How many calls the system takes at the same time.
    pub at_most: usize,
}
