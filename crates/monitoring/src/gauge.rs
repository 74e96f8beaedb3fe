//! A number that goes up and down.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

/// A number that goes up and down. A handle: clones set the same number.
#[derive(Debug, Clone, Default)]
pub struct Gauge(Arc<AtomicI64>);

impl Gauge {
    /// Sets the number to `n`.
    pub fn set(&self, n: i64) {
        self.0.store(n, Relaxed);
    }

    /// Adds `n`, which may be negative.
    pub fn add(&self, n: i64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// The number.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_number() {
        let gauge = Gauge::default();
        gauge.set(5);
        gauge.clone().add(-7);
        assert_eq!(gauge.get(), -2);
    }
}
