//! Makes the failing examples of the codes: from the projects with one mistake each, what `tenon check` says about the first
//! that meets a code.

#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::{collections::BTreeMap, env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    // Asked when it runs: checkouts that share a target directory share the compiled script.
    let here = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let folder = Path::new(&here).join("../../examples/broken");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut projects: Vec<_> = fs::read_dir(&folder)?.filter_map(Result::ok).map(|it| it.path()).collect();
    projects.sort();
    let mut examples: BTreeMap<String, String> = BTreeMap::new();
    for project in projects {
        let Ok(said) = fs::read_to_string(project.join("expected.txt")) else { continue };
        // `error[P0102]: ...`
        let code =
            said.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(code, _)| code.to_owned());
        if let Some(code) = code {
            examples.entry(code).or_insert(said);
        }
    }
    let mut source = "/// What `tenon check` says where it meets a code, by the id of the code.\npub(crate) static EXAMPLES: &[(&str, &str)] = &[\n".to_owned();
    for (code, said) in examples {
        // Writing into a String does not fail.
        let _ = writeln!(source, "    ({code:?}, {said:?}),");
    }
    source += "];\n";
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("examples.rs"), source)
}
