//! Work that keeps a processor busy, away from the threads that serve connections.
//!
//! What is short is done where it is. What is long waits for one of a few places, of which there are as many as
//! processors, and is then done while other threads go on with connections and timers. Whoever waits keeps what it has
//! taken (its room, its turn), so that no more can wait than have been let in.

use std::{num::NonZero, sync::LazyLock, thread, time::Duration};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Semaphore, SemaphorePermit},
    task::block_in_place,
};

/// What is made of so many bytes, or becomes so many, is short: it takes about a millisecond where it is dearest.
pub const SHORT_BYTES: usize = 64 << 10;
/// Work of this time is short.
pub const SHORT_TIME: Duration = Duration::from_millis(1);

static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(processors()));

/// Does `work` on `bytes` bytes, or that makes as many.
pub async fn sized<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    run(bytes > SHORT_BYTES, work).await
}

/// Does `work` that is expected to take this time.
pub async fn timed<T>(expected: Duration, work: impl FnOnce() -> T) -> T {
    run(expected > SHORT_TIME, work).await
}

async fn run<T>(is_long: bool, work: impl FnOnce() -> T) -> T {
    if !is_long {
        return work();
    }
    // The places are never closed.
    let _place = PLACES.acquire().await;
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => block_in_place(work),
        // There is no other thread that could go on.
        _ => work(),
    }
}

/// All places, until this is dropped.
pub struct AllPlaces {
    _held: Option<SemaphorePermit<'static>>,
}

impl AllPlaces {
    /// Takes every place, so that long work waits: for tests.
    pub async fn take() -> Self {
        let all = u32::try_from(processors()).unwrap_or(u32::MAX);
        Self { _held: PLACES.acquire_many(all).await.ok() }
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(Semaphore::MAX_PERMITS)
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::Pin,
        sync::atomic::{AtomicBool, Ordering::Relaxed},
        task::Poll,
        time::Instant,
    };

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn others_go_on_while_long_work_is_done() {
        static DONE: AtomicBool = AtomicBool::new(false);
        // On the only thread of the runtime, this would wait in vain for what comes after it.
        let long = tokio::spawn(sized(SHORT_BYTES + 1, || {
            let end = Instant::now() + Duration::from_secs(60);
            while !DONE.load(Relaxed) {
                assert!(Instant::now() < end, "nothing else goes on");
                std::hint::spin_loop();
            }
        }));
        let other = tokio::spawn(async { DONE.store(true, Relaxed) });
        long.await.unwrap();
        other.await.unwrap();
    }

    #[tokio::test]
    async fn what_is_short_is_done_at_once_and_what_is_long_waits_for_a_place() {
        let places = AllPlaces::take().await;
        assert_eq!(sized(SHORT_BYTES, || 1).await, 1);
        assert_eq!(timed(SHORT_TIME, || 2).await, 2);
        let mut long: [Pin<Box<dyn Future<Output = ()>>>; 2] =
            [Box::pin(sized(SHORT_BYTES + 1, || ())), Box::pin(timed(SHORT_TIME * 2, || ()))];
        for work in &mut long {
            assert!(poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_pending())).await);
        }
        drop(long);
        drop(places);
        timed(SHORT_TIME * 2, || ()).await;
    }
}
