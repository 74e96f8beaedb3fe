//! How much work one evaluation may do, and how a part of it can fail.

use jiff::Timestamp;
use tenon_errors::{
    Place, Report,
    catalogue::expression::{EVALUATION_FAILED, EXPRESSION_LIMIT},
};
use tenon_model::Value;

/// The steps of one evaluation: an item visited is one, as is every eight bytes of text that are made.
pub(crate) const STEPS: u64 = 10_000_000;
/// The steps that a constant may take at compile time; beyond it, it is left for run time.
pub(crate) const FOLDING_STEPS: u64 = 10_000;

/// What is left of the steps of an evaluation. A message cannot stop a flow: when nothing is left, it fails.
#[derive(Debug)]
pub(crate) struct Budget {
    left: u64,
}

impl Budget {
    pub(crate) fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    /// Takes `steps` steps.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), Failure> {
        self.left = self.left.checked_sub(steps as u64).ok_or(Failure::Budget)?;
        Ok(())
    }

    /// Takes the steps of making `bytes` bytes.
    pub(crate) fn spend_bytes(&mut self, bytes: usize) -> Result<(), Failure> {
        self.spend(bytes / 8)
    }
}

/// Takes a step for each part of a value that was made: what is shared within it takes little memory, and all the more room and
/// time wherever it is written.
pub(crate) fn weigh(value: &Value, budget: &mut Budget) -> Result<(), Failure> {
    match value {
        Value::List(items) => {
            budget.spend(items.len())?;
            items.iter().try_for_each(|item| weigh(item, budget))
        }
        Value::Map(map) => {
            budget.spend(map.len())?;
            map.iter().try_for_each(|(_, value)| weigh(value, budget))
        }
        _ => Ok(()),
    }
}

/// What functions may use besides their arguments.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) budget: Budget,
    /// What `now()` gives.
    pub(crate) now: Timestamp,
}

/// Why a part of an expression has no result.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// The values have kinds that do not go together.
    NoOverload,
    /// What happened, with the values.
    Because(String),
    /// The steps are used up.
    Budget,
}

impl Failure {
    pub(crate) fn because(message: impl Into<String>) -> Self {
        Self::Because(message.into())
    }

    /// What happened, where that is known without the place.
    pub(crate) fn into_message(self) -> String {
        match self {
            Self::Because(message) => message,
            Self::NoOverload => "the values have types that do not match".to_owned(),
            Self::Budget => format!("it takes more than {STEPS} steps"),
        }
    }

    /// The report of this failure at `place`; `what` and `kinds` name what does not go together.
    pub(crate) fn report(self, place: Place, what: &str, kinds: &[&str]) -> Report {
        let report = match self {
            Self::Budget => Report::new(
                &EXPRESSION_LIMIT,
                format!("the expression takes more than {STEPS} steps on this message"),
            )
            .hint("split the work into several steps, or bound the lists in the contract"),
            Self::NoOverload => {
                Report::new(&EVALUATION_FAILED, format!("`{what}` does not take {}", kinds.join(" and ")))
            }
            Self::Because(message) => Report::new(&EVALUATION_FAILED, message),
        };
        report.at(place)
    }
}
