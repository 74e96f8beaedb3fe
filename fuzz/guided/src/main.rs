//! A target under libFuzzer, which sees what code an input reaches: `FUZZ_TARGET` names it. Built and run by `fuzz/run`.
#![no_main]

use std::sync::LazyLock;

use tenon_fuzz::Target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names no target");
    tenon_fuzz::target(&name).unwrap_or_else(|| panic!("there is no target {name}"))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    std::hint::black_box((TARGET.run)(data));
});
