//! Where a process can be made to end: before and after the effect of every call to a port.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use tokio::sync::Notify;

/// Counts the points that calls pass. At the chosen one the process ends: no call returns any more.
#[derive(Clone)]
pub(crate) struct Gate(Arc<(Mutex<Points>, Notify)>);

#[derive(Default)]
struct Points {
    passed: u64,
    end: Option<u64>,
}

impl Gate {
    /// A gate that lets everything pass.
    pub(crate) fn open() -> Self {
        Self(Arc::new((Mutex::default(), Notify::new())))
    }

    /// Starts to count anew; the process ends at point `end`, counted from 1.
    pub(crate) fn restart(&self, end: Option<u64>) {
        *self.0.0.lock().unwrap() = Points { passed: 0, end };
        // What the process before did in the background may have ended it when nobody waited for that any more.
        let _ = self.0.1.notified().now_or_never();
    }

    /// How many points were passed, with the one that it ended at.
    pub(crate) fn points(&self) -> u64 {
        self.0.0.lock().unwrap().passed
    }

    /// A point.
    pub(crate) async fn point(&self) {
        let ended = {
            let mut points = self.0.0.lock().unwrap();
            points.passed += 1;
            points.end.is_some_and(|end| points.passed >= end)
        };
        if ended {
            self.0.1.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Returns when the process has ended.
    pub(crate) async fn ended(&self) {
        self.0.1.notified().await;
    }
}
