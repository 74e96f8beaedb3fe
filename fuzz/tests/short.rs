//! Every target on its seeds and on inputs that are made of them: a short run in each build, `FUZZ_SECONDS` for a long one of
//! each target, `FUZZ_SEED` for other inputs, `FUZZ_TARGET` for one target alone.
//!
//! Nothing is seen of the code that an input reaches: inputs with a new outcome (the words of a report) are kept, and others made
//! of them. `fuzz/run` is guided by the code. An input that takes longer than any may is told and ends the run.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test fails by panicking")]

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tenon_fuzz::{
    TARGETS, Target,
    mutate::{Chance, mutated},
};

/// How many inputs of each target a short run makes.
const SHORT: usize = 800;
/// No input of a few kilobytes takes a part of this: what does is a hang.
const HANG: Duration = Duration::from_secs(60);
/// The most inputs that are kept.
const MOST_KEPT: usize = 4_000;
/// The most memory of the whole process, in KiB. What readers refuse is far below it.
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 2 << 20;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// When a target began with an input.
type Begun = (Instant, &'static str, Vec<u8>);

/// Ends the process where one input takes too long: a thread cannot be stopped from outside.
#[derive(Clone, Default)]
struct Watch(Arc<Mutex<Option<Begun>>>);

impl Watch {
    fn start() -> Self {
        let watch = Self::default();
        let seen = watch.clone();
        thread::spawn(move || {
            loop {
                thread::park_timeout(Duration::from_secs(5));
                if let Some((since, name, input)) = &*seen.0.lock().unwrap()
                    && since.elapsed() > HANG
                {
                    eprintln!("{name} hangs on {}", input.escape_ascii());
                    std::process::abort();
                }
            }
        });
        watch
    }

    fn run(&self, target: &Target, input: &[u8]) -> u64 {
        *self.0.lock().unwrap() = Some((Instant::now(), target.name, input.to_vec()));
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
        *self.0.lock().unwrap() = None;
        outcome.unwrap_or_else(|_| panic!("{} fails on b\"{}\"", target.name, input.escape_ascii()))
    }
}

fn fuzz(target: &Target, watch: &Watch) {
    let mut chance = Chance::new(setting("FUZZ_SEED").unwrap_or(0));
    let long = setting("FUZZ_SECONDS").map(Duration::from_secs);
    let mut corpus = (target.seeds)();
    assert!(!corpus.is_empty(), "{} begins with nothing", target.name);
    let mut outcomes: HashSet<u64> = corpus.iter().map(|seed| watch.run(target, seed)).collect();
    let (started, mut count) = (Instant::now(), 0);
    while long.map_or(count < SHORT, |long| started.elapsed() < long) {
        let input = mutated(&corpus, &mut chance);
        if outcomes.insert(watch.run(target, &input)) && corpus.len() < MOST_KEPT {
            corpus.push(input);
        }
        count += 1;
    }
    eprintln!("{}: {count} inputs, {} outcomes", target.name, outcomes.len());
}

#[test]
fn no_input_makes_a_reader_panic_or_hang_and_what_is_read_comes_back() {
    let watch = Watch::start();
    let only = std::env::var("FUZZ_TARGET").ok();
    for target in TARGETS.iter().filter(|target| only.as_ref().is_none_or(|only| only == target.name)) {
        fuzz(target, &watch);
    }
    #[cfg(target_os = "linux")]
    {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: u64 = peak.trim().trim_end_matches(" kB").trim().parse().unwrap();
        assert!(peak < MOST_MEMORY, "{peak} KiB were taken");
        eprintln!("{} MiB at most", peak >> 10);
    }
}

#[test]
fn no_two_targets_have_the_same_name() {
    let names: HashSet<_> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len());
}
