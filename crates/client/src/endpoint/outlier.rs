//! Whether one endpoint is left out because it fails while others do not.

use tokio::time::Instant;

use crate::Ejection;

/// The longest that an endpoint is left out, in waits.
const MOST_WAITS: u32 = 10;

/// What is known of one endpoint. Times are passed in.
pub(crate) struct Outlier {
    ejection: Ejection,
    in_row: u32,
    until: Option<Instant>,
    /// How often it was left out of late.
    times: u32,
}

impl Outlier {
    /// Nothing is known.
    pub(crate) fn new(ejection: Ejection) -> Self {
        Self { ejection, in_row: 0, until: None, times: 0 }
    }

    /// Whether it is left out.
    pub(crate) fn is_ejected(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    /// Whether nothing speaks against it: the others are measured by those.
    pub(crate) fn is_sound(&self, now: Instant) -> bool {
        self.in_row == 0 && !self.is_ejected(now)
    }

    /// A call has succeeded, or failed by the endpoint's fault. Whether it has failed so often that it is left out if others are
    /// sound.
    pub(crate) fn record(&mut self, now: Instant, is_ok: bool) -> bool {
        if is_ok {
            self.in_row = 0;
            self.times = self.times.saturating_sub(1);
            return false;
        }
        self.in_row = self.in_row.saturating_add(1);
        self.ejection.failures.is_some_and(|most| self.in_row >= most) && !self.is_ejected(now)
    }

    /// Leaves it out, longer each time.
    pub(crate) fn eject(&mut self, now: Instant) {
        self.times = (self.times + 1).min(MOST_WAITS);
        self.until = Some(now + self.ejection.wait * self.times);
        self.in_row = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_is_left_out_longer_each_time() {
        let (mut outlier, mut now) = (Outlier::new(Ejection::default()), Instant::now());
        for wait in [30, 60, 90] {
            assert!(!outlier.record(now, false) && !outlier.record(now, false));
            assert!(outlier.record(now, false));
            outlier.eject(now);
            now += Duration::from_secs(wait - 1);
            assert!(outlier.is_ejected(now) && !outlier.is_sound(now));
            now += Duration::from_secs(1);
            assert!(!outlier.is_ejected(now) && outlier.is_sound(now));
        }
        for _ in 0..3 {
            outlier.record(now, true);
        }
        outlier.eject(now);
        assert!(!outlier.is_ejected(now + Duration::from_secs(30)), "what was is forgotten");
    }
}
