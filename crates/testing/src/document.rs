//! The format of test documents.
//!
//! ````markdown
//! # A new flight is accepted
//!
//! ```request
//! POST /v1/flights
//! x-api-key: ${secret:EDITOR_KEY}
//!
//! { "carrier": "UA", "number": 1 }
//! ```
//!
//! ```response
//! 202
//!
//! { "id": "<any>", "status": "scheduled" }
//! ```
//! ````
//!
//! Every heading starts a case, which runs on a freshly started project. The first word after the backticks says what a
//! fence is; fences of other words are prose. They take effect in order:
//!
//! | fence | meaning |
//! |---|---|
//! | `file PATH` | this file of the project has this content in this case |
//! | `request` | is sent: method and path, headers, an empty line, the body |
//! | `response` | what came back: status, some headers, an empty line, the body |
//! | `message TOPIC` | is published, one JSON value per line |
//! | `topic NAME` | what the topic holds once everything is idle, one JSON value per line |
//! | `table NAME` | what the table holds once everything is idle, one JSON value per line |
//! | `dead` | the dead letters once everything is idle: flow, code and count, one group per line |
//! | `reports` | what `tenon check` says about the project |
//! | `clock` | the instant at which the project starts |

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use tenon_errors::nearest;

/// A parsed test document.
#[derive(Debug)]
pub struct Document {
    /// The path, for messages.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The cases that hold at least one fence that is not prose.
    pub cases: Vec<Case>,
}

/// One heading and its fences.
#[derive(Debug)]
pub struct Case {
    /// The heading.
    pub title: String,
    /// The line of the heading, from 1.
    pub line: usize,
    /// The fences, in order.
    pub fences: Vec<Fence>,
}

/// One fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// What it is.
    pub kind: Kind,
    /// The text inside.
    pub text: String,
    /// The bytes of the text inside the document, for rewriting.
    pub range: Range<usize>,
    /// The line of its first line of text, from 1.
    pub line: usize,
}

/// What a fence is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the module's table says it")]
pub enum Kind {
    File(String),
    Request,
    Response,
    Message(String),
    Topic(String),
    Table(String),
    Dead,
    Reports,
    Clock,
    /// A word that no fence starts with, though one much like it does; and that one.
    Misspelt(String, &'static str),
}

/// The words that fences start with.
const WORDS: &[&str] =
    &["file", "request", "response", "message", "topic", "table", "dead", "reports", "clock"];

impl Kind {
    fn parse(info: &str) -> Option<Self> {
        let (word, argument) = info.split_once(' ').unwrap_or((info, ""));
        let argument = argument.trim().to_owned();
        match (word, argument.is_empty()) {
            ("file", false) => Some(Self::File(argument)),
            ("request", true) => Some(Self::Request),
            ("response", true) => Some(Self::Response),
            ("message", false) => Some(Self::Message(argument)),
            ("topic", false) => Some(Self::Topic(argument)),
            ("table", false) => Some(Self::Table(argument)),
            ("dead", true) => Some(Self::Dead),
            ("reports", true) => Some(Self::Reports),
            ("clock", true) => Some(Self::Clock),
            _ => None,
        }
    }

    /// The word that `info` starts with and the one that was most likely meant, if it is a slip of the pen.
    fn misspelt(info: &str) -> Option<(String, &'static str)> {
        let word = info.split(' ').next().unwrap_or_default();
        let known = WORDS.iter().copied();
        nearest(word, known).filter(|_| word.len() > 2).map(|meant| (word.to_owned(), meant))
    }

    /// Whether the fence holds what is expected, so that `UPDATE=1` may rewrite it.
    #[must_use]
    pub fn is_expectation(&self) -> bool {
        matches!(self, Self::Response | Self::Topic(_) | Self::Table(_) | Self::Dead | Self::Reports)
    }
}

impl Document {
    /// Reads a document. Nothing is an error: fences of unknown words are prose.
    #[must_use]
    pub fn parse(path: &str, text: &str) -> Self {
        let mut cases: Vec<Case> = Vec::new();
        let mut heading: Option<(String, usize)> = None;
        let mut fence: Option<(Kind, Range<usize>)> = None;
        for (event, range) in Parser::new(text).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => {
                    heading = Some((String::new(), line_of(text, range.start)));
                }
                Event::Text(part) | Event::Code(part) if heading.is_some() && fence.is_none() => {
                    if let Some((title, _)) = &mut heading {
                        title.push_str(&part);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some((title, line)) = heading.take() {
                        cases.push(Case { title, line, fences: Vec::new() });
                    }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let misspelt =
                        || Kind::misspelt(info.trim()).map(|(word, meant)| Kind::Misspelt(word, meant));
                    fence =
                        Kind::parse(info.trim()).or_else(misspelt).map(|kind| (kind, inside(text, &range)));
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((kind, range)) = fence.take() {
                        let line = line_of(text, range.start);
                        let fence = Fence { kind, text: text[range.clone()].to_owned(), range, line };
                        match cases.last_mut() {
                            Some(case) => case.fences.push(fence),
                            None => cases.push(Case { title: path.to_owned(), line: 1, fences: vec![fence] }),
                        }
                    }
                }
                _ => {}
            }
        }
        cases.retain(|case| !case.fences.is_empty());
        Self { path: path.to_owned(), text: text.to_owned(), cases }
    }

    /// The text with the content of some fences replaced. `changes` are in order and do not overlap.
    #[must_use]
    pub fn rewritten(&self, changes: &[(Range<usize>, String)]) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, content) in changes {
            out.push_str(&self.text[at..range.start]);
            out.push_str(content.trim_end());
            out.push('\n');
            at = range.end;
        }
        out.push_str(&self.text[at..]);
        out
    }
}

/// The lines between the opening and the closing line of a fenced block.
fn inside(text: &str, block: &Range<usize>) -> Range<usize> {
    let raw = &text[block.clone()];
    let start = raw.find('\n').map_or(raw.len(), |at| at + 1);
    let trimmed = raw.trim_end();
    let end = trimmed.rfind('\n').map_or(start, |at| at + 1).max(start);
    block.start + start..block.start + end
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].bytes().filter(|b| *b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# First\n\nprose\n\n```request\nGET /a\n```\n\n```response\n200\n```\n\n## `b` works\n\n```yaml\nno: fence\n```\n\n```table t\n```\n";

    #[test]
    fn headings_are_cases_and_fences_keep_their_order() {
        let document = Document::parse("t.md", TEXT);
        let titles: Vec<_> = document.cases.iter().map(|case| (case.title.as_str(), case.line)).collect();
        assert_eq!(titles, [("First", 1), ("b works", 13)]);
        let kinds: Vec<_> =
            document.cases[0].fences.iter().map(|fence| (&fence.kind, fence.text.as_str())).collect();
        assert_eq!(kinds, [(&Kind::Request, "GET /a\n"), (&Kind::Response, "200\n")]);
        assert_eq!(document.cases[1].fences[0].kind, Kind::Table("t".to_owned()));
    }

    #[test]
    fn rewriting_touches_nothing_but_the_fence() {
        let document = Document::parse("t.md", TEXT);
        let response = document.cases[0].fences[1].range.clone();
        let table = document.cases[1].fences[0].range.clone();
        let text = document.rewritten(&[(response, "404".to_owned()), (table, "{}".to_owned())]);
        assert_eq!(text, TEXT.replace("200", "404").replace("```table t\n", "```table t\n{}\n"));
    }
}
