//! Reads descriptions of APIs and says how long it takes, what is in them and what is wrong with them:
//! `cargo run --release -p tenon-contracts --example describe -- FILE...`

use std::{fs, path::Path, time::Instant};

use tenon_contracts::format::{self, Files, Source, Text};
use tenon_errors::{Report, catalogue::engine::IO_FAILED};

/// The files beside a description.
struct Beside<'p>(&'p Path);

impl Files for Beside<'_> {
    fn read(&self, path: &str) -> Result<Text, Report> {
        let text = fs::read_to_string(self.0.join(path));
        text.map(Text::from).map_err(|error| Report::new(&IO_FAILED, format!("`{path}`: {error}")))
    }
}

#[allow(clippy::print_stdout, reason = "an example prints what it finds")]
fn main() {
    for argument in std::env::args().skip(1) {
        let path = Path::new(&argument);
        let Ok(text) = fs::read_to_string(path) else {
            println!("{argument}: cannot be read");
            continue;
        };
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(format) = format::of(&file, &text) else {
            println!("{argument}: is of no format");
            continue;
        };
        let files = Beside(path.parent().unwrap_or(Path::new(".")));
        let start = Instant::now();
        let read = format.read(&Source { file: &file, text: &text, files: &files });
        let took = start.elapsed();
        match read {
            Ok(schema) => println!(
                "{argument}: {} by {}, {} types, {} operations, {} notes in {took:.2?}",
                text.len(),
                format.name(),
                schema.types.len(),
                schema.operations.len(),
                schema.notes.len()
            ),
            Err(reports) => {
                println!(
                    "{argument}: {} by {}, {} problems in {took:.2?}",
                    text.len(),
                    format.name(),
                    reports.len()
                );
                for report in reports.iter().take(8) {
                    let place = report.places().first();
                    let line = place.map_or(0, |place| place.line);
                    println!("  [{}] {line}: {}", report.code().id, report.message());
                }
            }
        }
    }
}
