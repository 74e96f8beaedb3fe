//! What a file says of a type beyond the values that it allows: no shape has it, so that a file that is written from the shape does
//! not say it either, unless its writer does as it did by chance.

use std::collections::HashSet;

use tenon_errors::{Place, Reports};

use super::{Format, Loss, Source};

/// Something that a file says of a type, and its shape does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsaid {
    /// What it is, and of which part.
    pub loss: Loss,
    /// Where the file says it.
    pub place: Place,
    /// The words that a file of another format has where it says it too.
    words: Option<String>,
}

/// The most that is told of one type.
const MOST: usize = 1_000;
/// The most names that one sentence lists.
const MOST_NAMES: usize = 6;

/// What `from` says of its type `name` beyond its values, and what `text` does not, which was written in the format `to` from its
/// shape under the name `called`.
///
/// # Errors
/// What is wrong with the file.
pub fn unsaid(
    (format, from, name): (&dyn Format, &Source<'_>, &str),
    (to, text, called): (&dyn Format, &str, &str),
) -> Result<Vec<Unsaid>, Reports> {
    let mut said = format.unsaid(from, name)?;
    if said.is_empty() {
        return Ok(said);
    }
    let file = format!("written.{}", to.endings().first().copied().unwrap_or_default());
    let written = Source { file: &file, text, files: &super::NoFiles };
    let called = to.read(&written).ok().and_then(|schema| Some(schema.of_name(called).ok()?.name.clone()));
    // A text that cannot be read back says nothing more.
    let again = called.and_then(|called| to.unsaid(&written, &called).ok()).unwrap_or_default();
    let again: HashSet<(&str, &str)> = again.iter().map(Unsaid::key).collect();
    said.retain(|it| !again.contains(&it.key()) && !it.words.as_ref().is_some_and(|it| text.contains(it)));
    Ok(said)
}

impl Unsaid {
    /// That what is at `path` `message`, as `place` says.
    pub(crate) fn new(path: &str, message: impl Into<String>, place: Place) -> Self {
        Self { loss: Loss { path: path.to_owned(), message: message.into() }, place, words: None }
    }

    fn key(&self) -> (&str, &str) {
        (&self.loss.path, &self.loss.message)
    }
}

/// What is said, in the order in which it is come to, each once.
#[derive(Debug, Default)]
pub(crate) struct Sayings {
    said: Vec<Unsaid>,
    known: HashSet<(String, String)>,
    /// What is more than is told, and where that begins.
    more: Option<(usize, Place)>,
}

impl Sayings {
    /// That what is at `path` `message`.
    pub(crate) fn say(&mut self, path: &str, message: impl Into<String>, place: Place) {
        self.add(Unsaid::new(path, message, place));
    }

    /// The same, which any file says that has `words`.
    pub(crate) fn say_in_words(&mut self, path: &str, message: String, words: String, place: Place) {
        self.add(Unsaid { words: Some(words), ..Unsaid::new(path, message, place) });
    }

    pub(crate) fn add(&mut self, said: Unsaid) {
        if self.said.len() >= MOST {
            self.more.get_or_insert((0, said.place)).0 += 1;
        } else if self.known.insert((said.loss.path.clone(), said.loss.message.clone())) {
            self.said.push(said);
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Unsaid> {
        if let Some((count, place)) = self.more {
            let message = format!("says {count} things more that are not in its types");
            self.said.push(Unsaid::new("", message, place));
        }
        self.said
    }
}

/// The names in quotes, the first of them where they are many.
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| format!("`{}`", name.as_ref())).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_once_and_no_more_than_anybody_reads() {
        let mut sayings = Sayings::default();
        for at in 0..MOST + 5 {
            sayings.say("", format!("says {}", at.max(1)), Place::file("a"));
        }
        let said = sayings.finish();
        assert_eq!(said.len(), MOST + 1);
        assert_eq!(said[MOST].loss.message, "says 4 things more that are not in its types");
        assert_eq!(said[0].loss.message, "says 1");
        assert_eq!(said[1].loss.message, "says 2");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(listed(&["a", "b"]), "`a`, `b`");
        let names: Vec<String> = (0..9).map(|at| at.to_string()).collect();
        assert_eq!(listed(&names), "`0`, `1`, `2`, `3`, `4`, `5` and 3 more");
    }
}
