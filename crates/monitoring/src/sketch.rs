//! A distribution in bounded memory: log-linear buckets, as in HdrHistogram.
//!
//! Each power of two is divided into 32 buckets of equal width, so the middle of a value's bucket is at most 1/64 (1.6 %)
//! away from it. Powers of two that no value fell into take no memory; all 64 bits together take 15 KiB.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// The logarithm of the number of buckets in a power of two.
const BITS: u32 = 5;
/// The number of buckets in a power of two.
const WIDTH: usize = 1 << BITS;
/// One row for the values below `WIDTH`, one for each power of two from there.
const ROWS: usize = 64 - BITS as usize + 1;

/// Counts of values, by size. Recording is lock-free.
#[derive(Debug)]
pub(crate) struct Sketch {
    rows: [OnceLock<Box<[AtomicU64; WIDTH]>>; ROWS],
}

impl Default for Sketch {
    fn default() -> Self {
        Self { rows: [const { OnceLock::new() }; ROWS] }
    }
}

impl Sketch {
    /// Counts `value`, `times` times.
    pub(crate) fn record(&self, value: u64, times: u64) {
        let (row, column) = position(value);
        let row = self.rows[row].get_or_init(|| Box::new([const { AtomicU64::new(0) }; WIDTH]));
        row[column].fetch_add(times, Relaxed);
    }

    /// The values at these quantiles (0 to 1, ascending), each at most 1.6 % off; zeros if nothing was recorded.
    pub(crate) fn quantiles<const N: usize>(&self, quantiles: [f64; N]) -> [u64; N] {
        let buckets = self.buckets();
        let count: u64 = buckets.iter().map(|(_, count)| count).sum();
        quantiles.map(|quantile| at_rank(&buckets, rank(quantile, count)))
    }

    /// The middle and the count of each bucket that is not empty, ascending. Read once, so that one answer is consistent.
    fn buckets(&self) -> Vec<(u64, u64)> {
        let mut buckets = Vec::new();
        for (row, counts) in self.rows.iter().enumerate() {
            for (column, count) in counts.get().into_iter().flat_map(|row| row.iter().enumerate()) {
                match count.load(Relaxed) {
                    0 => {}
                    count => buckets.push((middle(row, column), count)),
                }
            }
        }
        buckets
    }
}

/// The row and column of a value's bucket.
fn position(value: u64) -> (usize, usize) {
    let shift = (64 - BITS - 1).saturating_sub(value.leading_zeros());
    let row = if value < WIDTH as u64 { 0 } else { shift as usize + 1 };
    (row, (value >> shift) as usize % WIDTH)
}

/// The middle of a bucket.
fn middle(row: usize, column: usize) -> u64 {
    let Some(shift) = row.checked_sub(1) else { return column as u64 };
    let low = ((WIDTH + column) as u64) << shift;
    low + ((1_u64 << shift) - 1) / 2
}

/// The rank, from 1, of the value at `quantile` of `count` values.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank that is off by 2^-53 of the count is well within the error of the buckets"
)]
fn rank(quantile: f64, count: u64) -> u64 {
    ((quantile * count as f64).ceil() as u64).clamp(1, count.max(1))
}

fn at_rank(buckets: &[(u64, u64)], rank: u64) -> u64 {
    let mut seen = 0;
    for (middle, count) in buckets {
        seen += count;
        if seen >= rank {
            return *middle;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bucket_is_at_most_two_percent_off(value in any::<u64>(), shift in 0_u32..64) {
            let value = value >> shift;
            let (row, column) = position(value);
            let error = middle(row, column).abs_diff(value);
            prop_assert!(u128::from(error) * 64 <= u128::from(value), "{value} is held as {}", middle(row, column));
        }

        #[test]
        fn quantiles_are_at_most_two_percent_off(
            mut values in proptest::collection::vec((any::<u64>(), 0_u32..64).prop_map(|(v, s)| v >> s), 1..400),
            percent in 0_u32..=100,
        ) {
            let sketch = Sketch::default();
            values.iter().for_each(|value| sketch.record(*value, 1));
            values.sort_unstable();
            let quantile = f64::from(percent) / 100.0;
            let exact = values[rank(quantile, values.len() as u64) as usize - 1];
            let [estimate] = sketch.quantiles([quantile]);
            prop_assert!(u128::from(estimate.abs_diff(exact)) * 50 <= u128::from(exact), "{estimate} for {exact}");
        }
    }

    #[test]
    fn the_ends_of_the_range_have_buckets() {
        for (value, expected) in
            [(0, (0, 0)), (31, (0, 31)), (32, (1, 0)), (63, (1, 31)), (64, (2, 0)), (u64::MAX, (59, 31))]
        {
            assert_eq!(position(value), expected, "{value}");
        }
        assert_eq!(Sketch::default().quantiles([0.5, 0.99]), [0, 0]);
    }
}
