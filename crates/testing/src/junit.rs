//! Results in the JUnit XML form that CI systems read.

use std::fmt::Write as _;

use crate::Outcome;

/// The results as one `testsuites` document, a suite per test document.
#[must_use]
pub fn xml(outcomes: &[Outcome]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in outcomes.chunk_by(|a, b| a.document == b.document) {
        let failures = suite.iter().filter(|outcome| outcome.failure.is_some()).count();
        let name = escape(&suite[0].document);
        let _ =
            writeln!(out, "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\">", suite.len());
        for outcome in suite {
            let case = escape(&outcome.case);
            let seconds = outcome.duration.as_secs_f64();
            let _ = write!(out, "    <testcase classname=\"{name}\" name=\"{case}\" time=\"{seconds:.3}\"");
            match &outcome.failure {
                None => out.push_str("/>\n"),
                Some(failure) => {
                    let text = escape(failure);
                    let _ = writeln!(out, "><failure message=\"did not hold\">{text}</failure></testcase>");
                }
            }
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// XML text; control characters that XML 1.0 does not allow are left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
