//! The forms in which people and systems write numbers, dates and times.

mod moment;
mod number;

pub(super) use self::{
    moment::{MomentForm, Purpose},
    number::NumberForm,
};
use crate::evaluate::Failure;

/// The most bytes of a form.
const MAX_FORM: usize = 100;

/// What is wrong with a form, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadForm {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl BadForm {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl From<BadForm> for Failure {
    fn from(bad: BadForm) -> Self {
        Failure::because(format!("{}; {}", bad.message, bad.hint))
    }
}

fn check_length(form: &str) -> Result<(), BadForm> {
    if form.is_empty() {
        return Err(BadForm::new("the form is empty", "write how the texts look"));
    }
    if form.len() > MAX_FORM {
        let message = format!("the form is {} bytes long", form.len());
        return Err(BadForm::new(message, format!("write at most {MAX_FORM}")));
    }
    Ok(())
}
