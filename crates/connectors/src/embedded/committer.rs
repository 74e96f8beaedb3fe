//! Group commit: a thread of its own that takes whatever waits, does it in one go, and answers everybody.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use tenon_errors::{Report, catalogue::engine::INTERNAL};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::blocking;

/// What waits at most: this many bytes, each job counting as one unit at least.
const ROOM: usize = 64 << 20;
const UNIT: usize = 4 << 10;

/// What is done in one go at most, so that the first of a group does not wait for all that can queue up.
const GROUP: usize = 8 << 20;

/// How often [`Work::idle`] is called when nothing comes.
const IDLE: Duration = Duration::from_secs(60);

/// What a committer does.
pub(crate) trait Work: Send + 'static {
    /// What is asked for.
    type Request: Send + 'static;
    /// What is answered.
    type Answer: Send + 'static;

    /// Does all requests, durably, and answers each, in order; or fails all.
    fn commit(&mut self, requests: &mut Vec<Self::Request>) -> Result<Vec<Self::Answer>, Report>;

    /// Called about once a minute, also when there is work.
    fn idle(&mut self);

    /// Called when nothing will come any more.
    fn end(&mut self);

    /// That what was written can still be found where it belongs; asked before anybody is told that it is durable.
    ///
    /// # Errors
    /// `Y0207` if it was taken away.
    fn check(&self) -> Result<(), Report>;
}

/// A handle on the thread. Dropping it lets the thread finish what waits.
pub(crate) struct Committer<W: Work> {
    room: Arc<Semaphore>,
    // `None` once it is closed.
    open: Mutex<Option<Open<W>>>,
}

struct Open<W: Work> {
    sender: mpsc::Sender<Job<W>>,
    thread: thread::JoinHandle<()>,
}

struct Job<W: Work> {
    request: W::Request,
    weight: usize,
    answer: oneshot::Sender<Result<W::Answer, Report>>,
    // Released when the job is done.
    _room: OwnedSemaphorePermit,
}

impl<W: Work> Committer<W> {
    /// Starts the thread.
    pub(crate) fn start(name: &str, work: W) -> std::io::Result<Self> {
        let (sender, jobs) = mpsc::channel();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || run(work, &jobs))?;
        let open = Mutex::new(Some(Open { sender, thread }));
        Ok(Self { room: Arc::new(Semaphore::new(ROOM / UNIT)), open })
    }

    /// Hands in a request of about `weight` bytes and waits until it is done. Waits before that while there is no
    /// room. When the future is dropped after the request was handed in, it is done all the same.
    pub(crate) async fn call(&self, request: W::Request, weight: usize) -> Result<W::Answer, Report> {
        let units = u32::try_from(weight.div_ceil(UNIT).clamp(1, ROOM / UNIT)).unwrap_or(1);
        let room = self.room.clone().acquire_many_owned(units).await.map_err(|_| ended())?;
        let (answer, answered) = oneshot::channel();
        let job = Job { request, weight, answer, _room: room };
        self.open().as_ref().ok_or_else(ended)?.sender.send(job).map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }

    /// Lets the thread finish what waits, and returns when it has ended.
    pub(crate) async fn close(&self) {
        let Some(open) = self.open().take() else { return };
        if let Err(report) = blocking::run(move || open.finish()).await {
            tracing::error!(%report, "the thread of a topic was not waited for");
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open<W>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Work> Open<W> {
    fn finish(self) {
        drop(self.sender);
        blocking::join(self.thread, "a topic");
    }
}

impl<W: Work> Drop for Committer<W> {
    fn drop(&mut self) {
        if let Some(open) = self.open().take() {
            blocking::apart(move || open.finish());
        }
    }
}

fn run<W: Work>(mut work: W, jobs: &mpsc::Receiver<Job<W>>) {
    let mut group = Vec::new();
    let mut requests = Vec::new();
    let mut looked = std::time::Instant::now();
    loop {
        match jobs.recv_timeout(IDLE) {
            Ok(first) => gather(first, jobs, &mut group),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                work.end();
                return;
            }
        }
        if !group.is_empty() {
            let mut answers = Vec::with_capacity(group.len());
            for job in group.drain(..) {
                requests.push(job.request);
                answers.push((job.answer, job._room));
            }
            let done = work.commit(&mut requests).and_then(|done| work.check().map(|()| done));
            answer(done, answers);
            requests.clear();
        }
        if looked.elapsed() >= IDLE {
            work.idle();
            looked = std::time::Instant::now();
        }
    }
}

fn gather<W: Work>(first: Job<W>, jobs: &mpsc::Receiver<Job<W>>, group: &mut Vec<Job<W>>) {
    let mut weight = first.weight;
    group.push(first);
    while weight < GROUP
        && let Ok(next) = jobs.try_recv()
    {
        weight += next.weight;
        group.push(next);
    }
}

type Waiting<A> = Vec<(oneshot::Sender<Result<A, Report>>, OwnedSemaphorePermit)>;

fn answer<A>(result: Result<Vec<A>, Report>, waiting: Waiting<A>) {
    // Somebody who no longer waits has dropped the receiver; what was asked for is done regardless.
    match result {
        Ok(answers) => {
            for ((waits, _room), answer) in waiting.into_iter().zip(answers) {
                let _ = waits.send(Ok(answer));
            }
        }
        Err(report) => {
            for (waits, _room) in waiting {
                let _ = waits.send(Err(report.clone()));
            }
        }
    }
}

fn ended() -> Report {
    Report::new(&INTERNAL, "the thread that writes a topic has ended")
        .hint("report it, with the log around it")
}
