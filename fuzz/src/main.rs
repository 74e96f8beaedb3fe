//! Lists the targets, or writes the inputs that they begin with: `tenon-fuzz`, `tenon-fuzz FOLDER`.
#![allow(clippy::print_stdout, reason = "a program for a script")]

use std::{fs, path::Path};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1);
    for target in tenon_fuzz::TARGETS {
        println!("{}", target.name);
        let Some(folder) = &folder else { continue };
        let folder = Path::new(folder).join(target.name);
        fs::create_dir_all(&folder)?;
        for (at, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{at}")), seed)?;
        }
    }
    Ok(())
}
