//! Texts by what a contract says of them.

use serde_json::{Value as Json, json};
use tenon_model::shape::{Format, Text};

use super::{
    dice::Dice,
    hints::Hints,
    pattern::{self, MOST_LETTERS},
};

/// The longest text that is made to be too long for something.
const LONGEST: u64 = 4096;
/// How many texts are made of a pattern.
const OF_PATTERN: usize = 24;

/// The plainest texts, of which the first that fits is taken.
pub(super) fn plain(text: &Text) -> Vec<Json> {
    let formed = text.format.into_iter().filter_map(|format| of_format(format).first().copied());
    let mut candidates: Vec<Json> = formed.map(|text| json!(text)).collect();
    candidates.extend(text.pattern.iter().flat_map(|it| of_pattern(it)).map(Json::from));
    let (min, max) = (text.length.min.unwrap_or(0), text.length.max.unwrap_or(u64::MAX));
    let length = usize::try_from(4.max(min).min(max)).unwrap_or(MOST_LETTERS).min(MOST_LETTERS);
    candidates.push(json!(of_length("text", length)));
    candidates
}

/// Texts of many forms and lengths, with those that `hints` make interesting.
pub(super) fn various(text: &Text, hints: &Hints) -> Vec<Json> {
    let mut texts = Vec::new();
    if let Some(format) = text.format {
        texts.extend(of_format(format).iter().map(|text| (*text).to_owned()));
    }
    if let Some(expression) = &text.pattern {
        texts.extend(of_pattern(expression));
    }
    let own = [text.length.min, text.length.max].into_iter().flatten();
    let lengths = own.chain(hints.lengths.iter().copied()).filter(|length| *length <= LONGEST);
    for length in lengths.chain([4, 0, 1]) {
        let length = usize::try_from(length).unwrap_or(0);
        texts.extend(["text", "1", " ", "é"].map(|letters| of_length(letters, length)));
    }
    texts.extend(["TEXT", "two words", "-", "0", "a/b"].map(str::to_owned));
    texts
        .into_iter()
        .map(Json::from)
        .chain(hints.values.iter().filter(|it| it.is_string()).cloned())
        .collect()
}

/// Texts that a pattern matches, the plainest first.
fn of_pattern(expression: &str) -> Vec<String> {
    let mut dice = Dice::new(expression.len() as u64);
    let by_chance = (0..OF_PATTERN).filter_map(|_| pattern::text(expression, Some(&mut dice)));
    let plainest = pattern::text(expression, None);
    plainest.into_iter().chain(by_chance.collect::<Vec<_>>()).collect()
}

/// `letters` over and over, `length` of them.
pub(super) fn of_length(letters: &str, length: usize) -> String {
    letters.chars().cycle().take(length).collect()
}

/// Texts of a form, the plainest first.
pub(super) fn of_format(format: Format) -> &'static [&'static str] {
    match format {
        Format::Email => &["ann@example.com", "o.neil+news@mail.example.org", "a@b.c"],
        Format::IdnEmail => &["ann@example.com", "jörg@bücher.example"],
        Format::Hostname => &["example.com", "a", "localhost", "x1-2.example.org"],
        Format::IdnHostname => &["example.com", "bücher.example"],
        Format::Ipv4 => &["192.0.2.1", "0.0.0.0", "255.255.255.255"],
        Format::Ipv6 => &["2001:db8::1", "::", "::ffff:192.0.2.1"],
        Format::Uri => &["https://example.com/", "urn:isbn:9780141036144", "x:y", "mailto:ann@example.com"],
        Format::UriReference => &["https://example.com/", "../a?b#c", "a", ""],
        Format::Iri => &["https://example.com/", "https://example.com/ü"],
        Format::IriReference => &["https://example.com/", "ü", ""],
        Format::UriTemplate => &["https://example.com/{id}", "{?a,b}"],
        Format::JsonPointer => &["/items/0", "", "/a~1b"],
        Format::RelativeJsonPointer => &["0/id", "1#", "0"],
        Format::Regex => &["^[a-z]+$", ".", ""],
        Format::Time => &["12:00:00Z", "23:59:59.5+02:00"],
        Format::Decimal => &["1.50", "0", "-12.5", "123456789012345678901234567890.5"],
    }
}
