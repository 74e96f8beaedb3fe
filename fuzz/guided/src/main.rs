//! A target under libFuzzer, which sees what code an input reaches. Built and run by `fuzz/run`: `FUZZ_TARGET` names the target, and
//! `FUZZ_SEEDS` a folder for the inputs that it begins with. Without a target it lists all of them.
#![no_main]

use std::{fs, path::Path, sync::LazyLock};

use tenon_fuzz::{TARGETS, Target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names no target");
    tenon_fuzz::target(&name).unwrap_or_else(|| panic!("there is no target {name}"))
});

/// Lists the targets, or writes the inputs that the target begins with, before libFuzzer looks for them.
fn begin() {
    if std::env::var_os("FUZZ_TARGET").is_none() {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        std::process::exit(0);
    }
    let Some(folder) = std::env::var_os("FUZZ_SEEDS") else { return };
    for (at, seed) in (TARGET.seeds)().into_iter().enumerate() {
        fs::write(Path::new(&folder).join(format!("seed-{at}")), seed).expect("a seed is written");
    }
}

libfuzzer_sys::fuzz_target!(
    init: begin(),
    |data: &[u8]| {
        std::hint::black_box((TARGET.run)(data));
    }
);
