//! Chance, for waits and choices that need not be kept secret.

use std::hash::{BuildHasher, RandomState};

/// A number by chance.
pub(crate) fn number() -> u64 {
    // Each state has keys of its own, from a seed of the system.
    RandomState::new().hash_one(0_u8)
}

/// A number by chance from 0 up to 1.
#[allow(clippy::cast_precision_loss, reason = "53 bits are what fits")]
pub(crate) fn unit() -> f64 {
    (number() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_spread_from_0_to_1() {
        let drawn: Vec<f64> = (0..10_000).map(|_| unit()).collect();
        assert!(drawn.iter().all(|it| (0.0..1.0).contains(it)));
        for tenth in 0..10 {
            let count = drawn.iter().filter(|it| **it * 10.0 >= f64::from(tenth)).count();
            let expected = 10_000 - 1_000 * usize::try_from(tenth).unwrap();
            assert!(count.abs_diff(expected) < 500, "{tenth}: {count}");
        }
    }
}
