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
//! fence is; fences without a word, and those of a language (`text`, `yaml`, `sh` ...), are prose; any other word is an
//! error. They take effect in order:
//!
//! | fence | meaning |
//! |---|---|
//! | `file PATH` | this file of the project has this content in this case |
//! | `request` | is sent: method and path, headers, an empty line, the body |
//! | `response` | what came back: status, some headers, an empty line, the body; a body that is no text is `<base64>` and its base64, here and above |
//! | `message TOPIC` | is published, one JSON value per line, in the topic's encoding; `message TOPIC order@1` says that it is of that version |
//! | `answer SYSTEM` | what a system that the project calls answers from here on: a request line, an empty line, and a response; `closed` and `unreachable` instead of a status are connections that fail. Of a SOAP or gRPC service, the name of an operation, an empty line, and `reply` or `fault NAME: reason`, followed by an empty line and a value by the contract |
//! | `calls SYSTEM` | what the system was asked once everything is idle: one request per line, in order; of a SOAP or gRPC service, the operation and its input |
//! | `topic NAME` | what the topic holds once everything is idle, one JSON value per line |
//! | `table NAME` | what the table holds once everything is idle, one JSON value per line |
//! | `dead` | the dead letters once everything is idle: flow, code and count, one group per line, in any order |
//! | `reports` | what `tenon check` says about the project |
//! | `clock` | the instant at which the project starts; `advance 1h` lets that time pass, a later instant is put on |

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use tenon_errors::nearest;
use tenon_ports::folder;

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
    Answer(String),
    Calls(String),
    Topic(String),
    Table(String),
    Dead,
    Reports,
    Clock,
    /// What is wrong with the words after the backticks.
    Wrong(String),
}

/// The words that fences start with, and what follows each.
const WORDS: &[(&str, &str)] = &[
    ("file", "PATH"),
    ("request", ""),
    ("response", ""),
    ("message", "TOPIC"),
    ("answer", "SYSTEM"),
    ("calls", "SYSTEM"),
    ("topic", "NAME"),
    ("table", "NAME"),
    ("dead", ""),
    ("reports", ""),
    ("clock", ""),
];

/// The words of fences that are prose, beside none at all.
#[rustfmt::skip]
const PROSE: &[&str] = &[
    "bash", "console", "cpp", "css", "csv", "diff", "dockerfile", "go", "graphql", "html", "http", "ini", "java",
    "javascript", "js", "json", "json5", "jsonc", "jsonl", "log", "makefile", "markdown", "md", "mermaid", "ndjson",
    "powershell", "proto", "protobuf", "python", "py", "rust", "sh", "shell", "sql", "text", "toml", "ts", "txt",
    "typescript", "xml", "yaml", "yml", "zsh",
];

impl Kind {
    /// Whether something is done here, and not only looked at.
    pub(crate) fn acts(&self) -> bool {
        matches!(self, Self::Request | Self::Message(_) | Self::Clock)
    }

    /// What a fence with these words after its backticks is; `None` for prose.
    fn parse(info: &str) -> Option<Self> {
        let (word, argument) = info.split_once(' ').unwrap_or((info, ""));
        let argument = argument.trim().to_owned();
        let kind = match (word, argument.is_empty()) {
            ("file", false) => match folder::normal(&argument) {
                Ok(path) => Self::File(path.into_owned()),
                Err(report) => Self::Wrong(report.message().to_owned()),
            },
            ("request", true) => Self::Request,
            ("response", true) => Self::Response,
            ("message", false) => Self::Message(argument),
            ("answer", false) => Self::Answer(argument),
            ("calls", false) => Self::Calls(argument),
            ("topic", false) => Self::Topic(argument),
            ("table", false) => Self::Table(argument),
            ("dead", true) => Self::Dead,
            ("reports", true) => Self::Reports,
            ("clock", true) => Self::Clock,
            _ => return Self::wrong(word).map(Self::Wrong),
        };
        Some(kind)
    }

    /// What is wrong with a fence of this word; nothing if it is prose.
    fn wrong(word: &str) -> Option<String> {
        if word.is_empty() || word.starts_with('{') || PROSE.contains(&word.to_ascii_lowercase().as_str()) {
            return None;
        }
        if let Some((_, follows)) = WORDS.iter().find(|(known, _)| *known == word) {
            return Some(match *follows {
                "" => format!("nothing follows after `{word}`: write the rest inside the fence"),
                follows => format!("write `{word} {follows}`: `{word}` alone does not say which"),
            });
        }
        let known = || WORDS.iter().map(|(word, _)| *word);
        Some(match nearest(word, known()) {
            Some(meant) => format!("`{word}` is not a kind of fence; write `{meant}`, or `text` for prose"),
            None => {
                let known = known().collect::<Vec<_>>().join("`, `");
                format!("`{word}` is not a kind of fence; write one of `{known}`, or `text` for prose")
            }
        })
    }

    /// Whether the fence holds what is expected, so that `UPDATE=1` may rewrite it.
    #[must_use]
    pub fn is_expectation(&self) -> bool {
        matches!(
            self,
            Self::Response | Self::Topic(_) | Self::Table(_) | Self::Calls(_) | Self::Dead | Self::Reports
        )
    }
}

impl Document {
    /// Reads a document. What is wrong with a fence is kept as its kind.
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
                    fence = Kind::parse(info.trim()).map(|kind| (kind, inside(text, &range)));
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

    #[test]
    fn a_word_that_no_fence_starts_with_is_an_error_unless_it_is_a_language() {
        let check = |info: &str, expected: Option<&str>| {
            let seen = match Kind::parse(info) {
                Some(Kind::Wrong(message)) => Some(message),
                _ => None,
            };
            let holds = seen.is_some() == expected.is_some();
            let holds = holds && seen.iter().zip(expected).all(|(seen, expected)| seen.contains(expected));
            assert!(holds, "{info}: {seen:?}");
        };
        check("", None);
        check("yaml", None);
        check("sh title", None);
        check("table orders", None);
        check("tabel orders", Some("write `table`"));
        check("bogus", Some("write one of `file`, `request`"));
        check("table", Some("write `table NAME`"));
        check("dead orders", Some("nothing follows after `dead`"));
        check("file data/a.csv", None);
        check("file ../a.csv", Some("is outside the project folder"));
        check("file data/../a.csv", None);
        check("file /etc/passwd", Some("is outside the project folder"));
    }
}
