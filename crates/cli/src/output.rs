//! Where results and problems are written: results on standard output, problems on standard error.

use std::io::{IsTerminal, Write};

use tenon_errors::{Report, Reports, Sources, render};

use crate::args::{Format, When};

/// The form of everything that is written.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
    colour: render::Colour,
}

impl Output {
    pub fn new(format: Format, when: When) -> Self {
        let wanted = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        Self { format, colour: if wanted { render::Colour::Always } else { render::Colour::Never } }
    }

    /// The form of results.
    pub fn format(self) -> Format {
        self.format
    }

    /// Whether results and problems are written as JSON.
    pub fn is_json(self) -> bool {
        matches!(self.format, Format::Json | Format::Jsonl)
    }

    /// Writes a result; a closed pipe ends quietly.
    pub fn line(self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stdout(), "{}", text.as_ref());
    }

    /// Writes a result as JSON: as one document, or the entries of a list on a line each.
    pub fn json(self, value: &serde_json::Value) {
        match (self.format, value) {
            (Format::Jsonl, serde_json::Value::Array(entries)) => {
                entries.iter().for_each(|entry| self.line(entry.to_string()));
            }
            (Format::Jsonl, value) => self.line(value.to_string()),
            _ => self.line(serde_json::to_string_pretty(value).unwrap_or_default()),
        }
    }

    /// Writes a list whose entries are JSON already, with all their digits. For people it is a line each, too.
    pub fn entries(self, entries: &[String]) {
        match self.format {
            Format::Json if entries.is_empty() => self.line("[]"),
            Format::Json => self.line(format!("[\n  {}\n]", entries.join(",\n  "))),
            Format::Text | Format::Jsonl | Format::Csv => entries.iter().for_each(|entry| self.line(entry)),
        }
    }

    /// Writes a remark that is not a result.
    pub fn note(self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
    }

    /// Writes problems: as a JSON list on standard output, or as text on standard error.
    pub fn reports(self, reports: &Reports, sources: &Sources) {
        if self.is_json() {
            self.json(&reports.iter().map(render::json).collect());
        } else {
            for report in reports.iter() {
                self.report(report, sources);
            }
        }
    }

    /// Writes one problem as text on standard error.
    pub fn report(self, report: &Report, sources: &Sources) {
        self.note(format!("{}\n", render::text(report, sources, self.colour)));
    }

    /// Writes one warning as text on standard error.
    pub fn warning(self, report: &Report, sources: &Sources) {
        self.note(format!("{}\n", render::warning(report, sources, self.colour)));
    }
}

/// No column is wider: what is longer reaches over the next ones.
const WIDEST: usize = 60;

/// Columns padded to equal width, for tables in text output; the last column is not padded.
pub fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..count).map(|at| width(at).unwrap_or(0).min(WIDEST)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [vec!["a".to_owned(), "b".to_owned()], vec!["long".to_owned(), "c".to_owned()]];
        assert_eq!(super::columns(&rows), "a     b\nlong  c");
    }

    #[test]
    fn no_cell_makes_all_rows_wide() {
        let rows = [vec!["a".to_owned(), "b".to_owned()], vec!["x".repeat(70_000), "c".to_owned()]];
        let text = super::columns(&rows);
        assert!(text.starts_with(&format!("a{}b\n", " ".repeat(61))) && text.ends_with("x  c"));
    }
}
