//! Reports as text for people (the source line underlined) and as JSON for machines.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Map, Value, json};

use crate::{Place, Report, Sources};

/// Whether the text may hold ANSI colour codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// ANSI escape codes.
    Always,
}

/// A report as a person reads it: code, message, the source line underlined, notes and the hint.
#[must_use]
pub fn text(report: &Report, sources: &Sources, colour: Colour) -> String {
    at_level(Level::ERROR, report, sources, colour)
}

/// The same for what is legal but most likely a mistake: it says `warning`, not `error`.
#[must_use]
pub fn warning(report: &Report, sources: &Sources, colour: Colour) -> String {
    at_level(Level::WARNING, report, sources, colour)
}

fn at_level(level: Level<'_>, report: &Report, sources: &Sources, colour: Colour) -> String {
    let path_note = report.part().map(|path| format!("at {path} in the data"));
    let details: Vec<_> =
        report.details().iter().map(|detail| (detail.to_string(), detail.advice())).collect();
    let mut group = Group::with_title(level.primary_title(report.message()).id(report.code().id));
    for (position, place) in report.places().iter().enumerate() {
        let lines = sources.get(&place.file).and_then(|source| Lines::of(place, source));
        if let Some(lines) = lines {
            group = group.element(snippet(place, &lines, position == 0));
        } else {
            let origin = annotate_snippets::Origin::path(place.file.as_ref()).line(place.line as usize);
            // A whole file, or one that was not read, has no column.
            let has_column = sources.get(&place.file).is_some();
            group =
                group.element(if has_column { origin.char_column(place.column as usize) } else { origin });
        }
    }
    if let Some(note) = &path_note {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for (detail, hint) in &details {
        group = group.element(Level::NOTE.message(detail.as_str()));
        if let Some(hint) = hint {
            group = group.element(Level::HELP.message(*hint));
        }
    }
    if let Some(hint) = report.advice() {
        group = group.element(Level::HELP.message(hint));
    }
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// The most bytes of lines that are shown around a place: what a person reads, and what can be laid out for thousands of places.
const MAX_SHOWN: usize = 4_096;

/// The lines that a place lies on, and where it lies in them. Only they are laid out, not the whole file for each place.
struct Lines<'a> {
    text: &'a str,
    span: std::ops::Range<usize>,
}

impl<'a> Lines<'a> {
    /// `None` where they are too long to be shown, as those of a file without line ends.
    fn of(place: &Place, source: &'a str) -> Option<Self> {
        let end = place.span.end.min(source.len());
        let start = place.span.start.min(end);
        let first = source.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let after = source.get(end..)?;
        let last = end + after.find('\n').unwrap_or(after.len());
        let text = &source[first..last];
        (text.len() <= MAX_SHOWN).then(|| Self { text, span: start - first..end - first })
    }
}

fn snippet<'a>(
    place: &'a Place,
    lines: &Lines<'a>,
    primary: bool,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let mut annotation = kind.span(lines.span.clone());
    if let Some(label) = &place.label {
        annotation = annotation.label(label.as_str());
    }
    let first = (place.line as usize).max(1);
    Snippet::source(lines.text).line_start(first).path(place.file.as_ref()).annotation(annotation)
}

/// A report as a JSON object: `code`, `name`, `kind`, `fault`, `retry`, `message`, and where known `places`
/// (`file`, `line`, `column`), `path`, `hint`, `retry_after_ms`, `details`.
#[must_use]
pub fn json(report: &Report) -> Value {
    let code = report.code();
    let mut object = Map::new();
    object.insert("code".into(), code.id.into());
    object.insert("name".into(), code.name.into());
    object.insert("kind".into(), code.kind.name().into());
    object.insert("fault".into(), code.fault.name().into());
    object.insert("retry".into(), code.retry.name().into());
    object.insert("message".into(), report.message().into());
    if !report.places().is_empty() {
        let places = report.places().iter().map(place_json).collect();
        object.insert("places".into(), Value::Array(places));
    }
    if let Some(path) = report.data_path() {
        object.insert("path".into(), path.into());
    }
    if let Some(hint) = report.advice() {
        object.insert("hint".into(), hint.into());
    }
    if let Some(wait) = report.wait() {
        object.insert("retry_after_ms".into(), u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).into());
    }
    if !report.details().is_empty() {
        object.insert("details".into(), report.details().iter().map(json).collect());
    }
    Value::Object(object)
}

fn place_json(place: &Place) -> Value {
    json!({ "file": place.file.as_ref(), "line": place.line, "column": place.column })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::project::UNKNOWN_KEY;

    #[test]
    fn only_the_lines_of_a_place_are_laid_out() {
        let source = format!("{}bad: 1\n{}", "good: 1\n".repeat(1_000), "good: 1\n".repeat(1_000));
        let mut sources = Sources::new();
        sources.insert("a.yaml", source.as_str());
        sources.insert("long.json", "x".repeat(100_000));
        let report = Report::new(&UNKNOWN_KEY, "odd").at(Place::within("a.yaml", &source, 8_000..8_003));
        let rendered = text(&report, &sources, Colour::Never);
        assert!(rendered.contains("a.yaml:1001:1") && rendered.contains("1001 | bad: 1"), "{rendered}");
        let place =
            Place { column: 50_001, ..Place::within("long.json", &"x".repeat(100_000), 50_000..50_001) };
        let rendered = text(&Report::new(&UNKNOWN_KEY, "odd").at(place), &sources, Colour::Never);
        assert!(rendered.contains("long.json:1:50001") && rendered.len() < 200, "{rendered}");
    }

    #[test]
    fn text_underlines_the_place_and_ends_with_the_hint() {
        let source = "project: shop\nsystms: {}\n";
        let mut sources = Sources::new();
        sources.insert("tenon.yaml", source);
        let report = Report::new(&UNKNOWN_KEY, "`systms` is not a key of a project")
            .at(Place::within("tenon.yaml", source, 14..20))
            .hint("write `systems`");
        let rendered = text(&report, &sources, Colour::Never);
        assert!(rendered.contains("error[P0101]: `systms` is not a key of a project"), "{rendered}");
        assert!(rendered.contains("tenon.yaml:2:1"), "{rendered}");
        assert!(rendered.contains("^^^^^^"), "{rendered}");
        assert!(rendered.contains("help: write `systems`"), "{rendered}");
    }

    #[test]
    fn what_a_report_sums_up_is_told_with_its_hints() {
        let detail = Report::new(&UNKNOWN_KEY, "`nmae` is not a field").hint("use `name`");
        let rendered =
            text(&Report::new(&UNKNOWN_KEY, "odd").with_details([detail]), &Sources::new(), Colour::Never);
        assert!(rendered.contains("help: use `name`"), "{rendered}");
    }

    #[test]
    fn a_warning_says_so() {
        let rendered = warning(&Report::new(&UNKNOWN_KEY, "odd"), &Sources::new(), Colour::Never);
        assert!(rendered.starts_with("warning[P0101]: odd"), "{rendered}");
    }

    #[test]
    fn a_place_in_a_file_that_was_not_read_is_still_named() {
        let report = Report::new(&UNKNOWN_KEY, "odd").at(Place::file("data/a.csv"));
        let rendered = text(&report, &Sources::new(), Colour::Never);
        assert!(rendered.contains("data/a.csv:1"), "{rendered}");
    }

    #[test]
    fn json_holds_every_part_that_is_known() {
        let report = Report::new(&UNKNOWN_KEY, "odd").path("/a").hint("mend it");
        let object = json(&report);
        assert_eq!(object["code"], "P0101");
        assert_eq!(object["kind"], "INVALID_ARGUMENT");
        assert_eq!(object["path"], "/a");
        assert_eq!(object["hint"], "mend it");
        assert!(object.get("details").is_none());
    }
}
