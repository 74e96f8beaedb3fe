//! Defaults that turn out not to fit once all that their schemas refer to is read: by then fields have them, so that all is
//! read once more without them.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use tenon_document::Node;
use tenon_errors::Report;

use super::together::address;

/// The defaults that do not fit, and why.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unfit(Rc<RefCell<HashMap<usize, Report>>>);

impl Unfit {
    /// What `read` gives without the defaults that do not fit.
    pub(crate) fn without<T>(mut read: impl FnMut(&Self) -> T) -> T {
        let unfit = Self::default();
        let first = read(&unfit);
        let is_complete = unfit.0.borrow().is_empty();
        if is_complete { first } else { read(&unfit) }
    }

    pub(super) fn add(&self, node: &Node, why: Report) {
        self.0.borrow_mut().insert(address(node), why);
    }

    pub(super) fn why(&self, node: &Node) -> Option<Report> {
        self.0.borrow().get(&address(node)).cloned()
    }
}
