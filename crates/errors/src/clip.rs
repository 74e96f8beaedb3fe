//! Long texts, as messages, logs and tables show them.

use std::borrow::Cow;

/// `text` if it has at most `most` letters (Unicode scalar values), else its first `most` and how many follow: `abc… (12 more)`.
///
/// Whatever shows a part of a text of any length shows it so. What is not walked to its end, because that would cost too
/// much, ends with `…` alone.
#[must_use]
pub fn clip(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(cut(text, end)),
        None => Cow::Borrowed(text),
    }
}

/// The first line of `text`, clipped likewise; the letters of the lines below it count as those that follow.
#[must_use]
pub fn clip_line(text: &str, most: usize) -> Cow<'_, str> {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(cut(text, end)),
        None if line.len() < text.trim_end().len() => Cow::Owned(cut(text, line.len())),
        None => Cow::Borrowed(line),
    }
}

fn cut(text: &str, end: usize) -> String {
    format!("{}… ({} more)", &text[..end], text[end..].trim_end().chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_ends_with_how_many_letters_follow() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äöü… (1 more)");
        assert_eq!(clip("", 0), "");
    }

    #[test]
    fn lines_below_the_first_count_as_what_follows() {
        assert_eq!(clip_line("a + b", 60), "a + b");
        assert_eq!(clip_line("a +\nb", 60), "a +… (2 more)");
        assert_eq!(clip_line("a + b\n", 3), "a +… (2 more)");
        assert_eq!(clip_line("a\n", 60), "a");
    }
}
